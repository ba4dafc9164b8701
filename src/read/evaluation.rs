//! What figures are computed from, as known at a moment.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use chrono::{Days, NaiveDate};
use sqlx::{QueryBuilder, Sqlite};

use super::{At, Found, ReadError, ReadModels, parsed};
use crate::{
    domain::{
        event::StreamId,
        experiment::{DeliveryModel, Figure},
        session::tally::Tally,
        site::Site,
        terms::{
            ExperimentId, Period, PermanenceId, SessionId, SiteId,
            time::{day_number, day_of_number},
        },
    },
    evaluation::{
        self, Answer, Question,
        decision::{self, Basis},
        facts::{DAYS_AFTER, Known, Observation},
        group::Scope,
    },
    limits::{INDICATOR_DAYS_MAX, INSERT_ROWS_MAX},
};

/// What names the states of an experiment's subjects: two that are equal are of the same states.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Stamp {
    rows: i64,
    sum: i64,
    last: i64,
}

/// The tables of subjects that belong to an experiment, and the column that names it.
const SUBJECTS: [(&str, &str); 4] = [
    ("experiment", "id"),
    ("permanence", "experiment_id"),
    ("venue", "experiment_id"),
    ("cost", "experiment_id"),
];

impl ReadModels {
    /// What is known at the moment of the experiments of a scope over a period: by identity.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn known(
        &self,
        at: At,
        scope: &Scope,
        period: Period,
    ) -> Result<Vec<Known>, ReadError> {
        let stamps = self.stamps(at, scope.experiment).await?;
        let mut known: BTreeMap<ExperimentId, Known> = BTreeMap::new();
        let mut unkept = Vec::new();
        for (id, stamp) in &stamps {
            match self.kept.known.get(&(*id, *stamp, period)) {
                Some(kept) => {
                    known.insert(*id, (*kept).clone());
                }
                None => unkept.push(*id),
            }
        }
        for some in unkept.chunks(INSERT_ROWS_MAX) {
            for read in self.subjects(at, some, period).await? {
                if let Some(stamp) = stamps.get(&read.id) {
                    let key = (read.id, *stamp, period);
                    self.kept.known.insert(key, Arc::new(read.clone()));
                }
                known.insert(read.id, read);
            }
        }
        known.retain(|_, known| scope.has(known));
        self.hubs(at, &mut known).await?;
        self.observe(at, &mut known, period).await?;
        Ok(known.into_values().collect())
    }

    /// The figures that a question asks for, as known at the moment.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn figures(&self, at: At, question: Question) -> Result<Vec<Answer>, ReadError> {
        let known = self.known(at, &question.scope, question.period).await?;
        let computed =
            tokio::task::spawn_blocking(move || evaluation::answers(&question, &known, at.on));
        computed.await.map_err(|error| {
            let what = format!("figures could not be computed: {error}");
            ReadError::Database(sqlx::Error::Decode(what.into()))
        })
    }

    /// What a decision on an experiment, taken on a day, rests on as known at the moment; nothing
    /// where the experiment was not launched by then.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn basis(
        &self,
        at: At,
        experiment: ExperimentId,
        taken: NaiveDate,
        cited: &[Figure],
    ) -> Result<Option<Basis>, ReadError> {
        let Some(found) = self.experiment(at, experiment).await? else {
            return Ok(None);
        };
        let Some(period) = decision::period(&found.state, taken) else {
            return Ok(None);
        };
        let scope = Scope {
            experiment: Some(experiment),
            ..Scope::default()
        };
        let known = self.known(at, &scope, period).await?;
        let known = known.first();
        Ok(known.and_then(|known| decision::basis(known, taken, cited, at.on)))
    }

    /// The period that figures are of where nobody names one: from the first launch of the scope to
    /// the day of the moment, or the last of its days that figures can be of; nothing where nothing was launched by then.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn whole_period(
        &self,
        at: At,
        experiment: Option<ExperimentId>,
        model: Option<DeliveryModel>,
    ) -> Result<Option<Period>, ReadError> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT min(start_on) FROM experiment WHERE start_on > '' AND known_from <= ",
        );
        query.push_bind(at.known()).push(" AND known_to > ");
        query.push_bind(at.known());
        if let Some(experiment) = experiment {
            query.push(" AND id = ").push_bind(experiment.to_string());
        }
        if let Some(model) = model {
            query.push(" AND model = ").push_bind(model.code());
        }
        let first: Option<String> = query.build_query_scalar().fetch_one(&self.pool).await?;
        let from: Option<NaiveDate> = first.and_then(|first| first.parse().ok());
        let until = at.on;
        let longest = until.checked_sub_days(Days::new(INDICATOR_DAYS_MAX.unsigned_abs() - 1));
        let from = from.map(|from| longest.map_or(from, |longest| from.max(longest)));
        let period = from.map(|from| Period { from, until });
        Ok(period.filter(|period| period.from <= period.until))
    }

    /// What names the states of each experiment's subjects at the moment.
    async fn stamps(
        &self,
        at: At,
        only: Option<ExperimentId>,
    ) -> Result<BTreeMap<ExperimentId, Stamp>, ReadError> {
        let mut stamps: BTreeMap<ExperimentId, Stamp> = BTreeMap::new();
        for (table, column) in SUBJECTS {
            let mut query = QueryBuilder::<Sqlite>::new(format!(
                "SELECT {column}, count(*), CAST(sum(known_from) AS BIGINT), max(known_from) \
                 FROM {table} WHERE known_from <= "
            ));
            query.push_bind(at.known()).push(" AND known_to > ");
            query.push_bind(at.known());
            if let Some(only) = only {
                query.push(format!(" AND {column} = "));
                query.push_bind(only.to_string());
            }
            query.push(format!(" GROUP BY {column}"));
            let rows: Vec<(String, i64, i64, i64)> =
                query.build_query_as().fetch_all(&self.pool).await?;
            for (id, rows, sum, last) in rows {
                let id = parsed(&id)?;
                if table == "experiment" {
                    stamps.insert(id, Stamp { rows, sum, last });
                } else if let Some(stamp) = stamps.get_mut(&id) {
                    stamp.rows += rows;
                    stamp.sum = stamp.sum.wrapping_add(sum);
                    stamp.last = stamp.last.max(last);
                }
            }
        }
        Ok(stamps)
    }

    /// The states of some experiments and of their subjects, without sessions.
    async fn subjects(
        &self,
        at: At,
        experiments: &[ExperimentId],
        period: Period,
    ) -> Result<Vec<Known>, ReadError> {
        let mut known: BTreeMap<ExperimentId, Known> = BTreeMap::new();
        for (_, found) in self.rows(at, "experiment", "id", experiments).await? {
            known.insert(found.id, Known::new(found.id, found.state));
        }
        macro_rules! take {
            ($table:literal, $field:ident) => {
                for (experiment, found) in
                    self.rows(at, $table, "experiment_id", experiments).await?
                {
                    if let Some(known) = known.get_mut(&experiment)
                        && let Some(state) = Arc::into_inner(found.state)
                    {
                        Arc::make_mut(&mut known.$field).insert(found.id, state);
                    }
                }
            };
        }
        take!("permanence", permanences);
        take!("venue", venues);
        take!("cost", costs);
        let mut read: Vec<Known> = known.into_values().collect();
        for known in &mut read {
            let planned = known.plan(period).map_err(|refusal| {
                let what = format!("the calendar of {}: {refusal}", known.id);
                ReadError::Database(sqlx::Error::Decode(what.into()))
            })?;
            known.planned = Arc::new(planned);
        }
        Ok(read)
    }

    /// Reads the labelled sites that hubs were.
    async fn hubs(
        &self,
        at: At,
        known: &mut BTreeMap<ExperimentId, Known>,
    ) -> Result<(), ReadError> {
        let designated = |known: &Known| {
            let hubs = known.experiment.hubs.iter();
            hubs.map(|hub| hub.what.site).collect::<BTreeSet<SiteId>>()
        };
        let sites: BTreeSet<SiteId> = known.values().flat_map(designated).collect();
        let sites: Vec<SiteId> = sites.into_iter().collect();
        let mut found: BTreeMap<SiteId, Site> = BTreeMap::new();
        for some in sites.chunks(INSERT_ROWS_MAX) {
            for (_, site) in self
                .rows::<SiteId, SiteId, Site>(at, "site", "id", some)
                .await?
            {
                found.extend(Arc::into_inner(site.state).map(|state| (site.id, state)));
            }
        }
        for known in known.values_mut() {
            let own = designated(known).into_iter();
            let own = own.filter_map(|id| Some((id, found.get(&id)?.clone())));
            known.sites = Arc::new(own.collect());
        }
        Ok(())
    }

    /// The rows of a table of documents that a column names the owners of.
    async fn rows<O, I, D>(
        &self,
        at: At,
        table: &str,
        column: &str,
        owners: &[O],
    ) -> Result<Vec<(O, Found<I, D>)>, ReadError>
    where
        O: std::str::FromStr + ToString,
        I: std::str::FromStr,
        D: serde::de::DeserializeOwned,
    {
        let mut query = QueryBuilder::<Sqlite>::new(format!(
            "SELECT {column}, id, body FROM {table} WHERE known_from <= "
        ));
        query.push_bind(at.known()).push(" AND known_to > ");
        query.push_bind(at.known());
        query.push(format!(" AND {column} IN ("));
        let mut ids = query.separated(", ");
        for id in owners {
            ids.push_bind(id.to_string());
        }
        query.push(")");
        let rows: Vec<(String, String, String)> =
            query.build_query_as().fetch_all(&self.pool).await?;
        let rows = rows.iter();
        rows.map(|(owner, id, body)| Ok((parsed(owner)?, Found::read(id, body)?)))
            .collect()
    }

    /// Reads the sessions of a period, and of the days after it, of some experiments.
    async fn observe(
        &self,
        at: At,
        known: &mut BTreeMap<ExperimentId, Known>,
        period: Period,
    ) -> Result<(), ReadError> {
        let last = period.until.checked_add_days(Days::new(DAYS_AFTER));
        let last = last.unwrap_or(period.until);
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT experiment, day, id, permanence, changed, body FROM tally WHERE day BETWEEN ",
        );
        query.push_bind(day_number(period.from)).push(" AND ");
        query
            .push_bind(day_number(last))
            .push(" AND known_from <= ");
        query.push_bind(at.known());
        if known.len() == 1
            && let Some(id) = known.keys().next()
        {
            query
                .push(" AND experiment = ")
                .push_bind(id.0.as_bytes().to_vec());
        }
        query.push(" ORDER BY experiment, day, id");
        let rows: Vec<TallyRow> = query.build_query_as().fetch_all(&self.pool).await?;
        // What changed since is not the tally of the moment: it is folded from what was known then.
        let since: Vec<SessionId> = rows
            .iter()
            .filter(|(.., changed, _)| *changed > at.known())
            .map(|(_, _, id, ..)| parsed(id))
            .collect::<Result<_, _>>()?;
        let mut then = self.tallies_then(at, &since).await?;
        for (experiment, day, id, permanence, changed, body) in rows {
            let Some(known) = known.get_mut(&ExperimentId(of_bytes(&experiment)?)) else {
                continue;
            };
            let session = parsed(&id)?;
            let tally = if changed > at.known() {
                then.remove(&session).unwrap_or_default()
            } else {
                let Row { tally } = serde_json::from_str(&body)?;
                tally
            };
            known.sessions.push(Observation {
                session,
                permanence: PermanenceId(of_bytes(&permanence)?),
                day: day_of_number(day).ok_or_else(malformed)?,
                tally,
            });
        }
        Ok(())
    }

    /// What some sessions added up to at the moment.
    async fn tallies_then(
        &self,
        at: At,
        sessions: &[SessionId],
    ) -> Result<HashMap<SessionId, Tally>, ReadError> {
        let mut tallies = HashMap::new();
        for some in sessions.chunks(INSERT_ROWS_MAX) {
            let subjects: Vec<StreamId> = some.iter().copied().map(StreamId::from).collect();
            for (stream, journal) in self.journals(at, &subjects).await? {
                if let Ok(session) = SessionId::try_from(stream) {
                    tallies.insert(session, Tally::of(&journal));
                }
            }
        }
        Ok(tallies)
    }
}

/// The experiment, the day, the session, the permanence, the last change, and the body of a row.
type TallyRow = (Vec<u8>, i64, String, Vec<u8>, i64, String);

/// The part of a row's body that figures take.
#[derive(serde::Deserialize)]
struct Row {
    tally: Tally,
}

fn of_bytes(id: &[u8]) -> Result<uuid::Uuid, ReadError> {
    uuid::Uuid::from_slice(id).map_err(|_| malformed())
}

fn malformed() -> ReadError {
    ReadError::Database(sqlx::Error::Decode("a row of tallies is malformed".into()))
}
