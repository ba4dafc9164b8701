//! The writer on a store that fails on purpose.
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
