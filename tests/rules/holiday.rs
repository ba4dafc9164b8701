//! Public holidays and time zones of French territories.

use carnet::domain::holiday::{is_public, zone};
use chrono::{Datelike, NaiveDate, Offset, TimeZone};
use opening_hours::localization::Country;

use crate::given::date;

/// The bug it catches: a slip in the computation of Easter, or in the list of fixed days. The
/// crate's table was made by others, from other sources.
#[test]
fn national_holidays_agree_with_an_independent_table() {
    let table = Country::FR.holidays();
    let days = NaiveDate::from_ymd_opt(2000, 1, 1)
        .unwrap()
        .iter_days()
        .take_while(|day| day.year() <= 2076);
    for day in days {
        assert_eq!(
            is_public(day, "95"),
            table.get_public().contains(day),
            "{day}"
        );
    }
}

/// The bug it catches: a table that stops while dates are taken until 2199.
#[test]
fn holidays_are_known_in_every_year_that_is_taken() {
    for year in 1990..=2199 {
        let days = NaiveDate::from_ymd_opt(year, 1, 1)
            .unwrap()
            .iter_days()
            .take_while(|day| day.year() == year)
            .filter(|day| is_public(*day, "95"))
            .count();
        // Ascension falls on 1 or 8 May in some years.
        assert!((10..=11).contains(&days), "{year}: {days}");
    }
}

#[test]
fn alsace_and_moselle_keep_two_more() {
    for departement in ["57", "67", "68"] {
        assert!(is_public(date("2021-04-02"), departement));
        assert!(is_public(date("2022-04-15"), departement));
        assert!(is_public(date("2021-12-26"), departement));
    }
    for departement in ["95", "59", "47", "54", "88"] {
        assert!(!is_public(date("2021-04-02"), departement));
        assert!(!is_public(date("2021-12-26"), departement));
    }
}

#[test]
fn the_abolition_is_commemorated_overseas() {
    for (departement, day) in [
        ("971", "2021-05-27"),
        ("972", "2021-05-22"),
        ("973", "2021-06-10"),
        ("974", "2021-12-20"),
        ("976", "2021-04-27"),
        ("977", "2021-10-09"),
        ("978", "2021-05-28"),
    ] {
        assert!(is_public(date(day), departement), "{departement}");
        assert!(!is_public(date(day), "95"), "{departement}");
        assert!(is_public(date("2021-07-14"), departement), "{departement}");
    }
}

#[test]
fn territories_keep_their_own_time() {
    for (departement, seconds) in [
        ("95", 2 * 3600),
        ("2A", 2 * 3600),
        ("971", -4 * 3600),
        ("972", -4 * 3600),
        ("973", -3 * 3600),
        ("974", 4 * 3600),
        ("975", -2 * 3600),
        ("976", 3 * 3600),
        ("977", -4 * 3600),
        ("978", -4 * 3600),
        ("984", 5 * 3600),
        ("986", 12 * 3600),
        ("987", -10 * 3600),
        ("988", 11 * 3600),
    ] {
        let summer = date("2021-07-01").and_hms_opt(12, 0, 0).unwrap();
        let offset = zone(departement).offset_from_utc_datetime(&summer);
        assert_eq!(offset.fix().local_minus_utc(), seconds, "{departement}");
    }
}
