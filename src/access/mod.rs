//! Who asks, and what they may.
//!
//! In: what a caller was granted. Out: a [`Caller`], which every operation carries.
//!
//! **Invariants.** A caller is what was granted to it, and nothing else: nobody is anybody by
//! default, and a stranger sees what is published. What is granted for a time ends with it.
//!
//! **Deliberately absent.** How a caller proved who it is; that is for `identity` to say.

pub mod page;
pub mod policy;
pub mod table;

use chrono::{DateTime, Utc};

use crate::domain::{access as domain, terms::Label};

/// What somebody is to the programme.
pub type Role = domain::Role;
/// Over which experiments.
pub type Reach = domain::Reach;
/// A role over some experiments.
pub type Grant = domain::Grant;

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

    /// Whoever asks without proving who it is: nothing was granted to it. `name` is a name for all
    /// such.
    #[must_use]
    pub const fn stranger(name: Label) -> Self {
        Self {
            actor: name,
            grants: Vec::new(),
            until: None,
        }
    }

    /// Whether it says who may do what.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        let mut grants = self.grants.iter();
        grants.any(|grant| grant.role == Role::Administrator && grant.over == Reach::Programme)
    }
}
