//! Costs of experiments, and what they come to.

use std::collections::BTreeMap;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};

use super::{
    agreement::FundingAgreement, common::Provenance, experiment::Experiment, page::EventConnection,
};
use crate::{
    domain::{
        cost::{self as domain, Allocation, CostTerms},
        event::StreamId,
        terms::CostId,
    },
    graphql::{
        api,
        id::NodeId,
        scalars::{Cents, Date, Position},
    },
    read::{At, Found, history::Of},
};

/// A cost of an experiment.
pub(in crate::graphql) struct Cost {
    at: At,
    found: Found<CostId, domain::Cost>,
}

impl Cost {
    pub(in crate::graphql) const fn new(at: At, found: Found<CostId, domain::Cost>) -> Self {
        Self { at, found }
    }

    /// The cost, as known at the moment; `None` if it is not.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: CostId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.cost(at, id).await {
            Ok(found) => found.map(|found| Ok(Self::new(at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    fn terms(&self) -> Option<&CostTerms> {
        self.found.state.recorded.as_ref().map(|known| &known.what)
    }
}

/// A cost of an experiment.
#[Object]
impl Cost {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Cost(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// What it is for.
    async fn category(&self) -> Option<CostCategory> {
        self.terms().map(|terms| terms.category.into())
    }

    /// Whether it is estimated or actual.
    async fn nature(&self) -> Option<CostNature> {
        self.terms().map(|terms| terms.nature.into())
    }

    /// Whether there would be none of it without the experiment.
    async fn origin(&self) -> Option<CostOrigin> {
        self.terms().map(|terms| terms.origin.into())
    }

    /// The whole of it, the part that others bear included.
    async fn amount(&self) -> Option<Cents> {
        self.terms().map(|terms| terms.amount.into())
    }

    /// What the experiment bears of it: its share, rounded to the cent, half a cent upwards.
    async fn allotted(&self) -> Option<Cents> {
        self.terms().map(|terms| terms.allotted().into())
    }

    /// The key by which a share of it falls to the experiment; absent where all of it does.
    async fn share(&self) -> Option<CostShare> {
        match &self.terms()?.allocation {
            Allocation::Direct => None,
            Allocation::Share { parts, of, key } => Some(CostShare {
                parts: *parts,
                of: *of,
                key: key.to_string(),
            }),
        }
    }

    /// The first day it is of.
    async fn from(&self) -> Option<Date> {
        let recorded = self.found.state.recorded.as_ref()?;
        Some(Date(recorded.valid.from))
    }

    /// The last day it is of.
    async fn until(&self) -> Option<Date> {
        self.found.state.recorded.as_ref()?.valid.until.map(Date)
    }

    /// What it was for, in words.
    async fn words(&self) -> Option<String> {
        self.terms()?.words.as_ref().map(ToString::to_string)
    }

    /// The funding agreement that it is paid from, where that is known.
    async fn agreement(&self, ctx: &Context<'_>) -> Option<Result<FundingAgreement>> {
        FundingAgreement::find(ctx, self.at, self.terms()?.agreement?).await
    }

    /// The estimate that it takes the place of, where there was one.
    async fn estimate(&self, ctx: &Context<'_>) -> Option<Result<Cost>> {
        Cost::find(ctx, self.at, self.terms()?.estimate?).await
    }

    /// The experiment that bears it.
    async fn experiment(&self, ctx: &Context<'_>) -> Option<Result<Experiment>> {
        Experiment::find(ctx, self.at, self.found.state.experiment?).await
    }

    /// How it came to be known.
    async fn provenance(&self) -> Option<Provenance> {
        self.found.state.recorded.as_ref().map(Into::into)
    }

    /// What was recorded of it, in that order; absent where the page is refused.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Option<Result<EventConnection>> {
        let subject = Of::Subject(StreamId::Cost(self.found.id));
        Some(EventConnection::read(ctx, self.at, subject, first, after).await)
    }
}

/// The key by which a share of a cost falls to an experiment.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CostShare {
    /// The parts that fall to the experiment.
    parts: u32,
    /// All parts.
    of: u32,
    /// What is counted, such as hours held.
    key: String,
}

/// What a cost is for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::CostCategory")]
pub(in crate::graphql) enum CostCategory {
    /// Personnel.
    Staff,
    /// Deplacements.
    Travel,
    /// Locaux.
    Premises,
    /// Materiel.
    Equipment,
    /// Formation.
    Training,
    /// Communication.
    Communication,
    /// Something else.
    Other,
}

/// Whether a cost is estimated or actual: the two are never added up.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::CostNature")]
pub(in crate::graphql) enum CostNature {
    /// Estimated.
    Estimated,
    /// Actual.
    Actual,
}

/// Whether there would be a cost without the experiment.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::CostOrigin")]
pub(in crate::graphql) enum CostOrigin {
    /// There would be none without the experiment.
    Marginal,
    /// It would be borne anyhow.
    Standing,
    /// No source says.
    Unknown,
}

/// What the costs of an experiment come to. What is estimated and what is actual are two accounts
/// of the same money, and are never added up.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CostSummary {
    /// The estimates.
    estimated: CostAccount,
    /// The actual costs.
    actual: CostAccount,
}

/// What the costs of one nature come to.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CostAccount {
    /// All of them.
    total: CostSum,
    /// The same by category; a category without costs is left out.
    by_category: Vec<CategoryCosts>,
}

/// What the costs of one category come to.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CategoryCosts {
    /// What they are for.
    category: CostCategory,
    /// What they come to.
    sum: CostSum,
}

/// What some costs of one nature come to.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CostSum {
    /// How many they are.
    count: u64,
    /// The whole of them, the part that others bear included.
    amount: Cents,
    /// What the experiment bears of them: its full cost.
    allotted: Cents,
    /// Of that, what there would be none of without the experiment: its marginal cost.
    marginal: Cents,
    /// Of that, what no source says of whether it is marginal.
    unknown_origin: Cents,
    /// Of that, the estimates that actual costs took the place of.
    replaced: Cents,
}

impl CostSummary {
    pub(super) fn new(
        sums: &BTreeMap<(domain::CostNature, domain::CostCategory), domain::CostSum>,
    ) -> Self {
        let account = |nature| {
            let mut total = domain::CostSum::default();
            let mut by_category = Vec::new();
            for ((known, category), sum) in sums {
                if *known == nature {
                    total = total.plus(*sum);
                    by_category.push(CategoryCosts {
                        category: (*category).into(),
                        sum: (*sum).into(),
                    });
                }
            }
            CostAccount {
                total: total.into(),
                by_category,
            }
        };
        Self {
            estimated: account(domain::CostNature::Estimated),
            actual: account(domain::CostNature::Actual),
        }
    }
}

impl From<domain::CostSum> for CostSum {
    fn from(sum: domain::CostSum) -> Self {
        Self {
            count: sum.count,
            amount: sum.amount.into(),
            allotted: sum.allotted.into(),
            marginal: sum.marginal.into(),
            unknown_origin: sum.unknown.into(),
            replaced: sum.replaced.into(),
        }
    }
}
