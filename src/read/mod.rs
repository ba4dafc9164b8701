//! Step 5: what is asked of the read models. SELECT only.
//!
//! In: a question, and the moment ([`At`]) it is asked of. Out: documents and pages.
//!
//! **Invariant.** Every row read is one that was known at the moment's position: an answer never
//! mixes two moments, whatever is projected meanwhile. And every row is one that whoever asks may
//! see: a moment carries the [`Sight`] it is asked with, and no statement is run without it
//! ([`sight`]).
//!
//! **Deliberately absent.** Nothing here writes, and nothing here reads the log.

pub mod access;
pub mod activity;
pub mod adviser;
pub mod diff;
pub mod evaluation;
pub mod evidence;
pub mod experiment;
pub mod funding;
mod gather;
pub mod history;
pub mod import;
mod kept;
mod list;
mod loads;
pub mod operator;
pub mod page;
pub mod permanence;
pub mod report;
mod rests;
mod seen;
pub mod session;
pub mod sight;
pub mod site;
pub mod touch;
pub mod venue;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use sqlx::SqlitePool;
use tokio::sync::watch;

use crate::{
    domain::{holiday, terms::Position},
    pack::UnpackError,
    projection::Progress,
};
use sight::{Database, Sights};

pub use sight::Sight;

/// The moment an answer is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct At {
    /// What was known: the events up to this position.
    pub position: Position,
    /// The civil date of "now", for what depends on the day.
    pub on: NaiveDate,
    /// What is seen by whoever asks.
    pub sight: Sight,
}

impl At {
    /// The moment at which an event was recorded, as it is seen at this one: its position, and its
    /// civil date in metropolitan France.
    #[must_use]
    pub fn when(self, position: Position, recorded_at: DateTime<Utc>) -> Self {
        Self {
            position,
            on: recorded_at.with_timezone(&holiday::zone("")).date_naive(),
            ..self
        }
    }

    /// The position as a column holds it.
    fn known(self) -> i64 {
        i64::try_from(self.position.0).unwrap_or(i64::MAX)
    }
}

/// The read models.
#[derive(Debug, Clone)]
pub struct ReadModels {
    database: Database,
    sights: Arc<Sights>,
    progress: watch::Receiver<Progress>,
    kept: Arc<kept::Kept>,
    /// What one request asks at the same time; none where it is not for one request.
    loads: Option<Arc<loads::Loads>>,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database failed.
    #[error("the read models' database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A document cannot be read back.
    #[error("a document cannot be read back: {0}")]
    Document(#[from] serde_json::Error),
    /// The content of a report is not what was published.
    #[error("the content of a report is not what was published: {0}")]
    Content(#[from] UnpackError),
    /// What was read for several who asked at the same time could not be.
    #[error(transparent)]
    Gathered(Arc<ReadError>),
}

/// The read models did not reach a position in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the read models are at position {reached}, not yet at {awaited}")]
pub struct Stale {
    /// The position that was asked for.
    pub awaited: Position,
    /// The position they are at.
    pub reached: Position,
}

impl ReadModels {
    /// The read models behind `pool`, which stand where `progress` says.
    #[must_use]
    pub fn new(pool: SqlitePool, progress: watch::Receiver<Progress>) -> Self {
        Self {
            database: Database::new(pool),
            sights: Arc::default(),
            progress,
            kept: Arc::default(),
            loads: None,
        }
    }

    /// The last position that every read model holds.
    #[must_use]
    pub fn position(&self) -> Position {
        self.progress.borrow().position()
    }

    /// Lets go of what was read lately: what is asked next is read again.
    pub fn forget(&self) {
        self.kept.forget();
    }

    /// Where the read models stand, as it moves.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Waits until every read model holds `position`.
    ///
    /// # Errors
    /// [`Stale`] when they do not within `deadline`.
    pub async fn wait_for(&self, position: Position, deadline: Duration) -> Result<(), Stale> {
        let mut progress = self.progress.clone();
        let reached = progress.wait_for(|progress| progress.position() >= position);
        match tokio::time::timeout(deadline, reached).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Stale {
                awaited: position,
                reached: self.position(),
            }),
        }
    }
}

/// A subject with its state.
#[derive(Debug, PartialEq)]
pub struct Found<I, D> {
    /// Which.
    pub id: I,
    /// Its state, shared by all who ask at a moment when it was so.
    pub state: Arc<D>,
}

impl<I: Copy, D> Clone for Found<I, D> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            state: Arc::clone(&self.state),
        }
    }
}

impl<I: std::str::FromStr, D: DeserializeOwned> Found<I, D> {
    fn read(id: &str, body: &str) -> Result<Self, ReadError> {
        Ok(Self {
            id: parsed(id)?,
            state: Arc::new(serde_json::from_str(body)?),
        })
    }
}

/// An identity as a column holds it.
fn parsed<I: std::str::FromStr>(id: &str) -> Result<I, ReadError> {
    id.parse().map_err(|_| {
        let malformed = format!("{id} is not an identity");
        ReadError::Database(sqlx::Error::Decode(malformed.into()))
    })
}
