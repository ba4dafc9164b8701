//! Permanences.

use super::{At, Found, ReadError, ReadModels};
use crate::access::policy::Capability;
use crate::domain::{
    permanence::Permanence,
    terms::{ExperimentId, PermanenceId},
};

impl ReadModels {
    /// One permanence.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn permanence(
        &self,
        at: At,
        id: PermanenceId,
    ) -> Result<Option<Found<PermanenceId, Permanence>>, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM permanence WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(self.database.of(&seen))
        .await?;
        let found: Option<Found<_, Permanence>> =
            row.map(|(id, body)| Found::read(&id, &body)).transpose()?;
        Ok(found.filter(|found| seen.has_of(found.state.experiment)))
    }

    /// The permanences of an experiment, by the order they were first recorded in.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn permanences_of(
        &self,
        at: At,
        experiment: ExperimentId,
    ) -> Result<Vec<Found<PermanenceId, Permanence>>, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
        if !seen.has(experiment) {
            return Ok(Vec::new());
        }
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM permanence \
             WHERE experiment_id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(experiment.to_string())
        .bind(at.known())
        .fetch_all(self.database.of(&seen))
        .await?;
        let mut found: Vec<Found<PermanenceId, Permanence>> = rows
            .iter()
            .map(|(id, body)| Found::read(id, body))
            .collect::<Result<_, _>>()?;
        found.sort_by_key(|known| known.state.first.as_ref().map(|first| first.place));
        Ok(found)
    }
}
