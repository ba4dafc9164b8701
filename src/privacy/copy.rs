//! Keys, copied as they are: wrapped by a master key that is copied with them.

use std::{fs, io, path::Path};

use zeroize::Zeroizing;

use super::{
    KeysError,
    directory::{Directory, KEY},
};

/// Brings the copy in `to` up to date with the keys in `from`, which may be in use; answers how
/// many files there are. A key that is no longer in `from` is destroyed in the copy as well: who is
/// erased does not live on there. The copy must lie apart from `data`, which is copied elsewhere.
///
/// # Errors
/// [`KeysError`].
pub fn copy(from: &Path, to: &Path, data: &Path) -> Result<usize, KeysError> {
    let target = Directory::open(to, data)?;
    let mut kept = Vec::new();
    for entry in fs::read_dir(from).map_err(|error| KeysError::io(from, error))? {
        let entry = entry.map_err(|error| KeysError::io(from, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(KEY) {
            continue;
        }
        match fs::read(entry.path()).map(Zeroizing::new) {
            Ok(bytes) => target.write(&name, &bytes)?,
            // Erased since the directory was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(KeysError::io(&entry.path(), error)),
        }
        kept.push(name);
    }
    for name in target.names()? {
        if name.ends_with(KEY) && !kept.contains(&name) {
            target.destroy(&name)?;
        }
    }
    Ok(kept.len())
}

/// Whether a directory holds keys.
///
/// # Errors
/// What the system says; a directory that is not there holds none.
pub fn any(directory: &Path) -> io::Result<bool> {
    match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
        Ok(mut entries) => Ok(entries.any(|entry| {
            entry.is_ok_and(|entry| entry.file_name().to_string_lossy().ends_with(KEY))
        })),
    }
}
