//! What was done at a permanence on one day. Its entries come in any order.

use carnet::domain::{
    adviser::{AdviserEvent, Registration},
    entry::{Command, Entry},
    event::{Event, Fact, Retraction, SessionKey, StreamId},
    experiment::{Closure, ExperimentEvent},
    operator::{Departure, Joining, OperatorEvent, OperatorKey},
    permanence::{AdviserRole, PermanenceEvent},
    refusal::Refusal,
    sentence,
    session::{
        Accompaniment, AgeBand, AppointmentEnd, AppointmentOutcome, Booking, Cancellation,
        CancellationCause, Feedback, FeedbackAnswer, FeedbackDecline, FeedbackOffer, Holding,
        Otherwise, Request, RequestLevel, RequestOutcome, Session, SessionEvent, SessionRef,
        TurningAway, TurningAwayCause, check_pseudonym,
    },
    terms::{
        AccompanimentId, AdviserId, AppointmentId, FeedbackId, OperatorId, PersonId, Sealed,
        SessionId, TurningAwayId,
    },
    venue::Known,
    world::World,
};
use uuid::Uuid;

use crate::given::{
    ADVISER, Asked, Happens, START, Said, TUESDAY, VIGNY, date, given, grisy_agreed, insee,
    launched, no_commune, on, reason, scheduled, slug, title, words,
};

/// The second Tuesday.
const DAY: &str = "2021-05-04";
const VISIT: AccompanimentId = AccompanimentId(Uuid::from_u128(0x11));
const BOOKED: AppointmentId = AppointmentId(Uuid::from_u128(0x12));
const OPINION: FeedbackId = FeedbackId(Uuid::from_u128(0x13));
const DOOR: TurningAwayId = TurningAwayId(Uuid::from_u128(0x14));

// How sessions are told of: on that Tuesday, at Grisy.

impl Happens for SessionEvent {
    fn happens(self) -> Event {
        let date = date(DAY);
        let key = SessionKey {
            experiment: VIGNY,
            permanence: TUESDAY,
            session: SessionId::of(TUESDAY, date),
            date,
        };
        Event::Session(key, self)
    }
}

impl Asked for SessionEvent {
    fn asked(self) -> Command {
        let date = date(DAY);
        let permanence = TUESDAY;
        Command::Session(SessionRef { permanence, date }, self)
    }
}

fn that_day() -> Said {
    on(DAY).until(DAY)
}

fn fact(event: SessionEvent) -> Fact {
    that_day().fact(event)
}

fn entry(event: SessionEvent) -> Entry {
    that_day().entry(event)
}

/// Vigny is under way, and this happened at the session: positions 4 and up.
fn there(events: impl IntoIterator<Item = SessionEvent>) -> Vec<Fact> {
    let before = [launched(), grisy_agreed(), scheduled()];
    before
        .into_iter()
        .chain(events.into_iter().map(fact))
        .collect()
}

fn session(world: &World) -> &Session {
    world.session(SessionId::of(TUESDAY, date(DAY))).unwrap()
}

fn holding() -> Holding {
    Holding {
        starts: "09:05:00".parse().unwrap(),
        ends: "12:10:00".parse().unwrap(),
        adviser_count: 2,
        advisers: [].into(),
    }
}

fn held() -> SessionEvent {
    SessionEvent::Held(holding())
}

fn cancelled() -> SessionEvent {
    SessionEvent::Cancelled(Cancellation {
        cause: CancellationCause::Weather,
        words: None,
    })
}

fn booked() -> SessionEvent {
    SessionEvent::AppointmentBooked(Booking {
        appointment: BOOKED,
        at: Some("09:30:00".parse().unwrap()),
        operator: Some(slug("caf")),
    })
}

fn ended(outcome: AppointmentOutcome) -> SessionEvent {
    SessionEvent::AppointmentEnded(AppointmentEnd {
        appointment: BOOKED,
        outcome,
    })
}

fn request() -> Request {
    Request {
        operator: Some(slug("caf")),
        theme: Some(slug("allocations")),
        level: RequestLevel::Accompaniment,
        outcome: RequestOutcome::Resolved,
    }
}

fn accompaniment() -> Accompaniment {
    Accompaniment {
        accompaniment: VISIT,
        minutes: Some(25),
        requests: vec![request()],
        first_visit: Known::Yes,
        residence: Some(insee("95287")),
        age_band: Some(AgeBand::From65To79),
        appointment: None,
        pseudonym: None,
    }
}

fn accompanied() -> SessionEvent {
    SessionEvent::Accompanied(accompaniment())
}

fn turned_away(users: u16) -> SessionEvent {
    SessionEvent::TurnedAway(TurningAway {
        turning_away: DOOR,
        users,
        cause: TurningAwayCause::Full,
    })
}

fn offered() -> SessionEvent {
    SessionEvent::FeedbackOffered(FeedbackOffer {
        feedback: OPINION,
        accompaniment: None,
    })
}

fn feedback(satisfaction: u8) -> SessionEvent {
    SessionEvent::FeedbackReceived(Feedback {
        feedback: OPINION,
        satisfaction: Some(satisfaction),
        resolved: Known::Yes,
        otherwise: Otherwise::GivenUp,
    })
}

fn declined() -> SessionEvent {
    SessionEvent::FeedbackDeclined(FeedbackDecline { feedback: OPINION })
}

fn adviser(event: AdviserEvent) -> Fact {
    on(START).fact(event)
}

fn registered() -> Fact {
    adviser(AdviserEvent::Registered(Registration {
        name: Sealed::try_new(ADVISER.person(), "AAAA".to_owned()).unwrap(),
        role: AdviserRole::DeskOfficer,
    }))
}

fn erased() -> Fact {
    on("2021-06-03").fact(AdviserEvent::Erased(reason("Demande écrite")))
}

fn held_by(advisers: impl IntoIterator<Item = AdviserId>) -> SessionEvent {
    SessionEvent::Held(Holding {
        advisers: advisers.into_iter().collect(),
        ..holding()
    })
}

// What a session is of.

/// The bug it catches: an entry that depends on whether somebody recorded another one first.
#[test]
fn a_session_needs_no_beginning() {
    for event in [
        held(),
        cancelled(),
        booked(),
        accompanied(),
        turned_away(2),
        offered(),
    ] {
        let world = given(there([])).when(entry(event.clone())).then_recorded();
        assert_eq!(session(&world).version, 1);
        // Whatever came before that does not exclude it.
        if event != held() && event != cancelled() {
            given(there([held()])).when(entry(event)).then_recorded();
        }
    }
}

#[test]
fn a_session_is_of_a_permanence_that_goes_on() {
    given([launched(), grisy_agreed()])
        .when(entry(held()))
        .refused(Refusal::UnknownPermanence);
    let later = on("2021-05-11").fact(PermanenceEvent::Scheduled(crate::given::tuesday_morning()));
    given([launched(), grisy_agreed(), later])
        .when(entry(accompanied()))
        .refused(Refusal::BeforeSchedule {
            first: date("2021-05-11"),
        });
    let closed = |day| on(day).fact(PermanenceEvent::Closed(reason("Fin")));
    let mut facts = there([]);
    facts.push(closed(DAY));
    given(facts)
        .when(entry(held()))
        .refused(Refusal::PermanenceClosed { on: date(DAY) });
    let mut facts = there([]);
    facts.push(closed("2021-05-05"));
    given(facts).when(entry(held())).then_recorded();
}

/// What is told late is ordinary; what lies outside the life of the experiment is not.
#[test]
fn a_session_is_within_the_life_of_its_experiment() {
    let closed = |day| {
        on(day).fact(ExperimentEvent::Closed(Closure {
            reason: words("Fin"),
            evidence: None,
        }))
    };
    let mut facts = there([]);
    facts.push(closed("2021-05-01"));
    given(facts)
        .when(entry(held()))
        .refused(Refusal::ExperimentClosed {
            on: date("2021-05-01"),
        });
    let mut facts = there([]);
    facts.push(closed("2021-07-01"));
    given(facts).when(entry(held())).then_recorded();
}

#[test]
fn what_happens_at_a_session_is_so_on_that_day_alone() {
    for said in [
        on(DAY),
        on(DAY).until("2021-05-05"),
        on("2021-05-03").until(DAY),
        that_day().at_the_latest(),
    ] {
        given(there([]))
            .when(said.entry(held()))
            .refused(Refusal::SessionOfOneDay { date: date(DAY) });
    }
}

#[test]
fn a_session_does_not_grow_without_end() {
    let many = (0..1_000).map(|number| {
        SessionEvent::TurnedAway(TurningAway {
            turning_away: TurningAwayId(Uuid::from_u128(0x1000 + number)),
            users: 1,
            cause: TurningAwayCause::Full,
        })
    });
    let full = there(many);
    given(full.clone())
        .when(entry(turned_away(1)))
        .refused(Refusal::SessionFull { max: 1_000 });
    let first = SessionEvent::TurnedAway(TurningAway {
        turning_away: TurningAwayId(Uuid::from_u128(0x1000)),
        users: 1,
        cause: TurningAwayCause::Full,
    });
    given(full.clone()).when(entry(first)).then_nothing();
    // No more by corrections.
    given(full)
        .when(that_day().correcting(4).entry(turned_away(1)))
        .refused(Refusal::SessionFull { max: 1_000 });
}

// Held, or cancelled.

#[test]
fn a_session_is_held_once() {
    let world = given(there([])).when(entry(held())).then_recorded();
    assert_eq!(session(&world).held.as_ref().unwrap().what, holding());
    assert_eq!(holding().minutes(), 185);
    let longer = Holding {
        ends: "12:30:00".parse().unwrap(),
        ..holding()
    };
    given(there([held()]))
        .when(entry(SessionEvent::Held(longer)))
        .refused(Refusal::SessionAlreadyHeld);
}

#[test]
fn a_session_ends_after_it_begins() {
    for ends in ["09:05:00", "08:00:00"] {
        let inverted = Holding {
            ends: ends.parse().unwrap(),
            ..holding()
        };
        given(there([]))
            .when(entry(SessionEvent::Held(inverted)))
            .refused(Refusal::SessionInverted {
                starts: "09:05".to_owned(),
                ends: ends[..5].to_owned(),
            });
    }
}

#[test]
fn a_session_is_held_by_somebody() {
    for count in [0, 51] {
        let crowd = Holding {
            adviser_count: count,
            ..holding()
        };
        given(there([]))
            .when(entry(SessionEvent::Held(crowd)))
            .refused(Refusal::HeldByCount {
                count: count.into(),
                max: 50,
            });
    }
    let alone = Holding {
        adviser_count: 1,
        advisers: [ADVISER, AdviserId(Uuid::from_u128(4))].into(),
        ..holding()
    };
    given(there([]))
        .when(entry(SessionEvent::Held(alone)))
        .refused(Refusal::AdvisersOverCount { named: 2, count: 1 });
}

/// The bug it catches: a person who was erased and is spoken of anew, or what was said of that
/// person before which can then no longer be corrected.
#[test]
fn who_held_a_session_is_registered() {
    given(there([]))
        .when(entry(held_by([ADVISER])))
        .refused(Refusal::UnknownAdviser);
    let known = || [there([]), vec![registered()]].concat();
    given(known())
        .when(entry(held_by([ADVISER])))
        .then_recorded();
    given([known(), vec![erased()]].concat())
        .when(entry(held_by([ADVISER])))
        .refused(Refusal::PersonErased);
    // Held at position 5, erased at 6.
    let longer = SessionEvent::Held(Holding {
        ends: "12:30:00".parse().unwrap(),
        advisers: [ADVISER].into(),
        ..holding()
    });
    let world = given([known(), vec![fact(held_by([ADVISER])), erased()]].concat())
        .when(that_day().correcting(5).entry(longer))
        .then_recorded();
    let held = session(&world).held.as_ref().unwrap();
    assert_eq!(held.what.minutes(), 205);
    assert!(held.what.advisers.contains(&ADVISER));
}

#[test]
fn a_session_is_held_or_cancelled() {
    given(there([held()]))
        .when(entry(cancelled()))
        .refused(Refusal::SessionHeld);
    given(there([cancelled()]))
        .when(entry(held()))
        .refused(Refusal::SessionCancelled);
    let otherwise = SessionEvent::Cancelled(Cancellation {
        cause: CancellationCause::Technical,
        words: None,
    });
    given(there([cancelled()]))
        .when(entry(otherwise))
        .refused(Refusal::SessionAlreadyCancelled);
    let untold = SessionEvent::Cancelled(Cancellation {
        cause: CancellationCause::Other,
        words: None,
    });
    given(there([]))
        .when(entry(untold))
        .refused(Refusal::CauseUntold);
    let told = SessionEvent::Cancelled(Cancellation {
        cause: CancellationCause::Other,
        words: Some(words("Élections")),
    });
    given(there([])).when(entry(told)).then_recorded();
}

/// The bug it catches: two entries of which the one is refused after the other, and the other is
/// not after the one.
#[test]
fn what_excludes_a_cancellation_is_excluded_by_it() {
    for event in [accompanied(), offered()] {
        given(there([event.clone()]))
            .when(entry(cancelled()))
            .refused(Refusal::SessionAttended);
        given(there([cancelled()]))
            .when(entry(event))
            .refused(Refusal::SessionCancelled);
    }
    for outcome in [AppointmentOutcome::Seen, AppointmentOutcome::NoShow] {
        given(there([booked(), ended(outcome)]))
            .when(entry(cancelled()))
            .refused(Refusal::SessionAttended);
        given(there([booked(), cancelled()]))
            .when(entry(ended(outcome)))
            .refused(Refusal::SessionCancelled);
    }
    for outcome in [
        AppointmentOutcome::Excused,
        AppointmentOutcome::Revoked,
        AppointmentOutcome::Unknown,
    ] {
        given(there([booked(), ended(outcome)]))
            .when(entry(cancelled()))
            .then_recorded();
        given(there([booked(), cancelled()]))
            .when(entry(ended(outcome)))
            .then_recorded();
    }
    // Who comes to a closed door is turned away.
    given(there([turned_away(3)]))
        .when(entry(cancelled()))
        .then_recorded();
    given(there([cancelled()]))
        .when(entry(turned_away(3)))
        .then_recorded();
}

// Appointments.

#[test]
fn an_appointment_is_booked_and_ends_once() {
    let world = given(there([booked()]))
        .when(entry(ended(AppointmentOutcome::NoShow)))
        .then_recorded();
    let course = session(&world).appointment(BOOKED).unwrap();
    assert_eq!(
        course.ended.as_ref().unwrap().what.outcome,
        AppointmentOutcome::NoShow
    );
    assert!(course.booked.is_some());
    given(there([]))
        .when(entry(ended(AppointmentOutcome::NoShow)))
        .refused(Refusal::UnknownAppointment);
    given(there([booked(), ended(AppointmentOutcome::NoShow)]))
        .when(entry(ended(AppointmentOutcome::Seen)))
        .refused(Refusal::AppointmentAlreadyEnded);
    let otherwise = |operator| {
        SessionEvent::AppointmentBooked(Booking {
            appointment: BOOKED,
            at: None,
            operator: Some(slug(operator)),
        })
    };
    given(there([booked()]))
        .when(entry(otherwise("caf")))
        .refused(Refusal::AlreadyRecorded);
    given(there([]))
        .when(entry(otherwise("cnav")))
        .refused(Refusal::OperatorNotServed { code: slug("cnav") });
}

// Accompaniments.

#[test]
fn an_accompaniment_is_recorded_once() {
    let world = given(there([])).when(entry(accompanied())).then_recorded();
    let known = session(&world).accompaniment(VISIT).unwrap();
    assert_eq!(known.what, accompaniment());
    let otherwise = Accompaniment {
        minutes: Some(30),
        ..accompaniment()
    };
    given(there([accompanied()]))
        .when(entry(SessionEvent::Accompanied(otherwise)))
        .refused(Refusal::AlreadyRecorded);
    // Another source says the same: to take it for already so would lose it.
    given(there([accompanied()]))
        .when(
            that_day()
                .source("Autre fichier", "2021-06-01")
                .entry(accompanied()),
        )
        .refused(Refusal::AlreadyRecorded);
}

#[test]
fn an_accompaniment_keeps_within_its_bounds() {
    let asked = |change: &dyn Fn(&mut Accompaniment)| {
        let mut accompaniment = accompaniment();
        change(&mut accompaniment);
        given(there([])).when(entry(SessionEvent::Accompanied(accompaniment)))
    };
    for minutes in [0, 601] {
        asked(&|asked| asked.minutes = Some(minutes)).refused(Refusal::MinutesOutOfRange {
            minutes: minutes.into(),
            max: 600,
        });
    }
    for minutes in [None, Some(1), Some(600)] {
        asked(&|asked| asked.minutes = minutes).then_recorded();
    }
    for count in [0, 21] {
        asked(&|asked| asked.requests = vec![request(); count])
            .refused(Refusal::RequestCount { count, max: 20 });
    }
    asked(&|asked| asked.requests = vec![request(); 20]).then_recorded();
    asked(&|asked| asked.residence = Some(no_commune()))
        .refused(Refusal::UnknownCommune { code: no_commune() });
    asked(&|asked| asked.requests[0].operator = Some(slug("cnav")))
        .refused(Refusal::OperatorNotServed { code: slug("cnav") });
    // Out of the bundle, no operator is named.
    asked(&|asked| asked.requests[0].operator = None).then_recorded();
    asked(&|asked| asked.appointment = Some(BOOKED)).refused(Refusal::UnknownAppointment);
}

/// Catches: an operator that joined the bundle later taken for out of it, or one that left for in it.
#[test]
fn an_operator_that_joined_since_the_launch_is_served_while_it_is_a_member() {
    let code = slug("cnav");
    let operator = OperatorId::of(&code);
    let of = |event| Event::Operator(OperatorKey { operator }, event);
    let joined = |day: &str| {
        on(day).fact(of(OperatorEvent::Joined(Joining {
            code: code.clone(),
            name: title("CNAV"),
        })))
    };
    let left = on(DAY).fact(of(OperatorEvent::Left(Departure { reason: None })));
    let mut asked = accompaniment();
    asked.requests[0].operator = Some(code.clone());
    let when = |more: &[Fact]| {
        let facts = there([]).into_iter().chain(more.iter().cloned());
        given(facts).when(entry(SessionEvent::Accompanied(asked.clone())))
    };
    let refused = || Refusal::OperatorNotServed { code: code.clone() };
    when(&[joined("2021-01-01")]).then_recorded();
    when(&[joined("2021-06-01")]).refused(refused());
    when(&[joined("2021-01-01"), left]).refused(refused());
}

#[test]
fn an_accompaniment_may_come_of_an_appointment() {
    let booked_before = Accompaniment {
        appointment: Some(BOOKED),
        ..accompaniment()
    };
    given(there([booked()]))
        .when(entry(SessionEvent::Accompanied(booked_before)))
        .then_recorded();
}

/// The bug it catches: a pseudonym that another experiment's key, or a person's, would open.
#[test]
fn a_pseudonym_is_sealed_for_its_experiment() {
    let sealed = |person| {
        SessionEvent::Accompanied(Accompaniment {
            pseudonym: Some(Sealed::try_new(person, "AAAA".to_owned()).unwrap()),
            ..accompaniment()
        })
    };
    given(there([]))
        .when(entry(sealed(VIGNY.visitors())))
        .then_recorded();
    for person in [
        PersonId(VIGNY.0),
        ADVISER.person(),
        crate::given::NORD.visitors(),
    ] {
        given(there([]))
            .when(entry(sealed(person)))
            .refused(Refusal::SealedForAnother);
    }
}

#[test]
fn a_pseudonym_is_neither_a_name_nor_a_number_one_is_known_by() {
    for pseudonym in ["7", "V01234567", "f3a9c27b81e04d5f", &"a1".repeat(16)] {
        assert_eq!(check_pseudonym(pseudonym), Ok(()), "{pseudonym}");
    }
    for pseudonym in [
        "",
        "Dupont",
        "Marie Dupont 1",
        "Hélène1",
        "marie.dupont1@laposte.net",
        "0612345678",
        "33612345678",
        "+33612345678",
        "06 12 34 56 78",
        "185057800608436",
        "1850578006084",
        "185052A004036",
        "185052b00403612",
        &"a1".repeat(17),
    ] {
        assert_eq!(
            check_pseudonym(pseudonym),
            Err(Refusal::MalformedPseudonym),
            "{pseudonym}"
        );
    }
}

// Users turned away, and feedback.

#[test]
fn users_are_turned_away() {
    let world = given(there([])).when(entry(turned_away(2))).then_recorded();
    assert_eq!(session(&world).turning_away(DOOR).unwrap().what.users, 2);
    given(there([turned_away(2)]))
        .when(entry(turned_away(3)))
        .refused(Refusal::AlreadyRecorded);
    for users in [0, 501] {
        given(there([]))
            .when(entry(turned_away(users)))
            .refused(Refusal::UsersOutOfRange {
                users: users.into(),
                max: 500,
            });
    }
}

#[test]
fn a_user_who_was_asked_answers_once() {
    let world = given(there([offered()]))
        .when(entry(feedback(4)))
        .then_recorded();
    let course = session(&world).feedback(OPINION).unwrap();
    assert!(course.offered.is_some());
    let Some(FeedbackAnswer::Received(received)) = &course.answer else {
        panic!("no feedback: {course:?}")
    };
    assert_eq!(received.what.satisfaction, Some(4));
    let world = given(there([offered()]))
        .when(entry(declined()))
        .then_recorded();
    let course = session(&world).feedback(OPINION).unwrap();
    assert!(matches!(course.answer, Some(FeedbackAnswer::Declined(_))));
    for event in [feedback(4), declined()] {
        given(there([]))
            .when(entry(event))
            .refused(Refusal::FeedbackNotOffered);
    }
    for (first, then) in [
        (feedback(4), feedback(5)),
        (feedback(4), declined()),
        (declined(), feedback(4)),
    ] {
        given(there([offered(), first]))
            .when(entry(then))
            .refused(Refusal::FeedbackAlreadyAnswered);
    }
    for satisfaction in [0, 6] {
        given(there([offered()]))
            .when(entry(feedback(satisfaction)))
            .refused(Refusal::SatisfactionOutOfRange {
                satisfaction: satisfaction.into(),
                max: 5,
            });
    }
}

#[test]
fn feedback_may_be_about_an_accompaniment() {
    let about = SessionEvent::FeedbackOffered(FeedbackOffer {
        feedback: OPINION,
        accompaniment: Some(VISIT),
    });
    given(there([]))
        .when(entry(about.clone()))
        .refused(Refusal::UnknownAccompaniment);
    given(there([accompanied()]))
        .when(entry(about.clone()))
        .then_recorded();
    given(there([accompanied(), offered()]))
        .when(entry(about))
        .refused(Refusal::AlreadyRecorded);
}

// Corrections.

fn retract(position: u64) -> Entry {
    let session = StreamId::Session(SessionId::of(TUESDAY, date(DAY)));
    on("2021-05-05")
        .correcting(position)
        .entry(Command::Retract(session))
}

fn retracted(position: u64) -> Fact {
    on("2021-05-05")
        .correcting(position)
        .fact(Event::Retracted(Retraction {
            subject: StreamId::Session(SessionId::of(TUESDAY, date(DAY))),
            experiment: Some(VIGNY),
        }))
}

#[test]
fn a_wrong_accompaniment_is_corrected_in_its_place() {
    let other = Accompaniment {
        accompaniment: AccompanimentId(Uuid::from_u128(0x21)),
        ..accompaniment()
    };
    let rightly = Accompaniment {
        minutes: Some(45),
        ..accompaniment()
    };
    let world = given(there([accompanied(), SessionEvent::Accompanied(other)]))
        .when(
            that_day()
                .correcting(4)
                .entry(SessionEvent::Accompanied(rightly)),
        )
        .then_recorded();
    let known = &session(&world).accompaniments;
    let minutes: Vec<_> = known.iter().map(|known| known.what.minutes).collect();
    assert_eq!(minutes, [Some(45), Some(25)]);
    assert_eq!(session(&world).version, 3);
}

#[test]
fn the_times_of_a_session_are_corrected() {
    let longer = Holding {
        ends: "12:30:00".parse().unwrap(),
        ..holding()
    };
    let world = given(there([held(), accompanied()]))
        .when(that_day().correcting(4).entry(SessionEvent::Held(longer)))
        .then_recorded();
    let known = session(&world);
    assert_eq!(known.held.as_ref().unwrap().what.minutes(), 205);
    assert_eq!(known.accompaniments.len(), 1);
}

#[test]
fn feedback_is_retracted_before_its_offer_is() {
    given(there([offered(), feedback(4)]))
        .when(retract(4))
        .refused(Refusal::Contradicts {
            position: carnet::domain::terms::Position(5),
            why: Box::new(Refusal::FeedbackNotOffered),
        });
    let world = given(there([offered(), feedback(4)]))
        .when(retract(5))
        .then([retracted(5)]);
    let course = session(&world).feedback(OPINION).unwrap();
    assert_eq!(course.answer, None);
    let without = [there([offered(), feedback(4)]), vec![retracted(5)]].concat();
    let world = given(without).when(retract(4)).then([retracted(4)]);
    assert_eq!(session(&world).feedback, []);
}

/// What was entered as held by mistake is retracted, and then cancelled.
#[test]
fn a_holding_that_was_none_is_retracted() {
    let facts = [there([held()]), vec![retracted(4)]].concat();
    let world = given(facts).when(entry(cancelled())).then_recorded();
    assert_eq!(session(&world).held, None);
    // Said again, it would contradict the cancellation.
    let facts = [there([held()]), vec![retracted(4), fact(cancelled())]].concat();
    given(facts)
        .when(that_day().correcting(5).entry(held()))
        .refused(Refusal::Contradicts {
            position: carnet::domain::terms::Position(6),
            why: Box::new(Refusal::SessionHeld),
        });
}

/// The bug it catches: two who record for one session and do not find each other's entries.
#[test]
fn a_session_is_the_same_for_whoever_names_its_permanence_and_day() {
    let id = SessionId::of(TUESDAY, date(DAY));
    assert_eq!(id.to_string(), "5d5bee01-9832-51d5-ad38-050182e18945");
    assert_ne!(id, SessionId::of(TUESDAY, date("2021-05-11")));
    assert_eq!(
        SessionId::from(SessionRef {
            permanence: TUESDAY,
            date: date(DAY),
        }),
        id
    );
}

// Sentences.

/// The bug they catch: a word that tells where a user lives, how old a user is, or what a
/// pseudonym is sealed in; a code that is left out.
#[test]
fn a_session_is_told_without_naming_anybody() {
    let told = |event| sentence::tell(&fact(event), |_| None);
    assert_eq!(
        told(held()),
        "Permanence tenue le 4 mai 2021 de 09:05 à 12:10 par 2 personnes."
    );
    assert_eq!(
        told(held_by([ADVISER])),
        "Permanence tenue le 4 mai 2021 de 09:05 à 12:10 par 2 personnes, dont 1 conseiller inscrit."
    );
    assert_eq!(
        told(cancelled()),
        "Permanence du 4 mai 2021 annulée : intempéries."
    );
    let told_in_words = SessionEvent::Cancelled(Cancellation {
        cause: CancellationCause::Other,
        words: Some(words("Élections")),
    });
    assert_eq!(
        told(told_in_words),
        "Permanence du 4 mai 2021 annulée (autre cause) : Élections."
    );
    assert_eq!(
        told(booked()),
        "Rendez-vous pris pour le 4 mai 2021 à 09:30 (caf)."
    );
    assert_eq!(
        told(ended(AppointmentOutcome::Revoked)),
        "Rendez-vous du 4 mai 2021 : repris par le porteur."
    );
    let out_of_bundle = Request {
        operator: None,
        theme: None,
        level: RequestLevel::Information,
        outcome: RequestOutcome::ToFinishAlone,
    };
    let accompaniment = Accompaniment {
        requests: vec![request(), out_of_bundle],
        pseudonym: Some(Sealed::try_new(VIGNY.visitors(), "AAAA".to_owned()).unwrap()),
        ..accompaniment()
    };
    assert_eq!(
        told(SessionEvent::Accompanied(accompaniment)),
        "Le 4 mai 2021, 1 accompagnement de 25 min : caf, allocations (accompagnement, résolu) ; \
         hors bouquet (information, à finir seul) ; première visite."
    );
    assert_eq!(
        told(turned_away(1)),
        "1 usager éconduit le 4 mai 2021 : plus de place."
    );
    assert_eq!(
        told(turned_away(2)),
        "2 usagers éconduits le 4 mai 2021 : plus de place."
    );
    assert_eq!(told(offered()), "Avis demandé à un usager le 4 mai 2021.");
    assert_eq!(
        told(feedback(4)),
        "Avis reçu d'un usager le 4 mai 2021 : satisfaction 4 sur 5, demande résolue ; sans la \
         permanence, renoncement."
    );
    assert_eq!(
        told(declined()),
        "Avis demandé à un usager le 4 mai 2021 : pas de réponse souhaitée."
    );
}
