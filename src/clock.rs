//! The clock and the source of identities, injected: nothing else may ask the machine for either
//! (`clippy.toml` bans it), so that tests can hold both still.

use std::{sync::Mutex, time::Duration};

use chrono::{DateTime, Datelike, NaiveDate, SubsecRound, TimeDelta, Utc};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::domain::holiday;

/// Tells the time, and makes identities.
pub trait Clock: std::fmt::Debug + Send + Sync + 'static {
    /// Now, to the microsecond.
    fn now(&self) -> DateTime<Utc>;

    /// A new identity, ordered in time.
    fn new_id(&self) -> Uuid;

    /// Resolves once so much time has gone by.
    #[expect(clippy::disallowed_methods, reason = "time itself is what is awaited")]
    fn pause(&self, lasts: Duration) -> BoxFuture<'_, ()> {
        tokio::time::sleep(lasts).boxed()
    }

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

/// A clock that tells what it is told: each reading is one second after the last. What pauses by it
/// goes on once it is set far enough.
#[derive(Debug)]
pub struct FixedClock {
    state: Mutex<(DateTime<Utc>, u128)>,
    moved: Notify,
    pausing: watch::Sender<usize>,
}

impl FixedClock {
    /// A clock that first tells `start`.
    #[must_use]
    pub fn new(start: DateTime<Utc>) -> Self {
        Self {
            state: Mutex::new((start, 0)),
            moved: Notify::new(),
            pausing: watch::Sender::new(0),
        }
    }

    /// Sets what it tells next.
    pub fn set(&self, now: DateTime<Utc>) {
        self.lock().0 = now;
        self.moved.notify_waiters();
    }

    /// Resolves once so many pause by it: setting it then reaches them.
    pub async fn paused(&self, so_many: usize) {
        let mut pausing = self.pausing.subscribe();
        // Its sender is this clock's own.
        let _there = pausing.wait_for(|pausing| *pausing >= so_many).await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (DateTime<Utc>, u128)> {
        self.state
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

    fn pause(&self, lasts: Duration) -> BoxFuture<'_, ()> {
        let lasts = TimeDelta::from_std(lasts).unwrap_or(TimeDelta::MAX);
        let until = self.lock().0.checked_add_signed(lasts);
        async move {
            let _pausing = Pausing::new(&self.pausing);
            loop {
                // Listened for before it is looked at: what is set meanwhile wakes it.
                let moved = self.moved.notified();
                let now = self.lock().0;
                if until.is_some_and(|until| now >= until) {
                    return;
                }
                moved.await;
            }
        }
        .boxed()
    }
}

/// One who pauses, for as long as it does.
struct Pausing<'a>(&'a watch::Sender<usize>);

impl<'a> Pausing<'a> {
    fn new(pausing: &'a watch::Sender<usize>) -> Self {
        pausing.send_modify(|pausing| *pausing += 1);
        Self(pausing)
    }
}

impl Drop for Pausing<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|pausing| *pausing -= 1);
    }
}
