//! Looks for a state of the world other than the true one that nobody can tell from it.
//!
//! In such a state every count that is shown is what it is, no count is below its least, and every sum
//! holds. One is looked for from the true state on: where a sum does not hold any more, one of its
//! hidden counts is moved, and what follows for others is drawn from every sum that they are in. Both
//! ways are gone, a count moved and not moved, as far as the bounds below allow.

use std::collections::{BTreeMap, BTreeSet};

use super::system::System;

/// So far above what it is a count is looked for: further on the bounds of several only creep.
const REACH: i64 = 40;
/// The same of what remains of one sum only, and follows from its others.
const REACH_OF_REST: i64 = 10_000;
/// So many times a search goes two ways.
const SPLITS_MAX: usize = 60;
/// So many sums it looks at.
const SUMS_MAX: usize = 4_000;

/// The least and the most of the counts that it was narrowed of.
type Narrowed = BTreeMap<usize, (i64, i64)>;

/// Whether a state was found in which a count lies between two ends.
pub(super) fn exists(system: &System, node: usize, (least, most): (i64, i64)) -> bool {
    let mut search = Search {
        system,
        splits: SPLITS_MAX,
        sums: SUMS_MAX,
    };
    search.with(&Narrowed::new(), node, (least, most))
}

struct Search<'a> {
    system: &'a System,
    /// How many are left.
    splits: usize,
    sums: usize,
}

impl Search<'_> {
    /// Looks for a state in which a count lies between two ends as well.
    fn with(&mut self, narrowed: &Narrowed, node: usize, (least, most): (i64, i64)) -> bool {
        let (low, high) = self.range(narrowed, node);
        let range = (low.max(least), high.min(most));
        if range.0 > range.1 {
            return false;
        }
        let mut narrowed = narrowed.clone();
        narrowed.insert(node, range);
        self.narrow(&mut narrowed, node) && self.settle(&narrowed)
    }

    fn range(&self, narrowed: &Narrowed, node: usize) -> (i64, i64) {
        if let Some(range) = narrowed.get(&node) {
            return *range;
        }
        match self.system.nodes.get(node) {
            Some(it) if it.shown > 0 => (it.value, it.value),
            Some(it) if it.sums.len() > 1 => (it.least, it.value + REACH),
            Some(it) => (it.least, it.value + REACH_OF_REST),
            None => (0, 0),
        }
    }

    /// What a count is, moved no further than it must be.
    fn at(&self, narrowed: &Narrowed, node: usize) -> i64 {
        let (low, high) = self.range(narrowed, node);
        let value = self.system.nodes.get(node).map_or(0, |it| it.value);
        value.clamp(low, high)
    }

    fn terms(&self, sum: usize) -> &[(usize, i64)] {
        self.system.sums.get(sum).map_or(&[], Vec::as_slice)
    }

    fn sums_of(&self, node: usize) -> &[usize] {
        let node = self.system.nodes.get(node);
        node.map_or(&[], |it| it.sums.as_slice())
    }

    /// Draws what follows from a count that was narrowed; whether that leaves anything.
    fn narrow(&mut self, narrowed: &mut Narrowed, node: usize) -> bool {
        let mut open: BTreeSet<usize> = self.sums_of(node).iter().copied().collect();
        while let Some(sum) = open.pop_first() {
            let Some(left) = self.sums.checked_sub(1) else {
                return false;
            };
            self.sums = left;
            let (mut low, mut high) = (0, 0);
            for (node, times) in self.terms(sum) {
                let (from, to) = multiplied(self.range(narrowed, *node), *times);
                low += from;
                high += to;
            }
            if low > 0 || high < 0 {
                return false;
            }
            for (node, times) in self.terms(sum) {
                let old = self.range(narrowed, *node);
                let (from, to) = multiplied(old, *times);
                // All together are 0: this one takes back what the others come to.
                let (least, most) = divided((to - high, from - low), *times);
                let new = (old.0.max(least), old.1.min(most));
                if new.0 > new.1 {
                    return false;
                }
                if new != old {
                    narrowed.insert(*node, new);
                    let now = multiplied(new, *times);
                    low += now.0 - from;
                    high += now.1 - to;
                    let others = self.sums_of(*node).iter();
                    open.extend(others.filter(|other| **other != sum));
                }
            }
        }
        true
    }

    /// Moves counts until every sum holds.
    fn settle(&mut self, narrowed: &Narrowed) -> bool {
        let Some((sum, over)) = self.broken(narrowed) else {
            return true;
        };
        let Some(left) = self.splits.checked_sub(1) else {
            return false;
        };
        self.splits = left;
        // The one in the fewest sums that can make up for it alone; else the one that does so most.
        let mut best: Option<(usize, i64, i64)> = None;
        for (node, times) in self.terms(sum) {
            let (low, high) = self.range(narrowed, *node);
            let at = self.at(narrowed, *node);
            let rises = (*times > 0) == (over < 0);
            let room = if rises { high - at } else { at - low };
            let by = divided((over.abs(), over.abs()), times.abs()).1.max(1);
            let by = by.min(room);
            let more = best.is_none_or(|(_, most, _)| by * times.abs() > most);
            if by > 0 && more {
                let to = if rises { at + by } else { at - by };
                best = Some((*node, by * times.abs(), to));
            }
        }
        let Some((node, _, to)) = best else {
            return false;
        };
        let (low, high) = self.range(narrowed, node);
        let rises = to > self.at(narrowed, node);
        let (taken, left) = if rises {
            ((to, high), (low, to - 1))
        } else {
            ((low, to), (to + 1, high))
        };
        self.with(narrowed, node, taken) || self.with(narrowed, node, left)
    }

    /// A sum that does not hold where no count is moved further than it must be, and what it comes to.
    fn broken(&self, narrowed: &Narrowed) -> Option<(usize, i64)> {
        let moved = narrowed.keys().copied().filter(|node| {
            let value = self.system.nodes.get(*node).map(|it| it.value);
            value != Some(self.at(narrowed, *node))
        });
        let sums = moved.flat_map(|node| self.sums_of(node).iter().copied());
        let sums: BTreeSet<usize> = sums.collect();
        sums.into_iter().find_map(|sum| {
            let terms = self.terms(sum).iter();
            let over: i64 = terms
                .map(|(node, times)| self.at(narrowed, *node) * times)
                .sum();
            (over != 0).then_some((sum, over))
        })
    }
}

fn multiplied((low, high): (i64, i64), times: i64) -> (i64, i64) {
    let (a, b) = (low * times, high * times);
    (a.min(b), a.max(b))
}

/// The whole numbers that, so many times, lie between two ends.
fn divided((low, high): (i64, i64), times: i64) -> (i64, i64) {
    let (low, high) = if times < 0 {
        (-high, -low)
    } else {
        (low, high)
    };
    let by = times.abs().max(1);
    (-(-low).div_euclid(by), high.div_euclid(by))
}
