//! Times of day as French people write them.

use chrono::NaiveTime;
use rust_decimal::Decimal;

use crate::import::{
    reason::Reason,
    table::{Cell, seconds},
    words::squeezed,
};

/// The time of day a cell says.
///
/// # Errors
/// Why it says none.
pub(in crate::import) fn time(cell: &Cell) -> Result<NaiveTime, Reason> {
    let seconds = match cell {
        Cell::Duration(seconds) => *seconds,
        // A part of a day whose format was lost.
        Cell::Number(number) if *number < Decimal::ONE => seconds(*number)
            .and_then(|seconds| u32::try_from(seconds).ok())
            .ok_or(Reason::NotATime)?,
        Cell::Date(..) => return Err(Reason::TimeWithDate),
        Cell::Text(text) => return written(text).ok_or(Reason::NotATime),
        Cell::Number(_) | Cell::Bool(_) | Cell::Uncomputed | Cell::Error(_) => {
            return Err(Reason::NotATime);
        }
    };
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).ok_or(Reason::NotATime)
}

fn written(text: &str) -> Option<NaiveTime> {
    let text = squeezed(text).to_lowercase().replace(' ', "");
    if text == "midi" {
        return NaiveTime::from_hms_opt(12, 0, 0);
    }
    let text = text.replace("heures", "h").replace("heure", "h");
    let text = text.trim_end_matches("min").trim_end_matches("mn");
    let parts: Vec<&str> = text.split(['h', ':']).collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, ""] if text.ends_with('h') => (*hour, "00", "00"),
        [hour, minute] => (*hour, *minute, "00"),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        let digits =
            lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    NaiveTime::from_hms_opt(
        number(hour, 1..=2)?,
        number(minute, 2..=2)?,
        number(second, 2..=2)?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_many_ways() {
        let half_past_nine = NaiveTime::from_hms_opt(9, 30, 0);
        for text in [
            "9h30",
            "09:30",
            "9 h 30",
            "09H30",
            "9:30:00",
            "9h30min",
            "9\u{202f}h\u{202f}30",
        ] {
            assert_eq!(written(text), half_past_nine, "{text}");
        }
        assert_eq!(written("9h"), NaiveTime::from_hms_opt(9, 0, 0));
        assert_eq!(written("midi"), NaiveTime::from_hms_opt(12, 0, 0));
        for text in [
            "",
            "9",
            "9.30",
            "9h5",
            "25:00",
            "9h60",
            "h30",
            "9:30 PM",
            "neuf heures",
            "-9:30",
        ] {
            assert_eq!(written(text), None, "{text}");
        }
    }

    #[test]
    fn spreadsheets_keep_parts_of_days() {
        let part = Decimal::from_str_exact("0.39583333333333331");
        let read = part.ok().and_then(|part| time(&Cell::Number(part)).ok());
        assert_eq!(read, NaiveTime::from_hms_opt(9, 30, 0));
        assert_eq!(time(&Cell::Duration(86_400)), Err(Reason::NotATime));
    }
}
