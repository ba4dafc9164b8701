//! Mutations that interrupt an experiment, or its hub, and end the interruption.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Intent,
    input::{
        Common, Fields, experiment_id, reason, resumption, to_experiment, valid_from,
        valid_from_about,
    },
    payloads, write,
};
use crate::{
    domain::{entry::Entry, experiment::ExperimentCommand, terms::Validity},
    graphql::{
        scalars::Date,
        types::{common::DateCertainty, experiment::Experiment},
    },
};

payloads! {
    experiment: Experiment, Experiment, "The experiment as it now stands.";
    SuspendExperimentPayload, ResumeExperimentPayload, CloseHubForWorksPayload, ReopenHubPayload,
}

/// Mutations that interrupt an experiment, or its hub, and end the interruption.
#[derive(Default)]
pub(super) struct InterruptionMutation;

/// Mutations that interrupt an experiment, or its hub, and end the interruption.
#[Object]
impl InterruptionMutation {
    /// Record that an experiment is suspended.
    async fn suspend_experiment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: SuspendExperimentInput,
    ) -> Result<SuspendExperimentPayload> {
        SuspendExperimentPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that an experiment is resumed.
    async fn resume_experiment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: ResumeExperimentInput,
    ) -> Result<ResumeExperimentPayload> {
        ResumeExperimentPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that the hub of an experiment is closed for works.
    async fn close_hub_for_works(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: CloseHubForWorksInput,
    ) -> Result<CloseHubForWorksPayload> {
        CloseHubForWorksPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that the hub of an experiment is reopened.
    async fn reopen_hub(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: ReopenHubInput,
    ) -> Result<ReopenHubPayload> {
        ReopenHubPayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct SuspendExperimentInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The first day.
    from: Date,
    /// The last day, where it is announced.
    until: Option<Date>,
    /// Why.
    reason: String,
}

impl Intent for SuspendExperimentInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let command = reason(fields, &self.reason).map(ExperimentCommand::Suspend);
        let valid = Validity {
            until: self.until.map(|until| until.0),
            ..valid_from(self.from)
        };
        to_experiment(&self.common, fields, valid, id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct ResumeExperimentInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The first day it goes on.
    from: Date,
    /// A remark.
    remark: Option<String>,
}

impl Intent for ResumeExperimentInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let command = resumption(fields, self.remark.as_deref()).map(ExperimentCommand::Resume);
        to_experiment(&self.common, fields, valid_from(self.from), id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct CloseHubForWorksInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The first day.
    from: Date,
    /// What is known of the first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    from_certainty: DateCertainty,
    /// The last day, where it is announced.
    until: Option<Date>,
    /// Why.
    reason: String,
}

impl Intent for CloseHubForWorksInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let command = reason(fields, &self.reason).map(ExperimentCommand::CloseHub);
        let valid = Validity {
            until: self.until.map(|until| until.0),
            ..valid_from_about(self.from, self.from_certainty)
        };
        to_experiment(&self.common, fields, valid, id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct ReopenHubInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The first day it is open again.
    from: Date,
    /// A remark.
    remark: Option<String>,
}

impl Intent for ReopenHubInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let command = resumption(fields, self.remark.as_deref()).map(ExperimentCommand::ReopenHub);
        to_experiment(&self.common, fields, valid_from(self.from), id, command)
    }
}
