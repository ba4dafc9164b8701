//! The files of trusted documents, found and read.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::AppError;
use crate::{
    config::{Config, TrustedOnly},
    http::{self, Checked, Only, Trusted},
};

/// How the names of files end that hold trusted documents.
const EXTENSIONS: [&str; 2] = ["graphql", "json"];

/// The trusted documents of the settings, if there are any.
pub(super) async fn trusted(config: &Config) -> Result<Trusted, AppError> {
    let Some(directory) = &config.trusted_documents else {
        return Ok(Trusted::default());
    };
    let only = match config.trusted_only {
        TrustedOnly::None => Only::Nobody,
        TrustedOnly::Strangers => Only::Strangers,
        TrustedOnly::All => Only::Everybody,
    };
    let checked = checked(&files(directory)?).await?;
    tracing::info!(documents = checked.len(), "trusted documents are known");
    Ok(Trusted::new(checked, only))
}

/// The files of a directory that hold trusted documents, by name; what lies in it beside is left alone.
///
/// # Errors
/// [`AppError::Io`].
pub fn files(directory: &Path) -> Result<Vec<PathBuf>, AppError> {
    let failed = |error| cannot_read(directory, error);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The documents of some files, each valid.
///
/// # Errors
/// [`AppError::Io`] and [`AppError::Trusted`].
pub async fn checked(files: &[PathBuf]) -> Result<Vec<Checked>, AppError> {
    let mut read = Vec::new();
    for path in files {
        let bytes = fs::read(path).map_err(|error| cannot_read(path, error))?;
        read.push((path.display().to_string(), bytes));
    }
    Ok(http::check(read).await?)
}

fn cannot_read(path: &Path, error: io::Error) -> AppError {
    AppError::Io {
        what: format!("{} ne se lit pas", path.display()),
        error,
    }
}
