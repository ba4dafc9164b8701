//! Carrying out what a file tells: session by session, item by item, each wholly or not at all.
//!
//! What the notebook tells already is left as it is, on whatever source it tells it: the same file
//! twice, or a longer one, records nothing twice. What is refused is told with the rows it came
//! from. A run that was cut short goes on when it is run again, under the same command ids. Once all
//! of it is dealt with, the import itself is recorded: which file it was, and what came of its rows.
//! All that an import writes bears its identity as the correlation id.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::{CommandError, Commands, Request};
use crate::{
    domain::{
        entry::{self, Command, Entry},
        event::{Event, Fact, Recorded, Saying, Source},
        import::{ImportBatch, ImportEvent},
        refusal::Refusal,
        session::SessionRef,
        terms::{CommandId, EventId, ImportId, Label, Position, SessionId, Validity},
        world::World,
    },
    import::{Done, Item, Reading, Tally},
    limits::IMPORT_SESSIONS_AT_ONCE,
};

/// In whose name a file is imported, and when.
#[derive(Debug, Clone)]
pub struct Importing {
    /// What the file is to be remembered by: the source of all that it records. Where nothing is
    /// said, its hash: never its name, in which somebody may be named.
    pub source: Option<Label>,
    /// Whether it was invented.
    pub synthetic: bool,
    /// Who asks.
    pub actor: Label,
    /// The day of the import.
    pub on: NaiveDate,
}

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
    /// Of those that were already so, so many an earlier run of the same import recorded.
    pub earlier: u32,
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
    Already { by_itself: bool },
    Refused(Refusal),
}

impl Fate {
    /// `by_itself`: an earlier run of the same import recorded something of it.
    const fn of(new: bool, by_itself: bool) -> Self {
        if new {
            Self::New
        } else {
            Self::Already { by_itself }
        }
    }
}

impl Commands {
    /// Carries out what a file tells and records the import itself, of which what is refused
    /// becomes a reject; or, where it is a rehearsal, decides all of it and writes nothing. `done`
    /// is told each time an item is dealt with.
    ///
    /// # Errors
    /// The [`CommandError`] for which it could not go on: what was carried out until then is so,
    /// and the same file again goes on from there.
    pub async fn import_file(
        &self,
        reading: &mut Reading,
        asked: &Importing,
        rehearsal: bool,
        done: &(dyn Fn() + Sync),
    ) -> Result<Done, CommandError> {
        let label = match &asked.source {
            Some(label) => label.clone(),
            None => Label::try_new(&format!(
                "Tableau importé (sha256 {})",
                reading.sha256.short()
            ))?,
        };
        let source = Source {
            label,
            dated: None,
            url: None,
        };
        let batch = Batch {
            import: reading.import(),
            items: &reading.items,
            source: source.clone(),
            synthetic: asked.synthetic,
            actor: asked.actor.clone(),
        };
        let carried = self.import(&batch, rehearsal, done).await?;
        let tally = carried.tally;
        reading.refuse(carried.refused);
        if rehearsal {
            return Ok(Done::Rehearsed(tally));
        }
        let noted = reading.batch(
            tally.recorded.saturating_add(carried.earlier),
            tally.already.saturating_sub(carried.earlier),
        )?;
        let saying = Saying {
            valid: Validity::from(asked.on),
            source,
            synthetic: asked.synthetic,
            corrects: None,
        };
        let batch = self.note(noted, saying, &asked.actor).await?;
        Ok(Done::Recorded { tally, batch })
    }

    /// Records that a file was imported, once: where it is recorded.
    async fn note(
        &self,
        noted: ImportBatch,
        saying: Saying,
        actor: &Label,
    ) -> Result<Position, CommandError> {
        let import = noted.id();
        let command_id = CommandId(Uuid::new_v5(&import.0, b"batch"));
        // What it came to at first stands, whatever it comes to now.
        if let Some((appended, _)) = self.log.command(command_id.0).await? {
            return Ok(appended.last());
        }
        let request = Request {
            command_id,
            actor: actor.clone(),
            expected_version: None,
            entry: Entry {
                saying,
                command: Command::Import(import, ImportEvent::Recorded(noted)),
            },
        };
        match self.execute_within(request, import.0).await {
            Ok(outcome) => Ok(outcome.position),
            // The same file came to its end twice at once.
            Err(CommandError::CommandReused) => {
                let first = self.log.command(command_id.0).await?;
                first.map_or(Err(CommandError::CommandReused), |(appended, _)| {
                    Ok(appended.last())
                })
            }
            Err(error) => Err(error),
        }
    }

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
                    Fate::Already { by_itself } => {
                        carried.tally.already = carried.tally.already.saturating_add(1);
                        carried.earlier = carried.earlier.saturating_add(by_itself.into());
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
        let (mut new, mut by_itself) = (false, false);
        for (command, entry) in &told.entries {
            let written = self.log.command(command.0).await?.is_some();
            by_itself |= written;
            if written || tells(&world, entry) {
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
        Ok((world, Fate::of(new, by_itself)))
    }

    /// Writes an item of which every part was found to be right.
    async fn written(&self, batch: &Batch<'_>, told: &Told) -> Result<Fate, CommandError> {
        let head = self.log.head().position;
        let (mut new, mut by_itself) = (false, false);
        for (command_id, entry) in &told.entries {
            let subject = entry.command.subject();
            let (world, _) = self.load(entry).await?;
            if tells(&world, entry) {
                by_itself |= self.log.command(command_id.0).await?.is_some();
                continue;
            }
            let request = Request {
                command_id: *command_id,
                actor: batch.actor.clone(),
                expected_version: None,
                entry: entry.clone(),
            };
            match self.execute_within(request, batch.import.0).await {
                Ok(outcome) => new |= outcome.written.iter().any(|position| *position > head),
                Err(CommandError::Refused(refusal)) => {
                    tracing::debug!(%subject, %refusal, "an item was overtaken");
                    return Ok(Fate::Refused(refusal));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Fate::of(new, by_itself))
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

/// Whether the same was recorded before, on whatever source, and whatever became of it since: what was
/// retracted, or corrected, is not brought back by a file that still says it.
fn tells(world: &World, entry: &Entry) -> bool {
    let Command::Session(session, asked) = &entry.command else {
        return false;
    };
    let journal = world.journal(SessionId::from(*session).into());
    journal.iter().any(|known| {
        let said = &known.fact.event;
        matches!(said, Event::Session(_, said) if said == asked)
    })
}
