//! Label floor (19): whether the hub keeps what its label asks for, and whether permanences leave
//! there fewer people than that.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime, Timelike};
use rust_decimal::Decimal;

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::{
    domain::{
        permanence::AdviserRole,
        site::{FloorVerdict, PEOPLE_MIN},
        terms::hours::Slot,
    },
    evaluation::{
        facts::{Facts, Known},
        measure::{Measure, Unit, Verdict, quotient},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 19,
        code: "label-floor",
        version: 1,
        french: Wording {
            name: "Socle du label",
            text: "Le site de rattachement ouvre-t-il au moins cinq jours et 24 heures par semaine, avec au \
                   moins deux agents polyvalents, au dernier jour de la période : socle respecté, non \
                   respecté, ou indéterminé si ce qui est connu ne suffit pas à le dire. Et combien de \
                   minutes d’ouverture du site se sont écoulées avec moins de deux agents pendant que \
                   d’autres tenaient une permanence ; les minutes pour lesquelles l’horaire ou l’effectif \
                   du site n’est pas connu sont données comme manquantes.",
        },
        english: Wording {
            name: "Label floor",
            text: "Whether the hub opens at least five days and 24 hours a week, with at least two polyvalent \
                   people, on the last day of the period: meets, fails, or undetermined where what is known \
                   does not tell. And for how many minutes of its opening fewer than two people were left \
                   while others held a permanence; minutes for which its hours or its staff are not known \
                   are given as missing.",
        },
        source: "Charte nationale d’engagement France services",
        grain: Grain::ONE,
        evidence: &[
            Evidence::Site,
            Evidence::Held,
            Evidence::Experiment,
            Evidence::Schedule,
        ],
    },
    measure,
};

/// Minutes of a day.
const DAY: usize = 24 * 60;

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let [known] = facts.experiments.as_slice() else {
        return vec![Measure::nothing(Unit::Norm)];
    };
    let on = facts.period.until;
    let hub = known.hub_on(on);
    let floor = hub.map(|hub| hub.label_floor(on));
    let told = |unit, value: Option<Decimal>| {
        Measure {
            value,
            n: u64::from(value.is_some()),
            ..Measure::nothing(unit)
        }
        .missing_of(u64::from(value.is_none()), 1)
    };
    let verdict = floor.map_or(Verdict::Undetermined, |floor| match floor.verdict() {
        FloorVerdict::Meets => Verdict::Meets,
        FloorVerdict::Fails => Verdict::Fails,
        FloorVerdict::Undetermined => Verdict::Undetermined,
    });
    let (away, short, unknown) = left_alone(known, facts);
    let held = facts.held().count() as u64;
    vec![
        Measure {
            verdict: Some(verdict),
            n: u64::from(hub.is_some()),
            ..Measure::nothing(Unit::Norm)
        },
        told(
            Unit::DaysPerWeek,
            floor.and_then(|it| it.days_a_week).map(Into::into),
        )
        .part("days", "jours d’ouverture par semaine"),
        told(
            Unit::HoursPerWeek,
            floor
                .and_then(|it| it.minutes_a_week)
                .and_then(|minutes| quotient(minutes.into(), 60.into())),
        )
        .part("hours", "heures d’ouverture par semaine"),
        told(Unit::People, floor.and_then(|it| it.people).map(Into::into))
            .part("people", "agents polyvalents présents"),
        Measure {
            value: (held > 0 && unknown == 0 || short > 0).then(|| short.into()),
            n: held,
            ..Measure::nothing(Unit::Minutes)
        }
        .missing_of(unknown, away)
        .part(
            "short",
            "minutes à moins de deux agents pendant une permanence",
        ),
    ]
}

/// For how many minutes permanences took people away from the hub that was open, or may have been; for
/// how many of them they left it with fewer people than its label asks for; and for how many that is
/// not known. Only those who come from the hub leave it.
fn left_alone(known: &Known, facts: &Facts<'_>) -> (u64, u64, u64) {
    let mut days: BTreeMap<NaiveDate, Vec<u32>> = BTreeMap::new();
    for session in facts.held() {
        let terms = known.permanences.get(&session.permanence);
        let terms = terms.and_then(|permanence| permanence.terms_on(session.day));
        let from_hub = terms.is_some_and(|it| it.what.held_by.role == AdviserRole::DeskOfficer);
        let (true, Some(held)) = (from_hub, session.tally.held) else {
            continue;
        };
        let away = days.entry(session.day).or_insert_with(|| vec![0; DAY]);
        let (from, lasts) = (held.starts as usize, held.minutes as usize);
        for minute in away.iter_mut().skip(from).take(lasts) {
            *minute += held.advisers;
        }
    }
    let (mut all, mut short, mut unknown) = (0, 0, 0);
    for (day, away) in days {
        let closed = known.experiment.hub_closures.covering(day).is_some();
        let hub = known.hub_on(day).filter(|_| !closed);
        let open = hub.and_then(|hub| hub.hours_on(day));
        let people = hub
            .and_then(|hub| hub.staff_in_force(day))
            .map(|staff| staff.what.people);
        for (minute, away) in away.iter().enumerate().filter(|(_, away)| **away > 0) {
            match (closed, &open, people) {
                (true, ..) => {}
                (false, Some(open), _) if !open.iter().any(|slot| has(slot, day, minute)) => {}
                (false, Some(_), Some(people)) => {
                    all += 1;
                    let left = u32::from(people).saturating_sub(*away);
                    short += u64::from(left < u32::from(PEOPLE_MIN));
                }
                (false, ..) => {
                    all += 1;
                    unknown += 1;
                }
            }
        }
    }
    (all, short, unknown)
}

/// Whether a stretch of opening has a minute of its day.
fn has(slot: &Slot, day: NaiveDate, minute: usize) -> bool {
    let at = |time: NaiveTime| time.num_seconds_from_midnight() as usize / 60;
    let from = at(slot.start.time());
    let until = if slot.end.date() > day {
        DAY
    } else {
        at(slot.end.time())
    };
    (from..until).contains(&minute)
}
