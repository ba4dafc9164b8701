//! Permanences.

use std::{collections::HashMap, sync::Arc};

use super::{
    At, Found, ReadError, ReadModels,
    loads::{by_id, by_owner},
};
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
        let read = |ids: Vec<PermanenceId>| async move {
            let seen = self.seen(at, Capability::Read).await?;
            let on = (at, self.database.of(&seen));
            let mut found: Vec<Found<_, Permanence>> =
                self.documents(on, "permanence", &ids).await?;
            found.retain(|found| seen.has_of(found.state.experiment));
            Ok(by_id(found))
        };
        self.one(|loads| &loads.permanence, at, id, read).await
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
        let read = |mut ids: Vec<ExperimentId>| async move {
            let seen = self.seen(at, Capability::Read).await?;
            let name = |id: ExperimentId| (at.position, at.sight.by(Capability::Read), id);
            let mut found = HashMap::with_capacity(ids.len());
            ids.retain(|id| {
                let kept = seen.has(*id).then(|| self.kept.permanences.get(&name(*id)));
                found.extend(kept.iter().flatten().map(|kept| (*id, kept.to_vec())));
                matches!(kept, Some(None))
            });
            let on = (at, self.database.of(&seen));
            let rows = self.rows(on, "permanence", "experiment_id", &ids).await?;
            let mut read = by_owner(rows, |state: &Permanence| {
                state.first.as_ref().map(|first| first.place)
            });
            for id in ids {
                let permanences = read.remove(&id).unwrap_or_default();
                let kept = Arc::from(permanences.as_slice());
                self.kept.permanences.insert(name(id), kept);
                found.insert(id, permanences);
            }
            Ok(found)
        };
        self.one(|loads| &loads.permanences, at, experiment, read)
            .await
    }
}
