//! Host venues.

use super::{
    At, Found, ReadError, ReadModels,
    gather::Answers,
    loads::{by_id, by_owner},
};
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
        let mut found = self.some_venues(at, &[id]).await?;
        Ok(found.remove(&id).flatten())
    }

    /// Some venues, by id.
    pub(super) async fn some_venues(
        &self,
        at: At,
        ids: &[VenueId],
    ) -> Result<Answers<VenueId, Option<Found<VenueId, Venue>>>, ReadError> {
        let read = |ids: Vec<VenueId>| async move {
            let seen = self.seen(at, Capability::Read).await?;
            let on = (at, self.database.of(&seen));
            let mut found: Vec<Found<_, Venue>> = self.documents(on, "venue", &ids).await?;
            found.retain(|found| seen.has_of(found.state.experiment));
            Ok(by_id(found))
        };
        self.each(|loads| &loads.venue, at, ids, read).await
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
        let read = |mut ids: Vec<ExperimentId>| async move {
            let seen = self.seen(at, Capability::Read).await?;
            ids.retain(|id| seen.has(*id));
            let on = (at, self.database.of(&seen));
            let rows = self.rows(on, "venue", "experiment_id", &ids).await?;
            Ok(by_owner(rows, |state: &Venue| {
                state.agreed.as_ref().map(|agreed| agreed.place)
            }))
        };
        self.one(|loads| &loads.venues, at, experiment, read).await
    }
}
