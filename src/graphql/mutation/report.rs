//! The mutation that publishes a report.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Written, answer,
    input::{Common, Fields, experiment_id, valid_from},
    payloads, refused, unnamed,
};
use crate::{
    access::Caller,
    command::{Place, Publishing},
    domain::{
        event::StreamId,
        refusal::Refusal,
        report::ReportScope,
        terms::{CommandId, ReportId, Slug, Text, Title},
    },
    evaluation::group::Scope,
    graphql::{
        Means, api,
        fault::Fault,
        id::NodeId,
        now_of,
        scalars::{Date, Position},
        types::{
            activity::PeriodInput,
            experiment::DeliveryModel,
            report::{Report, ReportAudience},
        },
    },
    publication::{self, Parameters, PublicationError},
    read::At,
};

payloads! {
    report: Report, Report, "The report as it is published.";
    PublishReportPayload,
}

/// The mutation that publishes a report.
#[derive(Default)]
pub(super) struct ReportMutation;

/// The mutation that publishes a report.
#[Object]
impl ReportMutation {
    /// Publish a report: its document and every figure of it, as known at a position, frozen in the
    /// log with a hash. It can be read back for ever, in the same bytes; another version replaces it,
    /// nothing changes it.
    async fn publish_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is published.")] input: PublishReportInput,
    ) -> Result<PublishReportPayload> {
        let written = Box::pin(publish(ctx, input)).await?;
        PublishReportPayload::new(ctx, written).await
    }
}

/// What is published.
#[derive(InputObject)]
pub(in crate::graphql) struct PublishReportInput {
    #[graphql(flatten)]
    common: Common,
    /// The report, if its id is already chosen; else the answer tells its new one. Absent where it
    /// replaces another: its id then follows from that one's.
    report_id: Option<ID>,
    /// What it is called; told from what it is of unless given.
    title: Option<String>,
    /// Of one experiment only.
    experiment_id: Option<ID>,
    /// Of the experiments of one model only.
    model: Option<DeliveryModel>,
    /// Of the experiments whose hub lies in the departement with this code only.
    departement: Option<String>,
    /// Over which days; from the first launch to `validAt` unless told.
    period: Option<PeriodInput>,
    /// Whom it is for.
    audience: ReportAudience,
    /// What was known: the events up to this position. Named, so that asking again asks for the same.
    known_at: Position,
    /// The day that "today" stands for; the report is published on it.
    valid_at: Date,
    /// The report whose place it takes: one of the same scope and audience.
    replaces: Option<ID>,
}

/// What is asked, checked field by field.
struct Asked {
    command: CommandId,
    saying: crate::domain::event::Saying,
    place: Place,
    parameters: Parameters,
}

impl PublishReportInput {
    async fn parse(&self, api: Means<'_>, at: At, fields: &mut Fields) -> Result<Option<Asked>> {
        let place = self.place(fields);
        let experiment = self.experiment_id.as_ref();
        let experiment = experiment.map(|id| experiment_id(fields, "experimentId", id));
        let title = self.title.as_deref().map(Title::try_new).transpose();
        let title = fields.take("title", title);
        let period = self.period.map(PeriodInput::parse).transpose();
        let period = fields.take("period", period);
        let departement = self.departement.as_deref();
        let departement = departement.map(Text::<3>::try_new).transpose();
        let departement = fields.take("departement", departement);
        let saying = self.common.saying(fields, valid_from(self.valid_at));
        if let (Some(Some(experiment)), Some(Some(title))) = (&experiment, &title) {
            let advisers = api.reads.advisers_of(at, *experiment).await;
            let advisers = advisers.map_err(|error| api.failed_read(&error))?;
            let advisers = advisers.into_iter().map(|adviser| adviser.id);
            let names = unnamed::names(api, advisers).await?;
            unnamed::check_text(fields, "title", title.as_str(), &names);
        }
        let parsed = (place, saying, title, period, departement);
        let (Some(place), Some(saying), Some(title), Some(period), Some(departement)) = parsed
        else {
            return Ok(None);
        };
        Ok(Some(Asked {
            command: CommandId(self.common.command_id.0),
            saying,
            place,
            parameters: Parameters {
                title: title.map(|title| title.to_string()),
                scope: Scope {
                    experiment: experiment.flatten(),
                    model: self.model.map(Into::into),
                    departement: departement.map(|code| code.to_string()),
                    ..Scope::default()
                },
                period,
                audience: self.audience.into(),
            },
        }))
    }

    /// Which report it is.
    fn place(&self, fields: &mut Fields) -> Option<Place> {
        let unknown = || Refusal::UnknownReport;
        if let Some(older) = &self.replaces {
            let older = NodeId::subject(older).ok_or_else(unknown);
            return fields.take("replaces", older).map(Place::Of);
        }
        match &self.report_id {
            Some(id) => {
                let id = NodeId::subject(id).ok_or_else(unknown);
                fields.take("reportId", id).map(Place::New)
            }
            None => Some(Place::New(fields.new_subject(&self.common, ReportId))),
        }
    }
}

async fn publish(ctx: &Context<'_>, input: PublishReportInput) -> Result<Written> {
    let api = api(ctx);
    let (known_at, asked) = (input.known_at.0, input.valid_at.0);
    if asked > api.clock.today() {
        return Err(Fault::DayAhead { asked }.into());
    }
    api.reach(known_at).await?;
    let now = now_of(ctx);
    let mut fields = Fields::of(ctx, &input.common).await?;
    let asked = input.parse(api, now, &mut fields).await?;
    let (asked, errors) = (asked, fields.into_errors());
    let Some(asked) = asked.filter(|_| errors.is_empty()) else {
        return Ok(refused(ctx, None, errors));
    };
    let at = At {
        position: known_at,
        on: input.valid_at.0,
        ..now
    };
    let report = asked.place.id();
    let made =
        publication::for_publication(api.reads, &api.proofs, now, at, &asked.parameters, report);
    let content = match made.await {
        Ok(content) => content,
        Err(error) => return told(ctx, &error),
    };
    let mut fields = Fields::default();
    let definitions = content.definitions.iter();
    let definitions: Option<Vec<(Slug, u32)>> = fields.take_all(
        "definitions",
        definitions.map(|it| Ok((Slug::try_new(&it.code)?, it.version))),
    );
    let title = fields.take("title", Title::try_new(&content.title));
    let bytes = content.canonical();
    let bytes = bytes.map_err(|error| api.failed_publication(&error))?;
    let (Some(title), Some(definitions)) = (title, definitions) else {
        return Ok(refused(ctx, None, fields.into_errors()));
    };
    let publishing = Publishing {
        command_id: asked.command,
        actor: ctx.data::<Caller>()?.actor.clone(),
        saying: asked.saying,
        place: asked.place,
        title,
        scope: ReportScope {
            experiment: asked.parameters.scope.experiment,
            model: asked.parameters.scope.model,
            departement: input
                .departement
                .as_deref()
                .and_then(|code| Text::try_new(code).ok()),
        },
        period: content.period,
        audience: asked.parameters.audience,
        known_at: at.position,
        on: at.on,
        definitions: definitions.into_iter().collect(),
        content: bytes,
    };
    let subject = StreamId::Report(report);
    answer(ctx, subject, api.commands.publish(&publishing).await).await
}

/// What the sender can mend is data; the rest is a fault.
fn told(ctx: &Context<'_>, error: &PublicationError) -> Result<Written> {
    let api = api(ctx);
    let code = match error {
        PublicationError::NothingLaunched => "NOTHING_LAUNCHED",
        PublicationError::TooManyExperiments { .. } => "TOO_MANY_EXPERIMENTS",
        PublicationError::Period(refusal) => refusal.code(),
        PublicationError::Read(error) => return Err(api.failed_read(error).into()),
        PublicationError::Proof(_) | PublicationError::Content(_) => {
            return Err(api.failed_publication(error).into());
        }
    };
    let mut fields = Fields::default();
    fields.note("period", code, error.to_string());
    Ok(refused(ctx, None, fields.into_errors()))
}
