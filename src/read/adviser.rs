//! Advisers. What names one stays sealed here.

use std::sync::Arc;

use super::{
    At, Found, ReadError, ReadModels,
    sight::{Seen, Unseen},
};
use crate::access::policy::Capability;
use crate::domain::{
    adviser::Adviser,
    terms::{AdviserId, ExperimentId, PersonId},
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
        let witnessed = self.witnessed(at, Capability::Journal).await?;
        if !witnessed.has_subject(id) {
            return Ok(None);
        }
        let seen = &witnessed.seen;
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM adviser WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(self.database.of(seen))
        .await?;
        let found = row.map(|(id, body)| Found::read(&id, &body)).transpose()?;
        Ok(found.map(|found| as_seen(found, seen)))
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
        let seen = self.seen(at, Capability::Journal).await?;
        if !seen.has(experiment) {
            return Ok(Vec::new());
        }
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT a.id, a.body FROM adviser_experiment e \
             JOIN adviser a ON a.id = e.id AND a.known_from = e.known_from \
             WHERE e.experiment_id = $1 AND e.known_from <= $2 AND e.known_to > $2",
        )
        .bind(experiment.to_string())
        .bind(at.known())
        .fetch_all(self.database.of(&seen))
        .await?;
        let mut found: Vec<Found<AdviserId, Adviser>> = rows
            .iter()
            .map(|(id, body)| Ok(as_seen(Found::read(id, body)?, &seen)))
            .collect::<Result<_, ReadError>>()?;
        found.sort_by_key(|adviser| adviser.state.registered.as_ref().map(|known| known.place));
        Ok(found)
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
        ids.iter().map(|id| super::parsed(id)).collect()
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
