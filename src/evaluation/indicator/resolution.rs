//! 7. On-the-spot resolution.

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::{
    domain::session::RequestOutcome,
    evaluation::{facts::Facts, measure::Measure},
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 7,
        code: "resolution",
        version: 1,
        french: Wording {
            name: "Résolution sur place",
            text: "Demandes résolues sur place, rapportées aux demandes dont l’issue est connue. Pour \
                   mémoire, le réseau France services : 82 % en 2023.",
        },
        english: Wording {
            name: "On-the-spot resolution",
            text: "Requests resolved on the spot, over requests with a known outcome. For comparison, \
                   the France Services network: 82 % in 2023.",
        },
        source: "Wilson (1927), retenu par Brown, Cai et DasGupta (2001) ; valeur du réseau : Cour des \
                 comptes",
        grain: Grain::REQUESTS,
        evidence: &[Evidence::Requests],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let (mut resolved, mut known, mut unknown) = (0, 0, 0);
    for asked in facts.sessions.iter().flat_map(|it| &it.tally.requests) {
        let count = u64::from(asked.count);
        if !facts.counts(asked.operator.as_ref()) {
            continue;
        }
        match asked.outcome {
            RequestOutcome::Unknown => unknown += count,
            RequestOutcome::Resolved => {
                resolved += count;
                known += count;
            }
            RequestOutcome::ToFinishAlone
            | RequestOutcome::MustComeBack
            | RequestOutcome::Referred
            | RequestOutcome::Abandoned => known += count,
        }
    }
    vec![Measure::share(resolved, known).missing(unknown).of_people()]
}
