//! The timeline of an experiment, held against the status of every single day.

use carnet::domain::{
    entry::Entry,
    event::Fact,
    experiment::{Closure, ExperimentCommand, MadePermanent, Status},
};
use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use crate::{
    course::{closed, extended, made_permanent, suspended},
    given::{
        VIGNY, ask, date, end, evidence, extension, extension_refusal, launch, launched, on,
        reason, resumption, words, world,
    },
};

fn phases(facts: &[Fact]) -> Vec<(Status, Option<String>, Option<String>)> {
    let text = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    let world = world(facts);
    let known = world.experiment(VIGNY).unwrap();
    known
        .phases()
        .iter()
        .map(|phase| (phase.status, text(phase.from), text(phase.to)))
        .collect()
}

#[test]
fn a_timeline_tells_the_whole_story() {
    let day = |day: &str| Some(day.to_owned());
    assert_eq!(
        phases(&[
            launched(),
            suspended("2021-06-01", Some("2021-06-15")),
            extended("2021-07-20", "2021-10-27"),
            made_permanent("2022-01-01"),
        ]),
        [
            (Status::Planned, None, day("2021-04-27")),
            (Status::Running, day("2021-04-27"), day("2021-06-01")),
            (Status::Suspended, day("2021-06-01"), day("2021-06-16")),
            (Status::Running, day("2021-06-16"), day("2021-10-28")),
            (Status::TermReached, day("2021-10-28"), day("2022-01-01")),
            (Status::MadePermanent, day("2022-01-01"), None),
        ]
    );
    assert_eq!(
        phases(&[
            launched(),
            suspended("2021-06-01", None),
            closed("2021-07-01")
        ]),
        [
            (Status::Planned, None, day("2021-04-27")),
            (Status::Running, day("2021-04-27"), day("2021-06-01")),
            (Status::Suspended, day("2021-06-01"), day("2021-07-01")),
            (Status::Closed, day("2021-07-01"), None),
        ]
    );
}

/// Some entry, by a kind, a day of the year and a length.
fn entry(kind: u8, day: u64, length: Option<u64>, at_the_latest: bool) -> Entry {
    let first = date("2021-03-01");
    let at = |days: u64| (first + Days::new(days)).to_string();
    let said = on(&at(day));
    let said = match length {
        Some(length) if kind == 1 || kind == 3 => said.until(&at(day + length)),
        _ => said,
    };
    let said = if at_the_latest {
        said.at_the_latest()
    } else {
        said
    };
    let later = at(day + 100 + length.unwrap_or_default());
    match kind {
        0 => {
            let mut terms = launch();
            terms.planned_end = date(&later);
            said.entry(ExperimentCommand::Launch(terms))
        }
        1 => said.entry(ExperimentCommand::Suspend(reason("Crise sanitaire"))),
        2 => said.entry(ExperimentCommand::Resume(resumption())),
        3 => said.entry(ExperimentCommand::CloseHub(reason("Travaux"))),
        4 => said.entry(ExperimentCommand::ReopenHub(resumption())),
        5 => said.entry(ExperimentCommand::Extend(extension(&later))),
        6 => said.entry(ExperimentCommand::RefuseExtension(extension_refusal())),
        7 => said.entry(ExperimentCommand::AssertEnd(end(&later))),
        8 => said.entry(ExperimentCommand::MakePermanent(MadePermanent {
            evidence: evidence(1),
        })),
        _ => said.entry(ExperimentCommand::Close(Closure {
            reason: words("Fin"),
            evidence: None,
        })),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The bugs it catches: a turn that the timeline misses (the day after a suspension, the day
    /// after the end), phases that leave a gap or repeat a status, and any entry that writes twice
    /// when it is asked twice.
    #[test]
    fn the_timeline_agrees_with_every_day(
        launched_at_the_latest in any::<bool>(),
        asked in prop::collection::vec(
            (
                // Suspensions and resumptions are asked more often than what ends the story.
                prop::sample::select(vec![1, 1, 1, 1, 2, 2, 2, 3, 4, 5, 5, 6, 7, 8, 9]),
                0_u64..300,
                prop::option::of(0_u64..60),
            ),
            0..14,
        ),
    ) {
        let mut facts: Vec<Fact> = Vec::new();
        let first = entry(0, 30, Some(20), launched_at_the_latest);
        let rest = asked.iter().map(|(kind, day, length)| entry(*kind, *day, *length, false));
        for entry in std::iter::once(first).chain(rest) {
            if let Ok(new) = ask(&facts, &entry) {
                facts.extend(new);
                prop_assert_eq!(ask(&facts, &entry), Ok(Vec::new()));
            }
        }
        let world = world(&facts);
        let known = world.experiment(VIGNY).unwrap();
        let phases = known.phases();
        prop_assert_eq!(phases[0].from, None);
        prop_assert_eq!(phases[phases.len() - 1].to, None);
        for pair in phases.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
            prop_assert!(pair[0].to.is_some());
            prop_assert!(pair[0].status != pair[1].status);
        }
        for day in date("2021-01-01").iter_days().take(900) {
            let told: Vec<Status> = phases
                .iter()
                .filter(|phase| phase.from.is_none_or(|from| from <= day))
                .filter(|phase| phase.to.is_none_or(|to| day < to))
                .map(|phase| phase.status)
                .collect();
            prop_assert_eq!(told, vec![known.status_on(day)], "on {}", day);
        }
    }
}
