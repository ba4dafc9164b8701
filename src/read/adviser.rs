//! Advisers. What names one stays sealed here.

use std::sync::Arc;

use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, Found, ReadError, ReadModels,
    loads::{by_id, by_owner},
    parsed,
    sight::{Seen, Unseen},
};
use crate::{
    access::policy::Capability,
    domain::{
        adviser::Adviser,
        terms::{AdviserId, ExperimentId, PersonId},
    },
    limits::GATHERED_MAX,
};

impl ReadModels {
    /// One adviser.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn adviser(
        &self,
        at: At,
        id: AdviserId,
    ) -> Result<Option<Found<AdviserId, Adviser>>, ReadError> {
        let found = self.advisers(at, &[id]).await?;
        Ok(found.into_iter().next())
    }

    /// Some advisers, in the order of `ids`; those that are not known left out.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn advisers(
        &self,
        at: At,
        ids: &[AdviserId],
    ) -> Result<Vec<Found<AdviserId, Adviser>>, ReadError> {
        let read = |mut ids: Vec<AdviserId>| async move {
            let witnessed = self.witnessed(at, Capability::Journal).await?;
            ids.retain(|id| witnessed.has_subject(*id));
            let on = (at, self.database.of(&witnessed.seen));
            let found = self.documents(on, "adviser", &ids).await?.into_iter();
            Ok(by_id(found.map(|found| as_seen(found, &witnessed.seen))))
        };
        let mut found = self.each(|loads| &loads.adviser, at, ids, read).await?;
        let found = ids.iter().filter_map(|id| found.remove(id).flatten());
        Ok(found.collect())
    }

    /// The advisers that were ever assigned to an experiment, in the order they were registered.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn advisers_of(
        &self,
        at: At,
        experiment: ExperimentId,
    ) -> Result<Vec<Found<AdviserId, Adviser>>, ReadError> {
        let read = |mut ids: Vec<ExperimentId>| async move {
            let seen = self.seen(at, Capability::Journal).await?;
            ids.retain(|id| seen.has(*id));
            let mut found = Vec::new();
            for some in ids.chunks(GATHERED_MAX) {
                for (experiment, adviser) in self.assigned((at, &seen), some).await? {
                    found.push((experiment, as_seen(adviser, &seen)));
                }
            }
            Ok(by_owner(found, |state: &Adviser| {
                state.registered.as_ref().map(|known| known.place)
            }))
        };
        self.one(|loads| &loads.advisers, at, experiment, read)
            .await
    }

    /// Those that were ever assigned to some experiments, each with its experiment.
    async fn assigned(
        &self,
        (at, seen): (At, &Seen),
        experiments: &[ExperimentId],
    ) -> Result<Vec<(ExperimentId, Found<AdviserId, Adviser>)>, ReadError> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT e.experiment_id, a.id, a.body FROM adviser_experiment e \
             JOIN adviser a ON a.id = e.id AND a.known_from = e.known_from \
             WHERE e.known_from <= ",
        );
        query.push_bind(at.known()).push(" AND e.known_to > ");
        query.push_bind(at.known());
        query.push(" AND e.experiment_id IN (");
        let mut list = query.separated(", ");
        for id in experiments {
            list.push_bind(id.to_string());
        }
        query.push(")");
        let pool = self.database.of(seen);
        let rows: Vec<(String, String, String)> = query.build_query_as().fetch_all(pool).await?;
        let rows = rows.iter();
        rows.map(|(experiment, id, body)| Ok((parsed(experiment)?, Found::read(id, body)?)))
            .collect()
    }

    /// The persons that are known and erased, or known and not.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn persons(&self, erased: bool) -> Result<Vec<PersonId>, ReadError> {
        let ids: Vec<String> =
            sqlx::query_scalar("SELECT id FROM adviser WHERE erased = $1 AND known_to = $2")
                .bind(i64::from(erased))
                .bind(i64::MAX)
                .fetch_all(self.database.unseen(Unseen::Program))
                .await?;
        ids.iter().map(|id| parsed(id)).collect()
    }
}

/// An adviser, without the assignments to experiments that are not seen.
fn as_seen(mut found: Found<AdviserId, Adviser>, seen: &Seen) -> Found<AdviserId, Adviser> {
    if matches!(seen, Seen::Only(_)) {
        let adviser = Arc::make_mut(&mut found.state);
        adviser
            .assignments
            .retain(|assignment| seen.has(assignment.experiment));
    }
    found
}
