//! A service token: what a program proves itself with. The log holds its SHA-256 only, which is
//! that of 256 random bits and tells nothing of it. In the order Events / Fold / Decisions; what is
//! asked is the event itself.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{GRANTS_MAX, Grant, check_end};
use crate::domain::{
    event::{Event, Recorded, Saying, Stated},
    refusal::Refusal,
    subject::{Key, Recall},
    terms::{ExperimentId, FileHash, Position, Title, TokenId, Words},
    world::World,
};

/// What can happen to a service token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenEvent {
    /// It was issued; the validity begins on that day.
    Issued(Issue),
    /// It was revoked: from then on it proves nothing.
    Revoked(Revocation),
}

impl TokenEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Issued(_) => "service-token-issued",
            Self::Revoked(_) => "service-token-revoked",
        }
    }
}

/// Names a service token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenKey {
    /// The token.
    pub token: TokenId,
}

impl Key for TokenKey {
    type Id = TokenId;
    fn id(self) -> TokenId {
        self.token
    }
    fn experiment(self) -> Option<ExperimentId> {
        None
    }
}

/// What was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// What it is for: a program's name, never a person's.
    pub name: Title,
    /// The SHA-256 of the token.
    pub hash: FileHash,
    /// What whoever has it may do.
    pub grants: BTreeSet<Grant>,
    /// When it ends, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<DateTime<Utc>>,
}

impl Issue {
    /// Whether two issues are of the same terms, whatever token was drawn.
    fn is_like(&self, other: &Self) -> bool {
        self.name == other.name && self.grants == other.grants && self.expires == other.expires
    }

    /// What is asked, without what is drawn anew each time it is asked.
    #[must_use]
    pub fn undrawn(&self) -> Self {
        Self {
            hash: FileHash::of([0; 32]),
            ..self.clone()
        }
    }
}

/// That it was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Why, where somebody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Words>,
}

/// A service token, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// What was issued.
    pub issued: Option<Stated<Issue>>,
    /// That it was revoked.
    pub revoked: Option<Stated<Revocation>>,
}

impl Recall for Token {}

impl Token {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, _: TokenKey, event: &TokenEvent, recorded: &Recorded) {
        match event {
            TokenEvent::Issued(issue) => self.issued = Some(recorded.stated(issue.clone())),
            TokenEvent::Revoked(revocation) => {
                self.revoked = Some(recorded.stated(revocation.clone()));
            }
        }
    }

    /// What was issued, while it is neither revoked nor at its end at an instant.
    #[must_use]
    pub fn in_force(&self, now: DateTime<Utc>) -> Option<&Issue> {
        let issue = &self.issued.as_ref()?.what;
        let ended = issue.expires.is_some_and(|expires| expires <= now);
        (self.revoked.is_none() && !ended).then_some(issue)
    }
}

/// Decides whether an event can be recorded; see [`decide`](crate::domain::entry::decide). That a
/// token of the same terms is issued under the same identity again is already so: there is one, and
/// nobody is told it twice.
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    id: TokenId,
    asked: &TokenEvent,
    saying: &Saying,
) -> Result<Option<Event>, Refusal> {
    let unknown = Token::default();
    let known = world.token(id).unwrap_or(&unknown);
    let new = match asked {
        TokenEvent::Issued(issue) => issues(world, known, issue, saying)?,
        TokenEvent::Revoked(_) => {
            if known.issued.is_none() {
                return Err(Refusal::UnknownToken);
            }
            known.revoked.is_none()
        }
    };
    let key = TokenKey { token: id };
    Ok(new.then(|| Event::Token(key, asked.clone())))
}

fn issues(world: &World, known: &Token, issue: &Issue, saying: &Saying) -> Result<bool, Refusal> {
    if let Some(issued) = &known.issued {
        return if issued.what.is_like(issue) {
            Ok(false)
        } else {
            Err(Refusal::TokenAlreadyIssued)
        };
    }
    if issue.grants.is_empty() {
        return Err(Refusal::GrantsMissing);
    }
    if issue.grants.len() > GRANTS_MAX {
        return Err(Refusal::TooMany { max: GRANTS_MAX });
    }
    check_end(issue.expires, saying)?;
    issue
        .grants
        .iter()
        .try_for_each(|grant| grant.check(world))?;
    Ok(true)
}
