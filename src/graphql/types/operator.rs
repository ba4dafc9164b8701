//! Operators.

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::{common::Provenance, page::EventConnection};
use crate::{
    domain::{
        event::{Stated, StreamId},
        operator::{self as domain, Departure, Joining},
        stretch::Stretch,
        terms::{OperatorId, Slug, Title},
    },
    graphql::{
        api,
        id::NodeId,
        scalars::{Date, Position},
    },
    read::{At, Found, history::Of},
};

/// An operator: an organisation whose services a France Services gives access to.
pub(in crate::graphql) struct Operator {
    at: At,
    found: Found<OperatorId, domain::Operator>,
}

impl Operator {
    /// The operator, as known at the moment; `None` if it is not.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: OperatorId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.operator(at, id).await {
            Ok(found) => found.map(|found| Ok(Self { at, found })),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    /// Those that are in the bundle of services on a day, by code.
    pub(in crate::graphql) async fn members(
        ctx: &Context<'_>,
        at: At,
        on: Option<Date>,
    ) -> Result<Vec<Self>> {
        let api = api(ctx);
        let day = on.map_or(at.on, |day| day.0);
        let found = api.reads.operators(at).await;
        let found = found.map_err(|error| api.failed_read(&error))?.into_iter();
        let members = found.filter(|operator| operator.state.member_on(day));
        Ok(members.map(|found| Self { at, found }).collect())
    }
}

/// An operator: an organisation whose services a France Services gives access to. Operators join
/// the bundle of services, are renamed, and leave.
#[Object]
impl Operator {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Operator(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// Its code, which never changes.
    async fn code(&self) -> &str {
        self.found.state.code.as_ref().map_or("", Slug::as_str)
    }

    /// The name it bears on a day, today unless told; before the first one, the first.
    async fn name(&self, #[graphql(desc = "The day.")] on: Option<Date>) -> &str {
        let day = on.map_or(self.at.on, |day| day.0);
        let name = self.found.state.name_on(day);
        name.map_or("", |name| name.what.as_str())
    }

    /// Its names, by their first day.
    async fn names(&self) -> Vec<OperatorName> {
        self.found.state.names.iter().map(Into::into).collect()
    }

    /// Whether it is in the bundle of services on a day, today unless told.
    async fn is_member(&self, #[graphql(desc = "The day.")] on: Option<Date>) -> bool {
        self.found
            .state
            .member_on(on.map_or(self.at.on, |day| day.0))
    }

    /// The stretches of days over which it is in the bundle, in the order they were recorded.
    async fn memberships(&self) -> Vec<OperatorMembership> {
        let memberships = self.found.state.memberships.all().iter();
        memberships.map(Into::into).collect()
    }

    /// That it left, and why, in the order it was recorded.
    async fn departures(&self) -> Vec<OperatorDeparture> {
        self.found.state.departures.iter().map(Into::into).collect()
    }

    /// What was recorded of it, in that order; absent where the page is refused.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Option<Result<EventConnection>> {
        let subject = Of::Subject(StreamId::Operator(self.found.id));
        Some(EventConnection::read(ctx, self.at, subject, first, after).await)
    }
}

/// A name of an operator.
#[derive(SimpleObject)]
pub(in crate::graphql) struct OperatorName {
    /// The name.
    name: String,
    /// The first day it is borne.
    from: Date,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stated<Title>> for OperatorName {
    fn from(stated: &Stated<Title>) -> Self {
        Self {
            name: stated.what.to_string(),
            from: Date(stated.valid.from),
            provenance: stated.into(),
        }
    }
}

/// A stretch of days over which an operator is in the bundle of services.
#[derive(SimpleObject)]
pub(in crate::graphql) struct OperatorMembership {
    /// The first day.
    from: Date,
    /// The last day: announced, or the eve of the departure; absent while it is open.
    until: Option<Date>,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stretch<Joining>> for OperatorMembership {
    fn from(membership: &Stretch<Joining>) -> Self {
        Self {
            from: Date(membership.from()),
            until: membership.until.map(Date),
            provenance: (&membership.stated).into(),
        }
    }
}

/// That an operator left the bundle of services.
#[derive(SimpleObject)]
pub(in crate::graphql) struct OperatorDeparture {
    /// The first day without it.
    from: Date,
    /// Why, where a source says.
    reason: Option<String>,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stated<Departure>> for OperatorDeparture {
    fn from(stated: &Stated<Departure>) -> Self {
        Self {
            from: Date(stated.valid.from),
            reason: stated.what.reason.as_ref().map(ToString::to_string),
            provenance: stated.into(),
        }
    }
}
