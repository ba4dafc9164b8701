//! 17. Access hours: how much opening the inhabitants of a zone are offered.

use rust_decimal::Decimal;

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::evaluation::{
    facts::{Facts, Known},
    measure::{Measure, Unit, quotient},
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 17,
        code: "access-hours",
        version: 1,
        french: Wording {
            name: "Heures d’accès",
            text: "Heures de permanence prévues au calendrier par semaine, pour 1 000 habitants des communes \
                   de la zone desservie (populations municipales de l’INSEE). Seuls comptent les jours où \
                   l’expérimentation court.",
        },
        english: Wording {
            name: "Access hours",
            text: "Hours of permanence that the schedule provides a week, to 1 000 inhabitants of the \
                   communes served (INSEE municipal populations). Only days count on which the experiment \
                   runs.",
        },
        source: "Calendrier des permanences ; populations municipales, INSEE",
        grain: Grain::EXPERIMENTS,
        evidence: &[Evidence::Experiment, Evidence::Schedule],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let minutes: u64 = facts.planned.iter().map(|it| u64::from(it.minutes)).sum();
    let mut days_of_inhabitants = 0;
    for known in &facts.experiments {
        let Some(inhabitants) = inhabitants(known) else {
            return vec![Measure::nothing(Unit::HoursPerThousand)];
        };
        let running = facts.days_running(known);
        days_of_inhabitants += inhabitants * running;
    }
    // Minutes to a day and an inhabitant: 7 days a week, 1 000 inhabitants, 60 minutes an hour.
    let scaled = Decimal::from(minutes).saturating_mul(Decimal::from(7 * 1_000));
    let among = Decimal::from(days_of_inhabitants).saturating_mul(Decimal::from(60));
    vec![Measure {
        value: quotient(scaled, among),
        numerator: Some(minutes.into()),
        denominator: Some(days_of_inhabitants.into()),
        n: facts.planned.len() as u64,
        expected: facts.planned.len() as u64,
        ..Measure::nothing(Unit::HoursPerThousand)
    }]
}

/// The inhabitants of the zone that an experiment serves; none where one of them is not known.
fn inhabitants(known: &Known) -> Option<u64> {
    let launch = known.experiment.launch.as_ref()?;
    let populations = launch
        .what
        .zone
        .iter()
        .map(|code| code.commune()?.population);
    let populations: Option<Vec<u32>> = populations.collect();
    let populations = populations.filter(|populations| !populations.is_empty())?;
    Some(
        populations
            .iter()
            .map(|population| u64::from(*population))
            .sum(),
    )
}
