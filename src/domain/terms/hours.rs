//! Weekly hours in OpenStreetMap's `opening_hours` syntax, read by the `opening-hours` crate.
//!
//! The crate reads more than a calendar can date, and some of it wrongly. What is refused here, and
//! why, each held by a test:
//!
//! - **nth weekdays of a month in a long list** (`Jan Mo[1],Feb Mo[1],...`): its parser takes three
//!   times longer for each more, 25 of them for ever;
//! - **sunrise, sunset, dawn, dusk**: without coordinates it takes 07:00 and the like for them, and
//!   it panics on `(dusk+16:00)-08:00`;
//! - **dates that do not exist**: it reads `Apr 31` as every day of the year;
//! - **school holidays**: it has no French ones, so that `SH off` would close nothing;
//! - **open ends**: it reads `09:00+` as until midnight;
//! - **comments in place of hours**: it reads `"sur rendez-vous"` as open day and night.

use std::fmt;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use opening_hours::{Context, OpeningHours, RuleKind};
use opening_hours_syntax::{
    ExtendedTime,
    rules::{
        RuleSequence,
        day::{Date, HolidayKind, MonthdayRange, WeekDayRange},
        time::{Time, TimeSpan},
    },
};
use serde::{Deserialize, Serialize};

use crate::domain::{
    holiday,
    refusal::{HoursPart, Refusal},
};

/// The longest expression taken, in bytes.
pub const HOURS_BYTES_MAX: usize = 250;
/// The most bracketed weekdays followed by another item of a list: the parser's time grows
/// threefold with each.
const NTH_LISTED_MAX: usize = 6;
/// A schedule that opens on none of so many days is one that never opens. Ten years hold every
/// rule that recurs by year or by week number.
const NEVER_DAYS: u64 = 3653;

/// Hours such as `Tu 09:00-12:00`, kept as they were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WeeklyHours(String);

impl WeeklyHours {
    /// Reads `raw`.
    ///
    /// # Errors
    /// [`Refusal::HoursUnreadable`] or [`Refusal::HoursUndatable`].
    pub fn try_new(raw: &str) -> Result<Self, Refusal> {
        let hours = Self(raw.trim().to_owned());
        hours.parsed()?;
        Ok(hours)
    }

    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the expression; public holidays are those of the whole country, until
    /// [`ParsedHours::in_departement`] says where it is.
    ///
    /// # Errors
    /// [`Refusal::HoursUnreadable`] or [`Refusal::HoursUndatable`], also for what was taken from a
    /// file unread.
    pub fn parsed(&self) -> Result<ParsedHours, Refusal> {
        let unreadable = || Refusal::HoursUnreadable {
            hours: self.0.chars().take(80).collect(),
        };
        if self.0.is_empty()
            || self.0.len() > HOURS_BYTES_MAX
            || self.0.matches("],").count() > NTH_LISTED_MAX
        {
            return Err(unreadable());
        }
        let hours: OpeningHours = self.0.parse().map_err(|_| unreadable())?;
        let expression = hours.get_expression();
        if let Some(part) = expression.rules.iter().find_map(undatable) {
            return Err(Refusal::HoursUndatable {
                hours: self.0.chars().take(80).collect(),
                part,
            });
        }
        let names_holidays = expression
            .rules
            .iter()
            .any(|rule| names(rule, HolidayKind::Public));
        Ok(ParsedHours {
            hours,
            names_holidays,
        }
        .in_departement(""))
    }
}

impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What keeps a rule from giving sure dates and times.
fn undatable(rule: &RuleSequence) -> Option<HoursPart> {
    let spans = &rule.time_selector.spans;
    let sun = |span: &TimeSpan| {
        [span.range.start, span.range.end]
            .iter()
            .any(|time| matches!(time, Time::Variable(_)))
    };
    let impossible = |range: &MonthdayRange| match range {
        MonthdayRange::Month { .. } => false,
        MonthdayRange::Date { start, end } => !exists(start.0) || !exists(end.0),
    };
    if spans.iter().any(sun) {
        Some(HoursPart::SunTimes)
    } else if names(rule, HolidayKind::School) {
        Some(HoursPart::SchoolHolidays)
    } else if rule.day_selector.monthday.iter().any(impossible) {
        Some(HoursPart::ImpossibleDate)
    } else if spans.iter().any(|span| span.open_end) {
        Some(HoursPart::OpenEnd)
    } else if rule.kind == RuleKind::Open && !rule.comment.is_empty() && whole_day(spans) {
        Some(HoursPart::CommentWithoutHours)
    } else {
        None
    }
}

fn names(rule: &RuleSequence, named: HolidayKind) -> bool {
    rule.day_selector
        .weekday
        .iter()
        .any(|range| matches!(range, WeekDayRange::Holiday { kind, .. } if *kind == named))
}

/// Whether a date exists: in its year, or in a leap year where it names none.
fn exists(date: Date) -> bool {
    match date {
        Date::Fixed { year, month, day } => {
            let year = year.map_or(2000, |year| *year);
            NaiveDate::from_ymd_opt(year, month.into(), day.into()).is_some()
        }
        Date::Weekday { .. } | Date::Easter { .. } => true,
    }
}

fn whole_day(spans: &[TimeSpan]) -> bool {
    spans
        == [TimeSpan::fixed_range(
            ExtendedTime::MIDNIGHT_00,
            ExtendedTime::MIDNIGHT_24,
        )]
}

/// Hours that have been read.
#[derive(Debug)]
pub struct ParsedHours {
    hours: OpeningHours,
    names_holidays: bool,
}

/// One stretch of opening: local times, `start` before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When it opens.
    pub start: NaiveDateTime,
    /// When it closes, at midnight at the latest: what goes on after it is a slot of the next day.
    pub end: NaiveDateTime,
}

impl Slot {
    /// How long it is, in minutes.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        let length = self.end.signed_duration_since(self.start);
        length.num_minutes().try_into().unwrap_or_default()
    }
}

impl ParsedHours {
    /// The same hours, `PH` being the public holidays of that département.
    #[must_use]
    pub fn in_departement(self, departement: &str) -> Self {
        let context = Context::default().with_holidays(holiday::public_in(departement));
        Self {
            hours: self.hours.with_context(context),
            ..self
        }
    }

    /// The same hours where no day is a public holiday, as in an ordinary week.
    #[must_use]
    pub fn without_holidays(self) -> Self {
        Self {
            hours: self.hours.with_context(Context::default()),
            ..self
        }
    }

    /// Whether the expression leaves open if it opens at some time of `date` (`unknown`).
    #[must_use]
    pub fn is_unsure_on(&self, date: NaiveDate) -> bool {
        let mut ranges = self.hours.schedule_at(date).into_iter();
        ranges.any(|range| range.kind == RuleKind::Unknown)
    }

    /// Whether the expression itself says what happens on public holidays (`PH off`).
    #[must_use]
    pub const fn names_holidays(&self) -> bool {
        self.names_holidays
    }

    /// The stretches that open on `date`; what is only "unknown" is not open.
    #[must_use]
    pub fn slots(&self, date: NaiveDate) -> Vec<Slot> {
        let midnight = date.and_time(NaiveTime::MIN);
        let at = |minutes: u16| midnight.checked_add_signed(TimeDelta::minutes(i64::from(minutes)));
        self.hours
            .schedule_at(date)
            .into_iter()
            .filter(|range| range.kind == RuleKind::Open)
            .filter_map(|range| {
                Some(Slot {
                    start: at(range.range.start.mins_from_midnight())?,
                    end: at(range.range.end.mins_from_midnight())?,
                })
            })
            .filter(|slot| slot.start < slot.end)
            .collect()
    }

    /// Whether it opens at least once from `date` on, within ten years.
    ///
    /// It asks day by day, as the calendar does: the crate's own iterator skips days that open
    /// (`Mo 09:00-12:00 || 24/7 closed`, `Feb Th[5]`).
    #[must_use]
    pub fn opens_from(&self, date: NaiveDate) -> bool {
        let Some(end) = date.checked_add_days(Days::new(NEVER_DAYS)) else {
            return false;
        };
        date.iter_days()
            .take_while(|day| *day < end)
            .any(|day| !self.slots(day).is_empty())
    }
}
