//! History: events as they were recorded.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, ReadError, ReadModels,
    sight::{Seen, Unseen},
};
use crate::access::policy::Capability;
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

impl Of {
    /// Narrows a question about history to these events.
    pub(super) fn among(self, query: &mut QueryBuilder<Sqlite>) {
        match self {
            Self::All => {}
            Self::Experiment(experiment) => {
                query.push(" AND experiment = ");
                query.push_bind(experiment.0.as_bytes().to_vec());
            }
            Self::Subject(subject) => {
                query.push(" AND subject = ").push_bind(subject.to_bytes());
            }
        }
    }
}

impl ReadModels {
    /// The last position whose event was recorded at an instant or before it, none beyond the
    /// moment's position. Instants never step back in the log, so that it is found by halving.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn position_at(&self, at: At, instant: DateTime<Utc>) -> Result<Position, ReadError> {
        // All up to `before` were recorded by then; none from `after` on.
        let (mut before, mut after) = (0, at.position.0.saturating_add(1));
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            let recorded_at = self.recorded_at(Position(middle)).await?;
            if recorded_at.is_some_and(|recorded_at| recorded_at <= instant) {
                before = middle;
            } else {
                after = middle;
            }
        }
        Ok(Position(before))
    }

    /// When the event at a position was recorded.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn recorded_at(
        &self,
        position: Position,
    ) -> Result<Option<DateTime<Utc>>, ReadError> {
        let micros: Option<i64> =
            sqlx::query_scalar("SELECT recorded_at FROM history WHERE position = $1")
                .bind(as_column(position))
                .fetch_optional(self.database.unseen(Unseen::Open))
                .await?;
        Ok(micros.and_then(DateTime::from_timestamp_micros))
    }

    /// The events at some positions, in order, none beyond the moment's.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn at_positions(
        &self,
        at: At,
        positions: &[Position],
    ) -> Result<Vec<Recorded>, ReadError> {
        let witnessed = self.witnessed(at, Capability::Journal).await?;
        let mut query = QueryBuilder::<Sqlite>::new("SELECT body FROM history WHERE position <= ");
        query.push_bind(at.known());
        witnessed.narrow(&mut query);
        query.push(" AND position IN (");
        let mut list = query.separated(", ");
        for position in positions {
            list.push_bind(as_column(*position));
        }
        list.push_unseparated(") ORDER BY position");
        self.events(query, &witnessed.seen).await
    }

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
        let witnessed = self.witnessed(at, Capability::Journal).await?;
        witnessed.narrow(&mut query);
        of.among(&mut query);
        query.push(" ORDER BY position LIMIT ");
        query.push_bind(i64::from(limit));
        self.events(query, &witnessed.seen).await
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
        query.push_bind(at.known());
        let witnessed = self.witnessed(at, Capability::Journal).await?;
        witnessed.narrow(&mut query);
        query.push(" AND place IN (");
        let mut list = query.separated(", ");
        for place in places {
            list.push_bind(as_column(place));
        }
        list.push_unseparated(") ORDER BY position");
        self.events(query, &witnessed.seen).await
    }

    /// What was recorded of some subjects, each in order, none beyond the moment's position.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn journals(
        &self,
        at: At,
        subjects: &[StreamId],
    ) -> Result<HashMap<StreamId, Vec<Recorded>>, ReadError> {
        let mut query = of_subjects(at, subjects);
        let witnessed = self.witnessed(at, Capability::Journal).await?;
        witnessed.narrow(&mut query);
        query.push(" ORDER BY position");
        let mut journals: HashMap<StreamId, Vec<Recorded>> = HashMap::new();
        for event in self.events(query, &witnessed.seen).await? {
            journals
                .entry(event.fact.event.stream())
                .or_default()
                .push(event);
        }
        Ok(journals)
    }

    /// What was recorded of some subjects, in order, none beyond the moment's position. It is not
    /// asked what is seen of it: whoever asks has looked.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) async fn recorded_of(
        &self,
        at: At,
        subjects: &[StreamId],
    ) -> Result<Vec<Recorded>, ReadError> {
        let mut query = of_subjects(at, subjects);
        query.push(" ORDER BY position");
        self.events(query, &Seen::Everything).await
    }

    async fn events(
        &self,
        mut query: QueryBuilder<Sqlite>,
        seen: &Seen,
    ) -> Result<Vec<Recorded>, ReadError> {
        let pool = self.database.of(seen);
        let bodies: Vec<String> = query.build_query_scalar().fetch_all(pool).await?;
        bodies
            .iter()
            .map(|body| serde_json::from_str(body).map_err(ReadError::from))
            .collect()
    }
}

/// A question about what was recorded of some subjects up to a moment.
fn of_subjects(at: At, subjects: &[StreamId]) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT body FROM history WHERE position <= ");
    query.push_bind(at.known()).push(" AND subject IN (");
    let mut list = query.separated(", ");
    for subject in subjects {
        list.push_bind(subject.to_bytes());
    }
    query.push(")");
    query
}

/// A position as a column holds it.
pub(super) fn as_column(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}
