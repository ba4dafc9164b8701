//! Who may do what, in memory: looked up at every request, read anew only once something changed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::{
    access::Grant,
    domain::{
        access::{holder::Who, token::Issue},
        terms::{FileHash, Position, TokenId},
    },
    read::{Found, access::Standing},
};

/// A grant, and its end.
type Held = (Grant, Option<DateTime<Utc>>);

/// Who may do what.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// The position up to which it holds everything; none before anything was read.
    pub(super) position: Option<Position>,
    /// Whether nothing was ever granted to anybody, nor revoked.
    pub(super) untouched: bool,
    /// The tokens that are not revoked, by their hash.
    tokens: BTreeMap<FileHash, (TokenId, Issue)>,
    /// What is granted, with its end.
    holders: BTreeMap<Who, Vec<Held>>,
}

impl From<Standing> for Snapshot {
    fn from(standing: Standing) -> Self {
        let untouched = standing.tokens.is_empty() && standing.holders.is_empty();
        let tokens = standing.tokens.iter().filter_map(|Found { id, state }| {
            let issue = &state.issued.as_ref()?.what;
            let stands = state.revoked.is_none();
            stands.then(|| (issue.hash.clone(), (*id, issue.clone())))
        });
        let holders = standing.holders.iter().filter_map(|Found { state, .. }| {
            let held = state.grants.iter().map(|known| &known.what);
            let held = held.map(|held| (held.grant.clone(), held.expires));
            Some((state.who.clone()?, held.collect()))
        });
        Self {
            position: Some(standing.position),
            untouched,
            tokens: tokens.collect(),
            holders: holders.collect(),
        }
    }
}

/// What somebody may, and until when.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) grants: BTreeSet<Grant>,
    /// When the first of it ends.
    pub(super) until: Option<DateTime<Utc>>,
}

impl Snapshot {
    /// The token of a hash, unless it is revoked or at its end. The clock is asked only where there
    /// is an end.
    pub(super) fn token(
        &self,
        hash: &FileHash,
        now: impl FnOnce() -> DateTime<Utc>,
    ) -> Option<(TokenId, &Issue)> {
        let (id, issue) = self.tokens.get(hash)?;
        let ended = issue.expires.is_some_and(|expires| expires <= now());
        (!ended).then_some((*id, issue))
    }

    /// All that some holders may at an instant.
    pub(super) fn granted<'a>(
        &self,
        whose: impl IntoIterator<Item = &'a Who>,
        now: DateTime<Utc>,
    ) -> Granted {
        let held = whose.into_iter().filter_map(|who| self.holders.get(who));
        let mut granted = Granted::default();
        for (grant, expires) in held.flatten() {
            if expires.is_none_or(|expires| now < expires) {
                granted.grants.insert(grant.clone());
                granted.until = granted.until.into_iter().chain(*expires).min();
            }
        }
        granted
    }
}
