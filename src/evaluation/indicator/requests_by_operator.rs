//! 6. Requests by operator: for whom people come.

use std::collections::BTreeMap;

use super::{Definition, Evidence, Grain, Indicator, WILSON, Wording};
use crate::{
    domain::terms::Slug,
    evaluation::{
        facts::Facts,
        measure::{Measure, Unit},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 6,
        code: "requests-by-operator",
        version: 1,
        french: Wording {
            name: "Demandes par opérateur",
            text: "Demandes relevant de chaque opérateur, rapportées à toutes les demandes ; celles qui \
                   ne relèvent d’aucun opérateur du bouquet sont données à part. Un accompagnement \
                   peut comporter plusieurs demandes.",
        },
        english: Wording {
            name: "Requests by operator",
            text: "Requests that concern each operator, over all requests; those out of the bundle of \
                   services are given apart. One accompaniment may hold several requests.",
        },
        source: WILSON,
        grain: Grain::REQUESTS,
        evidence: &[Evidence::Accompaniments, Evidence::Experiment],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let mut requests: BTreeMap<Option<&Slug>, u64> = BTreeMap::new();
    for asked in facts.sessions.iter().flat_map(|it| &it.tally.requests) {
        *requests.entry(asked.operator.as_ref()).or_default() += u64::from(asked.count);
    }
    let all = requests.values().sum();
    let names = super::operator_names(facts);
    // An operator of the bundle that nobody asked for has a share too: none of what was asked.
    if all > 0 {
        for operator in names.keys() {
            requests.entry(Some(*operator)).or_default();
        }
    }
    let shares = requests
        .iter()
        .filter(|(operator, _)| facts.counts(**operator));
    let shares: Vec<Measure> = shares
        .map(|(operator, count)| {
            let share = Measure::share(*count, all).of_people();
            match operator {
                None => share.part("out-of-bundle", "hors bouquet"),
                Some(code) => {
                    let name = names.get(code).copied().unwrap_or(code.as_str());
                    share.part(code.as_str(), name)
                }
            }
        })
        .collect();
    if shares.is_empty() {
        return vec![Measure::nothing(Unit::Percent)];
    }
    shares
}
