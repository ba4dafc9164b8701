//! Sessions: folded from their events as they are asked for. They are short, and no document of
//! them is stored.

use super::{At, Found, ReadError, ReadModels, gather::Answers, sight::Unseen};
use crate::{
    domain::{
        correction::standing,
        event::StreamId,
        session::Session,
        subject::Subject,
        terms::{ExperimentId, SessionId},
    },
    limits::GATHERED_MAX,
};

impl ReadModels {
    /// One session; nothing where nothing of it stands.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn session(
        &self,
        at: At,
        id: SessionId,
    ) -> Result<Option<Found<SessionId, Session>>, ReadError> {
        let found = self.sessions_of(at, &[id]).await?;
        Ok(found.into_iter().next())
    }

    /// The experiments that are known now.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn experiment_ids(&self) -> Result<Vec<ExperimentId>, ReadError> {
        let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM experiment WHERE known_to = $1")
            .bind(i64::MAX)
            .fetch_all(self.database.unseen(Unseen::Program))
            .await?;
        ids.iter().map(|id| super::parsed(id)).collect()
    }

    /// Some sessions, in the order of `ids`, those of which nothing stands left out.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sessions_of(
        &self,
        at: At,
        ids: &[SessionId],
    ) -> Result<Vec<Found<SessionId, Session>>, ReadError> {
        let read = |ids: Vec<SessionId>| async move {
            let mut found = Answers::new();
            for some in ids.chunks(GATHERED_MAX) {
                let subjects: Vec<StreamId> = some.iter().copied().map(StreamId::from).collect();
                let mut journals = self.journals(at, &subjects).await?;
                for id in some {
                    let journal = journals.remove(&StreamId::from(*id)).unwrap_or_default();
                    if !standing(&journal).is_empty() {
                        let state = Session::of(&journal).into();
                        found.insert(*id, Some(Found { id: *id, state }));
                    }
                }
            }
            Ok(found)
        };
        let mut found = self.each(|loads| &loads.session, at, ids, read).await?;
        let found = ids.iter().filter_map(|id| found.remove(id).flatten());
        Ok(found.collect())
    }

    /// Whether a pseudonym was ever sealed for an experiment.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn has_pseudonyms(
        &self,
        at: At,
        experiment: ExperimentId,
    ) -> Result<bool, ReadError> {
        let found: i64 = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM request \
             WHERE experiment = $1 AND known_from <= $2 AND pseudonym IS NOT NULL)",
        )
        .bind(experiment.0.as_bytes().to_vec())
        .bind(at.known())
        .fetch_one(self.database.unseen(Unseen::Program))
        .await?;
        Ok(found != 0)
    }
}
