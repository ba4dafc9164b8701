//! What is followed, executed once for all who follow the same.
//!
//! In: subscriptions that were admitted, by whatever transport. Out: what each tells, as bytes, in order,
//! each item once. Those of the same document, variables and permissions share a [`channel`]: one
//! [`execution`] leads, and every other [`subscriber`] holds a cursor. Variables that only tell where a
//! subscription begins set none apart.
//!
//! **Invariants.** Nobody waits for anybody: who leads waits for no subscriber, and who is too slow for
//! what is kept goes on from its own cursor by an execution of its own, so that nothing is dropped. What is
//! kept is bounded, for each channel and for all; what a subscriber costs does not grow with what it has
//! not taken. What was made before a person was erased is shared with nobody after.
//!
//! **Deliberately absent.** Who may still be told: that is looked at by whoever delivers, at each item.

mod channel;
mod execution;
mod hub;
mod operation;
mod places;
mod plan;
mod subscriber;
mod told;

use std::sync::Arc;

use async_graphql::ServerError;

use super::parameters::{Admitted, request_error};
use crate::{
    access::Caller,
    domain::terms::Position,
    graphql::{self, Schema},
};
use execution::Means;
use hub::Shared;
use plan::Plan;

pub(super) use operation::{Outcome, carry_out, follow};
use places::Places;
pub(super) use places::Taken as Place;
pub(super) use subscriber::{Standing, Subscriber};
pub(super) use told::Told;

/// What is followed; its copies are one and the same.
#[derive(Debug, Clone)]
pub struct Live {
    shared: Arc<Shared>,
    places: Places,
}

impl Live {
    /// With so many places for whoever follows, in all, and for one caller.
    #[must_use]
    pub fn new(places: usize, each: usize) -> Self {
        Self {
            shared: Arc::default(),
            places: Places::new(places, each),
        }
    }

    /// Lets go of all that is kept: a person was erased.
    pub fn forget(&self) {
        self.shared.forget();
    }

    /// How many items were made, by however many they are followed.
    #[must_use]
    pub fn executed(&self) -> u64 {
        self.shared.executed()
    }

    /// How many channels there are.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.shared.count()
    }

    /// How many bytes of items are kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shared.held()
    }

    /// The places of those who follow.
    pub(super) const fn places(&self) -> &Places {
        &self.places
    }

    /// Follows what was admitted; after a position, where one is told beside it.
    pub(super) fn follow(
        &self,
        schema: &Schema,
        caller: &Caller,
        admitted: Admitted,
        begin: Option<Position>,
    ) -> Result<Subscriber, ServerError> {
        let hash = admitted.hash;
        let Some((plan, prepared)) = Plan::of(admitted, caller, begin) else {
            // What has no document follows nothing, and is not handed here.
            return Err(request_error(
                "INTERNAL",
                "Une erreur interne est survenue.",
            ));
        };
        let channel = plan.key(schema, &hash).map(|key| self.shared.channel(key));
        let plan = Arc::new(plan);
        let means = Means {
            schema: schema.clone(),
            hub: Arc::clone(&self.shared),
            channel: channel.as_ref().map(Arc::downgrade).unwrap_or_default(),
            plan: Arc::clone(&plan),
        };
        // What is told event by event is the same for all: whoever begins within what is kept needs no
        // execution at all.
        let by_event = plan.beginning.as_ref().filter(|it| it.by_event);
        if let (Some(beginning), Some(channel)) = (by_event, &channel) {
            let joined = match beginning.after {
                Some(after) => channel.join_within(after),
                None => graphql::now(schema, caller)
                    .and_then(|now| channel.join(now.position(), channel.next())),
            };
            if let Some(cursor) = joined {
                return Ok(Subscriber::joined(means, Arc::clone(channel), cursor));
            }
        }
        let handed = execution::begin(means.clone(), Ok(prepared));
        Ok(Subscriber::alone(means, channel, handed))
    }
}
