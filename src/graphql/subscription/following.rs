//! Where a subscription stands, told to whoever executes it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::watch;

use crate::domain::terms::Position;

/// Put into the data of a request by whoever executes a subscription: where it begins, and where it
/// stands. Its copies are one and the same.
#[derive(Debug, Clone)]
pub struct Following {
    begin: Option<Position>,
    at: Arc<AtomicU64>,
    passed: watch::Sender<Position>,
    looks: Arc<AtomicU64>,
}

impl Following {
    /// Of a subscription that begins after a position, whatever its argument says; after what its
    /// argument says, where none is told.
    #[must_use]
    pub fn from(begin: Option<Position>) -> Self {
        let position = begin.unwrap_or_default();
        Self {
            begin,
            at: Arc::new(AtomicU64::new(position.0)),
            passed: watch::Sender::new(position),
            looks: Arc::default(),
        }
    }

    /// The position of the item that was yielded last. It is set just before the item is: whoever
    /// takes an answer asks before it polls for the next.
    #[must_use]
    pub fn position(&self) -> Position {
        Position(self.at.load(Ordering::SeqCst))
    }

    /// Up to here everything was looked at, and what is of it was yielded and taken: what the filter
    /// passed over too. Whoever goes on after it misses nothing.
    #[must_use]
    pub fn passed(&self) -> Position {
        *self.passed.borrow()
    }

    /// How often that was told: once what was asked for is known to be right, then after each look.
    #[must_use]
    pub fn looks(&self) -> u64 {
        self.looks.load(Ordering::SeqCst)
    }

    /// Where everything was looked at, each time that is told.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.passed.subscribe()
    }

    /// Where it was told to begin.
    pub(super) const fn begin(&self) -> Option<Position> {
        self.begin
    }

    /// An item is about to be yielded.
    pub(super) fn yields(&self, position: Position) {
        self.at.store(position.0, Ordering::SeqCst);
    }

    /// Everything up to a position was looked at, and yielded if it is of it.
    pub(super) fn passes(&self, position: Position) {
        self.looks.fetch_add(1, Ordering::SeqCst);
        // Told even where it is as it was: that there was a look is news.
        self.passed
            .send_modify(|passed| *passed = position.max(*passed));
    }
}

impl Default for Following {
    fn default() -> Self {
        Self::from(None)
    }
}
