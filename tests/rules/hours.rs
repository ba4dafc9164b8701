//! Weekly hours: what is read, what is refused, and what no expression may do: panic, take long,
//! or tell two tales.

use carnet::domain::{
    refusal::{HoursPart, Refusal},
    terms::{WeeklyHours, hours::ParsedHours},
};
use proptest::prelude::*;

use crate::given::{date, hours};

fn spans(parsed: &ParsedHours, day: &str) -> Vec<String> {
    let slots = parsed.slots(date(day));
    let time = |at: chrono::NaiveDateTime| at.format("%d %H:%M").to_string();
    slots
        .iter()
        .map(|slot| format!("{}-{}", time(slot.start), time(slot.end)))
        .collect()
}

fn on_tuesday(text: &str) -> Vec<String> {
    spans(&hours(text).parsed().unwrap(), "2021-04-27")
}

#[test]
fn hours_are_kept_as_written() {
    assert_eq!(hours("  tu 9:00-12:00 ").as_str(), "tu 9:00-12:00");
}

#[test]
fn hours_are_read() {
    assert_eq!(on_tuesday("Tu 09:00-12:00"), ["27 09:00-27 12:00"]);
    assert_eq!(
        on_tuesday("Mo-Fr 09:00-12:00,14:30-17:30; Th 09:00-12:00,15:00-17:30"),
        ["27 09:00-27 12:00", "27 14:30-27 17:30"]
    );
    assert_eq!(
        on_tuesday("Tu 09:00-12:00 \"sur rendez-vous\""),
        ["27 09:00-27 12:00"]
    );
    for closed in [
        "We 09:00-12:00",
        "Tu 09:00-12:00 off",
        "Tu 09:00-12:00 unknown",
        "week 2-52/2 Tu 09:00-12:00",
    ] {
        assert_eq!(on_tuesday(closed), [""; 0], "{closed}");
    }
}

#[test]
fn what_lasts_past_midnight_is_two_slots() {
    assert_eq!(on_tuesday("Tu 22:00-26:00"), ["27 22:00-28 00:00"]);
    let late = hours("Tu 22:00-26:00").parsed().unwrap();
    assert_eq!(spans(&late, "2021-04-28"), ["28 00:00-28 02:00"]);
}

#[test]
fn what_is_not_in_the_syntax_is_refused() {
    let long = format!("Tu 09:00-12:00 \"{}\"", "a".repeat(240));
    for text in [
        "",
        "   ",
        "mardi 9h-12h",
        "Tu 25:00-26:00",
        "Mo[6] 09:00-12:00",
        "week 52-2 Tu 09:00-12:00",
        "Tu 09:00-12:00 \"sur rendez-vous",
        long.as_str(),
    ] {
        let shown: String = text.trim().chars().take(80).collect();
        assert_eq!(
            WeeklyHours::try_new(text),
            Err(Refusal::HoursUnreadable { hours: shown })
        );
    }
}

/// The bugs it catches: `(dusk+16:00)-08:00` panics in the crate, `sunrise` is a made-up 07:00,
/// `Apr 31` opens every day, `SH off` closes nothing, `09:00+` lasts until midnight and a comment
/// alone opens day and night.
#[test]
fn what_gives_no_sure_dates_is_refused() {
    for (text, part) in [
        ("Tu (dusk+16:00)-08:00", HoursPart::SunTimes),
        ("Tu sunrise-12:00", HoursPart::SunTimes),
        ("Tu 14:00-sunset", HoursPart::SunTimes),
        ("We 09:00-12:00; Tu dawn-dusk off", HoursPart::SunTimes),
        ("Tu 09:00-12:00; SH off", HoursPart::SchoolHolidays),
        ("SH,PH 09:00-12:00", HoursPart::SchoolHolidays),
        ("Feb 30 09:00-12:00", HoursPart::ImpossibleDate),
        ("Apr 31 09:00-12:00", HoursPart::ImpossibleDate),
        ("2021 Feb 29 09:00-12:00", HoursPart::ImpossibleDate),
        ("Jun 1-31 Tu 09:00-12:00", HoursPart::ImpossibleDate),
        ("Tu 09:00+", HoursPart::OpenEnd),
        ("Tu 09:00-12:00+", HoursPart::OpenEnd),
        ("\"sur rendez-vous\"", HoursPart::CommentWithoutHours),
        ("Mo-Fr \"sur rendez-vous\"", HoursPart::CommentWithoutHours),
    ] {
        assert_eq!(
            WeeklyHours::try_new(text),
            Err(Refusal::HoursUndatable {
                hours: text.to_owned(),
                part
            })
        );
    }
    for fine in [
        "Feb 29 09:00-12:00",
        "2024 Feb 29 09:00-12:00",
        "Dec 20-Jan 5 off; Tu 09:00-12:00",
        "easter -2 days off; Fr 09:00-12:00",
        "Tu 09:00-12:00; PH off \"jours fériés, sunset, SH\"",
    ] {
        assert_eq!(WeeklyHours::try_new(fine).map(|_| ()), Ok(()), "{fine}");
    }
}

/// The bug it catches: the crate's parser takes three times longer for each nth weekday of a month
/// in a list; the 25 that fit into 250 bytes would hold a worker for years.
#[test]
fn a_list_that_would_take_for_ever_is_refused() {
    let list = |count| vec!["Jan Mo[1]"; count].join(",");
    assert!(WeeklyHours::try_new(&list(7)).is_ok());
    assert_eq!(
        WeeklyHours::try_new(&list(8)),
        Err(Refusal::HoursUnreadable { hours: list(8) })
    );
}

#[test]
fn the_refusal_says_what_is_wrong() {
    let refusal = WeeklyHours::try_new("Tu 09:00-12:00; SH off").unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "Les horaires « Tu 09:00-12:00; SH off » citent les vacances scolaires (SH) : le \
         calendrier ne peut en tirer ni dates ni heures sûres."
    );
}

// Expressions near the grammar.

fn one_of(items: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    prop::sample::select(items).prop_map(str::to_owned)
}

fn clock() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (0..49_u8, 0..60_u8).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}")),
        1 => one_of(&["00:00", "24:00", "48:00", "sunrise", "sunset", "dawn", "dusk"]),
        1 => (one_of(&["sunrise", "dusk"]), one_of(&["+", "-"]), 0..25_u8)
            .prop_map(|(event, sign, hour)| format!("({event}{sign}{hour:02}:10)")),
    ]
}

fn span() -> impl Strategy<Value = String> {
    let end = one_of(&["", "", "", "", "", "+", "/00:30", "/90"]);
    (clock(), clock(), end).prop_map(|(from, to, end)| format!("{from}-{to}{end}"))
}

fn weekday() -> impl Strategy<Value = String> {
    let day = || one_of(&["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]);
    let nth = one_of(&["[1]", "[-1]", "[5]", "[1-3]", "[5-1]", "[2,4]"]);
    let offset = one_of(&["", "", " +1 day", " -400 days", " +9999 days"]);
    prop_oneof![
        4 => day(),
        2 => (day(), day()).prop_map(|(from, to)| format!("{from}-{to}")),
        1 => (day(), nth, offset.clone()).prop_map(|(day, nth, offset)| day + &nth + &offset),
        1 => (one_of(&["PH", "PH", "SH"]), offset).prop_map(|(holiday, offset)| holiday + &offset),
    ]
}

fn dates() -> impl Strategy<Value = String> {
    let year = one_of(&["", "", "", "2021 ", "2024 ", "1900 ", "9999 "]);
    let month = || {
        one_of(&[
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ])
    };
    let rest = || {
        prop_oneof![
            2 => Just(String::new()),
            3 => (1..32_u8).prop_map(|day| format!(" {day:02}")),
            1 => one_of(&[" Mo[1]", " We[-1]", " Th[5]", " Su[-5]"]),
        ]
    };
    let offset = one_of(&["", "", "", "+", " +Mo", " -Su", " -365 days"]);
    let date = || {
        prop_oneof![
            4 => (year.clone(), month(), rest(), offset.clone())
                .prop_map(|(year, month, rest, offset)| year + &month + &rest + &offset),
            1 => one_of(&["easter", "2021 easter", "easter -2 days"]),
        ]
    };
    prop_oneof![
        3 => date(),
        2 => (date(), date()).prop_map(|(from, to)| format!("{from}-{to}")),
        1 => one_of(&["2021", "2019+", "2020-2030/2", "1900-9999/1000", "2199"]),
        2 => (1..54_u8, 1..54_u8, one_of(&["", "/1", "/2", "/53", "/255", "/256"]))
            .prop_map(|(from, to, step)| format!("week {from:02}-{to:02}{step}")),
    ]
}

fn listed(item: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::collection::vec(item, 1..4).prop_map(|items| items.join(","))
}

fn rule() -> impl Strategy<Value = String> {
    let state = one_of(&[
        "",
        "",
        "",
        "open",
        "off",
        "closed",
        "unknown",
        "\"sur rdv\"",
    ]);
    prop_oneof![
        12 => (
            prop::option::weighted(0.3, listed(dates())),
            prop::option::weighted(0.7, listed(weekday())),
            prop::option::weighted(0.8, listed(span())),
            state,
        )
            .prop_map(|(dates, weekdays, spans, state)| {
                [dates, weekdays, spans, Some(state)]
                    .into_iter()
                    .flatten()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(" ")
            }),
        1 => one_of(&["24/7", "24/7 closed", "off", "\"fermé\": Tu 09:00-12:00"]),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    prop::collection::vec((rule(), one_of(&["; ", ", ", " || ", ";", ","])), 1..6).prop_map(
        |rules| {
            let mut text: String = rules
                .into_iter()
                .flat_map(|(rule, separator)| [rule, separator])
                .collect();
            text.truncate(text.trim_end_matches(['|', ',', ';', ' ']).len());
            text
        },
    )
}

/// Fragments strung together without a grammar.
fn rubble() -> impl Strategy<Value = String> {
    let piece = one_of(&[
        "Tu",
        "Mo-Fr",
        "Mo[1]",
        "Jan Mo[1]",
        "Feb Th[5]",
        "PH",
        "SH",
        "week 1-53/2",
        "week",
        "2021",
        "2019+",
        "Jan",
        "Feb 30",
        "easter",
        "sunrise",
        "(dusk+16:00)",
        "09:00-12:00",
        "22:00-26:00",
        "24/7",
        "off",
        "open",
        "unknown",
        "\"sur rdv\"",
        "\"",
        "\"\"",
        "\\",
        "é",
        "+",
        "-",
        "/",
        "[",
        "]",
        "(",
        ")",
        ":",
        ";",
        ",",
        ", ",
        " || ",
        "|",
        " ",
        "  ",
        "0",
        "9999",
        "48:00",
        "+1 day",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// The slowest expression found takes a tenth of this in an unoptimised build.
const PATIENCE_SECONDS: u64 = 10;

/// Reads an expression and asks everything of it that the program asks.
#[expect(
    clippy::disallowed_methods,
    reason = "the time taken is what is measured, and the bound is generous"
)]
fn examine(text: &str) -> Result<(), TestCaseError> {
    let begun = std::time::Instant::now();
    if let Ok(parsed) = WeeklyHours::try_new(text).and_then(|hours| hours.parsed()) {
        let parsed = parsed.in_departement("57");
        let first = date("2021-04-27");
        let mut opens = false;
        for day in [first, date("1990-01-01"), date("2199-12-31")] {
            for slot in parsed.slots(day) {
                prop_assert!(slot.start < slot.end);
                prop_assert_eq!(slot.start.date(), day);
                prop_assert!(slot.end <= (day + chrono::Days::new(1)).into());
                opens |= day == first;
            }
        }
        prop_assert!(parsed.opens_from(first) || !opens);
        std::hint::black_box(parsed.opens_from(date("2199-01-01")));
    }
    let taken = begun.elapsed().as_secs();
    prop_assert!(taken < PATIENCE_SECONDS, "{} seconds", taken);
    Ok(())
}

/// What once made the crate panic, loop or disagree with itself.
#[test]
fn expressions_that_went_wrong_once() {
    for text in [
        "1900 PH (dawn+19:13)-25:08 \"sur rdv\"",
        "PH (sunset-22:42)-08:04,(dusk+16:58)-08:21,03:16-34:47+",
        "Jan Th[5] \"sur rdv\"",
        "Dec Tu[5]+ 21:24-09:28",
        "SH,PH +1 days 12:00-38:40 || 24/7 off",
        "easter -0001 days,Nov-Apr 05:47-06:00 unknown || 24/7",
        "2199 May 05 Mo[-1] -0001 days; Oct Th[1],easter-easter week 24-39,13 PH -1 days;22:54-48:00",
    ] {
        examine(text).unwrap();
    }
    for unit in [
        "easter off;",
        "Tu off;",
        "off;",
        "easter-easter,",
        "Feb 29,",
        "PH off;",
    ] {
        let text = unit.repeat(245 / unit.len());
        examine(text.trim_end_matches([';', ','])).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The bug it catches: an expression from a form or a file that panics or holds a worker.
    #[test]
    fn no_expression_panics_or_takes_long(text in expression()) {
        examine(&text)?;
    }

    /// The same, far from the grammar.
    #[test]
    fn no_rubble_panics_or_takes_long(text in rubble()) {
        examine(&text)?;
    }

    /// The bug it catches: hours refused as never opening though the calendar shows them open
    /// (`Tu 09:00-12:00 || 24/7 closed`, `Feb Th[5]`), or the reverse.
    #[test]
    fn hours_open_when_their_calendar_does(text in expression(), start in 0_u64..3000) {
        if let Ok(hours) = WeeklyHours::try_new(&text) {
            let parsed = hours.parsed().unwrap();
            let from = date("2018-01-01") + chrono::Days::new(start);
            let shown = from.iter_days().take(400).any(|day| !parsed.slots(day).is_empty());
            prop_assert!(!shown || parsed.opens_from(from), "{}", text);
        }
    }
}
