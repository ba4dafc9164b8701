//! Civil dates, periods, and the valid time of a fact.
//!
//! Two conventions hold everywhere and the name says which: `until` is the **last day** on which
//! something is so (as administrations write), `to` is the first day or position on which it no
//! longer is (as rows are kept).

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::domain::refusal::Refusal;

/// The civil years that are taken; outside them a date is a slip of the pen.
pub const YEARS: std::ops::RangeInclusive<i32> = 1990..=2199;

/// Checks that `date` lies within [`YEARS`].
///
/// # Errors
/// [`Refusal::DateOutOfRange`].
pub fn check_date(date: NaiveDate) -> Result<NaiveDate, Refusal> {
    if YEARS.contains(&date.year()) {
        Ok(date)
    } else {
        Err(Refusal::DateOutOfRange { date })
    }
}

/// Whether the first day of a validity is known, or only that it was no later.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// The source gives the day.
    #[default]
    Exact,
    /// The source only shows that it was so by that day.
    NoLaterThan,
}

impl Certainty {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks for a reference"
    )]
    fn is_exact(&self) -> bool {
        *self == Self::Exact
    }
}

/// When a fact is so in the world: from a civil day, until a last day if one is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// The first day.
    pub from: NaiveDate,
    /// The last day, included; `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// What is known of the first day.
    #[serde(default, skip_serializing_if = "Certainty::is_exact")]
    pub certainty: Certainty,
}

impl Validity {
    /// A validity from `from`, open, the day being known.
    #[must_use]
    pub const fn from(from: NaiveDate) -> Self {
        Self {
            from,
            until: None,
            certainty: Certainty::Exact,
        }
    }

    /// Checks the years, and that it does not end before it begins.
    ///
    /// # Errors
    /// [`Refusal::DateOutOfRange`] or [`Refusal::PeriodInverted`].
    pub fn check(&self) -> Result<(), Refusal> {
        check_date(self.from)?;
        if let Some(until) = self.until {
            Period::try_new(self.from, until)?;
        }
        Ok(())
    }
}

/// A closed period of civil days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day, included.
    pub until: NaiveDate,
}

impl Period {
    /// Checks the years and the order of the two days.
    ///
    /// # Errors
    /// [`Refusal::DateOutOfRange`] or [`Refusal::PeriodInverted`].
    pub fn try_new(from: NaiveDate, until: NaiveDate) -> Result<Self, Refusal> {
        check_date(from)?;
        check_date(until)?;
        if until < from {
            return Err(Refusal::PeriodInverted { from, until });
        }
        Ok(Self { from, until })
    }

    /// Its length in days, both ends included.
    #[must_use]
    pub fn days(&self) -> i64 {
        self.until
            .signed_duration_since(self.from)
            .num_days()
            .saturating_add(1)
    }

    /// Every day of it, in order.
    pub fn iter(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let until = self.until;
        self.from.iter_days().take_while(move |day| *day <= until)
    }
}

/// The last day of a period of `months` months that begins on `from`. An end is a last day: it is
/// the eve of the same day of the month, that many months later, so that three months from
/// 27 April end at the earliest on 26 July. Where the month has no such day, it is the last day of
/// that month: three months from 30 November end on 28 February, or on 29 February.
#[must_use]
pub fn last_day_after(from: NaiveDate, months: u32) -> NaiveDate {
    match from.checked_add_months(Months::new(months)) {
        Some(same) if same.day() == from.day() => eve(same),
        Some(last_of_month) => last_of_month,
        None => from,
    }
}

/// The day before `date`.
#[must_use]
pub fn eve(date: NaiveDate) -> NaiveDate {
    date.pred_opt().unwrap_or(date)
}

/// The day after `date`.
#[must_use]
pub fn morrow(date: NaiveDate) -> NaiveDate {
    date.succ_opt().unwrap_or(date)
}

/// A date as a number: the days since 1970-01-01.
#[must_use]
pub fn day_number(date: NaiveDate) -> i64 {
    let epoch = chrono::DateTime::UNIX_EPOCH.date_naive();
    date.signed_duration_since(epoch).num_days()
}

/// The date of a number of days since 1970-01-01, if there is one.
#[must_use]
pub fn day_of_number(days: i64) -> Option<NaiveDate> {
    let epoch = chrono::DateTime::UNIX_EPOCH.date_naive();
    epoch.checked_add_signed(chrono::TimeDelta::try_days(days)?)
}

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A date as French people write it: "1er mai 2021", "27 avril 2021".
#[must_use]
pub fn in_french(date: NaiveDate) -> String {
    let month = usize::try_from(date.month0())
        .ok()
        .and_then(|index| MONTHS.get(index))
        .copied()
        .unwrap_or_default();
    match date.day() {
        1 => format!("1er {month} {}", date.year()),
        day => format!("{day} {month} {}", date.year()),
    }
}
