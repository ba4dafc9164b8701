//! Public holidays and time zones of French territories.
//!
//! The national days come from the table embedded in the `opening-hours` crate. What it lacks is
//! here: Good Friday and 26 December in Alsace and Moselle (ordonnance of 16 August 1892, Code du
//! travail art. L3134-13) and the commemoration of the abolition of slavery overseas (Code du
//! travail art. L3422-2; law 83-550 and decree 83-1003).

use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use opening_hours::{ContextHolidays, localization::Country};

/// The days that are public holidays in the whole country.
#[must_use]
pub fn national() -> ContextHolidays {
    Country::FR.holidays()
}

/// Whether `date` is a public holiday in the département of code `departement`.
#[must_use]
pub fn is_public(date: NaiveDate, departement: &str) -> bool {
    national().get_public().contains(date) || is_regional(date, departement)
}

fn is_regional(date: NaiveDate, departement: &str) -> bool {
    let day = (date.month(), date.day());
    match departement {
        "57" | "67" | "68" => day == (12, 26) || good_friday(date.year()) == Some(date),
        "971" => day == (5, 27),
        "972" => day == (5, 22),
        "973" => day == (6, 10),
        "974" => day == (12, 20),
        "976" => day == (4, 27),
        "977" => day == (10, 9),
        "978" => day == (5, 28),
        _ => false,
    }
}

/// Good Friday: three days before Easter Monday, which the national table holds.
fn good_friday(year: i32) -> Option<NaiveDate> {
    let monday = NaiveDate::from_ymd_opt(year, 3, 22)?
        .iter_days()
        .take(36)
        .find(|day| {
            day.weekday() == chrono::Weekday::Mon
                && national().get_public().contains(*day)
                && (day.month(), day.day()) != (5, 1)
        })?;
    monday.checked_sub_days(Days::new(3))
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
