//! What an experiment is compared with: a zone where nothing is tried, and what was counted before
//! it began. Events, and when they are refused.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::{
    decide::{unless_said, zone_fits},
    event::ExperimentEvent,
    state::Experiment,
};
use crate::domain::{
    event::Saying,
    refusal::Refusal,
    terms::{InseeCode, Label, Words, time::check_date},
};

/// A zone that an experiment is compared with. Its validity begins on the day it was designated;
/// the last one designated is the one in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonZone {
    /// Its communes, none of which the experiment serves.
    pub zone: BTreeSet<InseeCode>,
    /// Why these.
    pub reasons: Words,
}

/// What was counted, week by week, at one place. Its validity begins on the day the count was
/// established; its weeks bear their own dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Where.
    pub place: BaselinePlace,
    /// What one of it is: a count is never given without it.
    pub unit: Label,
    /// The counts, by week. A week that is not there was not counted: it is not one of none.
    pub counts: Vec<WeekCount>,
}

/// Where a baseline was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaselinePlace {
    /// At the hub.
    Hub,
    /// In the comparison zone in force on the day the count was established.
    ComparisonZone,
}

/// What was counted in one week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekCount {
    /// The Monday it begins on.
    pub monday: NaiveDate,
    /// How many.
    pub count: u32,
}

/// The most weeks of one baseline: ten years.
pub const WEEKS_MAX: usize = 520;

pub(super) fn designate(
    known: &Experiment,
    asked: &ComparisonZone,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    if known.is_unknown() {
        return Err(Refusal::UnknownExperiment);
    }
    if !unless_said(known.comparison_zones.iter(), asked, saying) {
        return Ok(None);
    }
    let day = saying.valid.from;
    let mut same_day = known.comparison_zones.iter();
    if same_day.any(|zone| zone.valid.from == day && zone.what.zone != asked.zone) {
        return Err(Refusal::AlreadyCompared { on: day });
    }
    if asked.zone.is_empty() {
        return Err(Refusal::NoCommune);
    }
    zone_fits(&asked.zone)?;
    if let Some(launch) = &known.launch {
        apart(&launch.what.zone, &asked.zone)?;
    }
    Ok(Some(ExperimentEvent::ComparisonZoneDesignated(
        asked.clone(),
    )))
}

/// Refuses a zone that is compared with itself.
pub(super) fn apart(
    own: &BTreeSet<InseeCode>,
    comparison: &BTreeSet<InseeCode>,
) -> Result<(), Refusal> {
    match own.intersection(comparison).next() {
        Some(commune) => Err(Refusal::ComparedWithItself { commune: *commune }),
        None => Ok(()),
    }
}

pub(super) fn measure(
    known: &Experiment,
    asked: &Baseline,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    if known.is_unknown() {
        return Err(Refusal::UnknownExperiment);
    }
    if !unless_said(known.baselines.iter(), asked, saying) {
        return Ok(None);
    }
    if asked.place == BaselinePlace::ComparisonZone
        && known.comparison_zone_on(saying.valid.from).is_none()
    {
        return Err(Refusal::NoComparisonZone {
            on: saying.valid.from,
        });
    }
    if asked.counts.is_empty() {
        return Err(Refusal::NoWeek);
    }
    if asked.counts.len() > WEEKS_MAX {
        return Err(Refusal::TooMany { max: WEEKS_MAX });
    }
    let mut before: Option<NaiveDate> = None;
    for WeekCount { monday, .. } in &asked.counts {
        check_date(*monday)?;
        if monday.weekday() != Weekday::Mon {
            return Err(Refusal::NotAMonday { date: *monday });
        }
        if before.is_some_and(|before| *monday <= before) {
            return Err(Refusal::WeeksOutOfOrder { monday: *monday });
        }
        before = Some(*monday);
    }
    Ok(Some(ExperimentEvent::BaselineMeasured(asked.clone())))
}
