//! Numbers, shares, intervals and days as French is written: a decimal comma, thousands parted by
//! narrow no-break spaces, a no-break space before the per cent sign, a true minus.

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use super::document::{Cell, DIGITS_MAX, Mark, Unit};
use crate::domain::terms::time;

/// What stands for what is not told, since too few people are behind it.
pub const SUPPRESSED: &str = "s";
/// What [`SUPPRESSED`] means.
pub const SUPPRESSED_MEANS: &str = "s\u{a0}: secret statistique";

const MINUS: char = '\u{2212}';
const THIN: char = '\u{202f}';

/// A day: "27 avril 2021".
#[must_use]
pub fn date(day: NaiveDate) -> String {
    time::in_french(day)
}

/// A number: "1 234,5". Halves are rounded away from zero, as spreadsheets do.
#[must_use]
pub fn number(value: Decimal, digits: u32) -> String {
    let rounded = value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    let places = usize::try_from(digits).unwrap_or_default();
    let plain = format!("{:.places$}", rounded.abs());
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut text = String::new();
    if rounded.is_sign_negative() && !rounded.is_zero() {
        text.push(MINUS);
    }
    for (left, digit) in (0..whole.len()).rev().zip(whole.chars()) {
        text.push(digit);
        if left > 0 && left.is_multiple_of(3) {
            text.push(THIN);
        }
    }
    if !rest.is_empty() {
        text.push(',');
        text.push_str(rest);
    }
    text
}

/// A part of a whole, 1 for the whole: "90,0 %".
#[must_use]
pub fn share(value: Decimal, digits: u32) -> String {
    format!("{}\u{a0}%", number(percent(value), digits))
}

/// A part of a whole in per cent.
#[must_use]
pub fn percent(share: Decimal) -> Decimal {
    share.saturating_mul(Decimal::ONE_HUNDRED)
}

/// From a number to a number: "69,9 à 97,2".
#[must_use]
pub fn interval(lower: Decimal, upper: Decimal, digits: u32) -> String {
    format!("{} à {}", number(lower, digits), number(upper, digits))
}

/// From a share to a share: "69,9 à 97,2 %".
#[must_use]
pub fn share_interval(lower: Decimal, upper: Decimal, digits: u32) -> String {
    let interval = interval(percent(lower), percent(upper), digits);
    format!("{interval}\u{a0}%")
}

/// A cell, as it is printed.
#[must_use]
pub fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Missing(text) => text.clone(),
        Cell::Number { value, digits } => number(*value, *digits),
        Cell::Share { value, digits } => share(*value, *digits),
        Cell::Date(day) => date(*day),
        Cell::Interval {
            lower,
            upper,
            digits,
        } => interval(*lower, *upper, *digits),
        Cell::ShareInterval {
            lower,
            upper,
            digits,
        } => share_interval(*lower, *upper, *digits),
        Cell::Suppressed => SUPPRESSED.to_owned(),
    }
}

/// A value of a chart, as it is printed; without the name of its unit.
#[must_use]
pub fn value(unit: &Unit, value: Decimal, digits: u32) -> String {
    match unit {
        Unit::Share => share(value, digits),
        Unit::Of(_) => number(value, digits),
    }
}

/// A value to compare with, as it was set: with all its digits.
#[must_use]
pub fn threshold(unit: &Unit, value: Decimal) -> String {
    self::value(unit, value, threshold_digits(unit, value))
}

/// How many digits a value to compare with has after the comma; no more than are ever shown.
#[must_use]
pub fn threshold_digits(unit: &Unit, value: Decimal) -> u32 {
    let set = match unit {
        Unit::Share => percent(value),
        Unit::Of(_) => value,
    };
    set.normalize().scale().min(DIGITS_MAX)
}

/// What is shown of a point of a chart: "90,0 % (69,9 à 97,2)".
#[must_use]
pub fn mark(unit: &Unit, mark: &Mark, digits: u32) -> String {
    match mark {
        Mark::Value(value) => self::value(unit, *value, digits),
        Mark::Estimate {
            value,
            lower,
            upper,
        } => {
            let (lower, upper) = match unit {
                Unit::Share => (percent(*lower), percent(*upper)),
                Unit::Of(_) => (*lower, *upper),
            };
            let value = self::value(unit, *value, digits);
            format!("{value} ({})", interval(lower, upper, digits))
        }
        Mark::Bounds { lower, upper } => match unit {
            Unit::Share => share_interval(*lower, *upper, digits),
            Unit::Of(_) => interval(*lower, *upper, digits),
        },
        Mark::Suppressed => SUPPRESSED.to_owned(),
        Mark::Missing(why) => why.clone(),
    }
}
