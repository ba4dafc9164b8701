//! Operators.

use super::{At, Found, ReadError, ReadModels, loads::by_id, sight::Unseen};
use crate::domain::{operator::Operator, terms::OperatorId};

impl ReadModels {
    /// One operator.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn operator(
        &self,
        at: At,
        id: OperatorId,
    ) -> Result<Option<Found<OperatorId, Operator>>, ReadError> {
        let read = |ids: Vec<OperatorId>| async move {
            let on = (at, self.database.unseen(Unseen::Open));
            Ok(by_id(self.documents(on, "operator", &ids).await?))
        };
        self.one(|loads| &loads.operator, at, id, read).await
    }

    /// Every operator that ever joined, by code.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn operators(&self, at: At) -> Result<Vec<Found<OperatorId, Operator>>, ReadError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM operator WHERE known_from <= $1 AND known_to > $1",
        )
        .bind(at.known())
        .fetch_all(self.database.unseen(Unseen::Open))
        .await?;
        let mut found: Vec<Found<OperatorId, Operator>> = rows
            .iter()
            .map(|(id, body)| Found::read(id, body))
            .collect::<Result<_, _>>()?;
        found.sort_by(|one, other| one.state.code.cmp(&other.state.code));
        Ok(found)
    }
}
