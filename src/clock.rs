//! The clock and the source of identities, injected: nothing else may ask the machine for either
//! (`clippy.toml` bans it), so that tests can hold both still.

use std::sync::Mutex;

use chrono::{DateTime, Datelike, NaiveDate, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

use crate::domain::holiday;

/// Tells the time, and makes identities.
pub trait Clock: std::fmt::Debug + Send + Sync + 'static {
    /// Now, to the microsecond.
    fn now(&self) -> DateTime<Utc>;

    /// A new identity, ordered in time.
    fn new_id(&self) -> Uuid;

    /// Today's civil date in metropolitan France.
    fn today(&self) -> NaiveDate {
        self.now().with_timezone(&holiday::zone("")).date_naive()
    }
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine"
)]
impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A clock that tells what it is told: each reading is one second after the last.
#[derive(Debug)]
pub struct FixedClock(Mutex<(DateTime<Utc>, u128)>);

impl FixedClock {
    /// A clock that first tells `start`.
    #[must_use]
    pub const fn new(start: DateTime<Utc>) -> Self {
        Self(Mutex::new((start, 0)))
    }

    /// Sets what it tells next.
    pub fn set(&self, now: DateTime<Utc>) {
        self.lock().0 = now;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (DateTime<Utc>, u128)> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        let mut state = self.lock();
        let now = state.0;
        state.0 = now + TimeDelta::seconds(1);
        now
    }

    fn new_id(&self) -> Uuid {
        let mut state = self.lock();
        state.1 += 1;
        Uuid::from_u128(state.1 + (u128::from(state.0.year().unsigned_abs()) << 96))
    }
}
