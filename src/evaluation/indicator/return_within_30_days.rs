//! 8. Return within 30 days: what was resolved, and was not.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::{Definition, Evidence, Grain, Indicator, WILSON, Wording};
use crate::{
    domain::{
        session::RequestOutcome,
        terms::{ExperimentId, Slug},
    },
    evaluation::{
        facts::{DAYS_AFTER, Facts},
        measure::Measure,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 8,
        code: "return-within-30-days",
        version: 1,
        french: Wording {
            name: "Retour sous 30 jours",
            text: "Demandes résolues sur place dont l’usager (reconnu par son pseudonyme) est revenu \
                   pour le même opérateur entre le lendemain et le trentième jour, rapportées aux \
                   demandes résolues que l’on a pu suivre trente jours. Les demandes sans pseudonyme, \
                   hors bouquet (sans opérateur) ou trop récentes sont données comme manquantes.",
        },
        english: Wording {
            name: "Return within 30 days",
            text: "Requests resolved on the spot whose user (told by a pseudonym) came back to the same \
                   operator between the next and the thirtieth day, over resolved requests that could \
                   be followed for thirty days. Those without a pseudonym, out of the bundle (of no \
                   operator) or too recent are given as missing.",
        },
        source: WILSON,
        grain: Grain::REQUESTS,
        evidence: &[Evidence::Followed],
    },
    measure,
};

type Visitor<'a> = (ExperimentId, &'a str, &'a Slug);

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let resolved = facts.sum(|tally| {
        let resolved = tally.requests.iter().filter(|asked| {
            asked.outcome == RequestOutcome::Resolved && facts.counts(asked.operator.as_ref())
        });
        resolved.map(|asked| u64::from(asked.count)).sum()
    });
    // Each user's days at each operator, in order.
    let mut days: BTreeMap<Visitor<'_>, Vec<NaiveDate>> = BTreeMap::new();
    for (visitor, _, day) in requests(facts) {
        days.entry(visitor).or_default().push(day);
    }
    for visits in days.values_mut() {
        visits.sort_unstable();
    }
    let (mut followed, mut returned) = (0, 0);
    for (visitor, resolved, day) in requests(facts) {
        let until = day.checked_add_days(Days::new(DAYS_AFTER));
        let observed = until.filter(|until| *until <= facts.on);
        let (true, Some(until)) = (resolved && day <= facts.period.until, observed) else {
            continue;
        };
        let visits = days.get(&visitor).map_or([].as_slice(), Vec::as_slice);
        let next = visits.get(visits.partition_point(|visit| *visit <= day));
        followed += 1;
        returned += u64::from(next.is_some_and(|next| *next <= until));
    }
    let share = Measure::share(returned, followed).missing(resolved.saturating_sub(followed));
    vec![share.of_people()]
}

/// The requests of users who can be told apart: whose, whether resolved, and when; those of the days
/// after the period too.
fn requests<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (Visitor<'f>, bool, NaiveDate)> + 'f {
    facts
        .followed
        .iter()
        .flat_map(move |(experiment, session)| {
            let here = facts
                .permanence
                .is_none_or(|only| only == session.permanence);
            let requests = session.tally.followed.iter();
            // Out of the bundle of services no operator is told, so that none is the same.
            requests.filter_map(move |it| {
                let operator = it.operator.as_ref()?;
                let visitor = (*experiment, it.user.as_str(), operator);
                let counts = facts.counts(Some(operator));
                counts.then_some((visitor, it.resolved && here, session.day))
            })
        })
}
