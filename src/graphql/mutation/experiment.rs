//! Mutations of experiments: their launch, and what sources assert of them.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Intent,
    input::{Common, Fields, experiment_id, to_experiment, valid_from, valid_from_about},
    payloads, write,
};
use crate::{
    domain::{
        entry::Entry,
        experiment::{
            AssertedEnd, Criterion, ExperimentCommand, FixedCriteria, Hub, Launch, OperatorRef,
            Statement,
        },
        terms::{self, ExperimentId, Label, Slug, Title, Words},
    },
    graphql::{
        scalars::{Date, Decimal, InseeCode},
        types::{
            common::DateCertainty,
            decision::{Comparison, StatementTopic},
            experiment::{DeliveryModel, Experiment},
        },
    },
};

payloads! {
    experiment: Experiment, Experiment, "The experiment as it now stands.";
    FixSuccessCriteriaPayload, LaunchExperimentPayload, AssertExperimentEndPayload,
    RecordStatementPayload,
}

/// Mutations of experiments.
#[derive(Default)]
pub(super) struct ExperimentMutation;

/// Mutations of experiments.
#[Object]
impl ExperimentMutation {
    /// Record that hypotheses and success criteria are fixed. Criteria that come after the launch
    /// are kept, and marked post hoc.
    async fn fix_success_criteria(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: FixSuccessCriteriaInput,
    ) -> Result<FixSuccessCriteriaPayload> {
        FixSuccessCriteriaPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that an experiment is launched, for three months at least.
    async fn launch_experiment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: LaunchExperimentInput,
    ) -> Result<LaunchExperimentPayload> {
        LaunchExperimentPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record when a source says that an experiment ends. Several sources may disagree: all are
    /// kept, and none moves the end that was decided.
    async fn assert_experiment_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: AssertExperimentEndInput,
    ) -> Result<AssertExperimentEndPayload> {
        AssertExperimentEndPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record what else a source asserts of an experiment, beside what other sources assert.
    async fn record_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RecordStatementInput,
    ) -> Result<RecordStatementPayload> {
        RecordStatementPayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct FixSuccessCriteriaInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment, if its id is already known; else the answer tells its new one.
    experiment_id: Option<ID>,
    /// The day they were fixed.
    fixed_on: Date,
    /// The name of the experiment.
    title: String,
    /// What the experiment is expected to show.
    hypothesis: String,
    /// The criteria.
    criteria: Vec<CriterionInput>,
}

/// One success criterion.
#[derive(InputObject)]
struct CriterionInput {
    /// The indicator's code.
    indicator: String,
    /// On which side of the threshold success lies.
    comparison: Comparison,
    /// The threshold, in the indicator's own unit.
    threshold: Decimal,
    /// How many observations it takes before anything can be told.
    minimum_n: u32,
}

impl Intent for FixSuccessCriteriaInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = new_or_known(fields, &self.common, self.experiment_id.as_ref());
        let title = fields.take("title", Title::try_new(&self.title));
        let hypothesis = fields.take("hypothesis", Words::try_new(&self.hypothesis));
        let indicators: Option<Vec<Slug>> = fields.take_all(
            "criteria.indicator",
            self.criteria
                .iter()
                .map(|criterion| Slug::try_new(&criterion.indicator)),
        );
        let command = (|| {
            Some(ExperimentCommand::FixCriteria(FixedCriteria {
                title: title?,
                hypothesis: hypothesis?,
                criteria: indicators?
                    .into_iter()
                    .zip(&self.criteria)
                    .map(|(indicator, criterion)| Criterion {
                        indicator,
                        comparison: criterion.comparison.into(),
                        threshold: criterion.threshold.0,
                        minimum_n: criterion.minimum_n,
                    })
                    .collect(),
            }))
        })();
        to_experiment(&self.common, fields, valid_from(self.fixed_on), id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct LaunchExperimentInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment, if its id is already known; else the answer tells its new one.
    experiment_id: Option<ID>,
    /// Its name.
    title: String,
    /// Its first day.
    starts_on: Date,
    /// What is known of its first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    start_certainty: DateCertainty,
    /// The last day it is planned for: three months at least.
    planned_end: Date,
    /// The model it tries.
    model: DeliveryModel,
    /// The model in the source's own terms.
    model_detail: Option<String>,
    /// The organisation that carries it (porteur).
    carrier: String,
    /// The labelled site it starts from.
    hub: HubInput,
    /// The communes it serves, the hub's included.
    zone: Vec<InseeCode>,
    /// The operators whose services it gives access to.
    operators: Vec<OperatorInput>,
}

/// The labelled site an experiment starts from.
#[derive(InputObject)]
struct HubInput {
    /// Its name.
    name: String,
    /// Its commune.
    commune: InseeCode,
    /// Its address.
    address: Option<String>,
}

/// An operator, under the name it bears then.
#[derive(InputObject)]
struct OperatorInput {
    /// Its stable code.
    code: String,
    /// Its name at that time.
    name: String,
}

impl Intent for LaunchExperimentInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = new_or_known(fields, &self.common, self.experiment_id.as_ref());
        let title = fields.take("title", Title::try_new(&self.title));
        let model_detail = fields.take(
            "modelDetail",
            self.model_detail.as_deref().map(Words::try_new).transpose(),
        );
        let carrier = fields.take("carrier", Title::try_new(&self.carrier));
        let hub_name = fields.take("hub.name", Title::try_new(&self.hub.name));
        let hub_commune = fields.take(
            "hub.commune",
            terms::InseeCode::try_new(&self.hub.commune.0),
        );
        let hub_address = fields.take(
            "hub.address",
            self.hub.address.as_deref().map(Label::try_new).transpose(),
        );
        let zone = fields.take_all(
            "zone",
            self.zone
                .iter()
                .map(|code| terms::InseeCode::try_new(&code.0)),
        );
        let codes: Option<Vec<Slug>> = fields.take_all(
            "operators.code",
            self.operators
                .iter()
                .map(|operator| Slug::try_new(&operator.code)),
        );
        let names: Option<Vec<Title>> = fields.take_all(
            "operators.name",
            self.operators
                .iter()
                .map(|operator| Title::try_new(&operator.name)),
        );
        let command = (|| {
            Some(ExperimentCommand::Launch(Launch {
                title: title?,
                model: self.model.into(),
                model_detail: model_detail?,
                carrier: carrier?,
                hub: Hub {
                    name: hub_name?,
                    commune: hub_commune?,
                    address: hub_address?,
                },
                zone: zone?,
                operators: codes?
                    .into_iter()
                    .zip(names?)
                    .map(|(code, name)| OperatorRef { code, name })
                    .collect(),
                planned_end: self.planned_end.0,
            }))
        })();
        let valid = valid_from_about(self.starts_on, self.start_certainty);
        to_experiment(&self.common, fields, valid, id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct AssertExperimentEndInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The day of the assertion.
    asserted_on: Date,
    /// The last day, as the source gives it or as it is read.
    end: Date,
    /// How the source puts it, where that is not a plain date.
    words: Option<String>,
}

impl Intent for AssertExperimentEndInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let words = fields.take(
            "words",
            self.words.as_deref().map(Words::try_new).transpose(),
        );
        let end = self.end.0;
        let command = words.map(|words| ExperimentCommand::AssertEnd(AssertedEnd { end, words }));
        to_experiment(
            &self.common,
            fields,
            valid_from(self.asserted_on),
            id,
            command,
        )
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RecordStatementInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The day of the assertion.
    stated_on: Date,
    /// What is known of that day.
    #[graphql(default_with = "DateCertainty::Exact")]
    stated_on_certainty: DateCertainty,
    /// What it is about.
    topic: StatementTopic,
    /// What is asserted.
    words: String,
}

impl Intent for RecordStatementInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let words = fields.take("words", Words::try_new(&self.words));
        let topic = self.topic.into();
        let command =
            words.map(|words| ExperimentCommand::RecordStatement(Statement { topic, words }));
        to_experiment(
            &self.common,
            fields,
            valid_from_about(self.stated_on, self.stated_on_certainty),
            id,
            command,
        )
    }
}

fn new_or_known(fields: &mut Fields, common: &Common, id: Option<&ID>) -> Option<ExperimentId> {
    match id {
        Some(id) => experiment_id(fields, "experimentId", id),
        None => Some(fields.new_subject(common, ExperimentId)),
    }
}
