//! Host venues.

use super::{At, Found, ReadError, ReadModels};
use crate::access::policy::Capability;
use crate::domain::{
    terms::{ExperimentId, VenueId},
    venue::Venue,
};

impl ReadModels {
    /// One venue.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn venue(
        &self,
        at: At,
        id: VenueId,
    ) -> Result<Option<Found<VenueId, Venue>>, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM venue WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(self.database.of(&seen))
        .await?;
        let found: Option<Found<_, Venue>> =
            row.map(|(id, body)| Found::read(&id, &body)).transpose()?;
        Ok(found.filter(|found| seen.has_of(found.state.experiment)))
    }

    /// The venues of an experiment, by the order they were first recorded in.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn venues_of(
        &self,
        at: At,
        experiment: ExperimentId,
    ) -> Result<Vec<Found<VenueId, Venue>>, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
        if !seen.has(experiment) {
            return Ok(Vec::new());
        }
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM venue \
             WHERE experiment_id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(experiment.to_string())
        .bind(at.known())
        .fetch_all(self.database.of(&seen))
        .await?;
        let mut found: Vec<Found<VenueId, Venue>> = rows
            .iter()
            .map(|(id, body)| Found::read(id, body))
            .collect::<Result<_, _>>()?;
        found.sort_by_key(|venue| venue.state.agreed.as_ref().map(|agreed| agreed.place));
        Ok(found)
    }
}
