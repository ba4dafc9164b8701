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
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use chrono::TimeZone;

    use super::*;
    use crate::{
        clock::FixedClock,
        log::{Guard, NewRecord, record::genesis},
    };

    type Queue = (mpsc::Sender<Job>, mpsc::Receiver<Job>);
    type Waiting = oneshot::Receiver<Result<Appended, AppendError>>;
    type OnCommit = Box<dyn FnMut(&[Prepared], Head) -> Result<(), LogError> + Send>;

    /// A store in memory that does as it is told when a batch is to be written.
    struct ToldStore {
        streams: HashMap<String, u64>,
        commands: HashMap<Uuid, (Appended, [u8; 16])>,
        on_commit: OnCommit,
    }

    impl Store for ToldStore {
        fn stream_version(&self, stream: &str) -> Result<u64, LogError> {
            Ok(self.streams.get(stream).copied().unwrap_or_default())
        }

        fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
            Ok(self.commands.get(&id).copied())
        }

        fn commit(&mut self, batch: &[Prepared], head: Head) -> Result<(), LogError> {
            (self.on_commit)(batch, head)?;
            for record in batch {
                self.streams
                    .insert(record.stream.clone(), record.stream_version);
                let (id, count, fingerprint) = record.command;
                if record.first {
                    let appended = Appended {
                        first: record.position,
                        count,
                        repeated: true,
                    };
                    self.commands.insert(id, (appended, fingerprint));
                }
            }
            Ok(())
        }
    }

    /// A writer that has not begun, its queue, and its head.
    fn writer(
        on_commit: impl FnMut(&[Prepared], Head) -> Result<(), LogError> + Send + 'static,
    ) -> (Writer<ToldStore>, Queue, watch::Receiver<Head>) {
        let noon = Utc.with_ymd_and_hms(2021, 4, 27, 12, 0, 0).unwrap();
        let head = Head {
            position: Position::START,
            hash: genesis(Uuid::nil()),
        };
        let (published, watched) = watch::channel(head);
        let store = ToldStore {
            streams: HashMap::new(),
            commands: HashMap::new(),
            on_commit: Box::new(on_commit),
        };
        let clock = Arc::new(FixedClock::new(noon));
        let writer = Writer::new(store, clock, head, DateTime::<Utc>::MIN_UTC, published);
        (
            writer,
            mpsc::channel(crate::limits::LOG_QUEUE_COMMANDS_MAX),
            watched,
        )
    }

    /// Queues the `n`th command: `events` events to the stream `a`, which it read at `version`.
    fn queue(jobs: &mpsc::Sender<Job>, n: u128, version: u64, events: usize) -> Waiting {
        let (job, waiting) = job(n, version, events);
        assert!(jobs.try_send(job).is_ok());
        waiting
    }

    fn job(n: u128, version: u64, events: usize) -> (Job, Waiting) {
        let new = NewRecord {
            stream: "a".into(),
            tag: "something-happened/1",
            corrects: None,
            meta: b"{}".to_vec(),
            payload: b"{}".to_vec(),
        };
        let append = Append {
            command_id: Uuid::from_u128(n),
            fingerprint: n.to_be_bytes(),
            correlation_id: Uuid::nil(),
            causation: None,
            guards: vec![Guard {
                stream: "a".into(),
                version,
            }],
            records: vec![new; events],
        };
        let (answer, waiting) = oneshot::channel();
        (
            Job {
                append,
                answer,
                begun: started(),
            },
            waiting,
        )
    }

    fn full() -> LogError {
        LogError::Store("no space left".into())
    }

    fn read_only() -> Result<Appended, AppendError> {
        Err(AppendError::ReadOnly(full().to_string()))
    }

    /// Catches: one of those who wait in a batch acknowledged, or never answered, when the batch
    /// cannot be written; a head published all the same.
    #[test]
    fn a_failed_batch_is_acknowledged_to_nobody() {
        let (attempts, attempted) = std::sync::mpsc::channel();
        let (writer, (jobs, queued), head) = writer(move |batch, _| {
            attempts.send(batch.len()).unwrap();
            Err(full())
        });
        let empty = *head.borrow();
        let waiting = [
            queue(&jobs, 1, 0, 1),
            queue(&jobs, 2, 1, 3),
            queue(&jobs, 1, 0, 1),
            queue(&jobs, 4, 4, 1),
        ];
        drop(jobs);
        writer.run(queued);
        for answer in waiting {
            assert_eq!(answer.blocking_recv().unwrap(), read_only());
        }
        assert_eq!(*head.borrow(), empty);
        assert_eq!(attempted.iter().collect::<Vec<_>>(), [5]);
    }

    /// Catches: a writer that goes on after a failure, on a state it does not know.
    #[test]
    fn after_a_failed_batch_nothing_more_is_written() {
        let (attempts, attempted) = std::sync::mpsc::channel();
        let (writer, (jobs, queued), head) = writer(move |batch, _| {
            attempts.send(batch.len()).unwrap();
            if batch.len() == 2 {
                Err(full())
            } else {
                Ok(())
            }
        });
        let running = std::thread::spawn(move || writer.run(queued));
        let first = queue(&jobs, 1, 0, 1).blocking_recv().unwrap().unwrap();
        let good = *head.borrow();
        assert_eq!((first.last(), good.position), (Position(1), Position(1)));
        for (n, version, events) in [(2, 1, 2), (3, 1, 1), (2, 1, 2), (4, 3, 1)] {
            let answer = queue(&jobs, n, version, events).blocking_recv();
            assert_eq!(answer.unwrap(), read_only());
        }
        drop(jobs);
        running.join().unwrap();
        assert_eq!(*head.borrow(), good);
        assert_eq!(attempted.iter().collect::<Vec<_>>(), [1, 2]);
    }

    /// Catches: an answer, a refusal or a head that tells of what is not durable yet. Who is
    /// refused too early reads what was there before, and is refused again.
    #[test]
    fn nothing_is_told_before_the_batch_is_durable() {
        let (tell, told) = std::sync::mpsc::channel::<Vec<Waiting>>();
        let (early, seen_early) = std::sync::mpsc::channel();
        let (published, head_then) = std::sync::mpsc::channel::<watch::Receiver<Head>>();
        let (writer, (jobs, queued), head) = writer(move |batch, head| {
            let published = head_then.recv().unwrap();
            assert_eq!(batch.len() as u64, head.position.0);
            assert_eq!(published.borrow().position, Position::START);
            let mut waiting = told.recv().unwrap();
            let answered = waiting
                .iter_mut()
                .filter(|answer| !answer.is_empty())
                .count();
            early.send((answered, waiting)).unwrap();
            Ok(())
        });
        let (mut reuse, reused) = job(1, 0, 1);
        reuse.append.fingerprint = [9; 16];
        let waiting = vec![
            queue(&jobs, 1, 0, 1),
            queue(&jobs, 2, 0, 1),
            queue(&jobs, 1, 0, 1),
            reused,
        ];
        assert!(jobs.try_send(reuse).is_ok());
        published.send(head.clone()).unwrap();
        tell.send(waiting).unwrap();
        drop(jobs);
        writer.run(queued);
        let (answered, waiting) = seen_early.recv().unwrap();
        assert_eq!(answered, 0);
        let answers: Vec<_> = waiting
            .into_iter()
            .map(|answer| answer.blocking_recv().unwrap())
            .collect();
        let appended = |repeated| Appended {
            first: Position(1),
            count: 1,
            repeated,
        };
        let conflict = AppendError::Conflict {
            stream: "a".into(),
            expected: 0,
            actual: 1,
        };
        assert_eq!(
            answers,
            [
                Ok(appended(false)),
                Err(conflict),
                Ok(appended(true)),
                Err(AppendError::CommandReused)
            ]
        );
        assert_eq!(head.borrow().position, Position(1));
    }

    /// Catches: one durable write for each command (no group commit), or batches without bound.
    #[test]
    fn what_is_queued_goes_into_one_batch_up_to_the_limit() {
        let (batches, sizes) = std::sync::mpsc::channel();
        let (writer, (jobs, queued), head) = writer(move |batch, head| {
            batches.send(batch.len()).unwrap();
            let last = batch.last().unwrap();
            assert_eq!(last.position, head.position);
            Ok(())
        });
        let waiting: Vec<_> = (0..600).map(|n| queue(&jobs, n.into(), n, 1)).collect();
        drop(jobs);
        writer.run(queued);
        for (answer, position) in waiting.into_iter().zip(1..) {
            assert_eq!(answer.blocking_recv().unwrap().unwrap().first.0, position);
        }
        assert_eq!(sizes.iter().collect::<Vec<_>>(), [LOG_BATCH_EVENTS, 88]);
        assert_eq!(head.borrow().position, Position(600));
    }
}
