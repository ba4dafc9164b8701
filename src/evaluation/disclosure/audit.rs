//! Finds what must be withheld, and shows of every small count that it stays hidden.
//!
//! A count is hidden when two states of the world are exhibited in which it differs by [`SMALL`], and
//! in which everything that is published is the same ([`find`]): whoever reads it cannot tell which of
//! them is the true one. What a state needs withheld is withheld. Where none is found, whether there
//! is none or the search gave up, what is nearest is withheld: what is shown is always proven, and at
//! worst too much is withheld.

use std::collections::{BTreeSet, VecDeque};

use super::{SMALL, system::System, worlds::find};

/// So many terms of sums are looked at for what is published at once, and no more.
const WORK_MAX: u64 = 100_000_000;

/// Withholds every figure that shows a small count, and then those from which one could be derived;
/// whether that was done before [`WORK_MAX`].
pub(super) fn protect(system: &mut System) -> bool {
    for figure in 0..system.figures.len() {
        if shows_small(system, figure) {
            system.withhold(figure);
        }
    }
    let small = |node: &usize| system.nodes.get(*node).is_some_and(|it| it.is_small);
    let small: Vec<usize> = (0..system.nodes.len()).filter(small).collect();
    let mut audit = Audit {
        ranges: vec![(0, 0); system.nodes.len()],
        system,
        work: WORK_MAX,
    };
    // What is hidden stays so when more is withheld: once through is enough.
    for node in small {
        audit.hide(node);
    }
    audit.work > 0
}

struct Audit<'a> {
    system: &'a mut System,
    /// How far below and above itself each count is in the states that were exhibited.
    ranges: Vec<(i64, i64)>,
    /// What is left of it.
    work: u64,
}

impl Audit<'_> {
    /// Withholds what it takes to hide a small count.
    fn hide(&mut self, node: usize) {
        let mut more = 1;
        while !self.is_hidden(node) && self.work > 0 {
            let nearest = nearest(self.system, node, &mut self.work);
            if nearest.is_empty() {
                // It was not hidden from what was published before, and cannot be any more.
                break;
            }
            for figure in nearest.into_iter().take(more).flatten() {
                self.system.withhold(figure);
            }
            more *= 2;
        }
    }

    /// Whether two states are exhibited in which a count differs by [`SMALL`]: the true one and one
    /// with as much more; or else one with less and one with more.
    fn is_hidden(&mut self, node: usize) -> bool {
        if self.is_shown_hidden(node, 0) || self.exhibit(node, SMALL) {
            return true;
        }
        let known = self.system.nodes.get(node);
        let less = known.map_or(0, |it| it.value - it.least);
        let less = (1..=less).rev().find(|less| self.exhibit(node, -less));
        less.is_some_and(|less| self.is_shown_hidden(node, 0) || self.exhibit(node, SMALL - less))
    }

    fn is_shown_hidden(&self, node: usize, more: i64) -> bool {
        let range = self.ranges.get(node);
        range.is_some_and(|(below, above)| above - below + more >= SMALL)
    }

    /// Exhibits a state in which a count differs by so much, and withholds what that takes.
    fn exhibit(&mut self, node: usize, by: i64) -> bool {
        let Some(world) = find(self.system, node, by, &mut self.work) else {
            return false;
        };
        for figure in world.withheld {
            self.system.withhold(figure);
        }
        for (node, by) in world.moved {
            if let Some((below, above)) = self.ranges.get_mut(node) {
                *below = by.min(*below);
                *above = by.max(*above);
            }
        }
        true
    }
}

fn shows_small(system: &System, figure: usize) -> bool {
    let figure = system.figures.get(figure).filter(|it| !it.is_past);
    figure.is_some_and(|it| {
        let mut nodes = it.shows.iter().filter_map(|node| system.nodes.get(*node));
        nodes.any(|node| node.is_small)
    })
}

/// The figures that show the counts around a hidden one: the nearest first, then the smallest that is
/// large enough to hide it among.
fn nearest(system: &System, hidden: usize, work: &mut u64) -> Vec<Vec<usize>> {
    let mut seen = BTreeSet::from([hidden]);
    let mut next = VecDeque::from([(hidden, 0_usize)]);
    let mut found = Vec::new();
    while let Some((node, distance)) = next.pop_front() {
        let Some(it) = system.nodes.get(node) else {
            continue;
        };
        if it.shown > 0 {
            let published = it.shown_by.iter().copied().filter(|figure| {
                let figure = system.figures.get(*figure);
                figure.is_some_and(|it| !it.is_withheld)
            });
            let published: Vec<usize> = published.collect();
            let past = |figure: &usize| system.figures.get(*figure).is_some_and(|it| it.is_past);
            if !published.iter().any(past) {
                let order = (it.value < SMALL, it.value.abs_diff(SMALL), node);
                found.push((distance, order, published));
            }
            continue;
        }
        for sum in it.sums.iter().filter_map(|(sum, _)| system.sums.get(*sum)) {
            *work = work.saturating_sub(sum.len() as u64);
            for (other, _) in sum {
                if seen.insert(*other) {
                    next.push_back((*other, distance + 1));
                }
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, _, figures)| figures).collect()
}
