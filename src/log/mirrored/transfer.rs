//! Taking a whole log elsewhere, and bringing it back: always as segments, with its positions and
//! its hashes as they are.

use std::{
    fs::{self, File},
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{
    MirroredLog, Places,
    copies::Copies,
    mend::{copy_to, cut, hash_at, mirror_frames, start},
    survey::cannot,
};
use crate::{
    domain::terms::Position,
    fault,
    log::{
        Head, LogError,
        scan::Scan,
        segment::{self, SegmentScan, SegmentWriter, Segments},
        sled::Hold,
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
            "{} n'est pas vide : exporter dans un répertoire neuf",
            to.display()
        )));
    }
    let head = *log.head.borrow();
    if head.position == Position::START {
        return Err(LogError::Unopenable("il n'a encore aucun événement".into()));
    }
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
    let frames = mirror_frames(&segments);
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
/// read whole in the copy; where it is not, the earlier copy stays as it was.
///
/// # Errors
/// [`LogError::Unopenable`] where there is no mirror, it is damaged, or a directory cannot be
/// used; [`LogError::Disagree`] where the earlier copy is not of this log's beginning, file by
/// file; [`LogError::Locked`] while another backup is being made there.
pub fn backup(
    mirror: &Path,
    to: &Path,
    watch: &mut dyn FnMut(Position),
) -> Result<Transferred, LogError> {
    let failed = |error: io::Error| cannot(to, &error);
    let unread = |error: io::Error| cannot(mirror, &error);
    let id = segment::identity(mirror).map_err(unread)?.ok_or_else(|| {
        LogError::Unopenable(format!("{} n'a encore aucun événement", mirror.display()))
    })?;
    segment::create_directory(to).map_err(failed)?;
    let same_place = to.canonicalize().map_err(failed)? == mirror.canonicalize().map_err(unread)?;
    if same_place || to.join("db").exists() {
        return Err(LogError::Unopenable(format!(
            "{} est une copie en service du journal, et ne peut en être la sauvegarde",
            to.display()
        )));
    }
    let _held = Hold::take(to)?;
    let earlier = segment::identity(to).map_err(failed)?;
    if earlier.is_some_and(|earlier| earlier != id) {
        return Err(LogError::Disagree(format!(
            "{} est la sauvegarde d'un autre journal",
            to.display()
        )));
    }
    let earlier = segment::scan(to, id, Scan::new(id)).map_err(failed)?;
    if earlier.scan.trouble.is_some() && !earlier.is_torn() {
        return Err(LogError::Unopenable(format!(
            "la sauvegarde qui est là est abîmée, {} ; elle reste telle quelle : sauvegarder dans \
             un répertoire neuf",
            told(&earlier)
        )));
    }
    let (there, end) = (earlier.scan.complete, earlier.end.clone());
    // What was being written when an earlier backup was interrupted.
    cut(id, to, earlier).map_err(failed)?;
    let segments = segment::list(mirror).map_err(unread)?;
    if !continues(mirror, id, to, there)? {
        return Err(LogError::Disagree(format!(
            "{} n'est plus, fichier par fichier, le début du miroir, qui a été récrit : \
             sauvegarder dans un répertoire neuf",
            to.display()
        )));
    }
    let last = segment::list(to).map_err(failed)?.pop();
    for (first, path) in segments {
        if last.as_ref().is_none_or(|(last, _)| first >= *last) {
            watch(first);
            copy_end(&path, &segment::path(to, first)).map_err(failed)?;
        }
    }
    segment::sync(to).map_err(failed)?;
    let copied = segment::scan(to, id, Scan::new(id)).map_err(failed)?;
    if copied.scan.trouble.is_some() && !copied.is_cut() {
        roll_back(id, to, end).map_err(failed)?;
        return Err(LogError::Unopenable(format!(
            "le miroir est abîmé, {} ; rien n'a été ajouté à la sauvegarde : arrêter carnet et \
             lancer « carnet log verify »",
            told(&copied)
        )));
    }
    let head = copied.scan.complete;
    // What was being written while it was copied.
    cut(id, to, copied).map_err(failed)?;
    Ok(Transferred { id, head })
}

/// Whether a copy that ends with this head is the beginning of the mirror, in the same files.
fn continues(mirror: &Path, id: Uuid, to: &Path, end: Head) -> Result<bool, LogError> {
    let unread = |error: io::Error| cannot(mirror, &error);
    let files = segment::list(to).map_err(|error| cannot(to, &error))?;
    for (number, (first, path)) in files.iter().enumerate() {
        let length = |path: &Path| fs::metadata(path).map(|of| of.len());
        let copied = length(path).map_err(|error| cannot(path, &error))?;
        let same = match length(&segment::path(mirror, *first)) {
            Ok(there) if number + 1 == files.len() => there >= copied,
            Ok(there) => there == copied,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(unread(error)),
        };
        if !same {
            return Ok(false);
        }
    }
    let segments = Segments::open(mirror).map_err(unread)?;
    Ok(hash_at(&mirror_frames(&segments), id, end.position)? == Some(end.hash))
}

/// Makes a copy end where it did.
fn roll_back(id: Uuid, to: &Path, end: Option<(PathBuf, u64)>) -> io::Result<()> {
    for (_, path) in segment::list(to)? {
        if end.as_ref().is_none_or(|(last, _)| path > *last) {
            fs::remove_file(path)?;
        }
    }
    segment::sync(to)?;
    SegmentWriter::open(to, id, end).map(drop)
}

/// Brings a copy of a file that only grows up to date, and makes both durable.
fn copy_end(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    // The copy must not know more than what is durable where it comes from.
    let durable = source.metadata()?.len();
    source.sync_all()?;
    let mut target = File::options().create(true).append(true).open(to)?;
    let there = target.metadata()?.len();
    source.seek(io::SeekFrom::Start(there))?;
    io::copy(&mut source.take(durable.saturating_sub(there)), &mut target)?;
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
    LogError::Unopenable(format!(
        "{} est abîmé, {} ; rien n'a été écrit",
        directory.display(),
        told(read)
    ))
}

fn told(read: &SegmentScan) -> String {
    match &read.scan.trouble {
        Some(trouble) => trouble.to_string(),
        None => "sa dernière commande n'est pas entière".to_owned(),
    }
}
