//! 4. Occupancy: how much of the time that people held sessions went into accompanying users.

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::evaluation::{
    facts::Facts,
    measure::{Measure, Unit},
    statistics,
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 4,
        code: "occupancy",
        version: 1,
        french: Wording {
            name: "Taux d’occupation",
            text: "Minutes d’accompagnement, rapportées aux minutes de présence des agents (durée de \
                   chaque permanence tenue, fois le nombre d’agents). Les accompagnements sans durée \
                   ne comptent pour aucune minute : leur part est donnée comme manquante, et le taux \
                   est alors un minimum.",
        },
        english: Wording {
            name: "Occupancy",
            text: "Minutes of accompaniment, over minutes of presence (the duration of each session \
                   held, times the people who held it). Accompaniments of unknown duration add no \
                   minute: their share is given as missing, and the rate is then a minimum.",
        },
        source: "Tirages avec remise par permanence (Efron, 1979), percentiles ; variance linéarisée \
                 d’un rapport (Cochran, 1977) au-delà de 2 000 permanences",
        grain: Grain::SESSIONS,
        evidence: &[Evidence::Held, Evidence::Accompaniments],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let mut pairs = Vec::new();
    let (mut timed, mut all) = (0, 0);
    for it in facts.held() {
        let held = it.tally.held.iter();
        let present = held.map(|held| u64::from(held.minutes) * u64::from(held.advisers));
        pairs.push((u64::from(it.tally.minutes), present.sum()));
        timed += u64::from(it.tally.timed);
        all += u64::from(it.tally.accompaniments);
    }
    let minutes = pairs.iter().map(|(minutes, _)| minutes).sum();
    let present = pairs.iter().map(|(_, present)| present).sum();
    let rate = Measure {
        n: pairs.len() as u64,
        ..Measure::quotient(Unit::Percent, minutes, present, 100)
    };
    vec![
        rate.missing_of(all - timed, all)
            .within(statistics::ratio(&pairs), 100.0),
    ]
}
