//! 10. Satisfaction, and what those who did not answer could make of it.

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::evaluation::{
    facts::Facts,
    measure::{Measure, Unit},
    statistics,
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 10,
        code: "satisfaction",
        version: 1,
        french: Wording {
            name: "Satisfaction",
            text: "Réponses 4 ou 5 sur 5, rapportées aux réponses à la question. Les bornes disent \
                   entre quelles valeurs la part des satisfaits se situe parmi tous ceux à qui l’avis \
                   a été demandé, quoi qu’aient pensé ceux qui n’ont pas répondu.",
        },
        english: Wording {
            name: "Satisfaction",
            text: "Answers of 4 or 5 out of 5, over answers to the question. The bounds tell between \
                   which values the share of satisfied users lies among all who were asked, whatever \
                   those who did not answer thought.",
        },
        source: "Wilson (1927), retenu par Brown, Cai et DasGupta (2001) ; bornes du pire cas : Manski \
                 (1989)",
        grain: Grain::SESSIONS,
        evidence: &[Evidence::Feedback],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let satisfied = facts.sum(|it| it.feedback.satisfied.into());
    let rated = facts.sum(|it| it.feedback.rated.into());
    let offered = facts.sum(|it| it.feedback.offered());
    let silent = offered.saturating_sub(rated);
    let bounds = Measure {
        n: offered,
        ..Measure::nothing(Unit::Percent)
    };
    vec![
        Measure::share(satisfied, rated).missing(silent).of_people(),
        bounds
            .missing_of(silent, offered)
            .within(statistics::worst_case(satisfied, rated, offered), 100.0)
            .of_people()
            .part("bounds", "bornes sur tous ceux à qui l’avis a été demandé"),
    ]
}
