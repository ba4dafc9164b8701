//! Sessions: folded from their events as they are asked for. They are short, and no document of
//! them is stored.

use super::{At, Found, ReadError, ReadModels, history::Of, sight::Unseen};
use crate::{
    domain::{
        correction::standing,
        event::StreamId,
        session::Session,
        subject::Subject,
        terms::{ExperimentId, Position, SessionId},
    },
    limits::SESSION_READ_EVENTS,
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
        let of = Of::Subject(StreamId::Session(id));
        let mut journal = Vec::new();
        let mut after = Position::START;
        loop {
            let page = self.history(at, of, after, SESSION_READ_EVENTS).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = last.position;
            journal.extend(page);
        }
        if standing(&journal).is_empty() {
            return Ok(None);
        }
        let state = Session::of(&journal).into();
        Ok(Some(Found { id, state }))
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

    /// Some sessions, in the order of `ids`, by one statement; those of which nothing stands left out.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sessions_of(
        &self,
        at: At,
        ids: &[SessionId],
    ) -> Result<Vec<Found<SessionId, Session>>, ReadError> {
        let subjects: Vec<StreamId> = ids.iter().copied().map(StreamId::from).collect();
        let mut journals = self.journals(at, &subjects).await?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let journal = journals.remove(&StreamId::from(*id)).unwrap_or_default();
            if !standing(&journal).is_empty() {
                let state = Session::of(&journal).into();
                found.push(Found { id: *id, state });
            }
        }
        Ok(found)
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
