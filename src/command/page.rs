//! Pages: many entries decided one after the other and written in one batch, those that are
//! refused left out. What a spreadsheet says of a session is a page.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{CommandError, Commands, Outcome, outcome};
use crate::{
    domain::{
        entry::{self, Entry},
        event::{Fact, Recorded, StreamId},
        refusal::Refusal,
        terms::{CommandId, EventId, Label, Position},
        world::World,
    },
    limits::{COMMAND_EVENTS_MAX, COMMAND_RETRIES_MAX},
    log::{Append, Appended, Guard, LogError, record::first_half, stored},
};

/// Entries to be written together, by whom, under which identity.
#[derive(Debug, Clone)]
pub struct Page {
    /// The idempotency key of the whole.
    pub command_id: CommandId,
    /// Who asks.
    pub actor: Label,
    /// The entries, in the order they are decided, [`COMMAND_EVENTS_MAX`] at most.
    pub entries: Vec<Entry>,
}

/// What came of one entry of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is recorded.
    Recorded,
    /// It was already so.
    Already,
    /// The rules refuse it.
    Refused(Refusal),
}

/// What came of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What it wrote.
    pub outcome: Outcome,
    /// What came of each entry, in their order.
    pub verdicts: Vec<Verdict>,
}

/// A page as it was decided.
pub(super) struct Decided {
    pub(super) facts: Vec<Fact>,
    pub(super) verdicts: Vec<Verdict>,
    versions: BTreeMap<StreamId, u64>,
}

impl Commands {
    /// Decides what would come of each entry of a page, and writes nothing.
    ///
    /// # Errors
    /// [`CommandError::ReadOnly`], [`CommandError::TooLarge`] or [`CommandError::Log`].
    pub async fn rehearse(&self, page: &Page) -> Result<Vec<Verdict>, CommandError> {
        self.check(page)?;
        Ok(self.decide_page(page).await?.verdicts)
    }

    /// Writes what can be written of a page, in one batch: all of it or, if something fails,
    /// nothing. Asked again, it is answered that everything is already so.
    ///
    /// # Errors
    /// The [`CommandError`] that says why nothing was written; a refused entry is none.
    pub async fn write_page(&self, page: &Page) -> Result<Written, CommandError> {
        self.check(page)?;
        let fingerprint = fingerprint(&page.entries)?;
        let Some(first) = page.entries.first() else {
            return Ok(self.nothing(Vec::new()));
        };
        let _turn = self.turn(first.command.subject()).lock().await;
        for _ in 0..COMMAND_RETRIES_MAX {
            let earlier = self.earlier(page.command_id, fingerprint).await?;
            let decided = self.decide_page(page).await?;
            if let Some(outcome) = earlier {
                let verdicts = decided.verdicts;
                return Ok(Written { outcome, verdicts });
            }
            if decided.facts.is_empty() {
                return Ok(self.nothing(decided.verdicts));
            }
            let verdicts = decided.verdicts.clone();
            if let Some(appended) = self.append_page(page, fingerprint, decided).await? {
                let outcome = outcome(appended);
                return Ok(Written { outcome, verdicts });
            }
        }
        Err(CommandError::Contended)
    }

    /// Appends what was decided; nothing where it no longer holds.
    pub(super) async fn append_page(
        &self,
        page: &Page,
        fingerprint: [u8; 16],
        decided: Decided,
    ) -> Result<Option<Appended>, CommandError> {
        let records = decided
            .facts
            .iter()
            .map(|fact| stored::encode(fact, &page.actor))
            .collect::<Result<_, _>>()?;
        let append = Append {
            command_id: page.command_id.0,
            fingerprint,
            correlation_id: page.command_id.0,
            causation: None,
            guards: guards(decided.versions),
            records,
        };
        self.try_append(append).await
    }

    pub(super) fn check(&self, page: &Page) -> Result<(), CommandError> {
        if page.entries.len() > COMMAND_EVENTS_MAX {
            let why = format!(
                "{} entries, {COMMAND_EVENTS_MAX} at most",
                page.entries.len()
            );
            return Err(CommandError::TooLarge(why));
        }
        match self.log.read_only() {
            Some(why) => Err(CommandError::ReadOnly(why)),
            None => Ok(()),
        }
    }

    fn nothing(&self, verdicts: Vec<Verdict>) -> Written {
        let outcome = Outcome {
            position: self.log.head().position,
            written: Vec::new(),
        };
        Written { outcome, verdicts }
    }

    /// Decides one entry after the other, each on what the ones before it will have made so.
    pub(super) async fn decide_page(&self, page: &Page) -> Result<Decided, CommandError> {
        let mut world = World::default();
        let mut versions = BTreeMap::new();
        let mut ends = BTreeMap::new();
        let mut decided = Decided {
            facts: Vec::new(),
            verdicts: Vec::new(),
            versions: BTreeMap::new(),
        };
        let head = self.log.head().position;
        for entry in &page.entries {
            self.load_into(&mut world, &mut versions, entry).await?;
            let verdict = match entry::decide(&world, entry, head) {
                Err(refusal) => Verdict::Refused(refusal),
                Ok(facts) if facts.is_empty() => Verdict::Already,
                Ok(facts) => {
                    for fact in facts {
                        let subject = fact.event.stream();
                        let end = ends
                            .entry(subject)
                            .or_insert_with(|| versions.get(&subject).copied().unwrap_or_default());
                        *end += 1;
                        let place = head.0 + 1 + decided.facts.len() as u64;
                        world.apply(Recorded {
                            position: Position(place),
                            place: Position(place),
                            version: *end,
                            event_id: EventId(page.command_id.0),
                            recorded_at: chrono::DateTime::UNIX_EPOCH,
                            actor: page.actor.clone(),
                            fact: fact.clone(),
                        });
                        decided.facts.push(fact);
                    }
                    Verdict::Recorded
                }
            };
            decided.verdicts.push(verdict);
        }
        decided.versions = versions;
        Ok(decided)
    }
}

pub(super) fn guards(versions: BTreeMap<StreamId, u64>) -> Vec<Guard> {
    let guards = versions.into_iter();
    guards
        .map(|(stream, version)| Guard {
            stream: stream.to_string(),
            version,
        })
        .collect()
}

fn fingerprint(entries: &[Entry]) -> Result<[u8; 16], CommandError> {
    let bytes = serde_json::to_vec(entries).map_err(|error| LogError::Unreadable {
        position: None,
        why: error.to_string(),
    })?;
    Ok(first_half(&Sha256::digest(bytes).into()))
}
