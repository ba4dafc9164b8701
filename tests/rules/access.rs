//! Service tokens and grants: given for a time, taken away, never corrected.

use carnet::domain::{
    access::{
        GRANTS_MAX, Grant, Reach, Role,
        holder::{Granting, HolderEvent, HolderKey, Who, Withdrawal},
        token::{Issue, Revocation, TokenEvent, TokenKey},
    },
    entry::Command,
    event::{Event, Fact, StreamId},
    refusal::Refusal,
    terms::{FileHash, HolderId, Label, Siret, TokenId},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::given::{NORD, VIGNY, date, given, launched, on, title, words};
use crate::sentence::told;

const DAY: &str = "2021-08-02";
const TOKEN: TokenId = TokenId(Uuid::from_u128(0x7001));
/// That of the head office of La Poste.
const SIRET: &str = "35600000000048";

fn grant(role: Role, over: Reach) -> Grant {
    Grant { role, over }
}

fn evaluator() -> Grant {
    grant(Role::Evaluator, Reach::Programme)
}

fn la_poste() -> Reach {
    Reach::Organisation(Label::try_new("La Poste").unwrap())
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn issue(grants: impl IntoIterator<Item = Grant>) -> Issue {
    Issue {
        name: title("Tableau de bord"),
        hash: FileHash::of([0xab; 32]),
        grants: grants.into_iter().collect(),
        expires: None,
    }
}

fn ask(event: TokenEvent) -> Command {
    Command::Token(TOKEN, event)
}

fn issued(issue: Issue) -> Fact {
    let key = TokenKey { token: TOKEN };
    on(DAY).fact(Event::Token(key, TokenEvent::Issued(issue)))
}

fn revocation() -> TokenEvent {
    TokenEvent::Revoked(Revocation {
        reason: Some(words("Retrouvé dans un courriel")),
    })
}

fn organisation() -> Who {
    Who::Organisation(Siret::try_new(SIRET).unwrap())
}

fn granting(grant: Grant) -> Granting {
    Granting {
        who: organisation(),
        grant,
        expires: None,
    }
}

fn withdrawal(grant: Grant) -> HolderEvent {
    HolderEvent::Revoked(Withdrawal {
        who: organisation(),
        grant,
        reason: None,
    })
}

fn to_holder(event: HolderEvent) -> Command {
    Command::Holder(HolderId::of(&organisation()), event)
}

fn of_holder(event: HolderEvent) -> Fact {
    let holder = HolderId::of(&organisation());
    on(DAY).fact(Event::Holder(HolderKey { holder }, event))
}

/// Catches: a token that proves something after its end or its revocation.
#[test]
fn a_token_holds_until_it_ends_or_is_revoked() {
    let until = "2021-09-01T00:00:00Z";
    let ending = Issue {
        expires: Some(instant(until)),
        ..issue([evaluator()])
    };
    let world = given([])
        .when(on(DAY).entry(ask(TokenEvent::Issued(ending.clone()))))
        .then_recorded();
    let token = world.token(TOKEN).unwrap();
    assert_eq!(
        token.in_force(instant("2021-08-31T23:59:59Z")),
        Some(&ending)
    );
    assert_eq!(token.in_force(instant(until)), None);
    let world = given([issued(ending)])
        .when(on(DAY).entry(ask(revocation())))
        .then_recorded();
    let token = world.token(TOKEN).unwrap();
    assert_eq!(token.in_force(instant("2021-08-02T00:00:00Z")), None);
}

/// Catches: a second token recorded where the first answer was lost.
#[test]
fn the_same_terms_again_are_already_so_whatever_was_drawn() {
    let again = Issue {
        hash: FileHash::of([0xac; 32]),
        ..issue([evaluator()])
    };
    given([issued(issue([evaluator()]))])
        .when(on(DAY).entry(ask(TokenEvent::Issued(again))))
        .then_nothing();
}

#[test]
fn other_terms_under_the_same_identity_are_refused() {
    given([issued(issue([evaluator()]))])
        .when(on(DAY).entry(ask(TokenEvent::Issued(issue([grant(
            Role::Funder,
            Reach::Programme,
        )])))))
        .refused(Refusal::TokenAlreadyIssued);
}

#[test]
fn a_token_revoked_twice_is_revoked_once() {
    let key = TokenKey { token: TOKEN };
    let revoked = on(DAY).fact(Event::Token(key, revocation()));
    given([issued(issue([evaluator()])), revoked])
        .when(on("2021-08-03").entry(ask(TokenEvent::Revoked(Revocation { reason: None }))))
        .then_nothing();
}

#[test]
fn what_was_never_issued_cannot_be_revoked() {
    given([])
        .when(on(DAY).entry(ask(revocation())))
        .refused(Refusal::UnknownToken);
}

#[test]
fn a_token_carries_some_grants_and_not_too_many() {
    given([])
        .when(on(DAY).entry(ask(TokenEvent::Issued(issue([])))))
        .refused(Refusal::GrantsMissing);
    let many = (0..=GRANTS_MAX).map(|number| {
        let name = Label::try_new(&format!("Organisation {number}")).unwrap();
        grant(Role::Carrier, Reach::Organisation(name))
    });
    given([])
        .when(on(DAY).entry(ask(TokenEvent::Issued(issue(many)))))
        .refused(Refusal::TooMany { max: GRANTS_MAX });
}

#[test]
fn nothing_ends_before_it_begins() {
    let ended = Issue {
        expires: Some(instant("2021-08-01T23:00:00Z")),
        ..issue([evaluator()])
    };
    given([])
        .when(on(DAY).entry(ask(TokenEvent::Issued(ended))))
        .refused(Refusal::ExpiresTooEarly { from: date(DAY) });
}

/// Catches: a carrier of everything, an administrator of a part, a role over what is not there.
#[test]
fn a_role_is_over_what_it_can_be_over() {
    for wrong in [
        grant(Role::Carrier, Reach::Programme),
        grant(Role::Administrator, la_poste()),
        grant(Role::Administrator, Reach::Experiment(VIGNY)),
    ] {
        given([launched()])
            .when(on(DAY).entry(to_holder(HolderEvent::Granted(granting(wrong)))))
            .refused(Refusal::ReachOfAnotherRole);
    }
    given([launched()])
        .when(on(DAY).entry(ask(TokenEvent::Issued(issue([grant(
            Role::Evaluator,
            Reach::Experiment(NORD),
        )])))))
        .refused(Refusal::UnknownExperiment);
    for right in [
        grant(Role::Carrier, la_poste()),
        grant(Role::Carrier, Reach::Experiment(VIGNY)),
        grant(Role::Funder, Reach::Programme),
        grant(Role::Administrator, Reach::Programme),
    ] {
        given([launched()])
            .when(on(DAY).entry(to_holder(HolderEvent::Granted(granting(right)))))
            .then_recorded();
    }
}

/// Catches: a grant that is told twice instead of prolonged, or one that outlives its revocation.
#[test]
fn what_is_granted_again_ends_when_it_is_last_said_to() {
    let longer = Granting {
        expires: Some(instant("2022-01-01T00:00:00Z")),
        ..granting(evaluator())
    };
    let first = of_holder(HolderEvent::Granted(granting(evaluator())));
    let world = given([first.clone()])
        .when(on(DAY).entry(to_holder(HolderEvent::Granted(longer.clone()))))
        .then_recorded();
    let holder = world.holder(HolderId::of(&organisation())).unwrap();
    let held: Vec<&Granting> = holder.grants.iter().map(|known| &known.what).collect();
    assert_eq!(held, [&longer]);
    let world = given([first])
        .when(on(DAY).entry(to_holder(withdrawal(evaluator()))))
        .then_recorded();
    let holder = world.holder(HolderId::of(&organisation())).unwrap();
    assert_eq!(holder.grants, []);
}

#[test]
fn what_was_never_granted_cannot_be_revoked() {
    let other = of_holder(HolderEvent::Granted(granting(evaluator())));
    given([other])
        .when(on(DAY).entry(to_holder(withdrawal(grant(Role::Funder, Reach::Programme)))))
        .refused(Refusal::NotGranted);
}

#[test]
fn a_holder_is_who_its_identity_says() {
    let id = HolderId::of(&Who::Account(FileHash::of([1; 32])));
    let command = Command::Holder(id, HolderEvent::Granted(granting(evaluator())));
    given([])
        .when(on(DAY).entry(command))
        .refused(Refusal::HolderOfAnotherIdentity);
}

/// Catches: a revocation that is retracted, and so gives back what was taken away.
#[test]
fn access_is_neither_corrected_nor_retracted() {
    let key = TokenKey { token: TOKEN };
    let facts = [
        issued(issue([evaluator()])),
        on(DAY).fact(Event::Token(key, revocation())),
        of_holder(HolderEvent::Granted(granting(evaluator()))),
        of_holder(withdrawal(evaluator())),
    ];
    let holder = HolderId::of(&organisation());
    for (position, subject) in [
        (2, StreamId::from(TOKEN)),
        (4, StreamId::from(holder)),
        (1, StreamId::from(TOKEN)),
    ] {
        given(facts.clone())
            .when(
                on(DAY)
                    .correcting(position)
                    .entry(Command::Retract(subject)),
            )
            .refused(Refusal::AccessNotCorrectable);
    }
    given(facts)
        .when(
            on(DAY)
                .correcting(1)
                .entry(ask(TokenEvent::Issued(issue([evaluator()])))),
        )
        .refused(Refusal::AccessNotCorrectable);
}

#[test]
fn a_siret_is_checked_by_its_last_digit() {
    for right in [
        SIRET,
        "356 000 000 00048",
        "73282932000074",
        "35600000012341",
    ] {
        let digits: String = right.chars().filter(|c| *c != ' ').collect();
        assert_eq!(Siret::try_new(right).map(String::from), Ok(digits));
    }
    for wrong in [
        "",
        "73282932000075",
        "7328293200007",
        "732829320000740",
        "7328293200007a",
        "35600000012342",
    ] {
        assert_eq!(Siret::try_new(wrong), Err(Refusal::MalformedSiret));
    }
}

#[test]
fn told_in_french() {
    let both = issue([evaluator(), grant(Role::Carrier, la_poste())]);
    told(
        &issued(Issue {
            expires: Some(instant("2022-08-02T00:00:00Z")),
            ..both
        }),
        "Jeton « Tableau de bord » délivré le 2 août 2021 (évaluateur, tout le programme ; porteur, \
         expérimentations de La Poste), jusqu'au 2 août 2022.",
    );
    told(
        &on(DAY).fact(Event::Token(TokenKey { token: TOKEN }, revocation())),
        "Jeton révoqué le 2 août 2021 : Retrouvé dans un courriel.",
    );
    told(
        &of_holder(HolderEvent::Granted(granting(grant(
            Role::Administrator,
            Reach::Programme,
        )))),
        "Rôle accordé à l'organisation 35600000000048 le 2 août 2021 : administrateur, tout le \
         programme.",
    );
    told(
        &of_holder(withdrawal(grant(Role::Funder, Reach::Experiment(VIGNY)))),
        &format!(
            "Rôle retiré à l'organisation 35600000000048 (financeur, expérimentation {VIGNY}) le \
             2 août 2021."
        ),
    );
    let account = Who::Account(FileHash::of([0xab; 32]));
    let holder = HolderId::of(&account);
    told(
        &on(DAY).fact(Event::Holder(
            HolderKey { holder },
            HolderEvent::Granted(Granting {
                who: account,
                grant: evaluator(),
                expires: None,
            }),
        )),
        "Rôle accordé au compte abababababab le 2 août 2021 : évaluateur, tout le programme.",
    );
}
