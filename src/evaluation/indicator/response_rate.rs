//! 9. Response rate: how many of those who were asked answered.

use super::{Definition, Evidence, Grain, Indicator, WILSON, Wording};
use crate::evaluation::{facts::Facts, measure::Measure};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 9,
        code: "response-rate",
        version: 1,
        french: Wording {
            name: "Taux de réponse",
            text: "Avis reçus, rapportés aux avis demandés. Qui décline ou ne répond pas n’a pas \
                   répondu.",
        },
        english: Wording {
            name: "Response rate",
            text: "Feedback received, over feedback asked for. Who declines or stays silent did not \
                   answer.",
        },
        source: WILSON,
        grain: Grain::SESSIONS,
        evidence: &[Evidence::Feedback],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let received = facts.sum(|it| it.feedback.received.into());
    let offered = facts.sum(|it| it.feedback.offered());
    vec![Measure::share(received, offered).of_people()]
}
