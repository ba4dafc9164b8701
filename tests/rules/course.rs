//! The course of an experiment: extended, refused, suspended, made permanent, closed; its hub
//! closed for works.

use carnet::domain::{
    event::Fact,
    experiment::{
        Closure, ExperimentCommand, ExperimentEvent, Extension, Figure, MadePermanent, Status,
    },
    refusal::{Refusal, Subject},
    terms::{Label, Position},
    world::World,
};

use crate::given::{
    START, VIGNY, date, evidence, extension, extension_refusal, given, launch, launched, on,
    reason, resumption, slug, words,
};

fn closure() -> Closure {
    Closure {
        reason: words("Fin de l'expérimentation"),
        evidence: None,
    }
}

pub(crate) fn closed(day: &str) -> Fact {
    on(day).fact(ExperimentEvent::Closed(closure()))
}

fn permanent(position: u64) -> MadePermanent {
    MadePermanent {
        evidence: evidence(position),
    }
}

pub(crate) fn made_permanent(day: &str) -> Fact {
    on(day).fact(ExperimentEvent::MadePermanent(permanent(1)))
}

pub(crate) fn extended(day: &str, new_end: &str) -> Fact {
    on(day).fact(ExperimentEvent::Extended(extension(new_end)))
}

pub(crate) fn suspended(from: &str, until: Option<&str>) -> Fact {
    let said = on(from);
    let said = until.map_or(said.clone(), |until| said.until(until));
    said.fact(ExperimentEvent::Suspended(reason("Crise sanitaire")))
}

fn status(world: &World, day: &str) -> Status {
    world.experiment(VIGNY).unwrap().status_on(date(day))
}

// Extension.

#[test]
fn an_extension_moves_the_end() {
    let world = given([launched()])
        .when(on("2021-07-20").entry(ExperimentCommand::Extend(extension("2021-10-27"))))
        .then([extended("2021-07-20", "2021-10-27")]);
    let known = world.experiment(VIGNY).unwrap();
    assert_eq!(known.end(), Some(date("2021-10-27")));
    assert_eq!(status(&world, "2021-10-27"), Status::Running);
    assert_eq!(status(&world, "2021-10-28"), Status::TermReached);
}

#[test]
fn an_extension_comes_after_the_launch() {
    given([launched()])
        .when(on("2021-04-26").entry(ExperimentCommand::Extend(extension("2021-10-27"))))
        .refused(Refusal::BeforeLaunch { start: date(START) });
    let perhaps_earlier = on(START)
        .at_the_latest()
        .fact(ExperimentEvent::Launched(launch()));
    given([perhaps_earlier])
        .when(on("2021-04-26").entry(ExperimentCommand::Extend(extension("2021-10-27"))))
        .then_recorded();
}

/// The bug it catches: an extension that shortens, or leaves the end where it is; and one that is
/// measured against the planned end though another extension came in between.
#[test]
fn an_extension_ends_later() {
    let not_later = |facts: Vec<Fact>, new_end, end| {
        given(facts)
            .when(on("2021-07-20").entry(ExperimentCommand::Extend(extension(new_end))))
            .refused(Refusal::EndNotLater {
                new_end: date(new_end),
                end: date(end),
            });
    };
    not_later(vec![launched()], "2021-07-27", "2021-07-27");
    not_later(
        vec![launched(), extended("2021-07-01", "2021-10-27")],
        "2021-08-31",
        "2021-10-27",
    );
    given([launched()])
        .when(on("2021-07-20").entry(ExperimentCommand::Extend(extension("2021-07-28"))))
        .then_recorded();
}

#[test]
fn an_extension_states_grounds_and_evidence() {
    let extend = |change: fn(&mut Extension)| {
        let mut asked = extension("2021-10-27");
        change(&mut asked);
        given([launched()]).when(on("2021-07-20").entry(ExperimentCommand::Extend(asked)))
    };
    extend(|asked| asked.grounds.clear()).refused(Refusal::NoGround);
    extend(|asked| asked.evidence.position = Position(2)).refused(Refusal::EvidenceAhead {
        position: Position(2),
        head: Position(1),
    });
    extend(|asked| {
        let figure = Figure {
            indicator: slug("rendez-vous"),
            value: "79".parse().unwrap(),
            unit: Label::try_new("rendez-vous tenus").unwrap(),
            n: None,
        };
        asked.evidence.figures = vec![figure; 101];
    })
    .refused(Refusal::TooMany { max: 100 });
    extend(|asked| asked.new_end = date("2200-01-01")).refused(Refusal::DateOutOfRange {
        date: date("2200-01-01"),
    });
}

#[test]
fn a_decided_experiment_is_not_extended() {
    let extend = |day: &str| on(day).entry(ExperimentCommand::Extend(extension("2021-10-27")));
    let is_closed = || [launched(), closed("2021-07-20")];
    for day in ["2021-07-20", "2021-07-21"] {
        given(is_closed())
            .when(extend(day))
            .refused(Refusal::ExperimentClosed {
                on: date("2021-07-20"),
            });
    }
    let is_permanent = || [launched(), made_permanent("2021-07-20")];
    for day in ["2021-07-20", "2021-07-21"] {
        given(is_permanent())
            .when(extend(day))
            .refused(Refusal::AlreadyMadePermanent {
                on: date("2021-07-20"),
            });
    }
    given(is_closed())
        .when(extend("2021-07-19"))
        .then_recorded();
    given(is_permanent())
        .when(extend("2021-07-19"))
        .then_recorded();
}

/// The bug it catches: a decision that was found late is refused for what was decided after it.
#[test]
fn a_refusal_found_after_the_closing_is_taken() {
    let refuse = |day: &str| {
        given([
            launched(),
            extended("2021-07-20", "2023-01-31"),
            closed("2023-02-01"),
        ])
        .when(on(day).entry(ExperimentCommand::RefuseExtension(extension_refusal())))
    };
    let world = refuse("2023-01-15").then_recorded();
    assert_eq!(status(&world, "2023-01-31"), Status::Running);
    assert_eq!(status(&world, "2023-02-01"), Status::Closed);
    refuse("2023-02-01").refused(Refusal::ExperimentClosed {
        on: date("2023-02-01"),
    });
}

/// The bug it catches: the extension recorded last taken for the one decided last.
#[test]
fn an_extension_found_late_is_judged_by_its_own_day() {
    let late = |new_end| {
        given([launched(), extended("2021-06-20", "2021-12-31")])
            .when(on("2021-05-01").entry(ExperimentCommand::Extend(extension(new_end))))
    };
    let world = late("2021-08-31").then_recorded();
    let known = world.experiment(VIGNY).unwrap();
    assert_eq!(known.end(), Some(date("2021-12-31")));
    late("2021-07-27").refused(Refusal::EndNotLater {
        new_end: date("2021-07-27"),
        end: date("2021-07-27"),
    });
}

/// The bug it catches: of two extensions decided on one day, the first one recorded prevails.
#[test]
fn of_two_extensions_of_one_day_the_last_recorded_prevails() {
    let twice = |new_end| {
        given([launched(), extended("2021-06-20", "2021-10-27")])
            .when(on("2021-06-20").entry(ExperimentCommand::Extend(extension(new_end))))
    };
    let world = twice("2021-12-31").then_recorded();
    let known = world.experiment(VIGNY).unwrap();
    assert_eq!(known.end(), Some(date("2021-12-31")));
    twice("2021-08-31").refused(Refusal::EndNotLater {
        new_end: date("2021-08-31"),
        end: date("2021-10-27"),
    });
}

/// The bug it catches: an extension sent again is refused, or written twice, once another one came
/// after it.
#[test]
fn an_extension_is_recorded_once_though_another_follows() {
    given([
        launched(),
        extended("2021-05-01", "2021-08-31"),
        extended("2021-06-20", "2021-12-31"),
    ])
    .when(on("2021-05-01").entry(ExperimentCommand::Extend(extension("2021-08-31"))))
    .then_nothing();
}

/// The bug it catches: an experiment that has two fates, since the second lies before the first.
#[test]
fn an_experiment_has_one_fate() {
    let close = || on("2021-06-01").entry(ExperimentCommand::Close(closure()));
    let make = || on("2021-06-01").entry(ExperimentCommand::MakePermanent(permanent(1)));
    for entry in [close(), make()] {
        given([launched(), closed("2021-06-30")])
            .when(entry)
            .refused(Refusal::ExperimentClosed {
                on: date("2021-06-30"),
            });
    }
    for entry in [close(), make()] {
        given([launched(), made_permanent("2021-06-30")])
            .when(entry)
            .refused(Refusal::AlreadyMadePermanent {
                on: date("2021-06-30"),
            });
    }
}

#[test]
fn a_refused_extension_leaves_the_end() {
    let refuse = || ExperimentCommand::RefuseExtension(extension_refusal());
    let world = given([launched()])
        .when(on("2021-07-20").entry(refuse()))
        .then_recorded();
    assert_eq!(
        world.experiment(VIGNY).unwrap().end(),
        Some(date("2021-07-27"))
    );
    let mut groundless = extension_refusal();
    groundless.grounds.clear();
    given([launched()])
        .when(on("2021-07-20").entry(ExperimentCommand::RefuseExtension(groundless)))
        .refused(Refusal::NoGround);
    given([launched(), made_permanent("2021-07-01")])
        .when(on("2021-07-20").entry(refuse()))
        .refused(Refusal::AlreadyMadePermanent {
            on: date("2021-07-01"),
        });
}

/// The bug it catches: an entry sent again after the experiment was closed is refused, though it
/// is already so.
#[test]
fn what_is_already_so_stays_so_after_the_closing() {
    let refused = on("2021-07-20").fact(ExperimentEvent::ExtensionRefused(extension_refusal()));
    let history = [
        launched(),
        extended("2021-05-20", "2021-08-27"),
        refused,
        suspended("2021-06-01", Some("2021-06-15")),
        closed("2021-07-28"),
    ];
    for entry in [
        on(START).entry(ExperimentCommand::Launch(launch())),
        on("2021-05-20").entry(ExperimentCommand::Extend(extension("2021-08-27"))),
        on("2021-07-20").entry(ExperimentCommand::RefuseExtension(extension_refusal())),
        on("2021-06-01")
            .until("2021-06-15")
            .entry(ExperimentCommand::Suspend(reason("Crise sanitaire"))),
        on("2021-06-16").entry(ExperimentCommand::Resume(resumption())),
        on("2021-07-28").entry(ExperimentCommand::Close(closure())),
    ] {
        given(history.clone()).when(entry).then_nothing();
    }
}

// Suspension.

#[test]
fn a_suspension_lasts_until_the_resumption() {
    let world = given([launched()])
        .when(on("2021-06-01").entry(ExperimentCommand::Suspend(reason("Crise sanitaire"))))
        .then([suspended("2021-06-01", None)]);
    assert_eq!(status(&world, "2021-05-31"), Status::Running);
    assert_eq!(status(&world, "2021-07-27"), Status::Suspended);
    let world = given([launched(), suspended("2021-06-01", None)])
        .when(on("2021-06-10").entry(ExperimentCommand::Resume(resumption())))
        .then_recorded();
    assert_eq!(status(&world, "2021-06-09"), Status::Suspended);
    assert_eq!(status(&world, "2021-06-10"), Status::Running);
}

/// The bug it catches: the announced last day counted as the first day of the resumption.
#[test]
fn a_suspension_announced_until_a_day_ends_by_itself() {
    let facts = [launched(), suspended("2021-06-01", Some("2021-06-15"))];
    let world = crate::given::world(&facts);
    assert_eq!(status(&world, "2021-06-15"), Status::Suspended);
    assert_eq!(status(&world, "2021-06-16"), Status::Running);
    given(facts.clone())
        .when(on("2021-06-16").entry(ExperimentCommand::Resume(resumption())))
        .then_nothing();
    let world = given(facts)
        .when(on("2021-06-08").entry(ExperimentCommand::Resume(resumption())))
        .then_recorded();
    assert_eq!(status(&world, "2021-06-07"), Status::Suspended);
    assert_eq!(status(&world, "2021-06-08"), Status::Running);
}

#[test]
fn suspensions_do_not_overlap() {
    let suspend = |from: &str, until: Option<&str>| {
        let said = on(from);
        let said = until.map_or(said.clone(), |until| said.until(until));
        given([launched(), suspended("2021-06-01", Some("2021-06-15"))])
            .when(said.entry(ExperimentCommand::Suspend(reason("Inventaire"))))
    };
    let already = || Refusal::AlreadySuspended {
        subject: Subject::Experiment,
        since: date("2021-06-01"),
    };
    suspend("2021-06-15", None).refused(already());
    suspend("2021-05-20", Some("2021-06-01")).refused(already());
    suspend("2021-05-20", None).refused(already());
    suspend("2021-06-01", Some("2021-06-15")).refused(already());
    suspend("2021-06-16", None).then_recorded();
    suspend("2021-05-20", Some("2021-05-31")).then_recorded();
}

/// Catches a second source that is taken for the first one's echo, and so lost untold.
#[test]
fn a_suspension_said_again_by_another_source_is_told() {
    given([launched(), suspended("2021-06-01", None)])
        .when(
            on("2021-06-01")
                .source("Préfecture du Val-d'Oise", "2021-06-02")
                .entry(ExperimentCommand::Suspend(reason("Crise sanitaire"))),
        )
        .refused(Refusal::AlreadySuspended {
            subject: Subject::Experiment,
            since: date("2021-06-01"),
        });
}

#[test]
fn only_what_is_suspended_is_resumed() {
    let resume = |day: &str| on(day).entry(ExperimentCommand::Resume(resumption()));
    for day in ["2021-06-01", "2021-05-20", "2021-06-20"] {
        given([launched(), suspended("2021-06-01", Some("2021-06-15"))])
            .when(resume(day))
            .refused(Refusal::NotSuspended {
                subject: Subject::Experiment,
                on: date(day),
            });
    }
    given([launched()])
        .when(resume("2021-04-20"))
        .refused(Refusal::BeforeLaunch { start: date(START) });
}

/// The bug it catches: what happened before the closing cannot be written down after it, though
/// late entries are the reason for this software.
#[test]
fn a_suspension_is_recorded_late_but_not_after_the_end() {
    let suspend = |day: &str| {
        given([launched(), closed("2021-07-01")])
            .when(on(day).entry(ExperimentCommand::Suspend(reason("Crise sanitaire"))))
    };
    let world = suspend("2021-06-01").then_recorded();
    assert_eq!(status(&world, "2021-06-30"), Status::Suspended);
    assert_eq!(status(&world, "2021-07-01"), Status::Closed);
    let over = || Refusal::ExperimentClosed {
        on: date("2021-07-01"),
    };
    suspend("2021-07-01").refused(over());
    given([
        launched(),
        suspended("2021-06-01", None),
        closed("2021-07-01"),
    ])
    .when(on("2021-07-05").entry(ExperimentCommand::Resume(resumption())))
    .refused(over());
}

// Fate.

#[test]
fn past_its_last_day_the_term_is_reached() {
    let world = crate::given::world(&[launched(), suspended("2021-07-20", None)]);
    assert_eq!(status(&world, "2021-04-26"), Status::Planned);
    assert_eq!(status(&world, START), Status::Running);
    assert_eq!(status(&world, "2021-07-27"), Status::Suspended);
    assert_eq!(status(&world, "2021-07-28"), Status::TermReached);
}

#[test]
fn an_experiment_is_made_permanent() {
    let make = |position| ExperimentCommand::MakePermanent(permanent(position));
    let world = given([launched()])
        .when(on("2021-09-01").entry(make(1)))
        .then([made_permanent("2021-09-01")]);
    assert_eq!(status(&world, "2021-08-31"), Status::TermReached);
    assert_eq!(status(&world, "2021-09-01"), Status::MadePermanent);
    given([launched()])
        .when(on("2021-09-01").entry(make(2)))
        .refused(Refusal::EvidenceAhead {
            position: Position(2),
            head: Position(1),
        });
    given([launched(), made_permanent("2021-09-01")])
        .when(on("2021-10-01").entry(make(1)))
        .refused(Refusal::AlreadyMadePermanent {
            on: date("2021-09-01"),
        });
}

/// The bug it catches: a permanent service that closes for a while shows as running.
#[test]
fn what_is_permanent_may_be_suspended() {
    let world = given([launched(), made_permanent("2021-07-28")])
        .when(
            on("2021-08-01")
                .until("2021-08-15")
                .entry(ExperimentCommand::Suspend(reason("Congés"))),
        )
        .then_recorded();
    assert_eq!(status(&world, "2021-08-15"), Status::Suspended);
    assert_eq!(status(&world, "2021-08-16"), Status::MadePermanent);
}

#[test]
fn an_experiment_is_closed_once() {
    let close = |closure| ExperimentCommand::Close(closure);
    let world = given([launched()])
        .when(on("2021-06-30").entry(close(closure())))
        .then([closed("2021-06-30")]);
    assert_eq!(status(&world, "2021-06-29"), Status::Running);
    assert_eq!(status(&world, "2021-06-30"), Status::Closed);
    assert_eq!(status(&world, "2022-01-01"), Status::Closed);
    given([launched(), closed("2021-06-30")])
        .when(on("2021-07-01").entry(close(closure())))
        .refused(Refusal::ExperimentClosed {
            on: date("2021-06-30"),
        });
    given([launched(), made_permanent("2021-06-30")])
        .when(on("2021-07-01").entry(close(closure())))
        .refused(Refusal::AlreadyMadePermanent {
            on: date("2021-06-30"),
        });
    given([launched()])
        .when(on("2021-04-26").entry(close(closure())))
        .refused(Refusal::BeforeLaunch { start: date(START) });
    let on_evidence = Closure {
        evidence: Some(evidence(2)),
        ..closure()
    };
    given([launched()])
        .when(on("2021-06-30").entry(close(on_evidence)))
        .refused(Refusal::EvidenceAhead {
            position: Position(2),
            head: Position(1),
        });
}

// The hub.

fn hub_closed(from: &str) -> Fact {
    on(from).fact(ExperimentEvent::HubClosed(reason("Travaux")))
}

/// The bug it catches: works at the hub that suspend the experiment they are the occasion of.
#[test]
fn a_hub_closes_for_works_and_reopens() {
    let world = given([launched()])
        .when(on("2021-03-01").entry(ExperimentCommand::CloseHub(reason("Travaux"))))
        .then([hub_closed("2021-03-01")]);
    assert_eq!(status(&world, "2021-05-01"), Status::Running);
    let world = given([launched(), hub_closed("2021-03-01")])
        .when(on("2021-06-01").entry(ExperimentCommand::ReopenHub(resumption())))
        .then_recorded();
    let closures = &world.experiment(VIGNY).unwrap().hub_closures;
    assert!(closures.covering(date("2021-05-31")).is_some());
    assert!(closures.covering(date("2021-06-01")).is_none());
}

#[test]
fn a_hub_is_closed_once_at_a_time() {
    given([launched(), hub_closed("2021-03-01")])
        .when(on("2021-04-01").entry(ExperimentCommand::CloseHub(reason("Peinture"))))
        .refused(Refusal::HubAlreadyClosed {
            since: date("2021-03-01"),
        });
    given([launched()])
        .when(on("2021-06-01").entry(ExperimentCommand::ReopenHub(resumption())))
        .refused(Refusal::HubNotClosed {
            on: date("2021-06-01"),
        });
    given([])
        .when(on("2021-06-01").entry(ExperimentCommand::CloseHub(reason("Travaux"))))
        .refused(Refusal::UnknownExperiment);
}
