//! Interruptions: stretches of days during which something that goes on is stopped. An experiment
//! and a permanence are suspended, a hub is closed for works: one mechanism serves the three.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    event::{Reason, Recorded, Saying, Stated},
    terms::time::eve,
};

/// The interruptions of one thing, in the order they were recorded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Interruptions(Vec<Interruption>);

/// One interruption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interruption {
    /// Its reason and circumstances, as first announced.
    pub stated: Stated<Reason>,
    /// The last day of it: announced, or the eve of the resumption; `None` while it is open.
    pub until: Option<NaiveDate>,
}

/// Whether an entry would change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It would.
    New,
    /// It is already so.
    Already,
}

impl Interruption {
    /// Its first day.
    #[must_use]
    pub const fn from(&self) -> NaiveDate {
        self.stated.valid.from
    }

    fn covers(&self, day: NaiveDate) -> bool {
        self.from() <= day && self.until.is_none_or(|until| day <= until)
    }
}

impl Interruptions {
    /// All of them, in the order they were recorded.
    #[must_use]
    pub fn all(&self) -> &[Interruption] {
        &self.0
    }

    /// The one that covers `day`.
    #[must_use]
    pub fn covering(&self, day: NaiveDate) -> Option<&Interruption> {
        self.0.iter().find(|interruption| interruption.covers(day))
    }

    /// Whether an interruption can begin over the validity stated. It is already so only where
    /// the same source says the same: what another source says would otherwise be lost untold.
    ///
    /// # Errors
    /// The first day of the interruption that it would overlap.
    pub fn begin(&self, saying: &Saying, reason: &Reason) -> Result<Step, NaiveDate> {
        let valid = saying.valid;
        let overlapping = self.0.iter().find(|known| {
            valid.until.is_none_or(|until| known.from() <= until)
                && known.until.is_none_or(|until| valid.from <= until)
        });
        match overlapping {
            None => Ok(Step::New),
            Some(known) if known.stated.says(reason, saying) && known.until == valid.until => {
                Ok(Step::Already)
            }
            Some(known) => Err(known.from()),
        }
    }

    /// Whether what goes on can go on again from `day`.
    #[must_use]
    pub fn finish(&self, day: NaiveDate) -> Option<Step> {
        let last = eve(day);
        let known = self.covering(last)?;
        Some(if known.until == Some(last) {
            Step::Already
        } else {
            Step::New
        })
    }

    /// Folds a beginning.
    pub fn began(&mut self, reason: &Reason, recorded: &Recorded) {
        self.0.push(Interruption {
            stated: recorded.stated(reason.clone()),
            until: recorded.fact.saying.valid.until,
        });
    }

    /// Folds an ending: the interruption that covers the eve of `day` ends on it.
    pub fn finished(&mut self, day: NaiveDate) {
        let last = eve(day);
        if let Some(known) = self.0.iter_mut().find(|known| known.covers(last)) {
            known.until = Some(last);
        }
    }

    /// The days on which something changes, for cutting a timeline: each first day, and the day
    /// after each last one.
    pub fn turns(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        self.0.iter().flat_map(|known| {
            [
                Some(known.from()),
                known.until.and_then(|until| until.succ_opt()),
            ]
            .into_iter()
            .flatten()
        })
    }
}
