//! The writer on a store that fails on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use chrono::TimeZone;

use super::*;
use crate::{
    clock::FixedClock,
    log::{Guard, NewRecord, record::genesis},
};

type Queue = (mpsc::Sender<Message>, mpsc::Receiver<Message>);
type Answered = oneshot::Receiver<Result<Appended, AppendError>>;
type OnCommit = Box<dyn FnMut(&Batch, Head) -> Result<(), LogError> + Send>;

type OnReopen = Box<dyn FnMut() -> Result<End, LogError> + Send>;

/// A store in memory that does as it is told when a batch is to be written.
struct ToldStore {
    streams: HashMap<String, u64>,
    commands: HashMap<Uuid, (Appended, [u8; 16])>,
    on_commit: OnCommit,
    on_reopen: OnReopen,
    short: Arc<std::sync::Mutex<Option<String>>>,
}

impl Store for ToldStore {
    fn stream_version(&self, stream: &str) -> Result<u64, LogError> {
        Ok(self.streams.get(stream).copied().unwrap_or_default())
    }

    fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
        Ok(self.commands.get(&id).copied())
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), LogError> {
        (self.on_commit)(batch, batch.head())?;
        for view in batch.views() {
            let view = view.unwrap();
            self.streams
                .insert(view.stream.to_owned(), view.stream_version);
            if view.command_index == 0 {
                let appended = Appended {
                    first: view.position,
                    count: view.command_count,
                    repeated: true,
                };
                self.commands
                    .insert(view.command_id, (appended, view.fingerprint));
            }
        }
        Ok(())
    }

    fn short(&self) -> Option<String> {
        self.short.lock().unwrap().clone()
    }

    fn reopen(&mut self) -> Result<End, LogError> {
        (self.on_reopen)()
    }
}

/// A writer that has not begun, its queue, and its head.
fn writer(
    on_commit: impl FnMut(&Batch, Head) -> Result<(), LogError> + Send + 'static,
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
        on_reopen: Box::new(|| Err(full())),
        short: Arc::default(),
    };
    let clock = Arc::new(FixedClock::new(noon));
    let end = End {
        head,
        recorded_at: DateTime::<Utc>::MIN_UTC,
    };
    let writer = Writer::new(store, clock, end, published, None);
    (
        writer,
        mpsc::channel(crate::limits::LOG_QUEUE_COMMANDS_MAX),
        watched,
    )
}

/// Queues the `n`th command: `events` events to the stream `a`, which it read at `version`.
fn queue(jobs: &mpsc::Sender<Message>, n: u128, version: u64, events: usize) -> Answered {
    let (job, waiting) = job(n, version, events);
    assert!(jobs.try_send(Message::Append(job)).is_ok());
    waiting
}

fn job(n: u128, version: u64, events: usize) -> (Job, Answered) {
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
    let (tell, told) = std::sync::mpsc::channel::<Vec<Answered>>();
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
    assert!(jobs.try_send(Message::Append(reuse)).is_ok());
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
        let (last, _) = batch.ends().last().unwrap();
        assert_eq!(last, head.position);
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

/// Catches: a log that stays read-only although its store can be opened again; one that goes on
/// from where it was instead of from what was found; one that tries on every command.
#[test]
fn writing_resumes_from_what_is_found_when_the_store_opens_again() {
    let (mut writer, (jobs, queued), head) = writer({
        let mut failed = false;
        move |_, _| {
            if std::mem::replace(&mut failed, true) {
                Ok(())
            } else {
                Err(full())
            }
        }
    });
    // The batch that failed is found all the same, and no more than it.
    let found = End {
        head: Head {
            position: Position(1),
            hash: genesis(Uuid::from_u128(7)),
        },
        recorded_at: DateTime::<Utc>::MAX_UTC,
    };
    let mut answers = vec![Ok(found), Err(full())];
    writer.store.on_reopen = Box::new(move || answers.pop().unwrap());
    let broken = writer.watch_broken();
    let running = std::thread::spawn(move || writer.run(queued));
    let refused = queue(&jobs, 1, 0, 1).blocking_recv().unwrap();
    assert_eq!(refused, read_only());
    assert!(broken.borrow().is_some());
    // The first look finds no room yet, the second does.
    let refused = queue(&jobs, 2, 0, 1).blocking_recv().unwrap();
    assert_eq!(refused, read_only());
    assert!(jobs.blocking_send(Message::Look).is_ok());
    let taken = queue(&jobs, 3, 0, 1).blocking_recv().unwrap().unwrap();
    assert_eq!(taken.first, Position(2));
    assert_eq!(*broken.borrow(), None);
    assert_eq!(head.borrow().position, Position(2));
    drop(jobs);
    running.join().unwrap();
}

/// Catches: a log that writes a disk full to the last byte, and one that does not see when there
/// is room again.
#[test]
fn too_little_room_refuses_until_there_is_more() {
    let (attempts, attempted) = std::sync::mpsc::channel();
    let (writer, (jobs, queued), _head) = writer(move |batch, _| {
        attempts.send(batch.len()).unwrap();
        Ok(())
    });
    let room = Arc::clone(&writer.store.short);
    let running = std::thread::spawn(move || writer.run(queued));
    *room.lock().unwrap() = Some("3 MiB are free".into());
    let refused = queue(&jobs, 1, 0, 1).blocking_recv().unwrap();
    assert_eq!(refused, Err(AppendError::ReadOnly("3 MiB are free".into())));
    *room.lock().unwrap() = None;
    queue(&jobs, 1, 0, 1).blocking_recv().unwrap().unwrap();
    drop(jobs);
    running.join().unwrap();
    assert_eq!(attempted.iter().collect::<Vec<_>>(), [1]);
}
