//! 3. Empty sessions: held, and nobody came.

use super::{Definition, Evidence, Grain, Indicator, WILSON, Wording};
use crate::evaluation::{facts::Facts, measure::Measure};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 3,
        code: "empty-sessions",
        version: 1,
        french: Wording {
            name: "Permanences sans usager",
            text: "Permanences tenues sans aucun accompagnement inscrit, rapportées aux permanences \
                   tenues.",
        },
        english: Wording {
            name: "Empty sessions",
            text: "Sessions held with no accompaniment recorded, over sessions held.",
        },
        source: WILSON,
        grain: Grain::SESSIONS,
        evidence: &[Evidence::Held, Evidence::Accompaniments],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let empty = facts.held().filter(|it| it.tally.accompaniments == 0);
    vec![Measure::share(
        empty.count() as u64,
        facts.held().count() as u64,
    )]
}
