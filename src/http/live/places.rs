//! How many connections follow at once, in all and of one caller; strangers by where they come from too.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{access::Caller, limits::STRANGER_SOCKETS_MAX};

/// Whose connections are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Who {
    actor: String,
    /// A stranger has no name of its own.
    from: Option<IpAddr>,
}

#[derive(Debug, Default)]
struct Counted {
    all: usize,
    of: HashMap<Who, usize>,
}

/// The places there are; its copies are one and the same.
#[derive(Debug, Clone)]
pub(in crate::http) struct Places {
    counted: Arc<Mutex<Counted>>,
    all: usize,
    each: usize,
}

/// A place that is taken, until this is let go of.
#[derive(Debug)]
pub(in crate::http) struct Taken {
    places: Places,
    who: Who,
}

impl Places {
    pub(super) fn new(all: usize, each: usize) -> Self {
        Self {
            counted: Arc::default(),
            all,
            each,
        }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a caller who comes from there, if there is one.
    pub(in crate::http) fn take(&self, caller: &Caller, from: Option<IpAddr>) -> Option<Taken> {
        let stranger = caller.is_stranger();
        let who = Who {
            actor: caller.actor.as_str().to_owned(),
            from: from.filter(|_| stranger),
        };
        let each = if stranger {
            self.each.min(STRANGER_SOCKETS_MAX)
        } else {
            self.each
        };
        let mut counted = self.counted();
        let of = counted.of.get(&who).copied().unwrap_or_default();
        if counted.all >= self.all || of >= each {
            return None;
        }
        counted.all += 1;
        counted.of.insert(who.clone(), of + 1);
        drop(counted);
        Some(Taken {
            places: self.clone(),
            who,
        })
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut counted = self.places.counted();
        counted.all = counted.all.saturating_sub(1);
        let left = counted.of.get_mut(&self.who).map(|of| {
            *of = of.saturating_sub(1);
            *of
        });
        if left == Some(0) {
            counted.of.remove(&self.who);
        }
    }
}
