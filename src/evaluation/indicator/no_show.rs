//! 5. No-show: appointments that the user did not come to, without a word.

use super::{Definition, Evidence, Grain, Indicator, WILSON, Wording};
use crate::evaluation::{facts::Facts, measure::Measure};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 5,
        code: "no-show",
        version: 1,
        french: Wording {
            name: "Rendez-vous non honorés",
            text: "Rendez-vous auxquels l’usager n’est pas venu sans prévenir, rapportés à ceux-là et \
                   à ceux où il a été reçu. Les rendez-vous excusés ou annulés n’y entrent pas ; ceux \
                   dont l’issue n’est pas connue sont donnés comme manquants.",
        },
        english: Wording {
            name: "No-show",
            text: "Appointments that the user did not come to without saying so, over those and the \
                   ones where the user was seen. Excused and revoked ones stay out; those of which \
                   the outcome is not known are given as missing.",
        },
        source: WILSON,
        grain: Grain::SESSIONS,
        evidence: &[Evidence::Appointments],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let missed = facts.sum(|it| it.appointments.no_show.into());
    let seen = facts.sum(|it| it.appointments.seen.into());
    let unknown =
        facts.sum(|it| u64::from(it.appointments.unknown) + it.appointments.open.len() as u64);
    let share = Measure::share(missed, seen + missed).missing(unknown);
    vec![share.of_people()]
}
