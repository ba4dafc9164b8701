//! What several subscribers follow together: the items of one execution, kept for a while.
//!
//! A [`Channel`] holds the newest items as bytes, within bounds, and the position from which they are
//! without a gap. One subscription leads: it executes, hands in its items ([`Channel::push`]) and waits
//! for nobody. Every other holds a [`Cursor`], and takes what comes after it ([`Channel::take`]). Who was
//! too slow for what is kept goes on by itself, from its cursor, until it is within again.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::{oneshot, watch};

use super::{
    hub::{Key, Shared},
    told::Told,
};
use crate::{
    domain::terms::Position,
    fault,
    limits::{CHANNEL_BYTES_MAX, CHANNEL_ITEMS_MAX, CHANNELS_BYTES_MAX},
};

/// What keeping an item costs beside its bytes.
const ENTRY_BYTES: usize = 96;

/// How many items are kept; where gaps are forgotten on purpose, so few that there are some.
fn items_max() -> usize {
    if fault::bug("channel-forgets-gaps") {
        4
    } else {
        CHANNEL_ITEMS_MAX
    }
}

/// An item that is kept.
#[derive(Debug)]
struct Entry {
    told: Told,
    position: Position,
    /// Whether it is of the position that was looked at before: then another day had begun.
    again: bool,
    /// Whether it is for everybody, wherever they are: the last word.
    last: bool,
}

/// Whether somebody hands in items.
#[derive(Debug)]
enum Lead {
    /// Nobody does yet.
    Nobody,
    /// Somebody does, who is told once nobody follows any more, by this being let go of.
    Somebody { _until: oneshot::Sender<()> },
    /// Nobody does any more.
    Ended,
}

#[derive(Debug)]
struct Ring {
    kept: VecDeque<Entry>,
    bytes: usize,
    /// The number of the first item that is kept.
    first: u64,
    /// After this position there is no gap.
    from: Position,
    /// Everything up to here was looked at.
    passed: Position,
    lead: Lead,
}

/// What several subscribers follow together.
#[derive(Debug)]
pub(super) struct Channel {
    key: Key,
    hub: Arc<Shared>,
    ring: Mutex<Ring>,
    /// The number of the item that comes next, and whether there is none to come.
    moved: watch::Sender<u64>,
}

/// Where one subscriber stands in a channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    /// The number of the item it looks at next.
    next: u64,
    /// Everything up to here it has, or knows that there is nothing.
    floor: Position,
    /// Items of a position that was had are news to it from this number on.
    again_from: u64,
}

impl Cursor {
    pub(super) const fn position(&self) -> Position {
        self.floor
    }
}

/// What there is after a cursor.
pub(super) enum Taken {
    Item(Told),
    /// Nothing yet.
    Nothing,
    /// No longer all of it.
    Behind,
    /// Nothing any more.
    Ended,
}

/// What was made of persons of whom some were erased meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outdated;

impl Channel {
    pub(super) fn new(key: Key, hub: Arc<Shared>) -> Self {
        Self {
            key,
            hub,
            ring: Mutex::new(Ring {
                kept: VecDeque::new(),
                bytes: 0,
                first: 0,
                from: Position::START,
                passed: Position::START,
                lead: Lead::Nobody,
            }),
            moved: watch::Sender::new(0),
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // What panics elsewhere leaves a ring that is whole: nothing here is done by halves.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says when there is something to take.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// The number of the item that comes next.
    pub(super) fn next(&self) -> u64 {
        self.ring().next()
    }

    /// Whether nothing comes any more.
    pub(super) fn is_ended(&self) -> bool {
        matches!(self.ring().lead, Lead::Ended)
    }

    /// Takes somebody in who has everything up to a position, if what comes after it is kept; items of a
    /// position that was had are news from a number on.
    pub(super) fn join(&self, floor: Position, again_from: u64) -> Option<Cursor> {
        self.ring().join(floor, again_from)
    }

    /// Like [`Self::join`], of whom it is not known whether that position is one that there is.
    pub(super) fn join_within(&self, floor: Position) -> Option<Cursor> {
        let ring = self.ring();
        let within = floor <= ring.passed;
        let next = ring.next();
        within.then(|| ring.join(floor, next)).flatten()
    }

    /// Begins to lead, if nobody does or did, from a position on: answers with the first number, and
    /// what resolves once nobody follows any more.
    pub(super) fn lead(&self, from: Position) -> Option<(Cursor, oneshot::Receiver<()>)> {
        let mut ring = self.ring();
        if !matches!(ring.lead, Lead::Nobody) {
            return None;
        }
        let (until, gone) = oneshot::channel();
        ring.lead = Lead::Somebody { _until: until };
        ring.from = from;
        ring.passed = from;
        let next = ring.next();
        let cursor = ring.join(from, next)?;
        Some((cursor, gone))
    }

    /// Hands in an item, unless persons were erased since it was begun.
    pub(super) fn push(&self, told: Told, position: Position, of: u64) -> Result<(), Outdated> {
        let mut ring = self.ring();
        if self.hub.erasures() != of {
            return Err(Outdated);
        }
        let old = position <= ring.passed;
        let entry = Entry {
            again: old,
            last: old && told.is_error(),
            position,
            told,
        };
        let bytes = entry.told.bytes() + ENTRY_BYTES;
        ring.kept.push_back(entry);
        ring.bytes += bytes;
        self.hub.hold(bytes);
        ring.passed = ring.passed.max(position);
        while ring.kept.len() > 1
            && (ring.kept.len() > items_max()
                || ring.bytes > CHANNEL_BYTES_MAX
                || self.hub.held() > CHANNELS_BYTES_MAX)
        {
            let freed = ring.drop_first();
            self.hub.let_go(freed);
        }
        let next = ring.next();
        drop(ring);
        self.moved.send_replace(next);
        Ok(())
    }

    /// Up to where everything was looked at.
    pub(super) fn passed(&self) -> Position {
        self.ring().passed
    }

    /// Up to where whoever is at a cursor has everything.
    pub(super) fn idle(&self, cursor: Cursor) -> Position {
        let ring = self.ring();
        if cursor.next == ring.next() {
            cursor.floor.max(ring.passed)
        } else {
            cursor.floor
        }
    }

    /// Everything up to a position was looked at.
    pub(super) fn pass(&self, position: Position) {
        let mut ring = self.ring();
        ring.passed = ring.passed.max(position);
    }

    /// Nothing comes any more.
    pub(super) fn end(&self) {
        self.ring().lead = Lead::Ended;
        self.moved.send_modify(|_| {});
    }

    /// Lets go of all that is kept: whoever has not taken it makes its own anew.
    pub(super) fn forget(&self) {
        let mut ring = self.ring();
        while !ring.kept.is_empty() {
            let freed = ring.drop_first();
            self.hub.let_go(freed);
        }
        // What was handed in but not taken by all is gone: they are behind.
        ring.from = ring.from.max(ring.passed);
        drop(ring);
        self.moved.send_modify(|_| {});
    }

    /// Takes what comes after a cursor.
    pub(super) fn take(&self, cursor: &mut Cursor) -> Taken {
        let ring = self.ring();
        if cursor.next < ring.first {
            if cursor.floor < ring.from && !fault::bug("channel-forgets-gaps") {
                return Taken::Behind;
            }
            cursor.next = ring.first;
        }
        loop {
            let index = usize::try_from(cursor.next - ring.first).unwrap_or(usize::MAX);
            let Some(entry) = ring.kept.get(index) else {
                break;
            };
            let number = cursor.next;
            cursor.next += 1;
            let again =
                entry.again && entry.position >= cursor.floor && number >= cursor.again_from;
            if entry.position > cursor.floor || again || entry.last {
                cursor.floor = cursor.floor.max(entry.position);
                return Taken::Item(entry.told.clone());
            }
        }
        cursor.floor = cursor.floor.max(ring.passed);
        if matches!(ring.lead, Lead::Ended) {
            Taken::Ended
        } else {
            Taken::Nothing
        }
    }
}

impl Ring {
    fn next(&self) -> u64 {
        self.first + self.kept.len() as u64
    }

    fn join(&self, floor: Position, again_from: u64) -> Option<Cursor> {
        let leads = matches!(self.lead, Lead::Somebody { .. });
        let late = fault::bug("channel-joins-late");
        (leads && floor >= self.from).then_some(Cursor {
            next: if late { self.next() } else { self.first },
            floor,
            again_from,
        })
    }

    /// Lets go of the first item: how many bytes it held.
    fn drop_first(&mut self) -> usize {
        let Some(entry) = self.kept.pop_front() else {
            return 0;
        };
        self.first += 1;
        self.from = self.from.max(entry.position);
        let bytes = entry.told.bytes() + ENTRY_BYTES;
        self.bytes = self.bytes.saturating_sub(bytes);
        bytes
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        let bytes = self.ring().bytes;
        self.hub.let_go(bytes);
        self.hub.gone(&self.key);
    }
}

/// Whoever leads: however that ends, those who follow are not left waiting.
pub(super) struct Leading(pub Weak<Channel>);

impl Drop for Leading {
    fn drop(&mut self) {
        if let Some(channel) = self.0.upgrade() {
            channel.end();
        }
    }
}
