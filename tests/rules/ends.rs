//! What sources assert: ends that disagree, ends corrected, statements.

use carnet::domain::{
    event::Fact,
    experiment::{ExperimentCommand, ExperimentEvent, Statement, Topic},
    refusal::Refusal,
    terms::Position,
    world::World,
};

use crate::given::{START, VIGNY, date, end, given, launch, launched, on, words};

const PREFECTURE: (&str, &str) = ("Préfecture du Nord", "2021-05-17");

fn asserted(day: &str) -> Fact {
    on("2021-05-06").fact(ExperimentEvent::EndAsserted(end(day)))
}

/// Each end, with the position of what took its place.
fn ends(world: &World) -> Vec<(String, Option<u64>)> {
    let known = world.experiment(VIGNY).unwrap();
    known
        .ends
        .iter()
        .map(|end| {
            let superseded_by = end.superseded_by.map(|position| position.0);
            (end.what.end.to_string(), superseded_by)
        })
        .collect()
}

/// The bug it catches: one source silently chosen over another, or the planned end moved by it.
#[test]
fn ends_that_disagree_are_all_kept() {
    let world = given([launched(), asserted("2021-07-08")])
        .when(
            on("2021-05-17")
                .source(PREFECTURE.0, PREFECTURE.1)
                .entry(ExperimentCommand::AssertEnd(end("2021-06-30"))),
        )
        .then_recorded();
    assert_eq!(
        ends(&world),
        [
            ("2021-07-08".to_owned(), None),
            ("2021-06-30".to_owned(), None)
        ]
    );
    let known = world.experiment(VIGNY).unwrap();
    assert_eq!(known.end(), Some(date("2021-07-27")));
}

#[test]
fn an_end_is_asserted_once_by_a_source() {
    given([launched(), asserted("2021-07-08")])
        .when(on("2021-05-06").entry(ExperimentCommand::AssertEnd(end("2021-07-08"))))
        .then_nothing();
}

#[test]
fn a_corrected_end_is_marked_and_kept() {
    let world = given([launched(), asserted("2021-07-08"), asserted("2021-07-27")])
        .when(
            on("2021-05-06")
                .correcting(2)
                .entry(ExperimentCommand::AssertEnd(end("2021-06-30"))),
        )
        .then_recorded();
    assert_eq!(
        ends(&world),
        [
            ("2021-07-08".to_owned(), Some(4)),
            ("2021-07-27".to_owned(), None),
            ("2021-06-30".to_owned(), None),
        ]
    );
}

/// The bug it catches: a correction lost because another entry happens to say the same.
#[test]
fn a_correction_to_what_is_said_elsewhere_still_corrects() {
    let world = given([launched(), asserted("2021-06-30"), asserted("2021-07-08")])
        .when(
            on("2021-05-06")
                .correcting(2)
                .entry(ExperimentCommand::AssertEnd(end("2021-07-08"))),
        )
        .then_recorded();
    assert_eq!(ends(&world)[0], ("2021-06-30".to_owned(), Some(4)));
}

#[test]
fn a_correction_that_changes_nothing_is_already_so() {
    given([launched(), asserted("2021-07-08")])
        .when(
            on("2021-05-06")
                .correcting(2)
                .entry(ExperimentCommand::AssertEnd(end("2021-07-08"))),
        )
        .then_nothing();
}

/// The bug it catches: a correction that hits another kind of entry, nothing at all, or what was
/// corrected before.
#[test]
fn only_an_end_in_force_is_corrected() {
    let correction = on("2021-05-06")
        .correcting(2)
        .fact(ExperimentEvent::EndAsserted(end("2021-07-01")));
    // A launch, an end corrected already, nothing.
    for position in [1, 2, 9] {
        given([launched(), asserted("2021-07-08"), correction.clone()])
            .when(
                on("2021-05-06")
                    .correcting(position)
                    .entry(ExperimentCommand::AssertEnd(end("2021-06-15"))),
            )
            .refused(Refusal::NotCorrectable {
                position: Position(position),
            });
    }
}

#[test]
fn an_end_does_not_precede_a_sure_start() {
    given([launched()])
        .when(on("2021-05-06").entry(ExperimentCommand::AssertEnd(end("2021-04-26"))))
        .refused(Refusal::EndBeforeStart {
            end: date("2021-04-26"),
            start: date(START),
        });
    let perhaps_earlier = on(START)
        .at_the_latest()
        .fact(ExperimentEvent::Launched(launch()));
    given([perhaps_earlier])
        .when(on("2021-05-06").entry(ExperimentCommand::AssertEnd(end("2021-04-26"))))
        .then_recorded();
}

#[test]
fn an_end_lies_in_civil_years() {
    given([launched()])
        .when(on("2021-05-06").entry(ExperimentCommand::AssertEnd(end("2921-07-08"))))
        .refused(Refusal::DateOutOfRange {
            date: date("2921-07-08"),
        });
}

#[test]
fn statements_are_kept_beside_each_other() {
    let says = |text: &str| Statement {
        topic: Topic::HubHours,
        words: words(text),
    };
    let first = on("2021-05-06").fact(ExperimentEvent::StatementRecorded(says(
        "Le jeudi de 15 h à 17 h 30",
    )));
    let world = given([launched(), first])
        .when(
            on("2020-01-01")
                .source("Liste des sites", "2020-01-01")
                .entry(ExperimentCommand::RecordStatement(says(
                    "Le jeudi de 14 h 30 à 16 h",
                ))),
        )
        .then_recorded();
    assert_eq!(world.experiment(VIGNY).unwrap().statements.len(), 2);
    given([])
        .when(on("2021-05-06").entry(ExperimentCommand::RecordStatement(says("Rien"))))
        .refused(Refusal::UnknownExperiment);
}
