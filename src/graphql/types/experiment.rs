//! Experiments.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};

use super::{
    activity::{Activity, PeriodInput},
    adviser::Adviser,
    calendar::Calendar,
    common::{DateCertainty, InterruptionView, Provenance},
    cost::CostSummary,
    count::{AssertedCount, HubSite},
    decided::Decision,
    decision::{
        AssertedEnd, Closure, Extension, ExtensionRefusal, MadePermanent, Statement,
        StatementTopic, SuccessCriteria,
    },
    diff::Diff,
    impact::{Baseline, ComparisonZone},
    indicator::{Asked, IndicatorGrouping, IndicatorReport},
    moment::KnownAt,
    operator::Operator,
    page::{CostConnection, EventConnection, continued, window},
    permanence::Permanence,
    place::Commune,
    session::SessionConnection,
    site::LabelledSite,
    venue::HostVenue,
};
use crate::{
    domain::{
        calendar, cost,
        event::StreamId,
        experiment as domain, permanence,
        terms::{ExperimentId, OperatorId, Period, PermanenceId, Text},
        venue::Venue,
    },
    evaluation::decision as evaluation,
    graphql::{
        api,
        fault::Fault,
        id::NodeId,
        prompt::{AtOnce, Prompts},
        scalars::{Date, Position},
    },
    read::{At, Found, activity::Scope, funding::BY_FIRST_DAY, history::Of},
};

/// An experiment: a mobile model of a France Services counter, tried for a time.
pub(in crate::graphql) struct Experiment {
    at: At,
    found: Found<ExperimentId, domain::Experiment>,
}

impl Experiment {
    pub(in crate::graphql) const fn new(
        at: At,
        found: Found<ExperimentId, domain::Experiment>,
    ) -> Self {
        Self { at, found }
    }

    /// The experiment, as known at the moment; `None` if it is not.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: ExperimentId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.experiment(at, id).await {
            Ok(found) => found.map(|found| Ok(Self::new(at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    fn launch(&self) -> Option<&domain::Launch> {
        self.found.state.launch.as_ref().map(|launch| &launch.what)
    }
}

impl AtOnce for Experiment {
    const READ_NOTHING: &'static [&'static str] = &["closure", "hub", "provenance"];
}

/// An experiment: a mobile model of a France Services counter, tried for a time.
#[Object]
impl Experiment {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Experiment(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// Its name.
    async fn title(&self) -> &str {
        self.found.state.title().map_or("", |title| title.as_str())
    }

    /// What was done in its sessions, counted.
    async fn activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which days; of all unless told.")] period: Option<PeriodInput>,
    ) -> Option<Result<Activity>> {
        let scope = Scope::Experiment(self.found.id);
        Some(Activity::read(ctx, self.at, scope, period).await)
    }

    /// Its figures over a period.
    async fn indicators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Over which days; from its launch to `validAt` unless told.")]
        period: Option<PeriodInput>,
        #[graphql(desc = "Broken down by what.")] by: Option<IndicatorGrouping>,
        #[graphql(desc = "The codes of the indicators; all of them unless told.")] codes: Option<
            Vec<String>,
        >,
    ) -> Option<Result<IndicatorReport>> {
        let asked = Asked { period, by, codes };
        let read = IndicatorReport::of_experiment(ctx, self.at, self.found.id, asked);
        Some(Box::pin(read).await)
    }

    /// The decisions on it, in the order they were taken, each with what it was taken on.
    async fn decisions(&self) -> Vec<Decision> {
        let found = &self.found;
        let decisions = evaluation::decisions(&found.state).into_iter();
        decisions
            .map(|taken| Decision::new(self.at, found.id, &taken))
            .collect()
    }

    /// Its sessions, by day, page by page.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which days; of all unless told.")] period: Option<PeriodInput>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<SessionConnection>> {
        let scope = Scope::Experiment(self.found.id);
        let window = window(first, after.as_deref(), last, before.as_deref());
        let read = SessionConnection::read(ctx, self.at, scope, period, window);
        Some(Box::pin(read).await)
    }

    /// What changed between two moments in all that concerns it.
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The moment compared with.")] from: KnownAt,
        #[graphql(desc = "The moment compared; that of this answer unless told.")] to: Option<
            KnownAt,
        >,
    ) -> Option<Result<Diff>> {
        let (of, scope) = (
            Of::Experiment(self.found.id),
            Scope::Experiment(self.found.id),
        );
        Some(Diff::between(ctx, self.at, of, scope, (from, to)).await)
    }

    /// Where it stands on a day, today unless told.
    async fn status(&self, #[graphql(desc = "The day.")] on: Option<Date>) -> ExperimentStatus {
        let day = on.map_or(self.at.on, |day| day.0);
        self.found.state.status_on(day).into()
    }

    /// The model it tries; absent before the launch.
    async fn model(&self) -> Option<DeliveryModel> {
        self.launch().map(|launch| launch.model.into())
    }

    /// The model in the source's own terms.
    async fn model_detail(&self) -> Option<&str> {
        self.launch()?.model_detail.as_ref().map(Text::as_str)
    }

    /// The organisation that carries it (porteur).
    async fn carrier(&self) -> Option<&str> {
        self.launch().map(|launch| launch.carrier.as_str())
    }

    /// The labelled site it starts from, as its launch tells it.
    async fn hub(&self) -> Option<Hub> {
        self.launch().map(|launch| Hub {
            name: launch.hub.name.to_string(),
            commune: launch.hub.commune.into(),
            address: launch.hub.address.as_ref().map(ToString::to_string),
        })
    }

    /// The labelled site that its hub is on a day, today unless told: the last one designated by
    /// then; absent where none is.
    async fn hub_site(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day.")] on: Option<Date>,
    ) -> Option<Result<LabelledSite>> {
        let day = on.map_or(self.at.on, |day| day.0);
        let site = self.found.state.hub_on(day)?.what.site;
        Box::pin(LabelledSite::find(ctx, self.at, site)).await
    }

    /// The labelled sites that its hub was or will be, by their first day.
    async fn hub_sites(&self) -> Vec<HubSite> {
        let hubs = self.found.state.hubs.iter();
        hubs.map(|hub| HubSite::new(self.at, hub)).collect()
    }

    /// The communes it serves, by code.
    async fn zone(&self) -> Vec<Commune> {
        self.launch()
            .map(|launch| launch.zone.iter().copied().map(Into::into).collect())
            .unwrap_or_default()
    }

    /// The operators whose services it gives access to, under the names they bore at the launch.
    async fn operators(&self) -> Vec<LaunchOperator> {
        let operators = self
            .launch()
            .into_iter()
            .flat_map(|launch| &launch.operators);
        operators
            .map(|known| LaunchOperator {
                at: self.at,
                known: known.clone(),
            })
            .collect()
    }

    /// Its first day; absent before the launch is recorded.
    async fn starts_on(&self) -> Option<Date> {
        let launch = self.found.state.launch.as_ref()?;
        Some(Date(launch.valid.from))
    }

    /// What is known of its first day.
    async fn start_certainty(&self) -> Option<DateCertainty> {
        let launch = self.found.state.launch.as_ref()?;
        Some(launch.valid.certainty.into())
    }

    /// The last day it was planned for at its launch.
    async fn planned_end(&self) -> Option<Date> {
        self.launch().map(|launch| Date(launch.planned_end))
    }

    /// The last day as decided: that of the last extension, else the planned one. What sources
    /// merely assert does not move it.
    async fn ends_on(&self) -> Option<Date> {
        self.found.state.end().map(Date)
    }

    /// The ends that sources assert, each with its source; corrected ones are marked.
    async fn asserted_ends(&self) -> Vec<AssertedEnd> {
        self.found.state.ends.iter().map(Into::into).collect()
    }

    /// What else sources assert, side by side where they disagree.
    async fn statements(
        &self,
        #[graphql(desc = "Only those about this; all unless told.")] topic: Option<StatementTopic>,
    ) -> Vec<Statement> {
        let topic = topic.map(domain::Topic::from);
        self.found
            .state
            .statements
            .iter()
            .filter(|statement| topic.is_none_or(|topic| statement.what.topic == topic))
            .map(Into::into)
            .collect()
    }

    /// The success criteria, in the order they were recorded.
    async fn success_criteria(&self) -> Vec<SuccessCriteria> {
        self.found.state.criteria.iter().map(Into::into).collect()
    }

    /// Its extensions.
    async fn extensions(&self) -> Vec<Extension> {
        self.found.state.extensions.iter().map(Into::into).collect()
    }

    /// The refusals of an extension.
    async fn extension_refusals(&self) -> Vec<ExtensionRefusal> {
        self.found
            .state
            .extension_refusals
            .iter()
            .map(Into::into)
            .collect()
    }

    /// Its suspensions.
    async fn suspensions(&self) -> Vec<InterruptionView> {
        self.found
            .state
            .suspensions
            .all()
            .iter()
            .map(Into::into)
            .collect()
    }

    /// The closures of its hub for works.
    async fn hub_closures(&self) -> Vec<InterruptionView> {
        self.found
            .state
            .hub_closures
            .all()
            .iter()
            .map(Into::into)
            .collect()
    }

    /// The zones it is compared with, in the order they were recorded.
    async fn comparison_zones(&self) -> Vec<ComparisonZone> {
        let zones = self.found.state.comparison_zones.iter();
        zones.map(Into::into).collect()
    }

    /// What was counted where, to compare it with, in the order it was recorded.
    async fn baselines(&self) -> Vec<Baseline> {
        self.found.state.baselines.iter().map(Into::into).collect()
    }

    /// What sources counted as a whole, in the order it was recorded, side by side where they
    /// disagree. It is no part of `activity`, which counts what is recorded of sessions.
    async fn asserted_counts(&self) -> Vec<AssertedCount> {
        let counts = self.found.state.asserted_counts.iter();
        counts.map(Into::into).collect()
    }

    /// Its costs, by the first day they are of, page by page; absent where the page is refused.
    async fn costs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<CostConnection>> {
        Some(Box::pin(self.read_costs(ctx, first, after, last, before)).await)
    }

    /// What its costs come to.
    async fn cost_summary(&self, ctx: &Context<'_>) -> Result<CostSummary> {
        Box::pin(self.read_cost_summary(ctx)).await
    }

    /// The advisers assigned to it on a day, today unless told, present or not, in the order they
    /// were registered.
    async fn advisers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day.")] on: Option<Date>,
    ) -> Result<Vec<Adviser>> {
        Box::pin(self.read_advisers(ctx, on)).await
    }

    /// That it was made permanent, if it was.
    async fn made_permanent(&self) -> Option<MadePermanent> {
        self.found.state.made_permanent.as_ref().map(Into::into)
    }

    /// Its closing, if it was closed.
    async fn closure(&self) -> Option<Closure> {
        self.found.state.closed.as_ref().map(Into::into)
    }

    /// How its launch came to be known.
    async fn provenance(&self) -> Option<Provenance> {
        self.found.state.launch.as_ref().map(Into::into)
    }

    /// Whether any of its events was invented, for tests or demonstration.
    async fn synthetic(&self) -> bool {
        self.found.state.synthetic
    }

    /// Its host venues, in the order they were recorded.
    async fn venues(&self, ctx: &Context<'_>) -> Result<Vec<HostVenue>> {
        Box::pin(self.read_venues(ctx)).await
    }

    /// Its permanences, in the order they were recorded.
    async fn permanences(&self, ctx: &Context<'_>) -> Result<Prompts<Permanence>> {
        Box::pin(self.read_permanences(ctx)).await.map(Prompts)
    }

    /// The dated occurrences of its permanences in a period of at most 400 days, public holidays
    /// and suspensions taken out; absent where the period is refused.
    async fn calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day, included.")] until: Date,
    ) -> Option<Result<Calendar>> {
        Some(Box::pin(self.read_calendar(ctx, from, until)).await)
    }

    /// Every event that concerns it, its venues and permanences included, in the order they were
    /// recorded; absent where the page is refused.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Option<Result<EventConnection>> {
        Some(Box::pin(self.read_history(ctx, first, after)).await)
    }
}

/// What a field reads for itself. Boxed above: the library makes every field's future as large as
/// that of the largest, and a list has many fields.
impl Experiment {
    async fn read_venues(&self, ctx: &Context<'_>) -> Result<Vec<HostVenue>> {
        let api = api(ctx);
        let found = api.reads.venues_of(self.at, self.found.id).await;
        let found = found.map_err(|error| api.failed_read(&error))?;
        Ok(found
            .into_iter()
            .map(|venue| HostVenue::new(self.at, venue))
            .collect())
    }

    async fn read_permanences(&self, ctx: &Context<'_>) -> Result<Vec<Permanence>> {
        let api = api(ctx);
        let found = api.reads.permanences_of(self.at, self.found.id).await;
        let found = found.map_err(|error| api.failed_read(&error))?;
        Ok(found
            .into_iter()
            .map(|permanence| Permanence::new(self.at, permanence))
            .collect())
    }

    async fn read_costs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<CostConnection> {
        let api = api(ctx);
        let window = window(first, after.as_deref(), last, before.as_deref())?;
        let at = continued(self.at, window.cursor(), BY_FIRST_DAY)?;
        let page = api.reads.costs(at, self.found.id, &window).await;
        let page = page.map_err(|error| api.failed_read(&error))?;
        Ok(CostConnection { at, page })
    }

    async fn read_cost_summary(&self, ctx: &Context<'_>) -> Result<CostSummary> {
        let api = api(ctx);
        let costs = api.reads.costs_of(self.at, self.found.id).await;
        let costs = costs.map_err(|error| api.failed_read(&error))?;
        let recorded = costs.iter().filter_map(|cost| {
            let recorded = cost.state.recorded.as_ref()?;
            Some((cost.id, &recorded.what))
        });
        Ok(CostSummary::new(&cost::sums(recorded)))
    }

    async fn read_advisers(&self, ctx: &Context<'_>, on: Option<Date>) -> Result<Vec<Adviser>> {
        let api = api(ctx);
        let day = on.map_or(self.at.on, |day| day.0);
        let found = api.reads.advisers_of(self.at, self.found.id).await;
        let found = found.map_err(|error| api.failed_read(&error))?.into_iter();
        let assigned = found.filter(|adviser| adviser.state.works_for(self.found.id, day));
        Ok(assigned.map(|found| Adviser::new(self.at, found)).collect())
    }

    async fn read_calendar(&self, ctx: &Context<'_>, from: Date, until: Date) -> Result<Calendar> {
        let api = api(ctx);
        let found = api.reads.permanences_of(self.at, self.found.id).await;
        let found = found.map_err(|error| api.failed_read(&error))?;
        calendar(ctx, self.at, self.found.id, &found, from, until).await
    }

    async fn read_history(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<Position>,
    ) -> Result<EventConnection> {
        EventConnection::read(ctx, self.at, Of::Experiment(self.found.id), first, after).await
    }
}

/// The calendar of some permanences of an experiment.
pub(super) async fn calendar(
    ctx: &Context<'_>,
    at: At,
    experiment: ExperimentId,
    permanences: &[Found<PermanenceId, permanence::Permanence>],
    from: Date,
    until: Date,
) -> Result<Calendar> {
    let api = api(ctx);
    let period = Period::try_new(from.0, until.0).map_err(Fault::from)?;
    let read = async {
        let venues = api.reads.venues_of(at, experiment).await?;
        let host = api.reads.experiment(at, experiment).await?;
        Ok((venues, host))
    };
    let (venues, host) = read.await.map_err(|error| api.failed_read(&error))?;
    let venues: BTreeMap<_, Arc<Venue>> = venues.into_iter().map(|v| (v.id, v.state)).collect();
    let host = host.map(|host| host.state).unwrap_or_default();
    let mut found = Vec::new();
    for permanence in permanences {
        let venue = |id| venues.get(&id).map(AsRef::as_ref);
        let occurrences =
            calendar::occurrences(permanence.id, &permanence.state, &host, venue, period);
        found.extend(occurrences.map_err(Fault::from)?);
    }
    Ok(Calendar::new(found))
}

/// The labelled site an experiment starts from.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Hub {
    /// Its name.
    name: String,
    /// Its commune.
    commune: Commune,
    /// Its address.
    address: Option<String>,
}

/// An operator of an experiment, under the name it bore at the launch.
pub(in crate::graphql) struct LaunchOperator {
    at: At,
    known: domain::OperatorRef,
}

/// An operator of an experiment, under the name it bore at the launch.
#[Object]
impl LaunchOperator {
    /// Its stable code.
    async fn code(&self) -> &str {
        self.known.code.as_str()
    }

    /// Its name at that time.
    async fn name(&self) -> &str {
        self.known.name.as_str()
    }

    /// The operator of that code; absent where it is not recorded that it joined.
    async fn operator(&self, ctx: &Context<'_>) -> Option<Result<Operator>> {
        Operator::find(ctx, self.at, OperatorId::of(&self.known.code)).await
    }
}

/// A mobile model of delivering the services of a public counter.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::DeliveryModel")]
pub(in crate::graphql) enum DeliveryModel {
    /// Desk officers of the hub hold weekly permanences in town halls and postal agencies.
    WeeklyPermanences,
    /// A postal worker gives access to the services.
    PostalServiceExpert,
    /// A desk officer roves between partners while the hub is closed for works.
    RovingDesk,
    /// Another model, told in words.
    Other,
}

/// Where an experiment stands on a day.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Status")]
pub(in crate::graphql) enum ExperimentStatus {
    /// Not begun.
    Planned,
    /// Under way.
    Running,
    /// Stopped for a time.
    Suspended,
    /// Past its last day, with no extension, closure or permanence known.
    TermReached,
    /// No longer an experiment (perennise).
    MadePermanent,
    /// Over.
    Closed,
}
