//! The directory: held, created so that it survives a power cut, and looked over before it is
//! opened.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::Unopened;
use crate::log::{LogError, segment::sync_directory};

/// A directory held against other processes.
#[derive(Debug)]
pub(in crate::log) struct Hold {
    /// Unlocked when it is closed.
    _lock: File,
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
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(LogError::Locked(directory.display().to_string())),
            Err(TryLockError::Error(error)) => Err(unopenable(&path, &error)),
        }
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

/// Makes the store's files and directories survive a power cut.
pub(super) fn durable(directory: &Path) -> Result<(), LogError> {
    let blobs = directory.join("blobs");
    let mut entries = vec![directory.to_owned()];
    entries.extend(blobs.exists().then_some(blobs));
    entries.extend(directory.parent().map(|parent| match parent.as_os_str() {
        name if name.is_empty() => PathBuf::from("."),
        _ => parent.to_owned(),
    }));
    for path in entries {
        sync_directory(&path).map_err(|error| unopenable(&path, &error))?;
    }
    // `conf` is synced as a directory is: without it sled does not open what it has written.
    let conf = directory.join("conf");
    sync_directory(&conf).map_err(|error| unopenable(&conf, &error))
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
