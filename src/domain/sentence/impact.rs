//! What an experiment is compared with, and what sources counted of it, told in French.

use super::{by, counted, day, ended, over};
use crate::domain::{
    experiment::{
        AppointmentState, AssertedCount, Baseline, BaselinePlace, ComparisonZone, CountQualifier,
        CountUnit,
    },
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

pub(super) fn count(count: &AssertedCount, valid: Validity) -> String {
    let AssertedCount {
        unit,
        state,
        qualifier,
        count,
        words,
    } = count;
    let unit = self::unit(*unit, *state, *count > 1);
    let qualifier = match qualifier {
        CountQualifier::Exactly => "",
        CountQualifier::AtLeast => "au moins ",
        CountQualifier::About => "environ ",
    };
    let told = format!(
        "Décompte donné par une source, {} : {qualifier}{count} {unit}",
        over(valid)
    );
    match words {
        None => format!("{told}."),
        Some(words) => format!("{told} (« {words} »)."),
    }
}

/// What is counted, one of it or several: "rendez-vous tenus".
pub(crate) fn unit(unit: CountUnit, state: Option<AppointmentState>, many: bool) -> String {
    let unit = match (unit, many) {
        (CountUnit::Appointment, _) => "rendez-vous",
        (CountUnit::Accompaniment, false) => "accompagnement",
        (CountUnit::Accompaniment, true) => "accompagnements",
        (CountUnit::Request, false) => "demande",
        (CountUnit::Request, true) => "demandes",
        (CountUnit::Visit, false) => "visite",
        (CountUnit::Visit, true) => "visites",
    };
    // Of appointments alone: in French, of that gender.
    let state = match (state, many) {
        (None, _) => "",
        (Some(AppointmentState::Booked), _) => " pris",
        (Some(AppointmentState::Held), false) => " tenu",
        (Some(AppointmentState::Held), true) => " tenus",
    };
    format!("{unit}{state}")
}
