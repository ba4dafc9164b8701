//! 18. Ramp-up: how activity grew, week by week.

use chrono::Days;

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::{
    domain::terms::time::day_number,
    evaluation::{
        facts::Facts,
        measure::{Measure, Unit, rounded},
        statistics,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 18,
        code: "ramp-up",
        version: 1,
        french: Wording {
            name: "Montée en charge",
            text: "Accompagnements par semaine entière depuis le premier jour de la période où \
                   l’expérimentation court : moyenne, croissance d’une semaine à l’autre (régression \
                   log-linéaire) et semaine à partir de laquelle l’activité ne croît plus.",
        },
        english: Wording {
            name: "Ramp-up",
            text: "Accompaniments to each whole week from the first day of the period on which the \
                   experiment runs: their mean, the growth from week to week (log-linear regression), and \
                   the week from which on activity grows no more.",
        },
        source: "Moyenne : intervalle exact de Poisson, Garwood (1936) ; pente : régression de Poisson à \
                 lien logarithmique, variance quasi-Poisson (McCullagh et Nelder, 1989) ; plateau : \
                 régression segmentée (Muggeo, 2003)",
        grain: Grain::ONE,
        evidence: &[Evidence::Accompaniments, Evidence::Experiment],
    },
    measure,
};

/// Days of a week.
const WEEK: i64 = 7;

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    // Of an experiment none of whose sessions is recorded nothing was measured: its weeks are not of
    // none.
    let weeks = if facts.sessions.is_empty() {
        Vec::new()
    } else {
        weeks(facts)
    };
    let n = weeks.len() as u64;
    let all = weeks.iter().sum();
    let mean = Measure {
        n,
        ..Measure::quotient(Unit::AccompanimentsPerWeek, all, n, 1)
    };
    let interval = (n > 0).then(|| statistics::garwood(all).divided_by(n));
    let trend = statistics::trend(&weeks);
    // Of the slope of a logarithm, the growth that it stands for.
    let growth = |slope: f64| slope.exp_m1() * 100.0;
    let slope = Measure {
        value: trend.as_ref().map(|trend| rounded(growth(trend.slope))),
        n,
        expected: n,
        ..Measure::nothing(Unit::PercentPerWeek)
    };
    let slope_within = trend.map(|trend| trend.interval.map(growth));
    let plateau = statistics::plateau(&weeks).map(|week| week as u64 + 1);
    let plateau = Measure {
        value: plateau.map(Into::into),
        n,
        expected: n,
        ..Measure::nothing(Unit::Week)
    };
    vec![
        mean.within(interval, 1.0)
            .of_people()
            .part("weekly", "moyenne hebdomadaire"),
        slope
            .within(slope_within, 1.0)
            .part("growth", "croissance hebdomadaire"),
        plateau.part("plateau", "semaine du plateau"),
    ]
}

/// The accompaniments of each whole week, in order.
pub(crate) fn weeks(facts: &Facts<'_>) -> Vec<u64> {
    let first = facts
        .experiments
        .iter()
        .filter_map(|it| it.experiment.launch.as_ref());
    let first = first
        .map(|launch| launch.valid.from.max(facts.period.from))
        .min();
    let Some(first) = first else {
        return Vec::new();
    };
    let after = facts.period.until.checked_add_days(Days::new(1));
    let days = after.map_or(0, |after| day_number(after) - day_number(first));
    let mut weeks = vec![0; usize::try_from(days / WEEK).unwrap_or(0)];
    for session in &facts.sessions {
        let week = (day_number(session.day) - day_number(first)).div_euclid(WEEK);
        if let Some(count) = usize::try_from(week)
            .ok()
            .and_then(|week| weeks.get_mut(week))
        {
            *count += u64::from(session.tally.accompaniments);
        }
    }
    weeks
}
