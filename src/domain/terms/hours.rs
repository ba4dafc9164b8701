//! Weekly hours in OpenStreetMap's `opening_hours` syntax, read by the `opening-hours` crate.

use std::fmt;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use opening_hours::{Context, OpeningHours, RuleKind};
use serde::{Deserialize, Serialize};

use crate::domain::{holiday, refusal::Refusal};

/// The longest expression taken, in bytes.
pub const HOURS_BYTES_MAX: usize = 250;
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
    /// [`Refusal::HoursUnreadable`].
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
    /// [`Refusal::HoursUnreadable`], also for what was taken from a file unread.
    pub fn parsed(&self) -> Result<ParsedHours, Refusal> {
        let unreadable = || Refusal::HoursUnreadable {
            hours: self.0.chars().take(80).collect(),
        };
        if self.0.is_empty() || self.0.len() > HOURS_BYTES_MAX {
            return Err(unreadable());
        }
        let hours: OpeningHours = self.0.parse().map_err(|_| unreadable())?;
        Ok(ParsedHours {
            hours,
            names_holidays: self.0.contains("PH"),
        }
        .in_departement(""))
    }
}

impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
    /// When it closes; may be on the next day.
    pub end: NaiveDateTime,
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
    #[must_use]
    pub fn opens_from(&self, date: NaiveDate) -> bool {
        let start = date.and_time(NaiveTime::MIN);
        let Some(end) = date.checked_add_days(Days::new(NEVER_DAYS)) else {
            return false;
        };
        self.hours
            .iter_range(start, end.and_time(NaiveTime::MIN))
            .any(|range| range.kind == RuleKind::Open)
    }
}
