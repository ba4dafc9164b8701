//! What an experiment is compared with, told in French.

use super::{by, counted, day, ended};
use crate::domain::{
    experiment::{Baseline, BaselinePlace, ComparisonZone},
    terms::Validity,
};

pub(super) fn zone(zone: &ComparisonZone, valid: Validity) -> String {
    format!(
        "Zone de comparaison désignée {} ({}) : {}",
        by(valid),
        counted(zone.zone.len(), "commune"),
        ended(&zone.reasons)
    )
}

pub(super) fn baseline(baseline: &Baseline, valid: Validity) -> String {
    let place = match baseline.place {
        BaselinePlace::Hub => "au bureau",
        BaselinePlace::ComparisonZone => "dans la zone de comparaison",
    };
    let total: u64 = baseline
        .counts
        .iter()
        .map(|week| u64::from(week.count))
        .sum();
    let weeks = counted(baseline.counts.len(), "semaine");
    let unit = &baseline.unit;
    match (baseline.counts.first(), baseline.counts.last()) {
        (Some(first), Some(last)) => format!(
            "Référence mesurée {place} {} : {total} ({unit}) en {weeks}, de la semaine du {} à \
             celle du {}.",
            by(valid),
            day(first.monday),
            day(last.monday)
        ),
        _ => format!("Référence mesurée {place} {} ({unit}).", by(valid)),
    }
}
