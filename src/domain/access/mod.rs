//! Who may do what: roles, over which experiments, and to whom they are granted. A service token
//! carries its grants itself ([`token`]); an account of an identity provider, or every account of
//! an organisation, holds those that it was granted ([`holder`]).
//!
//! What is granted, and what is revoked, holds from the moment it is recorded, whatever day is told
//! of it. No entry of it is corrected or retracted: that would give back what was taken away. It is
//! revoked, or granted anew.

pub mod holder;
pub mod token;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    event::{Saying, StreamId},
    experiment,
    refusal::Refusal,
    terms::{ExperimentId, Label},
    world::World,
};

/// The most grants of one token or holder.
pub const GRANTS_MAX: usize = 20;

/// What somebody is to the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads everything but sealed personal data; publishes reports.
    Evaluator,
    /// Records for its own experiments, and reads them.
    Carrier,
    /// Reads experiments, agreements and costs; records agreements.
    Funder,
    /// Does everything, and says who may do what.
    Administrator,
}

/// Over which experiments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// All of them.
    Programme,
    /// Those that an organisation carries, by its name as launches tell it.
    Organisation(Label),
    /// One.
    Experiment(ExperimentId),
}

/// A role over some experiments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// What.
    pub role: Role,
    /// Over which experiments.
    pub over: Reach,
}

impl Grant {
    /// Refuses a role over experiments that it cannot be over: a carrier has its own, and an
    /// administrator all of them.
    fn check(&self, world: &World) -> Result<(), Refusal> {
        let fits = match self.role {
            Role::Evaluator | Role::Funder => true,
            Role::Carrier => self.over != Reach::Programme,
            Role::Administrator => self.over == Reach::Programme,
        };
        if !fits {
            return Err(Refusal::ReachOfAnotherRole);
        }
        match self.over {
            Reach::Programme | Reach::Organisation(_) => Ok(()),
            Reach::Experiment(id) => experiment::known(world, id).map(|_| ()),
        }
    }
}

/// Refuses an end that comes before what it is the end of.
fn check_end(expires: Option<DateTime<Utc>>, saying: &Saying) -> Result<(), Refusal> {
    match expires {
        Some(expires) if expires.date_naive() < saying.valid.from => {
            Err(Refusal::ExpiresTooEarly {
                from: saying.valid.from,
            })
        }
        Some(_) | None => Ok(()),
    }
}

/// The streams that deciding on grants reads: the experiments that they name.
pub(super) fn experiments<'a>(grants: impl IntoIterator<Item = &'a Grant>) -> BTreeSet<StreamId> {
    let grants = grants.into_iter();
    let named = grants.filter_map(|grant| match grant.over {
        Reach::Programme | Reach::Organisation(_) => None,
        Reach::Experiment(id) => Some(StreamId::Experiment(id)),
    });
    named.collect()
}

/// Whether nothing that was recorded of a subject is ever corrected or retracted.
pub(super) const fn is_access(subject: StreamId) -> bool {
    matches!(subject, StreamId::Token(_) | StreamId::Holder(_))
}
