//! 18. Ramp-up: how activity grew, week by week.

use std::collections::BTreeSet;

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::{
    domain::terms::{Period, time::day_number},
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
            text: "Accompagnements par semaine entière où l’expérimentation court, comptée depuis le \
                   premier jour de la période où elle court : moyenne, croissance d’une semaine à l’autre \
                   (régression log-linéaire) et semaine à partir de laquelle l’activité ne croît plus. \
                   Une semaine sans permanence prévue ni inscrite n’y entre pas ; une semaine dont une \
                   permanence prévue n’est ni tenue ni annulée, à ce qu’on sait, est donnée comme \
                   manquante, non comme une semaine à zéro.",
        },
        english: Wording {
            name: "Ramp-up",
            text: "Accompaniments to each whole week in which the experiment runs, counted from the first \
                   day of the period on which it does: their mean, the growth from week to week \
                   (log-linear regression), and the week from which on activity grows no more. A week in \
                   which no session was to be held and none was stays out; one with a session of which \
                   nothing is known is given as missing, not as one of none.",
        },
        source: "Moyenne : intervalle exact de Poisson, Garwood (1936) ; pente : régression de Poisson à \
                 lien logarithmique, variance quasi-Poisson (McCullagh et Nelder, 1989) ; plateau : \
                 régression segmentée (Muggeo, 2003)",
        grain: Grain::ONE,
        evidence: &[
            Evidence::Held,
            Evidence::Cancelled,
            Evidence::Accompaniments,
            Evidence::Experiment,
            Evidence::Schedule,
        ],
    },
    measure,
};

/// Days of a week.
const WEEK: i64 = 7;

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let (weeks, missing) = weeks(facts);
    let counts: Vec<u64> = weeks.iter().copied().flatten().collect();
    let n = counts.len() as u64;
    let all = counts.iter().sum();
    let mean = Measure {
        n,
        ..Measure::quotient(Unit::AccompanimentsPerWeek, all, n, 1)
    };
    let interval = (n > 0).then(|| statistics::garwood(all).divided_by(n));
    let trend = statistics::trend_with_gaps(&weeks);
    // Of the slope of a logarithm, the growth that it stands for.
    let growth = |slope: f64| slope.exp_m1() * 100.0;
    let of_weeks = |unit, value| Measure {
        value,
        n,
        expected: n,
        ..Measure::nothing(unit)
    };
    let slope = trend.as_ref().map(|trend| rounded(growth(trend.slope)));
    let slope = of_weeks(Unit::PercentPerWeek, slope);
    let slope_within = trend.map(|trend| trend.interval.map(growth));
    let plateau = statistics::plateau_with_gaps(&weeks).map(|week| (week as u64 + 1).into());
    vec![
        mean.missing(missing)
            .within(interval, 1.0)
            .of_people()
            .part("weekly", "moyenne hebdomadaire"),
        slope
            .missing(missing)
            .within(slope_within, 1.0)
            .part("growth", "croissance hebdomadaire"),
        of_weeks(Unit::Week, plateau)
            .missing(missing)
            .part("plateau", "semaine du plateau"),
    ]
}

/// What is known of a week.
#[derive(Clone, Copy, Default)]
struct Told {
    /// On how many of its days the experiment runs.
    days: u64,
    /// Accompaniments.
    accompaniments: u64,
    /// Whether it is known of any session that it was held or cancelled.
    any: bool,
    /// Whether a session was to be held of which nothing is known.
    unknown: bool,
}

/// The accompaniments of each whole week, in order, from the first day on which the experiment runs:
/// none of a week in which it does not run all along, in which no session was to be held and none
/// was, or of which it is not known what became of each session that was to be held. And how many
/// are not known.
fn weeks(facts: &Facts<'_>) -> (Vec<Option<u64>>, u64) {
    let running: Vec<Period> = facts
        .experiments
        .iter()
        .flat_map(|known| facts.running(known))
        .collect();
    let Some(first) = running.iter().map(|run| day_number(run.from)).min() else {
        return (Vec::new(), 0);
    };
    let days = day_number(facts.period.until)
        .saturating_sub(first)
        .saturating_add(1);
    let mut weeks = vec![Told::default(); usize::try_from(days / WEEK).unwrap_or(0)];
    let mut at = |day: i64, tell: &dyn Fn(&mut Told)| {
        let week = usize::try_from(day.saturating_sub(first).div_euclid(WEEK));
        if let Some(week) = week.ok().and_then(|week| weeks.get_mut(week)) {
            tell(week);
        }
    };
    for day in running
        .iter()
        .flat_map(|run| day_number(run.from)..=day_number(run.until))
    {
        at(day, &|week| week.days += 1);
    }
    let mut told = BTreeSet::new();
    for session in &facts.sessions {
        let tally = &session.tally;
        let is_told = tally.held.is_some() || tally.cancelled;
        if is_told {
            told.insert((session.day, session.permanence));
        }
        at(day_number(session.day), &|week| {
            week.accompaniments += u64::from(tally.accompaniments);
            week.any |= is_told || tally.accompaniments > 0;
        });
    }
    let planned = facts.planned.iter();
    for planned in planned.filter(|it| !told.contains(&(it.day, it.permanence))) {
        at(day_number(planned.day), &|week| week.unknown = true);
    }
    let whole = |week: &Told| week.days == WEEK.unsigned_abs();
    let missing = weeks.iter().filter(|week| whole(week) && week.unknown);
    let missing = missing.count() as u64;
    let counted = |week: &Told| whole(week) && week.any && !week.unknown;
    let counts = weeks.iter();
    let counts = counts.map(|week| counted(week).then_some(week.accompaniments));
    (counts.collect(), missing)
}
