//! 1. Held rate: of the sessions that the schedule provides, how many were held.

use std::collections::BTreeMap;

use super::{Definition, Evidence, Grain, Indicator, WILSON, Wording};
use crate::evaluation::{
    facts::Facts,
    measure::{Measure, Unit},
    statistics,
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 1,
        code: "held-rate",
        version: 1,
        french: Wording {
            name: "Permanences tenues",
            text: "Permanences tenues, rapportées aux permanences prévues dont on sait si elles ont \
                   été tenues ou annulées. Sont prévues celles du calendrier, jours fériés, suspensions \
                   et lieux retirés ôtés. Une permanence prévue dont rien n’est inscrit est inconnue, \
                   non manquée : les bornes la comptent tour à tour comme manquée et comme tenue.",
        },
        english: Wording {
            name: "Held rate",
            text: "Sessions held, over sessions scheduled of which it is known whether they were held \
                   or cancelled. Scheduled are those of the calendar without public holidays, \
                   suspensions and withdrawn venues. A session of which nothing is recorded is \
                   unknown, not missed: the bounds count it as missed and as held in turn.",
        },
        source: WILSON,
        grain: Grain::SESSIONS,
        evidence: &[
            Evidence::Held,
            Evidence::Cancelled,
            Evidence::Experiment,
            Evidence::Schedule,
        ],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let mut told: BTreeMap<_, (bool, bool)> = BTreeMap::new();
    for session in &facts.sessions {
        let (held, cancelled) = told.entry((session.day, session.permanence)).or_default();
        *held |= session.tally.held.is_some();
        *cancelled |= session.tally.cancelled;
    }
    let (mut held, mut cancelled, mut unknown) = (0, 0, 0);
    for planned in &facts.planned {
        match told.get(&(planned.day, planned.permanence)) {
            Some((true, _)) => held += 1,
            Some((false, true)) => cancelled += 1,
            Some((false, false)) | None => unknown += 1,
        }
    }
    let planned = held + cancelled + unknown;
    let bounds = statistics::worst_case(held, held + cancelled, planned);
    vec![
        Measure::share(held, held + cancelled).missing(unknown),
        Measure {
            n: planned,
            ..Measure::nothing(Unit::Percent)
        }
        .missing_of(unknown, planned)
        .within(bounds, 100.0)
        .part(
            "bounds",
            "bornes, l’inconnu compté comme manqué puis comme tenu",
        ),
    ]
}
