//! Mutations of what an experiment is compared with.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Intent,
    input::{Common, Fields, experiment_id, to_experiment, valid_from},
    payloads, write,
};
use crate::{
    domain::{
        entry::Entry,
        experiment::{Baseline, ComparisonZone, ExperimentCommand, WeekCount},
        terms::{self, Label, Words},
    },
    graphql::{
        scalars::{Date, InseeCode},
        types::{experiment::Experiment, impact::BaselinePlace},
    },
};

payloads! {
    experiment: Experiment, Experiment, "The experiment as it now stands.";
    DesignateComparisonZonePayload, MeasureBaselinePayload,
}

/// Mutations of what an experiment is compared with.
#[derive(Default)]
pub(super) struct ImpactMutation;

/// Mutations of what an experiment is compared with.
#[Object]
impl ImpactMutation {
    /// Record that a zone is designated where nothing is tried, to compare an experiment with.
    async fn designate_comparison_zone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: DesignateComparisonZoneInput,
    ) -> Result<DesignateComparisonZonePayload> {
        DesignateComparisonZonePayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record what was counted, week by week, to compare an experiment with.
    async fn measure_baseline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: MeasureBaselineInput,
    ) -> Result<MeasureBaselinePayload> {
        MeasureBaselinePayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct DesignateComparisonZoneInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The day it was designated.
    designated_on: Date,
    /// Its communes; the experiment may serve none of them.
    zone: Vec<InseeCode>,
    /// Why these.
    reasons: String,
}

impl Intent for DesignateComparisonZoneInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let codes = self.zone.iter();
        let zone = fields.take_all("zone", codes.map(|code| terms::InseeCode::try_new(&code.0)));
        let reasons = fields.take("reasons", Words::try_new(&self.reasons));
        let command = zone.zip(reasons).map(|(zone, reasons)| {
            ExperimentCommand::DesignateComparisonZone(ComparisonZone { zone, reasons })
        });
        let valid = valid_from(self.designated_on);
        to_experiment(&self.common, fields, valid, id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct MeasureBaselineInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment.
    experiment_id: ID,
    /// The day the count was established.
    measured_on: Date,
    /// Where it was counted.
    place: BaselinePlace,
    /// What one of it is.
    unit: String,
    /// The counts, in the order of the weeks, at most 520. A week that is not there was not
    /// counted: it is not one of none.
    counts: Vec<WeekCountInput>,
}

/// What was counted in one week.
#[derive(InputObject)]
struct WeekCountInput {
    /// The Monday it begins on.
    monday: Date,
    /// How many.
    count: u32,
}

impl Intent for MeasureBaselineInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = experiment_id(fields, "experimentId", &self.experiment_id);
        let unit = fields.take("unit", Label::try_new(&self.unit));
        let counts = self.counts.iter().map(|week| WeekCount {
            monday: week.monday.0,
            count: week.count,
        });
        let counts = counts.collect();
        let place = self.place.into();
        let command = unit.map(|unit| {
            ExperimentCommand::MeasureBaseline(Baseline {
                place,
                unit,
                counts,
            })
        });
        let valid = valid_from(self.measured_on);
        to_experiment(&self.common, fields, valid, id, command)
    }
}
