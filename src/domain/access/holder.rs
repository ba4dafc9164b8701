//! A holder of grants: an account of an identity provider, or an organisation, all of whose accounts
//! then hold them. Of an account the log holds the SHA-256 of its provider and of its name there,
//! which names nobody to who does not know both. In the order Events / Fold / Decisions; what is
//! asked is the event itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{GRANTS_MAX, Grant, check_end};
use crate::domain::{
    event::{Event, Recorded, Saying, Stated},
    refusal::Refusal,
    subject::{Key, Recall},
    terms::{ExperimentId, FileHash, HolderId, Position, Siret, Words},
    world::World,
};

/// What can happen to a holder of grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HolderEvent {
    /// A role was granted to it.
    Granted(Granting),
    /// A role was revoked.
    Revoked(Withdrawal),
}

impl HolderEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Granted(_) => "role-granted",
            Self::Revoked(_) => "role-revoked",
        }
    }

    /// Of what, to whom.
    const fn whose(&self) -> (&Who, &Grant) {
        match self {
            Self::Granted(granting) => (&granting.who, &granting.grant),
            Self::Revoked(withdrawal) => (&withdrawal.who, &withdrawal.grant),
        }
    }

    /// The role that it is about.
    #[must_use]
    pub const fn grant(&self) -> &Grant {
        self.whose().1
    }
}

/// Names a holder of grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderKey {
    /// The holder.
    pub holder: HolderId,
}

impl Key for HolderKey {
    type Id = HolderId;
    fn id(self) -> HolderId {
        self.holder
    }
    fn experiment(self) -> Option<ExperimentId> {
        None
    }
}

/// Who holds grants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// One account: the SHA-256 of its provider and of its name there.
    Account(FileHash),
    /// Every account of an establishment.
    Organisation(Siret),
}

/// A role, granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granting {
    /// To whom: the holder's identity is drawn from it.
    pub who: Who,
    /// What.
    pub grant: Grant,
    /// When it ends, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<DateTime<Utc>>,
}

/// A role, revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Whose.
    pub who: Who,
    /// What.
    pub grant: Grant,
    /// Why, where somebody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Words>,
}

/// A holder of grants, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Holder {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// Who it is.
    pub who: Option<Who>,
    /// The position of its first event.
    pub since: Position,
    /// What it holds, the last word on each, in the order they were first granted.
    pub grants: Vec<Stated<Granting>>,
}

impl Recall for Holder {}

impl Holder {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, _: HolderKey, event: &HolderEvent, recorded: &Recorded) {
        let (who, grant) = event.whose();
        if self.who.is_none() {
            self.who = Some(who.clone());
            self.since = recorded.place;
        }
        let known = self
            .grants
            .iter()
            .position(|known| known.what.grant == *grant);
        match (event, known) {
            (HolderEvent::Granted(granting), Some(index)) => {
                if let Some(known) = self.grants.get_mut(index) {
                    *known = recorded.stated(granting.clone());
                }
            }
            (HolderEvent::Granted(granting), None) => {
                self.grants.push(recorded.stated(granting.clone()));
            }
            (HolderEvent::Revoked(_), Some(index)) => {
                self.grants.remove(index);
            }
            (HolderEvent::Revoked(_), None) => {}
        }
    }

    /// What it holds of a role.
    fn held(&self, grant: &Grant) -> Option<&Granting> {
        let mut held = self.grants.iter().map(|known| &known.what);
        held.find(|known| known.grant == *grant)
    }
}

/// Decides whether an event can be recorded; see [`decide`](crate::domain::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    id: HolderId,
    asked: &HolderEvent,
    saying: &Saying,
) -> Result<Option<Event>, Refusal> {
    let unknown = Holder::default();
    let known = world.holder(id).unwrap_or(&unknown);
    let (who, grant) = asked.whose();
    if HolderId::of(who) != id {
        return Err(Refusal::HolderOfAnotherIdentity);
    }
    let held = known.held(grant);
    let new = match asked {
        HolderEvent::Granted(granting) => {
            if held.is_some_and(|held| held.expires == granting.expires) {
                return Ok(None);
            }
            if held.is_none() && known.grants.len() >= GRANTS_MAX {
                return Err(Refusal::TooMany { max: GRANTS_MAX });
            }
            check_end(granting.expires, saying)?;
            grant.check(world)?;
            true
        }
        // What is not held, and never was, cannot be taken away; what was, is already.
        HolderEvent::Revoked(_) if held.is_none() => {
            let mut journal = world.journal(id.into()).iter();
            let was = journal.any(|recorded| {
                matches!(&recorded.fact.event, Event::Holder(_, event) if event.grant() == grant)
            });
            if !was {
                return Err(Refusal::NotGranted);
            }
            false
        }
        HolderEvent::Revoked(_) => true,
    };
    let key = HolderKey { holder: id };
    Ok(new.then(|| Event::Holder(key, asked.clone())))
}
