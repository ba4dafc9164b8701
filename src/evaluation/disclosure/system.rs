//! Everything that was and is to be published, as one system of counts and of the sums between them.
//!
//! A count is one that some figure shows, or would show, and what remains where some are taken from
//! others. A sum says that some counts, each so many times, come to nothing. Whoever reads what is
//! published knows the counts that are shown, every sum, and that no count is below its least.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    SMALL,
    cell::Cell,
    count::{Count, SUMS, Shown, Whose, shown},
};
use crate::evaluation::Answer;

/// So many cells are known at most, and no more are read once there are.
const CELLS_MAX: usize = 5_000;
/// So many sums are audited at most: what is published at once is held against all that was before.
const SUMS_MAX: usize = 200_000;
/// So many pairs of cells are compared for which of them is a part of the other.
const PAIRS_MAX: usize = 200_000_000;

/// A count.
#[derive(Debug)]
pub(super) struct Node {
    /// What it is.
    pub(super) value: i64,
    /// Whether it is one of people.
    of_people: bool,
    /// What everybody knows it to be at least.
    pub(super) least: i64,
    /// Whether it must not be found out, nor narrowed down.
    pub(super) is_small: bool,
    /// The figures that show it.
    pub(super) shown_by: Vec<usize>,
    /// How many of them are published.
    pub(super) shown: usize,
    /// The sums that it is in, and how many times.
    pub(super) sums: Vec<(usize, i64)>,
}

/// A figure.
#[derive(Debug)]
pub(super) struct Figure {
    /// The counts that it shows.
    pub(super) shows: Vec<usize>,
    /// Whether it is withheld.
    pub(super) is_withheld: bool,
    /// Whether it was published before, or withheld then: that cannot be changed any more.
    pub(super) is_past: bool,
}

/// All counts, sums and figures.
#[derive(Debug, Default)]
pub(super) struct System {
    pub(super) nodes: Vec<Node>,
    /// Each a sum of counts, so many times each, that is 0.
    pub(super) sums: Vec<Vec<(usize, i64)>>,
    pub(super) figures: Vec<Figure>,
    cells: Vec<Cell>,
    places: BTreeMap<Cell, usize>,
    /// The counts of each cell.
    counts: Vec<BTreeMap<Count, usize>>,
    /// Cells that have nothing in common.
    families: BTreeSet<Vec<usize>>,
    releases: usize,
}

impl System {
    /// Adds what was published at once; `withheld` tells of each figure in order whether it was, and
    /// is none where that is still to be found.
    pub(super) fn add<'a>(
        &mut self,
        tables: impl IntoIterator<Item = &'a Vec<Answer>>,
        withheld: Option<&[bool]>,
    ) {
        let first = self.figures.len();
        let known = self.cells.len();
        for answers in tables {
            if self.cells.len() > CELLS_MAX {
                return;
            }
            let cells: Vec<usize> = answers.iter().map(|it| self.answer(it)).collect();
            self.families_of(&cells);
        }
        let past = self.figures.iter_mut().skip(first);
        for (figure, is_withheld) in past.zip(withheld.unwrap_or_default()) {
            figure.is_past = true;
            figure.is_withheld = *is_withheld;
        }
        for cell in known..self.cells.len() {
            self.sum_within(cell);
        }
        self.releases += 1;
    }

    /// Adds the sums between cells, and what remains of them; whether there are no more than can be
    /// audited. To be called once, at last.
    pub(super) fn relate(&mut self) -> bool {
        let families: Vec<Vec<usize>> = std::mem::take(&mut self.families).into_iter().collect();
        let members: usize = families.iter().map(Vec::len).sum();
        let cells = self.cells.len();
        if cells > CELLS_MAX || cells.saturating_mul(members.max(cells)) > PAIRS_MAX {
            return false;
        }
        let mut seen = BTreeSet::new();
        for whole in 0..self.cells.len() {
            for family in &families {
                let parts = self.parts(whole, family);
                if !parts.is_empty() && seen.insert((whole, parts.clone())) {
                    self.sum_between(whole, &parts);
                }
            }
            if self.sums.len() > SUMS_MAX {
                return false;
            }
        }
        self.relate_weeks();
        self.relate_crossing();
        if self.sums.len() > SUMS_MAX {
            return false;
        }
        for (index, sum) in self.sums.iter().enumerate() {
            for (node, times) in sum {
                if let Some(node) = self.nodes.get_mut(*node) {
                    node.sums.push((index, *times));
                }
            }
        }
        for (index, figure) in self.figures.iter().enumerate() {
            for node in &figure.shows {
                if let Some(node) = self.nodes.get_mut(*node) {
                    node.shown_by.push(index);
                    node.shown += usize::from(!figure.is_withheld);
                }
            }
        }
        // What is easily moved first: in few sums, that is.
        for sum in &mut self.sums {
            let nodes = &self.nodes;
            sum.sort_by_key(|(node, _)| (nodes.get(*node).map(|it| it.sums.len()), *node));
        }
        true
    }

    /// Withholds a figure.
    pub(super) fn withhold(&mut self, figure: usize) {
        let Some(figure) = self.figures.get_mut(figure) else {
            return;
        };
        if figure.is_withheld {
            return;
        }
        figure.is_withheld = true;
        for node in &figure.shows {
            if let Some(node) = self.nodes.get_mut(*node) {
                node.shown -= 1;
            }
        }
    }

    fn answer(&mut self, answer: &Answer) -> usize {
        let own = self.cell(Cell::new(self.releases, &answer.of));
        for figures in &answer.figures {
            for shown in shown(figures) {
                let mut shows = Vec::new();
                // Two figures that show the same count differently are not understood: neither of
                // them is vouched for.
                let mut is_withheld = false;
                for it in shown {
                    match self.shown(own, &it) {
                        Some(node) => shows.push(node),
                        None => is_withheld = true,
                    }
                }
                shows.sort_unstable();
                shows.dedup();
                self.figures.push(Figure {
                    shows,
                    is_withheld,
                    is_past: false,
                });
            }
        }
        own
    }

    fn shown(&mut self, own: usize, shown: &Shown) -> Option<usize> {
        let (cell, least) = match &shown.whose {
            Whose::Own => (own, 0),
            Whose::EveryOperator => (self.cell_with(own, None)?, 0),
            Whose::Operator(code) => (self.cell_with(own, Some(code))?, 1),
        };
        let node = self.count(cell, shown.count, shown.value)?;
        let known = self.nodes.get_mut(node)?;
        known.least = known.least.max(least.min(shown.value));
        Some(node)
    }

    fn cell(&mut self, cell: Cell) -> usize {
        let next = self.cells.len();
        let found = *self.places.entry(cell.clone()).or_insert(next);
        if found == next {
            self.cells.push(cell);
            self.counts.push(BTreeMap::new());
        }
        found
    }

    fn cell_with(&mut self, cell: usize, operator: Option<&str>) -> Option<usize> {
        let cell = self.cells.get(cell)?.with_operator(operator);
        Some(self.cell(cell))
    }

    /// The count of a cell; none if it is known to be another.
    fn count(&mut self, cell: usize, count: Count, value: i64) -> Option<usize> {
        let next = self.nodes.len();
        let node = *self.counts.get_mut(cell)?.entry(count).or_insert(next);
        if node == next {
            self.node(value, count.of_people());
        }
        (self.nodes.get(node)?.value == value).then_some(node)
    }

    fn node(&mut self, value: i64, of_people: bool) -> usize {
        self.nodes.push(Node {
            value,
            of_people,
            least: 0,
            is_small: of_people && (1..SMALL).contains(&value),
            shown_by: Vec::new(),
            shown: 0,
            sums: Vec::new(),
        });
        self.nodes.len() - 1
    }

    /// The families that an answer's groups are: all of them, and those of each operator; the whole
    /// by itself; and the operators of each.
    fn families_of(&mut self, answers: &[usize]) {
        let Some((whole, groups)) = answers.split_first() else {
            return;
        };
        self.families.insert(vec![*whole]);
        self.families.insert(groups.to_vec());
        let mut by_operator: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for answer in answers {
            let operators = self.operators(*answer);
            if answer == whole {
                let alone = operators.iter().map(|(_, cell)| vec![*cell]);
                self.families.extend(alone);
            } else {
                for (code, cell) in &operators {
                    by_operator.entry(code.clone()).or_default().push(*cell);
                }
            }
            let cells = operators.into_iter().map(|(_, cell)| cell);
            self.families.insert(cells.collect());
        }
        self.families.extend(by_operator.into_values());
    }

    /// The cells of the requests to each operator in a cell that has those to every one.
    fn operators(&self, cell: usize) -> Vec<(String, usize)> {
        let Some(every) = self.cells.get(cell) else {
            return Vec::new();
        };
        let same = |it: &Cell| it.with_operator(None) == *every;
        let all = self.cells.iter().enumerate().filter(|(_, it)| same(it));
        all.filter_map(|(index, it)| Some((it.operator()?.to_owned(), index)))
            .collect()
    }

    /// The sums that hold within a cell, as far as its counts are known.
    fn sum_within(&mut self, cell: usize) {
        let mut left: Vec<_> = SUMS.iter().collect();
        loop {
            let before = left.len();
            left.retain(|((times, count), parts)| {
                let terms: Vec<(Count, i64)> = std::iter::once((*count, *times))
                    .chain(parts.iter().map(|(times, count)| (*count, -times)))
                    .collect();
                !self.sum_of(cell, &terms)
            });
            if left.len() == before {
                return;
            }
        }
    }

    /// Adds a sum of counts of a cell, one of which may not be known yet; whether that is done with.
    fn sum_of(&mut self, cell: usize, terms: &[(Count, i64)]) -> bool {
        let Some(counts) = self.counts.get(cell) else {
            return true;
        };
        let mut unknown = None;
        let mut sum = 0;
        for (count, times) in terms {
            let node = counts.get(count).and_then(|node| self.nodes.get(*node));
            match node {
                Some(node) => sum += node.value * times,
                None if unknown.is_some() => return false,
                None => unknown = Some((*count, *times)),
            }
        }
        match unknown {
            // Not so of these figures, whatever they are: nobody can reckon with it.
            None if sum != 0 => return true,
            Some((_, times)) if sum % times != 0 || -sum / times < 0 => return true,
            Some((count, times)) => {
                self.count(cell, count, -sum / times);
            }
            None => {}
        }
        let counts = self.counts.get(cell);
        let nodes = terms.iter().filter_map(|(count, times)| {
            let node = counts?.get(count)?;
            Some((*node, *times))
        });
        self.sums.push(nodes.collect());
        true
    }

    /// Those cells of a family that are parts of a cell. Of a cell and what was published of the same
    /// at another time, the later is the whole.
    fn parts(&self, whole: usize, family: &[usize]) -> Vec<usize> {
        let Some(all) = self.cells.get(whole) else {
            return Vec::new();
        };
        let within = |part: &usize| {
            let cell = self.cells.get(*part);
            cell.is_some_and(|it| {
                let same = it.release >= all.release && all.is_within(it);
                *part != whole && it.is_within(all) && !same
            })
        };
        family.iter().copied().filter(within).collect()
    }

    /// Whole weeks are counted from a day that is not told here, and so they are no cell. Where their
    /// count is nearly that of other days or of other whole weeks, the few that make the difference are
    /// taken to be people: of a month with four whole weeks, or what came in since the last report.
    fn relate_weeks(&mut self) {
        let mut pairs = BTreeSet::new();
        for (index, cell) in self.cells.iter().enumerate() {
            let of = |index: usize, count| self.counts.get(index)?.get(&count).copied();
            let Some(weeks) = of(index, Count::OfWholeWeeks) else {
                continue;
            };
            for (other, _) in self
                .cells
                .iter()
                .enumerate()
                .filter(|it| it.1.overlaps(cell))
            {
                let others = [Count::OfWholeWeeks, Count::Accompaniments];
                let others = others.into_iter().filter_map(|count| of(other, count));
                pairs.extend(others.map(|it| (weeks.min(it), weeks.max(it))));
            }
        }
        self.relate_near(&pairs, SMALL - 1);
    }

    /// Cells that cross may be of the same sessions, for whoever knows on which days there were any.
    /// Where their counts are equal they are taken to be; and where they were published at different
    /// times, what makes a small difference to be what came in between.
    fn relate_crossing(&mut self) {
        let (mut at_once, mut apart) = (BTreeSet::new(), BTreeSet::new());
        for (index, cell) in self.cells.iter().enumerate() {
            for (other, it) in self.cells.iter().enumerate().take(index) {
                if !it.crosses(cell) {
                    continue;
                }
                let (Some(own), Some(others)) = (self.counts.get(index), self.counts.get(other))
                else {
                    continue;
                };
                let pairs = own.iter().filter(|(count, _)| count.adds_up());
                let pairs = pairs.filter_map(|(count, a)| Some((*others.get(count)?, *a)));
                if it.release == cell.release {
                    at_once.extend(pairs);
                } else {
                    apart.extend(pairs);
                }
            }
        }
        self.relate_near(&at_once, 0);
        self.relate_near(&apart, SMALL - 1);
    }

    /// Adds the difference of counts of which it is so much at most.
    fn relate_near(&mut self, pairs: &BTreeSet<(usize, usize)>, most: i64) {
        for (a, b) in pairs.iter().copied() {
            let value = |node: usize| self.nodes.get(node).map_or(0, |it| it.value);
            let rest = value(a) - value(b);
            // That both are of nobody is known of each.
            if a == b || rest.abs() > most || value(a) == 0 && value(b) == 0 {
                continue;
            }
            let of_people = [a, b].into_iter().all(|node| {
                let node = self.nodes.get(node);
                node.is_some_and(|it| it.of_people)
            });
            let mut terms = vec![(a, 1), (b, -1)];
            if rest != 0 {
                terms.push((self.node(rest.abs(), of_people), -rest.signum()));
            }
            self.sums.push(terms);
        }
    }

    /// The sums of a cell and its parts: a count is those of the parts, and what remains. Whoever
    /// reads it is taken to know which of both is larger, and whether nothing remains.
    fn sum_between(&mut self, whole: usize, parts: &[usize]) {
        let Some(counts) = self.counts.get(whole) else {
            return;
        };
        let mut sums = Vec::new();
        for (count, node) in counts.iter().filter(|(count, _)| count.adds_up()) {
            let of_parts = parts.iter().map(|part| {
                let counts = self.counts.get(*part);
                counts.and_then(|it| it.get(count)).copied()
            });
            let Some(of_parts) = of_parts.collect::<Option<Vec<usize>>>() else {
                continue;
            };
            let mut terms = vec![(*node, 1)];
            terms.extend(of_parts.into_iter().map(|part| (part, -1)));
            let value = |(node, times): &(usize, i64)| {
                let node = self.nodes.get(*node);
                node.map_or(0, |it| it.value * times)
            };
            let rest: i64 = terms.iter().map(value).sum();
            sums.push((*count, terms, rest));
        }
        for (count, mut terms, rest) in sums {
            if rest != 0 {
                let node = self.node(rest.abs(), count.of_people());
                terms.push((node, -rest.signum()));
            }
            self.sums.push(terms);
        }
    }
}
