//! 13. Hub displacement: whether the hub lost what the permanences gained.

use chrono::{Days, NaiveDate};

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::{
    domain::experiment::{BaselinePlace, Experiment},
    evaluation::{
        facts::Facts,
        measure::{Measure, Unit, rounded},
        statistics,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 13,
        code: "displacement",
        version: 1,
        french: Wording {
            name: "Déport de l’activité du site de rattachement",
            text: "Variation relative du nombre hebdomadaire compté au site de rattachement entre avant \
                   et après le lancement, moins la même variation dans la zone de comparaison. Les \
                   semaines sont celles des comptages inscrits ; une semaine non comptée n’est pas une \
                   semaine à zéro.",
        },
        english: Wording {
            name: "Hub displacement",
            text: "Relative change of the weekly count at the hub from before to after the launch, minus \
                   the same change in the comparison zone. The weeks are those of the counts that were \
                   recorded; a week that was not counted is not one of none.",
        },
        source: "Différence de différences (France Stratégie, guide d’évaluation des politiques \
                 publiques, 2016) ; tirages avec remise par semaine (Efron, 1979)",
        grain: Grain::ONE,
        evidence: &[Evidence::Experiment],
    },
    measure,
};

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let nothing = || vec![Measure::nothing(Unit::Points)];
    let [known] = facts.experiments.as_slice() else {
        return nothing();
    };
    let experiment = known.experiment.as_ref();
    let Some(launch) = &experiment.launch else {
        return nothing();
    };
    let start = launch.valid.from;
    let until = facts.period.until;
    let (hub_before, hub_after) = weeks(experiment, BaselinePlace::Hub, start, until);
    let zone = weeks(experiment, BaselinePlace::ComparisonZone, start, until);
    let lists = [&hub_before, &hub_after, &zone.0, &zone.1];
    let counted: usize = lists.iter().map(|list| list.len()).sum();
    let change = statistics::displacement(&hub_before, &hub_after, &zone.0, &zone.1);
    let measure = Measure {
        value: change.as_ref().map(|(change, _)| rounded(change * 100.0)),
        n: counted as u64,
        expected: counted as u64,
        ..Measure::nothing(Unit::Points)
    };
    vec![measure.within(change.map(|(_, interval)| interval), 100.0)]
}

/// The counts of weeks that were over before the launch, and of those that began on it or later, of
/// the baselines established last.
fn weeks(
    experiment: &Experiment,
    place: BaselinePlace,
    start: NaiveDate,
    until: NaiveDate,
) -> (Vec<u64>, Vec<u64>) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut seen = std::collections::BTreeSet::new();
    let mut baselines: Vec<_> = experiment
        .baselines
        .iter()
        .filter(|it| it.what.place == place)
        .collect();
    baselines.sort_by_key(|it| std::cmp::Reverse((it.valid.from, it.position)));
    // A week that was counted again is as it was counted last, in the unit that was counted last.
    let unit = baselines.first().map(|last| &last.what.unit);
    for baseline in baselines.iter().filter(|it| Some(&it.what.unit) == unit) {
        for week in &baseline.what.counts {
            let sunday = week.monday.checked_add_days(Days::new(6));
            let count = u64::from(week.count);
            let Some(sunday) = sunday.filter(|sunday| *sunday <= until) else {
                continue;
            };
            if !seen.insert(week.monday) {
                continue;
            }
            if sunday < start {
                before.push(count);
            } else if week.monday >= start {
                after.push(count);
            }
        }
    }
    (before, after)
}
