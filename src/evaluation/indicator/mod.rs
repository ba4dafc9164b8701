//! The indicators: one file each, one line each in the registry.
//!
//! Each is a pure function from facts to figures, and a definition in words that is served beside
//! every value. A definition that comes to mean something else gets a new version: a figure names
//! the version it was computed by.
//!
//! To add an indicator: a file here, one line in [`REGISTRY`].

mod access_hours;
mod additionality;
mod attendance;
mod cost;
mod coverage;
mod data_quality;
mod displacement;
mod empty_sessions;
mod held_rate;
mod label_floor;
mod new_users;
mod no_show;
mod occupancy;
mod ramp_up;
mod requests_by_operator;
mod resolution;
mod response_rate;
mod return_within_30_days;
mod satisfaction;
mod unmet_demand;

use std::collections::BTreeMap;

use super::{facts::Facts, measure::Measure};
use crate::domain::terms::Slug;

/// An indicator.
#[derive(Debug)]
pub struct Indicator {
    /// What it is.
    pub definition: Definition,
    /// Computes its figures.
    pub measure: fn(&Facts<'_>) -> Vec<Measure>,
}

/// What an indicator is, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Its number in the list of indicators.
    pub number: u8,
    /// Its stable code.
    pub code: &'static str,
    /// The version of the definition.
    pub version: u32,
    /// Its name and its definition, in French.
    pub french: Wording,
    /// The same, in English.
    pub english: Wording,
    /// Where the formulas come from.
    pub source: &'static str,
    /// What it can be broken down by, beside experiments.
    pub grain: Grain,
    /// The entries that it is computed from.
    pub evidence: &'static [Evidence],
}

/// A name, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wording {
    /// The name.
    pub name: &'static str,
    /// What is counted, divided by what; and what is left apart.
    pub text: &'static str,
}

/// What an indicator can be broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each may be so without the others"
)]
pub struct Grain {
    /// By permanence.
    pub permanence: bool,
    /// By operator.
    pub operator: bool,
    /// By week or month.
    pub time: bool,
    /// Over several experiments together.
    pub several: bool,
}

impl Grain {
    /// Of sessions: by permanence and time, over several experiments.
    pub(crate) const SESSIONS: Self = Self {
        permanence: true,
        operator: false,
        time: true,
        several: true,
    };
    /// Of requests: by operator too.
    pub(crate) const REQUESTS: Self = Self {
        operator: true,
        ..Self::SESSIONS
    };
    /// Of whole experiments.
    pub(crate) const EXPERIMENTS: Self = Self {
        permanence: false,
        ..Self::SESSIONS
    };
    /// Of one experiment alone.
    pub(crate) const ONE: Self = Self {
        permanence: false,
        operator: false,
        time: false,
        several: false,
    };
}

/// A kind of entries that figures are computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Sessions held.
    Held,
    /// Sessions cancelled.
    Cancelled,
    /// Appointments booked, and what became of them.
    Appointments,
    /// Accompaniments, with their requests.
    Accompaniments,
    /// Those with a request to the operator, where there is but one that counts.
    Requests,
    /// The same of every permanence, and of the days after the period too: users come back later, and
    /// elsewhere.
    Followed,
    /// Users turned away.
    TurnedAway,
    /// Feedback asked for, given and declined.
    Feedback,
    /// What is said of the experiment itself: its launch, suspensions, decisions, baselines.
    Experiment,
    /// Permanences and their venues.
    Schedule,
    /// Costs.
    Costs,
    /// The labelled sites that the hub was.
    Site,
}

/// The entries that sessions are held or cancelled by.
const ALL_OF_SESSIONS: &[Evidence] = &[
    Evidence::Held,
    Evidence::Cancelled,
    Evidence::Appointments,
    Evidence::Accompaniments,
    Evidence::TurnedAway,
    Evidence::Feedback,
];

/// The binomial interval that shares are given with.
const WILSON: &str = "Wilson (1927), retenu par Brown, Cai et DasGupta (2001)";

/// Every indicator, by number.
pub const REGISTRY: [&Indicator; 20] = [
    &held_rate::INDICATOR,
    &attendance::INDICATOR,
    &empty_sessions::INDICATOR,
    &occupancy::INDICATOR,
    &no_show::INDICATOR,
    &requests_by_operator::INDICATOR,
    &resolution::INDICATOR,
    &return_within_30_days::INDICATOR,
    &response_rate::INDICATOR,
    &satisfaction::INDICATOR,
    &additionality::INDICATOR,
    &new_users::INDICATOR,
    &displacement::INDICATOR,
    &unmet_demand::INDICATOR,
    &cost::INDICATOR,
    &coverage::INDICATOR,
    &access_hours::INDICATOR,
    &ramp_up::INDICATOR,
    &label_floor::INDICATOR,
    &data_quality::INDICATOR,
];

/// The indicator of a code.
#[must_use]
pub fn of_code(code: &str) -> Option<&'static Indicator> {
    let mut known = REGISTRY.into_iter();
    known.find(|indicator| indicator.definition.code == code)
}

/// The names that operators bear in the launches of the experiments.
pub(super) fn operator_names<'a>(facts: &Facts<'a>) -> BTreeMap<&'a Slug, &'a str> {
    let launches = facts
        .experiments
        .iter()
        .filter_map(|it| it.experiment.launch.as_ref());
    let operators = launches.flat_map(|launch| &launch.what.operators);
    operators
        .map(|operator| (&operator.code, operator.name.as_str()))
        .collect()
}
