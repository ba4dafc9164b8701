//! 20. Data quality: how late, how often corrected, how much left out.

use std::collections::BTreeMap;

use super::{ALL_OF_SESSIONS, Definition, Grain, Indicator, WILSON, Wording};
use crate::evaluation::{
    facts::Facts,
    measure::{Measure, Unit, quotient},
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 20,
        code: "data-quality",
        version: 1,
        french: Wording {
            name: "Qualité des données",
            text: "Délai médian, en jours, entre le jour de la permanence et l’inscription qui fait foi (une \
                   correction compte à sa propre date) ; part des inscriptions qui en corrigent une autre ; \
                   part des valeurs laissées de côté ou inconnues parmi la durée, la première visite, l’issue \
                   des demandes et des rendez-vous, et les réponses aux avis.",
        },
        english: Wording {
            name: "Data quality",
            text: "Median delay, in days, from the day of the session to the entry that stands (a correction \
                   counts on its own date); share of entries that correct another; share of values left out or \
                   unknown among duration, first visit, outcome of requests and appointments, and answers to \
                   feedback.",
        },
        source: WILSON,
        grain: Grain::SESSIONS,
        evidence: ALL_OF_SESSIONS,
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let mut delays: BTreeMap<i32, u64> = BTreeMap::new();
    for (delay, count) in facts
        .sessions
        .iter()
        .flat_map(|it| &it.tally.entries.delays)
    {
        *delays.entry(*delay).or_default() += u64::from(*count);
    }
    let entries: u64 = delays.values().sum();
    let delay = Measure {
        value: median(&delays),
        n: entries,
        expected: entries,
        ..Measure::nothing(Unit::Days)
    };
    let corrected = facts.sum(|it| it.entries.corrected.into());
    // What became of an appointment is a value that could have been told.
    let open = facts.sum(|it| it.appointments.open.len() as u64);
    let values = facts.sum(|it| it.entries.values.into()) + open;
    let missing = facts.sum(|it| it.entries.missing.into()) + open;
    vec![
        delay.part("delay", "délai médian d’inscription"),
        Measure::share(corrected, entries).part("corrected", "inscriptions corrigées"),
        Measure::share(missing, values).part("missing", "valeurs manquantes"),
    ]
}

/// The median of values, each with how often it is there.
fn median(values: &BTreeMap<i32, u64>) -> Option<rust_decimal::Decimal> {
    let all: u64 = values.values().sum();
    let at = |rank: u64| {
        let mut before = 0;
        values.iter().find_map(|(value, count)| {
            before += count;
            (rank < before).then_some(i64::from(*value))
        })
    };
    let last = all.checked_sub(1)?;
    let (lower, upper) = (at(last / 2)?, at(last.div_ceil(2))?);
    quotient((lower + upper).into(), 2.into())
}
