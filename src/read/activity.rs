//! Activity: what was done in sessions, counted. Every count says what one of it is; unknown is
//! never counted as no.

use std::collections::BTreeMap;

use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, ReadError, ReadModels,
    sight::{Named, Seen},
};
use crate::access::policy::Capability;
use crate::domain::terms::{
    ExperimentId, Period, PermanenceId, SessionId,
    time::{day_number, day_of_number},
};

/// Of which sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Of the whole programme.
    Programme,
    /// Of an experiment.
    Experiment(ExperimentId),
    /// Of a permanence of an experiment.
    Permanence(ExperimentId, PermanenceId),
}

/// What was done in some sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activity {
    /// Sessions that were held.
    pub sessions_held: u64,
    /// Sessions that were cancelled.
    pub sessions_cancelled: u64,
    /// How long sessions were held in all, in minutes.
    pub held_minutes: u64,
    /// The same, for each of those who held them.
    pub adviser_minutes: u64,
    /// Accompaniments: one visit of one user each.
    pub accompaniments: u64,
    /// Requests: one accompaniment may hold several.
    pub requests: u64,
    /// Requests by operator and by what came of them; no operator: out of the bundle of services.
    pub requests_by: BTreeMap<(Option<String>, String), u64>,
    /// Appointments booked.
    pub appointments_booked: u64,
    /// What became of appointments.
    pub appointments_by: BTreeMap<String, u64>,
    /// Users turned away.
    pub turned_away: u64,
    /// How often a user was asked for feedback.
    pub feedback_offered: u64,
    /// How often feedback was given.
    pub feedback_received: u64,
    /// How often a user who was asked declined.
    pub feedback_declined: u64,
}

impl ReadModels {
    /// What was done in the sessions of a scope and period, as known at the moment.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn activity(
        &self,
        at: At,
        scope: Scope,
        period: Option<Period>,
    ) -> Result<Activity, ReadError> {
        let seen = &self.seen(at, Capability::Read).await?;
        let mut activity = Activity::default();
        let count = |value: i64| value.unsigned_abs();

        let sums = "state, count(*), CAST(coalesce(sum(minutes), 0) AS BIGINT), \
                    CAST(coalesce(sum(minutes * advisers), 0) AS BIGINT)";
        let mut query = counting(sums, "session", (at, seen), scope, period);
        query.push(" GROUP BY state");
        let rows: Vec<(String, i64, i64, i64)> = query
            .build_query_as()
            .fetch_all(self.database.of(seen))
            .await?;
        for (state, sessions, minutes, adviser_minutes) in rows {
            if state == "held" {
                activity.sessions_held = count(sessions);
                activity.held_minutes = count(minutes);
                activity.adviser_minutes = count(adviser_minutes);
            } else {
                activity.sessions_cancelled = count(sessions);
            }
        }

        let mut query = counting("count(*)", "accompaniment", (at, seen), scope, period);
        activity.accompaniments = count(
            query
                .build_query_scalar()
                .fetch_one(self.database.of(seen))
                .await?,
        );

        let mut query = counting(
            "operator, outcome, count(*)",
            "request",
            (at, seen),
            scope,
            period,
        );
        query.push(" GROUP BY operator, outcome");
        let rows: Vec<(Option<String>, String, i64)> = query
            .build_query_as()
            .fetch_all(self.database.of(seen))
            .await?;
        for (operator, outcome, requests) in rows {
            activity.requests += count(requests);
            let by = activity.requests_by.entry((operator, outcome));
            *by.or_default() += count(requests);
        }

        for (state, appointments) in self
            .by_state("appointment", (at, seen), scope, period)
            .await?
        {
            if state == "booked" {
                activity.appointments_booked = appointments;
            } else {
                activity.appointments_by.insert(state, appointments);
            }
        }

        let users = "CAST(coalesce(sum(users), 0) AS BIGINT)";
        let mut query = counting(users, "turning_away", (at, seen), scope, period);
        activity.turned_away = count(
            query
                .build_query_scalar()
                .fetch_one(self.database.of(seen))
                .await?,
        );

        for (state, times) in self.by_state("feedback", (at, seen), scope, period).await? {
            match state.as_str() {
                "offered" => activity.feedback_offered = times,
                "received" => activity.feedback_received = times,
                _ => activity.feedback_declined = times,
            }
        }
        Ok(activity)
    }

    async fn by_state(
        &self,
        table: &str,
        (at, seen): (At, &Seen),
        scope: Scope,
        period: Option<Period>,
    ) -> Result<Vec<(String, u64)>, ReadError> {
        let mut query = counting("state, count(*)", table, (at, seen), scope, period);
        query.push(" GROUP BY state");
        let rows: Vec<(String, i64)> = query
            .build_query_as()
            .fetch_all(self.database.of(seen))
            .await?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(state, count)| (state, count.unsigned_abs()))
            .collect())
    }

    /// Up to `limit` sessions of which anything stands, by day and then by identity, after one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sessions(
        &self,
        at: At,
        scope: Scope,
        period: Option<Period>,
        after: Option<(chrono::NaiveDate, SessionId)>,
        limit: u32,
    ) -> Result<Vec<(chrono::NaiveDate, SessionId)>, ReadError> {
        let seen = &self.seen(at, Capability::Journal).await?;
        let mut query = QueryBuilder::<Sqlite>::new("SELECT DISTINCT day, session FROM (");
        for (index, table) in TABLES.into_iter().enumerate() {
            if index > 0 {
                query.push(" UNION ");
            }
            select(&mut query, "day, session", table, (at, seen), scope, period);
            if let Some((day, id)) = after {
                query
                    .push(" AND (day, session) > (")
                    .push_bind(day_number(day));
                query
                    .push(", ")
                    .push_bind(id.0.as_bytes().to_vec())
                    .push(")");
            }
        }
        query.push(") ORDER BY day, session LIMIT ");
        query.push_bind(i64::from(limit));
        let rows: Vec<(i64, Vec<u8>)> = query
            .build_query_as()
            .fetch_all(self.database.of(seen))
            .await?;
        rows.into_iter()
            .map(|(day, id)| {
                let malformed = || {
                    let what = "a row of activity names no session";
                    ReadError::Database(sqlx::Error::Decode(what.into()))
                };
                let id = uuid::Uuid::from_slice(&id).map_err(|_| malformed())?;
                let day = day_of_number(day).ok_or_else(malformed)?;
                Ok((day, SessionId(id)))
            })
            .collect()
    }
}

/// Where anything of a session stands; a request stands with its accompaniment.
pub(super) const TABLES: [&str; 5] = [
    "session",
    "appointment",
    "accompaniment",
    "turning_away",
    "feedback",
];

/// A question about the rows of a table that stand at the moment.
fn counting(
    what: &str,
    table: &str,
    (at, seen): (At, &Seen),
    scope: Scope,
    period: Option<Period>,
) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("");
    select(&mut query, what, table, (at, seen), scope, period);
    query
}

fn select(
    query: &mut QueryBuilder<Sqlite>,
    what: &str,
    table: &str,
    (at, seen): (At, &Seen),
    scope: Scope,
    period: Option<Period>,
) {
    query.push(format!("SELECT {what} FROM {table} WHERE known_from <= "));
    query.push_bind(at.known()).push(" AND known_to > ");
    query.push_bind(at.known());
    seen.narrow(query, Named::Bytes("experiment"));
    match scope {
        Scope::Programme => {}
        Scope::Experiment(experiment) => {
            query.push(" AND experiment = ");
            query.push_bind(experiment.0.as_bytes().to_vec());
        }
        Scope::Permanence(experiment, permanence) => {
            query.push(" AND experiment = ");
            query.push_bind(experiment.0.as_bytes().to_vec());
            query.push(" AND permanence = ");
            query.push_bind(permanence.0.as_bytes().to_vec());
        }
    }
    if let Some(period) = period {
        query.push(" AND day BETWEEN ");
        query.push_bind(day_number(period.from)).push(" AND ");
        query.push_bind(day_number(period.until));
    }
}
