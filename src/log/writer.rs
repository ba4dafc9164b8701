//! The one writer: a thread that takes what is queued, checks each command's id and guards, gives
//! positions, writes one atomic durable batch, and only then answers and publishes the new head.
//!
//! **Invariants.** Nothing is answered before its batch is durable, refusals included: who lost
//! against a command of the same batch must find that command when reading again. After a failed
//! write the state below is not known, so the writer takes no more: it answers
//! [`AppendError::ReadOnly`] until the log is opened again.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::{
    Append, AppendError, Appended, Head, LogError,
    record::{Record, event_id},
};
use crate::{
    clock::Clock,
    domain::terms::Position,
    limits::{COMMAND_EVENTS_MAX, LOG_BATCH_EVENTS},
};

/// What a store below must do for the writer.
pub(super) trait Store: Send + 'static {
    /// The version of a stream, 0 if it has none.
    fn stream_version(&self, stream: &str) -> Result<u64, LogError>;
    /// What a command wrote.
    fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError>;
    /// Writes a batch, atomically and durably.
    fn commit(&mut self, batch: &[Prepared], head: Head) -> Result<(), LogError>;
}

/// A record with its place, as it is to lie in the store.
#[derive(Debug)]
pub(super) struct Prepared {
    /// Its place.
    pub position: Position,
    /// Its stream.
    pub stream: String,
    /// Its place in the stream.
    pub stream_version: u64,
    /// Its command, with how many events that made and its fingerprint.
    pub command: (Uuid, u16, [u8; 16]),
    /// Whether it is its command's first event.
    pub first: bool,
    /// The whole framed record.
    pub bytes: Vec<u8>,
}

/// Where the answer to a command goes.
type Answer = oneshot::Sender<Result<Appended, AppendError>>;

/// A command on its way to the writer.
pub(super) struct Job {
    /// What it appends.
    pub append: Append,
    /// Where the answer goes.
    pub answer: Answer,
    /// When it was sent.
    pub begun: Instant,
}

/// What the writer knows of the log's end.
pub(super) struct Writer<S> {
    store: S,
    clock: Arc<dyn Clock>,
    head: Head,
    last_recorded_at: DateTime<Utc>,
    published: watch::Sender<Head>,
    /// Why the writer takes no more, once it does not.
    broken: watch::Sender<Option<String>>,
}

/// A batch being gathered.
struct Batch {
    records: Vec<Prepared>,
    head: Head,
    last_recorded_at: DateTime<Utc>,
    streams: HashMap<String, u64>,
    commands: HashMap<Uuid, (Appended, [u8; 16])>,
    waiting: Vec<(Answer, Result<Appended, AppendError>, Instant)>,
}

impl<S: Store> Writer<S> {
    pub(super) fn new(
        store: S,
        clock: Arc<dyn Clock>,
        head: Head,
        last_recorded_at: DateTime<Utc>,
        published: watch::Sender<Head>,
    ) -> Self {
        Self {
            store,
            clock,
            head,
            last_recorded_at,
            published,
            broken: watch::channel(None).0,
        }
    }

    /// Why the writer takes no more, as soon as it does not.
    pub(super) fn watch_broken(&self) -> watch::Receiver<Option<String>> {
        self.broken.subscribe()
    }

    /// Serves until every sender is gone.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        while let Some(job) = queue.blocking_recv() {
            let mut batch = Batch {
                records: Vec::new(),
                head: self.head,
                last_recorded_at: self.last_recorded_at,
                streams: HashMap::new(),
                commands: HashMap::new(),
                waiting: Vec::new(),
            };
            self.take(job, &mut batch);
            while batch.records.len() < LOG_BATCH_EVENTS
                && let Ok(job) = queue.try_recv()
            {
                self.take(job, &mut batch);
            }
            self.commit(batch);
        }
    }

    fn take(&self, job: Job, batch: &mut Batch) {
        let begun = job.begun;
        let result = self.prepare(&job.append, batch);
        batch.waiting.push((job.answer, result, begun));
    }

    /// Checks a command and adds its records to the batch; on an error the batch is as before.
    fn prepare(&self, append: &Append, batch: &mut Batch) -> Result<Appended, AppendError> {
        if let Some(why) = self.broken.borrow().as_ref() {
            return Err(AppendError::ReadOnly(why.clone()));
        }
        let known = match batch.commands.get(&append.command_id) {
            Some(known) => Some(*known),
            None => self.store.command(append.command_id)?,
        };
        if let Some((appended, fingerprint)) = known {
            return if fingerprint == append.fingerprint {
                Ok(Appended {
                    repeated: true,
                    ..appended
                })
            } else {
                Err(AppendError::CommandReused)
            };
        }
        let count = count(append)?;
        for guard in &append.guards {
            let actual = self.version(batch, &guard.stream)?;
            if actual != guard.version {
                return Err(AppendError::Conflict {
                    stream: guard.stream.clone(),
                    expected: guard.version,
                    actual,
                });
            }
        }

        // Recorded-at never steps back, whatever the machine's clock does.
        let recorded_at = self.clock.now().max(batch.last_recorded_at);
        let first = batch.head.position.next();
        let mut head = batch.head;
        let mut streams: HashMap<&str, u64> = HashMap::new();
        let mut prepared = Vec::with_capacity(append.records.len());
        for (index, new) in (0..count).zip(&append.records) {
            let version = match streams.get(new.stream.as_str()) {
                Some(version) => *version,
                None => self.version(batch, &new.stream)?,
            } + 1;
            let record = Record {
                position: head.position.next(),
                stream: new.stream.clone(),
                stream_version: version,
                tag: new.tag.to_owned(),
                event_id: event_id(append.command_id, index),
                command_id: append.command_id,
                command_index: index,
                command_count: count,
                correlation_id: append.correlation_id,
                causation: append.causation,
                fingerprint: append.fingerprint,
                recorded_at,
                corrects: new.corrects,
                previous: head.hash,
                meta: new.meta.clone(),
                payload: new.payload.clone(),
            };
            let mut bytes = Vec::new();
            let hash = record
                .encode(&mut bytes)
                .map_err(|error| AppendError::DoesNotFit(error.to_string()))?;
            head = Head {
                position: record.position,
                hash,
            };
            streams.insert(&new.stream, version);
            prepared.push(Prepared {
                position: record.position,
                stream: record.stream,
                stream_version: version,
                command: (append.command_id, count, append.fingerprint),
                first: index == 0,
                bytes,
            });
        }
        let appended = Appended {
            first,
            count,
            repeated: false,
        };
        batch
            .streams
            .extend(streams.into_iter().map(|(name, v)| (name.to_owned(), v)));
        batch
            .commands
            .insert(append.command_id, (appended, append.fingerprint));
        batch.records.append(&mut prepared);
        batch.head = head;
        batch.last_recorded_at = recorded_at;
        Ok(appended)
    }

    fn version(&self, batch: &Batch, stream: &str) -> Result<u64, LogError> {
        match batch.streams.get(stream) {
            Some(version) => Ok(*version),
            None => self.store.stream_version(stream),
        }
    }

    fn commit(&mut self, batch: Batch) {
        if !batch.records.is_empty() {
            if let Err(error) = self.store.commit(&batch.records, batch.head) {
                tracing::error!(%error, "the log could not be written and takes no more writes");
                self.broken.send_replace(Some(error.to_string()));
                metrics::gauge!("carnet_log_read_only").set(1.0);
                for (sender, ..) in batch.waiting {
                    answer(sender, Err(AppendError::ReadOnly(error.to_string())));
                }
                return;
            }
            metrics::counter!("carnet_log_batches_total").increment(1);
            metrics::counter!("carnet_log_events_total").increment(batch.records.len() as u64);
            self.head = batch.head;
            self.last_recorded_at = batch.last_recorded_at;
            self.published.send_replace(batch.head);
        }
        for (sender, result, begun) in batch.waiting {
            if result.is_ok() {
                metrics::histogram!("carnet_log_append_seconds").record(elapsed(begun));
            }
            answer(sender, result);
        }
    }
}

/// How many events a command has; refuses a number or a stream that does not fit.
fn count(append: &Append) -> Result<u16, AppendError> {
    // A name that is empty or holds a zero byte would blur the keys of the streams.
    if let Some(new) = append
        .records
        .iter()
        .find(|new| new.stream.is_empty() || new.stream.contains('\0'))
    {
        let why = format!("{:?} is no name for a stream", new.stream);
        return Err(AppendError::DoesNotFit(why));
    }
    u16::try_from(append.records.len())
        .ok()
        .filter(|count| (1..=COMMAND_EVENTS_MAX).contains(&usize::from(*count)))
        .ok_or_else(|| {
            AppendError::DoesNotFit(format!(
                "{} events, 1 to {COMMAND_EVENTS_MAX} are taken",
                append.records.len()
            ))
        })
}

/// A sender that has gone away has no use for its answer; what it wrote stays written.
fn answer(sender: Answer, result: Result<Appended, AppendError>) {
    let _gone = sender.send(result);
}

#[expect(
    clippy::disallowed_methods,
    reason = "a stopwatch for a metric, no fact depends on it"
)]
pub(super) fn started() -> Instant {
    Instant::now()
}

fn elapsed(begun: Instant) -> Duration {
    begun.elapsed()
}

#[cfg(test)]
mod tests;
