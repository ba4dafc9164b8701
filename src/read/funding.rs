//! Funding agreements, and the costs of experiments.

use serde::de::DeserializeOwned;
use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, Found, ReadError, ReadModels,
    page::{Cursor, Page, Window},
};
use crate::domain::{
    agreement::Agreement,
    cost::Cost,
    terms::{AgreementId, CostId, ExperimentId},
};

/// A list in the order of a day, and of identities within that day.
struct ByDay {
    /// What cursors name it.
    order: &'static str,
    table: &'static str,
    column: &'static str,
    /// Only those of this experiment.
    experiment: Option<ExperimentId>,
}

/// The order of agreements, as cursors name it: by the day of the signature.
pub const BY_SIGNATURE: &str = "signature";
/// The order of costs, as cursors name it: by the first day they are of.
pub const BY_FIRST_DAY: &str = "first-day";

impl ReadModels {
    /// One funding agreement.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn agreement(
        &self,
        at: At,
        id: AgreementId,
    ) -> Result<Option<Found<AgreementId, Agreement>>, ReadError> {
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM agreement WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(id, body)| Found::read(&id, &body)).transpose()
    }

    /// A page of the funding agreements, by the day of the signature.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn agreements(
        &self,
        at: At,
        window: &Window,
    ) -> Result<Page<Found<AgreementId, Agreement>>, ReadError> {
        let list = ByDay {
            order: BY_SIGNATURE,
            table: "agreement",
            column: "signed_on",
            experiment: None,
        };
        self.by_day(at, &list, window).await
    }

    /// One cost.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn cost(&self, at: At, id: CostId) -> Result<Option<Found<CostId, Cost>>, ReadError> {
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM cost WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(id, body)| Found::read(&id, &body)).transpose()
    }

    /// A page of the costs of an experiment, by the first day they are of.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn costs(
        &self,
        at: At,
        experiment: ExperimentId,
        window: &Window,
    ) -> Result<Page<Found<CostId, Cost>>, ReadError> {
        let list = ByDay {
            order: BY_FIRST_DAY,
            table: "cost",
            column: "from_on",
            experiment: Some(experiment),
        };
        self.by_day(at, &list, window).await
    }

    /// All costs of an experiment, to be added up.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn costs_of(
        &self,
        at: At,
        experiment: ExperimentId,
    ) -> Result<Vec<Found<CostId, Cost>>, ReadError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM cost \
             WHERE experiment_id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(experiment.to_string())
        .bind(at.known())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|(id, body)| Found::read(id, body))
            .collect()
    }

    async fn by_day<I, D>(
        &self,
        at: At,
        list: &ByDay,
        window: &Window,
    ) -> Result<Page<Found<I, D>>, ReadError>
    where
        I: std::str::FromStr,
        D: DeserializeOwned,
    {
        let ByDay { table, column, .. } = list;
        let mut query = QueryBuilder::<Sqlite>::new(format!(
            "SELECT id, {column}, body FROM {table} WHERE known_from <= "
        ));
        query.push_bind(at.known()).push(" AND known_to > ");
        query.push_bind(at.known());
        if let Some(experiment) = list.experiment {
            query.push(" AND experiment_id = ");
            query.push_bind(experiment.to_string());
        }
        for (cursor, sign) in [(&window.after, ">"), (&window.before, "<")] {
            if let Some(cursor) = cursor {
                query.push(format!(" AND ({column}, id) {sign} ("));
                query.push_bind(cursor.key.clone()).push(", ");
                query.push_bind(cursor.id.clone()).push(")");
            }
        }
        let direction = if window.from_end { "DESC" } else { "ASC" };
        query.push(format!(
            " ORDER BY {column} {direction}, id {direction} LIMIT "
        ));
        query.push_bind(i64::from(window.limit) + 1);
        let rows: Vec<(String, String, String)> =
            query.build_query_as().fetch_all(&self.pool).await?;
        let found: Vec<(Cursor, Found<I, D>)> = rows
            .into_iter()
            .map(|(id, key, body)| {
                let found = Found::read(&id, &body)?;
                let cursor = Cursor {
                    order: list.order.to_owned(),
                    key,
                    id,
                    position: at.position,
                };
                Ok((cursor, found))
            })
            .collect::<Result<_, ReadError>>()?;
        Ok(Page::cut(found, window))
    }
}
