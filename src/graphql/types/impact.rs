//! What an experiment is compared with.

use async_graphql::{Enum, SimpleObject};

use super::{common::Provenance, place::Commune};
use crate::{
    domain::{event::Stated, experiment as domain},
    graphql::scalars::Date,
};

/// A zone where nothing is tried, that an experiment is compared with.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ComparisonZone {
    /// Its communes, by code; the experiment serves none of them.
    zone: Vec<Commune>,
    /// Why these.
    reasons: String,
    /// How it came to be known; it is valid from the day it was designated.
    provenance: Provenance,
}

impl From<&Stated<domain::ComparisonZone>> for ComparisonZone {
    fn from(stated: &Stated<domain::ComparisonZone>) -> Self {
        Self {
            zone: stated.what.zone.iter().copied().map(Into::into).collect(),
            reasons: stated.what.reasons.to_string(),
            provenance: stated.into(),
        }
    }
}

/// What was counted, week by week, at one place, to compare an experiment with.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Baseline {
    /// Where.
    place: BaselinePlace,
    /// What one of it is.
    unit: String,
    /// The counts, by week. A week that is not there was not counted: it is not one of none.
    counts: Vec<WeekCount>,
    /// How it came to be known; it is valid from the day the count was established.
    provenance: Provenance,
}

impl From<&Stated<domain::Baseline>> for Baseline {
    fn from(stated: &Stated<domain::Baseline>) -> Self {
        Self {
            place: stated.what.place.into(),
            unit: stated.what.unit.to_string(),
            counts: stated
                .what
                .counts
                .iter()
                .map(|week| WeekCount {
                    monday: Date(week.monday),
                    count: week.count,
                })
                .collect(),
            provenance: stated.into(),
        }
    }
}

/// Where a baseline was counted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::BaselinePlace")]
pub(in crate::graphql) enum BaselinePlace {
    /// At the hub.
    Hub,
    /// In the comparison zone in force on the day the count was established.
    ComparisonZone,
}

/// What was counted in one week.
#[derive(SimpleObject)]
pub(in crate::graphql) struct WeekCount {
    /// The Monday it begins on.
    monday: Date,
    /// How many.
    count: u32,
}
