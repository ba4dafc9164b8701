//! The entries behind figures, as they stood at a moment.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use sqlx::{QueryBuilder, Sqlite};

use super::{At, ReadError, ReadModels, history::as_column};
use crate::{
    domain::{
        correction::standing,
        event::StreamId,
        terms::{ExperimentId, Position, time::day_number},
    },
    evaluation::{
        facts::{DAYS_AFTER, Selection},
        indicator::Evidence,
    },
    limits::INSERT_ROWS_MAX,
};

/// Where entries of a kind have their rows: the table, and which of its states.
const fn rows(kind: Evidence) -> Option<(&'static str, Option<&'static str>)> {
    match kind {
        Evidence::Held => Some(("session", Some("held"))),
        Evidence::Cancelled => Some(("session", Some("cancelled"))),
        Evidence::Appointments => Some(("appointment", None)),
        Evidence::Accompaniments | Evidence::Requests | Evidence::Followed => {
            Some(("accompaniment", None))
        }
        Evidence::TurnedAway => Some(("turning_away", None)),
        Evidence::Feedback => Some(("feedback", None)),
        Evidence::Experiment | Evidence::Schedule | Evidence::Costs | Evidence::Site => None,
    }
}

impl ReadModels {
    /// The positions of up to `limit` entries behind figures, after one, in order.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn evidence(
        &self,
        at: At,
        behind: &Selection,
        kinds: &[Evidence],
        after: Position,
        limit: u32,
    ) -> Result<Vec<Position>, ReadError> {
        let mut found = BTreeSet::new();
        for kind in kinds {
            match rows(*kind) {
                Some((table, state)) => {
                    for some in behind.experiments.chunks(INSERT_ROWS_MAX) {
                        let mut query = entries(at, behind, some, *kind, (table, state), after);
                        query.push_bind(i64::from(limit));
                        let rows: Vec<i64> =
                            query.build_query_scalar().fetch_all(&self.pool).await?;
                        found.extend(rows.into_iter().map(|row| Position(row.unsigned_abs())));
                    }
                }
                None => found.extend(self.stated(at, behind, *kind).await?),
            }
        }
        let found = found.into_iter().filter(|position| *position > after);
        Ok(found.take(limit as usize).collect())
    }

    /// The entries that stand of the subjects of some experiments.
    async fn stated(
        &self,
        at: At,
        behind: &Selection,
        kind: Evidence,
    ) -> Result<Vec<Position>, ReadError> {
        let mut subjects: Vec<StreamId> = Vec::new();
        for experiment in &behind.experiments {
            if kind == Evidence::Experiment {
                subjects.push(StreamId::Experiment(*experiment));
            } else if kind == Evidence::Site {
                if let Some(found) = self.experiment(at, *experiment).await? {
                    let hubs = found.state.hubs.iter();
                    subjects.extend(hubs.map(|hub| StreamId::Site(hub.what.site)));
                }
            } else if kind == Evidence::Costs {
                let costs = self.costs_of(at, *experiment).await?;
                subjects.extend(costs.iter().map(|cost| StreamId::Cost(cost.id)));
            } else {
                let permanences = self.permanences_of(at, *experiment).await?;
                for known in permanences {
                    if behind.permanence.is_none_or(|only| only == known.id) {
                        subjects.push(StreamId::Permanence(known.id));
                        subjects.extend(known.state.venues().map(StreamId::Venue));
                    }
                }
            }
        }
        subjects.sort_unstable();
        subjects.dedup();
        let mut positions = Vec::new();
        for some in subjects.chunks(INSERT_ROWS_MAX) {
            for journal in self.journals(at, some).await?.into_values() {
                positions.extend(standing(&journal).iter().map(|entry| entry.position));
            }
        }
        Ok(positions)
    }
}

/// The last day of whose sessions entries of a kind count.
fn last_day(behind: &Selection, kind: Evidence) -> NaiveDate {
    let until = behind.period.until;
    if kind == Evidence::Followed {
        let after = until.checked_add_days(Days::new(DAYS_AFTER));
        after.map_or(behind.on, |after| after.min(behind.on))
    } else {
        until
    }
}

/// The positions of entries that have rows, in order, up to a limit that is still to be bound.
fn entries(
    at: At,
    behind: &Selection,
    experiments: &[ExperimentId],
    kind: Evidence,
    (table, state): (&str, Option<&'static str>),
    after: Position,
) -> QueryBuilder<Sqlite> {
    let last = last_day(behind, kind);
    let permanence = behind.permanence.filter(|_| kind != Evidence::Followed);
    let to_one = matches!(kind, Evidence::Requests | Evidence::Followed);
    let operator = behind.operator.as_ref().filter(|_| to_one);
    let mut query = QueryBuilder::<Sqlite>::new(format!(
        "SELECT known_from FROM {table} WHERE known_from > "
    ));
    query
        .push_bind(as_column(after))
        .push(" AND known_from <= ");
    query.push_bind(at.known()).push(" AND known_to > ");
    query.push_bind(at.known()).push(" AND day BETWEEN ");
    query
        .push_bind(day_number(behind.period.from))
        .push(" AND ");
    query
        .push_bind(day_number(last))
        .push(" AND experiment IN (");
    let mut ids = query.separated(", ");
    for id in experiments {
        ids.push_bind(id.0.as_bytes().to_vec());
    }
    query.push(")");
    if let Some(state) = state {
        query.push(" AND state = ").push_bind(state);
    }
    if let Some(permanence) = permanence {
        query.push(" AND permanence = ");
        query.push_bind(permanence.0.as_bytes().to_vec());
    }
    if let Some(operator) = operator {
        query.push(
            " AND EXISTS (SELECT 1 FROM request \
             WHERE request.experiment = accompaniment.experiment \
             AND request.day = accompaniment.day AND request.entry = accompaniment.entry \
             AND request.known_from = accompaniment.known_from AND request.operator = ",
        );
        query.push_bind(operator.as_str().to_owned()).push(")");
    }
    query.push(" ORDER BY known_from LIMIT ");
    query
}
