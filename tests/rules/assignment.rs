//! Where advisers work, and when they are absent.

use carnet::domain::{
    adviser::{Absence, Adviser, AdviserCommand, AdviserEvent, Assignment, Place, Registration},
    entry::Command,
    event::{Fact, StreamId},
    experiment::{Closure, ExperimentEvent},
    permanence::{AdviserRole, PermanenceEvent},
    refusal::Refusal,
    terms::{PermanenceId, Position, Sealed},
    world::World,
};
use uuid::Uuid;

use crate::given::{
    ADVISER, NORD, START, TUESDAY, VIGNY, date, given, grisy_agreed, launch, launched, on, reason,
    scheduled, words,
};
use crate::sentence::told;

const HUB: Assignment = Assignment {
    experiment: VIGNY,
    place: Place::Hub,
};
const ON_TUESDAYS: Assignment = Assignment {
    experiment: VIGNY,
    place: Place::Permanence(TUESDAY),
};

fn registered() -> Fact {
    on("2021-01-01").fact(AdviserEvent::Registered(Registration {
        name: Sealed::try_new(ADVISER.person(), "name".to_owned()).unwrap(),
        role: AdviserRole::DeskOfficer,
    }))
}

fn story() -> Vec<Fact> {
    vec![registered(), launched(), grisy_agreed(), scheduled()]
}

fn and(fact: Fact) -> Vec<Fact> {
    let mut story = story();
    story.push(fact);
    story
}

fn assigned(day: &str, assignment: Assignment) -> Fact {
    on(day).fact(AdviserEvent::Assigned(assignment))
}

fn absent(from: &str, until: &str) -> Fact {
    on(from).until(until).fact(AdviserEvent::Absent(Absence {}))
}

fn adviser(world: &World) -> &Adviser {
    world.adviser(ADVISER).unwrap()
}

/// Catches: an adviser who can only be at one place of an experiment, or who stays for ever.
#[test]
fn an_adviser_is_assigned_to_places_and_leaves_them() {
    let world = given(and(assigned(START, HUB)))
        .when(on("2021-05-01").entry(AdviserCommand::Assign(ON_TUESDAYS)))
        .then_recorded();
    assert_eq!(adviser(&world).assignments.all().len(), 2);
    let mut both = and(assigned(START, HUB));
    both.push(assigned("2021-05-01", ON_TUESDAYS));
    let world = given(both)
        .when(on("2021-06-01").entry(AdviserCommand::Unassign(HUB)))
        .then_recorded();
    let [hub, tuesdays] = adviser(&world).assignments.all() else {
        panic!("two assignments were expected");
    };
    assert_eq!(hub.until, Some(date("2021-05-31")));
    assert_eq!(tuesdays.until, None);
    assert!(adviser(&world).works_for(VIGNY, date("2021-06-01")));
    assert!(!adviser(&world).works_for(VIGNY, date("2021-04-26")));
    assert!(!adviser(&world).works_for(NORD, date("2021-06-01")));
}

#[test]
fn an_adviser_is_assigned_to_a_place_once_at_a_time() {
    given(and(assigned(START, HUB)))
        .when(on("2021-05-01").entry(AdviserCommand::Assign(HUB)))
        .refused(Refusal::AlreadyAssigned { since: date(START) });
    given(and(assigned(START, HUB)))
        .when(on("2021-05-01").entry(AdviserCommand::Unassign(ON_TUESDAYS)))
        .refused(Refusal::NotAssigned {
            on: date("2021-05-01"),
        });
    let until = on(START).until("2021-05-31");
    given(and(until.fact(AdviserEvent::Assigned(HUB))))
        .when(on("2021-06-01").entry(AdviserCommand::Assign(HUB)))
        .then_recorded();
}

/// Catches: an assignment to what is not known, not yet there, over, or somebody else's.
#[test]
fn an_adviser_is_assigned_to_what_there_is() {
    let assigned = |day: &str, facts: Vec<Fact>, assignment| {
        given(facts).when(on(day).entry(AdviserCommand::Assign(assignment)))
    };
    assigned(START, vec![registered()], HUB).refused(Refusal::UnknownExperiment);
    assigned(START, vec![registered(), launched()], ON_TUESDAYS)
        .refused(Refusal::UnknownPermanence);
    let unknown = Assignment {
        place: Place::Permanence(PermanenceId(Uuid::from_u128(77))),
        ..HUB
    };
    assigned(START, story(), unknown).refused(Refusal::UnknownPermanence);
    let first = date(START);
    assigned("2021-04-26", story(), ON_TUESDAYS).refused(Refusal::BeforeSchedule { first });
    let nord = on("2021-04-08").fact((NORD, ExperimentEvent::Launched(launch())));
    let elsewhere = Assignment {
        experiment: NORD,
        ..ON_TUESDAYS
    };
    assigned(START, and(nord), elsewhere).refused(Refusal::PermanenceOfAnotherExperiment);
    let closed = on("2021-06-01").fact(PermanenceEvent::Closed(reason("Trop peu de demandes")));
    assigned("2021-06-01", and(closed), ON_TUESDAYS).refused(Refusal::PermanenceClosed {
        on: date("2021-06-01"),
    });
    let over = on("2021-08-01").fact(ExperimentEvent::Closed(Closure {
        reason: words("Terme atteint"),
        evidence: None,
    }));
    assigned("2021-08-01", and(over), HUB).refused(Refusal::ExperimentClosed {
        on: date("2021-08-01"),
    });
}

/// Catches: an absence without end, or two that overlap and are counted twice.
#[test]
fn an_absence_is_of_closed_days() {
    let absence = || AdviserCommand::NoteAbsence(Absence {});
    let world = given(and(absent("2021-05-10", "2021-05-14")))
        .when(on("2021-05-15").until("2021-05-16").entry(absence()))
        .then_recorded();
    let absences = &adviser(&world).absences;
    assert!(absences.covering(date("2021-05-16")).is_some());
    assert!(absences.covering(date("2021-05-17")).is_none());
    given(story())
        .when(on("2021-05-10").entry(absence()))
        .refused(Refusal::NoLastDay);
    given(and(absent("2021-05-10", "2021-05-14")))
        .when(on("2021-05-14").until("2021-05-20").entry(absence()))
        .refused(Refusal::AlreadyAbsent {
            since: date("2021-05-10"),
        });
}

#[test]
fn only_somebody_known_and_in_that_role_is_assigned_or_absent() {
    let commands = || {
        [
            AdviserCommand::Assign(HUB),
            AdviserCommand::Unassign(HUB),
            AdviserCommand::NoteAbsence(Absence {}),
        ]
    };
    for command in commands() {
        given([launched()])
            .when(on("2021-05-01").until("2021-05-02").entry(command))
            .refused(Refusal::UnknownAdviser);
    }
    for command in commands() {
        given(story())
            .when(on("2020-12-31").until("2021-05-02").entry(command))
            .refused(Refusal::BeforeRegistration {
                from: date("2021-01-01"),
            });
    }
    let erased = on("2021-06-03").fact(AdviserEvent::Erased(reason("Demande écrite")));
    for command in commands() {
        given(and(erased.clone()))
            .when(on("2021-05-01").until("2021-05-02").entry(command))
            .refused(Refusal::PersonErased);
    }
}

/// Catches: an end of an assignment left behind by what it ended.
#[test]
fn an_assignment_that_ended_is_not_retracted_alone() {
    let mut facts = and(assigned(START, HUB));
    facts.push(on("2021-06-01").fact(AdviserEvent::Unassigned(HUB)));
    let retraction = Command::Retract(StreamId::Adviser(ADVISER));
    given(facts)
        .when(on("2021-07-01").correcting(5).entry(retraction))
        .refused(Refusal::Contradicts {
            position: Position(6),
            why: Box::new(Refusal::NotAssigned {
                on: date("2021-06-01"),
            }),
        });
}

#[test]
fn assignments_and_absences_are_told_in_french() {
    told(
        &assigned(START, HUB),
        "Conseiller affecté au bureau, à compter du 27 avril 2021.",
    );
    let until = on(START).until("2021-07-26");
    told(
        &until.fact(AdviserEvent::Assigned(ON_TUESDAYS)),
        "Conseiller affecté à une permanence, du 27 avril 2021 au 26 juillet 2021 inclus.",
    );
    told(
        &on("2021-06-01").fact(AdviserEvent::Unassigned(HUB)),
        "Fin de l'affectation d'un conseiller au bureau à compter du 1er juin 2021.",
    );
    told(
        &absent("2021-05-10", "2021-05-14"),
        "Conseiller absent du 10 mai 2021 au 14 mai 2021 inclus.",
    );
}
