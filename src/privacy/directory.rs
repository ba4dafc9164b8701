//! The directory of the keys: whose it is, and how a file comes into it and goes for good.
//!
//! A file is written beside its place, synced, and renamed into it; it goes by being renamed away,
//! overwritten, synced and unlinked. Stopped anywhere between, what is left beside is made an end
//! of at the next opening.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::KeysError;

/// How the name of a key ends.
pub(super) const KEY: &str = ".key";
/// How the name of a key ends that lies beside its place.
const BESIDE: &str = ".key.beside";
/// The file that the administrator's token of the first run is left in: no key, but as secret.
const ADMINISTRATOR: &str = "administrateur.jeton";
/// The file that is locked.
const LOCK: &str = "lock";
/// Only its owner may look into the directory.
const DIRECTORY_MODE: u32 = 0o700;
/// Only its owner may read a key.
const FILE_MODE: u32 = 0o600;

/// The directory, held against other processes.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// Unlocked when it is closed.
    _lock: File,
}

impl Directory {
    /// Opens the directory, creating it. It must lie apart from `data`: a copy of the data is to
    /// hold no key.
    pub(super) fn open(path: &Path, data: &Path) -> Result<Self, KeysError> {
        let failed = |error| KeysError::io(path, error);
        let new = !path.exists();
        if new {
            let parent = parent(path);
            fs::create_dir_all(&parent).map_err(failed)?;
            let mut builder = DirBuilder::new();
            builder.mode(DIRECTORY_MODE).create(path).map_err(failed)?;
            sync(&parent)?;
        }
        if let Err(inside) = apart(path, data) {
            if new {
                fs::remove_dir(path).map_err(failed)?;
            }
            return Err(inside);
        }
        // A directory of somebody else's, named by mistake, is left alone.
        let names = names(path)?;
        let ours = |name: &&String| {
            [LOCK, ADMINISTRATOR].contains(&name.as_str())
                || name.ends_with(KEY)
                || name.ends_with(BESIDE)
        };
        if let Some(foreign) = names.iter().find(|name| !ours(name)) {
            return Err(KeysError::Foreign {
                keys: path.display().to_string(),
                name: foreign.clone(),
            });
        }
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            tracing::warn!("others could look into the directory of the keys; now they cannot");
            fs::set_permissions(path, Permissions::from_mode(DIRECTORY_MODE)).map_err(failed)?;
        }
        let lock = options()
            .truncate(false)
            .open(path.join(LOCK))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(KeysError::Locked(path.display().to_string()));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let directory = Self {
            path: path.to_owned(),
            _lock: lock,
        };
        for name in names {
            if name.ends_with(BESIDE) {
                directory.wipe(&name)?;
            }
        }
        Ok(directory)
    }

    /// Where a file lies.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The names of its files.
    pub(super) fn names(&self) -> Result<Vec<String>, KeysError> {
        names(&self.path)
    }

    /// The bytes of a file, if it is there.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, KeysError> {
        let path = self.place(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeysError::io(&path, error)),
        }
    }

    /// Writes a file, in the place of another of that name if there is one. It is there for good
    /// once this answers.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), KeysError> {
        let (path, beside) = (self.place(name), self.beside(name));
        let written = || {
            let mut file = options().truncate(true).open(&beside)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        };
        written().map_err(|error| KeysError::io(&path, error))?;
        sync(&self.path)
    }

    /// Leaves a token of the administrator for whoever may read this directory, in the place of
    /// another if there is one; answers where.
    pub(super) fn leave_token(&self, token: &str) -> Result<PathBuf, KeysError> {
        self.write(ADMINISTRATOR, format!("{token}\n").as_bytes())?;
        Ok(self.place(ADMINISTRATOR))
    }

    /// Destroys a file; answers whether it was there. It is gone for good once this answers.
    pub(super) fn destroy(&self, name: &str) -> Result<bool, KeysError> {
        let (path, beside) = (self.place(name), self.beside(name));
        match fs::rename(&path, &beside) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(KeysError::io(&path, error)),
        }
        sync(&self.path)?;
        let wiped = beside.file_name().and_then(|name| name.to_str());
        self.wipe(wiped.unwrap_or_default())?;
        Ok(true)
    }

    /// Overwrites a file, and unlinks it.
    fn wipe(&self, name: &str) -> Result<(), KeysError> {
        let path = self.place(name);
        let wiped = || {
            let mut file = OpenOptions::new().write(true).open(&path)?;
            let length = usize::try_from(file.metadata()?.len()).unwrap_or_default();
            file.write_all(&vec![0; length])?;
            file.sync_all()?;
            fs::remove_file(&path)
        };
        wiped().map_err(|error| KeysError::io(&path, error))?;
        sync(&self.path)
    }

    fn beside(&self, name: &str) -> PathBuf {
        let name = name.strip_suffix(KEY).unwrap_or(name);
        self.path.join(format!("{name}{BESIDE}"))
    }
}

fn names(directory: &Path) -> Result<Vec<String>, KeysError> {
    let failed = |error| KeysError::io(directory, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        names.push(name.to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).write(true).mode(FILE_MODE);
    options
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Refuses keys within the data, or data within the keys, whatever links lead there.
fn apart(path: &Path, data: &Path) -> Result<(), KeysError> {
    let real = |path: &Path| path.canonicalize();
    let keys = real(path).map_err(|error| KeysError::io(path, error))?;
    // Data that is not there yet lies where its directory is to be.
    let data = real(data).or_else(|_| {
        let name = data.file_name().unwrap_or_default();
        real(&parent(data)).map(|parent| parent.join(name))
    });
    match data {
        Ok(data) if keys.starts_with(&data) || data.starts_with(&keys) => {
            Err(KeysError::NotApart {
                keys: path.display().to_string(),
            })
        }
        // Data whose very parent is not there cannot hold what is.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn sync(directory: &Path) -> Result<(), KeysError> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| KeysError::io(directory, error))
}
