//! Taking a whole log elsewhere, and bringing it back: always as segments, with its positions and
//! its hashes as they are.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use uuid::Uuid;

use super::{
    MirroredLog, Places,
    copies::Copies,
    mend::{Take, copy_to, cut, hash_at, start},
    survey::cannot,
};
use crate::{
    domain::terms::Position,
    fault,
    log::{
        Head, LogError,
        scan::Scan,
        segment::{self, SegmentScan, SegmentWriter, Segments},
        writer::Store,
    },
};

/// What was taken elsewhere, or brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transferred {
    /// The identity of the log.
    pub id: Uuid,
    /// Its head there.
    pub head: Head,
}

/// Writes the log as segments into a directory that is empty or not there; `watch` is told how far
/// it is.
///
/// # Errors
/// [`LogError`], as from opening; [`LogError::Unopenable`] where the directory cannot be used.
pub fn export(
    log: &MirroredLog,
    to: &Path,
    watch: &mut dyn FnMut(Position),
) -> Result<Transferred, LogError> {
    let failed = |error: io::Error| cannot(to, &error);
    segment::create_directory(to).map_err(failed)?;
    if fs::read_dir(to).map_err(failed)?.next().is_some() {
        return Err(LogError::Unopenable(format!(
            "{} n'est pas vide",
            to.display()
        )));
    }
    let head = *log.head.borrow();
    let mut writer = SegmentWriter::open(to, log.id, None).map_err(failed)?;
    copy_to(
        start(log.id),
        head.position,
        &|from, take| log.reading.frames(from, take),
        &mut |batch| {
            watch(batch.head().position);
            writer
                .append(batch.bytes(), batch.before())
                .map_err(|error| cannot(to, &error))
        },
    )?;
    whole(to, log.id)
}

/// Brings the log that lies as segments in `from` to these places, which hold nothing, or its own
/// beginning. Everything keeps its position and its hash.
///
/// # Errors
/// [`LogError::Unopenable`] where `from` is damaged or holds no log, [`LogError::Disagree`] where
/// there is another log already, or the same with another continuation.
pub fn import(
    from: &Path,
    places: Places,
    watch: &mut dyn FnMut(Position),
) -> Result<Transferred, LogError> {
    let failed = |error: io::Error| cannot(from, &error);
    let id = segment::identity(from)
        .map_err(failed)?
        .ok_or_else(|| LogError::Unopenable(format!("{} n'a pas de journal", from.display())))?;
    // Read whole before the first record is written.
    let source = whole(from, id)?;
    let segments = Segments::open(from).map_err(failed)?;
    let (mut copies, there, unwritable) = Copies::open(places, id)?;
    if let Some(why) = unwritable {
        return Err(LogError::Store(why));
    }
    if copies.id() != id {
        return Err(LogError::Disagree(format!(
            "il y a déjà un autre journal, {}",
            copies.id()
        )));
    }
    let frames = |position: Position, take: &mut Take<'_>| {
        segments
            .frames(position, take)
            .map_err(|error| LogError::Store(error.to_string()))
    };
    if there.head.position > source.head.position
        || hash_at(&frames, id, there.head.position)? != Some(there.head.hash)
    {
        return Err(LogError::Disagree(format!(
            "le journal qui est là va jusqu'à {} et n'est pas le début de celui de {}",
            there.head.position,
            from.display()
        )));
    }
    copy_to(there.head, source.head.position, &frames, &mut |batch| {
        fault::point("mid-import");
        watch(batch.head().position);
        copies.commit(batch)
    })?;
    Ok(source)
}

/// Copies the mirror of a log, which may be in use, to a directory that holds nothing or an
/// earlier such copy; only what is new is written. What is copied is durable in the mirror, and
/// read whole in the copy.
///
/// # Errors
/// [`LogError::Unopenable`] where there is no mirror, or a directory cannot be used;
/// [`LogError::Disagree`] where the earlier copy is not of this log's beginning.
pub fn backup(
    mirror: &Path,
    to: &Path,
    watch: &mut dyn FnMut(Position),
) -> Result<Transferred, LogError> {
    let failed = |error: io::Error| cannot(to, &error);
    let id = segment::identity(mirror)
        .map_err(|error| cannot(mirror, &error))?
        .ok_or_else(|| LogError::Unopenable(format!("{} n'a pas de journal", mirror.display())))?;
    segment::create_directory(to).map_err(failed)?;
    let earlier = segment::identity(to).map_err(failed)?;
    if earlier.is_some_and(|earlier| earlier != id) {
        return Err(LogError::Disagree(format!(
            "{} est la sauvegarde d'un autre journal",
            to.display()
        )));
    }
    let segments = segment::list(mirror).map_err(|error| cannot(mirror, &error))?;
    let strange = segment::list(to).map_err(failed)?.into_iter();
    if let Some((_, path)) = strange
        .into_iter()
        .find(|(first, _)| segments.iter().all(|(other, _)| other != first))
    {
        return Err(LogError::Disagree(format!(
            "{} n'est plus dans le miroir, qui a été récrit : sauvegarder dans un répertoire neuf",
            path.display()
        )));
    }
    for (first, path) in segments {
        watch(first);
        copy_end(&path, &segment::path(to, first)).map_err(failed)?;
    }
    segment::sync(to).map_err(failed)?;
    let copied = segment::scan(to, id, Scan::new(id)).map_err(failed)?;
    if copied.scan.trouble.is_some() && !copied.is_torn() {
        return Err(damaged(to, &copied));
    }
    // What was being written while it was copied.
    cut(id, to, copied).map_err(failed)?;
    whole(to, id)
}

/// Brings a copy of a file that only grows up to date, and makes both durable.
fn copy_end(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    // What is copied must be durable where it comes from: the copy must not know more.
    source.sync_all()?;
    let mut target = File::options().create(true).append(true).open(to)?;
    let there = target.metadata()?.len();
    io::Seek::seek(&mut source, io::SeekFrom::Start(there))?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()
}

/// The end of a directory of segments that must be whole.
fn whole(directory: &Path, id: Uuid) -> Result<Transferred, LogError> {
    let read = segment::scan(directory, id, Scan::new(id));
    let read = read.map_err(|error| cannot(directory, &error))?;
    if read.scan.trouble.is_some() || read.scan.complete != read.scan.head {
        return Err(damaged(directory, &read));
    }
    Ok(Transferred {
        id,
        head: read.scan.head,
    })
}

fn damaged(directory: &Path, read: &SegmentScan) -> LogError {
    let what = match &read.scan.trouble {
        Some(trouble) => trouble.to_string(),
        None => "sa dernière commande n'est pas entière".to_owned(),
    };
    LogError::Unopenable(format!("{} : {what}", directory.display()))
}
