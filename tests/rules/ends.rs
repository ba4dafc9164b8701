//! What sources assert: ends that disagree, statements.

use carnet::domain::{
    event::Fact,
    experiment::{ExperimentCommand, ExperimentEvent, Statement, Topic},
    refusal::Refusal,
    world::World,
};

use crate::given::{START, VIGNY, date, end, given, launch, launched, on, words};

const PREFECTURE: (&str, &str) = ("Préfecture du Nord", "2021-05-17");

fn asserted(day: &str) -> Fact {
    on("2021-05-06").fact(ExperimentEvent::EndAsserted(end(day)))
}

/// Each end that stands.
fn ends(world: &World) -> Vec<String> {
    let known = world.experiment(VIGNY).unwrap();
    let ends = known.ends.iter();
    ends.map(|end| end.what.end.to_string()).collect()
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
    assert_eq!(ends(&world), ["2021-07-08", "2021-06-30"]);
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
