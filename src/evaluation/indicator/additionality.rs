//! 11. Additionality: what would not have been done without the permanence.

use super::{Definition, Evidence, Grain, Indicator, WILSON, Wording};
use crate::evaluation::{facts::Facts, measure::Measure};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 11,
        code: "additionality",
        version: 1,
        french: Wording {
            name: "Additionnalité",
            text: "Réponses « j’aurais renoncé » ou « je serais allé plus loin », rapportées aux \
                   réponses à la question « sans cette permanence ». Les sans-réponse parmi ceux à \
                   qui l’avis a été demandé sont donnés comme manquants.",
        },
        english: Wording {
            name: "Additionality",
            text: "Answers \"I would have given up\" or \"I would have gone farther\", over answers to \
                   the question of what one would have done without the permanence. Those who were \
                   asked and did not answer it are given as missing.",
        },
        source: WILSON,
        grain: Grain::SESSIONS,
        evidence: &[Evidence::Feedback],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let yes = facts.sum(|it| it.feedback.additional.yes.into());
    let no = facts.sum(|it| it.feedback.additional.no.into());
    let offered = facts.sum(|it| it.feedback.offered());
    let silent = offered.saturating_sub(yes + no);
    vec![Measure::share(yes, yes + no).missing(silent).of_people()]
}
