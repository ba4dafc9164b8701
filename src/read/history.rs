//! History: events as they were recorded.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, ReadError, ReadModels,
    gather::Answers,
    sight::{Seen, Unseen},
};
use crate::{
    access::policy::Capability,
    domain::{
        event::{Recorded, StreamId},
        terms::{ExperimentId, Position},
    },
    limits::GATHERED_MAX,
};

/// Which events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
        let read = |positions: Vec<Position>| async move {
            let events = self.of_lineages(at, "position", &positions).await?;
            let events = events.into_iter();
            Ok(events.map(|it| (it.position, Some(it))).collect())
        };
        let found = self.each(|loads| &loads.event, at, positions, read).await?;
        let mut found: Vec<Recorded> = found.into_values().flatten().collect();
        found.sort_unstable_by_key(|event| event.position);
        Ok(found)
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
        let read = |asked: Vec<Of>| async move { self.pages(at, &asked, after, limit).await };
        self.one(|loads| &loads.history, (at, after, limit), of, read)
            .await
    }

    /// A page of the history of each of some, all after the same position.
    async fn pages(
        &self,
        at: At,
        asked: &[Of],
        after: Position,
        limit: u32,
    ) -> Result<Answers<Of, Vec<Recorded>>, ReadError> {
        let witnessed = self.witnessed(at, Capability::Journal).await?;
        let page = |query: &mut QueryBuilder<Sqlite>, what: &str| {
            query.push(what).push(" FROM history WHERE position > ");
            query.push_bind(as_column(after));
            query.push(" AND position <= ").push_bind(at.known());
            witnessed.narrow(query);
        };
        let mut pages = Answers::new();
        if asked.contains(&Of::All) {
            let mut query = QueryBuilder::new("SELECT ");
            page(&mut query, "body");
            query.push(" ORDER BY position LIMIT ");
            query.push_bind(i64::from(limit));
            pages.insert(Of::All, self.events(query, &witnessed.seen).await?);
        }
        let mut by_column: BTreeMap<&str, HashMap<Vec<u8>, Of>> = BTreeMap::new();
        for of in asked {
            let (column, named) = match of {
                Of::All => continue,
                Of::Experiment(id) => ("experiment", id.0.as_bytes().to_vec()),
                Of::Subject(id) => ("subject", id.to_bytes()),
            };
            by_column.entry(column).or_default().insert(named, *of);
        }
        for (column, named) in by_column {
            let names: Vec<&Vec<u8>> = named.keys().collect();
            for some in names.chunks(GATHERED_MAX) {
                let mut query = QueryBuilder::<Sqlite>::new("WITH asked (whose) AS (");
                query.push_values(some, |mut row, name| {
                    row.push_bind((*name).clone());
                });
                query.push(
                    ") SELECT a.whose, h.body FROM asked a JOIN history h ON h.position IN (SELECT ",
                );
                page(&mut query, "position");
                query.push(format!(" AND {column} = a.whose"));
                query.push(" ORDER BY position LIMIT ");
                query.push_bind(i64::from(limit));
                query.push(") ORDER BY a.whose, h.position");
                let pool = self.database.of(&witnessed.seen);
                let rows: Vec<(Vec<u8>, String)> = query.build_query_as().fetch_all(pool).await?;
                for (name, body) in rows {
                    if let Some(of) = named.get(&name) {
                        let page: &mut Vec<Recorded> = pages.entry(*of).or_default();
                        page.push(serde_json::from_str(&body)?);
                    }
                }
            }
        }
        Ok(pages)
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
        let places: Vec<Position> = places.into_iter().collect();
        let read = |places: Vec<Position>| async move {
            let mut found: Answers<Position, Vec<Recorded>> = Answers::new();
            for event in self.of_lineages(at, "place", &places).await? {
                found.entry(event.place).or_default().push(event);
            }
            Ok(found)
        };
        let found = self
            .each(|loads| &loads.corrections, at, &places, read)
            .await?;
        let mut found: Vec<Recorded> = found.into_values().flatten().collect();
        found.sort_unstable_by_key(|event| event.position);
        Ok(found)
    }

    /// The events of some positions, or the corrections of what began there, none beyond the moment's
    /// position.
    async fn of_lineages(
        &self,
        at: At,
        column: &str,
        positions: &[Position],
    ) -> Result<Vec<Recorded>, ReadError> {
        let witnessed = self.witnessed(at, Capability::Journal).await?;
        let mut events = Vec::new();
        for some in positions.chunks(GATHERED_MAX) {
            let mut query =
                QueryBuilder::<Sqlite>::new("SELECT body FROM history WHERE position <= ");
            query.push_bind(at.known());
            if column == "place" {
                query.push(" AND place < position");
            }
            witnessed.narrow(&mut query);
            query.push(format!(" AND {column} IN ("));
            let mut list = query.separated(", ");
            for position in some {
                list.push_bind(as_column(*position));
            }
            list.push_unseparated(") ORDER BY position");
            events.extend(self.events(query, &witnessed.seen).await?);
        }
        Ok(events)
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
