//! The first copy, on sled 0.34.7: one tree, prefixed keys, one atomic batch per write.
//!
//! ```text
//! e <first position, u64 BE>        -> framed records, one after the other
//! m id                              -> identity of the log, 16 bytes
//! m head                            -> position, u64 BE; hash, 32 bytes
//! ```
//!
//! **Why so** (measured, see ADR 2 and ADR 11). sled's `flush` is `sync_file_range`, which a power
//! cut undoes: an own handle on its `db` file makes the batch durable with `sync_data`. Messages
//! over a quarter of a segment go to files that are never synced: segments of 8 MiB and values of
//! at most 64 KiB keep that directory empty, which is checked. `conf` and the directories are
//! synced once, at creation. An entry costs sled some ten microseconds, so that a batch is one
//! entry, not one for each of its events.
//!
//! sled panics on damaged files, or does not come back: it is opened on a thread of its own, which
//! is waited for so long and no longer.

mod directory;

pub(super) use self::directory::{Hold, is_sleds, is_unfinished};

use std::{
    fmt,
    fs::File,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, SyncSender},
    },
    thread::JoinHandle,
    time::Duration,
};

use uuid::Uuid;

use self::directory::{begin, bytes_in, has_entries, set_aside_unfinished_snapshots, unlocked};
use super::{
    Head, LogError,
    record::{Hash, View},
    scan::{Scan, Wrong},
    writer::Batch,
};
use crate::{
    domain::terms::Position,
    fault,
    limits::{LOG_CACHE_BYTES, LOG_CHUNK_BYTES, SCAN_WINDOW_BYTES, STORE_FLUSH, STORE_OPENING},
};

/// Pinned at creation; a message over a quarter of it would leave the synced file.
const SEGMENT_BYTES: usize = 8 * 1024 * 1024;
const KEY_ID: &[u8] = b"mid";
const KEY_HEAD: &[u8] = b"mhead";

/// The store, open.
pub(super) struct SledStore {
    db: Option<sled::Db>,
    file: File,
    directory: PathBuf,
    /// Whether it was not there before.
    new: bool,
    flusher: Mutex<Option<Flusher>>,
}

/// Waits for sled's flush on a thread of its own: after an error of the disk in one of its threads, sled
/// 0.34.7 may never come back from it (its waiter misses the notice).
struct Flusher {
    ask: SyncSender<()>,
    done: Receiver<sled::Result<usize>>,
    thread: JoinHandle<()>,
    /// Whether it did not come back.
    stuck: bool,
}

impl Flusher {
    fn start(db: sled::Db) -> std::io::Result<Self> {
        let (ask, asked) = mpsc::sync_channel(1);
        let (answer, done) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("log-flush".into())
            .spawn(move || {
                while asked.recv().is_ok() {
                    if answer.send(db.flush()).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self {
            ask,
            done,
            thread,
            stuck: false,
        })
    }

    /// Flushes; nothing where sled does not come back.
    fn flush(&mut self) -> Option<sled::Result<usize>> {
        if self.stuck {
            return None;
        }
        self.ask.try_send(()).ok()?;
        let flushed = self.done.recv_timeout(STORE_FLUSH).ok();
        self.stuck = flushed.is_none();
        flushed
    }
}

impl fmt::Debug for SledStore {
    /// sled itself would show its whole tree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SledStore")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// Why the store does not open.
#[derive(Debug)]
pub(super) enum Unopened {
    /// The disk has no room for what opening writes; what the store holds may be whole.
    Full(String),
    /// The machine refuses: another process, no permission, no such directory.
    Refused(LogError),
    /// What it holds cannot be opened.
    Damaged(String),
}

impl SledStore {
    /// Opens the store in a directory that is held; creates an empty one if there is none.
    pub(super) fn open(directory: &Path) -> Result<Self, Unopened> {
        let new = begin(directory)?;
        set_aside_unfinished_snapshots(directory).map_err(Unopened::Refused)?;
        if has_entries(&directory.join("blobs")) {
            return Err(Unopened::Damaged(
                "its blobs directory is not empty; what lies there was never made durable".into(),
            ));
        }
        let db = contained(directory)?;
        let file = File::open(directory.join("db"))
            .map_err(|error| Unopened::Refused(directory::unopenable(directory, &error)))?;
        Ok(Self {
            db: Some(db),
            file,
            directory: directory.to_owned(),
            new,
            flusher: Mutex::default(),
        })
    }

    fn db(&self) -> Result<&sled::Db, LogError> {
        self.db
            .as_ref()
            .ok_or_else(|| LogError::Store("the store is closed".into()))
    }

    /// The identity of the log it holds; none while it is new.
    pub(super) fn identity(&self) -> Result<Option<Uuid>, Wrong> {
        let read = || -> Result<_, LogError> {
            let db = self.db()?;
            match db.get(KEY_ID).map_err(store)? {
                Some(bytes) => Uuid::from_slice(&bytes).map(Some).map_err(store),
                None if self.new && db.is_empty() => Ok(None),
                None => Err(LogError::Store("it has no identity".into())),
            }
        };
        read().map_err(|error| Wrong::Unreadable(error.to_string()))
    }

    /// Whether it was not there before, or not yet made to its end.
    pub(super) fn is_new(&self) -> bool {
        self.new
    }

    /// Gives an empty store its identity, and makes its files and directories survive a power cut.
    pub(super) fn create(&self, id: Uuid) -> Result<(), LogError> {
        self.db()?.insert(KEY_ID, id.as_bytes()).map_err(store)?;
        self.durable()?;
        directory::created(&self.directory)
    }

    /// Reads everything, into a scan that has seen nothing yet, and believes nothing.
    pub(super) fn scan(&mut self, mut scan: Scan) -> Scan {
        let announced = self.announced();
        if let Ok(Some(head)) = announced {
            scan.sign_of(head.position);
        }
        if let Err(error) = self.follow(&mut scan) {
            scan.stop(Wrong::Unreadable(error.to_string()), None);
        }
        match announced {
            Err(error) => scan.stop(Wrong::Unreadable(error.to_string()), None),
            Ok(Some(head)) if head != scan.head => scan.stop(Wrong::End, None),
            Ok(None) if scan.head.position > Position::START => scan.stop(Wrong::End, None),
            // What is one command was written in one batch.
            Ok(_) if scan.complete != scan.head => scan.stop(Wrong::Unfinished, None),
            Ok(_) => {}
        }
        scan
    }

    /// Follows the records from one window to the next. sled keeps in memory what it reads, whatever
    /// its cache may hold: between two windows it is closed and opened again.
    fn follow(&mut self, scan: &mut Scan) -> Result<(), LogError> {
        let mut from = vec![b'e'];
        while let Some(next) = self.follow_window(&from, scan)? {
            from = next;
            drop(self.db.take());
            unlocked(&self.directory);
            let opened = contained(&self.directory).map_err(|unopened| match unopened {
                Unopened::Full(why) | Unopened::Damaged(why) => LogError::Store(why),
                Unopened::Refused(error) => error,
            });
            self.db = Some(opened?);
        }
        Ok(())
    }

    /// Follows the records of one window; answers where the next begins, if there is one.
    fn follow_window(&self, from: &[u8], scan: &mut Scan) -> Result<Option<Vec<u8>>, LogError> {
        let mut bytes_read = 0;
        for entry in self.db()?.range(from..b"f") {
            let (key, bytes) = entry.map_err(store)?;
            let first = first_of(&key)?;
            scan.sign_of(first);
            if first != scan.head.position.next() {
                scan.stop(Wrong::Missing, None);
            }
            let mut rest: &[u8] = &bytes;
            while scan.trouble.is_none() && !rest.is_empty() {
                match scan.take(rest) {
                    Ok(whole) => rest = rest.get(whole..).unwrap_or_default(),
                    Err(wrong) => scan.stop(wrong, None),
                }
            }
            bytes_read += bytes.len();
            if bytes_read > SCAN_WINDOW_BYTES {
                let mut next = key.to_vec();
                next.push(0);
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    /// The end that was written with the last batch.
    pub(super) fn announced(&self) -> Result<Option<Head>, LogError> {
        let Some(bytes) = self.db()?.get(KEY_HEAD).map_err(store)? else {
            return Ok(None);
        };
        let malformed = || LogError::Store("its end is malformed".into());
        let (position, hash) = bytes.split_first_chunk::<8>().ok_or_else(malformed)?;
        Ok(Some(Head {
            position: Position(u64::from_be_bytes(*position)),
            hash: Hash(hash.try_into().map_err(|_| malformed())?),
        }))
    }

    /// Shows `take` each frame from `from` on, until it breaks or there is none.
    pub(super) fn frames(
        &self,
        from: Position,
        take: &mut dyn FnMut(View<'_>) -> ControlFlow<()>,
    ) -> Result<(), LogError> {
        let db = self.db()?;
        // The entry that holds it begins at or before it.
        let holding = db
            .range(event_key(Position::START)..=event_key(from))
            .next_back()
            .transpose()
            .map_err(store)?;
        let begin = match holding {
            Some((key, _)) => first_of(&key)?,
            None => from,
        };
        for entry in db.range(event_key(begin)..=event_key(Position(u64::MAX))) {
            let (key, bytes) = entry.map_err(store)?;
            let mut at = first_of(&key)?;
            let mut rest: &[u8] = &bytes;
            while !rest.is_empty() {
                let damaged = |error| LogError::Damaged {
                    position: at,
                    error,
                };
                if at < from {
                    // Not asked for: stepped over unread.
                    let whole = View::length(rest).map_err(damaged)?;
                    rest = rest.get(whole..).unwrap_or_default();
                } else {
                    let view = View::decode(rest).map_err(damaged)?;
                    rest = rest.get(view.whole()..).unwrap_or_default();
                    if take(view).is_break() {
                        return Ok(());
                    }
                }
                at = at.next();
            }
        }
        Ok(())
    }

    /// Writes a batch, atomically and durably.
    pub(super) fn commit(&self, batch: &Batch) -> Result<(), LogError> {
        let mut writes = sled::Batch::default();
        let mut chunk: Option<(Position, usize)> = None;
        let mut from = 0;
        for (position, end) in batch.ends() {
            match chunk {
                Some((first, to)) if end - from > LOG_CHUNK_BYTES => {
                    writes.insert(&event_key(first), batch.slice(from..to));
                    from = to;
                    chunk = Some((position, end));
                }
                Some((first, _)) => chunk = Some((first, end)),
                None => chunk = Some((position, end)),
            }
        }
        if let Some((first, to)) = chunk {
            writes.insert(&event_key(first), batch.slice(from..to));
        }
        let head = batch.head();
        let mut end = head.position.0.to_be_bytes().to_vec();
        end.extend(head.hash.0);
        writes.insert(KEY_HEAD, end);
        self.db()?.apply_batch(writes).map_err(store)?;
        if fault::bug("acknowledge-before-sync") {
            return Ok(());
        }
        self.durable()
    }

    /// sled's `flush` hands the pages to the kernel; only `sync_data` makes them survive a power
    /// cut.
    pub(super) fn durable(&self) -> Result<(), LogError> {
        let failed = |why: String| LogError::Store(why);
        let mut flusher = self.flusher.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = match flusher.take() {
            Some(known) => known,
            None => Flusher::start(self.db()?.clone()).map_err(|why| failed(why.to_string()))?,
        };
        let answer = known.flush();
        // One that does not come back stays, and is asked nothing more.
        *flusher = Some(known);
        drop(flusher);
        answer
            .ok_or_else(|| {
                failed(
                    "le magasin ne rend pas la main ; redémarrer carnet une fois le disque réparé"
                        .to_owned(),
                )
            })?
            .map_err(store)?;
        if fault::bug("no-sync-data") {
            return Ok(());
        }
        self.file
            .sync_data()
            .map_err(|error| LogError::Store(error.to_string()))
    }
}

impl Drop for SledStore {
    /// sled's threads keep its file, and its lock on it, a moment after the last handle is gone.
    fn drop(&mut self) {
        let flusher = self.flusher.get_mut();
        let flusher = flusher.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Flusher {
            ask, thread, stuck, ..
        }) = flusher
        {
            drop(ask);
            if stuck {
                // The thread that does not come back keeps the store, and its lock, to the end of
                // the process: there is nothing to wait for.
                drop(self.db.take());
                return;
            }
            let _ended = thread.join();
        }
        drop(self.db.take());
        unlocked(&self.directory);
    }
}

/// Opens sled on a thread of its own, which may panic or never come back.
fn contained(directory: &Path) -> Result<sled::Db, Unopened> {
    let (sender, opened) = mpsc::sync_channel(1);
    let config = sled::Config::new()
        .path(directory)
        .segment_size(SEGMENT_BYTES)
        .cache_capacity(LOG_CACHE_BYTES)
        .flush_every_ms(None);
    let started = std::thread::Builder::new()
        .name("log-opening".into())
        .spawn(move || {
            let _given_up = sender.send(config.open());
        });
    if let Err(error) = started {
        return Err(Unopened::Refused(directory::unopenable(directory, &error)));
    }
    let times = bytes_in(directory) / (64 * 1024 * 1024) + 1;
    let patience = STORE_OPENING * u32::try_from(times).unwrap_or(u32::MAX);
    match opened.recv_timeout(patience.min(Duration::from_hours(1))) {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(error)) => Err(directory::unopened(directory, &error)),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(Unopened::Damaged("sled panicked".into())),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(Unopened::Damaged("sled hangs".into())),
    }
}

fn event_key(position: Position) -> [u8; 9] {
    let mut key = [b'e'; 9];
    key[1..].copy_from_slice(&position.0.to_be_bytes());
    key
}

fn first_of(key: &[u8]) -> Result<Position, LogError> {
    key.get(1..)
        .and_then(|bytes| bytes.try_into().ok())
        .map(|bytes| Position(u64::from_be_bytes(bytes)))
        .ok_or_else(|| LogError::Store("an entry has a malformed key".into()))
}

fn store(error: impl fmt::Display) -> LogError {
    LogError::Store(error.to_string())
}
