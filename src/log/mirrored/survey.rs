//! Both copies, opened and read whole.

use std::path::Path;

use uuid::Uuid;

use super::Places;
use crate::log::{
    LogError,
    scan::Scan,
    segment::{self, SegmentScan},
    sled::{SledStore, Unopened},
};

/// What lies there.
#[derive(Debug)]
pub(super) struct Survey {
    /// The identity of the log.
    pub id: Uuid,
    /// The store, with what was found in it.
    pub store: Found,
    /// What was found in the mirror, if there is to be one.
    pub mirror: Option<SegmentScan>,
}

/// What was found of the store.
#[derive(Debug)]
pub(super) enum Found {
    /// It could be read, as far as the scan tells.
    Read(SledStore, Box<Scan>),
    /// It cannot be opened or read.
    Damaged(String),
    /// The disk has no room for what opening it writes.
    Full(String),
}

/// Whether a log may be made where there is none.
#[derive(Debug, Clone, Copy)]
pub(super) enum New {
    /// Yes, under this identity.
    Id(Uuid),
    /// No: this one must be there.
    Never(Uuid),
}

/// Opens and reads both, and makes neither: the log is that of either, or a new one.
pub(super) fn survey(places: &Places, new: New) -> Result<Survey, LogError> {
    let opened = match SledStore::open(&places.store) {
        Ok(store) => store
            .identity()
            .map(|id| (store, id))
            .map_err(|wrong| Found::Damaged(wrong.to_string())),
        Err(Unopened::Damaged(why)) => Err(Found::Damaged(why)),
        Err(Unopened::Full(why)) => Err(Found::Full(why)),
        Err(Unopened::Refused(error)) => return Err(error),
    };
    let mirrored = match places.mirror.as_deref() {
        Some(mirror) => segment::identity(mirror).map_err(|error| cannot(mirror, &error))?,
        None => None,
    };
    let stored = opened.as_ref().ok().and_then(|(_, id)| *id);
    if let (Some(stored), Some(mirrored)) = (stored, mirrored)
        && stored != mirrored
    {
        return Err(LogError::Disagree(format!(
            "{} et son miroir sont de deux journaux différents ; corriger « data_dir » ou \
             « mirror_dir »",
            places.store.display()
        )));
    }
    let id = match (stored.or(mirrored), new) {
        (None, New::Never(id)) => {
            return Err(LogError::Disagree(format!("le journal {id} n'est plus là")));
        }
        (Some(there), New::Never(id)) if there != id => {
            return Err(LogError::Disagree(format!(
                "le journal {there} est à la place de {id}"
            )));
        }
        (Some(id), _) | (None, New::Id(id)) => id,
    };
    if let (Ok((_, None)), None, Some(mirror)) = (&opened, mirrored, places.mirror.as_deref())
        && !segment::list(mirror)
            .map_err(|error| cannot(mirror, &error))?
            .is_empty()
    {
        return Err(LogError::Disagree(format!(
            "il n'y a pas de journal dans {}, et aucun segment de {} ne se lit",
            places.store.display(),
            mirror.display()
        )));
    }
    // Each copy is read on a core of its own. A store that panics while it is read is as damaged
    // as one that cannot be opened.
    let (store, mirror) = std::thread::scope(|scope| {
        let reads = scope.spawn(move || match opened {
            Ok((mut store, _)) => {
                let scan = Box::new(store.scan(Scan::new(id)));
                Found::Read(store, scan)
            }
            Err(found) => found,
        });
        let mirror = places.mirror.as_deref().map(|mirror| {
            segment::scan(mirror, id, Scan::new(id)).map_err(|error| cannot(mirror, &error))
        });
        let store = reads
            .join()
            .unwrap_or_else(|_| Found::Damaged("sled a paniqué".into()));
        (store, mirror)
    });
    Ok(Survey {
        id,
        store,
        mirror: mirror.transpose()?,
    })
}

pub(super) fn cannot(directory: &Path, error: &std::io::Error) -> LogError {
    LogError::Unopenable(format!("{} : {error}", directory.display()))
}
