//! Funding agreements, and the costs of experiments.

use super::{
    At, Found, ReadError, ReadModels,
    list::{List, Narrowed},
    page::{Page, Window},
};
use crate::access::policy::Capability;
use crate::domain::{
    agreement::Agreement,
    cost::Cost,
    terms::{AgreementId, CostId, ExperimentId},
};

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
        let witnessed = self.witnessed(at, Capability::Money).await?;
        if !witnessed.has_subject(id) {
            return Ok(None);
        }
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM agreement WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(self.database.of(&witnessed.seen))
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
        let witnessed = self.witnessed(at, Capability::Money).await?;
        let list = List {
            order: BY_SIGNATURE,
            table: "agreement",
            column: "signed_on",
            descending: false,
            only: Vec::new(),
            narrowed: Narrowed::to::<AgreementId>(&witnessed),
        };
        self.list(at, &list, window).await
    }

    /// One cost.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn cost(&self, at: At, id: CostId) -> Result<Option<Found<CostId, Cost>>, ReadError> {
        let seen = self.seen(at, Capability::Money).await?;
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM cost WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(self.database.of(&seen))
        .await?;
        let found: Option<Found<_, Cost>> =
            row.map(|(id, body)| Found::read(&id, &body)).transpose()?;
        Ok(found.filter(|found| seen.has_of(found.state.experiment)))
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
        let seen = self.seen(at, Capability::Money).await?;
        let list = List {
            order: BY_FIRST_DAY,
            table: "cost",
            column: "from_on",
            descending: false,
            only: vec![("experiment_id", vec![experiment.to_string()])],
            narrowed: Narrowed::Experiments(seen, "experiment_id"),
        };
        self.list(at, &list, window).await
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
        let seen = self.seen(at, Capability::Money).await?;
        if !seen.has(experiment) {
            return Ok(Vec::new());
        }
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM cost \
             WHERE experiment_id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(experiment.to_string())
        .bind(at.known())
        .fetch_all(self.database.of(&seen))
        .await?;
        rows.iter()
            .map(|(id, body)| Found::read(id, body))
            .collect()
    }
}
