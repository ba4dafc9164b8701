//! Public holidays and time zones of French territories.
//!
//! The days are those of the Code du travail: art. L3133-1 for the whole country, Good Friday and
//! 26 December in Alsace and Moselle (ordonnance of 16 August 1892, art. L3134-13), the
//! commemoration of the abolition of slavery overseas (art. L3422-2; law 83-550 and decree
//! 83-1003).

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use compact_calendar::CompactCalendar;
use opening_hours::ContextHolidays;

use super::terms::time::YEARS;

/// The days of the year that are public holidays in the whole country.
const FIXED: [(u32, u32); 8] = [
    (1, 1),
    (5, 1),
    (5, 8),
    (7, 14),
    (8, 15),
    (11, 1),
    (11, 11),
    (12, 25),
];
/// Easter Monday, Ascension and Whit Monday, in days after Easter Sunday.
const AFTER_EASTER: [u64; 3] = [1, 39, 50];
/// Good Friday, in days before Easter Sunday.
const GOOD_FRIDAY: u64 = 2;
/// Where Good Friday and 26 December are public holidays.
const ALSACE_MOSELLE: [&str; 3] = ["57", "67", "68"];
/// Where and when the abolition of slavery is commemorated.
const ABOLITION: [(&str, (u32, u32)); 7] = [
    ("971", (5, 27)),
    ("972", (5, 22)),
    ("973", (6, 10)),
    ("974", (12, 20)),
    ("976", (4, 27)),
    ("977", (10, 9)),
    ("978", (5, 28)),
];

static NATIONAL: LazyLock<Arc<CompactCalendar>> = LazyLock::new(|| Arc::new(national()));

static REGIONAL: LazyLock<BTreeMap<&'static str, Arc<CompactCalendar>>> = LazyLock::new(|| {
    let alsace_moselle = ALSACE_MOSELLE.map(|departement| {
        let mut calendar = national();
        add(&mut calendar, |year| {
            easter(year)?.checked_sub_days(Days::new(GOOD_FRIDAY))
        });
        add(&mut calendar, |year| NaiveDate::from_ymd_opt(year, 12, 26));
        (departement, Arc::new(calendar))
    });
    let overseas = ABOLITION.map(|(departement, (month, day))| {
        let mut calendar = national();
        add(&mut calendar, |year| {
            NaiveDate::from_ymd_opt(year, month, day)
        });
        (departement, Arc::new(calendar))
    });
    alsace_moselle.into_iter().chain(overseas).collect()
});

fn national() -> CompactCalendar {
    let mut calendar = CompactCalendar::default();
    for (month, day) in FIXED {
        add(&mut calendar, |year| {
            NaiveDate::from_ymd_opt(year, month, day)
        });
    }
    for days in AFTER_EASTER {
        add(&mut calendar, |year| {
            easter(year)?.checked_add_days(Days::new(days))
        });
    }
    calendar
}

fn add(calendar: &mut CompactCalendar, day_of: impl Fn(i32) -> Option<NaiveDate>) {
    for day in YEARS.filter_map(day_of) {
        calendar.insert(day);
    }
}

fn calendar(departement: &str) -> &'static Arc<CompactCalendar> {
    REGIONAL.get(departement).unwrap_or(&NATIONAL)
}

/// The public holidays of a département, for reading hours that name them; those of the whole
/// country where the département is unknown. It holds no school holidays.
#[must_use]
pub fn public_in(departement: &str) -> ContextHolidays {
    ContextHolidays::new(Arc::clone(calendar(departement)), Arc::default())
}

/// Whether `date` is a public holiday in the département of code `departement`.
#[must_use]
pub fn is_public(date: NaiveDate, departement: &str) -> bool {
    calendar(departement).contains(date)
}

/// Easter Sunday, by the anonymous Gregorian algorithm (Meeus, *Astronomical Algorithms*, ch. 8).
#[expect(
    clippy::arithmetic_side_effects,
    reason = "for years of four digits every term stays below 10 000, and no divisor is zero"
)]
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year % 19;
    let (century, rest) = (year / 100, year % 100);
    let skipped = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - skipped + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let count = epact + weekday - 7 * late + 114;
    NaiveDate::from_ymd_opt(
        year,
        u32::try_from(count / 31).ok()?,
        u32::try_from(count % 31 + 1).ok()?,
    )
}

/// The time zone of a département or overseas collectivity.
#[must_use]
pub fn zone(departement: &str) -> Tz {
    match departement {
        "971" => Tz::America__Guadeloupe,
        "972" => Tz::America__Martinique,
        "973" => Tz::America__Cayenne,
        "974" => Tz::Indian__Reunion,
        "975" => Tz::America__Miquelon,
        "976" => Tz::Indian__Mayotte,
        "977" => Tz::America__St_Barthelemy,
        "978" => Tz::America__Marigot,
        "984" => Tz::Indian__Kerguelen,
        "986" => Tz::Pacific__Wallis,
        "987" => Tz::Pacific__Tahiti,
        "988" => Tz::Pacific__Noumea,
        _ => Tz::Europe__Paris,
    }
}
