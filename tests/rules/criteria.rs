//! Hypotheses and success criteria: fixed before, or flagged post hoc.

use carnet::domain::{
    event::Fact,
    experiment::{Comparison, Criterion, ExperimentCommand, ExperimentEvent},
    refusal::Refusal,
    world::World,
};

use crate::given::{START, VIGNY, criteria, date, given, launch, launched, on, slug, title, words};

fn fixed(day: &str) -> Fact {
    on(day).fact(ExperimentEvent::CriteriaFixed(criteria()))
}

fn post_hoc(world: &World) -> Vec<bool> {
    let known = world.experiment(VIGNY).unwrap();
    known.criteria.iter().map(|set| set.post_hoc).collect()
}

#[test]
fn criteria_are_fixed_before_the_launch() {
    let world = given([])
        .when(on("2021-04-26").entry(ExperimentCommand::FixCriteria(criteria())))
        .then([fixed("2021-04-26")]);
    let known = world.experiment(VIGNY).unwrap();
    assert_eq!(known.title(), Some(&criteria().title));
    let world = given([fixed("2021-04-26")])
        .when(on(START).entry(ExperimentCommand::Launch(launch())))
        .then([launched()]);
    assert_eq!(post_hoc(&world), [false]);
}

/// The bug it catches: criteria fixed on the very first day pass for fixed beforehand.
#[test]
fn criteria_fixed_on_the_first_day_or_later_are_post_hoc() {
    for (day, flagged) in [("2021-04-26", false), (START, true), ("2021-05-10", true)] {
        let world = given([fixed(day)])
            .when(on(START).entry(ExperimentCommand::Launch(launch())))
            .then([launched()]);
        assert_eq!(post_hoc(&world), [flagged], "fixed on {day}");
    }
}

/// The bug it catches: criteria written after the launch and dated before it pass for fixed
/// beforehand, though nothing proves it.
#[test]
fn criteria_recorded_after_the_launch_are_post_hoc() {
    let world = given([fixed("2021-04-01"), launched()])
        .when(on("2021-04-02").entry(ExperimentCommand::FixCriteria(criteria())))
        .then([fixed("2021-04-02")]);
    assert_eq!(post_hoc(&world), [false, true]);
}

#[test]
fn criteria_may_change_and_come_back() {
    let mut stricter = criteria();
    stricter.hypothesis = words("Elles les rapprochent davantage.");
    let changed = on("2021-04-02").fact(ExperimentEvent::CriteriaFixed(stricter));
    let world = given([fixed("2021-04-01"), changed])
        .when(on("2021-04-01").entry(ExperimentCommand::FixCriteria(criteria())))
        .then([fixed("2021-04-01")]);
    assert_eq!(world.experiment(VIGNY).unwrap().criteria.len(), 3);
}

#[test]
fn criteria_are_one_for_each_indicator() {
    let mut none = criteria();
    none.criteria.clear();
    given([])
        .when(on("2021-04-01").entry(ExperimentCommand::FixCriteria(none)))
        .refused(Refusal::NoCriterion);

    let mut twice = criteria();
    twice.criteria.push(Criterion {
        comparison: Comparison::AtMost,
        ..twice.criteria[0].clone()
    });
    given([])
        .when(on("2021-04-01").entry(ExperimentCommand::FixCriteria(twice)))
        .refused(Refusal::CriterionTwice {
            indicator: slug("satisfaction-moyenne"),
        });

    let mut many = criteria();
    many.criteria = (0..101)
        .map(|n| Criterion {
            indicator: slug(&format!("i-{n}")),
            ..criteria().criteria[0].clone()
        })
        .collect();
    given([])
        .when(on("2021-04-01").entry(ExperimentCommand::FixCriteria(many)))
        .refused(Refusal::TooMany { max: 100 });
}

#[test]
fn a_closed_experiment_takes_no_criteria() {
    given([launched(), crate::course::closed("2021-07-28")])
        .when(on("2021-04-01").entry(ExperimentCommand::FixCriteria(criteria())))
        .refused(Refusal::ExperimentClosed {
            on: date("2021-07-28"),
        });
}

/// The bug it catches: the launch's name hidden behind that of later criteria.
#[test]
fn the_launch_names_the_experiment() {
    let mut renamed = criteria();
    renamed.title = title("Vigny, bilan");
    let world = given([launched()])
        .when(on("2021-05-01").entry(ExperimentCommand::FixCriteria(renamed)))
        .then_recorded();
    assert_eq!(
        world.experiment(VIGNY).unwrap().title(),
        Some(&launch().title)
    );
}
