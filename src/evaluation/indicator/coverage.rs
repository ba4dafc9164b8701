//! 16. Coverage: where there is a permanence every week.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::{
    domain::{experiment::Status, terms::InseeCode},
    evaluation::{
        facts::{Facts, Known},
        measure::{Measure, Unit},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 16,
        code: "coverage",
        version: 1,
        french: Wording {
            name: "Couverture",
            text: "Communes où une permanence est prévue chaque semaine au dernier jour de la période (jours \
                   fériés non ôtés), et leurs habitants (populations municipales de l’INSEE).",
        },
        english: Wording {
            name: "Coverage",
            text: "Communes where a permanence is scheduled every week on the last day of the period (public \
                   holidays not taken out), and their inhabitants (INSEE municipal populations).",
        },
        source: "Code officiel géographique et populations municipales, INSEE",
        grain: Grain::EXPERIMENTS,
        evidence: &[Evidence::Experiment, Evidence::Schedule],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let launched = |known: &&Known| {
        let launch = known.experiment.launch.as_ref();
        launch.is_some_and(|launch| launch.valid.from <= facts.period.until)
    };
    // Where nothing was launched yet there is nothing to be covered.
    if !facts.experiments.iter().any(launched) {
        return vec![
            Measure::nothing(Unit::Communes).part("communes", "communes desservies"),
            Measure::nothing(Unit::Inhabitants).part("inhabitants", "habitants de ces communes"),
        ];
    }
    let served: BTreeSet<InseeCode> = facts
        .experiments
        .iter()
        .flat_map(|known| served(known, facts.period.until))
        .collect();
    let known = served.iter().filter_map(InseeCode::commune);
    let populations: Vec<u64> = known
        .filter_map(|commune| commune.population.map(u64::from))
        .collect();
    let communes = served.len() as u64;
    let without = communes - populations.len() as u64;
    vec![
        Measure::count(Unit::Communes, communes).part("communes", "communes desservies"),
        Measure {
            n: communes,
            ..Measure::count(Unit::Inhabitants, populations.iter().sum())
        }
        .missing_of(without, communes)
        .part("inhabitants", "habitants de ces communes"),
    ]
}

/// The communes where a permanence opens every week: this one and the next, whatever the holidays.
fn served(known: &Known, on: NaiveDate) -> BTreeSet<InseeCode> {
    let mut served = BTreeSet::new();
    let status = known.experiment.status_on(on);
    if !matches!(status, Status::Running | Status::MadePermanent) {
        return served;
    }
    for permanence in known.permanences.values() {
        let over = permanence
            .closed
            .as_ref()
            .is_some_and(|closed| closed.valid.from <= on);
        if over || permanence.suspensions.covering(on).is_some() {
            continue;
        }
        let Some(terms) = permanence.terms_on(on) else {
            continue;
        };
        let Ok(hours) = terms.what.hours.parsed() else {
            continue;
        };
        let opens = |after: u64| {
            let from = on.checked_add_days(Days::new(after));
            let mut week = from.into_iter().flat_map(|from| from.iter_days().take(7));
            week.any(|day| !hours.slots(day).is_empty())
        };
        let host = known.venues.get(&terms.what.venue);
        let host = host.filter(|host| {
            let withdrawn = host.withdrawn.as_ref();
            withdrawn.is_none_or(|withdrawn| on < withdrawn.valid.from)
        });
        let commune = host
            .and_then(|host| host.agreed.as_ref())
            .map(|agreed| agreed.what.commune);
        if opens(0) && opens(7) {
            served.extend(commune);
        }
    }
    served
}
