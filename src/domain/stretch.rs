//! Stretches of days during which something is so: it begins, and it ends, known beforehand or
//! told afterwards. What goes on is interrupted, an operator is a member, an adviser is assigned:
//! one mechanism serves them all.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    event::{Recorded, Saying, Stated},
    terms::time::eve,
};

/// Stretches of one thing, in the order they were recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stretches<T>(Vec<Stretch<T>>);

/// One stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stretch<T> {
    /// What is so, and in which circumstances, as first announced.
    pub stated: Stated<T>,
    /// The last day of it: announced, or the eve of the day on which it was no longer so; `None`
    /// while it is open.
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

impl<T> Default for Stretches<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Stretch<T> {
    /// Its first day.
    #[must_use]
    pub const fn from(&self) -> NaiveDate {
        self.stated.valid.from
    }

    /// Whether `day` is a day of it.
    #[must_use]
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from() <= day && self.until.is_none_or(|until| day <= until)
    }
}

impl<T> Stretches<T> {
    /// All of them, in the order they were recorded.
    #[must_use]
    pub fn all(&self) -> &[Stretch<T>] {
        &self.0
    }

    /// Forgets those that `which` does not name.
    pub fn retain(&mut self, which: impl Fn(&T) -> bool) {
        self.0.retain(|known| which(&known.stated.what));
    }

    /// The one that covers `day`.
    #[must_use]
    pub fn covering(&self, day: NaiveDate) -> Option<&Stretch<T>> {
        self.0.iter().find(|known| known.covers(day))
    }

    /// Whether one can begin over the validity stated. It is already so only where the same source
    /// says the same: what another source says would otherwise be lost untold.
    ///
    /// # Errors
    /// The first day of the one that it would overlap.
    pub fn begin(&self, saying: &Saying, what: &T) -> Result<Step, NaiveDate>
    where
        T: PartialEq,
    {
        self.begin_beside(saying, what, |_| true)
    }

    /// The same, among those alone that `rival` names: the others may be so beside it.
    ///
    /// # Errors
    /// The first day of the one that it would overlap.
    pub fn begin_beside(
        &self,
        saying: &Saying,
        what: &T,
        rival: impl Fn(&T) -> bool,
    ) -> Result<Step, NaiveDate>
    where
        T: PartialEq,
    {
        let valid = saying.valid;
        let mut rivals = self.0.iter().filter(|known| rival(&known.stated.what));
        let overlapping = rivals.find(|known| {
            valid.until.is_none_or(|until| known.from() <= until)
                && known.until.is_none_or(|until| valid.from <= until)
        });
        match overlapping {
            None => Ok(Step::New),
            Some(known) if known.stated.says(what, saying) && known.until == valid.until => {
                Ok(Step::Already)
            }
            Some(known) => Err(known.from()),
        }
    }

    /// Whether one can end on the eve of `day`; `None` where none covers it.
    #[must_use]
    pub fn finish(&self, day: NaiveDate) -> Option<Step> {
        self.finish_of(day, |_| true)
    }

    /// The same, among those alone that `which` names.
    #[must_use]
    pub fn finish_of(&self, day: NaiveDate, which: impl Fn(&T) -> bool) -> Option<Step> {
        let last = eve(day);
        let mut named = self.0.iter().filter(|known| which(&known.stated.what));
        let known = named.find(|known| known.covers(last))?;
        Some(if known.until == Some(last) {
            Step::Already
        } else {
            Step::New
        })
    }

    /// Folds a beginning.
    pub fn began(&mut self, what: &T, recorded: &Recorded)
    where
        T: Clone,
    {
        self.0.push(Stretch {
            stated: recorded.stated(what.clone()),
            until: recorded.fact.saying.valid.until,
        });
    }

    /// Folds an ending: the one that covers the eve of `day` ends on it.
    pub fn finished(&mut self, day: NaiveDate) {
        self.finished_of(day, |_| true);
    }

    /// The same, among those alone that `which` names.
    pub fn finished_of(&mut self, day: NaiveDate, which: impl Fn(&T) -> bool) {
        let last = eve(day);
        let mut named = self.0.iter_mut().filter(|known| which(&known.stated.what));
        if let Some(known) = named.find(|known| known.covers(last)) {
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
