//! Mutations that decide what becomes of an experiment.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Intent,
    input::{Common, EvidenceInput, Fields, experiment_id, grounds, to_experiment, valid_from},
    payloads, write,
};
use crate::{
    domain::{
        entry::Entry,
        experiment::{Closure, ExperimentCommand, Extension, ExtensionRefusal, MadePermanent},
        terms::Words,
    },
    graphql::{
        scalars::Date,
        types::{common::Ground, experiment::Experiment},
    },
};

payloads! {
    experiment: Experiment, Experiment, "The experiment as it now stands.";
    ExtendExperimentPayload, RefuseExtensionPayload, MakeExperimentPermanentPayload,
    CloseExperimentPayload,
}

/// Mutations that decide what becomes of an experiment.
#[derive(Default)]
pub(super) struct DecisionMutation;

/// Mutations that decide what becomes of an experiment.
#[Object]
impl DecisionMutation {
    /// Record that an experiment is extended beyond its end, on stated grounds and evidence.
    async fn extend_experiment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: ExtendExperimentInput,
    ) -> Result<ExtendExperimentPayload> {
        ExtendExperimentPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that the extension of an experiment is refused, on stated grounds and evidence.
    async fn refuse_extension(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RefuseExtensionInput,
    ) -> Result<RefuseExtensionPayload> {
        RefuseExtensionPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that an experiment is made permanent (perennise), on evidence.
    async fn make_experiment_permanent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: MakeExperimentPermanentInput,
    ) -> Result<MakeExperimentPermanentPayload> {
        MakeExperimentPermanentPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that an experiment is closed.
    async fn close_experiment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: CloseExperimentInput,
    ) -> Result<CloseExperimentPayload> {
        CloseExperimentPayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct ExtendExperimentInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The day it was decided.
    decided_on: Date,
    /// The new last day.
    new_end: Date,
    /// The stated grounds.
    grounds: Vec<Ground>,
    /// What it was decided on.
    evidence: EvidenceInput,
}

impl Intent for ExtendExperimentInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let evidence = self.evidence.parse(fields);
        let command = evidence.map(|evidence| {
            ExperimentCommand::Extend(Extension {
                new_end: self.new_end.0,
                grounds: grounds(&self.grounds),
                evidence,
            })
        });
        to_experiment(
            &self.common,
            fields,
            valid_from(self.decided_on),
            id,
            command,
        )
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RefuseExtensionInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The day it was decided.
    decided_on: Date,
    /// The stated grounds.
    grounds: Vec<Ground>,
    /// What it was decided on.
    evidence: EvidenceInput,
}

impl Intent for RefuseExtensionInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let evidence = self.evidence.parse(fields);
        let command = evidence.map(|evidence| {
            ExperimentCommand::RefuseExtension(ExtensionRefusal {
                grounds: grounds(&self.grounds),
                evidence,
            })
        });
        to_experiment(
            &self.common,
            fields,
            valid_from(self.decided_on),
            id,
            command,
        )
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct MakeExperimentPermanentInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The first day it is permanent.
    from: Date,
    /// What it was decided on.
    evidence: EvidenceInput,
}

impl Intent for MakeExperimentPermanentInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let evidence = self.evidence.parse(fields);
        let command =
            evidence.map(|evidence| ExperimentCommand::MakePermanent(MadePermanent { evidence }));
        to_experiment(&self.common, fields, valid_from(self.from), id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct CloseExperimentInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The first day without it.
    from: Date,
    /// Why.
    reason: String,
    /// What it was decided on, where it was decided on evidence.
    evidence: Option<EvidenceInput>,
}

impl Intent for CloseExperimentInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let reason = fields.take("reason", Words::try_new(&self.reason));
        let evidence = match &self.evidence {
            None => Some(None),
            Some(evidence) => evidence.parse(fields).map(Some),
        };
        let command = reason
            .zip(evidence)
            .map(|(reason, evidence)| ExperimentCommand::Close(Closure { reason, evidence }));
        to_experiment(&self.common, fields, valid_from(self.from), id, command)
    }
}
