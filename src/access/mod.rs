//! Who asks, and what they may.
//!
//! In: what a caller was granted. Out: a [`Caller`], which every operation carries.
//!
//! **Invariants.** A caller is what was granted to it, and nothing else: nobody is anybody by
//! default, and a stranger sees what is published. What is granted for a time ends with it.
//!
//! **Deliberately absent.** How a caller proved who it is; that is for the edge to say.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::terms::{ExperimentId, Label};

/// What somebody is to the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[serde(rename_all = "snake_case")]
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

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Under which name events are recorded: never a person's.
    pub actor: Label,
    /// What was granted; nothing to a stranger.
    pub grants: Vec<Grant>,
    /// When it ends, if it does.
    pub until: Option<DateTime<Utc>>,
}

impl Caller {
    /// Whoever runs the program on its own machine: an administrator.
    #[must_use]
    pub fn operator(actor: Label) -> Self {
        Self {
            actor,
            grants: vec![Grant {
                role: Role::Administrator,
                over: Reach::Programme,
            }],
            until: None,
        }
    }
}
