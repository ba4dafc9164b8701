//! Rebuilding: beside what is there, compared with it, put in its place by renaming, the old one
//! kept. Stopped between the two renames, there is none: the next start builds it again.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::SqliteConnection;

use super::{
    Projection, registry,
    runner::{Runner, RunnerError},
    store,
};
use crate::{
    clock::Clock, domain::terms::Position, fault, limits::REBUILD_BATCH_EVENTS, log::EventLog,
};

/// What a rebuild found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// The position it reached.
    pub position: Position,
    /// For each projection, whether its rows are those that were there before; `None` where there
    /// was nothing to compare: no database, a damaged one, another version, or another position.
    pub same: Vec<(&'static str, Option<bool>)>,
    /// Where the old database was kept.
    pub kept: Option<PathBuf>,
}

/// Builds the read models anew from the log, compares them with those at `path`, and takes their
/// place. Nobody else may have the database open. `each` is called after every batch.
///
/// # Errors
/// What the log or the database says; what was there before then stands untouched.
pub async fn rebuild(
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    path: &Path,
    each: impl FnMut(Position),
) -> Result<Rebuilt, RunnerError> {
    let beside = with_suffix(path, "new");
    remove(&beside)?;
    let (position, projections) = build(log, clock, &beside, each).await?;
    let mut new = store::open_writer(&beside).await?;

    let mut same: Vec<_> = projections.iter().map(|p| (p.name(), None)).collect();
    if path.exists() {
        match compare(path, &mut new, &projections, &mut same).await {
            Err(error) if store::is_damage(&error) => {
                tracing::warn!(%error, "the old read models are damaged and compared with nothing");
            }
            compared => compared?,
        }
    }
    sqlx::Connection::close(new).await?;
    fault::point("mid-rebuild");

    let kept = if path.exists() {
        let kept = with_suffix(path, "old");
        remove(&kept)?;
        rename(path, &kept)?;
        fault::point("mid-rebuild");
        Some(kept)
    } else {
        None
    };
    rename(&beside, path)?;
    Ok(Rebuilt {
        position,
        same,
        kept,
    })
}

/// Builds the read models in a new database.
async fn build(
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    path: &Path,
    each: impl FnMut(Position),
) -> Result<(Position, Vec<Box<dyn Projection>>), RunnerError> {
    let (connection, indexes) = store::create(path, &registry()).await?;
    let mut runner = Runner::new(log, clock, connection, registry()).await?;
    runner.catch_up(REBUILD_BATCH_EVENTS, each).await?;
    let position = runner.watch().borrow().position();
    let (connection, projections) = runner.into_parts();
    store::finish(path, connection, indexes).await?;
    Ok((position, projections))
}

/// Compares the rows of the database at `path` with those of a new one.
async fn compare(
    path: &Path,
    new: &mut SqliteConnection,
    projections: &[Box<dyn Projection>],
    same: &mut [(&'static str, Option<bool>)],
) -> Result<(), sqlx::Error> {
    let mut old = store::open_writer(path).await?;
    let mut compared = Ok(());
    for (projection, (_, same)) in projections.iter().zip(same) {
        match is_same(&mut old, new, projection.as_ref()).await {
            Ok(known) => *same = known,
            Err(error) => compared = Err(error),
        }
    }
    let closed = sqlx::Connection::close(old).await;
    compared.and(closed)
}

async fn is_same(
    old: &mut SqliteConnection,
    new: &mut SqliteConnection,
    projection: &dyn Projection,
) -> Result<Option<bool>, sqlx::Error> {
    let standing = store::checkpoint(old, projection.name()).await?;
    if standing.is_none() || standing != store::checkpoint(new, projection.name()).await? {
        return Ok(None);
    }
    let before = store::digest(old, projection).await?;
    let now = store::digest(new, projection).await?;
    Ok(Some(before == now))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a database and what SQLite keeps beside it.
fn remove(path: &Path) -> Result<(), RunnerError> {
    for file in files(path) {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(RunnerError::Database(sqlx::Error::Io(error)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Renames a database; a write-ahead log left beside it by a crash goes along.
fn rename(from: &Path, to: &Path) -> Result<(), RunnerError> {
    for (from, to) in files(from).into_iter().zip(files(to)) {
        if from.exists() {
            std::fs::rename(&from, &to).map_err(|error| RunnerError::Database(error.into()))?;
        }
    }
    Ok(())
}

fn files(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    })
}
