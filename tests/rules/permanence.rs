//! Permanences: scheduled, rescheduled, suspended, resumed, closed.

use carnet::domain::{
    event::Fact,
    experiment::ExperimentEvent,
    permanence::{Appointment, HeldBy, PermanenceCommand, PermanenceEvent, SlotChange, SlotTerms},
    refusal::{Refusal, Subject},
    venue::VenueEvent,
};

use crate::{
    course::closed,
    given::{
        CORMEILLES, GRISY, NORD, START, TUESDAY, VIGNY, cormeilles_agreed, criteria, date, given,
        grisy_agreed, grisy_withdrawn, hours, launch, launched, on, postal_agency, reason,
        resumption, scheduled, slot, to_venue, town_hall, tuesday_morning,
    },
};

fn schedule(terms: SlotTerms) -> PermanenceCommand {
    PermanenceCommand::Schedule {
        experiment: VIGNY,
        terms,
    }
}

fn to_hours(text: &str) -> SlotChange {
    SlotChange {
        hours: Some(hours(text)),
        ..SlotChange::default()
    }
}

fn by_appointment() -> SlotChange {
    SlotChange {
        appointment: Some(Appointment::Required),
        ..SlotChange::default()
    }
}

/// Launched, both venues agreed, Tuesday scheduled at Grisy.
pub(crate) fn under_way() -> Vec<Fact> {
    vec![launched(), grisy_agreed(), cormeilles_agreed(), scheduled()]
}

fn under_way_and(more: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    under_way().into_iter().chain(more).collect()
}

fn moved_to_cormeilles(day: &str) -> Fact {
    on(day).fact(PermanenceEvent::Rescheduled(to_venue(CORMEILLES)))
}

fn permanence_closed(day: &str) -> Fact {
    on(day).fact(PermanenceEvent::Closed(reason("Trop peu de monde")))
}

fn permanence_suspended(from: &str, until: &str) -> Fact {
    on(from)
        .until(until)
        .fact(PermanenceEvent::Suspended(reason("Congés")))
}

// Scheduling.

#[test]
fn a_permanence_is_scheduled() {
    let world = given([launched(), grisy_agreed()])
        .when(on(START).entry(schedule(tuesday_morning())))
        .then([scheduled()]);
    let known = world.permanence(TUESDAY).unwrap();
    assert_eq!(known.experiment, Some(VIGNY));
    assert_eq!(known.terms_on(date("2021-04-26")), None);
    assert_eq!(
        known.terms_on(date(START)).map(|terms| terms.what),
        Some(tuesday_morning())
    );
}

#[test]
fn a_permanence_is_scheduled_once() {
    given(under_way())
        .when(on(START).entry(schedule(slot(GRISY, "We 09:00-12:00"))))
        .refused(Refusal::AlreadyScheduled);
    given(under_way())
        .when(on(START).entry(PermanenceCommand::Schedule {
            experiment: NORD,
            terms: tuesday_morning(),
        }))
        .refused(Refusal::AlreadyScheduled);
}

#[test]
fn a_permanence_belongs_to_a_running_experiment() {
    let ask = |day: &str| on(day).entry(schedule(tuesday_morning()));
    given([])
        .when(ask(START))
        .refused(Refusal::UnknownExperiment);
    let fixed = on("2021-04-01").fact(ExperimentEvent::CriteriaFixed(criteria()));
    given([fixed])
        .when(ask(START))
        .refused(Refusal::NotLaunched);
    given([launched(), grisy_agreed()])
        .when(ask("2021-04-26"))
        .refused(Refusal::BeforeLaunch { start: date(START) });
    let over = || [launched(), grisy_agreed(), closed("2021-07-01")];
    given(over())
        .when(ask("2021-07-01"))
        .refused(Refusal::ExperimentClosed {
            on: date("2021-07-01"),
        });
    given(over()).when(ask("2021-06-30")).then_recorded();
}

#[test]
fn a_permanence_is_held_at_a_venue_of_its_experiment() {
    given([launched()])
        .when(on(START).entry(schedule(tuesday_morning())))
        .refused(Refusal::UnknownVenue);
    let nord = on(START).fact((NORD, ExperimentEvent::Launched(launch())));
    let theirs = on(START).fact((NORD, GRISY, VenueEvent::Agreed(town_hall())));
    given([launched(), nord, theirs])
        .when(on(START).entry(schedule(tuesday_morning())))
        .refused(Refusal::VenueOfAnotherExperiment);
}

#[test]
fn a_permanence_is_not_scheduled_at_a_withdrawn_venue() {
    let history = || [launched(), grisy_agreed(), grisy_withdrawn("2021-06-01")];
    given(history())
        .when(on("2021-06-01").entry(schedule(tuesday_morning())))
        .refused(Refusal::VenueWithdrawn {
            on: date("2021-06-01"),
        });
    given(history())
        .when(on("2021-05-31").entry(schedule(tuesday_morning())))
        .then_recorded();
}

/// The bug it catches: people sent to a door that nobody has agreed to open yet.
#[test]
fn a_permanence_is_not_held_at_a_venue_before_its_agreement() {
    let agreed = || on("2021-05-11").fact((CORMEILLES, VenueEvent::Agreed(postal_agency())));
    let there = || slot(CORMEILLES, "Tu 09:00-12:00");
    let schedule =
        |day: &str, agreed| given([launched(), agreed]).when(on(day).entry(schedule(there())));
    let move_there = |day: &str| {
        given([launched(), grisy_agreed(), agreed(), scheduled()])
            .when(on(day).entry(PermanenceCommand::Reschedule(to_venue(CORMEILLES))))
    };
    let resume_there = |day: &str| {
        let scheduled = on(START).fact(PermanenceEvent::Scheduled(there()));
        let suspended = on("2021-05-01").fact(PermanenceEvent::Suspended(reason("Congés")));
        given([launched(), agreed(), scheduled, suspended])
            .when(on(day).entry(PermanenceCommand::Resume(resumption())))
    };
    let eve = "2021-05-10";
    for early in [schedule(eve, agreed()), move_there(eve), resume_there(eve)] {
        early.refused(Refusal::VenueNotYetAgreed {
            from: date("2021-05-11"),
        });
    }
    let day = "2021-05-11";
    for in_time in [schedule(day, agreed()), move_there(day), resume_there(day)] {
        in_time.then_recorded();
    }
    // Whoever only knows that it had agreed by then does not know that it had not before.
    let by_then = on(day)
        .at_the_latest()
        .fact((CORMEILLES, VenueEvent::Agreed(postal_agency())));
    schedule(eve, by_then).then_recorded();
}

/// The bug it catches: a permanence in the books that no calendar ever shows.
#[test]
fn a_permanence_opens_some_day() {
    for never in [
        "Tu 09:00-12:00 off",
        "2019 Tu 09:00-12:00",
        "Tu 09:00-12:00 unknown",
        "off",
        "2021 Apr 1-2021 Apr 20 Tu 09:00-12:00",
    ] {
        given([launched(), grisy_agreed()])
            .when(on(START).entry(schedule(slot(GRISY, never))))
            .refused(Refusal::NeverOpens {
                hours: hours(never),
            });
    }
    for rare in [
        "2024 Feb 29 09:00-12:00",
        "week 53 Tu 09:00-12:00",
        "Feb Th[5] 09:00-12:00",
        "Tu 09:00-12:00 || 24/7 closed",
        "PH 10:00-12:00",
    ] {
        given([launched(), grisy_agreed()])
            .when(on(START).entry(schedule(slot(GRISY, rare))))
            .then_recorded();
    }
}

/// The bug it catches: hours taken unread from a file reach the log.
#[test]
fn hours_that_were_never_read_are_read_now() {
    let unread = |text: &str| serde_json::from_value(serde_json::json!(text)).unwrap();
    let mut terms = tuesday_morning();
    terms.hours = unread("mardi 9h-12h");
    given([launched(), grisy_agreed()])
        .when(on(START).entry(schedule(terms)))
        .refused(Refusal::HoursUnreadable {
            hours: "mardi 9h-12h".to_owned(),
        });
}

#[test]
fn a_permanence_is_held_by_some_people() {
    let held_by = |count| {
        let terms = SlotTerms {
            held_by: HeldBy {
                count,
                ..tuesday_morning().held_by
            },
            ..tuesday_morning()
        };
        given([launched(), grisy_agreed()]).when(on(START).entry(schedule(terms)))
    };
    held_by(1).then_recorded();
    held_by(50).then_recorded();
    for count in [0, 51] {
        held_by(count).refused(Refusal::HeldByCount {
            count: count.into(),
            max: 50,
        });
    }
}

// Rescheduling.

#[test]
fn new_terms_hold_from_their_day() {
    let world = given(under_way())
        .when(on("2021-06-01").entry(PermanenceCommand::Reschedule(to_hours("Tu 14:00-17:00"))))
        .then([on("2021-06-01").fact(PermanenceEvent::Rescheduled(to_hours("Tu 14:00-17:00")))]);
    let known = world.permanence(TUESDAY).unwrap();
    let hours_on = |day| known.terms_on(date(day)).unwrap().what.hours.to_string();
    assert_eq!(hours_on("2021-05-31"), "Tu 09:00-12:00");
    assert_eq!(hours_on("2021-06-01"), "Tu 14:00-17:00");
}

#[test]
fn terms_that_are_the_same_are_already_so() {
    given(under_way())
        .when(on("2021-06-01").entry(PermanenceCommand::Reschedule(to_hours("Tu 09:00-12:00"))))
        .then_nothing();
}

/// The bug it catches: the decision reads the venue of the terms of that day, but only the last
/// venue was loaded, so that a late entry is refused for an unknown venue.
#[test]
fn a_late_change_is_decided_on_the_terms_of_its_day() {
    let world = given(under_way_and([moved_to_cormeilles("2021-06-01")]))
        .when(on("2021-05-11").entry(PermanenceCommand::Reschedule(to_hours("Tu 10:00-12:00"))))
        .then([on("2021-05-11").fact(PermanenceEvent::Rescheduled(to_hours("Tu 10:00-12:00")))]);
    let known = world.permanence(TUESDAY).unwrap();
    let venue_on = |day| known.terms_on(date(day)).unwrap().what.venue;
    assert_eq!(venue_on("2021-05-31"), GRISY);
    assert_eq!(venue_on("2021-06-01"), CORMEILLES);
}

/// The bug it catches: a change that holds all the terms known when it was told, so that one told
/// late is undone by the next, which never said a word of it.
#[test]
fn a_late_change_lasts_until_another_speaks_of_it() {
    let first = on("2022-02-01").fact(PermanenceEvent::Scheduled(tuesday_morning()));
    let required = on("2022-04-01").fact(PermanenceEvent::Rescheduled(by_appointment()));
    let late = || PermanenceCommand::Reschedule(to_hours("We 09:00-12:00"));
    let told = on("2022-03-01").fact(PermanenceEvent::Rescheduled(to_hours("We 09:00-12:00")));
    let history = vec![launched(), grisy_agreed(), first, required];
    let world = given(history.clone())
        .when(on("2022-03-01").entry(late()))
        .then([told.clone()]);
    let known = world.permanence(TUESDAY).unwrap();
    let on_day = |day| {
        let terms = known.terms_on(date(day)).unwrap();
        let what = terms.what;
        (
            what.hours.to_string(),
            what.appointment,
            terms.position.0,
            terms.valid.from,
        )
    };
    let tuesday = || "Tu 09:00-12:00".to_owned();
    let wednesday = || "We 09:00-12:00".to_owned();
    let (either, required) = (Appointment::Either, Appointment::Required);
    let (february, march, april) = (date("2022-02-01"), date("2022-03-01"), date("2022-04-01"));
    assert_eq!(on_day("2022-02-28"), (tuesday(), either, 3, february));
    assert_eq!(on_day("2022-03-31"), (wednesday(), either, 5, march));
    assert_eq!(on_day("2022-04-01"), (wednesday(), required, 4, april));
    assert_eq!(known.schedule().len(), 3);
    // What a later change does speak of is not moved by the late one.
    let thursday = on("2022-04-15").fact(PermanenceEvent::Rescheduled(to_hours("Th 09:00-12:00")));
    let world = given(history.into_iter().chain([thursday]))
        .when(on("2022-03-01").entry(late()))
        .then([told]);
    let terms = world
        .permanence(TUESDAY)
        .unwrap()
        .terms_on(date("2022-04-15"));
    let terms = terms.unwrap().what;
    assert_eq!(terms.hours, hours("Th 09:00-12:00"));
    assert_eq!(terms.appointment, Appointment::Required);
}

#[test]
fn terms_change_once_a_day() {
    let history = || under_way_and([moved_to_cormeilles("2021-06-01")]);
    given(history())
        .when(on("2021-06-01").entry(PermanenceCommand::Reschedule(to_hours("Tu 10:00-12:00"))))
        .refused(Refusal::AlreadyRescheduled {
            on: date("2021-06-01"),
        });
    given(under_way())
        .when(on("2021-04-26").entry(PermanenceCommand::Reschedule(to_venue(CORMEILLES))))
        .refused(Refusal::BeforeSchedule { first: date(START) });
}

#[test]
fn new_terms_are_checked_like_the_first() {
    given(under_way_and([grisy_withdrawn("2021-06-01")]))
        .when(on("2021-06-08").entry(PermanenceCommand::Reschedule(to_hours("Tu 10:00-12:00"))))
        .refused(Refusal::VenueWithdrawn {
            on: date("2021-06-01"),
        });
    given(under_way_and([grisy_withdrawn("2021-06-01")]))
        .when(on("2021-06-08").entry(PermanenceCommand::Reschedule(to_venue(CORMEILLES))))
        .then_recorded();
    given(under_way())
        .when(on("2021-06-01").entry(PermanenceCommand::Reschedule(to_hours("2019 Tu"))))
        .refused(Refusal::NeverOpens {
            hours: hours("2019 Tu"),
        });
    given(under_way_and([closed("2021-06-01")]))
        .when(on("2021-06-01").entry(PermanenceCommand::Reschedule(to_venue(CORMEILLES))))
        .refused(Refusal::ExperimentClosed {
            on: date("2021-06-01"),
        });
    let appointment = SlotChange {
        held_by: Some(HeldBy {
            count: 0,
            ..tuesday_morning().held_by
        }),
        ..by_appointment()
    };
    given(under_way())
        .when(on("2021-06-01").entry(PermanenceCommand::Reschedule(appointment)))
        .refused(Refusal::HeldByCount { count: 0, max: 50 });
}

// Suspension.

#[test]
fn a_permanence_is_suspended_and_resumed() {
    let suspend = |day: &str, until: &str| {
        on(day)
            .until(until)
            .entry(PermanenceCommand::Suspend(reason("Congés")))
    };
    given(under_way())
        .when(suspend("2021-05-10", "2021-05-16"))
        .then([permanence_suspended("2021-05-10", "2021-05-16")]);
    let history = || under_way_and([permanence_suspended("2021-05-10", "2021-05-16")]);
    given(history())
        .when(suspend("2021-05-16", "2021-05-20"))
        .refused(Refusal::AlreadySuspended {
            subject: Subject::Permanence,
            since: date("2021-05-10"),
        });
    let world = given(history())
        .when(on("2021-05-12").entry(PermanenceCommand::Resume(resumption())))
        .then_recorded();
    let known = world.permanence(TUESDAY).unwrap();
    assert!(known.suspensions.covering(date("2021-05-11")).is_some());
    assert!(known.suspensions.covering(date("2021-05-12")).is_none());
    given(history())
        .when(on("2021-05-10").entry(PermanenceCommand::Resume(resumption())))
        .refused(Refusal::NotSuspended {
            subject: Subject::Permanence,
            on: date("2021-05-10"),
        });
}

/// The bug it catches: people sent to a door that is shut for good.
#[test]
fn a_permanence_does_not_resume_at_a_withdrawn_venue() {
    let history = |withdrawn| {
        let suspended = on("2021-05-10").fact(PermanenceEvent::Suspended(reason("Congés")));
        under_way_and([suspended, grisy_withdrawn(withdrawn)])
    };
    given(history("2021-06-01"))
        .when(on("2021-06-08").entry(PermanenceCommand::Resume(resumption())))
        .refused(Refusal::VenueWithdrawn {
            on: date("2021-06-01"),
        });
    given(history("2021-06-09"))
        .when(on("2021-06-08").entry(PermanenceCommand::Resume(resumption())))
        .then_recorded();
    // The venue of that day counts, not the one it moves to later.
    given(
        history("2021-06-01")
            .into_iter()
            .chain([moved_to_cormeilles("2021-07-01")]),
    )
    .when(on("2021-06-08").entry(PermanenceCommand::Resume(resumption())))
    .refused(Refusal::VenueWithdrawn {
        on: date("2021-06-01"),
    });
}

// Closing.

#[test]
fn a_permanence_is_closed_once() {
    given(under_way())
        .when(on("2021-06-15").entry(PermanenceCommand::Close(reason("Trop peu de monde"))))
        .then([permanence_closed("2021-06-15")]);
    given(under_way_and([permanence_closed("2021-06-15")]))
        .when(on("2021-06-16").entry(PermanenceCommand::Close(reason("Trop peu de monde"))))
        .refused(Refusal::PermanenceClosed {
            on: date("2021-06-15"),
        });
}

#[test]
fn a_closed_permanence_changes_no_more() {
    let suspended = on("2021-06-01").fact(PermanenceEvent::Suspended(reason("Congés")));
    for command in [
        PermanenceCommand::Reschedule(to_venue(CORMEILLES)),
        PermanenceCommand::Resume(resumption()),
    ] {
        given(under_way_and([
            suspended.clone(),
            permanence_closed("2021-06-15"),
        ]))
        .when(on("2021-06-15").entry(command))
        .refused(Refusal::PermanenceClosed {
            on: date("2021-06-15"),
        });
    }
    let suspend = |day: &str| {
        on(day)
            .until("2021-06-20")
            .entry(PermanenceCommand::Suspend(reason("Congés")))
    };
    given(under_way_and([permanence_closed("2021-06-15")]))
        .when(suspend("2021-06-15"))
        .refused(Refusal::PermanenceClosed {
            on: date("2021-06-15"),
        });
    given(under_way_and([permanence_closed("2021-06-15")]))
        .when(suspend("2021-06-14"))
        .then_recorded();
}

#[test]
fn only_a_known_permanence_is_changed() {
    for command in [
        PermanenceCommand::Reschedule(to_hours("Tu 10:00-12:00")),
        PermanenceCommand::Suspend(reason("Congés")),
        PermanenceCommand::Resume(resumption()),
        PermanenceCommand::Close(reason("Fin")),
    ] {
        given([launched(), grisy_agreed()])
            .when(on("2021-06-01").entry(command))
            .refused(Refusal::UnknownPermanence);
    }
}
