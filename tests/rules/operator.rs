//! Operators: they join the bundle of services, are renamed, and leave.

use carnet::domain::{
    entry::Command,
    event::{Event, Fact, StreamId},
    operator::{Departure, Joining, NameChange, Operator, OperatorEvent, OperatorKey},
    refusal::Refusal,
    terms::{OperatorId, Position},
    world::World,
};

use crate::given::{Said, date, given, on, slug, title, words};
use crate::sentence::told;

const CODE: &str = "pole-emploi";

fn id() -> OperatorId {
    OperatorId::of(&slug(CODE))
}

fn asked(event: &OperatorEvent) -> Command {
    Command::Operator(id(), event.clone())
}

fn fact(said: Said, event: &OperatorEvent) -> Fact {
    said.fact(Event::Operator(
        OperatorKey { operator: id() },
        event.clone(),
    ))
}

fn joined() -> OperatorEvent {
    OperatorEvent::Joined(Joining {
        code: slug(CODE),
        name: title("Pôle emploi"),
    })
}

fn renamed(name: &str) -> OperatorEvent {
    OperatorEvent::Renamed(NameChange { name: title(name) })
}

fn left() -> OperatorEvent {
    OperatorEvent::Left(Departure { reason: None })
}

fn operator(world: &World) -> &Operator {
    world.operator(id()).unwrap()
}

fn name_on(world: &World, day: &str) -> String {
    let name = operator(world).name_on(date(day)).unwrap();
    name.what.to_string()
}

/// Catches: a code that another identity could be drawn from, a day off at either end.
#[test]
fn an_operator_joins_and_leaves() {
    let world = given([fact(on("2020-01-01"), &joined())])
        .when(on("2023-07-01").entry(asked(&left())))
        .then_recorded();
    let operator = operator(&world);
    assert_eq!(operator.code, Some(slug(CODE)));
    for (day, member) in [
        ("2019-12-31", false),
        ("2020-01-01", true),
        ("2023-06-30", true),
        ("2023-07-01", false),
    ] {
        assert_eq!(operator.member_on(date(day)), member, "{day}");
    }
    let nobody = OperatorId::of(&slug("caf"));
    given([])
        .when(on("2020-01-01").entry(Command::Operator(nobody, joined())))
        .refused(Refusal::OperatorOfAnotherCode { code: slug(CODE) });
}

/// Catches: an operator counted twice, or one that can never come back.
#[test]
fn an_operator_joins_again_once_it_left() {
    let story = || {
        [
            fact(on("2020-01-01"), &joined()),
            fact(on("2021-01-01"), &left()),
        ]
    };
    let world = given(story())
        .when(on("2022-01-01").entry(asked(&joined())))
        .then_recorded();
    assert!(!operator(&world).member_on(date("2021-12-31")));
    assert!(operator(&world).member_on(date("2022-01-01")));
    given(story())
        .when(on("2020-06-01").entry(asked(&joined())))
        .refused(Refusal::AlreadyMember {
            since: date("2020-01-01"),
        });
    given(story())
        .when(on("2021-01-02").entry(asked(&left())))
        .refused(Refusal::NotMember {
            on: date("2021-01-02"),
        });
    given([])
        .when(on("2021-01-02").entry(asked(&left())))
        .refused(Refusal::UnknownOperator);
}

/// Catches: an earlier stretch told late that cannot be told, or that runs into the later one.
#[test]
fn an_earlier_membership_is_told_late() {
    let later = || fact(on("2022-01-01"), &joined());
    given([later()])
        .when(on("2018-01-01").entry(asked(&joined())))
        .refused(Refusal::AlreadyMember {
            since: date("2022-01-01"),
        });
    let world = given([later()])
        .when(on("2018-01-01").until("2019-12-31").entry(asked(&joined())))
        .then_recorded();
    assert!(operator(&world).member_on(date("2019-12-31")));
    assert!(!operator(&world).member_on(date("2020-01-01")));
}

/// Catches: a name borne on the wrong days, or lost because another source says it too.
#[test]
fn an_operator_is_renamed() {
    let joining = || fact(on("2020-01-01"), &joined());
    let world = given([joining()])
        .when(on("2024-01-01").entry(asked(&renamed("France Travail"))))
        .then_recorded();
    assert_eq!(name_on(&world, "2019-01-01"), "Pôle emploi");
    assert_eq!(name_on(&world, "2023-12-31"), "Pôle emploi");
    assert_eq!(name_on(&world, "2024-01-01"), "France Travail");
    let story = || {
        [
            joining(),
            fact(on("2024-01-01"), &renamed("France Travail")),
        ]
    };
    given(story())
        .when(on("2024-01-01").entry(asked(&renamed("France-Travail"))))
        .refused(Refusal::AlreadyRenamed {
            on: date("2024-01-01"),
        });
    let law = on("2024-01-01").source("Loi pour le plein emploi", "2023-12-18");
    let told = law.entry(asked(&renamed("France Travail")));
    given(story()).when(told).then_recorded();
    given([joining()])
        .when(on("2019-12-31").entry(asked(&renamed("ANPE"))))
        .refused(Refusal::BeforeMembership {
            from: date("2020-01-01"),
        });
    given([])
        .when(on("2024-01-01").entry(asked(&renamed("France Travail"))))
        .refused(Refusal::UnknownOperator);
}

/// A press release only shows that an operator had joined by then: it may have borne another name
/// before.
#[test]
fn a_joining_that_is_only_known_to_be_no_later_bounds_nothing() {
    given([fact(on("2021-05-06").at_the_latest(), &joined())])
        .when(on("2020-01-01").entry(asked(&renamed("Pôle Emploi"))))
        .then_recorded();
}

/// Catches: a joining that cannot be backdated, or that leaves what follows from it behind.
#[test]
fn a_joining_is_backdated() {
    let story = || {
        [
            fact(on("2021-05-06"), &joined()),
            fact(on("2023-07-01"), &left()),
        ]
    };
    let world = given(story())
        .when(on("2020-01-01").correcting(1).entry(asked(&joined())))
        .then_recorded();
    let [membership] = operator(&world).memberships.all() else {
        panic!("one membership was expected");
    };
    assert_eq!(membership.from(), date("2020-01-01"));
    assert_eq!(membership.until, Some(date("2023-06-30")));
    given(story())
        .when(on("2023-07-01").correcting(1).entry(asked(&joined())))
        .refused(Refusal::Contradicts {
            position: Position(2),
            why: Box::new(Refusal::NotMember {
                on: date("2023-07-01"),
            }),
        });
    let retraction = Command::Retract(StreamId::Operator(id()));
    given(story())
        .when(on("2024-01-01").correcting(1).entry(retraction))
        .refused(Refusal::Contradicts {
            position: Position(2),
            why: Box::new(Refusal::UnknownOperator),
        });
}

#[test]
fn a_departure_may_say_why() {
    let departure = OperatorEvent::Left(Departure {
        reason: Some(words("Fin de la convention nationale")),
    });
    let world = given([fact(on("2020-01-01"), &joined())])
        .when(on("2023-07-01").entry(asked(&departure)))
        .then_recorded();
    assert_eq!(operator(&world).departures.len(), 1);
}

#[test]
fn operators_are_told_in_french() {
    told(
        &fact(on("2021-05-06").at_the_latest(), &joined()),
        "L'opérateur « Pôle emploi » entre dans le bouquet de services au plus tard le 6 mai 2021.",
    );
    told(
        &fact(on("2020-01-01").until("2023-06-30"), &joined()),
        "L'opérateur « Pôle emploi » entre dans le bouquet de services le 1er janvier 2020, \
         jusqu'au 30 juin 2023 inclus.",
    );
    told(
        &fact(on("2024-01-01"), &renamed("France Travail")),
        "L'opérateur prend le nom « France Travail » à compter du 1er janvier 2024.",
    );
    told(
        &fact(on("2024-01-01"), &left()),
        "L'opérateur quitte le bouquet de services à compter du 1er janvier 2024.",
    );
    let reason = Some(words("Fin de la convention nationale"));
    told(
        &fact(on("2024-01-01"), &OperatorEvent::Left(Departure { reason })),
        "L'opérateur quitte le bouquet de services à compter du 1er janvier 2024 : Fin de la \
         convention nationale.",
    );
}
