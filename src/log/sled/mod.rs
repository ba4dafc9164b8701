//! The log on sled 0.34.7: one tree, prefixed keys, one atomic batch per write.
//!
//! ```text
//! e <position, u64 BE>              -> framed record
//! s <stream> 00 <version, u64 BE>   -> position, u64 BE
//! v <stream>                        -> version of the stream, u64 BE
//! c <command id, 16 bytes>          -> first position, u64 BE; count, u16 BE; fingerprint, 16
//! m id                              -> identity of the log, 16 bytes
//! m head                            -> position, u64 BE; hash, 32 bytes
//! ```
//!
//! **Why so** (measured, see ADR 2). sled's `flush` is `sync_file_range`, which a power cut undoes:
//! an own handle on its `db` file makes the batch durable with `sync_data`. Messages over a
//! quarter of a segment go to files that are never synced: segments of 8 MiB and records of at
//! most 64 KiB keep that directory empty, which is checked. `conf` and the directories are synced
//! once, at creation. Readers use ranges bounded by the published head. A file `lock` of our own
//! holds the directory: sled's lock is taken too late and let go of a moment after the store is
//! closed.

mod directory;
mod index;

use std::{
    fs::{self, File},
    path::Path,
    sync::Arc,
    thread::JoinHandle,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use self::{
    directory::{Hold, create, has_entries, opening, set_aside_unfinished_snapshots, unopenable},
    index::{
        broken_chain, command, command_key, decode, event_key, misled, number, store,
        stream_prefix, stream_version, version_key,
    },
};
use super::{
    Append, AppendError, Appended, EventLog, Head, LogError,
    record::{Hash, Record, genesis},
    writer::{Job, Prepared, Store, Writer, started},
};
use crate::{
    clock::Clock,
    domain::terms::Position,
    limits::{LOG_CACHE_BYTES, LOG_QUEUE_COMMANDS_MAX},
};

/// Pinned at creation; a message over a quarter of it would leave the synced file.
const SEGMENT_BYTES: usize = 8 * 1024 * 1024;
const KEY_ID: &[u8] = b"mid";
const KEY_HEAD: &[u8] = b"mhead";

/// A log in a directory of its own.
#[derive(Debug)]
pub struct SledLog {
    id: Uuid,
    db: sled::Db,
    head: watch::Receiver<Head>,
    broken: watch::Receiver<Option<String>>,
    queue: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    /// Fields are dropped in order, and the directory is let go of last.
    _hold: Hold,
}

impl SledLog {
    /// Opens the log in `directory`, creating it if there is none.
    ///
    /// # Errors
    /// [`LogError::Locked`] when another process has it open, [`LogError::Unopenable`] when the
    /// directory cannot be used, and [`LogError::Damaged`] when the log's end is not what was
    /// acknowledged.
    pub fn open(directory: &Path, clock: Arc<dyn Clock>) -> Result<Self, LogError> {
        fs::create_dir_all(directory).map_err(|error| unopenable(directory, &error))?;
        let hold = Hold::take(directory)?;
        set_aside_unfinished_snapshots(directory)?;
        let db = sled::Config::new()
            .path(directory)
            .segment_size(SEGMENT_BYTES)
            .cache_capacity(LOG_CACHE_BYTES)
            .flush_every_ms(None)
            .open()
            .map_err(|error| opening(directory, &error))?;
        let file =
            File::open(directory.join("db")).map_err(|error| unopenable(directory, &error))?;
        let id = match db.get(KEY_ID).map_err(store)? {
            Some(bytes) => Uuid::from_slice(&bytes)
                .map_err(|error| LogError::Unopenable(format!("its identity: {error}")))?,
            None => create(directory, &db, &file, clock.new_id())?,
        };
        if has_entries(&directory.join("blobs")) {
            return Err(LogError::Unopenable(
                "its blobs directory is not empty; what lies there was never made durable".into(),
            ));
        }
        let (head, last_recorded_at) = tail(&db, id)?;
        let (published, watched) = watch::channel(head);
        let (queue, jobs) = mpsc::channel(LOG_QUEUE_COMMANDS_MAX);
        let store = SledStore {
            db: db.clone(),
            file,
        };
        let writer = Writer::new(store, clock, head, last_recorded_at, published);
        let broken = writer.watch_broken();
        let thread = std::thread::Builder::new()
            .name("log-writer".into())
            .spawn(move || writer.run(jobs))
            .map_err(|error| unopenable(directory, &error))?;
        Ok(Self {
            id,
            db,
            head: watched,
            broken,
            queue: Some(queue),
            writer: Some(thread),
            _hold: hold,
        })
    }

    /// Runs a read on a thread that may block.
    async fn reading<T: Send + 'static>(
        &self,
        read: impl FnOnce(&sled::Db, Head) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let db = self.db.clone();
        let head = *self.head.borrow();
        tokio::task::spawn_blocking(move || read(&db, head))
            .await
            .map_err(|error| LogError::Store(error.to_string()))?
    }
}

impl Drop for SledLog {
    /// Lets the writer finish what is queued; then the [`Hold`] waits for sled, so that the
    /// directory is free once this returns.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the log's writer had panicked");
        }
    }
}

#[async_trait]
impl EventLog for SledLog {
    fn id(&self) -> Uuid {
        self.id
    }

    fn watch(&self) -> watch::Receiver<Head> {
        self.head.clone()
    }

    fn read_only(&self) -> Option<String> {
        self.broken.borrow().clone()
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let gone = || AppendError::ReadOnly("its writer has stopped".into());
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue
            .send(Job {
                append,
                answer,
                begun: started(),
            })
            .await
            .map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    async fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
        self.reading(move |db, head| {
            Ok(command(db, id)?.filter(|(appended, _)| appended.last() <= head.position))
        })
        .await
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Record>, LogError> {
        let first = (after == Position::START).then(|| genesis(self.id));
        self.reading(move |db, head| {
            let mut expected = after.next();
            let mut previous: Option<Hash> = first;
            let mut records = Vec::new();
            if expected > head.position {
                return Ok(records);
            }
            let range = event_key(expected)..=event_key(head.position);
            for entry in db.range(range).take(limit) {
                let (key, bytes) = entry.map_err(store)?;
                if key.as_ref() != event_key(expected) {
                    return Err(LogError::Missing(expected));
                }
                let (record, hash) = decode(&bytes, expected)?;
                if previous.is_some_and(|previous| previous != record.previous) {
                    return Err(broken_chain(expected));
                }
                previous = Some(hash);
                records.push(record);
                expected = expected.next();
            }
            if records.len() < limit && expected <= head.position {
                return Err(LogError::Missing(expected));
            }
            if expected > head.position && previous != Some(head.hash) {
                return Err(broken_chain(head.position));
            }
            Ok(records)
        })
        .await
    }

    async fn read_stream(&self, stream: &str) -> Result<Vec<Record>, LogError> {
        let stream = stream.to_owned();
        self.reading(move |db, head| {
            // Read before the entries, none of which up to the head can then be missing.
            let version = stream_version(db, &stream)?;
            let mut records: Vec<Record> = Vec::new();
            let mut beyond = false;
            for entry in db.scan_prefix(stream_prefix(&stream)) {
                let (_, value) = entry.map_err(store)?;
                let position = Position(number(&value)?);
                let bytes = db
                    .get(event_key(position))
                    .map_err(store)?
                    .ok_or(LogError::Missing(position))?;
                let (record, _) = decode(&bytes, position)?;
                let next = records.len() as u64 + 1;
                if record.stream != stream || record.stream_version != next {
                    return Err(misled(&stream));
                }
                if position > head.position {
                    beyond = true;
                    break;
                }
                records.push(record);
            }
            let read = records.len() as u64;
            if read == version || (beyond && read < version) {
                Ok(records)
            } else {
                Err(misled(&stream))
            }
        })
        .await
    }
}

/// The writer's hold on sled.
struct SledStore {
    db: sled::Db,
    file: File,
}

impl Store for SledStore {
    fn stream_version(&self, stream: &str) -> Result<u64, LogError> {
        stream_version(&self.db, stream)
    }

    fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
        command(&self.db, id)
    }

    fn commit(&mut self, batch: &[Prepared], head: Head) -> Result<(), LogError> {
        let mut writes = sled::Batch::default();
        for record in batch {
            let position = record.position.0.to_be_bytes();
            let mut stream_key = stream_prefix(&record.stream);
            stream_key.extend(record.stream_version.to_be_bytes());
            writes.insert(
                event_key(record.position).as_slice(),
                record.bytes.as_slice(),
            );
            writes.insert(stream_key, &position);
            writes.insert(
                version_key(&record.stream),
                &record.stream_version.to_be_bytes(),
            );
            if record.first {
                let (id, count, fingerprint) = record.command;
                let mut value = position.to_vec();
                value.extend(count.to_be_bytes());
                value.extend(fingerprint);
                writes.insert(command_key(id), value);
            }
        }
        let mut end = head.position.0.to_be_bytes().to_vec();
        end.extend(head.hash.0);
        writes.insert(KEY_HEAD, end);
        self.db.apply_batch(writes).map_err(store)?;
        durable(&self.db, &self.file)
    }
}

/// sled's `flush` hands the pages to the kernel; only `sync_data` makes them survive a power cut.
fn durable(db: &sled::Db, file: &File) -> Result<(), LogError> {
    db.flush().map_err(store)?;
    file.sync_data()
        .map_err(|error| LogError::Store(error.to_string()))
}

/// The head, checked against the last record, and when that was recorded.
fn tail(db: &sled::Db, id: Uuid) -> Result<(Head, DateTime<Utc>), LogError> {
    let announced = db.get(KEY_HEAD).map_err(store)?;
    let last = db
        .scan_prefix(b"e")
        .next_back()
        .transpose()
        .map_err(store)?;
    let (Some(announced), Some((key, bytes))) = (&announced, &last) else {
        if announced.is_some() || last.is_some() {
            return Err(LogError::Unopenable(
                "its end does not match its records".into(),
            ));
        }
        let head = Head {
            position: Position::START,
            hash: genesis(id),
        };
        return Ok((head, DateTime::<Utc>::MIN_UTC));
    };
    let position = Position(number(key.get(1..).unwrap_or_default())?);
    let (record, hash) = decode(bytes, position)?;
    let mut expected = position.0.to_be_bytes().to_vec();
    expected.extend(hash.0);
    if announced.as_ref() != expected {
        return Err(broken_chain(position));
    }
    Ok((Head { position, hash }, record.recorded_at))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use crate::{
        clock::FixedClock,
        log::{Guard, NewRecord},
    };

    fn open(place: &tempfile::TempDir) -> SledLog {
        let clock = Arc::new(FixedClock::new(DateTime::UNIX_EPOCH));
        SledLog::open(&place.path().join("log"), clock).unwrap()
    }

    /// One event to the stream `a`.
    fn command_of_one() -> Append {
        Append {
            command_id: Uuid::from_u128(1),
            fingerprint: [1; 16],
            correlation_id: Uuid::nil(),
            causation: None,
            guards: vec![Guard {
                stream: "a".into(),
                version: 0,
            }],
            records: vec![NewRecord {
                stream: "a".into(),
                tag: "something-happened/1",
                corrects: None,
                meta: b"{}".to_vec(),
                payload: b"{}".to_vec(),
            }],
        }
    }

    /// Catches: a last record that was changed since its head was published, whole and in its
    /// place, that no later record tells apart.
    #[tokio::test]
    async fn the_last_record_must_be_the_one_the_head_names() {
        let place = tempfile::tempdir().unwrap();
        let log = open(&place);
        let last = log.append(command_of_one()).await.unwrap().last();
        let mut record = log.read(Position::START, 1).await.unwrap().remove(0);
        record.payload = b"[]".to_vec();
        let mut bytes = Vec::new();
        record.encode(&mut bytes).unwrap();
        log.db.insert(event_key(last), bytes).unwrap();
        assert_eq!(log.read(Position::START, 1).await, Err(broken_chain(last)));
    }

    /// Catches: a reader that goes by what lies in the store instead of the published head, and so
    /// sees what is not durable yet and may never be.
    #[tokio::test]
    async fn what_is_written_but_not_published_is_not_read() {
        let place = tempfile::tempdir().unwrap();
        let log = open(&place);
        let published = log.append(command_of_one()).await.unwrap().last();
        let head = log.head();

        // A batch of two, between its being written and its being published.
        let mut record = log.read(Position::START, 1).await.unwrap().remove(0);
        record.command_id = Uuid::from_u128(2);
        record.command_count = 2;
        record.previous = head.hash;
        let mut batch = Vec::new();
        let mut end = head;
        for (index, stream) in (0..).zip(["a", "b"]) {
            record.command_index = index;
            record.position = end.position.next();
            record.previous = end.hash;
            record.stream = stream.into();
            record.stream_version = if index == 0 { 2 } else { 1 };
            let mut bytes = Vec::new();
            end.hash = record.encode(&mut bytes).unwrap();
            end.position = record.position;
            batch.push(Prepared {
                position: record.position,
                stream: stream.into(),
                stream_version: record.stream_version,
                command: (record.command_id, 2, record.fingerprint),
                first: index == 0,
                bytes,
            });
        }
        let mut store = SledStore {
            db: log.db.clone(),
            file: File::open(place.path().join("log").join("db")).unwrap(),
        };
        store.commit(&batch, end).unwrap();
        assert_eq!(store.stream_version("a"), Ok(2));

        assert_eq!(log.head(), head);
        assert_eq!(log.read(Position::START, 10).await.unwrap().len(), 1);
        assert_eq!(log.read(published, 10).await, Ok(vec![]));
        assert_eq!(log.read(published.next(), 10).await, Ok(vec![]));
        assert_eq!(log.read_stream("a").await.unwrap().len(), 1);
        assert_eq!(log.read_stream("b").await, Ok(vec![]));
        assert_eq!(log.command(Uuid::from_u128(2)).await, Ok(None));

        drop((store, log));
        let log = open(&place);
        assert_eq!(log.head(), end);
        assert_eq!(log.read_stream("a").await.unwrap().len(), 2);
        assert_eq!(log.read_stream("b").await.unwrap().len(), 1);
        let (written, _) = log.command(Uuid::from_u128(2)).await.unwrap().unwrap();
        assert_eq!((written.first, written.last()), (Position(2), Position(3)));
    }
}
