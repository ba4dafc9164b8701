//! A log that holds nothing but hashes: that of the record at position `n` is the SHA-256 of `n`
//! written in decimal digits. It has as many records as it is told.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use async_trait::async_trait;
use carnet::{
    domain::terms::Position,
    log::{
        Append, AppendError, Appended, EventLog, Head, LogError,
        record::{Hash, Record, genesis},
    },
};
use chrono::DateTime;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use uuid::Uuid;

pub(crate) const LOG_ID: Uuid = Uuid::from_u128(7);

/// The hash of the record at a position.
pub(crate) fn hash(position: u64) -> Hash {
    if position == 0 {
        return genesis(LOG_ID);
    }
    Hash(Sha256::digest(position.to_string()).into())
}

#[derive(Debug)]
pub(crate) struct Hashes {
    head: watch::Sender<Head>,
    reads: AtomicUsize,
    records: AtomicUsize,
    /// What is read after this position is not what it was.
    changed: AtomicU64,
}

fn head(position: u64) -> Head {
    Head {
        position: Position(position),
        hash: hash(position),
    }
}

impl Hashes {
    pub(crate) fn new(size: u64) -> Self {
        Self {
            head: watch::channel(head(size)).0,
            reads: AtomicUsize::new(0),
            records: AtomicUsize::new(0),
            changed: AtomicU64::new(u64::MAX),
        }
    }

    /// Publishes another head; an older one stands for a reader who looked earlier.
    pub(crate) fn publish(&self, size: u64) {
        self.head.send_replace(head(size));
    }

    /// Changes every record after a position, as whoever tampers with a log does.
    pub(crate) fn change_after(&self, position: u64) {
        self.changed.store(position, Ordering::SeqCst);
    }

    /// How often it was read, and how many records at most at once, since last asked.
    pub(crate) fn take_reads(&self) -> (usize, usize) {
        (
            self.reads.swap(0, Ordering::SeqCst),
            self.records.swap(0, Ordering::SeqCst),
        )
    }
}

#[async_trait]
impl EventLog for Hashes {
    fn id(&self) -> Uuid {
        LOG_ID
    }

    fn watch(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    async fn append(&self, _: Append) -> Result<Appended, AppendError> {
        unreachable!("nobody appends here")
    }

    async fn command(&self, _: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
        unreachable!("nobody asks for commands here")
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Record>, LogError> {
        let last = self.head().position.0.min(after.0 + limit as u64);
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.records.fetch_max(limit, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let changed = self.changed.load(Ordering::SeqCst);
        Ok((after.0 + 1..=last)
            .map(|position| Record {
                position: Position(position),
                stream: "s".into(),
                stream_version: position,
                tag: "something-happened/1".into(),
                event_id: Uuid::nil(),
                command_id: Uuid::nil(),
                command_index: 0,
                command_count: 1,
                correlation_id: Uuid::nil(),
                causation: None,
                fingerprint: [0; 16],
                recorded_at: DateTime::UNIX_EPOCH,
                corrects: None,
                previous: if position > changed {
                    hash(position + 1_000_000)
                } else {
                    hash(position - 1)
                },
                meta: Vec::new(),
                payload: Vec::new(),
            })
            .collect())
    }

    async fn read_stream(&self, _: &str) -> Result<Vec<Record>, LogError> {
        unreachable!("nobody reads streams here")
    }
}
