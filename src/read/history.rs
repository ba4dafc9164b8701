//! History: events as they were recorded.

use sqlx::{QueryBuilder, Sqlite};

use super::{At, ReadError, ReadModels};
use crate::domain::{
    event::{Recorded, StreamId},
    terms::{ExperimentId, Position},
};

/// Which events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// All of them.
    All,
    /// What concerns an experiment: its own, and those of its venues and permanences.
    Experiment(ExperimentId),
    /// One subject's own.
    Subject(StreamId),
}

impl ReadModels {
    /// Up to `limit` events after `after`, in order, none beyond the moment's position.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn history(
        &self,
        at: At,
        of: Of,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT body FROM history WHERE position > ");
        query.push_bind(i64::try_from(after.0).unwrap_or(i64::MAX));
        query.push(" AND position <= ").push_bind(at.known());
        match of {
            Of::All => {}
            Of::Experiment(experiment) => {
                query.push(" AND experiment_id = ");
                query.push_bind(experiment.to_string());
            }
            Of::Subject(subject) => {
                query.push(" AND subject = ").push_bind(subject.to_string());
            }
        }
        query.push(" ORDER BY position LIMIT ");
        query.push_bind(i64::from(limit));
        let bodies: Vec<String> = query.build_query_scalar().fetch_all(&self.pool).await?;
        bodies
            .iter()
            .map(|body| serde_json::from_str(body).map_err(ReadError::from))
            .collect()
    }
}
