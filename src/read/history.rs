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
        query.push_bind(as_column(after));
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
        self.events(query).await
    }

    /// Every correction of the lineages that began at some positions, in the order they were
    /// recorded, none beyond the moment's position.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn corrections(
        &self,
        at: At,
        places: impl IntoIterator<Item = Position>,
    ) -> Result<Vec<Recorded>, ReadError> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT body FROM history WHERE place < position AND position <= ",
        );
        query.push_bind(at.known()).push(" AND place IN (");
        let mut list = query.separated(", ");
        for place in places {
            list.push_bind(as_column(place));
        }
        list.push_unseparated(") ORDER BY position");
        self.events(query).await
    }

    async fn events(&self, mut query: QueryBuilder<Sqlite>) -> Result<Vec<Recorded>, ReadError> {
        let bodies: Vec<String> = query.build_query_scalar().fetch_all(&self.pool).await?;
        bodies
            .iter()
            .map(|body| serde_json::from_str(body).map_err(ReadError::from))
            .collect()
    }
}

/// A position as a column holds it.
fn as_column(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}
