//! Launching an experiment.

use carnet::domain::{
    experiment::{ExperimentCommand, ExperimentEvent, Launch},
    refusal::Refusal,
};

use crate::given::{
    START, criteria, date, extension, given, insee, launch, launched, no_commune, on, operator,
};

fn launching(change: impl FnOnce(&mut Launch)) -> ExperimentCommand {
    let mut terms = launch();
    change(&mut terms);
    ExperimentCommand::Launch(terms)
}

#[test]
fn an_experiment_is_launched() {
    let world = given([])
        .when(on(START).entry(ExperimentCommand::Launch(launch())))
        .then([launched()]);
    let known = world.experiment(crate::given::VIGNY).unwrap();
    assert_eq!(known.version, 1);
    assert_eq!(known.end(), Some(date("2021-07-27")));
    assert_eq!(known.exact_start(), Some(date(START)));
    assert_eq!(known.title(), Some(&launch().title));
    assert!(!known.synthetic);
}

#[test]
fn a_launch_known_only_at_the_latest_has_no_sure_first_day() {
    let world = given([])
        .when(
            on(START)
                .at_the_latest()
                .entry(ExperimentCommand::Launch(launch())),
        )
        .then_recorded();
    let known = world.experiment(crate::given::VIGNY).unwrap();
    assert_eq!(known.exact_start(), None);
}

#[test]
fn what_is_invented_marks_the_experiment() {
    let world = given([])
        .when(
            on(START)
                .synthetic()
                .entry(ExperimentCommand::Launch(launch())),
        )
        .then_recorded();
    assert!(world.experiment(crate::given::VIGNY).unwrap().synthetic);
}

#[test]
fn an_experiment_is_launched_once() {
    given([launched()])
        .when(on("2021-04-28").entry(ExperimentCommand::Launch(launch())))
        .refused(Refusal::AlreadyLaunched { on: date(START) });
}

/// The bug it catches: three months counted as 90 days, or as ending on the same day of the month.
#[test]
fn three_months_are_planned_at_least() {
    let until = |day| launching(|launch| launch.planned_end = date(day));
    given([])
        .when(on(START).entry(until("2021-07-26")))
        .then_recorded();
    given([])
        .when(on(START).entry(until("2021-07-25")))
        .refused(Refusal::PlannedTooShort {
            planned_end: date("2021-07-25"),
            earliest_end: date("2021-07-26"),
        });
}

/// The bug it catches: a month that has no such day cut short by one more day (27 February).
#[test]
fn three_months_from_the_end_of_a_month_end_with_a_month() {
    for (start, earliest, short) in [
        ("2021-11-30", "2022-02-28", "2022-02-27"),
        ("2021-11-29", "2022-02-28", "2022-02-27"),
        ("2021-11-28", "2022-02-27", "2022-02-26"),
        ("2021-12-01", "2022-02-28", "2022-02-27"),
        ("2023-11-30", "2024-02-29", "2024-02-28"),
        ("2021-03-01", "2021-05-31", "2021-05-30"),
    ] {
        let until = |day| launching(|launch| launch.planned_end = date(day));
        given([])
            .when(on(start).entry(until(earliest)))
            .then_recorded();
        given([])
            .when(on(start).entry(until(short)))
            .refused(Refusal::PlannedTooShort {
                planned_end: date(short),
                earliest_end: date(earliest),
            });
    }
}

/// The bug it catches: the Vigny of the Moselle taken for that of the Val-d'Oise.
#[test]
fn the_hub_lies_in_the_zone() {
    given([])
        .when(on(START).entry(launching(|launch| launch.hub.commune = insee("57715"))))
        .refused(Refusal::HubOutsideZone {
            commune: insee("57715"),
        });
}

#[test]
fn communes_exist() {
    given([])
        .when(on(START).entry(launching(|launch| {
            launch.zone.insert(no_commune());
        })))
        .refused(Refusal::UnknownCommune { code: no_commune() });
    given([])
        .when(on(START).entry(launching(|launch| launch.hub.commune = no_commune())))
        .refused(Refusal::UnknownCommune { code: no_commune() });
}

#[test]
fn a_zone_is_no_larger_than_a_departement() {
    let communes = |count: usize| {
        carnet::domain::terms::place::communes()
            .iter()
            .map(|commune| insee(commune.code))
            .filter(|code| *code != insee("95658"))
            .take(count - 1)
            .chain([insee("95658")])
            .collect()
    };
    given([])
        .when(on(START).entry(launching(|launch| launch.zone = communes(1000))))
        .then_recorded();
    given([])
        .when(on(START).entry(launching(|launch| launch.zone = communes(1001))))
        .refused(Refusal::TooMany { max: 1000 });
}

#[test]
fn operators_are_named_once() {
    given([])
        .when(on(START).entry(launching(|launch| launch.operators.clear())))
        .refused(Refusal::NoOperator);
    given([])
        .when(on(START).entry(launching(|launch| {
            launch
                .operators
                .push(operator("caf", "Caisse d'allocations familiales"));
        })))
        .refused(Refusal::OperatorTwice {
            code: crate::given::slug("caf"),
        });
    given([])
        .when(on(START).entry(launching(|launch| {
            launch.operators = (0..101)
                .map(|n| operator(&format!("op-{n}"), "Opérateur"))
                .collect();
        })))
        .refused(Refusal::TooMany { max: 100 });
}

#[test]
fn dates_lie_in_civil_years() {
    given([])
        .when(on("1989-12-31").entry(ExperimentCommand::Launch(launch())))
        .refused(Refusal::DateOutOfRange {
            date: date("1989-12-31"),
        });
    given([])
        .when(on(START).entry(launching(|launch| launch.planned_end = date("2201-01-01"))))
        .refused(Refusal::DateOutOfRange {
            date: date("2201-01-01"),
        });
    given([])
        .when(
            on(START)
                .source("Un livre", "0021-05-06")
                .entry(ExperimentCommand::Launch(launch())),
        )
        .refused(Refusal::DateOutOfRange {
            date: date("0021-05-06"),
        });
    given([])
        .when(
            on(START)
                .until("2200-01-01")
                .entry(ExperimentCommand::Launch(launch())),
        )
        .refused(Refusal::DateOutOfRange {
            date: date("2200-01-01"),
        });
}

#[test]
fn a_validity_does_not_end_before_it_begins() {
    given([])
        .when(
            on(START)
                .until("2021-04-26")
                .entry(ExperimentCommand::Launch(launch())),
        )
        .refused(Refusal::PeriodInverted {
            from: date(START),
            until: date("2021-04-26"),
        });
}

/// The bug it catches: criteria make an experiment known, and so pass for its launch.
#[test]
fn what_was_not_launched_has_no_course() {
    let fixed = on("2021-04-01").fact(ExperimentEvent::CriteriaFixed(criteria()));
    let extend = || on("2021-07-20").entry(ExperimentCommand::Extend(extension("2021-10-27")));
    given([]).when(extend()).refused(Refusal::UnknownExperiment);
    given([fixed]).when(extend()).refused(Refusal::NotLaunched);
}
