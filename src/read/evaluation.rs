//! What figures are computed from, as known at a moment.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use chrono::{Days, NaiveDate};
use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, ReadError, ReadModels,
    gather::Answers,
    parsed,
    sight::{Named, Seen, Unseen},
};
use crate::{
    access::policy::Capability,
    domain::{
        event::{Recorded, StreamId},
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
    limits::{GATHERED_MAX, INDICATOR_DAYS_MAX},
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

/// Which experiments, and over which period.
#[derive(Debug, Clone, Copy)]
enum Of<'a> {
    /// All, over one.
    All(Period),
    /// Some, each over its own.
    Some(&'a [(ExperimentId, Period)]),
}

impl Of<'_> {
    /// Each experiment once; nothing where it is all.
    fn ids(self) -> Option<Vec<ExperimentId>> {
        match self {
            Self::All(_) => None,
            Self::Some(asked) => {
                let ids: BTreeSet<ExperimentId> = asked.iter().map(|(id, _)| *id).collect();
                Some(ids.into_iter().collect())
            }
        }
    }
}

/// Experiments over periods.
type Periods = BTreeMap<(ExperimentId, Period), Known>;

/// The last of the days that figures of a period look at.
fn looked_at(period: Period) -> NaiveDate {
    let last = period.until.checked_add_days(Days::new(DAYS_AFTER));
    last.unwrap_or(period.until)
}

/// A list of experiments and its closing parenthesis.
fn among(query: &mut QueryBuilder<Sqlite>, experiments: &[ExperimentId]) {
    let mut list = query.separated(", ");
    for id in experiments {
        list.push_bind(id.to_string());
    }
    query.push(")");
}

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
        let Some(experiment) = scope.experiment else {
            let mut known = self.states(at, Of::All(period)).await?;
            known.retain(|_, known| scope.has(known));
            return self.complete(at, known, false).await;
        };
        let read = |asked: Vec<(ExperimentId, Period)>| async move {
            let known = self.states(at, Of::Some(&asked)).await?;
            let periods: Vec<_> = known.keys().copied().collect();
            let known = self.complete(at, known, true).await?.into_iter();
            let known = known.map(|known| Some(Arc::new(known)));
            Ok(periods.into_iter().zip(known).collect())
        };
        let known = self
            .one(|loads| &loads.known, at, (experiment, period), read)
            .await?;
        let known = known.map(Arc::unwrap_or_clone);
        Ok(known.filter(|known| scope.has(known)).into_iter().collect())
    }

    /// What is known at the moment of all experiments that are seen, for a day: without sites and
    /// sessions.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn on_day(&self, at: At, day: NaiveDate) -> Result<Vec<Known>, ReadError> {
        let period = Period {
            from: day,
            until: day,
        };
        let known = self.states(at, Of::All(period)).await?;
        Ok(known.into_values().collect())
    }

    /// The states of experiments and of their subjects, without sessions, each for its period.
    async fn states(&self, at: At, of: Of<'_>) -> Result<Periods, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
        let stamps = self.stamps(at, of, &seen).await?;
        let asked: Vec<(ExperimentId, Period)> = match of {
            Of::All(period) => stamps.keys().map(|id| (*id, period)).collect(),
            Of::Some(asked) => asked.to_vec(),
        };
        let mut known = Periods::new();
        let mut unkept = Vec::new();
        for (id, period) in asked {
            let Some(stamp) = stamps.get(&id) else {
                continue;
            };
            match self.kept.known.get(&(id, *stamp, period)) {
                Some(kept) => {
                    known.insert((id, period), (*kept).clone());
                }
                None => unkept.push((id, period)),
            }
        }
        for (asked, read) in self.subjects(at, &unkept, &seen).await? {
            let (id, period) = asked;
            if let Some(stamp) = stamps.get(&id) {
                let key = (id, *stamp, period);
                self.kept.known.insert(key, Arc::new(read.clone()));
            }
            known.insert(asked, read);
        }
        Ok(known)
    }

    /// The same, with sites and sessions; of those sessions alone, or of a whole period's.
    async fn complete(
        &self,
        at: At,
        mut known: Periods,
        narrowly: bool,
    ) -> Result<Vec<Known>, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
        self.hubs(at, &mut known).await?;
        self.observe((at, &seen), &mut known, narrowly).await?;
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
        let from = if let (Some(experiment), None) = (experiment, model) {
            let read = |ids: Vec<ExperimentId>| self.launched(at, ids);
            self.one(|loads| &loads.launched, at, experiment, read)
                .await?
        } else {
            self.first_launch(at, experiment, model).await?
        };
        let until = at.on;
        let longest = until.checked_sub_days(Days::new(INDICATOR_DAYS_MAX.unsigned_abs() - 1));
        let from = from.map(|from| longest.map_or(from, |longest| from.max(longest)));
        let period = from.map(|from| Period { from, until });
        Ok(period.filter(|period| period.from <= period.until))
    }

    /// The first day of those experiments that were launched.
    async fn first_launch(
        &self,
        at: At,
        experiment: Option<ExperimentId>,
        model: Option<DeliveryModel>,
    ) -> Result<Option<NaiveDate>, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
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
        seen.narrow(&mut query, Named::Text("id"));
        let pool = self.database.of(&seen);
        let first: Option<String> = query.build_query_scalar().fetch_one(pool).await?;
        Ok(first.and_then(|first| first.parse().ok()))
    }

    /// The first day of each of some experiments that was launched.
    async fn launched(
        &self,
        at: At,
        mut ids: Vec<ExperimentId>,
    ) -> Result<Answers<ExperimentId, Option<NaiveDate>>, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
        ids.retain(|id| seen.has(*id));
        let mut launched = Answers::new();
        for some in ids.chunks(GATHERED_MAX) {
            let mut query = QueryBuilder::<Sqlite>::new(
                "SELECT id, start_on FROM experiment WHERE start_on > '' AND known_from <= ",
            );
            query.push_bind(at.known()).push(" AND known_to > ");
            query.push_bind(at.known()).push(" AND id IN (");
            among(&mut query, some);
            let pool = self.database.of(&seen);
            let rows: Vec<(String, String)> = query.build_query_as().fetch_all(pool).await?;
            for (id, first) in rows {
                launched.insert(parsed(&id)?, first.parse().ok());
            }
        }
        Ok(launched)
    }

    /// What names the states of each experiment's subjects at the moment.
    async fn stamps(
        &self,
        at: At,
        of: Of<'_>,
        seen: &Seen,
    ) -> Result<BTreeMap<ExperimentId, Stamp>, ReadError> {
        let mut stamps: BTreeMap<ExperimentId, Stamp> = BTreeMap::new();
        let ids = of.ids();
        let parts: Vec<Option<&[ExperimentId]>> = match &ids {
            None => vec![None],
            Some(ids) => ids.chunks(GATHERED_MAX).map(Some).collect(),
        };
        for (table, column) in SUBJECTS {
            for only in &parts {
                let mut query = QueryBuilder::<Sqlite>::new(format!(
                    "SELECT {column}, count(*), CAST(sum(known_from) AS BIGINT), max(known_from) \
                     FROM {table} WHERE known_from <= "
                ));
                query.push_bind(at.known()).push(" AND known_to > ");
                query.push_bind(at.known());
                if let Some(only) = only {
                    query.push(format!(" AND {column} IN ("));
                    among(&mut query, only);
                }
                seen.narrow(&mut query, Named::Text(column));
                query.push(format!(" GROUP BY {column}"));
                let pool = self.database.of(seen);
                let rows: Vec<(String, i64, i64, i64)> =
                    query.build_query_as().fetch_all(pool).await?;
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
        }
        Ok(stamps)
    }

    /// The states of some experiments and of their subjects, without sessions, each for its period.
    async fn subjects(
        &self,
        at: At,
        asked: &[(ExperimentId, Period)],
        seen: &Seen,
    ) -> Result<Periods, ReadError> {
        if asked.is_empty() {
            return Ok(Periods::new());
        }
        let ids = Of::Some(asked).ids().unwrap_or_default();
        let on = (at, self.database.of(seen));
        let mut known: BTreeMap<ExperimentId, Known> = BTreeMap::new();
        for found in self.documents(on, "experiment", &ids).await? {
            known.insert(found.id, Known::new(found.id, found.state));
        }
        macro_rules! take {
            ($table:literal, $field:ident) => {
                for (experiment, found) in self.rows(on, $table, "experiment_id", &ids).await? {
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
        let mut read = Periods::new();
        for (id, period) in asked {
            let Some(mut known) = known.get(id).cloned() else {
                continue;
            };
            let planned = known.plan(*period).map_err(|refusal| {
                let what = format!("the calendar of {id}: {refusal}");
                ReadError::Database(sqlx::Error::Decode(what.into()))
            })?;
            known.planned = Arc::new(planned);
            read.insert((*id, *period), known);
        }
        Ok(read)
    }

    /// Reads the labelled sites that hubs were.
    async fn hubs(&self, at: At, known: &mut Periods) -> Result<(), ReadError> {
        let designated = |known: &Known| {
            let hubs = known.experiment.hubs.iter();
            hubs.map(|hub| hub.what.site).collect::<BTreeSet<SiteId>>()
        };
        let sites: BTreeSet<SiteId> = known.values().flat_map(designated).collect();
        let sites: Vec<SiteId> = sites.into_iter().collect();
        let on = (at, self.database.unseen(Unseen::Open));
        let found = self.documents(on, "site", &sites).await?.into_iter();
        let found: BTreeMap<SiteId, Site> = found
            .filter_map(|site| Some((site.id, Arc::into_inner(site.state)?)))
            .collect();
        for known in known.values_mut() {
            let own = designated(known).into_iter();
            let own = own.filter_map(|id| Some((id, found.get(&id)?.clone())));
            known.sites = Arc::new(own.collect());
        }
        Ok(())
    }

    /// Reads the sessions of each period, and of the days after it: those of these experiments alone,
    /// or those of all, where these are nearly all.
    async fn observe(
        &self,
        (at, seen): (At, &Seen),
        known: &mut Periods,
        narrowly: bool,
    ) -> Result<(), ReadError> {
        let mut days: BTreeMap<ExperimentId, Vec<Period>> = BTreeMap::new();
        for (id, period) in known.keys() {
            days.entry(*id).or_default().push(*period);
        }
        let ids: Vec<ExperimentId> = days.keys().copied().collect();
        let parts: Vec<Option<&[ExperimentId]>> = if narrowly {
            ids.chunks(GATHERED_MAX).map(Some).collect()
        } else {
            vec![None]
        };
        for only in parts {
            let rows = self.tallies((at, seen), &days, only).await?;
            for (id, observed) in self.observed(at, rows).await? {
                for period in days.get(&id).into_iter().flatten() {
                    if observed.day >= period.from
                        && observed.day <= looked_at(*period)
                        && let Some(known) = known.get_mut(&(id, *period))
                    {
                        known.sessions.push(observed.clone());
                    }
                }
            }
        }
        Ok(())
    }

    /// The rows of sessions of some days, of some experiments or of all, by experiment, day and
    /// identity.
    async fn tallies(
        &self,
        (at, seen): (At, &Seen),
        days: &BTreeMap<ExperimentId, Vec<Period>>,
        some: Option<&[ExperimentId]>,
    ) -> Result<Vec<TallyRow>, ReadError> {
        let periods = || days.values().flatten();
        let (Some(first), Some(last)) = (
            periods().map(|period| period.from).min(),
            periods().map(|period| looked_at(*period)).max(),
        ) else {
            return Ok(Vec::new());
        };
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT experiment, day, id, permanence, changed, body FROM tally WHERE day BETWEEN ",
        );
        query.push_bind(day_number(first)).push(" AND ");
        query
            .push_bind(day_number(last))
            .push(" AND known_from <= ");
        query.push_bind(at.known());
        if let Some(some) = some {
            query.push(" AND experiment IN (");
            let mut ids = query.separated(", ");
            for id in some {
                ids.push_bind(id.0.as_bytes().to_vec());
            }
            query.push(")");
        }
        seen.narrow(&mut query, Named::Bytes("experiment"));
        query.push(" ORDER BY experiment, day, id");
        let pool = self.database.of(seen);
        let mut rows: Vec<TallyRow> = query.build_query_as().fetch_all(pool).await?;
        rows.retain(|(experiment, ..)| {
            let id = of_bytes(experiment).map(ExperimentId);
            id.is_ok_and(|id| days.contains_key(&id))
        });
        Ok(rows)
    }

    /// What some rows of sessions were at the moment, each with its experiment.
    async fn observed(
        &self,
        at: At,
        rows: Vec<TallyRow>,
    ) -> Result<Vec<(ExperimentId, Observation)>, ReadError> {
        // What changed since is not the tally of the moment: it is folded from what was known then.
        let since: Vec<SessionId> = rows
            .iter()
            .filter(|(.., changed, _)| *changed > at.known())
            .map(|(_, _, id, ..)| parsed(id))
            .collect::<Result<_, _>>()?;
        let mut then = self.tallies_then(at, &since).await?;
        let mut observed = Vec::with_capacity(rows.len());
        for (experiment, day, id, permanence, changed, body) in rows {
            let session = parsed(&id)?;
            let tally = if changed > at.known() {
                then.remove(&session).unwrap_or_default()
            } else {
                let Row { tally } = serde_json::from_str(&body)?;
                tally
            };
            let observation = Observation {
                session,
                permanence: PermanenceId(of_bytes(&permanence)?),
                day: day_of_number(day).ok_or_else(malformed)?,
                tally,
            };
            observed.push((ExperimentId(of_bytes(&experiment)?), observation));
        }
        Ok(observed)
    }

    /// What some sessions added up to at the moment.
    async fn tallies_then(
        &self,
        at: At,
        sessions: &[SessionId],
    ) -> Result<HashMap<SessionId, Tally>, ReadError> {
        let mut tallies = HashMap::new();
        for some in sessions.chunks(GATHERED_MAX) {
            let subjects: Vec<StreamId> = some.iter().copied().map(StreamId::from).collect();
            let mut journals: BTreeMap<SessionId, Vec<Recorded>> = BTreeMap::new();
            // Figures are of what was done, whether or not the entries behind them are seen.
            for recorded in self.recorded_of(at, &subjects).await? {
                if let Ok(session) = SessionId::try_from(recorded.fact.event.stream()) {
                    journals.entry(session).or_default().push(recorded);
                }
            }
            let folded = journals.iter();
            tallies.extend(folded.map(|(session, journal)| (*session, Tally::of(journal))));
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
