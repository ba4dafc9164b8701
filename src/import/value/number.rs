//! Numbers as French people write them.

use std::ops::RangeInclusive;

use rust_decimal::Decimal;

use crate::import::{
    reason::Reason,
    table::Cell,
    words::{folded, squeezed},
};

/// The whole number a cell says, within a range.
///
/// # Errors
/// Why it says none.
pub(in crate::import) fn whole(cell: &Cell, range: RangeInclusive<u16>) -> Result<u16, Reason> {
    let number = match cell {
        Cell::Number(number) => *number,
        Cell::Text(text) => written(text).ok_or(Reason::NotANumber)?,
        Cell::Date(..) | Cell::Duration(_) | Cell::Bool(_) | Cell::Uncomputed | Cell::Error(_) => {
            return Err(Reason::NotANumber);
        }
    };
    // What was computed in binary is a whole number but for its last digits.
    let number = number.round_dp(9);
    if !number.fract().is_zero() {
        return Err(Reason::NotWhole);
    }
    let outside = || Reason::OutOfRange {
        min: *range.start(),
        max: *range.end(),
    };
    u16::try_from(number)
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(outside)
}

/// The minutes a cell says: a number of them, or a duration such as `1h10`.
///
/// # Errors
/// Why it says none.
pub(in crate::import) fn minutes(cell: &Cell, range: RangeInclusive<u16>) -> Result<u16, Reason> {
    let text = match cell {
        Cell::Duration(seconds) if seconds % 60 == 0 => {
            return whole(&Cell::Number(Decimal::from(seconds / 60)), range);
        }
        Cell::Text(text) => squeezed(text).to_lowercase().replace(' ', ""),
        cell @ (Cell::Duration(_)
        | Cell::Number(_)
        | Cell::Date(..)
        | Cell::Bool(_)
        | Cell::Uncomputed
        | Cell::Error(_)) => return whole(cell, range),
    };
    let bare = ["minutes", "minute", "min", "mn", "'", "’"]
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(&text);
    if let Some((hours, minutes)) = bare.split_once(['h', ':']) {
        let minutes = if minutes.is_empty() { "0" } else { minutes };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let sum = (digits(hours) && digits(minutes) && minutes.len() <= 2)
            .then(|| {
                let hours: u32 = hours.parse().ok()?;
                let minutes: u32 = minutes.parse().ok().filter(|minutes| *minutes < 60)?;
                hours.checked_mul(60)?.checked_add(minutes)
            })
            .flatten()
            .ok_or(Reason::NotANumber)?;
        return whole(&Cell::Number(Decimal::from(sum)), range);
    }
    whole(&Cell::Text(bare.to_owned()), range)
}

/// A number, its thousands parted by spaces, its decimals by a comma or a point. Where three digits
/// follow the comma or the point, nobody can tell which of the two was meant.
fn written(text: &str) -> Option<Decimal> {
    let text = squeezed(text).replace(' ', "").replace(',', ".");
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let sign = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    if sign.is_empty() || !digits(sign) || !digits(decimals) || decimals.len() == 3 {
        return None;
    }
    text.trim_end_matches('.')
        .trim_start_matches('+')
        .parse()
        .ok()
}

/// Whether a text is a number, or an age: `47 ans`.
pub(super) fn is_age(text: &str) -> bool {
    let text = folded(text);
    let number = text
        .strip_suffix(" ans")
        .or_else(|| text.strip_suffix("ans"))
        .unwrap_or(&text);
    !number.is_empty() && number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_many_ways() {
        for text in ["25", " 25\u{a0}", "25,0", "25.00", "+25"] {
            assert_eq!(whole(&Cell::Text(text.into()), 1..=1440), Ok(25), "{text}");
        }
        assert_eq!(
            whole(&Cell::Text("1\u{202f}000".into()), 1..=1440),
            Ok(1000)
        );
        for (text, code) in [
            ("1.000", "NOT_A_NUMBER"),
            ("1,000", "NOT_A_NUMBER"),
            ("vingt", "NOT_A_NUMBER"),
            ("1e3", "NOT_A_NUMBER"),
            ("2-3", "NOT_A_NUMBER"),
            ("12,5", "NOT_WHOLE"),
            ("0", "OUT_OF_RANGE"),
            ("-4", "OUT_OF_RANGE"),
            ("99999999999", "OUT_OF_RANGE"),
            ("99999999999999999999999999999999999", "NOT_A_NUMBER"),
        ] {
            let read = whole(&Cell::Text(text.into()), 1..=1440);
            assert_eq!(read.map_err(|reason| reason.code()), Err(code), "{text}");
        }
    }

    #[test]
    fn minutes_are_written_in_many_ways() {
        for text in [
            "70",
            "70 min",
            "70 mn",
            "70'",
            "1h10",
            "1 h 10 min",
            "01:10",
        ] {
            assert_eq!(
                minutes(&Cell::Text(text.into()), 1..=1440),
                Ok(70),
                "{text}"
            );
        }
        assert_eq!(minutes(&Cell::Duration(4_200), 1..=1440), Ok(70));
        assert_eq!(minutes(&Cell::Text("2h".into()), 1..=1440), Ok(120));
        for text in ["1h70", "h", "1:5:3"] {
            assert!(
                minutes(&Cell::Text(text.into()), 1..=1440).is_err(),
                "{text}"
            );
        }
    }
}
