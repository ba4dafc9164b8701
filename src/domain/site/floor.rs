//! The floor of the label: what a France Services owes the public whatever it is. Every France
//! Services "is open at least 5 days a week, over at least 24 hours a week, with at least two
//! polyvalent people present" (the label's charter, as the press release of 6 May 2021 cites it).

use chrono::{NaiveDate, Weekday};

use super::Site;
use crate::domain::{
    holiday,
    terms::hours::{ParsedHours, Slot},
};

/// A labelled site opens on at least so many days a week (the label's charter).
pub const DAYS_A_WEEK_MIN: u8 = 5;
/// A labelled site opens at least so many minutes a week: 24 hours (the label's charter).
pub const MINUTES_A_WEEK_MIN: u32 = 1440;
/// So many polyvalent people at least are there (the label's charter).
pub const PEOPLE_MIN: u8 = 2;

/// What is known of a site, of what the label asks for. What is unknown stays so: it is neither
/// nothing nor enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelFloor {
    /// On how many days of the week it opens.
    pub days_a_week: Option<u8>,
    /// How many minutes it opens, over these days.
    pub minutes_a_week: Option<u32>,
    /// How many polyvalent people are there whenever it is open.
    pub people: Option<u8>,
}

/// Whether a site is at the floor of its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FloorVerdict {
    /// All is known, and nothing falls short.
    Meets,
    /// Something that is known falls short.
    Fails,
    /// Nothing that is known falls short, and something is unknown.
    Undetermined,
}

impl LabelFloor {
    /// Whether it is at the floor.
    #[must_use]
    pub fn verdict(&self) -> FloorVerdict {
        let enough = [
            self.days_a_week.map(|days| days >= DAYS_A_WEEK_MIN),
            self.minutes_a_week
                .map(|minutes| minutes >= MINUTES_A_WEEK_MIN),
            self.people.map(|people| people >= PEOPLE_MIN),
        ];
        if enough.contains(&Some(false)) {
            FloorVerdict::Fails
        } else if enough.contains(&None) {
            FloorVerdict::Undetermined
        } else {
            FloorVerdict::Meets
        }
    }
}

impl Site {
    /// What is known of it on `on`, of what the label asks for.
    ///
    /// Its hours are those in force on that day, over the week of that day, Monday to Sunday, as
    /// if that week had no public holiday: an ordinary one. Its people are those in force on that
    /// day.
    #[must_use]
    pub fn label_floor(&self, on: NaiveDate) -> LabelFloor {
        let week = self.ordinary_week(on);
        LabelFloor {
            days_a_week: week.map(|(days, _)| days),
            minutes_a_week: week.map(|(_, minutes)| minutes),
            people: self.staff_in_force(on).map(|staff| staff.what.people),
        }
    }

    /// On how many days of the week of `on` the hours in force open, and for how many minutes.
    fn ordinary_week(&self, on: NaiveDate) -> Option<(u8, u32)> {
        let hours = self.parsed_on(on)?.without_holidays();
        let week = on.week(Weekday::Mon).checked_days()?;
        let (mut days, mut minutes) = (0_u8, 0_u32);
        for day in week.start().iter_days().take(7) {
            if hours.is_unsure_on(day) {
                return None;
            }
            let slots = hours.slots(day);
            let open = slots.iter().map(Slot::minutes).sum();
            days = days.saturating_add(u8::from(open > 0));
            minutes = minutes.saturating_add(open);
        }
        Some((days, minutes))
    }

    /// The stretches that it opens on `date`, as its hours in force provide; public holidays of
    /// its département are taken out, unless the hours themselves say what happens then. `None`
    /// where that is unknown. A label suspended or withdrawn shuts no door, nor do works at a hub:
    /// those are of the experiment.
    #[must_use]
    pub fn hours_on(&self, date: NaiveDate) -> Option<Vec<Slot>> {
        let departement = self.labelling_on(date)?.what.commune;
        let departement = departement.departement();
        let hours = self.parsed_on(date)?.in_departement(departement);
        if hours.is_unsure_on(date) {
            None
        } else if !hours.names_holidays() && holiday::is_public(date, departement) {
            Some(Vec::new())
        } else {
            Some(hours.slots(date))
        }
    }

    /// The hours in force on `day`, read; `None` where none are, or where they cannot be read.
    fn parsed_on(&self, day: NaiveDate) -> Option<ParsedHours> {
        let declared = self.hours_in_force(day)?;
        declared.what.hours.as_ref()?.parsed().ok()
    }
}
