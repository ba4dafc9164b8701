//! What one request asks at the same time, gathered kind by kind: see [`gather`](super::gather).

use std::{collections::HashSet, hash::Hash, sync::Arc};

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use sqlx::{QueryBuilder, Sqlite, SqlitePool};

use super::{
    At, Found, ReadError, ReadModels,
    activity::{Activity, Scope, SessionsAsked},
    gather::{Answers, Gather},
    history::Of,
    parsed,
};
use crate::{
    domain::{
        adviser::Adviser,
        agreement::Agreement,
        cost::Cost,
        event::Recorded,
        experiment::Experiment,
        operator::Operator,
        permanence::Permanence,
        report::Report,
        session::Session,
        site::Site,
        terms::{
            AdviserId, AgreementId, CostId, ExperimentId, OperatorId, Period, PermanenceId,
            Position, ReportId, SessionId, SiteId, VenueId,
        },
        venue::Venue,
    },
    evaluation::facts::Known,
    limits::GATHERED_MAX,
};

/// One of a kind, if it is known.
type One<I, D> = Gather<At, I, Option<Found<I, D>>>;
/// All of a kind that belong to an experiment.
type Own<I, D> = Gather<At, ExperimentId, Vec<Found<I, D>>>;

/// What one request asks at the same time.
#[derive(Debug, Default)]
pub(super) struct Loads {
    pub experiment: One<ExperimentId, Experiment>,
    pub permanence: One<PermanenceId, Permanence>,
    pub venue: One<VenueId, Venue>,
    pub adviser: One<AdviserId, Adviser>,
    pub session: One<SessionId, Session>,
    pub operator: One<OperatorId, Operator>,
    pub agreement: One<AgreementId, Agreement>,
    pub cost: One<CostId, Cost>,
    pub site: One<SiteId, Site>,
    /// By the column that names it: a report's own id, or that of the one it replaces.
    pub report: Gather<(At, &'static str), ReportId, Option<Found<ReportId, Report>>>,
    pub permanences: Own<PermanenceId, Permanence>,
    pub venues: Own<VenueId, Venue>,
    pub advisers: Own<AdviserId, Adviser>,
    pub costs: Own<CostId, Cost>,
    pub activity: Gather<(At, Option<Period>), Scope, Activity>,
    pub sessions: Gather<(At, SessionsAsked), Scope, Vec<(NaiveDate, SessionId)>>,
    /// Pages of history after a position, of so many events.
    pub history: Gather<(At, Position, u32), Of, Vec<Recorded>>,
    pub event: Gather<At, Position, Option<Recorded>>,
    pub corrections: Gather<At, Position, Vec<Recorded>>,
    /// First days.
    pub launched: Gather<At, ExperimentId, Option<NaiveDate>>,
    pub known: Gather<At, (ExperimentId, Period), Option<Arc<Known>>>,
}

impl ReadModels {
    /// The same read models for one request: what it asks at the same time is read at once.
    #[must_use]
    pub fn gathering(&self) -> Self {
        Self {
            loads: Some(Arc::default()),
            ..self.clone()
        }
    }

    /// What is found of each of `keys`, with what the same request asks at the same time, if it is one
    /// that gathers.
    pub(super) async fn each<Q, K, V, F>(
        &self,
        which: impl Fn(&Loads) -> &Gather<Q, K, V>,
        of: Q,
        keys: &[K],
        read: impl Fn(Vec<K>) -> F,
    ) -> Result<Answers<K, V>, ReadError>
    where
        Q: Clone + Eq + Hash,
        K: Copy + Eq + Hash,
        V: Clone + Default,
        F: Future<Output = Result<Answers<K, V>, ReadError>>,
    {
        if let Some(loads) = &self.loads {
            return which(loads).ask(&of, keys, read).await;
        }
        let mut asked = HashSet::new();
        let keys = keys.iter().copied();
        read(keys.filter(|key| asked.insert(*key)).collect()).await
    }

    /// The same, of one.
    pub(super) async fn one<Q, K, V, F>(
        &self,
        which: impl Fn(&Loads) -> &Gather<Q, K, V>,
        of: Q,
        key: K,
        read: impl Fn(Vec<K>) -> F,
    ) -> Result<V, ReadError>
    where
        Q: Clone + Eq + Hash,
        K: Copy + Eq + Hash,
        V: Clone + Default,
        F: Future<Output = Result<Answers<K, V>, ReadError>>,
    {
        let mut found = self.each(which, of, &[key], read).await?;
        Ok(found.remove(&key).unwrap_or_default())
    }

    /// The rows of a table of documents that stand at the moment, of which a column names one of some
    /// owners.
    pub(super) async fn rows<O, I, D>(
        &self,
        (at, pool): (At, &SqlitePool),
        table: &str,
        column: &str,
        owners: &[O],
    ) -> Result<Vec<(O, Found<I, D>)>, ReadError>
    where
        O: std::str::FromStr + ToString,
        I: std::str::FromStr,
        D: DeserializeOwned,
    {
        let mut found = Vec::new();
        for some in owners.chunks(GATHERED_MAX) {
            let mut query = QueryBuilder::<Sqlite>::new(format!(
                "SELECT {column}, id, body FROM {table} WHERE known_from <= "
            ));
            query.push_bind(at.known()).push(" AND known_to > ");
            query.push_bind(at.known());
            query.push(format!(" AND {column} IN ("));
            let mut ids = query.separated(", ");
            for id in some {
                ids.push_bind(id.to_string());
            }
            query.push(")");
            let rows: Vec<(String, String, String)> =
                query.build_query_as().fetch_all(pool).await?;
            for (owner, id, body) in &rows {
                found.push((parsed(owner)?, Found::read(id, body)?));
            }
        }
        Ok(found)
    }

    /// The documents of some subjects, as they stand at the moment, by id.
    pub(super) async fn documents<I, D>(
        &self,
        on: (At, &SqlitePool),
        table: &str,
        ids: &[I],
    ) -> Result<Vec<Found<I, D>>, ReadError>
    where
        I: std::str::FromStr + ToString,
        D: DeserializeOwned,
    {
        let rows = self.rows::<I, I, D>(on, table, "id", ids).await?;
        Ok(rows.into_iter().map(|(_, found)| found).collect())
    }
}

/// Each of some documents, by its id.
pub(super) fn by_id<I: Copy + Eq + Hash, D>(
    found: impl IntoIterator<Item = Found<I, D>>,
) -> Answers<I, Option<Found<I, D>>> {
    let found = found.into_iter();
    found.map(|found| (found.id, Some(found))).collect()
}

/// Each of some documents, by its owner, in the order of a key.
pub(super) fn by_owner<O: Eq + Hash, I, D, S: Ord>(
    found: Vec<(O, Found<I, D>)>,
    key: impl Fn(&D) -> S,
) -> Answers<O, Vec<Found<I, D>>> {
    let mut owned: Answers<O, Vec<Found<I, D>>> = Answers::new();
    for (owner, found) in found {
        owned.entry(owner).or_default().push(found);
    }
    for found in owned.values_mut() {
        found.sort_by_key(|found| key(&found.state));
    }
    owned
}
