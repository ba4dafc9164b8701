//! Data directories: how the log in one is opened, and how one is copied.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use carnet::{
    clock::SystemClock,
    log::{
        LogError,
        mirrored::{MirroredLog, Places},
    },
};

/// The log of the suites.
pub(crate) type Log = MirroredLog;

/// Opens the log of a data directory as the program does: the one place of the suites that says
/// where its copies lie.
pub(crate) fn open(data: &Path) -> Result<Log, LogError> {
    MirroredLog::open(Places::within(data), Arc::new(SystemClock))
}

/// Where the log of a data directory is.
pub(crate) fn log(data: &Path) -> PathBuf {
    data.join("log")
}

/// Where its second copy is.
pub(crate) fn mirror(data: &Path) -> PathBuf {
    data.join("mirror")
}

/// Copies a directory and all it holds.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Every file under a directory, by its path from there, in order.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), found);
            } else {
                found.push(entry.path());
            }
        }
    }
    let mut found = Vec::new();
    walk(directory, &mut found);
    let mut found: Vec<_> = found
        .into_iter()
        .map(|path| path.strip_prefix(directory).unwrap().to_owned())
        .collect();
    found.sort();
    found
}
