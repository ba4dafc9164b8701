//! Queries.

use async_graphql::{Context, ID, InputObject, Interface, Object, Result};
use futures_util::future::try_join_all;

use super::{
    Moment, api,
    fault::Fault,
    id::NodeId,
    now_of,
    scalars::{Date, Instant, Position},
    types::{
        access::{GrantHolder, ServiceToken, Viewer, administrator},
        activity::{Activity, PeriodInput},
        adviser::Adviser,
        agreement::FundingAgreement,
        comparison::{IndicatorComparison, IndicatorSide},
        cost::Cost,
        diff::Diff,
        event::Event,
        experiment::{DeliveryModel, Experiment, ExperimentStatus},
        import::ImportBatch,
        indicator::{
            Asked, IndicatorDefinition, IndicatorGrouping, IndicatorReport, IndicatorScope,
            definitions,
        },
        moment::{KnownAt, moment as moment_of},
        operator::Operator,
        page::{
            EventConnection, ExperimentConnection, FundingAgreementConnection,
            GrantHolderConnection, ImportBatchConnection, LabelledSiteConnection, ReportConnection,
            ServiceTokenConnection, continued, page_size, window,
        },
        permanence::Permanence,
        proof::{ConsistencyProof, InclusionProof, LogHead},
        report::{Report, ReportFilter},
        session::Session,
        site::LabelledSite,
        venue::HostVenue,
    },
};
use crate::{
    access::Caller,
    domain::{
        event::StreamId,
        terms::{OperatorId, Slug},
    },
    limits::{NODES_MAX, PROGRAMME_FIELDS, PROOF_FIELDS, SESSION_FIELDS},
    read::{
        At,
        access::OLDEST_FIRST,
        activity::Scope,
        experiment::{Filter, Order, OrderBy},
        funding::BY_SIGNATURE,
        history::Of,
        import::NEWEST_FIRST,
        report::BY_PUBLICATION,
        site::BY_NAME,
    },
};

/// What can be asked.
#[derive(Debug, Default, Clone, Copy)]
pub struct Query {
    /// The moment it is asked of, where that is not the request's: in a mutation's payload.
    at: Option<At>,
}

/// An object with an opaque id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The opaque id."))]
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, on its way into an answer"
)]
pub(in crate::graphql) enum Node {
    Experiment(Experiment),
    HostVenue(HostVenue),
    Permanence(Permanence),
    Adviser(Adviser),
    Session(Session),
    Operator(Operator),
    FundingAgreement(FundingAgreement),
    Cost(Cost),
    ImportBatch(ImportBatch),
    LabelledSite(LabelledSite),
    Report(Report),
    ServiceToken(ServiceToken),
    GrantHolder(GrantHolder),
    Event(Event),
}

/// Which experiments.
#[derive(InputObject, Default)]
pub(super) struct ExperimentFilter {
    /// Of one of these models.
    model: Option<Vec<DeliveryModel>>,
    /// Having one of these statuses today.
    status: Option<Vec<ExperimentStatus>>,
    /// Serving a commune of the departement with this code.
    departement: Option<String>,
    /// Running on this day.
    running_on: Option<Date>,
}

impl From<ExperimentFilter> for Filter {
    fn from(filter: ExperimentFilter) -> Self {
        Self {
            models: filter
                .model
                .map(|models| models.into_iter().map(Into::into).collect()),
            statuses: filter
                .status
                .map(|statuses| statuses.into_iter().map(Into::into).collect()),
            departement: filter.departement,
            running_on: filter.running_on.map(|day| day.0),
        }
    }
}

/// In which order.
#[derive(InputObject)]
pub(super) struct ExperimentOrder {
    /// By what.
    field: ExperimentOrderField,
    /// Which way round.
    #[graphql(default)]
    direction: OrderDirection,
}

/// What experiments are ordered by.
#[derive(async_graphql::Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "OrderBy")]
pub(super) enum ExperimentOrderField {
    /// Title, without case or accents.
    Title,
    /// First day; those not launched first.
    Start,
}

/// Which way round.
#[derive(async_graphql::Enum, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderDirection {
    /// From the smallest.
    #[default]
    Asc,
    /// From the greatest.
    Desc,
}

/// What can be asked.
#[Object]
impl Query {
    /// One experiment; absent if it is not known.
    async fn experiment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its opaque id.")] id: ID,
    ) -> Option<Result<Experiment>> {
        Experiment::find(ctx, self.moment(ctx), NodeId::subject(&id)?).await
    }

    /// The experiments, filtered and ordered, page by page.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn experiments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<ExperimentFilter>,
        #[graphql(desc = "In which order; by title unless told.")] order_by: Option<
            ExperimentOrder,
        >,
    ) -> Result<ExperimentConnection> {
        let api = api(ctx);
        let window = window(first, after.as_deref(), last, before.as_deref())?;
        let order = order_by.map_or_else(Order::default, |order| Order {
            by: order.field.into(),
            descending: order.direction == OrderDirection::Desc,
        });
        let at = continued(self.moment(ctx), window.cursor(), order.name())?;
        let filter = filter.unwrap_or_default().into();
        let page = api.reads.experiments(at, &filter, order, &window).await;
        let page = page.map_err(|error| api.failed_read(&error))?;
        Ok(ExperimentConnection { at, filter, page })
    }

    /// One adviser; absent if not known.
    async fn adviser(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The opaque id.")] id: ID,
    ) -> Option<Result<Adviser>> {
        Adviser::find(ctx, self.moment(ctx), NodeId::subject(&id)?).await
    }

    /// One session: one day's holding of a permanence; absent if nothing is known of it.
    #[graphql(complexity = "SESSION_FIELDS + child_complexity")]
    async fn session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its opaque id.")] id: ID,
    ) -> Option<Result<Session>> {
        Session::find(ctx, self.moment(ctx), NodeId::subject(&id)?).await
    }

    /// One operator; absent where it is not recorded that it joined.
    async fn operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code.")] code: String,
    ) -> Option<Result<Operator>> {
        let code = Slug::try_new(&code).ok()?;
        Operator::find(ctx, self.moment(ctx), OperatorId::of(&code)).await
    }

    /// The operators that are in the bundle of services on a day, today unless told, by code.
    async fn operators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day.")] on: Option<Date>,
    ) -> Result<Vec<Operator>> {
        Operator::members(ctx, self.moment(ctx), on).await
    }

    /// One funding agreement; absent if it is not known.
    async fn funding_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its opaque id.")] id: ID,
    ) -> Option<Result<FundingAgreement>> {
        FundingAgreement::find(ctx, self.moment(ctx), NodeId::subject(&id)?).await
    }

    /// The funding agreements, by the day of the signature, page by page.
    async fn funding_agreements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<FundingAgreementConnection> {
        let api = api(ctx);
        let window = window(first, after.as_deref(), last, before.as_deref())?;
        let at = continued(self.moment(ctx), window.cursor(), BY_SIGNATURE)?;
        let page = api.reads.agreements(at, &window).await;
        let page = page.map_err(|error| api.failed_read(&error))?;
        Ok(FundingAgreementConnection { at, page })
    }

    /// One cost; absent if it is not known.
    async fn cost(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its opaque id.")] id: ID,
    ) -> Option<Result<Cost>> {
        Cost::find(ctx, self.moment(ctx), NodeId::subject(&id)?).await
    }

    /// The import of a file; absent if it is not known.
    async fn import_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its opaque id.")] id: ID,
    ) -> Option<Result<ImportBatch>> {
        ImportBatch::find(ctx, self.moment(ctx), NodeId::subject(&id)?).await
    }

    /// The imports of files, the newest first, page by page.
    async fn import_batches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<ImportBatchConnection> {
        let api = api(ctx);
        let window = window(first, after.as_deref(), last, before.as_deref())?;
        let at = continued(self.moment(ctx), window.cursor(), NEWEST_FIRST)?;
        let page = api.reads.imports(at, &window).await;
        let page = page.map_err(|error| api.failed_read(&error))?;
        Ok(ImportBatchConnection { at, page })
    }

    /// One labelled site; absent if it is not known.
    async fn labelled_site(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its opaque id.")] id: ID,
    ) -> Option<Result<LabelledSite>> {
        LabelledSite::find(ctx, self.moment(ctx), NodeId::subject(&id)?).await
    }

    /// The labelled sites that were recorded, by name, page by page. In no other order: they are
    /// not ranked.
    async fn labelled_sites(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<LabelledSiteConnection> {
        let api = api(ctx);
        let window = window(first, after.as_deref(), last, before.as_deref())?;
        let at = continued(self.moment(ctx), window.cursor(), BY_NAME)?;
        let page = api.reads.sites(at, &window).await;
        let page = page.map_err(|error| api.failed_read(&error))?;
        Ok(LabelledSiteConnection { at, page })
    }

    /// One published report; absent if it is not known.
    async fn report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its opaque id.")] id: ID,
    ) -> Option<Result<Report>> {
        Report::find(ctx, self.moment(ctx), NodeId::subject(&id)?).await
    }

    /// The published reports, the newest first, page by page.
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<ReportFilter>,
    ) -> Result<ReportConnection> {
        let api = api(ctx);
        let window = window(first, after.as_deref(), last, before.as_deref())?;
        let at = continued(self.moment(ctx), window.cursor(), BY_PUBLICATION)?;
        let filter = filter.unwrap_or_default().parse()?;
        let page = api.reads.reports(at, filter, &window).await;
        let page = page.map_err(|error| api.failed_read(&error))?;
        Ok(ReportConnection { at, page })
    }

    /// Who asks.
    #[expect(clippy::unused_async, reason = "the library asks for it")]
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        Ok(ctx.data::<Caller>()?.into())
    }

    /// The service tokens that were ever issued, the oldest first, page by page: to an
    /// administrator.
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<ServiceTokenConnection>> {
        let page = async {
            administrator(ctx)?;
            let api = api(ctx);
            let window = window(first, after.as_deref(), last, before.as_deref())?;
            let at = continued(self.moment(ctx), window.cursor(), OLDEST_FIRST)?;
            let page = api.reads.tokens(at, &window).await;
            let page = page.map_err(|error| api.failed_read(&error))?;
            Ok(ServiceTokenConnection { at, page })
        };
        Some(page.await)
    }

    /// Whom roles were ever granted to, the oldest first, page by page: to an administrator.
    async fn grants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<GrantHolderConnection>> {
        let page = async {
            administrator(ctx)?;
            let api = api(ctx);
            let window = window(first, after.as_deref(), last, before.as_deref())?;
            let at = continued(self.moment(ctx), window.cursor(), OLDEST_FIRST)?;
            let page = api.reads.holders(at, &window).await;
            let page = page.map_err(|error| api.failed_read(&error))?;
            Ok(GrantHolderConnection { at, page })
        };
        Some(page.await)
    }

    /// Every event of the log, in the order they were recorded.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Result<EventConnection> {
        let api = api(ctx);
        let limit = page_size(first)?;
        let at = self.moment(ctx);
        let after = after.map(|after| after.0).unwrap_or_default();
        if after > at.position {
            return Err(Fault::CursorAhead {
                asked: after,
                head: at.position,
            }
            .into());
        }
        let events = Event::page(api, at, Of::All, after, limit + 1).await?;
        let began = after == crate::domain::terms::Position::START;
        Ok(EventConnection::cut(events, limit, began))
    }

    /// The object of an opaque id; absent if it is not known.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The opaque id.")] id: ID,
    ) -> Option<Result<Node>> {
        node(ctx, self.moment(ctx), NodeId::parse(&id)?).await
    }

    /// The objects of some opaque ids, in their order, at most 100; absent where not known.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The opaque ids.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > NODES_MAX {
            return Err(Fault::TooManyIds { max: NODES_MAX }.into());
        }
        let at = self.moment(ctx);
        let found = ids.iter().map(|id| async move {
            match NodeId::parse(id) {
                Some(id) => Box::pin(node(ctx, at, id)).await.transpose(),
                None => Ok(None),
            }
        });
        try_join_all(found).await
    }

    /// The head of the log: its last position, and the hashes that name all that it holds. Noted
    /// down elsewhere, it shows later whether anything was changed.
    #[graphql(complexity = "PROOF_FIELDS + child_complexity")]
    async fn log_head(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As it was at this position; at that of the answer unless told.")]
        at: Option<Position>,
    ) -> Option<Result<LogHead>> {
        Some(LogHead::at(api(ctx), self.moment(ctx), at).await)
    }

    /// Proves that an event is in the log, to whoever trusts a head of it. The answer with all its
    /// fields is a file that `carnet log check-proof` checks.
    #[graphql(complexity = "PROOF_FIELDS + child_complexity")]
    async fn inclusion_proof(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event's position.")] event: Position,
        #[graphql(desc = "The position of the head; that of the answer unless told.")] head: Option<
            Position,
        >,
    ) -> Option<Result<InclusionProof>> {
        Some(InclusionProof::of(api(ctx), self.moment(ctx), event, head).await)
    }

    /// Proves that a head continues an older one: that nothing of what the older one names was
    /// changed, removed or moved. The answer with all its fields is a file that `carnet log
    /// check-proof` checks.
    #[graphql(complexity = "PROOF_FIELDS + child_complexity")]
    async fn consistency_proof(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The position of the older head.")] from: Position,
        #[graphql(desc = "The position of the newer head; that of the answer unless told.")]
        to: Option<Position>,
    ) -> Option<Result<ConsistencyProof>> {
        Some(ConsistencyProof::between(api(ctx), self.moment(ctx), from, to).await)
    }

    /// Everything that can be asked, as of another moment: what was known at `knownAt`, and what
    /// was so on `validAt`. Whatever is asked below inherits it.
    async fn as_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was known; what is known now unless told.")] known_at: Option<
            KnownAt,
        >,
        #[graphql(
            desc = "The day that \"today\" stands for: the civil date of `knownAt` unless told, \
                    today where that is not told either."
        )]
        valid_at: Option<Date>,
    ) -> Result<Self> {
        let at = moment_of(api(ctx), self.moment(ctx), known_at, valid_at).await?;
        Ok(Self::at(at))
    }

    /// The position of the log that this answer is of.
    async fn position(&self, ctx: &Context<'_>) -> Position {
        Position(self.moment(ctx).position)
    }

    /// When the event at that position was recorded; absent before the first one.
    async fn recorded_at(&self, ctx: &Context<'_>) -> Option<Result<Instant>> {
        let api = api(ctx);
        match api.reads.recorded_at(self.moment(ctx).position).await {
            Ok(instant) => instant.map(|instant| Ok(instant.into())),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    /// The day that "today" stands for in this answer.
    async fn valid_at(&self, ctx: &Context<'_>) -> Date {
        Date(self.moment(ctx).on)
    }

    /// What was done in the sessions of the whole programme, counted.
    #[graphql(complexity = "PROGRAMME_FIELDS + child_complexity")]
    async fn activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which days; of all unless told.")] period: Option<PeriodInput>,
    ) -> Result<Activity> {
        Activity::read(ctx, self.moment(ctx), Scope::Programme, period).await
    }

    /// The figures of a scope, the whole programme unless told, over a period.
    #[graphql(complexity = "PROGRAMME_FIELDS + child_complexity")]
    async fn indicators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of what; of the whole programme unless told.")] of: Option<
            IndicatorScope,
        >,
        #[graphql(desc = "Over which days; from the first launch to `validAt` unless told.")]
        period: Option<PeriodInput>,
        #[graphql(desc = "Broken down by what.")] by: Option<IndicatorGrouping>,
        #[graphql(desc = "The codes of the indicators; all of them unless told.")] codes: Option<
            Vec<String>,
        >,
    ) -> Option<Result<IndicatorReport>> {
        let asked = Asked { period, by, codes };
        let of = of.unwrap_or_default();
        Some(IndicatorReport::read(ctx, self.moment(ctx), of, asked).await)
    }

    /// The figures of any two scopes or periods side by side, with their intervals.
    #[graphql(complexity = "2 * PROGRAMME_FIELDS + child_complexity")]
    async fn compare_indicators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The one side.")] left: IndicatorSide,
        #[graphql(desc = "The other.")] right: IndicatorSide,
        #[graphql(desc = "The codes of the indicators; all of them unless told.")] codes: Option<
            Vec<String>,
        >,
    ) -> Option<Result<IndicatorComparison>> {
        let sides = [left, right];
        Some(IndicatorComparison::read(ctx, self.moment(ctx), sides, codes).await)
    }

    /// What each indicator means, by number.
    async fn indicator_definitions(&self) -> Vec<IndicatorDefinition> {
        definitions()
    }

    /// What changed in the whole programme between two moments.
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The moment compared with.")] from: KnownAt,
        #[graphql(desc = "The moment compared; that of this answer unless told.")] to: Option<
            KnownAt,
        >,
    ) -> Result<Diff> {
        let at = self.moment(ctx);
        Diff::between(ctx, at, Of::All, Scope::Programme, (from, to)).await
    }
}

/// The object of an id, as known at the moment.
pub(super) async fn node(ctx: &Context<'_>, at: At, id: NodeId) -> Option<Result<Node>> {
    match id {
        NodeId::Subject(StreamId::Experiment(id)) => {
            let found = Experiment::find(ctx, at, id).await?;
            Some(found.map(Node::Experiment))
        }
        NodeId::Subject(StreamId::Venue(id)) => {
            let found = HostVenue::find(ctx, at, id).await?;
            Some(found.map(Node::HostVenue))
        }
        NodeId::Subject(StreamId::Permanence(id)) => {
            let found = Permanence::find(ctx, at, id).await?;
            Some(found.map(Node::Permanence))
        }
        NodeId::Subject(StreamId::Adviser(id)) => {
            let found = Adviser::find(ctx, at, id).await?;
            Some(found.map(Node::Adviser))
        }
        NodeId::Subject(StreamId::Session(id)) => {
            let found = Session::find(ctx, at, id).await?;
            Some(found.map(Node::Session))
        }
        NodeId::Subject(StreamId::Operator(id)) => {
            let found = Operator::find(ctx, at, id).await?;
            Some(found.map(Node::Operator))
        }
        NodeId::Subject(StreamId::Agreement(id)) => {
            let found = FundingAgreement::find(ctx, at, id).await?;
            Some(found.map(Node::FundingAgreement))
        }
        NodeId::Subject(StreamId::Cost(id)) => {
            let found = Cost::find(ctx, at, id).await?;
            Some(found.map(Node::Cost))
        }
        NodeId::Subject(StreamId::Import(id)) => {
            let found = ImportBatch::find(ctx, at, id).await?;
            Some(found.map(Node::ImportBatch))
        }
        NodeId::Subject(StreamId::Site(id)) => {
            let found = LabelledSite::find(ctx, at, id).await?;
            Some(found.map(Node::LabelledSite))
        }
        NodeId::Subject(StreamId::Report(id)) => {
            let found = Report::find(ctx, at, id).await?;
            Some(found.map(Node::Report))
        }
        NodeId::Subject(StreamId::Token(id)) => {
            administrator(ctx).ok()?;
            let found = ServiceToken::find(ctx, at, id).await?;
            Some(found.map(Node::ServiceToken))
        }
        NodeId::Subject(StreamId::Holder(id)) => {
            administrator(ctx).ok()?;
            let found = GrantHolder::find(ctx, at, id).await?;
            Some(found.map(Node::GrantHolder))
        }
        NodeId::Event(position) => {
            let api = api(ctx);
            match Event::at(api, at, &[position]).await {
                Ok(events) => events
                    .into_iter()
                    .next()
                    .map(|event| Ok(Node::Event(event))),
                Err(fault) => Some(Err(fault.into())),
            }
        }
    }
}

impl Query {
    /// What can be asked of a moment.
    pub(super) const fn at(at: At) -> Self {
        Self { at: Some(at) }
    }

    /// The moment it is asked of: taken once, when the request began.
    fn moment(self, ctx: &Context<'_>) -> At {
        self.at.unwrap_or_else(|| moment(ctx))
    }
}

fn moment(ctx: &Context<'_>) -> At {
    match ctx.data_opt::<Moment>() {
        Some(moment) => moment.0,
        None => now_of(ctx),
    }
}
