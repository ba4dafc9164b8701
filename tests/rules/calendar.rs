//! The calendar: the dated occurrences of a permanence, and what is taken out of it.

use carnet::domain::{
    calendar::{Occurrence, TakenOut, occurrences},
    event::Fact,
    experiment::{ExperimentEvent, Launch},
    permanence::PermanenceEvent,
    refusal::Refusal,
    terms::{Period, VenueId},
    venue::{VenueEvent, VenueTerms},
};

use crate::{
    course::{closed, extended, made_permanent, suspended},
    given::{
        CORMEILLES, GRISY, START, TUESDAY, VIGNY, cormeilles_agreed, date, grisy_agreed,
        grisy_withdrawn, insee, launch, launched, on, reason, scheduled, slot, to_venue, town_hall,
        world,
    },
};

fn drawn(facts: &[Fact], from: &str, until: &str) -> Result<Vec<Occurrence>, Refusal> {
    let world = world(facts);
    occurrences(
        TUESDAY,
        world.permanence(TUESDAY).unwrap(),
        world.experiment(VIGNY).unwrap(),
        |id: VenueId| world.venue(id),
        Period::try_new(date(from), date(until)).unwrap(),
    )
}

/// The occurrences from April to August 2021.
fn season(facts: &[Fact]) -> Vec<Occurrence> {
    drawn(facts, "2021-04-01", "2021-08-31").unwrap()
}

/// The days that stand, month and day.
fn standing(found: &[Occurrence]) -> Vec<String> {
    found
        .iter()
        .filter(|occurrence| occurrence.taken_out.is_none())
        .map(|occurrence| occurrence.date.format("%m-%d").to_string())
        .collect()
}

/// The days that are taken out, and why.
fn taken_out(found: &[Occurrence]) -> Vec<(String, TakenOut)> {
    found
        .iter()
        .filter_map(|occurrence| Some((occurrence.date.to_string(), occurrence.taken_out?)))
        .collect()
}

fn on_day(day: &str, why: TakenOut) -> (String, TakenOut) {
    (day.to_owned(), why)
}

/// Launched, both venues agreed, and a permanence of those hours at Grisy.
fn held(text: &str) -> Vec<Fact> {
    let terms = on(START).fact(PermanenceEvent::Scheduled(slot(GRISY, text)));
    vec![launched(), grisy_agreed(), cormeilles_agreed(), terms]
}

/// The same, in another commune, planned until the end of 2022.
fn held_in(commune: &str, text: &str) -> Vec<Fact> {
    let long = Launch {
        planned_end: date("2022-12-31"),
        ..launch()
    };
    let there = VenueTerms {
        commune: insee(commune),
        ..town_hall()
    };
    vec![
        on(START).fact(ExperimentEvent::Launched(long)),
        on(START).fact((GRISY, VenueEvent::Agreed(there))),
        on(START).fact(PermanenceEvent::Scheduled(slot(GRISY, text))),
    ]
}

const TUESDAYS: [&str; 14] = [
    "04-27", "05-04", "05-11", "05-18", "05-25", "06-01", "06-08", "06-15", "06-22", "06-29",
    "07-06", "07-13", "07-20", "07-27",
];

#[test]
fn every_tuesday_of_the_experiment_at_vigny() {
    let found = season(&[launched(), grisy_agreed(), scheduled()]);
    assert_eq!(standing(&found), TUESDAYS);
    assert_eq!(taken_out(&found), []);
    assert!(found.iter().all(|it| it.venue == GRISY));
    assert_eq!(found[0].starts_at.to_rfc3339(), "2021-04-27T09:00:00+02:00");
    assert_eq!(found[0].ends_at.to_rfc3339(), "2021-04-27T12:00:00+02:00");
}

/// The bug it catches: 14 July, a Wednesday, announced as any other.
#[test]
fn public_holidays_are_taken_out() {
    let holiday = |day| on_day(day, TakenOut::PublicHoliday);
    for (text, days) in [
        ("Mo 09:00-12:00", vec![holiday("2021-05-24")]),
        ("We 09:00-12:00", vec![holiday("2021-07-14")]),
        ("Th 09:00-12:00", vec![holiday("2021-05-13")]),
        (
            "Sa 09:00-12:00",
            vec![holiday("2021-05-01"), holiday("2021-05-08")],
        ),
    ] {
        assert_eq!(taken_out(&season(&held(text))), days, "{text}");
    }
    // Thirteen Wednesdays from 28 April to 21 July, less one.
    assert_eq!(standing(&season(&held("We 09:00-12:00"))).len(), 12);
}

#[test]
fn hours_may_say_what_happens_on_public_holidays() {
    let off = season(&held("Sa 09:00-12:00; PH off"));
    assert_eq!(taken_out(&off), []);
    assert!(!standing(&off).contains(&"05-01".to_owned()));
    assert!(standing(&off).contains(&"05-15".to_owned()));

    let shorter = season(&held("Sa 09:00-12:00; PH 10:00-12:00"));
    assert_eq!(taken_out(&shorter), []);
    let on_may_day = shorter.iter().find(|it| it.date == date("2021-05-01"));
    assert_eq!(
        on_may_day.unwrap().starts_at.to_rfc3339(),
        "2021-05-01T10:00:00+02:00"
    );
}

/// The bug it catches: "PH" looked for as letters, so that a comment about a pharmacy keeps the
/// permanence open on 1 May.
#[test]
fn a_comment_does_not_speak_of_public_holidays() {
    let found = season(&held("Sa 09:00-12:00 \"face à la PHARMACIE\""));
    assert_eq!(taken_out(&found).len(), 2);
}

/// The bug it catches: `PH off` read with the national days alone, which leaves Good Friday open
/// in Metz.
#[test]
fn regional_holidays_are_taken_out_too() {
    let spring =
        |commune, text| drawn(&held_in(commune, text), "2022-04-01", "2022-04-30").unwrap();
    let good_friday = on_day("2022-04-15", TakenOut::PublicHoliday);
    assert_eq!(taken_out(&spring("57463", "Fr 09:00-12:00")), [good_friday]);
    assert_eq!(taken_out(&spring("95287", "Fr 09:00-12:00")), []);
    assert_eq!(
        standing(&spring("57463", "Fr 09:00-12:00; PH off")),
        ["04-01", "04-08", "04-22", "04-29"]
    );
    assert_eq!(
        standing(&spring("95287", "Fr 09:00-12:00; PH off")),
        ["04-01", "04-08", "04-15", "04-22", "04-29"]
    );
    let december = drawn(
        &held_in("67482", "Mo 09:00-12:00"),
        "2022-12-01",
        "2022-12-31",
    );
    assert_eq!(
        taken_out(&december.unwrap()),
        [on_day("2022-12-26", TakenOut::PublicHoliday)]
    );
}

#[test]
fn overseas_keeps_its_holidays_and_its_time() {
    let reunion = drawn(
        &held_in("97411", "Mo 09:00-12:00"),
        "2021-12-13",
        "2021-12-27",
    )
    .unwrap();
    assert_eq!(standing(&reunion), ["12-13", "12-27"]);
    assert_eq!(
        taken_out(&reunion),
        [on_day("2021-12-20", TakenOut::PublicHoliday)]
    );
    assert_eq!(
        reunion[0].starts_at.to_rfc3339(),
        "2021-12-13T09:00:00+04:00"
    );
    let noumea = drawn(
        &held_in("98818", "Mo 09:00-12:00"),
        "2021-12-13",
        "2021-12-13",
    );
    assert_eq!(
        noumea.unwrap()[0].starts_at.to_rfc3339(),
        "2021-12-13T09:00:00+11:00"
    );
}

#[test]
fn odd_weeks_only() {
    assert_eq!(
        standing(&season(&held("week 1-53/2 Tu 09:00-12:00"))),
        [
            "04-27", "05-11", "05-25", "06-08", "06-22", "07-06", "07-20"
        ]
    );
}

/// The bug it catches: the same hour of the clock before and after the change, but an hour apart
/// in the calendar of who reads it elsewhere.
#[test]
fn the_clocks_change_and_the_hours_stay() {
    let found = drawn(
        &held_in("95287", "Tu 09:00-12:00"),
        "2021-10-26",
        "2021-11-02",
    );
    let starts: Vec<String> = found
        .unwrap()
        .iter()
        .map(|it| it.starts_at.to_rfc3339())
        .collect();
    assert_eq!(
        starts,
        ["2021-10-26T09:00:00+02:00", "2021-11-02T09:00:00+01:00"]
    );
}

/// The bug it catches: an occurrence that ends before it begins, in the hour that spring skips.
#[test]
fn the_hour_that_spring_skips_is_not_held() {
    let night = |text| {
        let found = drawn(&held_in("95287", text), "2022-03-27", "2022-03-27").unwrap();
        let pairs: Vec<(String, String)> = found
            .iter()
            .map(|it| (it.starts_at.to_rfc3339(), it.ends_at.to_rfc3339()))
            .collect();
        pairs
    };
    let from_three = |until: &str| {
        vec![(
            "2022-03-27T03:00:00+02:00".to_owned(),
            format!("2022-03-27T{until}:00+02:00"),
        )]
    };
    assert_eq!(night("Su 02:30-03:15"), from_three("03:15"));
    assert_eq!(night("Su 02:00-04:00"), from_three("04:00"));
    assert_eq!(night("Su 02:15-02:45"), []);
}

#[test]
fn suspensions_are_taken_out() {
    let with = |fact| season(&[launched(), grisy_agreed(), scheduled(), fact]);
    assert_eq!(
        taken_out(&with(suspended("2021-06-01", Some("2021-06-08")))),
        [
            on_day("2021-06-01", TakenOut::ExperimentSuspended),
            on_day("2021-06-08", TakenOut::ExperimentSuspended),
        ]
    );
    let on_leave = on("2021-06-08")
        .until("2021-06-14")
        .fact(PermanenceEvent::Suspended(reason("Congés")));
    assert_eq!(
        taken_out(&with(on_leave)),
        [on_day("2021-06-08", TakenOut::PermanenceSuspended)]
    );
}

#[test]
fn a_withdrawn_venue_is_taken_out_until_the_permanence_moves() {
    let moved = on("2021-06-15").fact(PermanenceEvent::Rescheduled(to_venue(CORMEILLES)));
    let found = season(&[
        launched(),
        grisy_agreed(),
        cormeilles_agreed(),
        scheduled(),
        grisy_withdrawn("2021-06-02"),
        moved,
    ]);
    assert_eq!(
        taken_out(&found),
        [on_day("2021-06-08", TakenOut::VenueWithdrawn)]
    );
    let venue_on = |day| found.iter().find(|it| it.date == date(day)).unwrap().venue;
    assert_eq!(venue_on("2021-06-08"), GRISY);
    assert_eq!(venue_on("2021-06-15"), CORMEILLES);
}

/// The bug it catches: a permanence announced after the experiment or the permanence is over.
#[test]
fn nothing_is_held_after_the_end() {
    let with = |fact| standing(&season(&[launched(), grisy_agreed(), scheduled(), fact]));
    let ended = on("2021-06-01").fact(PermanenceEvent::Closed(reason("Fin")));
    assert_eq!(with(ended), TUESDAYS[..5]);
    assert_eq!(with(closed("2021-06-02")), TUESDAYS[..6]);
    let more = ["08-03", "08-10", "08-17", "08-24", "08-31"];
    let longer: Vec<&str> = TUESDAYS.iter().copied().chain(more).collect();
    assert_eq!(with(extended("2021-07-20", "2021-10-27")), longer);
    assert_eq!(with(made_permanent("2021-07-28")), longer);
    let later: Vec<&str> = TUESDAYS.iter().copied().chain(["08-24", "08-31"]).collect();
    assert_eq!(with(made_permanent("2021-08-20")), later);
}

#[test]
fn a_calendar_is_drawn_of_a_bounded_period() {
    let facts = [launched(), grisy_agreed(), scheduled()];
    assert!(drawn(&facts, "2021-01-01", "2022-02-04").is_ok());
    assert_eq!(
        drawn(&facts, "2021-01-01", "2022-02-05"),
        Err(Refusal::PeriodTooLong {
            max_days: 400,
            days: 401
        })
    );
}

/// The bug it catches: days drawn one by one differ from a season drawn at once.
#[test]
fn a_day_is_the_same_in_any_period() {
    let facts = held("Mo-Sa 09:00-12:00,14:00-17:00; PH off; week 20 Tu off");
    let one_by_one: Vec<Occurrence> = Period::try_new(date("2021-04-01"), date("2021-08-31"))
        .unwrap()
        .iter()
        .flat_map(|day| {
            let day = day.to_string();
            drawn(&facts, &day, &day).unwrap()
        })
        .collect();
    assert_eq!(one_by_one, season(&facts));
    // 92 days less 13 Sundays, 5 public holidays on a working day and one Tuesday off; two each.
    assert_eq!(one_by_one.len(), 2 * (92 - 13 - 5 - 1));
}
