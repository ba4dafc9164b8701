//! The channels, each found by what makes subscriptions one and the same; and what is held for all.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use super::channel::Channel;

/// What makes subscriptions one and the same: the document, the name of the operation, its variables but
/// for where it begins, and all that permissions hang on; as one hash.
pub(super) type Key = [u8; 32];

/// What is shared by all that is followed.
#[derive(Debug, Default)]
pub(super) struct Shared {
    channels: Mutex<HashMap<Key, Weak<Channel>>>,
    /// How many persons were erased.
    erasures: AtomicU64,
    /// The bytes that the channels hold.
    bytes: AtomicUsize,
    /// How many items were made.
    executed: AtomicU64,
}

impl Shared {
    fn channels(&self) -> MutexGuard<'_, HashMap<Key, Weak<Channel>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The channel of a key; a new one where there is none, or only one that has ended.
    pub(super) fn channel(self: &Arc<Self>, key: Key) -> Arc<Channel> {
        let mut channels = self.channels();
        let known = channels.get(&key).and_then(Weak::upgrade);
        if let Some(known) = known.as_ref().filter(|known| !known.is_ended()) {
            return Arc::clone(known);
        }
        let channel = Arc::new(Channel::new(key, Arc::clone(self)));
        channels.insert(key, Arc::downgrade(&channel));
        // In this order: where the last of a channel goes, it takes itself out of the map.
        drop(channels);
        drop(known);
        channel
    }

    /// A channel of that key is gone.
    pub(super) fn gone(&self, key: &Key) {
        let mut channels = self.channels();
        // It may have been followed by another.
        if channels.get(key).is_some_and(|it| it.strong_count() == 0) {
            channels.remove(key);
        }
    }

    /// Lets go of every item: a person was erased.
    pub(super) fn forget(&self) {
        self.erasures.fetch_add(1, Ordering::SeqCst);
        let channels: Vec<_> = self.channels().values().filter_map(Weak::upgrade).collect();
        for channel in channels {
            channel.forget();
        }
    }

    /// How many channels there are.
    pub(super) fn count(&self) -> usize {
        self.channels().len()
    }

    pub(super) fn erasures(&self) -> u64 {
        self.erasures.load(Ordering::SeqCst)
    }

    pub(super) fn hold(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn let_go(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn held(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn executes(&self) {
        self.executed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn executed(&self) -> u64 {
        self.executed.load(Ordering::Relaxed)
    }
}
