//! Mutations of costs.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Intent,
    input::{Common, Fields, agreement_id, cost_id, experiment_id, valid_over},
    payloads, write,
};
use crate::{
    domain::{
        cost::{Allocation, CostEvent, CostKey, CostTerms},
        entry::{Command, Entry},
        terms::{self, CostId, Label, Words},
    },
    graphql::{
        scalars::{Cents, Date},
        types::{
            common::DateCertainty,
            cost::{Cost, CostCategory, CostNature, CostOrigin},
        },
    },
};

payloads! {
    cost: Cost, Cost, "The cost as it now stands.";
    RecordCostPayload,
}

/// Mutations of costs.
#[derive(Default)]
pub(super) struct CostMutation;

/// Mutations of costs.
#[Object]
impl CostMutation {
    /// Record a cost of an experiment, estimated or actual. An actual cost may name the estimate
    /// that it takes the place of: both stay, and are never added up.
    async fn record_cost(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RecordCostInput,
    ) -> Result<RecordCostPayload> {
        RecordCostPayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RecordCostInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment that bears it.
    experiment_id: ID,
    /// The cost, if its id is already chosen; else the answer tells its new one.
    cost_id: Option<ID>,
    /// What it is for.
    category: CostCategory,
    /// Whether it is estimated or actual.
    nature: CostNature,
    /// Whether there would be none of it without the experiment.
    #[graphql(default_with = "CostOrigin::Unknown")]
    origin: CostOrigin,
    /// The whole of it, the part that others bear included.
    amount: Cents,
    /// The key by which a share of it falls to the experiment; all of it where there is none.
    share: Option<CostShareInput>,
    /// The first day it is of.
    from: Date,
    /// The last day it is of.
    until: Date,
    /// What it was for, in words.
    words: Option<String>,
    /// The funding agreement that it is paid from, where that is known.
    agreement_id: Option<ID>,
    /// The estimate that it takes the place of, where there was one.
    estimate_id: Option<ID>,
}

/// The key by which a share of a cost falls to an experiment.
#[derive(InputObject)]
struct CostShareInput {
    /// The parts that fall to the experiment.
    parts: u32,
    /// All parts.
    of: u32,
    /// What is counted, such as hours held.
    key: String,
}

impl Intent for RecordCostInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let experiment = experiment_id(fields, "experimentId", &self.experiment_id);
        let id = match &self.cost_id {
            Some(id) => cost_id(fields, "costId", id),
            None => Some(fields.new_subject(&self.common, CostId)),
        };
        let amount = fields.take("amount", terms::Cents::try_new(self.amount.0));
        let allocation = match &self.share {
            None => Some(Allocation::Direct),
            Some(CostShareInput { parts, of, key }) => {
                let key = fields.take("share.key", Label::try_new(key));
                key.map(|key| Allocation::Share {
                    parts: *parts,
                    of: *of,
                    key,
                })
            }
        };
        let words = self.words.as_deref().map(Words::try_new).transpose();
        let words = fields.take("words", words);
        let agreement = match &self.agreement_id {
            None => Some(None),
            Some(id) => agreement_id(fields, "agreementId", id).map(Some),
        };
        let estimate = match &self.estimate_id {
            None => Some(None),
            Some(id) => cost_id(fields, "estimateId", id).map(Some),
        };
        let command = (|| {
            let key = CostKey {
                experiment: experiment?,
                cost: id?,
            };
            let terms = CostTerms {
                category: self.category.into(),
                nature: self.nature.into(),
                origin: self.origin.into(),
                amount: amount?,
                allocation: allocation?,
                words: words?,
                agreement: agreement?,
                estimate: estimate?,
            };
            Some(Command::Cost(key, CostEvent::Recorded(terms)))
        })();
        let valid = valid_over(self.from, Some(self.until), DateCertainty::Exact);
        self.common.entry(fields, valid, command)
    }
}
