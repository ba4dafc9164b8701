//! Finds what must be withheld, and shows of every small count that it stays hidden.
//!
//! A count is hidden when two states of the world are exhibited in which it differs by [`SMALL`], and
//! in which everything that is published is the same: whoever reads it cannot tell which of them is
//! the true one. They are found from the true state by steps: the count goes up by one, and other
//! hidden counts are moved until every sum holds again.
//!
//! Where such states are not found, whether there are none or the search gave up, one more figure is
//! withheld: what is shown is always proven, and at worst too much is withheld.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{SMALL, system::System};

/// So many counts are moved in one step at most.
const MOVES_MAX: usize = 200;
/// So many tries one step takes at most.
const TRIES_MAX: usize = 2_000;
/// So many figures are tried before the nearest is withheld without having sufficed.
const CANDIDATES_MAX: usize = 24;

/// Withholds every figure that shows a small count, and then those from which one could be derived.
pub(super) fn protect(system: &mut System) {
    for figure in 0..system.figures.len() {
        if shows_small(system, figure) {
            system.withhold(figure, true);
        }
    }
    let small = |node: &usize| system.nodes.get(*node).is_some_and(|it| it.is_small);
    let small: Vec<usize> = (0..system.nodes.len()).filter(small).collect();
    // What is hidden stays so when more is withheld: once through is enough.
    for node in small {
        while !is_hidden(system, node) {
            let candidates = candidates(system, node);
            let mut nearest = None;
            for candidate in candidates.into_iter().take(CANDIDATES_MAX) {
                for figure in &candidate {
                    system.withhold(*figure, true);
                }
                if is_hidden(system, node) {
                    nearest = None;
                    break;
                }
                for figure in &candidate {
                    system.withhold(*figure, false);
                }
                nearest.get_or_insert(candidate);
            }
            match nearest {
                Some(figures) => figures.iter().for_each(|it| system.withhold(*it, true)),
                None => break,
            }
        }
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
fn candidates(system: &System, hidden: usize) -> Vec<Vec<usize>> {
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
        for sum in it.sums.iter().filter_map(|sum| system.sums.get(*sum)) {
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

/// Whether two states of the world can be exhibited in which a count differs by [`SMALL`].
pub(super) fn is_hidden(system: &System, node: usize) -> bool {
    if system.nodes.get(node).is_none_or(|it| it.shown > 0) {
        return false;
    }
    let mut differ = 0;
    for by in [1, -1] {
        let mut world = BTreeMap::new();
        while differ < SMALL && step(system, &mut world, node, by) {
            differ += 1;
        }
    }
    differ >= SMALL
}

/// Moves a count by one, and others until every sum holds again; whether that was found. `world` says
/// by how much each differs from what it is.
fn step(system: &System, world: &mut BTreeMap<usize, i64>, node: usize, by: i64) -> bool {
    let mut search = Search {
        system,
        world,
        moved: BTreeMap::new(),
        open: BTreeMap::new(),
        tries: TRIES_MAX,
    };
    if !search.may(node, by) {
        return false;
    }
    search.move_by(node, by);
    if !search.settle() {
        return false;
    }
    for (node, by) in search.moved {
        *world.entry(node).or_default() += by;
    }
    true
}

struct Search<'a> {
    system: &'a System,
    world: &'a BTreeMap<usize, i64>,
    /// What was moved in this step, each count once, and by how much.
    moved: BTreeMap<usize, i64>,
    /// The sums that do not hold, and what they come to.
    open: BTreeMap<usize, i64>,
    tries: usize,
}

impl Search<'_> {
    /// Whether a count may be moved so: it is hidden, and not known to be more.
    fn may(&self, node: usize, by: i64) -> bool {
        let before = self.world.get(&node).copied().unwrap_or(0);
        let known = self.system.nodes.get(node);
        known.is_some_and(|it| it.shown == 0 && it.least <= it.value + before + by)
    }

    fn move_by(&mut self, node: usize, by: i64) {
        self.moved.insert(node, by);
        self.weigh(node, by);
    }

    fn take_back(&mut self, node: usize, by: i64) {
        self.moved.remove(&node);
        self.weigh(node, -by);
    }

    fn weigh(&mut self, node: usize, by: i64) {
        let Some(it) = self.system.nodes.get(node) else {
            return;
        };
        for sum in &it.sums {
            let terms = self
                .system
                .sums
                .get(*sum)
                .map_or([].as_slice(), Vec::as_slice);
            let times = terms.iter().find(|(other, _)| *other == node);
            let open = self.open.entry(*sum).or_default();
            *open += by * times.map_or(0, |(_, times)| *times);
            if *open == 0 {
                self.open.remove(sum);
            }
        }
    }

    /// Moves what it takes for every sum to hold.
    fn settle(&mut self) -> bool {
        let Some((sum, open)) = self.open.first_key_value() else {
            return true;
        };
        let (sum, open) = (*sum, *open);
        if self.tries == 0 || self.moved.len() >= MOVES_MAX {
            return false;
        }
        self.tries -= 1;
        let terms = self.system.sums.get(sum);
        for (node, times) in terms.into_iter().flatten() {
            let by = -open / times;
            if open % times != 0 || self.moved.contains_key(node) || !self.may(*node, by) {
                continue;
            }
            self.move_by(*node, by);
            if self.settle() {
                return true;
            }
            self.take_back(*node, by);
        }
        false
    }
}
