//! Step 3: from an entry somebody wants to write to events in the log.
//!
//! In: a [`Request`]. Out: an [`Outcome`], or why there is none. The way: look whether the command
//! took effect before; load and fold the streams its decision reads; decide; append, guarded by
//! the versions of all of them; on a conflict, load again and decide again, a bounded number of
//! times.
//!
//! **Invariants.** What is refused leaves no trace. A repeated command answers what it answered
//! first. No decision is written that did not hold against what it read.

mod import;
mod page;
mod publish;

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{
    domain::{
        adviser::AdviserEvent,
        entry::{self, Entry},
        event::{Event, Recorded, StreamId},
        refusal::Refusal,
        terms::{
            AdviserId, CommandId, ExperimentId, Label, PermanenceId, PersonId, Position, Sealed,
        },
        world::World,
    },
    limits::{COMMAND_QUEUES, COMMAND_RETRIES_MAX, ERASURES_READ_EVENTS},
    log::{Append, AppendError, Appended, EventLog, LogError, record::first_half, stored},
};

pub use import::{Batch, Carried, Importing};
pub use page::{Page, Verdict, Written};
pub use publish::{Place, Publishing};

/// An entry, by whom, under which identity.
#[derive(Debug, Clone)]
pub struct Request {
    /// The idempotency key its sender chose.
    pub command_id: CommandId,
    /// Who asks.
    pub actor: Label,
    /// The version its sender saw of the subject it writes to, if the sender insists on it.
    pub expected_version: Option<u64>,
    /// The entry.
    pub entry: Entry,
}

/// What a command wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The position to wait for in order to read what was written; the head where nothing was.
    pub position: Position,
    /// The positions of the events it wrote; none if it was already so.
    pub written: Vec<Position>,
}

/// Why a command wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The subject is not at the version the sender saw.
    #[error("Vous avez vu la version {expected} ; la version actuelle est {actual}.")]
    VersionConflict {
        /// The version the sender saw.
        expected: u64,
        /// The version there is.
        actual: u64,
    },
    /// The command id was used before, for something else.
    #[error("Cet identifiant de commande a déjà servi pour une autre inscription.")]
    CommandReused,
    /// Others kept changing what it reads.
    #[error("D'autres inscriptions concurrentes empêchent celle-ci ; réessayez.")]
    Contended,
    /// It does not fit into the log.
    #[error("Cette inscription est trop volumineuse pour le journal.")]
    TooLarge(String),
    /// The log takes no writes.
    ///
    /// Whether this one was written is then not known: sent again under the same id once the log
    /// is open again, it is answered or written, never both.
    #[error(
        "Le journal n'accepte plus d'inscriptions pour le moment ; celle-ci n'est pas confirmée. \
         Renvoyez-la plus tard sous le même identifiant."
    )]
    ReadOnly(String),
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Carries commands out.
#[derive(Debug, Clone)]
pub struct Commands {
    log: Arc<dyn EventLog>,
    /// Commands to one subject would only ever conflict: each waits here for its turn. Nothing
    /// rests on it but time, the guards hold without it.
    turns: Arc<[Mutex<()>]>,
}

impl Commands {
    /// Carries commands out on `log`.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self {
            log,
            turns: (0..COMMAND_QUEUES).map(|_| Mutex::new(())).collect(),
        }
    }

    /// Carries one command out.
    ///
    /// # Errors
    /// The [`CommandError`] that says why nothing was written.
    pub async fn execute(&self, request: Request) -> Result<Outcome, CommandError> {
        let correlation_id = request.command_id.0;
        self.execute_within(request, correlation_id).await
    }

    /// The same, for a command that belongs together with others.
    async fn execute_within(
        &self,
        request: Request,
        correlation_id: Uuid,
    ) -> Result<Outcome, CommandError> {
        let fingerprint = fingerprint(&request.entry)?;
        if let Some(why) = self.log.read_only() {
            // A store that failed may not even be read: what it took earlier cannot be told.
            return Err(CommandError::ReadOnly(why));
        }
        let _turn = self.turn(request.entry.command.subject()).lock().await;
        for _ in 0..COMMAND_RETRIES_MAX {
            if let Some(outcome) = self.earlier(request.command_id, fingerprint).await? {
                return Ok(outcome);
            }
            let (world, guards) = self.load(&request.entry).await?;
            match self.decide(&request, &world, &guards) {
                Ok(facts) if !facts.is_empty() => {
                    let records = facts
                        .iter()
                        .map(|fact| stored::encode(fact, &request.actor))
                        .collect::<Result<_, _>>()?;
                    let append = Append {
                        command_id: request.command_id.0,
                        fingerprint,
                        correlation_id,
                        causation: None,
                        guards: page::guards(guards),
                        records,
                    };
                    if let Some(appended) = self.try_append(append).await? {
                        return Ok(outcome(appended));
                    }
                }
                decided => {
                    // The same command may have taken effect since it was looked for: then what
                    // was just decided was decided against its own effect.
                    if let Some(outcome) = self.earlier(request.command_id, fingerprint).await? {
                        return Ok(outcome);
                    }
                    decided?;
                    return Ok(Outcome {
                        position: self.log.head().position,
                        written: Vec::new(),
                    });
                }
            }
        }
        Err(CommandError::Contended)
    }

    /// The version of a subject: how many events the log holds of it, read models or not.
    ///
    /// # Errors
    /// [`CommandError::ReadOnly`] or [`CommandError::Log`].
    pub async fn version(&self, subject: StreamId) -> Result<u64, CommandError> {
        if let Some(why) = self.log.read_only() {
            return Err(CommandError::ReadOnly(why));
        }
        let records = self.log.read_stream(&subject.to_string()).await?;
        Ok(records.last().map_or(0, |record| record.stream_version))
    }

    /// The experiment that a permanence belongs to, as the log tells it, read models or not.
    ///
    /// # Errors
    /// [`CommandError::ReadOnly`] or [`CommandError::Log`].
    pub async fn experiment_of(
        &self,
        permanence: PermanenceId,
    ) -> Result<Option<ExperimentId>, CommandError> {
        let mut world = World::default();
        for recorded in self.history(StreamId::Permanence(permanence)).await? {
            world.apply(recorded);
        }
        let known = world.permanence(permanence);
        Ok(known.and_then(|permanence| permanence.experiment))
    }

    /// The subject of the event at a position; nothing beyond the log.
    ///
    /// # Errors
    /// [`CommandError::Log`].
    pub async fn subject_at(&self, position: Position) -> Result<Option<StreamId>, CommandError> {
        let Some(before) = position.0.checked_sub(1).map(Position) else {
            return Ok(None);
        };
        let records = self.log.read(before, 1).await?;
        let stream = records.first().map(|record| record.stream.parse());
        Ok(stream.and_then(Result::ok))
    }

    /// The event at a position; nothing beyond the log.
    ///
    /// # Errors
    /// [`CommandError::ReadOnly`] or [`CommandError::Log`].
    pub async fn entry_at(&self, position: Position) -> Result<Option<Recorded>, CommandError> {
        if let Some(why) = self.log.read_only() {
            return Err(CommandError::ReadOnly(why));
        }
        let Some(before) = position.0.checked_sub(1).map(Position) else {
            return Ok(None);
        };
        let records = self.log.read(before, 1).await?;
        Ok(records.first().map(stored::decode).transpose()?)
    }

    /// What an entry at a position said; where it is a retraction, what it retracted had said.
    ///
    /// # Errors
    /// [`CommandError::ReadOnly`] or [`CommandError::Log`].
    pub async fn said_at(&self, position: Position) -> Result<Option<Event>, CommandError> {
        let mut at = position;
        while let Some(Recorded { fact, .. }) = self.entry_at(at).await? {
            match (&fact.event, fact.saying.corrects) {
                // Backwards only, so that there is an end to it.
                (Event::Retracted(_), Some(retracted)) if retracted.entry < at => {
                    at = retracted.entry;
                }
                _ => return Ok(Some(fact.event)),
            }
        }
        Ok(None)
    }

    /// Every name that was ever sealed of an adviser, also those that were corrected or retracted
    /// since: the log is asked, for read models show what stands.
    ///
    /// # Errors
    /// [`CommandError::ReadOnly`] or [`CommandError::Log`].
    pub async fn names_of(&self, adviser: AdviserId) -> Result<Vec<Sealed>, CommandError> {
        let mut names = Vec::new();
        for recorded in self.history(StreamId::Adviser(adviser)).await? {
            if let Event::Adviser(_, event) = recorded.fact.event {
                names.extend(event.name().cloned());
            }
        }
        Ok(names)
    }

    /// The advisers whom the history of a subject names, also in what was corrected or retracted
    /// since: an adviser's own, and those of a session.
    ///
    /// # Errors
    /// [`CommandError::ReadOnly`] or [`CommandError::Log`].
    pub async fn advisers_in(
        &self,
        subject: StreamId,
    ) -> Result<BTreeSet<AdviserId>, CommandError> {
        let mut advisers = BTreeSet::new();
        match subject {
            StreamId::Adviser(id) => {
                advisers.insert(id);
            }
            StreamId::Session(_) => {
                for recorded in self.history(subject).await? {
                    if let Event::Session(_, event) = &recorded.fact.event {
                        advisers.extend(event.advisers());
                    }
                }
            }
            StreamId::Experiment(_)
            | StreamId::Venue(_)
            | StreamId::Permanence(_)
            | StreamId::Operator(_)
            | StreamId::Agreement(_)
            | StreamId::Cost(_)
            | StreamId::Import(_)
            | StreamId::Site(_)
            | StreamId::Report(_)
            | StreamId::Token(_)
            | StreamId::Holder(_) => {}
        }
        Ok(advisers)
    }

    /// The whole history of a subject, in the order it was recorded.
    async fn history(&self, subject: StreamId) -> Result<Vec<Recorded>, CommandError> {
        if let Some(why) = self.log.read_only() {
            return Err(CommandError::ReadOnly(why));
        }
        let records = self.log.read_stream(&subject.to_string()).await?;
        let decoded = records.iter().map(stored::decode);
        Ok(decoded.collect::<Result<_, _>>()?)
    }

    /// The last position of the log, which read models may still be on their way to.
    #[must_use]
    pub fn head(&self) -> Position {
        self.log.head().position
    }

    /// The persons whose erasure is recorded after a position. Where the log cannot be read
    /// further, those up to there, and why.
    pub async fn erased_after(&self, after: Position) -> (Vec<PersonId>, Option<LogError>) {
        let mut erased = Vec::new();
        let mut at = after;
        loop {
            let records = match self.log.read(at, ERASURES_READ_EVENTS).await {
                Ok(records) => records,
                Err(error) => return (erased, Some(error)),
            };
            let Some(last) = records.last() else {
                return (erased, None);
            };
            at = last.position;
            for record in &records {
                // Nobody is erased in another kind of stream: most records need not be decoded.
                if !record.stream.starts_with("adviser-") {
                    continue;
                }
                match stored::decode(record).map(|recorded| recorded.fact.event) {
                    Ok(Event::Adviser(key, AdviserEvent::Erased(_))) => {
                        erased.push(key.adviser.person());
                    }
                    Ok(_) => {}
                    Err(error) => return (erased, Some(error)),
                }
            }
        }
    }

    fn turn(&self, subject: StreamId) -> &Mutex<()> {
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        let queue = usize::try_from(hasher.finish()).unwrap_or_default() % self.turns.len();
        &self.turns[queue]
    }

    fn decide(
        &self,
        request: &Request,
        world: &World,
        versions: &BTreeMap<StreamId, u64>,
    ) -> Result<Vec<crate::domain::event::Fact>, CommandError> {
        let subject = request.entry.command.subject();
        let actual = versions.get(&subject).copied().unwrap_or_default();
        let facts = entry::decide(world, &request.entry, self.log.head().position);
        match request.expected_version {
            // Who saw an older state is told so before being told what follows from the newer.
            Some(expected) if expected != actual && facts.as_ref().ok() != Some(&Vec::new()) => {
                Err(CommandError::VersionConflict { expected, actual })
            }
            _ => Ok(facts?),
        }
    }

    /// What the same command answered earlier.
    async fn earlier(
        &self,
        command_id: CommandId,
        fingerprint: [u8; 16],
    ) -> Result<Option<Outcome>, CommandError> {
        match self.log.command(command_id.0).await? {
            Some((appended, known)) if known == fingerprint => Ok(Some(outcome(appended))),
            Some(_) => Err(CommandError::CommandReused),
            None => Ok(None),
        }
    }

    /// Folds every stream the decision reads, and notes their versions.
    async fn load(&self, entry: &Entry) -> Result<(World, BTreeMap<StreamId, u64>), CommandError> {
        let mut world = World::default();
        let mut versions = BTreeMap::new();
        self.load_into(&mut world, &mut versions, entry).await?;
        Ok((world, versions))
    }

    /// Folds what the decision reads beyond what is there already.
    async fn load_into(
        &self,
        world: &mut World,
        versions: &mut BTreeMap<StreamId, u64>,
        entry: &Entry,
    ) -> Result<(), CommandError> {
        while let Some(stream) = world.needs(entry) {
            let records = self.log.read_stream(&stream.to_string()).await?;
            let journal = records.iter().map(stored::decode);
            world.read(stream, journal.collect::<Result<_, _>>()?);
            let version = records.last().map_or(0, |record| record.stream_version);
            versions.insert(stream, version);
        }
        Ok(())
    }

    /// Appends; nothing where the guards say that what was decided no longer holds.
    async fn try_append(&self, append: Append) -> Result<Option<Appended>, CommandError> {
        match self.log.append(append).await {
            Ok(appended) => Ok(Some(appended)),
            Err(AppendError::Conflict { .. }) => Ok(None),
            Err(AppendError::CommandReused) => Err(CommandError::CommandReused),
            Err(AppendError::DoesNotFit(why)) => Err(CommandError::TooLarge(why)),
            Err(AppendError::ReadOnly(why)) => Err(CommandError::ReadOnly(why)),
            Err(AppendError::Log(error)) => Err(error.into()),
        }
    }
}

fn outcome(appended: Appended) -> Outcome {
    Outcome {
        position: appended.last(),
        written: (appended.first.0..=appended.last().0)
            .map(Position)
            .collect(),
    }
}

/// A digest of what is asked: the same id sent with other content is told from a repetition.
fn fingerprint(entry: &Entry) -> Result<[u8; 16], CommandError> {
    let bytes = serde_json::to_vec(&*entry.undrawn()).map_err(|error| LogError::Unreadable {
        position: None,
        why: error.to_string(),
    })?;
    Ok(first_half(&Sha256::digest(bytes).into()))
}
