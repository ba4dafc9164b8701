//! The directory: held, created so that it survives a power cut, and looked over before it is
//! opened.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{KEY_ID, durable, index::store};
use crate::log::LogError;

/// A directory held against other processes, from before sled opens it until sled has closed it.
#[derive(Debug)]
pub(super) struct Hold {
    /// Unlocked when it is closed.
    _lock: File,
    db: PathBuf,
}

impl Hold {
    pub(super) fn take(directory: &Path) -> Result<Self, LogError> {
        let path = directory.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| unopenable(&path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                _lock: lock,
                db: directory.join("db"),
            }),
            Err(TryLockError::WouldBlock) => Err(LogError::Locked(directory.display().to_string())),
            Err(TryLockError::Error(error)) => Err(unopenable(&path, &error)),
        }
    }
}

impl Drop for Hold {
    /// sled's threads keep its file, and its lock on it, a moment after the last handle is gone.
    /// Nobody else waits for that lock while ours is held.
    fn drop(&mut self) {
        if let Ok(db) = File::open(&self.db)
            && let Err(error) = db.lock()
        {
            tracing::warn!(%error, "could not wait until the log's file was closed");
        }
    }
}

/// Gives a new log its identity, and makes its files and directories survive a power cut.
pub(super) fn create(
    directory: &Path,
    db: &sled::Db,
    file: &File,
    id: Uuid,
) -> Result<Uuid, LogError> {
    if !db.is_empty() {
        return Err(LogError::Unopenable(
            "it holds records but no identity".into(),
        ));
    }
    db.insert(KEY_ID, id.as_bytes()).map_err(store)?;
    durable(db, file)?;
    let mut entries = vec![directory.to_owned(), directory.join("conf")];
    entries.extend(
        directory
            .join("blobs")
            .exists()
            .then(|| directory.join("blobs")),
    );
    entries.extend(directory.parent().map(|parent| match parent.as_os_str() {
        name if name.is_empty() => PathBuf::from("."),
        _ => parent.to_owned(),
    }));
    for path in entries {
        File::open(&path)
            .and_then(|entry| entry.sync_all())
            .map_err(|error| unopenable(&path, &error))?;
    }
    Ok(id)
}

pub(super) fn opening(directory: &Path, error: &sled::Error) -> LogError {
    if let sled::Error::Io(cause) = error
        && cause.to_string().contains("could not acquire lock")
    {
        return LogError::Locked(directory.display().to_string());
    }
    LogError::Unopenable(format!("{}: {error}", directory.display()))
}

pub(super) fn unopenable(path: &Path, error: &io::Error) -> LogError {
    LogError::Unopenable(format!("{}: {error}", path.display()))
}

pub(super) fn has_entries(directory: &Path) -> bool {
    fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some())
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
