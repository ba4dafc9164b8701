//! Corrections: an entry takes the place of an earlier one, or retracts it.

use carnet::domain::{
    adviser::AdviserCommand,
    correction::standing,
    entry::{Command, Entry, identity},
    event::{Event, Fact, Retraction, StreamId},
    experiment::{ExperimentCommand, ExperimentEvent},
    permanence::{PermanenceCommand, PermanenceEvent, SlotChange},
    refusal::Refusal,
    terms::Position,
    venue::VenueCommand,
    world::World,
};
use uuid::Uuid;

use crate::{
    given::{
        ADVISER, GRISY, NORD, START, TUESDAY, VIGNY, criteria, date, end, given, grisy_agreed,
        hours, launch, launched, on, reason, recorded, slot, title, town_hall,
    },
    permanence::under_way,
};

const EXPERIMENT: StreamId = StreamId::Experiment(VIGNY);

fn asserted(day: &str) -> Fact {
    on("2021-05-06").fact(ExperimentEvent::EndAsserted(end(day)))
}

fn assert_end(day: &str, correcting: u64) -> Entry {
    on("2021-05-06")
        .correcting(correcting)
        .entry(ExperimentCommand::AssertEnd(end(day)))
}

/// An end asserted in the place of another.
fn corrected(day: &str, correcting: u64) -> Fact {
    on("2021-05-06")
        .correcting(correcting)
        .fact(ExperimentEvent::EndAsserted(end(day)))
}

fn retract(subject: StreamId, entry: u64) -> Entry {
    on("2021-07-05")
        .correcting(entry)
        .entry(Command::Retract(subject))
}

fn retracted(subject: StreamId, entry: u64) -> Fact {
    on("2021-07-05")
        .correcting(entry)
        .fact(Event::Retracted(Retraction {
            subject,
            experiment: Some(VIGNY),
        }))
}

fn ends(world: &World) -> Vec<String> {
    let ends = world.experiment(VIGNY).unwrap().ends.iter();
    ends.map(|end| end.what.end.to_string()).collect()
}

/// The launch, on another day and for longer.
fn launched_on(day: &str, correcting: u64) -> Entry {
    let mut launch = launch();
    launch.planned_end = date("2021-09-30");
    on(day)
        .correcting(correcting)
        .entry(ExperimentCommand::Launch(launch))
}

/// The bug it catches: a correction that stands beside what it corrects, or at the end of the list.
#[test]
fn a_correction_takes_the_place_of_what_it_corrects() {
    let world = given([launched(), asserted("2021-07-08"), asserted("2021-07-27")])
        .when(assert_end("2021-06-30", 2))
        .then_recorded();
    assert_eq!(ends(&world), ["2021-06-30", "2021-07-27"]);
    let end = &world.experiment(VIGNY).unwrap().ends[0];
    assert_eq!((end.position, end.place), (Position(4), Position(2)));
    let known = world.experiment(VIGNY).unwrap();
    assert_eq!((known.version, known.position), (4, Position(4)));
    assert_eq!(world.journal(EXPERIMENT).len(), 4, "nothing is overwritten");
}

#[test]
fn a_correction_is_corrected_in_its_turn() {
    let story = [
        launched(),
        asserted("2021-07-08"),
        corrected("2021-07-01", 2),
    ];
    let world = given(story.clone())
        .when(assert_end("2021-06-30", 3))
        .then_recorded();
    assert_eq!(ends(&world), ["2021-06-30"]);
    given(story)
        .when(assert_end("2021-06-30", 2))
        .refused(Refusal::AlreadyCorrected {
            position: Position(2),
            by: Position(3),
        });
}

/// The bug it catches: the same correction sent again, under another id, refused or told twice.
#[test]
fn a_correction_told_twice_is_told_once() {
    given([
        launched(),
        asserted("2021-07-08"),
        corrected("2021-07-01", 2),
        corrected("2021-06-30", 3),
    ])
    .when(assert_end("2021-07-01", 2))
    .then_nothing();
}

#[test]
fn a_correction_that_changes_nothing_is_already_so() {
    given([launched(), asserted("2021-07-08")])
        .when(assert_end("2021-07-08", 2))
        .then_nothing();
}

#[test]
fn what_another_entry_says_is_not_said_again_by_correcting() {
    given([launched(), asserted("2021-06-30"), asserted("2021-07-08")])
        .when(assert_end("2021-07-08", 2))
        .refused(Refusal::SaidElsewhere);
}

/// The bug it catches: a correction that hits another kind of entry, another subject's, or nothing.
#[test]
fn only_an_entry_of_the_same_subject_and_kind_is_corrected() {
    let story = || given([launched(), asserted("2021-07-08"), grisy_agreed()]);
    for position in [0, 3, 9] {
        story()
            .when(assert_end("2021-06-15", position))
            .refused(Refusal::NotCorrectable {
                position: Position(position),
            });
    }
    let suspend = ExperimentCommand::Suspend(reason("Crise sanitaire"));
    story()
        .when(on("2021-06-15").correcting(2).entry(suspend))
        .refused(Refusal::CorrectsAnotherKind {
            position: Position(2),
        });
}

/// The bug it catches: a subject that leaves an experiment whose history does not tell of it.
#[test]
fn a_correction_does_not_move_a_subject_to_another_experiment() {
    let nord = on(START).fact((NORD, ExperimentEvent::Launched(launch())));
    given([launched(), nord, grisy_agreed()])
        .when(on(START).correcting(3).entry((
            GRISY,
            VenueCommand::Agree {
                experiment: NORD,
                terms: town_hall(),
            },
        )))
        .refused(Refusal::MovesElsewhere {
            position: Position(3),
        });
}

#[test]
fn what_is_retracted_is_as_if_it_had_not_been_said() {
    let world = given([launched(), asserted("2021-07-08")])
        .when(retract(EXPERIMENT, 2))
        .then([retracted(EXPERIMENT, 2)]);
    assert_eq!(ends(&world), Vec::<String>::new());
    given([
        launched(),
        asserted("2021-07-08"),
        retracted(EXPERIMENT, 2),
        asserted("2021-07-08"),
    ])
    .when(assert_end("2021-07-01", 4))
    .then_recorded();
}

#[test]
fn a_retraction_is_undone_by_saying_it_again() {
    let story = [launched(), asserted("2021-07-08"), retracted(EXPERIMENT, 2)];
    let world = given(story.clone())
        .when(assert_end("2021-07-08", 3))
        .then_recorded();
    assert_eq!(ends(&world), ["2021-07-08"]);
    given(story)
        .when(retract(EXPERIMENT, 3))
        .refused(Refusal::AlreadyRetracted {
            position: Position(3),
        });
    given([launched()])
        .when(on("2021-07-05").entry(Command::Retract(EXPERIMENT)))
        .refused(Refusal::NothingToRetract);
}

/// The bug it catches: a first entry taken away from under what was recorded on it.
#[test]
fn what_others_rest_on_is_not_retracted() {
    given([launched(), asserted("2021-07-08")])
        .when(retract(EXPERIMENT, 1))
        .refused(Refusal::Contradicts {
            position: Position(2),
            why: Box::new(Refusal::UnknownExperiment),
        });
    given([launched(), asserted("2021-07-08"), retracted(EXPERIMENT, 2)])
        .when(retract(EXPERIMENT, 1))
        .then([retracted(EXPERIMENT, 1)]);
}

/// The bug it catches: a correction by which an accepted entry could not have been accepted.
#[test]
fn a_correction_does_not_contradict_what_followed() {
    let suspended = on("2021-05-03").fact(ExperimentEvent::Suspended(reason("Crise sanitaire")));
    let story = [launched(), suspended];
    let world = given(story.clone())
        .when(launched_on("2021-05-01", 1))
        .then_recorded();
    let known = world.experiment(VIGNY).unwrap();
    assert_eq!(known.exact_start(), Some(date("2021-05-01")));
    assert_eq!(known.suspensions.all().len(), 1);
    given(story)
        .when(launched_on("2021-05-04", 1))
        .refused(Refusal::Contradicts {
            position: Position(2),
            why: Box::new(Refusal::BeforeLaunch {
                start: date("2021-05-04"),
            }),
        });
}

/// The bug it catches: an entry that another subject has made impossible since blamed on the
/// correction.
#[test]
fn only_what_the_correction_itself_makes_impossible_is_told() {
    let rescheduled = on("2021-06-01").fact(PermanenceEvent::Rescheduled(SlotChange {
        hours: Some(hours("Tu 10:00-12:00")),
        ..SlotChange::default()
    }));
    let closed = crate::course::closed("2021-05-20");
    given(
        under_way()
            .into_iter()
            .chain([rescheduled, closed])
            .collect::<Vec<_>>(),
    )
    .when(
        on(START)
            .source("Affiche", "2021-05-01")
            .correcting(4)
            .entry(PermanenceCommand::Schedule {
                experiment: VIGNY,
                terms: slot(GRISY, "Tu 09:00-11:00"),
            }),
    )
    .then_recorded();
}

#[test]
fn an_entry_is_backdated_by_saying_it_of_another_day() {
    let world = given(under_way())
        .when(
            on("2021-05-04")
                .correcting(4)
                .entry(PermanenceCommand::Schedule {
                    experiment: VIGNY,
                    terms: slot(GRISY, "Tu 09:00-12:00"),
                }),
        )
        .then_recorded();
    let first = world.permanence(TUESDAY).unwrap().first.clone().unwrap();
    assert_eq!(first.valid.from, date("2021-05-04"));
}

/// The bug it catches: criteria changed after the launch, by way of a correction, that pass for
/// fixed before it.
#[test]
fn criteria_corrected_after_the_launch_came_after_it() {
    let fixed = on("2021-04-01").fact(ExperimentEvent::CriteriaFixed(criteria()));
    let mut eased = criteria();
    eased.criteria[0].minimum_n = 1;
    let ease = on("2021-04-01")
        .correcting(1)
        .entry(ExperimentCommand::FixCriteria(eased.clone()));
    let post_hoc = |world: &World| world.experiment(VIGNY).unwrap().criteria[0].post_hoc;
    assert!(post_hoc(
        &given([fixed.clone(), launched()])
            .when(ease.clone())
            .then_recorded()
    ));
    assert!(!post_hoc(
        &given([fixed.clone()]).when(ease).then_recorded()
    ));
    // That the launch is corrected afterwards does not bring them before it again.
    let eased = on("2021-04-01")
        .correcting(1)
        .fact(ExperimentEvent::CriteriaFixed(eased));
    let world = given([fixed, launched(), eased])
        .when(launched_on("2021-05-02", 2))
        .then_recorded();
    assert!(post_hoc(&world));
}

/// The bug it catches: criteria fixed after what was seen that pass for fixed before it, because the
/// launch was retracted and said again, or because those that were missed were dropped.
#[test]
fn criteria_chosen_after_the_first_launch_stay_post_hoc() {
    let fixed = |minimum_n: u32| {
        let mut criteria = criteria();
        criteria.criteria[0].minimum_n = minimum_n;
        ExperimentEvent::CriteriaFixed(criteria)
    };
    let post_hoc = |world: &World| {
        let criteria = &world.experiment(VIGNY).unwrap().criteria;
        criteria.iter().map(|set| set.post_hoc).collect::<Vec<_>>()
    };
    let again = given([
        launched(),
        retracted(EXPERIMENT, 1),
        on("2021-04-01").fact(fixed(1)),
    ])
    .when(on(START).entry(ExperimentCommand::Launch(launch())))
    .then_recorded();
    assert_eq!(post_hoc(&again), [true]);
    let story = [
        on("2021-04-01").fact(fixed(90)),
        on("2021-04-02").fact(fixed(1)),
        launched(),
    ];
    assert_eq!(post_hoc(&crate::given::world(&story)), [false, false]);
    let dropped = given(story)
        .when(retract(EXPERIMENT, 1))
        .then([retracted(EXPERIMENT, 1)]);
    assert_eq!(post_hoc(&dropped), [true]);
}

/// The bug it catches: an experiment of which nothing stands that passes for known.
#[test]
fn an_experiment_of_which_nothing_stands_is_unknown() {
    given([launched(), retracted(EXPERIMENT, 1)])
        .when(on(START).entry((
            GRISY,
            VenueCommand::Agree {
                experiment: VIGNY,
                terms: town_hall(),
            },
        )))
        .refused(Refusal::UnknownExperiment);
}

/// The bug it catches: a person whose registration was a mistake, and whose sealed name stays.
#[test]
fn who_was_registered_by_mistake_can_be_erased() {
    let adviser = StreamId::Adviser(ADVISER);
    let mistaken = on("2021-07-05")
        .correcting(1)
        .fact(Event::Retracted(Retraction {
            subject: adviser,
            experiment: None,
        }));
    given([crate::adviser::registered(), mistaken])
        .when(on("2021-07-06").entry(AdviserCommand::Erase(reason("Demande écrite"))))
        .then_recorded();
}

#[test]
fn a_venue_whose_withdrawal_stands_is_not_retracted() {
    let venue = StreamId::Venue(GRISY);
    let withdrawn = on("2021-06-01").fact((
        GRISY,
        carnet::domain::venue::VenueEvent::Withdrawn(reason("Travaux")),
    ));
    given([launched(), grisy_agreed(), withdrawn])
        .when(retract(venue, 2))
        .refused(Refusal::Contradicts {
            position: Position(3),
            why: Box::new(Refusal::UnknownVenue),
        });
    let mut shop = town_hall();
    shop.name = title("Mairie annexe");
    given([launched(), grisy_agreed()])
        .when(on(START).correcting(2).entry((
            GRISY,
            VenueCommand::Agree {
                experiment: VIGNY,
                terms: shop,
            },
        )))
        .then_recorded();
}

/// The bug it catches: a person who was erased recorded anew by way of a correction.
#[test]
fn nothing_is_corrected_of_a_person_who_was_erased() {
    let registered = crate::adviser::registered();
    let erased = crate::adviser::erased("2021-06-03");
    let Event::Adviser(_, registration) = &registered.event else {
        panic!("{registered:?}")
    };
    for command in [
        Command::Retract(StreamId::Adviser(ADVISER)),
        Command::Adviser(ADVISER, AdviserCommand::of(registration)),
    ] {
        given([registered.clone(), erased.clone()])
            .when(on("2021-07-05").correcting(1).entry(command))
            .refused(Refusal::PersonErased);
    }
}

/// The bug it catches: history that can no longer be told apart from what stands of it.
#[test]
fn what_stands_is_the_last_of_each_lineage() {
    let facts = [
        launched(),
        asserted("2021-07-08"),
        corrected("2021-07-01", 2),
        asserted("2021-07-27"),
        retracted(EXPERIMENT, 4),
        corrected("2021-06-30", 3),
    ];
    let places: Vec<(u64, u64)> = standing(&recorded(&facts))
        .iter()
        .map(|entry| (entry.place.0, entry.position.0))
        .collect();
    assert_eq!(places, [(1, 1), (2, 6)]);
}

/// The bug it catches: a correction that makes another thing of the one it corrects, by an id that
/// is drawn anew or by one that is given.
#[test]
fn a_correction_keeps_an_identity() {
    let [one, other, new] = [1, 2, 3].map(Uuid::from_u128);
    let position = Position(5);
    let corrected = Some((position, one));
    assert_eq!(identity(None, None, new), Ok(new));
    assert_eq!(identity(Some(other), None, new), Ok(other));
    assert_eq!(identity(None, corrected, new), Ok(one));
    assert_eq!(identity(Some(one), corrected, new), Ok(one));
    assert_eq!(
        identity(Some(other), corrected, new),
        Err(Refusal::ChangesIdentity { position }),
    );
}
