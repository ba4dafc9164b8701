//! The directory: held, created so that it survives a power cut, and looked over before it is
//! opened.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::Unopened;
use crate::log::{LogError, segment::sync};

/// A directory held against other processes.
#[derive(Debug)]
pub(in crate::log) struct Hold {
    /// Unlocked when it is closed.
    lock: File,
    path: PathBuf,
}

impl Hold {
    /// The file that is locked.
    pub(in crate::log) const FILE: &str = "lock";

    pub(in crate::log) fn take(directory: &Path) -> Result<Self, LogError> {
        let path = directory.join(Self::FILE);
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| unopenable(&path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { lock, path }),
            Err(TryLockError::WouldBlock) => Err(LogError::Locked(directory.display().to_string())),
            Err(TryLockError::Error(error)) => Err(unopenable(&path, &error)),
        }
    }
}

impl Hold {
    /// Whether the directory of that name is still the one that is held: not mounted over, moved
    /// away or made anew.
    pub(in crate::log) fn is_in_place(&self) -> bool {
        let (Ok(held), Ok(there)) = (self.lock.metadata(), fs::metadata(&self.path)) else {
            return false;
        };
        (held.dev(), held.ino()) == (there.dev(), there.ino())
    }
}

/// Waits until sled has let go of its file. Nobody else waits for it while ours is held.
pub(super) fn unlocked(directory: &Path) {
    if let Ok(db) = File::open(directory.join("db"))
        && let Err(error) = db.lock()
    {
        tracing::warn!(%error, "could not wait until the log's file was closed");
    }
}

/// There while a store is made.
const CREATING: &str = "creating";

/// Whether the making of a store was cut short there.
pub(in crate::log) fn is_unfinished(directory: &Path) -> bool {
    directory.join(CREATING).exists()
}

/// Whether a file or directory of that name is sled's.
pub(in crate::log) fn is_sleds(name: &str) -> bool {
    ["blobs", "conf", "db"].contains(&name) || name.starts_with("snap.")
}

/// Before sled first writes here, and until what it wrote is durable, a file says so: nothing was
/// acknowledged yet. What a crash cut short meanwhile, which sled may be unable to open, is begun
/// again. Without that file, a part of a store is not taken for the beginning of one. Answers
/// whether the store is new.
pub(super) fn begin(directory: &Path) -> Result<bool, Unopened> {
    let failed = |error: io::Error| Unopened::Refused(unopenable(directory, &error));
    let mark = directory.join(CREATING);
    let mut made = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if is_sleds(&name.to_string_lossy()) {
            made.push(directory.join(&name));
        }
    }
    if mark.exists() {
        tracing::warn!("the store's creation was cut short, and is begun again");
        for path in made {
            // A directory with something in it, which no creation leaves, is not removed.
            let removed = if path.is_dir() {
                fs::remove_dir(&path)
            } else {
                fs::remove_file(&path)
            };
            removed.map_err(failed)?;
        }
    } else if directory.join("db").exists() {
        return Ok(false);
    } else if !made.is_empty() {
        return Err(Unopened::Damaged("its file db is missing".into()));
    } else {
        match File::create(&mark) {
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                return Err(Unopened::Full(error.to_string()));
            }
            created => created.map(drop).map_err(failed)?,
        }
    }
    sync(directory).map_err(failed)?;
    Ok(true)
}

/// Makes a new store's files and directories survive a power cut, and has it made.
pub(super) fn created(directory: &Path) -> Result<(), LogError> {
    let blobs = directory.join("blobs");
    // Without `conf`, sled does not open what it has written.
    let mut entries = vec![directory.to_owned(), directory.join("conf")];
    entries.extend(blobs.exists().then_some(blobs));
    for path in entries {
        sync(&path).map_err(|error| unopenable(&path, &error))?;
    }
    fs::remove_file(directory.join(CREATING))
        .and_then(|()| sync(directory))
        .map_err(|error| unopenable(directory, &error))
}

pub(super) fn unopened(directory: &Path, error: &sled::Error) -> Unopened {
    match error {
        sled::Error::Io(cause) if cause.to_string().contains("could not acquire lock") => {
            Unopened::Refused(LogError::Locked(directory.display().to_string()))
        }
        sled::Error::Io(cause)
            if matches!(
                cause.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            ) =>
        {
            Unopened::Full(cause.to_string())
        }
        sled::Error::Io(cause)
            if matches!(
                cause.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            Unopened::Refused(unopenable(directory, cause))
        }
        sled::Error::Io(_)
        | sled::Error::CollectionNotFound(_)
        | sled::Error::Unsupported(_)
        | sled::Error::ReportableBug(_)
        | sled::Error::Corruption { .. } => Unopened::Damaged(error.to_string()),
    }
}

pub(in crate::log) fn unopenable(path: &Path, error: &io::Error) -> LogError {
    LogError::Unopenable(format!("{}: {error}", path.display()))
}

pub(super) fn has_entries(directory: &Path) -> bool {
    fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some())
}

/// The bytes of the files in a directory.
pub(super) fn bytes_in(directory: &Path) -> u64 {
    fs::read_dir(directory).map_or(0, |entries| {
        entries
            .flatten()
            .filter_map(|entry| entry.metadata().ok())
            .map(|of| of.len())
            .sum()
    })
}

/// A snapshot that a crash left half written makes sled refuse to open; it is only a cache.
pub(super) fn set_aside_unfinished_snapshots(directory: &Path) -> Result<(), LogError> {
    let entries = fs::read_dir(directory).map_err(|error| unopenable(directory, &error))?;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            let aside = directory.join(format!("unfinished-{name}"));
            fs::rename(entry.path(), &aside).map_err(|error| unopenable(directory, &error))?;
            tracing::warn!(
                file = name,
                "set aside a snapshot that a crash left unfinished"
            );
        }
    }
    Ok(())
}
