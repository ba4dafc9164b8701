//! Carrying out what a file tells: session by session, item by item, each wholly or not at all.
//!
//! What the notebook tells already is left as it is, on whatever source it tells it: the same file
//! twice, or a longer one, records nothing twice. What is refused is told with the rows it came
//! from. A run that was cut short goes on when it is run again, under the same command ids.

use std::collections::BTreeMap;

use chrono::DateTime;
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::{CommandError, Commands, Request};
use crate::{
    domain::{
        entry::{self, Command, Entry},
        event::{Fact, Recorded, Saying, Source},
        refusal::Refusal,
        session::{FeedbackAnswer, Session, SessionEvent, SessionRef},
        terms::{CommandId, EventId, ImportId, Label, Position, SessionId},
        world::World,
    },
    import::{Item, Tally},
    limits::IMPORT_SESSIONS_AT_ONCE,
};

/// What is to be carried out, and in whose name.
#[derive(Debug, Clone)]
pub struct Batch<'a> {
    /// The identity of the import: what its commands are named under.
    pub import: ImportId,
    /// What the file tells.
    pub items: &'a [Item],
    /// On what source.
    pub source: Source,
    /// Whether it was invented.
    pub synthetic: bool,
    /// Who asks.
    pub actor: Label,
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Carried {
    /// So many items are new, and so many were already so.
    pub tally: Tally,
    /// The items that the rules refuse, by their place among them.
    pub refused: Vec<(usize, Refusal)>,
}

/// The events of one item, as entries.
struct Told {
    place: usize,
    entries: Vec<(CommandId, Entry)>,
}

/// What becomes of an item.
enum Fate {
    New,
    Already,
    Refused(Refusal),
}

impl Commands {
    /// Carries a batch out; or, where it is a rehearsal, decides all of it and writes nothing.
    /// `done` is told each time an item is dealt with.
    ///
    /// # Errors
    /// The [`CommandError`] for which it could not go on: what was carried out until then is so,
    /// and the same batch again goes on from there.
    pub async fn import(
        &self,
        batch: &Batch<'_>,
        rehearsal: bool,
        done: &(dyn Fn() + Sync),
    ) -> Result<Carried, CommandError> {
        let mut sessions: BTreeMap<SessionId, Vec<Told>> = BTreeMap::new();
        for (place, item) in batch.items.iter().enumerate() {
            let (permanence, date) = item.session;
            let told = sessions.entry(SessionId::of(permanence, date)).or_default();
            told.push(batch.told(place, item));
        }
        let mut carried = Carried::default();
        let mut running = stream::iter(sessions.into_values())
            .map(|told| self.session(batch, told, rehearsal, done))
            .buffer_unordered(IMPORT_SESSIONS_AT_ONCE);
        while let Some(fates) = running.next().await {
            for (place, fate) in fates? {
                match fate {
                    Fate::New => carried.tally.recorded = carried.tally.recorded.saturating_add(1),
                    Fate::Already => {
                        carried.tally.already = carried.tally.already.saturating_add(1);
                    }
                    Fate::Refused(refusal) => carried.refused.push((place, refusal)),
                }
            }
        }
        drop(running);
        carried.refused.sort_by_key(|(place, _)| *place);
        Ok(carried)
    }

    /// The items of one session, one after the other.
    async fn session(
        &self,
        batch: &Batch<'_>,
        told: Vec<Told>,
        rehearsal: bool,
        done: &(dyn Fn() + Sync),
    ) -> Result<Vec<(usize, Fate)>, CommandError> {
        let mut fates = Vec::new();
        let mut world: Option<World> = None;
        for told in told {
            let before = match world.take() {
                Some(world) => world,
                None => match told.entries.first() {
                    Some((_, entry)) => self.load(entry).await?.0,
                    None => continue,
                },
            };
            let (after, mut fate) = self.rehearsed(before, &told, &batch.actor).await?;
            world = Some(after);
            if matches!(fate, Fate::New) && !rehearsal {
                fate = self.written(batch, &told).await?;
                if matches!(fate, Fate::Refused(_)) {
                    // Somebody else was faster: what was read is no longer so.
                    world = None;
                }
            }
            fates.push((told.place, fate));
            done();
        }
        Ok(fates)
    }

    /// What would become of an item, and the world after it; the world before, where it is refused.
    async fn rehearsed(
        &self,
        before: World,
        told: &Told,
        actor: &Label,
    ) -> Result<(World, Fate), CommandError> {
        let mut world = before.clone();
        let mut new = false;
        for (command, entry) in &told.entries {
            if tells(&world, entry) || self.log.command(command.0).await?.is_some() {
                continue;
            }
            match entry::decide(&world, entry, self.log.head().position) {
                Ok(facts) => {
                    for fact in facts {
                        new = true;
                        world.apply(supposed(&world, fact, actor));
                    }
                }
                Err(refusal) => return Ok((before, Fate::Refused(refusal))),
            }
        }
        Ok((world, if new { Fate::New } else { Fate::Already }))
    }

    /// Writes an item of which every part was found to be right.
    async fn written(&self, batch: &Batch<'_>, told: &Told) -> Result<Fate, CommandError> {
        let head = self.log.head().position;
        let mut new = false;
        for (command_id, entry) in &told.entries {
            let subject = entry.command.subject();
            let (world, _) = self.load(entry).await?;
            if tells(&world, entry) {
                continue;
            }
            let request = Request {
                command_id: *command_id,
                actor: batch.actor.clone(),
                expected_version: None,
                entry: entry.clone(),
            };
            match self.execute(request).await {
                Ok(outcome) => new |= outcome.written.iter().any(|position| *position > head),
                Err(CommandError::Refused(refusal)) => {
                    tracing::debug!(%subject, %refusal, "an item was overtaken");
                    return Ok(Fate::Refused(refusal));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(if new { Fate::New } else { Fate::Already })
    }
}

impl Batch<'_> {
    fn told(&self, place: usize, item: &Item) -> Told {
        let (permanence, date) = item.session;
        let session = SessionRef { permanence, date };
        let entries = item.events.iter().map(|event| {
            let name = format!("{} {}", item.identity, event.kind());
            let command = CommandId(Uuid::new_v5(&self.import.0, name.as_bytes()));
            let entry = Entry {
                saying: Saying {
                    valid: session.valid(),
                    source: self.source.clone(),
                    synthetic: self.synthetic,
                    corrects: None,
                },
                command: Command::Session(session, event.clone()),
            };
            (command, entry)
        });
        Told {
            place,
            entries: entries.collect(),
        }
    }
}

/// A fact as if it were recorded, so that what follows it can be decided.
fn supposed(world: &World, fact: Fact, actor: &Label) -> Recorded {
    let known = world.journal(fact.event.stream());
    let (version, position) = known
        .last()
        .map_or((0, Position::START), |last| (last.version, last.position));
    Recorded {
        position: position.next(),
        place: position.next(),
        version: version.saturating_add(1),
        event_id: EventId(Uuid::nil()),
        recorded_at: DateTime::UNIX_EPOCH,
        actor: actor.clone(),
        fact,
    }
}

/// Whether the notebook tells it already, on whatever source.
fn tells(world: &World, entry: &Entry) -> bool {
    let Command::Session(session, event) = &entry.command else {
        return false;
    };
    let known = world.session(SessionId::from(*session));
    known.is_some_and(|known| says(known, event))
}

fn says(known: &Session, event: &SessionEvent) -> bool {
    match event {
        SessionEvent::Held(asked) => known.held.as_ref().is_some_and(|held| held.what == *asked),
        SessionEvent::Cancelled(asked) => {
            let cancelled = known.cancelled.as_ref();
            cancelled.is_some_and(|cancelled| cancelled.what == *asked)
        }
        SessionEvent::AppointmentBooked(asked) => known
            .appointment(asked.appointment)
            .and_then(|course| course.booked.as_ref())
            .is_some_and(|booked| booked.what == *asked),
        SessionEvent::AppointmentEnded(asked) => known
            .appointment(asked.appointment)
            .and_then(|course| course.ended.as_ref())
            .is_some_and(|ended| ended.what == *asked),
        SessionEvent::Accompanied(asked) => known
            .accompaniment(asked.accompaniment)
            .is_some_and(|accompanied| accompanied.what == *asked),
        SessionEvent::TurnedAway(asked) => known
            .turning_away(asked.turning_away)
            .is_some_and(|turned| turned.what == *asked),
        SessionEvent::FeedbackOffered(asked) => known
            .feedback(asked.feedback)
            .and_then(|course| course.offered.as_ref())
            .is_some_and(|offered| offered.what == *asked),
        SessionEvent::FeedbackReceived(asked) => {
            let course = known.feedback(asked.feedback);
            let answer = course.and_then(|course| course.answer.as_ref());
            answer.is_some_and(|answer| match answer {
                FeedbackAnswer::Received(received) => received.what == *asked,
                FeedbackAnswer::Declined(_) => false,
            })
        }
        SessionEvent::FeedbackDeclined(asked) => {
            let course = known.feedback(asked.feedback);
            let answer = course.and_then(|course| course.answer.as_ref());
            answer.is_some_and(|answer| match answer {
                FeedbackAnswer::Declined(declined) => declined.what == *asked,
                FeedbackAnswer::Received(_) => false,
            })
        }
    }
}
