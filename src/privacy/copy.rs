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
    // Copied until they are the same before and after: a master key that is replaced meanwhile must
    // not be missing beside the keys that it wraps.
    let mut listed = names(from)?;
    loop {
        for name in &listed {
            let path = from.join(name);
            match fs::read(&path).map(Zeroizing::new) {
                Ok(bytes) => target.write(name, &bytes)?,
                // Erased, or replaced, since they were listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(KeysError::io(&path, error)),
            }
        }
        let now = names(from)?;
        if now == listed {
            break;
        }
        listed = now;
    }
    for name in target.names()? {
        if name.ends_with(KEY) && !listed.contains(&name) {
            target.destroy(&name)?;
        }
    }
    Ok(listed.len())
}

/// The names of the keys in a directory, in order.
fn names(directory: &Path) -> Result<Vec<String>, KeysError> {
    let failed = |error| KeysError::io(directory, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        names.extend(name.to_str().map(ToOwned::to_owned));
    }
    names.retain(|name| name.ends_with(KEY));
    names.sort();
    Ok(names)
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
