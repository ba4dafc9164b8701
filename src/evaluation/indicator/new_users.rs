//! 12. New users: who comes to a France Services for the first time.

use super::{Definition, Evidence, Grain, Indicator, WILSON, Wording};
use crate::evaluation::{facts::Facts, measure::Measure};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 12,
        code: "new-users",
        version: 1,
        french: Wording {
            name: "Nouveaux usagers",
            text: "Accompagnements qui étaient une première visite dans une France services, rapportés \
                   aux accompagnements pour lesquels on le sait.",
        },
        english: Wording {
            name: "New users",
            text: "Accompaniments that were the user's first visit to a France Services, over those of \
                   which it is known.",
        },
        source: WILSON,
        grain: Grain::SESSIONS,
        evidence: &[Evidence::Accompaniments],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let yes = facts.sum(|it| it.first_visits.yes.into());
    let no = facts.sum(|it| it.first_visits.no.into());
    let unknown = facts.sum(|it| it.first_visits.unknown.into());
    vec![Measure::share(yes, yes + no).missing(unknown).of_people()]
}
