//! 1. Held rate: of the sessions that the schedule provides, how many were held.

use super::{Definition, Evidence, Grain, Indicator, WILSON, Wording};
use crate::evaluation::{
    facts::{Facts, Fates},
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
    let fates = facts.fates();
    let Fates {
        held,
        cancelled,
        unknown,
    } = fates;
    let planned = fates.all();
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
