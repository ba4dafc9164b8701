//! Reading both copies of a log that nobody has open, and mending nothing.

use std::path::PathBuf;

use super::{Places, survey::cannot};
use crate::log::{
    Head, LogError,
    record::View,
    scan::{Scan, Wrong},
    segment,
    sled::{Hold, SledStore, Unopened},
    stored,
};

/// What was found of one copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Where it lies.
    pub directory: PathBuf,
    /// The last record up to which everything is as it must be.
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
    pub id: Option<uuid::Uuid>,
    /// The store.
    pub store: Checked,
    /// The mirror, if there is one.
    pub mirror: Option<Checked>,
}

impl Verified {
    /// Whether nothing is wrong, and both copies are the same.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let whole = |copy: &Checked| copy.trouble.is_none() || copy.torn;
        whole(&self.store) && self.mirror.as_ref().is_none_or(whole) && self.is_alike()
    }

    /// Whether both copies end alike.
    #[must_use]
    pub fn is_alike(&self) -> bool {
        let mirror = self.mirror.as_ref();
        mirror.is_none_or(|mirror| mirror.head == self.store.head)
    }
}

/// Verifies both copies: frames, checksums, chain, positions, stream versions, commands, and that
/// this release reads every event. `watch` is told of every record that passed.
///
/// # Errors
/// [`LogError::Locked`] while another process has the log open, [`LogError::Unopenable`] where a
/// directory cannot be read. What is wrong with the log itself is no error, but an answer.
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
    let mirrored = match &places.mirror {
        Some(mirror) if mirror.is_dir() => {
            segment::identity(mirror).map_err(|error| cannot(mirror, &error))?
        }
        Some(_) | None => None,
    };
    let opened = if places.store.join("db").exists() {
        SledStore::open(&places.store).map_err(|unopened| match unopened {
            Unopened::Full(why) | Unopened::Damaged(why) => why,
            Unopened::Refused(error) => error.to_string(),
        })
    } else {
        Err("il n'y en a pas".into())
    };
    let identified = opened.and_then(|store| match store.identity() {
        Ok(id) => Ok((store, id)),
        Err(wrong) => Err(wrong.to_string()),
    });
    let stored = identified.as_ref().ok().and_then(|(_, id)| *id);
    let id = stored.or(mirrored).unwrap_or_default();
    let scan = || {
        let watch = watch.clone();
        Scan::with(
            id,
            Box::new(move |view| readable(view).inspect(|()| watch())),
        )
    };
    let store = match identified {
        Ok((store, _)) => store.scan(scan()),
        Err(why) => {
            let mut scan = scan();
            scan.stop(Wrong::Unreadable(why), None);
            scan
        }
    };
    let mirror = match &places.mirror {
        Some(mirror) => Some(
            segment::scan(mirror, id, scan())
                .map(|found| checked(mirror.clone(), &found.scan, found.is_torn()))
                .map_err(|error| cannot(mirror, &error))?,
        ),
        None => None,
    };
    Ok(Verified {
        id: stored.or(mirrored),
        store: checked(places.store.clone(), &store, false),
        mirror,
    })
}

fn checked(directory: PathBuf, scan: &Scan, torn: bool) -> Checked {
    Checked {
        directory,
        head: scan.head,
        trouble: scan.trouble.as_ref().map(ToString::to_string),
        torn,
    }
}

/// Whether this release reads the event.
fn readable(view: &View<'_>) -> Result<(), Wrong> {
    let read = stored::decode(&view.to_record());
    read.map(drop)
        .map_err(|error| Wrong::Event(error.to_string()))
}
