//! Opening: both copies are read whole and compared, and what one lacks is taken from the other.
//!
//! One copy is believed over the other only where that cannot lose what was acknowledged: it is
//! whole, it reaches as far as the other shows signs of having reached, and where both are whole
//! they are the same. Whatever was mended is read whole again before it is served.

use std::{fs, io, ops::ControlFlow, path::Path};

use uuid::Uuid;

use super::{
    Places,
    copies::Source,
    decide::{Decision, Mending, decide},
    survey::{Found, New, Survey, cannot, survey},
};
use crate::{
    domain::terms::Position,
    fault,
    limits::LOG_BATCH_EVENTS,
    log::{
        Head, LogError,
        index::Index,
        record::{Hash, View, genesis},
        scan::Scan,
        segment::{SegmentScan, SegmentWriter, Segments, aside, is_segment, set_aside, sync},
        sled::{SledStore, Unopened, is_sleds},
        writer::{Batch, End},
    },
};

/// How often both copies are read and mended before it is given up.
const ROUNDS: usize = 4;

/// Both copies, open and alike.
#[derive(Debug)]
pub(super) struct Opened {
    /// The identity of the log.
    pub id: Uuid,
    /// Where it is read.
    pub source: Source,
    /// Where the mirror goes on, if there is one.
    pub mirror: Option<SegmentWriter>,
    /// Where everything is.
    pub index: Index,
    /// Its end.
    pub end: End,
    /// Why it can be read but not written.
    pub unwritable: Option<String>,
}

/// Opens both copies, mended where they need it; creates them under `new_id` if there is none.
pub(super) fn open(places: &Places, new: New) -> Result<Opened, LogError> {
    for _ in 0..ROUNDS {
        let survey = survey(places, new)?;
        match decide(places, &survey)? {
            Decision::Alike => return alike(places, survey),
            Decision::ReadMirror(why) => return read_only(places, survey, why),
            Decision::ReadStore(why) => return store_only(survey, why),
            Decision::Mend(mending) => mend(places, survey, &mending)?,
        }
    }
    Err(LogError::Unopenable(
        "les deux copies ne deviennent pas pareilles : le disque ne garde pas ce qu'on y écrit"
            .into(),
    ))
}

fn alike(places: &Places, survey: Survey) -> Result<Opened, LogError> {
    let Found::Read(store, scan) = survey.store else {
        return Err(LogError::Unopenable("the store is not open".into()));
    };
    if store.is_new() {
        store.create(survey.id)?;
    }
    // What a killed process wrote may not be durable yet, and will be served.
    store.durable()?;
    let mirror = match (places.mirror.as_deref(), survey.mirror) {
        (Some(directory), Some(mirror)) => {
            let writer = SegmentWriter::open(directory, survey.id, mirror.end);
            Some(writer.map_err(|error| cannot(directory, &error))?)
        }
        _ => None,
    };
    Ok(Opened {
        id: survey.id,
        source: Source::Store(store),
        mirror,
        end: end(&scan),
        index: scan.index,
        unwritable: None,
    })
}

/// The store is read and nothing is written: the mirror has no room for what it lacks.
fn store_only(survey: Survey, why: String) -> Result<Opened, LogError> {
    let Found::Read(store, scan) = survey.store else {
        return Err(LogError::Unopenable(why));
    };
    tracing::error!(why, "the mirror cannot be mended: the store is read");
    store.durable()?;
    Ok(Opened {
        id: survey.id,
        source: Source::Store(store),
        mirror: None,
        end: end(&scan),
        index: scan.index,
        unwritable: Some(why),
    })
}

/// The mirror is read and nothing is written.
fn read_only(places: &Places, survey: Survey, why: String) -> Result<Opened, LogError> {
    let (Some(directory), Some(mirror)) = (places.mirror.as_deref(), survey.mirror) else {
        return Err(LogError::Unopenable(why));
    };
    tracing::error!(why, "the store cannot be opened: the mirror is read");
    if let Some((path, _)) = &mirror.end {
        // What a killed process wrote may not be durable yet, and will be served.
        sync(path).map_err(|error| cannot(path, &error))?;
    }
    let segments = Segments::open(directory).map_err(|error| cannot(directory, &error))?;
    Ok(Opened {
        id: survey.id,
        source: Source::Mirror(segments),
        mirror: None,
        end: end(&mirror.scan),
        index: mirror.scan.index,
        unwritable: Some(why),
    })
}

fn end(scan: &Scan) -> End {
    End {
        head: scan.head,
        recorded_at: scan.recorded_at,
    }
}

fn mend(places: &Places, survey: Survey, mending: &Mending) -> Result<(), LogError> {
    let (Some(directory), Some(mirror)) = (places.mirror.as_deref(), survey.mirror) else {
        return Ok(());
    };
    let failed = |error: io::Error| cannot(directory, &error);
    let id = survey.id;
    let trouble = mirror.scan.trouble.as_ref().map(ToString::to_string);
    match (mending, survey.store) {
        (Mending::CutMirror, _) => {
            tracing::warn!(
                trouble,
                after = mirror.scan.complete.position.0,
                "the mirror is cut after its last whole command: a batch was not finished"
            );
            cut(id, directory, mirror).map_err(failed)
        }
        (Mending::ExtendMirror, Found::Read(store, scan)) => {
            tracing::warn!(
                after = mirror.scan.head.position.0,
                to = scan.head.position.0,
                "what the mirror lacks is added to it from the store"
            );
            let after = mirror.scan.head;
            let mut writer = SegmentWriter::open(directory, id, mirror.end).map_err(failed)?;
            copy(after, &store_frames(&store), &mut |batch| {
                writer
                    .append(batch.bytes(), batch.before())
                    .map_err(|error| cannot(directory, &error))
            })
        }
        (Mending::ExtendStore, Found::Read(store, scan)) => {
            tracing::warn!(
                after = scan.head.position.0,
                to = mirror.scan.head.position.0,
                "what the store lacks is added to it from the mirror"
            );
            if store.is_new() {
                store.create(id)?;
            }
            let segments = Segments::open(directory).map_err(failed)?;
            copy(scan.head, &mirror_frames(&segments), &mut |batch| {
                store.commit(batch)
            })
        }
        (Mending::RewriteMirror, Found::Read(store, _)) => {
            let aside = set_aside(directory, is_segment).map_err(failed)?;
            tracing::error!(
                trouble,
                aside = %aside.display(),
                "the mirror is damaged: it was set aside and is written anew from the store"
            );
            let mut writer = SegmentWriter::open(directory, id, None).map_err(failed)?;
            copy(start(id), &store_frames(&store), &mut |batch| {
                writer
                    .append(batch.bytes(), batch.before())
                    .map_err(|error| cannot(directory, &error))
            })
        }
        (Mending::RewriteStore(why), found) => {
            drop(found);
            let aside = set_aside(&places.store, is_sleds)
                .map_err(|error| cannot(&places.store, &error))?;
            tracing::error!(
                why,
                aside = %aside.display(),
                "the store is damaged: it was set aside and is written anew from the mirror"
            );
            let store = SledStore::open(&places.store).map_err(|error| match error {
                Unopened::Refused(error) => error,
                Unopened::Full(why) | Unopened::Damaged(why) => LogError::Unopenable(why),
            })?;
            store.create(id)?;
            let segments = Segments::open(directory).map_err(failed)?;
            let to = mirror.scan.complete.position;
            copy_to(start(id), to, &mirror_frames(&segments), &mut |batch| {
                store.commit(batch)
            })
        }
        _ => Ok(()),
    }
}

/// Cuts the mirror after its last whole command.
pub(super) fn cut(id: Uuid, directory: &Path, mirror: SegmentScan) -> io::Result<()> {
    if let Some(trouble) = &mirror.scan.trouble
        && let Some((path, 0)) = &trouble.place
    {
        // A file that was begun and has no header yet.
        fs::remove_file(path)?;
        sync(directory)?;
    }
    if let Some((path, length)) = &mirror.end
        && mirror.scan.reaches > mirror.scan.head.position
    {
        // Whole records behind what is wrong: more than a cut leaves by itself. They are kept.
        let aside = aside(directory)?;
        if let Some(name) = path.file_name() {
            fs::copy(path, aside.join(name))?;
        }
        tracing::warn!(aside = %aside.display(), after = length, "what is cut was copied aside");
    }
    SegmentWriter::open(directory, id, mirror.end).map(drop)
}

pub(super) fn start(id: Uuid) -> Head {
    Head {
        position: Position::START,
        hash: genesis(id),
    }
}

pub(super) type Take<'a> = dyn FnMut(View<'_>) -> ControlFlow<()> + 'a;
pub(super) type Frames<'a> = dyn Fn(Position, &mut Take<'_>) -> Result<(), LogError> + 'a;

fn store_frames(store: &SledStore) -> impl Fn(Position, &mut Take<'_>) -> Result<(), LogError> {
    move |from, take| store.frames(from, take)
}

pub(super) fn mirror_frames(
    segments: &Segments,
) -> impl Fn(Position, &mut Take<'_>) -> Result<(), LogError> {
    move |from, take| {
        segments
            .frames(from, take)
            .map_err(|error| LogError::Store(error.to_string()))
    }
}

/// Hands on everything after a head, in batches of whole commands.
fn copy(
    after: Head,
    frames: &Frames<'_>,
    write: &mut dyn FnMut(&Batch) -> Result<(), LogError>,
) -> Result<(), LogError> {
    copy_to(after, Position(u64::MAX), frames, write)
}

/// Hands on what follows a head up to a position, in batches of whole commands.
pub(super) fn copy_to(
    after: Head,
    to: Position,
    frames: &Frames<'_>,
    write: &mut dyn FnMut(&Batch) -> Result<(), LogError>,
) -> Result<(), LogError> {
    let mut batch = Batch::copy(after);
    let mut failed = Ok(());
    frames(after.position.next(), &mut |view| {
        if view.position > to {
            return ControlFlow::Break(());
        }
        let head = Head {
            position: view.position,
            hash: view.hash(),
        };
        batch.push(view.frame(), head);
        if batch.len() >= LOG_BATCH_EVENTS && view.ends_command() {
            fault::point("mid-mending");
            failed = write(&batch);
            batch = Batch::copy(head);
        }
        if failed.is_err() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    failed?;
    if batch.len() > 0 {
        fault::point("mid-mending");
        write(&batch)?;
    }
    Ok(())
}

pub(super) fn hash_in_store(
    store: &SledStore,
    id: Uuid,
    at: Position,
) -> Result<Option<Hash>, LogError> {
    hash_at(&store_frames(store), id, at)
}

pub(super) fn hash_in_mirror(
    places: &Places,
    id: Uuid,
    at: Position,
) -> Result<Option<Hash>, LogError> {
    let Some(directory) = places.mirror.as_deref() else {
        return Ok(None);
    };
    let segments = Segments::open(directory).map_err(|error| cannot(directory, &error))?;
    hash_at(&mirror_frames(&segments), id, at)
}

/// The hash of the record at a position; of the genesis before the first.
pub(super) fn hash_at(
    frames: &Frames<'_>,
    id: Uuid,
    at: Position,
) -> Result<Option<Hash>, LogError> {
    if at == Position::START {
        return Ok(Some(genesis(id)));
    }
    let mut hash = None;
    frames(at, &mut |view| {
        hash = (view.position == at).then(|| view.hash());
        ControlFlow::Break(())
    })?;
    Ok(hash)
}
