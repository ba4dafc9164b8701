//! Reading both copies of a log that nobody has open, and mending nothing.

use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::{
    Places,
    mend::{hash_in_mirror, hash_in_store},
    survey::cannot,
};
use crate::{
    domain::terms::Position,
    log::{
        Head, LogError,
        record::View,
        scan::{Scan, Wrong},
        segment::{self, SegmentScan},
        sled::{Hold, SledStore, Unopened, is_unfinished},
        stored,
    },
};

/// What was found of one copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Where it lies.
    pub directory: PathBuf,
    /// The end of the last whole command up to which everything is as it must be.
    pub head: Head,
    /// What is wrong with what follows, in French: the first bad position, the file and the byte.
    pub trouble: Option<String>,
    /// Whether that is no more than what a cut leaves behind the last whole command.
    pub torn: bool,
}

/// What was found of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The identity of the log; none where neither copy tells one.
    pub id: Option<Uuid>,
    /// The store.
    pub store: Checked,
    /// The mirror, if there is one.
    pub mirror: Option<Checked>,
    /// How the copies differ, in French, where that is not told by what is wrong with one.
    pub difference: Option<String>,
}

impl Verified {
    /// Whether nothing is wrong, and both copies are the same.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let whole = |copy: &Checked| copy.trouble.is_none() || copy.torn;
        whole(&self.store) && self.mirror.as_ref().is_none_or(whole) && self.difference.is_none()
    }
}

/// The store as it was found.
type Opened = Result<(SledStore, Option<Uuid>), String>;

/// Verifies both copies: frames, checksums, chain, positions, stream versions, commands, that this
/// release reads every event, and that both copies are the same. `watch` is told of every record
/// that passed.
///
/// # Errors
/// [`LogError::Locked`] while another process has the log open, [`LogError::Unopenable`] where a
/// directory cannot be read, or the disk has no room for opening the store. What is wrong with the
/// log itself is no error, but an answer.
pub fn verify(
    places: &Places,
    watch: &(impl Fn() + Clone + Send + 'static),
) -> Result<Verified, LogError> {
    let _held = [&places.store]
        .into_iter()
        .chain(&places.mirror)
        .filter(|directory| directory.is_dir())
        .map(|directory| Hold::take(directory))
        .collect::<Result<Vec<_>, _>>()?;
    let mirror = places.mirror.as_deref();
    let mirrored = match mirror.filter(|mirror| mirror.is_dir()) {
        Some(mirror) => segment::identity(mirror).map_err(|error| cannot(mirror, &error))?,
        None => None,
    };
    let opened = open(&places.store)?;
    let stored = opened.as_ref().ok().and_then(|(_, id)| *id);
    let id = stored.or(mirrored).unwrap_or_default();
    let scan = || {
        let watch = watch.clone();
        Scan::with(
            id,
            Box::new(move |view| readable(view).inspect(|()| watch())),
        )
    };
    // Each copy is read on a core of its own. A store that panics while it is read is damaged.
    let (read, mirror_scan) = std::thread::scope(|scope| {
        let stored = scan();
        let reads = scope.spawn(|| opened.map(|(mut store, _)| (store.scan(stored), store)));
        let mirror = mirror.filter(|mirror| mirror.is_dir()).map(|mirror| {
            segment::scan(mirror, id, scan()).map_err(|error| cannot(mirror, &error))
        });
        let read = reads.join();
        let read = read.unwrap_or_else(|_| Err("sled a paniqué".into()));
        (read, mirror.transpose())
    });
    let mirror_scan = mirror_scan?;
    let (store_scan, store) = match read {
        Ok((scan, store)) => (scan, Some(store)),
        Err(why) => {
            let mut scan = scan();
            scan.stop(Wrong::Unreadable(why), None);
            (scan, None)
        }
    };
    let store_checked = checked(&places.store, &store_scan, false);
    let difference = match (&store, &mirror_scan) {
        (Some(store), Some(mirror)) => difference(places, id, (store, &store_scan), mirror)?,
        _ => None,
    };
    let mirror = mirror.map(|directory| {
        let Some(found) = &mirror_scan else {
            let mut scan = scan();
            scan.stop(Wrong::Missing, Some((directory.to_owned(), 0)));
            return checked(directory, &scan, false);
        };
        let unfinished = found.scan.trouble.is_none() && found.scan.head != found.scan.complete;
        // A whole record that cannot be read was not left by a cut.
        let trouble = found.scan.trouble.as_ref();
        let read = !trouble.is_some_and(|trouble| matches!(trouble.wrong, Wrong::Event(_)));
        let torn = unfinished || (found.is_torn() && read);
        let mut checked = checked(directory, &found.scan, torn);
        if unfinished {
            let at = found.end.as_ref().map_or(0, |(_, length)| *length);
            checked.trouble = Some(format!("après l'octet {at} : {}", Wrong::Unfinished));
        }
        checked
    });
    Ok(Verified {
        id: stored.or(mirrored),
        store: store_checked,
        mirror,
        difference,
    })
}

/// Opens the store as it lies there: what would have to be begun again or made is left alone.
fn open(directory: &Path) -> Result<Opened, LogError> {
    if is_unfinished(directory) {
        return Ok(Err(
            "sa création a été coupée, et recommence à l'ouverture".into()
        ));
    }
    if !directory.join("db").exists() {
        return Ok(Err(format!(
            "il n'y a pas de fichier {}",
            directory.join("db").display()
        )));
    }
    let store = match SledStore::open(directory) {
        Ok(store) => store,
        Err(Unopened::Damaged(why)) => return Ok(Err(why)),
        Err(Unopened::Full(why)) => {
            return Err(LogError::Unopenable(format!(
                "{} : {why} ; ouvrir le journal écrit un peu, libérer d'abord de la place",
                directory.display()
            )));
        }
        Err(Unopened::Refused(error)) => return Err(error),
    };
    Ok(match store.identity() {
        Ok(id) => Ok((store, id)),
        Err(wrong) => Err(wrong.to_string()),
    })
}

/// How both copies differ as far as they are whole, if that is not told by the trouble of one.
fn difference(
    places: &Places,
    id: Uuid,
    (store, stored): (&SledStore, &Scan),
    mirrored: &SegmentScan,
) -> Result<Option<String>, LogError> {
    let (ours, theirs) = (stored.head, mirrored.scan.complete);
    if ours == theirs {
        return Ok(None);
    }
    let same = |at: u64| {
        let at = Position(at);
        Ok::<_, LogError>(hash_in_store(store, id, at)? == hash_in_mirror(places, id, at)?)
    };
    // By the chain, what is the same at a position is the same up to there.
    let shorter = ours.position.min(theirs.position).0;
    let (mut agreed, mut differs) = (0, shorter + 1);
    while differs - agreed > 1 {
        let between = agreed + (differs - agreed) / 2;
        if same(between)? {
            agreed = between;
        } else {
            differs = between;
        }
    }
    let mirror = places.mirror.as_deref().unwrap_or(&places.store);
    let place = || {
        let found = segment::place(mirror, Position(differs));
        let found = found.map_err(|error| cannot(mirror, &error))?;
        Ok::<_, LogError>(match found.or_else(|| mirrored.end.clone()) {
            Some((path, offset)) => format!("{} à l'octet {offset}", path.display()),
            None => mirror.display().to_string(),
        })
    };
    if agreed < shorter {
        return Ok(Some(format!(
            "Les deux copies diffèrent à partir de la position {differs}, {}.",
            place()?
        )));
    }
    let mirror_is_shorter = theirs.position < ours.position;
    let told = if mirror_is_shorter {
        mirrored.scan.trouble.is_some() && !mirrored.is_torn()
    } else {
        stored.trouble.is_some()
    };
    if told {
        return Ok(None);
    }
    let which = if mirror_is_shorter {
        "Le miroir est plus court que le journal"
    } else {
        "Le journal est plus court que le miroir"
    };
    Ok(Some(format!(
        "{which} : la position {differs} y manque ({}). L'ouvrir l'y ajoute depuis l'autre.",
        place()?
    )))
}

fn checked(directory: &Path, scan: &Scan, torn: bool) -> Checked {
    Checked {
        directory: directory.to_owned(),
        head: scan.complete,
        trouble: scan.trouble.as_ref().map(ToString::to_string),
        torn,
    }
}

/// Whether this release reads the event.
fn readable(view: &View<'_>) -> Result<(), Wrong> {
    let read = stored::decode(&view.to_record());
    read.map(drop).map_err(|error| {
        Wrong::Event(if let LogError::Unreadable { why, .. } = error {
            why
        } else {
            error.to_string()
        })
    })
}
