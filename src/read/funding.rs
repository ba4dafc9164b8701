//! Funding agreements, and the costs of experiments.

use super::{
    At, Found, ReadError, ReadModels,
    list::{List, Narrowed},
    loads::{by_id, by_owner},
    page::{Cursor, Page, Window},
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
        let read = |mut ids: Vec<AgreementId>| async move {
            let witnessed = self.witnessed(at, Capability::Money).await?;
            ids.retain(|id| witnessed.has_subject(*id));
            let on = (at, self.database.of(&witnessed.seen));
            Ok(by_id(self.documents(on, "agreement", &ids).await?))
        };
        self.one(|loads| &loads.agreement, at, id, read).await
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
        let read = |ids: Vec<CostId>| async move {
            let seen = self.seen(at, Capability::Money).await?;
            let on = (at, self.database.of(&seen));
            let mut found: Vec<Found<_, Cost>> = self.documents(on, "cost", &ids).await?;
            found.retain(|found| seen.has_of(found.state.experiment));
            Ok(by_id(found))
        };
        self.one(|loads| &loads.cost, at, id, read).await
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
        // An experiment has few costs: all are read, with those of the experiments beside it.
        let costs = self.costs_of(at, experiment).await?;
        let mut rows: Vec<(Cursor, Found<CostId, Cost>)> = costs
            .into_iter()
            .map(|found| {
                let recorded = found.state.recorded.as_ref();
                let from = recorded.map(|recorded| recorded.valid.from.to_string());
                let cursor = Cursor {
                    order: BY_FIRST_DAY.to_owned(),
                    key: from.unwrap_or_default(),
                    id: found.id.to_string(),
                    position: at.position,
                };
                (cursor, found)
            })
            .collect();
        rows.sort_by(|(one, _), (other, _)| one.place().cmp(&other.place()));
        let within = |cursor: &Cursor| {
            let (after, before) = (window.after.as_ref(), window.before.as_ref());
            after.is_none_or(|after| cursor.place() > after.place())
                && before.is_none_or(|before| cursor.place() < before.place())
        };
        rows.retain(|(cursor, _)| within(cursor));
        if window.from_end {
            rows.reverse();
        }
        Ok(Page::cut(rows, window))
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
        let read = |mut ids: Vec<ExperimentId>| async move {
            let seen = self.seen(at, Capability::Money).await?;
            ids.retain(|id| seen.has(*id));
            let on = (at, self.database.of(&seen));
            let rows = self.rows(on, "cost", "experiment_id", &ids).await?;
            Ok(by_owner(rows, |_: &Cost| ()))
        };
        self.one(|loads| &loads.costs, at, experiment, read).await
    }
}
