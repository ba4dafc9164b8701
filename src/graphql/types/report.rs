//! Published reports.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, Ordering},
};

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::{
    common::Provenance,
    diff::Diff,
    experiment::{DeliveryModel, Experiment},
    indicator::Period,
    page::EventConnection,
};
use crate::{
    domain::{
        event::{Stated, StreamId},
        report::{self as domain, Publication},
        terms::{ReportId, Text},
    },
    evaluation::measure::Measure,
    graphql::{
        api,
        fault::Fault,
        id::NodeId,
        scalars::{Date, Decimal, Instant, Position},
    },
    limits::CONTENT_BYTES_AT_ONCE,
    read::{At, Found, activity::Scope, history::Of, report::Filter},
    report::{
        content::{Content, Frozen},
        verify,
    },
};

/// How many bytes of contents an operation asked for so far.
#[derive(Debug, Default)]
pub struct ContentAsked(AtomicU64);

impl ContentAsked {
    /// Asks for some more.
    fn ask(&self, bytes: u32) -> Result<(), Fault> {
        let before = self.0.fetch_add(bytes.into(), Ordering::Relaxed);
        if before.saturating_add(bytes.into()) > CONTENT_BYTES_AT_ONCE {
            return Err(Fault::TooMuchContent {
                max: CONTENT_BYTES_AT_ONCE,
            });
        }
        Ok(())
    }
}

/// A published report.
pub(in crate::graphql) struct Report {
    at: At,
    found: Found<ReportId, domain::Report>,
}

impl Report {
    pub(in crate::graphql) const fn new(at: At, found: Found<ReportId, domain::Report>) -> Self {
        Self { at, found }
    }

    /// The report, as known at the moment; `None` if it is not published.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: ReportId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.report(at, id).await {
            Ok(found) => found.map(|found| Ok(Self::new(at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    fn published(&self) -> Option<&Stated<Publication>> {
        self.found.state.published.as_ref()
    }

    fn what(&self) -> Option<&Publication> {
        self.published().map(|published| &published.what)
    }
}

/// A published report: frozen, and the same for ever. It is neither corrected nor retracted; a new
/// version takes its place, and names it.
#[Object]
impl Report {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Report(self.found.id)).into()
    }

    /// How many events it has.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// What it is called.
    async fn title(&self) -> &str {
        self.what().map_or("", |what| what.title.as_str())
    }

    /// Over which days it is.
    async fn period(&self) -> Option<Period> {
        self.what().map(|what| what.period.into())
    }

    /// Whom it is for.
    async fn audience(&self) -> Option<ReportAudience> {
        self.what().map(|what| what.audience.into())
    }

    /// The position of the log that it was drawn up from.
    async fn known_at(&self) -> Option<Position> {
        self.what().map(|what| Position(what.known_at))
    }

    /// The day that "today" stood for in it.
    async fn valid_at(&self) -> Option<Date> {
        self.what().map(|what| Date(what.on))
    }

    /// The experiment it is of, where it is of one.
    async fn experiment(&self, ctx: &Context<'_>) -> Option<Result<Experiment>> {
        Experiment::find(ctx, self.at, self.what()?.scope.experiment?).await
    }

    /// The model whose experiments it is of, where it is of one.
    async fn model(&self) -> Option<DeliveryModel> {
        Some(self.what()?.scope.model?.into())
    }

    /// The code of the departement in which the hubs of its experiments lie, where it is of one.
    async fn departement(&self) -> Option<&str> {
        self.what()?.scope.departement.as_ref().map(Text::as_str)
    }

    /// What its indicators meant, by their code.
    async fn definitions(&self) -> Vec<ReportDefinition> {
        let definitions = self.what().into_iter().flat_map(|what| &what.definitions);
        definitions
            .map(|(code, version)| ReportDefinition {
                code: code.to_string(),
                version: *version,
            })
            .collect()
    }

    /// The SHA-256 of its content, in hexadecimal.
    async fn hash(&self) -> &str {
        self.what().map_or("", |what| what.hash.as_str())
    }

    /// How many bytes its content has, in UTF-8.
    async fn bytes(&self) -> u32 {
        self.what().map_or(0, |what| what.bytes)
    }

    /// What it says: JSON, to the byte as it was published, so that it has the hash. One operation is
    /// given 32 MiB of contents at most.
    async fn content(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let bytes = self.what()?.bytes;
        if let Some(asked) = ctx.data_opt::<ContentAsked>()
            && let Err(fault) = asked.ask(bytes)
        {
            return Some(Err(fault.into()));
        }
        let api = api(ctx);
        let content = match api.reads.report_content(self.at, self.found.id).await {
            Ok(content) => content?,
            Err(error) => return Some(Err(api.failed_read(&error).into())),
        };
        let content = String::from_utf8(content);
        Some(content.map_err(|error| Fault::internal(&error, api.clock.new_id()).into()))
    }

    /// When it was published.
    async fn published_at(&self) -> Option<Instant> {
        Some(self.published()?.recorded_at.into())
    }

    /// Who published it.
    async fn published_by(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let api = api(ctx);
        let position = self.published()?.position;
        match api.reads.at_positions(self.at, &[position]).await {
            Ok(events) => Some(Ok(events.first()?.actor.to_string())),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    /// How it came to be known.
    async fn provenance(&self) -> Option<Provenance> {
        self.published().map(Into::into)
    }

    /// The report whose place it took.
    async fn replaces(&self, ctx: &Context<'_>) -> Option<Result<Self>> {
        Self::find(ctx, self.at, self.what()?.replaces?).await
    }

    /// What changed in the log from what the replaced report was drawn up from to what this one was:
    /// of its experiment where it is of one, of the whole programme otherwise. Absent where it
    /// replaces none, or was drawn up from what was known earlier.
    async fn changes(&self, ctx: &Context<'_>) -> Option<Result<Diff>> {
        let what = self.what()?;
        let api = api(ctx);
        let replaced = match api.reads.report(self.at, what.replaces?).await {
            Ok(replaced) => replaced?,
            Err(error) => return Some(Err(api.failed_read(&error).into())),
        };
        let from = replaced.state.published.as_ref()?.what.known_at;
        let (of, scope) = match what.scope.experiment {
            Some(id) => (Of::Experiment(id), Scope::Experiment(id)),
            None => (Of::All, Scope::Programme),
        };
        let position = |position| At {
            position,
            ..self.at
        };
        Diff::of(position(from), position(what.known_at), of, scope).map(Ok)
    }

    /// The figures that differ from those of the report that it replaces, in the order they are told.
    /// Absent where it replaces none. One operation is given 32 MiB of contents at most.
    async fn figure_changes(&self, ctx: &Context<'_>) -> Option<Result<Vec<ReportFigureChange>>> {
        let replaced = self.what()?.replaces?;
        let api = api(ctx);
        match api.reads.report(self.at, replaced).await {
            Ok(found) => found?,
            Err(error) => return Some(Err(api.failed_read(&error).into())),
        };
        Some(Box::pin(self.read_figure_changes(ctx, replaced)).await)
    }

    /// Where its files are: fetched once, they can be kept for ever.
    async fn downloads(&self) -> Vec<ReportDownload> {
        let names = [
            "rapport.pdf",
            "rapport.xlsx",
            "rapport.ods",
            "rapport.csv",
            "rapport.json",
            "contenu.json",
        ];
        let stream = StreamId::Report(self.found.id);
        names
            .into_iter()
            .map(|name| ReportDownload {
                name,
                path: format!("/reports/{stream}/{name}"),
            })
            .collect()
    }

    /// What was recorded of it, in that order; absent where the page is refused.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Option<Result<EventConnection>> {
        let subject = Of::Subject(StreamId::Report(self.found.id));
        Some(Box::pin(EventConnection::read(ctx, self.at, subject, first, after)).await)
    }

    /// The report that took its place, if one did by the moment of this answer.
    async fn replaced_by(&self, ctx: &Context<'_>) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.replaced_by(self.at, self.found.id).await {
            Ok(found) => found.map(|found| Ok(Self::new(self.at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }
}

impl Report {
    async fn read_figure_changes(
        &self,
        ctx: &Context<'_>,
        replaced: ReportId,
    ) -> Result<Vec<ReportFigureChange>> {
        let api = api(ctx);
        let mut contents = Vec::new();
        for id in [replaced, self.found.id] {
            let read = api.reads.report_content(self.at, id).await;
            let bytes = read.map_err(|error| api.failed_read(&error))?;
            let bytes = bytes.unwrap_or_default();
            if let Some(asked) = ctx.data_opt::<ContentAsked>() {
                asked.ask(u32::try_from(bytes.len()).unwrap_or(u32::MAX))?;
            }
            let content = Content::from_canonical(&bytes);
            contents.push(content.map_err(|error| api.failed_publication(&error))?);
        }
        let [before, after] = contents.as_slice() else {
            return Ok(Vec::new());
        };
        Ok(verify::diff(before, after)
            .into_iter()
            .flat_map(|changed| ReportFigureChange::of(&changed))
            .collect())
    }
}

/// A file of a report.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ReportDownload {
    /// Its name, which tells its format.
    name: &'static str,
    /// Where it is on this server.
    path: String,
}

/// A figure that two versions of a report do not agree on.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ReportFigureChange {
    /// The code of the figure.
    code: String,
    /// Of which group it is, in French; absent of the whole.
    group: Option<String>,
    /// The value in the replaced report; absent where it had none.
    before: Option<Decimal>,
    /// The value in this one; absent where it has none.
    after: Option<Decimal>,
    /// How many observations it rested on.
    n_before: Option<u64>,
    /// How many it rests on.
    n_after: Option<u64>,
}

impl ReportFigureChange {
    fn of(changed: &verify::Changed<'_>) -> Vec<Self> {
        let Some(any) = changed.after.or(changed.before) else {
            return Vec::new();
        };
        let code = |measure: &Measure| match &measure.part {
            Some(part) => format!("{}-{}", any.indicator, part.code),
            None => any.indicator.clone(),
        };
        let measures = |frozen: Option<&Frozen>| -> BTreeMap<String, Measure> {
            let measures = frozen.into_iter().flat_map(|frozen| &frozen.measures);
            measures.map(|it| (code(it), it.clone())).collect()
        };
        let (before, after) = (measures(changed.before), measures(changed.after));
        let codes: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        codes
            .into_iter()
            .filter(|code| before.get(*code) != after.get(*code))
            .map(|code| {
                let (before, after) = (before.get(code), after.get(code));
                Self {
                    code: code.clone(),
                    group: any.group.as_ref().map(|group| group.label.clone()),
                    before: before.and_then(|it| it.value).map(Decimal),
                    after: after.and_then(|it| it.value).map(Decimal),
                    n_before: before.map(|it| it.n),
                    n_after: after.map(|it| it.n),
                }
            })
            .collect()
    }
}

/// What an indicator meant.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ReportDefinition {
    /// The indicator's code.
    code: String,
    /// The version of its definition.
    version: u32,
}

/// Whom a report is for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Audience")]
pub(in crate::graphql) enum ReportAudience {
    /// Evaluators, who see every figure.
    Evaluator,
    /// Everybody: what would tell of few people is withheld.
    Public,
}

/// Which reports. All that is named must be so.
#[derive(InputObject, Default)]
pub(in crate::graphql) struct ReportFilter {
    /// Of one experiment.
    experiment_id: Option<ID>,
    /// For one audience.
    audience: Option<ReportAudience>,
}

impl ReportFilter {
    pub(in crate::graphql) fn parse(self) -> Result<Filter, Fault> {
        let named = |id: &ID| NodeId::subject(id).ok_or(Fault::UnknownId);
        Ok(Filter {
            experiment: self.experiment_id.as_ref().map(named).transpose()?,
            audience: self.audience.map(Into::into),
        })
    }
}
