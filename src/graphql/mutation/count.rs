//! Mutations of what is told of an experiment from outside it: what sources counted as a whole, and
//! which labelled site its hub is.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Intent,
    input::{Common, Fields, experiment_id, site_id, to_experiment, valid_from_about, valid_over},
    payloads, write,
};
use crate::{
    domain::{
        entry::Entry,
        experiment::{AssertedCount, DesignatedHub, ExperimentCommand},
        terms::Words,
    },
    graphql::{
        scalars::Date,
        types::{
            common::DateCertainty,
            count::{CountQualifier, CountUnit, CountedAppointmentState},
            experiment::Experiment,
        },
    },
};

payloads! {
    experiment: Experiment, Experiment, "The experiment as it now stands.";
    AssertCountPayload, DesignateHubPayload,
}

/// Mutations of what is told of an experiment from outside it.
#[derive(Default)]
pub(super) struct CountMutation;

/// Mutations of what is told of an experiment from outside it.
#[Object]
impl CountMutation {
    /// Record what a source counted as a whole, over a period. Several sources may disagree: all
    /// counts are kept, and none is added to another, nor to what is recorded of sessions.
    async fn assert_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: AssertCountInput,
    ) -> Result<AssertCountPayload> {
        AssertCountPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record which labelled site the hub of an experiment is.
    async fn designate_hub(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: DesignateHubInput,
    ) -> Result<DesignateHubPayload> {
        DesignateHubPayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct AssertCountInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The first day counted.
    from: Date,
    /// What is known of the first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    from_certainty: DateCertainty,
    /// The last day counted.
    until: Date,
    /// What one of it is.
    unit: CountUnit,
    /// Of appointments: whether they were booked or held, where the source says.
    state: Option<CountedAppointmentState>,
    /// What the source says of the number.
    qualifier: CountQualifier,
    /// The number.
    count: u32,
    /// How the source puts it.
    words: Option<String>,
}

impl Intent for AssertCountInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let words = self.words.as_deref().map(Words::try_new).transpose();
        let words = fields.take("words", words);
        let command = words.map(|words| {
            ExperimentCommand::AssertCount(AssertedCount {
                unit: self.unit.into(),
                state: self.state.map(Into::into),
                qualifier: self.qualifier.into(),
                count: self.count,
                words,
            })
        });
        let valid = valid_over(self.from, Some(self.until), self.from_certainty);
        to_experiment(&self.common, fields, valid, id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct DesignateHubInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The labelled site; its commune must be one that the experiment serves.
    site_id: ID,
    /// The first day it is the hub.
    from: Date,
    /// What is known of the first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    from_certainty: DateCertainty,
}

impl Intent for DesignateHubInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let site = site_id(fields, "siteId", &self.site_id);
        let command = site.map(|site| ExperimentCommand::DesignateHub(DesignatedHub { site }));
        let valid = valid_from_about(self.from, self.from_certainty);
        to_experiment(&self.common, fields, valid, id, command)
    }
}
