//! 14. Unmet demand: who was turned away.

use super::{Definition, Evidence, Grain, Indicator, WILSON, Wording};
use crate::evaluation::{facts::Facts, measure::Measure};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 14,
        code: "unmet-demand",
        version: 1,
        french: Wording {
            name: "Demande non satisfaite",
            text: "Usagers repartis sans être reçus, rapportés aux usagers accompagnés et à ceux-là.",
        },
        english: Wording {
            name: "Unmet demand",
            text: "Users turned away without being served, over users accompanied and those together.",
        },
        source: WILSON,
        grain: Grain::SESSIONS,
        evidence: &[Evidence::Accompaniments, Evidence::TurnedAway],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let turned_away = facts.sum(|it| it.turned_away.into());
    let served = facts.sum(|it| it.accompaniments.into());
    vec![Measure::share(turned_away, served + turned_away).of_people()]
}
