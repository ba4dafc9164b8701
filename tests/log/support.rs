//! What the tests of the log share: a directory, clocks that obey, appends told by a number, and
//! a way to tamper with a closed log.

use std::{
    fs::File,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Condvar, Mutex},
};

use carnet::{
    clock::{Clock, FixedClock},
    domain::terms::Position,
    log::{
        Append, AppendError, Appended, EventLog, Guard, Head, LogError, NewRecord,
        mirrored::{MirroredLog, Places},
        record::Record,
    },
};
use chrono::{DateTime, TimeZone, Utc};
use futures_util::{future::join_all, poll};
use uuid::Uuid;

/// When the clocks of these tests begin.
pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2021, 4, 27, 12, 0, 0).unwrap()
}

/// A directory for a log, gone at the end of the test.
pub(crate) struct Place {
    root: tempfile::TempDir,
    mirrored: bool,
    pub(crate) clock: Arc<FixedClock>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
            mirrored: true,
            clock: Arc::new(FixedClock::new(noon())),
        }
    }

    /// A place for a log in one copy.
    pub(crate) fn alone() -> Self {
        Self {
            mirrored: false,
            ..Self::new()
        }
    }

    /// Where the log lies.
    pub(crate) fn places(&self) -> Places {
        let mut places = Places::within(self.root.path());
        if !self.mirrored {
            places.mirror = None;
        }
        places
    }

    /// The directory of the second copy.
    pub(crate) fn mirror(&self) -> PathBuf {
        self.root.path().join("mirror")
    }

    /// The log's directory, which does not exist at first.
    pub(crate) fn directory(&self) -> PathBuf {
        self.root.path().join("log")
    }

    pub(crate) fn try_open(&self) -> Result<MirroredLog, LogError> {
        MirroredLog::open(self.places(), self.clock.clone())
    }

    pub(crate) fn open(&self) -> MirroredLog {
        self.try_open().unwrap()
    }

    /// Opens what lies below the closed log, changes it, and closes it again.
    pub(crate) fn tamper(&self, change: impl FnOnce(&sled::Db)) {
        let db = sled::Config::new()
            .path(self.directory())
            .segment_size(8 * 1024 * 1024)
            .flush_every_ms(None)
            .open()
            .unwrap();
        change(&db);
        db.flush().unwrap();
        drop(db);
        // sled's threads keep the file a moment longer.
        let file = File::open(self.directory().join("db")).unwrap();
        file.lock().unwrap();
    }
}

/// A clock at which the writer waits until it is let go: what is queued meanwhile is in its batch.
#[derive(Debug, Default)]
pub(crate) struct GateClock {
    open: Mutex<bool>,
    opened: Condvar,
}

impl GateClock {
    fn release(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

impl Clock for GateClock {
    fn now(&self) -> DateTime<Utc> {
        let open = self.open.lock().unwrap();
        drop(self.opened.wait_while(open, |open| !*open).unwrap());
        noon()
    }

    fn new_id(&self) -> Uuid {
        Uuid::from_u128(7)
    }
}

/// What appending `appends` in one batch answers, and the log they went to.
pub(crate) async fn in_one_batch(
    place: &Place,
    appends: Vec<Append>,
) -> (MirroredLog, Vec<Result<Appended, AppendError>>) {
    let gate = Arc::new(GateClock::default());
    let log = MirroredLog::open(place.places(), gate.clone()).unwrap();
    let mut answers: Vec<Pin<Box<dyn Future<Output = _> + Send + '_>>> = Vec::new();
    for append in appends {
        let mut answer = log.append(append);
        // Polled once, it is queued; the writer stands at the gate with the first.
        assert!(poll!(&mut answer).is_pending());
        answers.push(answer);
    }
    gate.release();
    let answers = join_all(answers).await;
    (log, answers)
}

/// The `n`th command: one event to `stream`, which it read at `version`.
pub(crate) fn command(n: u128, stream: &str, version: u64) -> Append {
    Append {
        command_id: Uuid::from_u128(n),
        fingerprint: fingerprint(n),
        correlation_id: Uuid::from_u128(n + 1000),
        causation: None,
        guards: vec![guard(stream, version)],
        records: vec![event(stream)],
    }
}

pub(crate) fn fingerprint(n: u128) -> [u8; 16] {
    (!n).to_be_bytes()
}

pub(crate) fn guard(stream: &str, version: u64) -> Guard {
    Guard {
        stream: stream.into(),
        version,
    }
}

pub(crate) fn event(stream: &str) -> NewRecord {
    sized_event(stream, 40)
}

/// An event whose payload has `bytes` bytes.
pub(crate) fn sized_event(stream: &str, bytes: usize) -> NewRecord {
    NewRecord {
        stream: stream.into(),
        tag: "something-happened/1",
        corrects: None,
        meta: br#"{"actor":"somebody"}"#.to_vec(),
        payload: format!("\"{}\"", "x".repeat(bytes - 2)).into_bytes(),
    }
}

/// `count` events, one command each, in turn to the streams `a`, `b` and `c`.
pub(crate) async fn fill(log: &MirroredLog, count: u64) {
    for n in 0..count {
        let stream = ["a", "b", "c"][usize::try_from(n % 3).unwrap()];
        log.append(command(u128::from(n) + 1, stream, n / 3))
            .await
            .unwrap();
    }
}

/// Every record of the log.
pub(crate) async fn all(log: &MirroredLog) -> Vec<Record> {
    log.read(Position::START, usize::MAX).await.unwrap()
}

/// Checks what the log holds record by record; answers the head that follows from it.
#[track_caller]
pub(crate) fn check_chain(id: Uuid, records: &[Record]) -> Head {
    let mut head = Head {
        position: Position::START,
        hash: carnet::log::record::genesis(id),
    };
    for record in records {
        assert_eq!(record.position, head.position.next());
        assert_eq!(record.previous, head.hash);
        head = Head {
            position: record.position,
            hash: record.encode(&mut Vec::new()).unwrap(),
        };
    }
    head
}

/// What must not change when an append is refused.
pub(crate) async fn trace(log: &MirroredLog, streams: &[&str]) -> (Head, Vec<usize>) {
    let mut versions = Vec::new();
    for stream in streams {
        versions.push(log.read_stream(stream).await.unwrap().len());
    }
    (log.head(), versions)
}
