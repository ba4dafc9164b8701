//! History: events as they were recorded.

use sqlx::{QueryBuilder, Sqlite};

use super::{At, ReadError, ReadModels};
use crate::domain::{
    event::Recorded,
    terms::{ExperimentId, Position},
};

impl ReadModels {
    /// Up to `limit` events after `after`, in order, none beyond the moment's position; those of
    /// one experiment, or all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn history(
        &self,
        at: At,
        experiment: Option<ExperimentId>,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT body FROM history WHERE position > ");
        query.push_bind(i64::try_from(after.0).unwrap_or(i64::MAX));
        query.push(" AND position <= ").push_bind(at.known());
        if let Some(experiment) = experiment {
            query.push(" AND experiment_id = ");
            query.push_bind(experiment.to_string());
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
