//! What sources counted as a whole.

use carnet::domain::{
    event::Fact,
    experiment::{
        AppointmentState, AssertedCount, CountQualifier, CountUnit, ExperimentCommand,
        ExperimentEvent,
    },
    refusal::Refusal,
    terms::Position,
    world::World,
};

use crate::given::{Said, VIGNY, given, launched, on, words};
use crate::sentence::told;

/// Seventy-nine or more, held.
fn held() -> AssertedCount {
    AssertedCount {
        unit: CountUnit::Appointment,
        state: Some(AppointmentState::Held),
        qualifier: CountQualifier::AtLeast,
        count: 79,
        words: Some(words("plus de 79 rendez-vous")),
    }
}

fn plain(unit: CountUnit, count: u32) -> AssertedCount {
    AssertedCount {
        unit,
        state: None,
        qualifier: CountQualifier::Exactly,
        count,
        words: None,
    }
}

fn assert(count: AssertedCount) -> ExperimentCommand {
    ExperimentCommand::AssertCount(count)
}

fn asserted(said: Said, count: AssertedCount) -> Fact {
    said.fact(ExperimentEvent::CountAsserted(count))
}

/// Twenty-nine days.
fn april() -> Said {
    on("2021-04-08").until("2021-05-06")
}

fn counts(world: &World) -> Vec<u32> {
    let known = world.experiment(VIGNY).unwrap().asserted_counts.iter();
    known.map(|count| count.what.count).collect()
}

/// Catches: a count that takes the place of what another source counted, or that is added to it.
#[test]
fn what_sources_count_stands_side_by_side() {
    let visit = || asserted(april(), held());
    let world = given([launched(), visit()])
        .when(
            april()
                .source("La Poste", "2021-05-10")
                .entry(assert(plain(CountUnit::Appointment, 85))),
        )
        .then_recorded();
    assert_eq!(counts(&world), [79, 85]);
    let world = given([launched(), visit()])
        .when(april().entry(assert(plain(CountUnit::Visit, 79))))
        .then_recorded();
    assert_eq!(counts(&world), [79, 79]);
    given([launched(), visit()])
        .when(april().entry(assert(held())))
        .then_nothing();
}

/// Catches: a count of nobody knows which days, or of a unit that is neither booked nor held.
#[test]
fn a_count_is_of_a_closed_period_and_of_one_unit() {
    given([launched()])
        .when(on("2021-04-08").entry(assert(held())))
        .refused(Refusal::NoLastDay);
    for unit in [
        CountUnit::Accompaniment,
        CountUnit::Request,
        CountUnit::Visit,
    ] {
        given([launched()])
            .when(april().entry(assert(AssertedCount { unit, ..held() })))
            .refused(Refusal::StateOfAppointments);
    }
    given([])
        .when(april().entry(assert(held())))
        .refused(Refusal::UnknownExperiment);
}

/// Catches: a correction that is counted beside what it corrects.
#[test]
fn a_count_is_corrected() {
    let story = || [launched(), asserted(april(), held())];
    let world = given(story())
        .when(
            april()
                .correcting(2)
                .entry(assert(plain(CountUnit::Appointment, 97))),
        )
        .then_recorded();
    assert_eq!(counts(&world), [97]);
    let known = &world.experiment(VIGNY).unwrap().asserted_counts[0];
    assert_eq!((known.place, known.position), (Position(2), Position(3)));
}

#[test]
fn counts_are_told_in_french() {
    told(
        &asserted(april(), held()),
        "Décompte donné par une source, du 8 avril 2021 au 6 mai 2021 inclus : au moins 79 \
         rendez-vous tenus (« plus de 79 rendez-vous »).",
    );
    let day = || on("2021-05-07").until("2021-05-07");
    for (unit, one, many) in [
        (CountUnit::Appointment, "rendez-vous", "rendez-vous"),
        (
            CountUnit::Accompaniment,
            "accompagnement",
            "accompagnements",
        ),
        (CountUnit::Request, "demande", "demandes"),
        (CountUnit::Visit, "visite", "visites"),
    ] {
        for (count, word) in [(0, one), (1, one), (2, many)] {
            told(
                &asserted(day(), plain(unit, count)),
                &format!(
                    "Décompte donné par une source, du 7 mai 2021 au 7 mai 2021 inclus : {count} \
                     {word}."
                ),
            );
        }
    }
    for (state, one, many) in [
        (AppointmentState::Booked, "pris", "pris"),
        (AppointmentState::Held, "tenu", "tenus"),
    ] {
        for (count, word) in [(1, one), (40, many)] {
            let count = AssertedCount {
                state: Some(state),
                qualifier: CountQualifier::About,
                ..plain(CountUnit::Appointment, count)
            };
            told(
                &asserted(day(), count.clone()),
                &format!(
                    "Décompte donné par une source, du 7 mai 2021 au 7 mai 2021 inclus : environ \
                     {} rendez-vous {word}.",
                    count.count
                ),
            );
        }
    }
}
