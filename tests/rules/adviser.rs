//! Advisers: registered, renamed, erased. Their names are sealed: here they are any sealed text.

use carnet::domain::{
    adviser::{AdviserCommand, AdviserEvent, Registration, Renaming, leaves_unnamed},
    event::Fact,
    permanence::AdviserRole,
    refusal::Refusal,
    terms::{PersonId, Sealed},
};
use uuid::Uuid;

use crate::given::{ADVISER, START, date, given, on, reason};

fn sealed(text: &str) -> Sealed {
    Sealed::try_new(ADVISER.person(), text.to_owned()).unwrap()
}

fn registration(name: &str) -> Registration {
    Registration {
        name: sealed(name),
        role: AdviserRole::DeskOfficer,
    }
}

fn register(name: &str) -> AdviserCommand {
    AdviserCommand::Register(registration(name))
}

fn rename(name: &str) -> AdviserCommand {
    AdviserCommand::Rename(Renaming { name: sealed(name) })
}

fn erase() -> AdviserCommand {
    AdviserCommand::Erase(reason("Demande écrite du 3 juin"))
}

pub(crate) fn registered() -> Fact {
    on(START).fact(AdviserEvent::Registered(registration("first")))
}

fn renamed(day: &str, name: &str) -> Fact {
    on(day).fact(AdviserEvent::Renamed(Renaming { name: sealed(name) }))
}

pub(crate) fn erased(day: &str) -> Fact {
    on(day).fact(AdviserEvent::Erased(reason("Demande écrite du 3 juin")))
}

#[test]
fn an_adviser_is_registered_once() {
    let world = given([])
        .when(on(START).entry(register("first")))
        .then([registered()]);
    let adviser = world.adviser(ADVISER).unwrap();
    assert_eq!(
        adviser.registered.as_ref().unwrap().what,
        AdviserRole::DeskOfficer
    );
    given([registered()])
        .when(on(START).entry(register("other")))
        .refused(Refusal::AdviserAlreadyRegistered);
    let expert = Registration {
        role: AdviserRole::PostalServiceExpert,
        ..registration("first")
    };
    given([registered()])
        .when(on(START).entry(AdviserCommand::Register(expert)))
        .refused(Refusal::AdviserAlreadyRegistered);
    given([registered()])
        .when(on("2021-04-28").entry(register("first")))
        .refused(Refusal::AdviserAlreadyRegistered);
}

/// The bug it catches: a name that is told late, or ahead of its day, borne on the wrong days.
#[test]
fn a_name_is_borne_from_its_day_on() {
    let world = given([registered(), renamed("2021-07-01", "third")])
        .when(on("2021-06-01").entry(rename("second")))
        .then([renamed("2021-06-01", "second")]);
    let adviser = world.adviser(ADVISER).unwrap();
    for (day, name) in [
        ("2021-04-01", "first"),
        (START, "first"),
        ("2021-05-31", "first"),
        ("2021-06-01", "second"),
        ("2021-06-30", "second"),
        ("2021-07-01", "third"),
    ] {
        let borne = adviser.name_on(date(day)).unwrap();
        assert_eq!(borne.what, sealed(name), "on {day}");
    }
    // Of two from the same day, what was recorded last.
    let world = given([registered(), renamed("2021-06-01", "second")])
        .when(on("2021-06-01").entry(rename("third")))
        .then_recorded();
    let adviser = world.adviser(ADVISER).unwrap();
    let borne = adviser.name_on(date("2021-06-01")).unwrap();
    assert_eq!(borne.what, sealed("third"));
}

#[test]
fn only_who_is_registered_is_renamed_and_not_before() {
    given([])
        .when(on(START).entry(rename("second")))
        .refused(Refusal::UnknownAdviser);
    given([registered()])
        .when(on("2021-04-26").entry(rename("second")))
        .refused(Refusal::BeforeRegistration { from: date(START) });
}

/// The bug it catches: a name sealed with another person's key, which would not go when its bearer
/// is erased.
#[test]
fn a_name_is_sealed_with_the_key_of_its_bearer() {
    let stray = || Sealed::try_new(PersonId(Uuid::from_u128(4)), "stray".to_owned()).unwrap();
    let registration = Registration {
        name: stray(),
        ..registration("first")
    };
    given([])
        .when(on(START).entry(AdviserCommand::Register(registration)))
        .refused(Refusal::SealedForAnother);
    let renaming = Renaming { name: stray() };
    given([registered()])
        .when(on("2021-06-01").entry(AdviserCommand::Rename(renaming)))
        .refused(Refusal::SealedForAnother);
}

/// The bug it catches: somebody who was erased comes back under a new key.
#[test]
fn who_is_erased_stays_erased() {
    let history = || [registered(), renamed("2021-06-01", "second")];
    let world = given(history())
        .when(on("2021-06-03").entry(erase()))
        .then([erased("2021-06-03")]);
    let adviser = world.adviser(ADVISER).unwrap();
    assert_eq!(adviser.names, []);
    assert_eq!(adviser.version, 3);
    assert!(
        adviser.registered.is_some(),
        "that there was somebody stays"
    );

    let history = || [registered(), erased("2021-06-03")];
    given(history())
        .when(on(START).entry(register("first")))
        .refused(Refusal::PersonErased);
    given(history())
        .when(on("2021-06-04").entry(rename("second")))
        .refused(Refusal::PersonErased);
    given(history())
        .when(on("2021-06-04").entry(erase()))
        .refused(Refusal::PersonErased);
    given(history())
        .when(on("2021-06-03").entry(erase()))
        .then_nothing();
    given([])
        .when(on("2021-06-03").entry(erase()))
        .refused(Refusal::UnknownAdviser);
}

/// The bug it catches: a reason that stays readable and says whom it was about.
#[test]
fn what_is_not_sealed_names_nobody() {
    for text in [
        "Camille Martin l'a demandé",
        "demande de CAMILLE  MARTIN.",
        "(camille-martin)",
    ] {
        assert_eq!(
            leaves_unnamed(text, "Camille Martin"),
            Err(Refusal::NamesThePerson),
            "{text}"
        );
    }
    for text in [
        "Demande du 3 juin",
        "Camille l'a demandé",
        "camilles martins",
    ] {
        assert_eq!(leaves_unnamed(text, "Camille Martin"), Ok(()), "{text}");
    }
    assert_eq!(leaves_unnamed("Travaux sous la lucarne", "Luc"), Ok(()));
    assert_eq!(leaves_unnamed("Demande du 3 juin", "-"), Ok(()));
}

/// The bug it catches: a log that holds as sealed what no key ever sealed.
#[test]
fn a_sealed_text_is_base64_and_bounded() {
    let person = ADVISER.person();
    for text in ["", "=", "Camille Martin", "é", "AAAA\n"] {
        assert!(Sealed::try_new(person, text.to_owned()).is_err(), "{text}");
    }
    let longest = "A".repeat(Sealed::CHARACTERS_MAX);
    assert!(Sealed::try_new(person, longest.clone()).is_ok());
    assert!(Sealed::try_new(person, longest + "A").is_err());
    let stored = serde_json::to_string(&sealed("AAA=")).unwrap();
    assert_eq!(
        serde_json::from_str::<Sealed>(&stored).unwrap(),
        sealed("AAA=")
    );
    let bad = stored.replace("AAA=", "Camille Martin");
    assert!(serde_json::from_str::<Sealed>(&bad).is_err());
}
