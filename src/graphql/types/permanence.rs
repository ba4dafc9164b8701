//! Permanences.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};

use super::{
    activity::{Activity, PeriodInput},
    calendar::Calendar,
    common::{InterruptionView, Provenance},
    decision::Closure,
    experiment::{self, Experiment},
    page::window,
    session::{Session, SessionConnection},
    venue::HostVenue,
};
use crate::{
    domain::{
        event::{Stated, StreamId},
        permanence::{self as domain, SlotTerms},
        terms::{PermanenceId, SessionId},
    },
    graphql::{
        api,
        id::NodeId,
        prompt::{AtOnce, Prompt},
        scalars::{Date, OpeningHours},
    },
    read::{At, Found, activity::Scope},
};

/// A permanence: the recurring slot at a venue, not one day's session.
pub(in crate::graphql) struct Permanence {
    at: At,
    found: Found<PermanenceId, domain::Permanence>,
}

impl Permanence {
    pub(in crate::graphql) const fn new(
        at: At,
        found: Found<PermanenceId, domain::Permanence>,
    ) -> Self {
        Self { at, found }
    }

    /// The permanence, as known at the moment; `None` if it is not.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: PermanenceId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.permanence(at, id).await {
            Ok(found) => found.map(|found| Ok(Self::new(at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }
}

impl AtOnce for Permanence {
    const READ_NOTHING: &'static [&'static str] = &["closure", "terms"];
}

/// A permanence: the recurring slot at a venue, not one day's session.
#[Object]
impl Permanence {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Permanence(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// The terms in force on a day, today unless told; absent before the first.
    async fn terms(
        &self,
        #[graphql(desc = "The day.")] on: Option<Date>,
    ) -> Option<Prompt<PermanenceTerms>> {
        let day = on.map_or(self.at.on, |day| day.0);
        let terms = self.found.state.terms_on(day)?;
        Some(Prompt(PermanenceTerms::new(self.at, terms)))
    }

    /// All terms it has had or will have, by their first day.
    async fn schedule(&self) -> Vec<PermanenceTerms> {
        self.found
            .state
            .schedule()
            .into_iter()
            .map(|terms| PermanenceTerms::new(self.at, terms))
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

    /// Its closing, if it was closed.
    async fn closure(&self) -> Option<Closure> {
        self.found.state.closed.as_ref().map(Into::into)
    }

    /// What was done in its sessions, counted.
    async fn activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which days; of all unless told.")] period: Option<PeriodInput>,
    ) -> Option<Result<Activity>> {
        let scope = Scope::Permanence(self.found.state.experiment?, self.found.id);
        Some(Activity::read(ctx, self.at, scope, period).await)
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
        let scope = Scope::Permanence(self.found.state.experiment?, self.found.id);
        let window = window(first, after.as_deref(), last, before.as_deref());
        let read = SessionConnection::read(ctx, self.at, scope, period, window);
        Some(Box::pin(read).await)
    }

    /// Its dated occurrences in a period of at most 400 days, public holidays and suspensions
    /// taken out; absent where the period is refused.
    async fn calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day, included.")] until: Date,
    ) -> Option<Result<Calendar>> {
        let experiment = self.found.state.experiment?;
        let permanences = std::slice::from_ref(&self.found);
        let calendar = experiment::calendar(ctx, self.at, experiment, permanences, from, until);
        Some(Box::pin(calendar).await)
    }

    /// Its session on a day: what was recorded of that day's holding; absent if nothing was.
    async fn session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day.")] date: Date,
    ) -> Option<Result<Session>> {
        let id = SessionId::of(self.found.id, date.0);
        Session::find(ctx, self.at, id).await
    }

    /// Whether any of its events was invented.
    async fn synthetic(&self) -> bool {
        self.found.state.synthetic
    }

    /// The experiment it belongs to.
    async fn experiment(&self, ctx: &Context<'_>) -> Option<Result<Experiment>> {
        Experiment::find(ctx, self.at, self.found.state.experiment?).await
    }
}

/// Where, when, for whom and by whom a permanence is held, from a day on.
pub(in crate::graphql) struct PermanenceTerms {
    at: At,
    stated: Stated<SlotTerms>,
}

impl PermanenceTerms {
    const fn new(at: At, stated: Stated<SlotTerms>) -> Self {
        Self { at, stated }
    }
}

impl AtOnce for PermanenceTerms {
    const READ_NOTHING: &'static [&'static str] = &["heldBy", "provenance"];
}

/// Where, when, for whom and by whom a permanence is held, from a day on.
#[Object]
impl PermanenceTerms {
    /// The first day of these terms.
    async fn from(&self) -> Date {
        Date(self.stated.valid.from)
    }

    /// The weekly hours.
    async fn hours(&self) -> OpeningHours {
        OpeningHours(self.stated.what.hours.to_string())
    }

    /// Whether one needs an appointment.
    async fn appointment(&self) -> AppointmentPolicy {
        self.stated.what.appointment.into()
    }

    /// Who holds it: a role and a head count, never a name.
    async fn held_by(&self) -> HeldBy {
        let held_by = self.stated.what.held_by;
        HeldBy {
            role: held_by.role.into(),
            count: held_by.count.into(),
        }
    }

    /// The venue.
    async fn venue(&self, ctx: &Context<'_>) -> Option<Result<HostVenue>> {
        HostVenue::find(ctx, self.at, self.stated.what.venue).await
    }

    /// How these terms came to be known.
    async fn provenance(&self) -> Provenance {
        (&self.stated).into()
    }
}

/// Who holds a permanence.
#[derive(SimpleObject)]
pub(in crate::graphql) struct HeldBy {
    /// The role.
    role: AdviserRole,
    /// How many of them take turns or come together.
    count: u32,
}

/// Whether one needs an appointment.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Appointment")]
pub(in crate::graphql) enum AppointmentPolicy {
    /// One walks in.
    WalkIn,
    /// Only with an appointment.
    Required,
    /// Either way.
    Either,
    /// No source says.
    Unknown,
}

/// The role of an adviser.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::AdviserRole")]
pub(in crate::graphql) enum AdviserRole {
    /// Charge de clientele.
    DeskOfficer,
    /// Facteur services-expert.
    PostalServiceExpert,
    /// Conseiller.
    Adviser,
}
