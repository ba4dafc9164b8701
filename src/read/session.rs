//! Sessions: folded from their events as they are asked for. They are short, and no document of
//! them is stored.

use super::{At, Found, ReadError, ReadModels, history::Of};
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
        let standing = standing(&journal);
        let Some(last) = journal.last().filter(|_| !standing.is_empty()) else {
            return Ok(None);
        };
        let state = Session::of(&standing, last).into();
        Ok(Some(Found { id, state }))
    }

    /// The experiments that are known now.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn experiment_ids(&self) -> Result<Vec<ExperimentId>, ReadError> {
        let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM experiment WHERE known_to = $1")
            .bind(i64::MAX)
            .fetch_all(&self.pool)
            .await?;
        ids.iter().map(|id| super::parsed(id)).collect()
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
        let sealed = format!("\"pseudonym\":{{\"person\":\"{}\"", experiment.visitors());
        let found: i64 = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM history \
             WHERE experiment_id = $1 AND position <= $2 AND instr(body, $3) > 0)",
        )
        .bind(experiment.to_string())
        .bind(at.known())
        .bind(sealed)
        .fetch_one(&self.pool)
        .await?;
        Ok(found != 0)
    }
}
