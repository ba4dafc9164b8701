//! 2. Attendance: accompaniments to a session held.

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::evaluation::{
    facts::Facts,
    measure::{Measure, Unit},
    statistics,
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 2,
        code: "attendance",
        version: 1,
        french: Wording {
            name: "Fréquentation par permanence",
            text: "Accompagnements (la visite d’un usager) lors de permanences tenues, divisés par le \
                   nombre de permanences tenues. Ceux de permanences dont on ignore si elles ont été \
                   tenues n’y comptent pas : leur nombre est donné comme manquant.",
        },
        english: Wording {
            name: "Attendance per session",
            text: "Accompaniments (one visit of one user) in sessions held, over sessions held. Those \
                   of sessions of which nobody recorded whether they were held do not count: such \
                   sessions are given as missing.",
        },
        source: "Intervalle exact de Poisson, Garwood (1936) ; là où les permanences varient plus \
                 qu’une loi de Poisson ne le permet (indice de dispersion, seuil de 5 %), tirages avec \
                 remise par permanence (Efron, 1979), ou variance linéarisée d’un rapport (Cochran, \
                 1977) au-delà de 2 000 permanences",
        grain: Grain::SESSIONS,
        evidence: &[
            Evidence::Held,
            Evidence::Cancelled,
            Evidence::Accompaniments,
        ],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let counts: Vec<u64> = facts
        .held()
        .map(|it| it.tally.accompaniments.into())
        .collect();
    let (sessions, accompaniments) = (counts.len() as u64, counts.iter().sum::<u64>());
    let untold = facts.sessions.iter().map(|it| &it.tally);
    let untold = untold.filter(|it| it.held.is_none() && !it.cancelled && it.accompaniments > 0);
    let mean = Measure::quotient(Unit::AccompanimentsPerSession, accompaniments, sessions, 1);
    let interval = if statistics::overdispersed(&counts) {
        let pairs: Vec<(u64, u64)> = counts.iter().map(|count| (*count, 1)).collect();
        statistics::ratio(&pairs)
    } else {
        (sessions > 0)
            .then(|| statistics::garwood(accompaniments))
            .map(|it| it.divided_by(sessions))
    };
    vec![
        mean.missing(untold.count() as u64)
            .within(interval, 1.0)
            .of_people(),
    ]
}
