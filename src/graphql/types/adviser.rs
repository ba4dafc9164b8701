//! Advisers.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use secrecy::ExposeSecret;

use super::{
    common::Provenance,
    experiment::Experiment,
    page::EventConnection,
    permanence::{AdviserRole, Permanence},
};
use crate::{
    domain::{
        adviser::{self as domain, Absence, Assignment, Place},
        event::{Reason, Stated, StreamId},
        stretch::Stretch,
        terms::AdviserId,
    },
    graphql::{
        api,
        id::NodeId,
        scalars::{Date, Position},
    },
    privacy::Use,
    read::{At, Found, history::Of},
};

/// An adviser (conseiller): a person who holds permanences.
pub(in crate::graphql) struct Adviser {
    at: At,
    found: Found<AdviserId, domain::Adviser>,
}

impl Adviser {
    pub(in crate::graphql) const fn new(at: At, found: Found<AdviserId, domain::Adviser>) -> Self {
        Self { at, found }
    }

    /// The adviser, as known at the moment; `None` if not known.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: AdviserId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.adviser(at, id).await {
            Ok(found) => found.map(|found| Ok(Self { at, found })),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }
}

/// An adviser (conseiller): a person who holds permanences.
#[Object]
impl Adviser {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Adviser(self.found.id)).into()
    }

    /// How many events there are: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// The name borne today. It is sealed wherever it is stored, and opened for this answer alone:
    /// absent once the person is erased, or where the key is lost, and for whoever is not granted to
    /// have it opened.
    async fn name(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let name = self.found.state.name_on(self.at.on)?;
        let api = api(ctx);
        match api.reads.opens(self.at, self.found.id).await {
            Ok(true) => {
                let opened = api.keys.unseal(&name.what, Use::AdviserName)?;
                Some(Ok(opened.expose_secret().to_owned()))
            }
            Ok(false) => None,
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    /// The role.
    async fn role(&self) -> Option<AdviserRole> {
        let registered = self.found.state.registered.as_ref()?;
        Some(registered.what.into())
    }

    /// How the registration came to be known; it is valid from the first day in that role.
    async fn provenance(&self) -> Option<Provenance> {
        self.found.state.registered.as_ref().map(Into::into)
    }

    /// Where the adviser is assigned, in the order it was recorded.
    async fn assignments(&self) -> Vec<AdviserAssignment> {
        let assignments = self.found.state.assignments.all().iter();
        assignments
            .map(|stretch| AdviserAssignment {
                at: self.at,
                stretch: stretch.clone(),
            })
            .collect()
    }

    /// When the adviser is absent, in the order it was recorded. No reason is ever taken: it would
    /// often be one of health.
    async fn absences(&self) -> Vec<AdviserAbsence> {
        self.found
            .state
            .absences
            .all()
            .iter()
            .map(Into::into)
            .collect()
    }

    /// Whether the person was erased.
    async fn erased(&self) -> bool {
        self.found.state.erased.is_some()
    }

    /// The erasure, if the person was erased.
    async fn erasure(&self) -> Option<Erasure> {
        self.found.state.erased.as_ref().map(Into::into)
    }

    /// What was recorded of the adviser, in that order; no sentence of it ever names anybody.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Option<Result<EventConnection>> {
        let subject = Of::Subject(StreamId::Adviser(self.found.id));
        Some(EventConnection::read(ctx, self.at, subject, first, after).await)
    }
}

/// Where an adviser works, over a stretch of days.
pub(in crate::graphql) struct AdviserAssignment {
    at: At,
    stretch: Stretch<Assignment>,
}

/// Where an adviser works, over a stretch of days.
#[Object]
impl AdviserAssignment {
    /// The experiment it is for.
    async fn experiment(&self, ctx: &Context<'_>) -> Option<Result<Experiment>> {
        Experiment::find(ctx, self.at, self.stretch.stated.what.experiment).await
    }

    /// The permanence; absent where it is the hub.
    async fn permanence(&self, ctx: &Context<'_>) -> Option<Result<Permanence>> {
        match self.stretch.stated.what.place {
            Place::Hub => None,
            Place::Permanence(id) => Permanence::find(ctx, self.at, id).await,
        }
    }

    /// Whether it is the hub.
    async fn at_hub(&self) -> bool {
        self.stretch.stated.what.place == Place::Hub
    }

    /// The first day.
    async fn from(&self) -> Date {
        Date(self.stretch.from())
    }

    /// The last day: announced, or the eve of the first day elsewhere; absent while it is open.
    async fn until(&self) -> Option<Date> {
        self.stretch.until.map(Date)
    }

    /// How it came to be known.
    async fn provenance(&self) -> Provenance {
        (&self.stretch.stated).into()
    }
}

/// An absence of an adviser. No reason is ever taken: it would often be one of health.
#[derive(SimpleObject)]
pub(in crate::graphql) struct AdviserAbsence {
    /// The first day.
    from: Date,
    /// The last day.
    until: Option<Date>,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stretch<Absence>> for AdviserAbsence {
    fn from(absence: &Stretch<Absence>) -> Self {
        Self {
            from: Date(absence.from()),
            until: absence.until.map(Date),
            provenance: (&absence.stated).into(),
        }
    }
}

/// The erasure of a person: the key of all that was sealed is destroyed.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Erasure {
    /// The day.
    on: Date,
    /// Why.
    reason: String,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stated<Reason>> for Erasure {
    fn from(stated: &Stated<Reason>) -> Self {
        Self {
            on: Date(stated.valid.from),
            reason: stated.what.reason.to_string(),
            provenance: stated.into(),
        }
    }
}
