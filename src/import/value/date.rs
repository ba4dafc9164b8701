//! Dates as French people write them.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use rust_decimal::Decimal;

use crate::{
    domain::terms::time::check_date,
    import::{
        reason::Reason,
        table::{Cell, Epoch},
        words::{folded, squeezed},
    },
};

const WEEKDAYS: [(Weekday, &str, &str); 7] = [
    (Weekday::Mon, "lundi", "lun"),
    (Weekday::Tue, "mardi", "mar"),
    (Weekday::Wed, "mercredi", "mer"),
    (Weekday::Thu, "jeudi", "jeu"),
    (Weekday::Fri, "vendredi", "ven"),
    (Weekday::Sat, "samedi", "sam"),
    (Weekday::Sun, "dimanche", "dim"),
];

const MONTHS: [&[&str]; 12] = [
    &["janvier", "janv", "jan"],
    &["fevrier", "fevr", "fev"],
    &["mars", "mar"],
    &["avril", "avr"],
    &["mai"],
    &["juin"],
    &["juillet", "juil"],
    &["aout"],
    &["septembre", "sept", "sep"],
    &["octobre", "oct"],
    &["novembre", "nov"],
    &["decembre", "dec"],
];

/// The day a cell says. A number is one only where the file says from what day it counts.
///
/// # Errors
/// Why it says none.
pub(in crate::import) fn date(cell: &Cell, epoch: Option<Epoch>) -> Result<NaiveDate, Reason> {
    let date = match cell {
        Cell::Date(date, None) => *date,
        Cell::Date(_, Some(_)) => return Err(Reason::DateWithTime),
        Cell::Number(number) => numbered(*number, epoch)?,
        Cell::Text(text) => written(text)?,
        Cell::Duration(_) | Cell::Bool(_) | Cell::Uncomputed | Cell::Error(_) => {
            return Err(Reason::NotADate);
        }
    };
    check_date(date).map_err(|_| Reason::DateOutOfRange)
}

fn numbered(number: Decimal, epoch: Option<Epoch>) -> Result<NaiveDate, Reason> {
    let epoch = epoch.ok_or(Reason::SerialDate)?;
    let (date, time) = epoch.moment(number).ok_or(Reason::NotADate)?;
    if check_date(date).is_err() {
        // Such as 2021, or 4052021: a number, and no day.
        return Err(Reason::NotADate);
    }
    if time == NaiveTime::MIN {
        Ok(date)
    } else {
        Err(Reason::DateWithTime)
    }
}

fn written(text: &str) -> Result<NaiveDate, Reason> {
    let text = squeezed(text).to_lowercase();
    if text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::SerialDate);
    }
    let (text, timed) = without_time(&text);
    let mut parts: Vec<String> = text
        .split([' ', '/', '-', '.', ','])
        .map(folded)
        .filter(|part| !part.is_empty())
        .collect();
    let mut said = None;
    if parts.len() == 4
        && let Some(first) = parts.first()
        && let Some((weekday, ..)) = WEEKDAYS
            .iter()
            .find(|(_, name, short)| first == name || first == short)
    {
        said = Some(*weekday);
        parts.remove(0);
    }
    if parts.first().is_some_and(|first| first == "le") {
        parts.remove(0);
    }
    let [first, second, third] = parts.as_slice() else {
        return Err(Reason::NotADate);
    };
    let (year, month, day) = if first.len() == 4 {
        (first, second, third)
    } else {
        (third, second, first)
    };
    let day = day.strip_suffix("er").unwrap_or(day);
    let day: u32 = digits(day, 2).ok_or(Reason::NotADate)?;
    let month: u32 = digits(month, 2)
        .or_else(|| named(month))
        .ok_or(Reason::NotADate)?;
    if digits(year, 2).is_some() {
        return Err(Reason::TwoDigitYear);
    }
    let year = digits(year, 4)
        .filter(|_| year.len() == 4)
        .and_then(|year| i32::try_from(year).ok())
        .ok_or(Reason::NotADate)?;
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(Reason::ImpossibleDate)?;
    if said.is_some_and(|said| said != date.weekday()) {
        let is = WEEKDAYS
            .iter()
            .find(|(weekday, ..)| *weekday == date.weekday())
            .map_or("", |(_, name, _)| *name);
        return Err(Reason::WrongWeekday { date, is });
    }
    if timed {
        return Err(Reason::DateWithTime);
    }
    Ok(date)
}

/// `text` without a time of day at its end, and whether that was another one than midnight.
fn without_time(text: &str) -> (&str, bool) {
    let Some((date, time)) = text.rsplit_once([' ', 't']) else {
        return (text, false);
    };
    if !time.contains(':')
        || !time
            .bytes()
            .all(|b| b.is_ascii_digit() || b":.z".contains(&b))
    {
        return (text, false);
    }
    (date, time.bytes().any(|byte| (b'1'..=b'9').contains(&byte)))
}

fn digits(text: &str, at_most: usize) -> Option<u32> {
    let number =
        !text.is_empty() && text.len() <= at_most && text.bytes().all(|byte| byte.is_ascii_digit());
    number.then(|| text.parse().ok()).flatten()
}

fn named(month: &str) -> Option<u32> {
    let place = MONTHS.iter().position(|names| names.contains(&month))?;
    u32::try_from(place).ok()?.checked_add(1)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<NaiveDate, Reason> {
        date(&Cell::Text(text.into()), None)
    }

    #[test]
    fn one_day_is_written_in_many_ways() {
        let day = NaiveDate::from_ymd_opt(2021, 5, 4).unwrap();
        for text in [
            "04/05/2021",
            "4/5/2021",
            "04-05-2021",
            "04.05.2021",
            "2021-05-04",
            "2021/05/04",
            " 04/05/2021\u{a0}",
            "mardi 4 mai 2021",
            "Mar. 4 mai 2021",
            "4 mai 2021",
            "04-mai-2021",
            "04/05/2021 00:00",
            "2021-05-04T00:00:00",
            "2021-05-04 00:00:00.000",
            "le 4 mai 2021",
            "mardi 04/05/2021",
        ] {
            assert_eq!(read(text), Ok(day), "{text}");
        }
        let first = NaiveDate::from_ymd_opt(2021, 8, 1).unwrap();
        assert_eq!(read("1er août 2021"), Ok(first));
    }

    #[test]
    fn what_is_no_day_says_why() {
        for (text, code) in [
            ("31/02/2021", "IMPOSSIBLE_DATE"),
            ("05/31/2021", "IMPOSSIBLE_DATE"),
            ("00/05/2021", "IMPOSSIBLE_DATE"),
            ("04/05/21", "TWO_DIGIT_YEAR"),
            ("4-mai-21", "TWO_DIGIT_YEAR"),
            ("lundi 4 mai 2021", "WRONG_WEEKDAY"),
            ("04/05/0021", "DATE_OUT_OF_RANGE"),
            ("04/05/2021 14:32:10", "DATE_WITH_TIME"),
            ("44320", "SERIAL_DATE"),
            ("04052021", "NOT_A_DATE"),
            ("4 may 2021", "NOT_A_DATE"),
            ("hier", "NOT_A_DATE"),
            ("04/05", "NOT_A_DATE"),
            ("04/05/20211", "NOT_A_DATE"),
            ("-1/05/2021 x", "NOT_A_DATE"),
        ] {
            assert_eq!(read(text).unwrap_err().code(), code, "{text}");
        }
    }

    #[test]
    fn numbers_are_days_where_the_file_says_from_when() {
        let number = Cell::Number(Decimal::from(44_320));
        let day = NaiveDate::from_ymd_opt(2021, 5, 4);
        assert_eq!(date(&number, Some(Epoch::From1900)).ok(), day);
        assert_eq!(date(&number, None), Err(Reason::SerialDate));
        let number = Cell::Number(Decimal::from(44_320 - 1_462));
        assert_eq!(date(&number, Some(Epoch::From1904)).ok(), day);
        let year = Cell::Number(Decimal::from(2021));
        assert_eq!(date(&year, Some(Epoch::From1900)), Err(Reason::NotADate));
    }
}
