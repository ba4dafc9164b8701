//! Looks for a state of the world other than the true one that nobody can tell from it.
//!
//! In such a state every count that is published is what it is, no count is below its least, and
//! every sum holds. One is built from the true state: a count is moved, and others are moved until
//! every sum holds again. Of several ways the cheapest is followed first: a hidden count moves freely,
//! one that is published once its figures are withheld, at their price. So one search tells both which
//! other state there is and what must be withheld for it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};

use super::system::System;

/// So many terms of sums one search looks at, at most.
const LOOKS_MAX: u64 = 20_000;
/// So many counts are moved, at most.
const MOVES_MAX: usize = 400;
/// What it costs to withhold a figure, next to moving a count.
const PRICE: u32 = 40;
/// What a sum costs that does not hold yet: what may still have to be moved for it.
const PRICE_OF_SUM: u32 = 8;

/// A state of the world, as it differs from the true one.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    /// The counts that differ, and by how much.
    pub(super) moved: BTreeMap<usize, i64>,
    /// The figures that must be withheld for nobody to tell.
    pub(super) withheld: BTreeSet<usize>,
    /// The sums that do not hold, and what they come to.
    open: BTreeMap<usize, i64>,
    /// What it costs to withhold them.
    price: u32,
}

/// One count that may be moved next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Move {
    cost: u32,
    node: usize,
    by: i64,
}

/// A state in which a count differs by so much. `work` is how many looks are left for all searches.
pub(super) fn find(system: &System, node: usize, by: i64, work: &mut u64) -> Option<World> {
    let mut looks = LOOKS_MAX.min(*work);
    let granted = looks;
    let found = search(system, node, by, &mut looks);
    *work -= granted - looks;
    found.filter(|world| world.agrees(system))
}

fn search(system: &System, node: usize, by: i64, looks: &mut u64) -> Option<World> {
    let mut worlds = vec![World::default()];
    let mut next = BinaryHeap::new();
    let first = worlds.first()?.cost(system, node, by, true)?;
    next.push(Reverse((first, 0_usize, node, by)));
    let mut seen = BTreeSet::new();
    while let Some(Reverse((_, parent, node, by))) = next.pop() {
        let mut world = worlds.get(parent)?.clone();
        world.take(system, node, by);
        // What follows without a choice follows at once.
        let moves = loop {
            if world.open.is_empty() {
                return Some(world);
            }
            if world.moved.len() > MOVES_MAX {
                break Vec::new();
            }
            let moves = world.moves(system, looks)?;
            match moves.as_slice() {
                [only] => world.take(system, only.node, only.by),
                _ => break moves,
            }
        };
        if moves.is_empty() || !seen.insert(world.moved.clone()) {
            continue;
        }
        let parent = worlds.len();
        for it in moves {
            next.push(Reverse((it.cost, parent, it.node, it.by)));
        }
        worlds.push(world);
    }
    None
}

impl World {
    /// What may be moved for that sum to hold which leaves the least choice; none when all looks are
    /// used up.
    fn moves(&self, system: &System, looks: &mut u64) -> Option<Vec<Move>> {
        let mut fewest: Option<Vec<Move>> = None;
        for (sum, over) in &self.open {
            let terms = system.sums.get(*sum).map_or(&[][..], Vec::as_slice);
            *looks = looks.checked_sub(terms.len() as u64 + 1)?;
            let moves = terms.iter().filter_map(|(node, times)| {
                let known = system.nodes.get(*node)?;
                let wanted = -over / times;
                let by = wanted.max(known.least - known.value);
                if by == 0 || self.moved.contains_key(node) {
                    return None;
                }
                let whole = by * times == -over;
                let cost = self.cost(system, *node, by, whole)?;
                Some(Move {
                    cost,
                    node: *node,
                    by,
                })
            });
            let moves: Vec<Move> = moves.collect();
            if fewest.as_ref().is_none_or(|it| moves.len() < it.len()) {
                let done = moves.len() <= 1;
                fewest = Some(moves);
                if done {
                    break;
                }
            }
        }
        fewest
    }

    /// What a state costs with one more count moved; none where everybody knows that count. `whole`
    /// says whether a sum holds by it.
    fn cost(&self, system: &System, node: usize, by: i64, whole: bool) -> Option<u32> {
        let known = system.nodes.get(node)?;
        if known.value + by < known.least {
            return None;
        }
        let mut price = self.price;
        if known.shown > 0 {
            for figure in self.figures(system, node) {
                let figure = system.figures.get(figure).filter(|it| !it.is_past)?;
                price += price_of(system, &figure.shows);
            }
        }
        let open = self.open.len() + known.sums.len() + usize::from(!whole);
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        let moved = u32::try_from(self.moved.len()).unwrap_or(u32::MAX);
        Some(price.saturating_add(open.saturating_mul(PRICE_OF_SUM).saturating_add(moved)))
    }

    /// The figures that would have to be withheld for a count to move.
    fn figures<'a>(&'a self, system: &'a System, node: usize) -> impl Iterator<Item = usize> + 'a {
        let known = system.nodes.get(node);
        let all = known.into_iter().flat_map(|it| &it.shown_by).copied();
        all.filter(|index| {
            let figure = system.figures.get(*index);
            figure.is_some_and(|it| !it.is_withheld) && !self.withheld.contains(index)
        })
    }

    fn take(&mut self, system: &System, node: usize, by: i64) {
        let figures: Vec<usize> = self.figures(system, node).collect();
        for index in figures {
            if let Some(figure) = system.figures.get(index) {
                self.price += price_of(system, &figure.shows);
            }
            self.withheld.insert(index);
        }
        self.moved.insert(node, by);
        let known = system.nodes.get(node);
        for (sum, times) in known.into_iter().flat_map(|it| &it.sums) {
            let open = self.open.entry(*sum).or_default();
            *open += by * times;
            if *open == 0 {
                self.open.remove(sum);
            }
        }
    }

    /// Whether nobody can tell it from the true one: reckoned afresh, whatever the search says.
    fn agrees(&self, system: &System) -> bool {
        let mut sums = BTreeSet::new();
        for (node, by) in &self.moved {
            let Some(known) = system.nodes.get(*node) else {
                return false;
            };
            if known.value + by < known.least || self.figures(system, *node).next().is_some() {
                return false;
            }
            sums.extend(known.sums.iter().map(|(sum, _)| *sum));
        }
        let differ = |node: &usize| self.moved.get(node).copied().unwrap_or(0);
        let past = |index: &usize| system.figures.get(*index).is_none_or(|it| it.is_past);
        !self.withheld.iter().any(past)
            && sums.into_iter().all(|sum| {
                let terms = system.sums.get(sum).into_iter().flatten();
                let over: i64 = terms.map(|(node, times)| differ(node) * times).sum();
                over == 0
            })
    }
}

/// The larger what a figure shows, the more is lost with it.
fn price_of(system: &System, shows: &[usize]) -> u32 {
    let values = shows.iter().filter_map(|node| system.nodes.get(*node));
    let largest = values.map(|it| it.value.unsigned_abs()).max().unwrap_or(0);
    PRICE + 2 * (u64::BITS - largest.leading_zeros())
}
