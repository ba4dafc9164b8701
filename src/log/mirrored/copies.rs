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
    survey::New,
};
use crate::{
    domain::terms::Position,
    fault,
    limits::LOG_REOPENING_BYTES,
    log::{
        Appended, Head, LogError,
        index::Index,
        record::{Record, View},
        segment::{Segments, create_directory, sync},
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

impl Source {
    /// Shows `take` each frame from `from` on, until it breaks or there is none.
    fn frames(
        &self,
        from: Position,
        take: &mut dyn FnMut(View<'_>) -> ControlFlow<()>,
    ) -> Result<(), LogError> {
        match self {
            Self::Store(store) => store.frames(from, take),
            Self::Mirror(segments) => segments
                .frames(from, take)
                .map_err(|error| LogError::Store(error.to_string())),
            Self::Closed(why) => Err(LogError::Store(why.clone())),
        }
    }
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
        shared(&self.source).frames(from, take)
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
    /// The last head that was durable in both.
    head: Head,
    /// The directories, held against other processes; let go of last.
    holds: Vec<Hold>,
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
        }
        apart(&places)?;
        for directory in directories(&places) {
            holds.push(Hold::take(directory)?);
        }
        let opened = mend::open(&places, New::Id(new_id))?;
        note_staleness(&places, opened.mirror.is_some())?;
        let copies = Self {
            id: opened.id,
            reading: Arc::new(Reading {
                source: RwLock::new(opened.source),
                index: RwLock::new(opened.index),
            }),
            mirror: opened.mirror.map(started).transpose()?,
            places,
            head: opened.end.head,
            holds,
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
        self.head = batch.head();
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
        if !self.holds.iter().all(Hold::is_in_place) {
            return Err(LogError::Disagree(
                "un répertoire du journal a été remplacé sous le serveur : le remettre, ou \
                 redémarrer"
                    .into(),
            ));
        }
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
        let opened = reopened(&self.places, self.id, self.head).inspect_err(|error| {
            *source = Source::Closed(error.to_string());
        })?;
        *source = opened.source;
        *self
            .reading
            .index
            .write()
            .unwrap_or_else(PoisonError::into_inner) = opened.index;
        self.mirror = opened.mirror.map(started).transpose()?;
        self.head = opened.end.head;
        match opened.unwritable {
            Some(why) => Err(LogError::Store(why)),
            None => Ok(opened.end),
        }
    }
}

/// Opens what was open: the same log, which still has what was last durable.
fn reopened(places: &Places, id: Uuid, head: Head) -> Result<Opened, LogError> {
    let opened = mend::open(places, New::Never(id))?;
    let mut kept = head.position == Position::START;
    opened.source.frames(head.position, &mut |view| {
        kept = kept || (view.position == head.position && view.hash() == head.hash);
        ControlFlow::Break(())
    })?;
    if kept {
        Ok(opened)
    } else {
        Err(LogError::Disagree(format!(
            "le journal n'a plus sa position {}, qui était inscrite",
            head.position
        )))
    }
}

/// Refuses one copy within the other: what happens to one must not happen to both.
fn apart(places: &Places) -> Result<(), LogError> {
    let Some(mirror) = &places.mirror else {
        return Ok(());
    };
    let whole = |path: &Path| {
        path.canonicalize()
            .map_err(|error| LogError::Unopenable(format!("{} : {error}", path.display())))
    };
    let (store, mirror) = (whole(&places.store)?, whole(mirror)?);
    if store.starts_with(&mirror) || mirror.starts_with(&store) {
        return Err(LogError::Unopenable(format!(
            "{} et {} doivent être à l'écart l'un de l'autre (réglage « mirror_dir »)",
            store.display(),
            mirror.display()
        )));
    }
    Ok(())
}

/// In a mirror's directory, there while the log is written without it.
const STALE: &str = "stale";

/// Whether the log was written without its mirror since both were last alike.
pub(super) fn mirror_is_stale(places: &Places) -> bool {
    let mirror = places.mirror.as_ref();
    mirror.is_some_and(|mirror| mirror.join(STALE).exists())
}

/// Notes that the mirror is behind from now on, or is no longer.
fn note_staleness(places: &Places, alike: bool) -> Result<(), LogError> {
    let noted = match (&places.mirror, &places.unused) {
        (Some(mirror), _) if alike && mirror_is_stale(places) => {
            fs::remove_file(mirror.join(STALE)).and_then(|()| sync(mirror))
        }
        (None, Some(unused)) if unused.is_dir() => {
            File::create(unused.join(STALE)).and_then(|_| sync(unused))
        }
        _ => Ok(()),
    };
    noted.map_err(|error| LogError::Unopenable(format!("le miroir : {error}")))
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

/// Whether a directory's disk has as much room as opening a copy may take.
pub(super) fn has_room(directory: &Path) -> bool {
    rustix::fs::statvfs(directory)
        .is_ok_and(|space| space.f_bavail.saturating_mul(space.f_frsize) >= LOG_REOPENING_BYTES)
}

/// Whether a directory takes a write, and has the room. Asked every second while it does not: what
/// is written is small.
fn probe(directory: &Path) -> std::io::Result<()> {
    if !has_room(directory) {
        return Err(std::io::ErrorKind::StorageFull.into());
    }
    let path = directory.join("probe");
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&[0; 4096])?;
        file.sync_all()
    });
    let removed = fs::remove_file(&path);
    written.and(removed)
}
