//! Weekly hours, as they are put up on a door: "mardi de 9 h à 12 h". What the notation says beyond
//! days and times is given as it was written.

use super::wording::all_of;
use crate::domain::terms::WeeklyHours;

const DAYS: [(&str, &str); 8] = [
    ("Mo", "lundi"),
    ("Tu", "mardi"),
    ("We", "mercredi"),
    ("Th", "jeudi"),
    ("Fr", "vendredi"),
    ("Sa", "samedi"),
    ("Su", "dimanche"),
    ("PH", "jours fériés"),
];

/// Hours in French, or in quotation marks as they were written.
pub(super) fn told(hours: &WeeklyHours) -> String {
    let written = hours.as_str();
    let rules: Option<Vec<String>> = written.split(';').map(rule).collect();
    rules.map_or_else(
        || format!("« {written} » (notation OpenStreetMap)"),
        |rules| rules.join(" ; "),
    )
}

/// "Mo-Fr 09:00-12:00,14:00-17:00", "PH off".
fn rule(rule: &str) -> Option<String> {
    let (days, times) = rule.trim().split_once(' ')?;
    let days = self::days(days)?;
    if times.trim() == "off" {
        return Some(format!("{days} : fermé"));
    }
    let times: Option<Vec<String>> = times.split(',').map(stretch).collect();
    Some(format!("{days} {}", all_of(&times?)))
}

fn days(days: &str) -> Option<String> {
    let spans = days.split(',').map(|span| match span.split_once('-') {
        Some((first, last)) => Some(format!("du {} au {}", day(first)?, day(last)?)),
        None => day(span).map(str::to_owned),
    });
    let spans: Option<Vec<String>> = spans.collect();
    spans.map(|spans| all_of(&spans))
}

fn day(code: &str) -> Option<&'static str> {
    let mut days = DAYS.into_iter();
    days.find(|(known, _)| *known == code).map(|(_, name)| name)
}

/// "09:00-12:30": "de 9 h à 12 h 30".
fn stretch(stretch: &str) -> Option<String> {
    let (from, to) = stretch.trim().split_once('-')?;
    Some(format!("de {} à {}", time(from)?, time(to)?))
}

fn time(time: &str) -> Option<String> {
    let (hours, minutes) = time.split_once(':')?;
    let two = |part: &str| (part.len() == 2).then(|| part.parse::<u8>().ok()).flatten();
    match (two(hours)?, two(minutes)?) {
        (hours, 0) => Some(format!("{hours} h")),
        (hours, minutes) => Some(format!("{hours} h {minutes:02}")),
    }
}
