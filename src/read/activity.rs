//! Activity: what was done in sessions, counted. Every count says what one of it is; unknown is
//! never counted as no.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, ReadError, ReadModels,
    gather::Answers,
    parsed,
    sight::{Named, Seen},
};
use crate::{
    access::policy::Capability,
    domain::terms::{
        ExperimentId, Period, PermanenceId, SessionId,
        time::{day_number, day_of_number},
    },
    limits::GATHERED_MAX,
};

/// Of which sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// Which sessions of a scope are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionsAsked {
    /// Of which days; of all unless told.
    pub period: Option<Period>,
    /// Only what comes after this one.
    pub after: Option<(NaiveDate, SessionId)>,
    /// Only what comes before this one.
    pub before: Option<(NaiveDate, SessionId)>,
    /// How many, at most.
    pub limit: u32,
    /// Whether the last ones are asked for, not the first.
    pub from_end: bool,
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
        let read = |scopes: Vec<Scope>| async move {
            let seen = self.seen(at, Capability::Read).await?;
            let mut counted = Answers::new();
            for kind in [Kind::Programme, Kind::Experiment, Kind::Permanence] {
                let scopes = scopes.iter().copied().filter(|scope| scope.kind() == kind);
                let scopes: Vec<Scope> = scopes.collect();
                for scopes in scopes.chunks(GATHERED_MAX) {
                    let asked = Counted {
                        at,
                        seen: &seen,
                        kind,
                        scopes,
                        period,
                    };
                    counted.extend(self.count(&asked).await?);
                }
            }
            Ok(counted)
        };
        self.one(|loads| &loads.activity, (at, period), scope, read)
            .await
    }

    /// What was done in some scopes of one kind: by so many statements, however many scopes.
    async fn count(&self, asked: &Counted<'_>) -> Result<Answers<Scope, Activity>, ReadError> {
        let named = asked.scopes.iter().map(|scope| (scope.name(), *scope));
        let named: HashMap<(Vec<u8>, Vec<u8>), Scope> = named.collect();
        let mut counted: Answers<Scope, Activity> = Answers::new();
        let mut of =
            |experiment: Vec<u8>, permanence: Vec<u8>, count: &mut dyn FnMut(&mut Activity)| {
                if let Some(scope) = named.get(&(experiment, permanence)) {
                    count(counted.entry(*scope).or_default());
                }
            };
        let number = |value: i64| value.unsigned_abs();
        let pool = self.database.of(asked.seen);

        let sums = "count(*), CAST(coalesce(sum(minutes), 0) AS BIGINT), \
                    CAST(coalesce(sum(minutes * advisers), 0) AS BIGINT)";
        let rows: Vec<SessionsRow> = asked
            .counting(&["state"], sums, "session")
            .build_query_as()
            .fetch_all(pool)
            .await?;
        for (experiment, permanence, state, sessions, minutes, adviser_minutes) in rows {
            of(experiment, permanence, &mut |activity| {
                if state == "held" {
                    activity.sessions_held = number(sessions);
                    activity.held_minutes = number(minutes);
                    activity.adviser_minutes = number(adviser_minutes);
                } else {
                    activity.sessions_cancelled = number(sessions);
                }
            });
        }

        let rows: Vec<(Vec<u8>, Vec<u8>, i64)> = asked
            .counting(&[], "count(*)", "accompaniment")
            .build_query_as()
            .fetch_all(pool)
            .await?;
        for (experiment, permanence, accompaniments) in rows {
            of(experiment, permanence, &mut |activity| {
                activity.accompaniments = number(accompaniments);
            });
        }

        let rows: Vec<RequestsRow> = asked
            .counting(&["operator", "outcome"], "count(*)", "request")
            .build_query_as()
            .fetch_all(pool)
            .await?;
        for (experiment, permanence, operator, outcome, requests) in rows {
            of(experiment, permanence, &mut |activity| {
                activity.requests += number(requests);
                let by = activity
                    .requests_by
                    .entry((operator.clone(), outcome.clone()));
                *by.or_default() += number(requests);
            });
        }

        let users = "CAST(coalesce(sum(users), 0) AS BIGINT)";
        let rows: Vec<(Vec<u8>, Vec<u8>, i64)> = asked
            .counting(&[], users, "turning_away")
            .build_query_as()
            .fetch_all(pool)
            .await?;
        for (experiment, permanence, users) in rows {
            of(experiment, permanence, &mut |activity| {
                activity.turned_away = number(users);
            });
        }

        for table in ["appointment", "feedback"] {
            let rows: Vec<(Vec<u8>, Vec<u8>, String, i64)> = asked
                .counting(&["state"], "count(*)", table)
                .build_query_as()
                .fetch_all(pool)
                .await?;
            for (experiment, permanence, state, times) in rows {
                of(experiment, permanence, &mut |activity| {
                    activity.ended(table, &state, number(times));
                });
            }
        }
        Ok(counted)
    }

    /// The sessions of which anything stands, as many as are asked for, by day and then by identity.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sessions(
        &self,
        at: At,
        scope: Scope,
        asked: SessionsAsked,
    ) -> Result<Vec<(NaiveDate, SessionId)>, ReadError> {
        let read = |scopes: Vec<Scope>| async move {
            let seen = self.seen(at, Capability::Journal).await?;
            let mut found = Answers::new();
            if scopes.contains(&Scope::Programme) {
                let listed = self.listed((at, &seen), &[], asked).await?;
                found.extend(listed.into_values().map(|all| (Scope::Programme, all)));
            }
            let within: Vec<Scope> = scopes
                .into_iter()
                .filter(|scope| scope.experiment().is_some_and(|id| seen.has(id)))
                .collect();
            for some in within.chunks(GATHERED_MAX) {
                found.extend(self.listed((at, &seen), some, asked).await?);
            }
            Ok(found)
        };
        self.one(|loads| &loads.sessions, (at, asked), scope, read)
            .await
    }

    /// The sessions of some scopes; of the whole programme where there are none.
    async fn listed(
        &self,
        (at, seen): (At, &Seen),
        scopes: &[Scope],
        asked: SessionsAsked,
    ) -> Result<Answers<Scope, Vec<(NaiveDate, SessionId)>>, ReadError> {
        let named = scopes.iter().map(|scope| (scope.name(), *scope));
        let named: HashMap<(Vec<u8>, Vec<u8>), Scope> = named.collect();
        let mut query = QueryBuilder::<Sqlite>::new("");
        if scopes.is_empty() {
            query.push("SELECT X'', X'', t.day, t.id FROM tally t WHERE t.id IN (");
            standing(&mut query, at, asked);
            seen.narrow(&mut query, Named::Bytes("u.experiment"));
        } else {
            query.push("WITH asked (experiment, permanence) AS (");
            query.push_values(scopes, |mut row, scope| {
                let (experiment, permanence) = scope.name();
                row.push_bind(experiment).push_bind(permanence);
            });
            query.push(
                ") SELECT a.experiment, a.permanence, t.day, t.id FROM asked a \
                 JOIN tally t ON t.id IN (",
            );
            standing(&mut query, at, asked);
            query.push(
                " AND u.experiment = a.experiment \
                 AND (a.permanence = X'' OR u.permanence = a.permanence)",
            );
        }
        let direction = if asked.from_end { "DESC" } else { "ASC" };
        query.push(format!(
            " ORDER BY u.day {direction}, u.id {direction} LIMIT "
        ));
        query.push_bind(i64::from(asked.limit));
        query.push(format!(") ORDER BY t.day {direction}, t.id {direction}"));
        let pool = self.database.of(seen);
        let rows: Vec<(Vec<u8>, Vec<u8>, i64, String)> =
            query.build_query_as().fetch_all(pool).await?;
        let mut found: Answers<Scope, Vec<(NaiveDate, SessionId)>> = Answers::new();
        for (experiment, permanence, day, id) in rows {
            let scope = named.get(&(experiment, permanence));
            let scope = scope.copied().unwrap_or(Scope::Programme);
            let day = day_of_number(day).ok_or_else(|| {
                let what = "a row of tallies names no day";
                ReadError::Database(sqlx::Error::Decode(what.into()))
            })?;
            found.entry(scope).or_default().push((day, parsed(&id)?));
        }
        Ok(found)
    }
}

impl Activity {
    /// Takes in how many appointments or requests for feedback came to a state.
    fn ended(&mut self, table: &str, state: &str, times: u64) {
        match (table, state) {
            ("appointment", "booked") => self.appointments_booked = times,
            ("appointment", state) => {
                self.appointments_by.insert(state.to_owned(), times);
            }
            (_, "offered") => self.feedback_offered = times,
            (_, "received") => self.feedback_received = times,
            _ => self.feedback_declined = times,
        }
    }
}

/// A kind of scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Programme,
    Experiment,
    Permanence,
}

impl Scope {
    const fn kind(self) -> Kind {
        match self {
            Self::Programme => Kind::Programme,
            Self::Experiment(_) => Kind::Experiment,
            Self::Permanence(..) => Kind::Permanence,
        }
    }

    const fn experiment(self) -> Option<ExperimentId> {
        match self {
            Self::Programme => None,
            Self::Experiment(id) | Self::Permanence(id, _) => Some(id),
        }
    }

    /// Its experiment and its permanence as columns name them; empty where it has none.
    fn name(self) -> (Vec<u8>, Vec<u8>) {
        let experiment = self.experiment();
        let permanence = match self {
            Self::Programme | Self::Experiment(_) => None,
            Self::Permanence(_, id) => Some(id),
        };
        (
            experiment.map_or_else(Vec::new, |id| id.0.as_bytes().to_vec()),
            permanence.map_or_else(Vec::new, |id| id.0.as_bytes().to_vec()),
        )
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

/// The scope, the state, and what sessions add up to.
type SessionsRow = (Vec<u8>, Vec<u8>, String, i64, i64, i64);
/// The scope, the operator, what came of requests, and how many.
type RequestsRow = (Vec<u8>, Vec<u8>, Option<String>, String, i64);

/// Scopes of one kind of which something is counted.
struct Counted<'a> {
    at: At,
    seen: &'a Seen,
    kind: Kind,
    scopes: &'a [Scope],
    period: Option<Period>,
}

impl Counted<'_> {
    /// A question about the rows of a table that stand at the moment, by scope and by some columns.
    fn counting(&self, by: &[&str], what: &str, table: &str) -> QueryBuilder<Sqlite> {
        let (scope, columns) = match self.kind {
            Kind::Programme => ("X'', X''", None),
            Kind::Experiment => ("experiment, X''", Some("experiment")),
            Kind::Permanence => ("experiment, permanence", Some("experiment, permanence")),
        };
        let mut query = QueryBuilder::new(format!("SELECT {scope}, "));
        for column in by {
            query.push(format!("{column}, "));
        }
        query.push(format!("{what} FROM {table} WHERE known_from <= "));
        query.push_bind(self.at.known()).push(" AND known_to > ");
        query.push_bind(self.at.known());
        self.seen.narrow(&mut query, Named::Bytes("experiment"));
        if self.kind != Kind::Programme {
            self.among(&mut query, "experiment", |(experiment, _)| experiment);
        }
        if self.kind == Kind::Permanence {
            self.among(&mut query, "permanence", |(_, permanence)| permanence);
        }
        if let Some(period) = self.period {
            query.push(" AND day BETWEEN ");
            query.push_bind(day_number(period.from)).push(" AND ");
            query.push_bind(day_number(period.until));
        }
        let columns: Vec<&str> = columns.into_iter().chain(by.iter().copied()).collect();
        if !columns.is_empty() {
            query.push(" GROUP BY ").push(columns.join(", "));
        }
        query
    }

    fn among(
        &self,
        query: &mut QueryBuilder<Sqlite>,
        column: &str,
        named: impl Fn((Vec<u8>, Vec<u8>)) -> Vec<u8>,
    ) {
        let scopes = self.scopes.iter();
        let ids: BTreeSet<Vec<u8>> = scopes.map(|scope| named(scope.name())).collect();
        query.push(format!(" AND {column} IN ("));
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id);
        }
        query.push(")");
    }
}

/// The sessions `u` of which anything stands, without those that are not asked for.
fn standing(query: &mut QueryBuilder<Sqlite>, at: At, asked: SessionsAsked) {
    query.push("SELECT u.id FROM tally u WHERE u.known_from <= ");
    query.push_bind(at.known());
    if let Some(period) = asked.period {
        query.push(" AND u.day BETWEEN ");
        query.push_bind(day_number(period.from)).push(" AND ");
        query.push_bind(day_number(period.until));
    }
    for (cursor, sign) in [(asked.after, ">"), (asked.before, "<")] {
        if let Some((day, id)) = cursor {
            query.push(format!(" AND (u.day, u.id) {sign} ("));
            query.push_bind(day_number(day)).push(", ");
            query.push_bind(id.to_string()).push(")");
        }
    }
    for (index, table) in TABLES.into_iter().enumerate() {
        query.push(if index == 0 { " AND (" } else { " OR " });
        query.push(format!(
            "EXISTS (SELECT 1 FROM {table} r WHERE r.experiment = u.experiment AND r.day = u.day \
             AND r.session = unhex(replace(u.id, '-', '')) AND r.known_from <= "
        ));
        query.push_bind(at.known()).push(" AND r.known_to > ");
        query.push_bind(at.known()).push(")");
    }
    query.push(")");
}
