//! The one writer: a thread that takes what is queued, checks each command's id and guards, gives
//! positions, writes one atomic durable batch, and only then answers and publishes the new head.
//!
//! **Invariants.** Nothing is answered before its batch is durable, refusals included: who lost
//! against a command of the same batch must find that command when reading again. After a failed
//! write the state below is not known, so the writer takes no more: it answers
//! [`AppendError::ReadOnly`] until the store has been opened again and read from its beginning.

use std::{
    collections::HashMap,
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::{
    Append, AppendError, Appended, Head, LogError,
    record::{Record, RecordError, View, event_id},
};
use crate::{
    clock::Clock,
    domain::terms::Position,
    fault,
    limits::{COMMAND_EVENTS_MAX, LOG_BATCH_EVENTS},
};

/// What a store below must do for the writer.
pub(super) trait Store: Send + 'static {
    /// The version of a stream, 0 if it has none.
    fn stream_version(&self, stream: &str) -> Result<u64, LogError>;
    /// What a command wrote.
    fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError>;
    /// Writes a batch, atomically and durably.
    fn commit(&mut self, batch: &Batch) -> Result<(), LogError>;
    /// Why it should not be written to just now, though it could be.
    fn short(&self) -> Option<String>;
    /// Opens again what a failed write left in a state that is not known; answers its end.
    fn reopen(&mut self) -> Result<End, LogError>;
}

/// The end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// Its head.
    pub head: Head,
    /// When the last record was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// What a batch of a few dozen records needs; a larger one grows.
const BATCH_BYTES: usize = 32 * 1024;

/// Records with their places, as they are to lie in the store.
#[derive(Debug)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// Where each frame ends.
    ends: Vec<usize>,
    before: Head,
    end: End,
    streams: HashMap<String, u64>,
    commands: HashMap<Uuid, (Appended, [u8; 16])>,
}

impl Batch {
    fn new(after: End) -> Self {
        Self {
            bytes: Vec::with_capacity(BATCH_BYTES),
            ends: Vec::new(),
            before: after.head,
            end: after,
            streams: HashMap::new(),
            commands: HashMap::new(),
        }
    }

    /// A batch of records that are there, to be written elsewhere.
    pub(super) fn copy(before: Head) -> Self {
        Self::new(End {
            head: before,
            recorded_at: DateTime::<Utc>::MIN_UTC,
        })
    }

    /// Adds a frame that follows.
    pub(super) fn push(&mut self, frame: &[u8], head: Head) {
        self.bytes.extend_from_slice(frame);
        self.ends.push(self.bytes.len());
        self.end.head = head;
    }

    /// All but its last record, under the same head: what a suite must find.
    pub(super) fn without_last(&self) -> Self {
        let kept = self.ends.len().saturating_sub(1);
        let ends = self.ends.get(..kept).unwrap_or_default().to_vec();
        let to = ends.last().copied().unwrap_or_default();
        Self {
            bytes: self.slice(0..to).to_vec(),
            ends,
            before: self.before,
            end: self.end,
            streams: HashMap::new(),
            commands: HashMap::new(),
        }
    }

    /// The head before it.
    pub(super) fn before(&self) -> Head {
        self.before
    }

    /// The head after it.
    pub(super) fn head(&self) -> Head {
        self.end.head
    }

    /// How many records it has.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All frames, one after the other.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Each frame, read.
    pub(super) fn views(&self) -> impl Iterator<Item = Result<View<'_>, RecordError>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ends = self.ends.iter().copied();
        starts
            .zip(ends)
            .map(|(start, end)| View::decode(self.slice(start..end)))
    }

    /// The position of each frame, and where it ends.
    pub(super) fn ends(&self) -> impl Iterator<Item = (Position, usize)> {
        let first = self.before.position.next().0;
        (first..).map(Position).zip(self.ends.iter().copied())
    }

    /// Part of the frames.
    pub(super) fn slice(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }
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

/// What reaches the writer.
pub(super) enum Message {
    /// A command.
    Append(Job),
    /// Time to look whether a log that takes no writes can take them again.
    Look,
}

/// The writer, and what it knows of the log's end.
pub(super) struct Writer<S> {
    store: S,
    clock: Arc<dyn Clock>,
    end: End,
    published: watch::Sender<Head>,
    /// Why the writer takes no more, while it does not.
    broken: watch::Sender<Option<String>>,
    /// Whether the store must be opened again first.
    failed: bool,
    /// How long commands took.
    took: metrics::Histogram,
}

/// Those who wait for a batch.
type Waiting = Vec<(Answer, Result<Appended, AppendError>, Instant)>;

impl<S: Store> Writer<S> {
    pub(super) fn new(
        store: S,
        clock: Arc<dyn Clock>,
        end: End,
        published: watch::Sender<Head>,
        failed: Option<String>,
    ) -> Self {
        let writer = Self {
            store,
            clock,
            end,
            published,
            failed: failed.is_some(),
            broken: watch::channel(None).0,
            took: metrics::histogram!("carnet_log_append_seconds"),
        };
        writer.tell(failed);
        writer
    }

    /// Why the writer takes no more, while it does not.
    pub(super) fn watch_broken(&self) -> watch::Receiver<Option<String>> {
        self.broken.subscribe()
    }

    /// Serves until every sender is gone.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Message>) {
        while let Some(message) = queue.blocking_recv() {
            self.look();
            let Message::Append(job) = message else {
                continue;
            };
            let mut batch = Batch::new(self.end);
            let mut waiting = Waiting::new();
            self.take(job, &mut batch, &mut waiting);
            while batch.len() < LOG_BATCH_EVENTS
                && let Ok(message) = queue.try_recv()
            {
                if let Message::Append(job) = message {
                    self.take(job, &mut batch, &mut waiting);
                }
            }
            self.commit(&batch, waiting);
        }
    }

    /// Sees whether the log can be written to, and makes it so again if it can be.
    fn look(&mut self) {
        if let Some(why) = self.store.short() {
            return self.tell(Some(why));
        }
        if !self.failed {
            return self.tell(None);
        }
        match self.store.reopen() {
            Ok(end) => {
                self.failed = false;
                self.end = end;
                self.published.send_replace(end.head);
                self.tell(None);
            }
            Err(error) => self.tell(Some(error.to_string())),
        }
    }

    /// Tells whether the log takes writes, if that has changed.
    fn tell(&self, why: Option<String>) {
        let changed = self.broken.send_if_modified(|broken| {
            let changed = broken.is_some() != why.is_some();
            broken.clone_from(&why);
            changed
        });
        if !changed {
            return;
        }
        metrics::gauge!("carnet_log_read_only").set(f64::from(u8::from(why.is_some())));
        if let Some(why) = why {
            tracing::error!(why, "the log takes no writes");
        } else {
            tracing::warn!("the log takes writes again");
        }
    }

    fn take(&self, job: Job, batch: &mut Batch, waiting: &mut Waiting) {
        let begun = job.begun;
        let result = self.prepare(job.append, batch);
        waiting.push((job.answer, result, begun));
    }

    /// Checks a command and adds its records to the batch; on an error the batch is as before.
    fn prepare(&self, append: Append, batch: &mut Batch) -> Result<Appended, AppendError> {
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
        let count = count(&append)?;
        for guard in &append.guards {
            let actual = self.version(batch, &guard.stream)?;
            if actual != guard.version && !fault::bug("ignore-guard") {
                return Err(AppendError::Conflict {
                    stream: guard.stream.clone(),
                    expected: guard.version,
                    actual,
                });
            }
        }

        let undo = (batch.bytes.len(), batch.ends.len());
        let (command_id, fingerprint) = (append.command_id, append.fingerprint);
        let (end, streams) = self.encode(append, count, batch).inspect_err(|_| {
            batch.bytes.truncate(undo.0);
            batch.ends.truncate(undo.1);
        })?;
        let appended = Appended {
            first: batch.end.head.position.next(),
            count,
            repeated: false,
        };
        batch.streams.extend(streams);
        batch.commands.insert(command_id, (appended, fingerprint));
        batch.end = end;
        Ok(appended)
    }

    /// Adds a command's frames to the batch; answers the end after them, and the versions of the
    /// streams they belong to.
    fn encode(
        &self,
        append: Append,
        count: u16,
        batch: &mut Batch,
    ) -> Result<(End, Vec<(String, u64)>), AppendError> {
        // Recorded-at never steps back, whatever the machine's clock does.
        let recorded_at = self.clock.now().max(batch.end.recorded_at);
        let mut head = batch.end.head;
        let mut streams: Vec<(String, u64)> = Vec::new();
        for (index, new) in (0..count).zip(append.records) {
            let known = streams.iter().position(|(name, _)| *name == new.stream);
            let version = match known.and_then(|known| streams.get(known)) {
                Some((_, version)) => *version,
                None => self.version(batch, &new.stream)?,
            } + 1;
            let record = Record {
                position: head.position.next(),
                stream: new.stream,
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
                meta: new.meta,
                payload: new.payload,
            };
            let hash = record
                .encode(&mut batch.bytes)
                .map_err(|error| AppendError::DoesNotFit(error.to_string()))?;
            batch.ends.push(batch.bytes.len());
            head = Head {
                position: record.position,
                hash,
            };
            match known.and_then(|known| streams.get_mut(known)) {
                Some((_, last)) => *last = version,
                None => streams.push((record.stream, version)),
            }
        }
        Ok((End { head, recorded_at }, streams))
    }

    fn version(&self, batch: &Batch, stream: &str) -> Result<u64, LogError> {
        match batch.streams.get(stream) {
            Some(version) => Ok(*version),
            None => self.store.stream_version(stream),
        }
    }

    fn commit(&mut self, batch: &Batch, waiting: Waiting) {
        if batch.len() > 0 {
            fault::point("before-batch");
            if let Err(error) = self.store.commit(batch) {
                self.failed = true;
                self.tell(Some(error.to_string()));
                for (sender, ..) in waiting {
                    answer(sender, Err(AppendError::ReadOnly(error.to_string())));
                }
                return;
            }
            fault::point("between-flush-and-answer");
            metrics::counter!("carnet_log_batches_total").increment(1);
            metrics::counter!("carnet_log_events_total").increment(batch.len() as u64);
            self.end = batch.end;
            if fault::bug("reuse-position") {
                self.end.head.position = batch.before.position;
            }
            self.published.send_replace(batch.end.head);
        }
        for (sender, result, begun) in waiting {
            if result.is_ok() {
                self.took.record(elapsed(begun));
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
