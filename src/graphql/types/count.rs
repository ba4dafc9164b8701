//! What sources counted as a whole, and the hub as a labelled site.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};

use super::{
    common::{Provenance, ValidPeriod},
    site::LabelledSite,
};
use crate::{
    domain::{event::Stated, experiment as domain},
    graphql::scalars::Date,
    read::At,
};

/// What a source counted as a whole. It is never added to another count, nor to what is recorded
/// of sessions.
#[derive(SimpleObject)]
pub(in crate::graphql) struct AssertedCount {
    /// The period counted, both days included.
    period: ValidPeriod,
    /// What one of it is.
    unit: CountUnit,
    /// Of appointments: whether they were booked or held, where the source says.
    state: Option<CountedAppointmentState>,
    /// What the source says of the number.
    qualifier: CountQualifier,
    /// The number.
    count: u32,
    /// How the source puts it.
    words: Option<String>,
    /// How it came to be known; it is valid over the period counted.
    provenance: Provenance,
}

impl From<&Stated<domain::AssertedCount>> for AssertedCount {
    fn from(stated: &Stated<domain::AssertedCount>) -> Self {
        let count = &stated.what;
        Self {
            period: stated.valid.into(),
            unit: count.unit.into(),
            state: count.state.map(Into::into),
            qualifier: count.qualifier.into(),
            count: count.count,
            words: count.words.as_ref().map(ToString::to_string),
            provenance: stated.into(),
        }
    }
}

/// What is counted: units that are never merged.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::CountUnit")]
pub(in crate::graphql) enum CountUnit {
    /// Rendez-vous.
    Appointment,
    /// Accompagnement: what was done for one user in one visit.
    Accompaniment,
    /// Demande: an accompaniment may have several.
    Request,
    /// Visite.
    Visit,
}

/// What became of the appointments counted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::AppointmentState")]
pub(in crate::graphql) enum CountedAppointmentState {
    /// They were booked, for days of the period; whether anybody came is not said.
    Booked,
    /// They took place.
    Held,
}

/// What a source says of a number.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::CountQualifier")]
pub(in crate::graphql) enum CountQualifier {
    /// That many.
    Exactly,
    /// That many or more.
    AtLeast,
    /// About that many.
    About,
}

/// Which labelled site a hub is, from a day on.
pub(in crate::graphql) struct HubSite {
    at: At,
    stated: Stated<domain::DesignatedHub>,
}

impl HubSite {
    pub(in crate::graphql) fn new(at: At, stated: &Stated<domain::DesignatedHub>) -> Self {
        Self {
            at,
            stated: stated.clone(),
        }
    }
}

/// Which labelled site a hub is, from a day on.
#[Object]
impl HubSite {
    /// The first day it is so.
    async fn from(&self) -> Date {
        Date(self.stated.valid.from)
    }

    /// The site.
    async fn site(&self, ctx: &Context<'_>) -> Option<Result<LabelledSite>> {
        LabelledSite::find(ctx, self.at, self.stated.what.site).await
    }

    /// How it came to be known.
    async fn provenance(&self) -> Provenance {
        (&self.stated).into()
    }
}
