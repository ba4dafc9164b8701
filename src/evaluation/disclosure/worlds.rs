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
const LOOKS_MAX: u64 = 10_000;
/// So many more once it has found a state that something must be withheld for.
const LOOKS_FOR_LESS: u64 = 3_000;
/// So many counts are moved, at most.
const MOVES_MAX: usize = 400;
/// What it costs to withhold a figure, next to moving a count.
const PRICE: u32 = 40;
/// The same for each binary digit of the largest count that it shows.
const PRICE_OF_BIT: u32 = 8;
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
    let mut search = Search {
        system,
        looks: 0,
        most: LOOKS_MAX.min(*work),
        best: None,
    };
    search.run(node, by);
    *work = work.saturating_sub(search.looks);
    search.best.filter(|world| world.agrees(system))
}

struct Search<'a> {
    system: &'a System,
    /// How many were taken, and how many may be.
    looks: u64,
    most: u64,
    best: Option<World>,
}

impl Search<'_> {
    fn run(&mut self, node: usize, by: i64) {
        // Where a way was left that was not the cheapest: what it costs, from which state, the move.
        let mut left = BinaryHeap::new();
        let mut worlds = vec![World::default()];
        let mut seen = BTreeSet::new();
        left.extend(worlds.iter().filter_map(|world| {
            let cost = world.cost(self.system, node, by, 0)?;
            Some(Reverse((Move { cost, node, by }, 0)))
        }));
        while let Some(Reverse((first, parent))) = left.pop() {
            let Some(mut world) = worlds.get(parent).cloned() else {
                return;
            };
            let mut next = Some(first);
            while let Some(it) = next.take() {
                world.take(self.system, it.node, it.by);
                if self.best.as_ref().is_some_and(|it| it.price <= world.price) {
                    break;
                }
                if world.open.is_empty() {
                    self.found(world);
                    break;
                }
                if world.moved.len() > MOVES_MAX || !seen.insert(world.moved.clone()) {
                    break;
                }
                let mut moves = world.moves(self.system, &mut self.looks);
                if self.looks > self.most {
                    return;
                }
                moves.sort_unstable();
                let mut moves = moves.into_iter();
                next = moves.next();
                if moves.len() > 0 {
                    left.extend(moves.map(|it| Reverse((it, worlds.len()))));
                    worlds.push(world.clone());
                }
            }
            if self.best.as_ref().is_some_and(|it| it.price == 0) {
                return;
            }
        }
    }

    /// A state was found; one that costs less is looked for a while.
    fn found(&mut self, world: World) {
        if self.best.is_none() {
            self.most = self.most.min(self.looks + LOOKS_FOR_LESS);
        }
        self.best = Some(world);
    }
}

impl World {
    /// What may be moved for that sum to hold which leaves the least choice.
    fn moves(&self, system: &System, looks: &mut u64) -> Vec<Move> {
        let mut fewest: Option<Vec<Move>> = None;
        for (sum, over) in &self.open {
            let terms = system.sums.get(*sum).map_or(&[][..], Vec::as_slice);
            *looks += terms.len() as u64 + 1;
            let moves = terms.iter().filter_map(|(node, times)| {
                let known = system.nodes.get(*node)?;
                let wanted = -over / times;
                let by = wanted.max(known.least - known.value);
                if by == 0 || self.moved.contains_key(node) {
                    return None;
                }
                let cost = self.cost(system, *node, by, over + by * times)?;
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
        fewest.unwrap_or_default()
    }

    /// What a state costs with one more count moved, and so much of a sum left over; none where
    /// everybody knows that count.
    fn cost(&self, system: &System, node: usize, by: i64, over: i64) -> Option<u32> {
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
        let open = u32::try_from(self.open.len() + known.sums.len()).unwrap_or(u32::MAX);
        let rest = u32::try_from(self.moved.len() as u64 + over.unsigned_abs()).unwrap_or(u32::MAX);
        Some(price.saturating_add(open.saturating_mul(PRICE_OF_SUM).saturating_add(rest)))
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
    PRICE + PRICE_OF_BIT * (u64::BITS - largest.leading_zeros())
}
