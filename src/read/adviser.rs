//! Advisers. What names one stays sealed here.

use super::{At, Found, ReadError, ReadModels};
use crate::domain::{
    adviser::Adviser,
    terms::{AdviserId, PersonId},
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
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM adviser WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(id, body)| Found::read(&id, &body)).transpose()
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
                .fetch_all(&self.pool)
                .await?;
        ids.iter().map(|id| super::parsed(id)).collect()
    }
}
