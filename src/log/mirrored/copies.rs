//! Both copies, held: what the writer writes to, and what readers read.

use std::{
    fs::{self, File},
    io::Write,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use uuid::Uuid;

use super::{
    Places,
    mend::{self, Opened},
    mirror::Mirror,
};
use crate::{
    domain::terms::Position,
    fault,
    limits::LOG_PROBE_BYTES,
    log::{
        Appended, LogError,
        index::Index,
        record::{Record, View},
        segment::{Segments, create_directory},
        sled::{Hold, SledStore},
        writer::{Batch, End, Store},
    },
};

/// Where records are read.
#[derive(Debug)]
pub(super) enum Source {
    /// From the store.
    Store(SledStore),
    /// From the mirror, while the store cannot be opened.
    Mirror(Segments),
    /// Nowhere, for this reason.
    Closed(String),
}

/// What readers need.
#[derive(Debug)]
pub(super) struct Reading {
    source: RwLock<Source>,
    /// Under a lock of its own, so that a long read does not hold up the writer.
    index: RwLock<Index>,
}

fn shared<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    // Whoever panicked while holding one of them had not changed it halfway.
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

impl Reading {
    /// Shows `take` each frame from `from` on, until it breaks or there is none.
    pub(super) fn frames(
        &self,
        from: Position,
        take: &mut dyn FnMut(View<'_>) -> ControlFlow<()>,
    ) -> Result<(), LogError> {
        match &*shared(&self.source) {
            Source::Store(store) => store.frames(from, take),
            Source::Mirror(segments) => segments
                .frames(from, take)
                .map_err(|error| LogError::Store(error.to_string())),
            Source::Closed(why) => Err(LogError::Store(why.clone())),
        }
    }

    #[cfg(test)]
    pub(super) fn with_source(&self, see: impl FnOnce(&Source)) {
        see(&shared(&self.source));
    }

    #[cfg(test)]
    pub(super) fn with_index(&self, change: impl FnOnce(&mut Index)) {
        change(&mut self.index.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// The positions of a stream's events, in order.
    pub(super) fn positions(&self, stream: &str) -> Vec<Position> {
        shared(&self.index).positions(stream)
    }

    /// The version of a stream.
    fn version(&self, stream: &str) -> u64 {
        shared(&self.index).version(stream)
    }

    /// The records at these positions, which ascend.
    pub(super) fn records(&self, positions: &[Position]) -> Result<Vec<Record>, LogError> {
        let mut records = Vec::with_capacity(positions.len());
        while let Some(next) = positions.get(records.len()) {
            // Those that follow each other are read in one go.
            let mut missing = true;
            self.frames(*next, &mut |view| {
                if positions.get(records.len()) == Some(&view.position) {
                    records.push(view.to_record());
                    missing = false;
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
            if missing {
                return Err(LogError::Missing(*next));
            }
        }
        Ok(records)
    }

    /// What a command wrote, with its fingerprint.
    pub(super) fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
        let Some(first) = shared(&self.index).command(id) else {
            return Ok(None);
        };
        let record = self.records(&[first])?.pop();
        let record = record.ok_or(LogError::Missing(first))?;
        let appended = Appended {
            first,
            count: record.command_count,
            repeated: true,
        };
        Ok(Some((appended, record.fingerprint)))
    }
}

/// Both copies, for the one writer.
#[derive(Debug)]
pub(super) struct Copies {
    places: Places,
    id: Uuid,
    reading: Arc<Reading>,
    mirror: Option<Mirror>,
    /// The directories, held against other processes; let go of last.
    _holds: Vec<Hold>,
}

impl Copies {
    /// Opens both, or creates them under `new_id`. Also answers their common end and, if the log
    /// can be read but not written, why.
    pub(super) fn open(
        places: Places,
        new_id: Uuid,
    ) -> Result<(Self, End, Option<String>), LogError> {
        let mut holds = Vec::new();
        for directory in directories(&places) {
            create_directory(directory).map_err(|error| {
                LogError::Unopenable(format!("{} : {error}", directory.display()))
            })?;
            holds.push(Hold::take(directory)?);
        }
        let opened = mend::open(&places, new_id)?;
        let copies = Self {
            id: opened.id,
            reading: Arc::new(Reading {
                source: RwLock::new(opened.source),
                index: RwLock::new(opened.index),
            }),
            mirror: opened.mirror.map(started).transpose()?,
            places,
            _holds: holds,
        };
        Ok((copies, opened.end, opened.unwritable))
    }

    pub(super) fn id(&self) -> Uuid {
        self.id
    }

    pub(super) fn reading(&self) -> Arc<Reading> {
        Arc::clone(&self.reading)
    }

    fn write(&self, batch: &Batch) -> Result<(), LogError> {
        if let Some(mirror) = &self.mirror {
            mirror.begin(batch.bytes(), batch.before())?;
        }
        let stored = match &*shared(&self.reading.source) {
            Source::Store(store) => store.commit(batch),
            Source::Mirror(_) | Source::Closed(_) => {
                Err(LogError::Store("the store is not open".into()))
            }
        };
        fault::point("between-copies");
        let mirrored = self.mirror.as_ref().map_or(Ok(()), Mirror::finish);
        stored.and(mirrored)
    }
}

impl Store for Copies {
    fn stream_version(&self, stream: &str) -> Result<u64, LogError> {
        Ok(self.reading.version(stream))
    }

    fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
        self.reading.command(id)
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), LogError> {
        if fault::bug("drop-last-of-batch") {
            self.write(&batch.without_last())?;
        } else {
            self.write(batch)?;
        }
        let mut index = self
            .reading
            .index
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        for view in batch.views() {
            let pushed = view
                .map_err(|error| error.to_string())
                .and_then(|view| index.push(&view).map_err(|error| error.to_string()));
            pushed.map_err(LogError::Store)?;
        }
        Ok(())
    }

    fn short(&self) -> Option<String> {
        directories(&self.places).find_map(|directory| {
            let space = rustix::fs::statvfs(directory).ok()?;
            let free = space.f_bavail.saturating_mul(space.f_frsize);
            (free < self.places.free_bytes).then(|| {
                format!(
                    "il ne reste que {} Mio de libres là où se trouve {}, il en faut {}",
                    free >> 20,
                    directory.display(),
                    self.places.free_bytes >> 20
                )
            })
        })
    }

    fn reopen(&mut self) -> Result<End, LogError> {
        for directory in directories(&self.places) {
            probe(directory)
                .map_err(|error| LogError::Store(format!("{} : {error}", directory.display())))?;
        }
        // Held until the store is open again: who reads meanwhile waits instead of failing.
        let mut source = self
            .reading
            .source
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        drop(self.mirror.take());
        // What was open is closed before it is opened again.
        drop(std::mem::replace(
            &mut *source,
            Source::Closed("the store is being opened again".into()),
        ));
        let opened = reopened(&self.places, self.id).inspect_err(|error| {
            *source = Source::Closed(error.to_string());
        })?;
        *source = opened.source;
        *self
            .reading
            .index
            .write()
            .unwrap_or_else(PoisonError::into_inner) = opened.index;
        self.mirror = opened.mirror.map(started).transpose()?;
        match opened.unwritable {
            Some(why) => Err(LogError::Store(why)),
            None => Ok(opened.end),
        }
    }
}

fn reopened(places: &Places, id: Uuid) -> Result<Opened, LogError> {
    let opened = mend::open(places, id)?;
    if opened.id == id {
        Ok(opened)
    } else {
        Err(LogError::Disagree("another log lies there now".into()))
    }
}

fn started(writer: crate::log::segment::SegmentWriter) -> Result<Mirror, LogError> {
    Mirror::start(writer).map_err(|error| LogError::Unopenable(error.to_string()))
}

/// The directories of both copies.
fn directories(places: &Places) -> impl Iterator<Item = &Path> {
    std::iter::once(&places.store)
        .chain(&places.mirror)
        .map(PathBuf::as_path)
}

/// Whether a directory takes as much as opening a copy may write.
fn probe(directory: &Path) -> std::io::Result<()> {
    let path = directory.join("probe");
    let written = File::create(&path).and_then(|mut file| {
        let block = vec![0; 1024 * 1024];
        for _ in 0..LOG_PROBE_BYTES / block.len() {
            file.write_all(&block)?;
        }
        file.sync_all()
    });
    let removed = fs::remove_file(&path);
    written.and(removed)
}
