//! What of some figures may be published: disclosure control.
//!
//! In: the exact answers that are to be published at once, and what was published before. Out: the
//! same answers, each figure as it is or withheld. An evaluator's figures never come here.
//!
//! **The promise.** A *small* count is one of people from 1 to 4: a numerator, a denominator, what is
//! left of either, what is not known; a part of a whole that remains when others are taken from it;
//! what came in between two publications. None is shown, and none can be worked out: for each there
//! are two states of the world that differ in it by [`SMALL`] at least, and in which everything that
//! is or ever was published is the same. So the numbers leave open whether it is small at all.
//!
//! **How.**
//! 1. *Primary*: a figure is withheld when a small count can be read off it. Its value with its `n`,
//!    and its interval, give its numerator away: a figure is withheld whole.
//! 2. *Secondary* (Cox 1980): all that is published, now and before, is taken as one system of sums
//!    ([`system`]): parts of a cell and the cell, figures that share counts, bounds, publications of
//!    overlapping scopes and periods at different times. For each small count a second state of the
//!    world is built ([`worlds`]), and what must be withheld for nobody to tell it from the true one is
//!    withheld, the least of it first ([`audit`]). Nothing is published of which they were not exhibited.
//! 3. What is computed from single sessions or weeks (resampled intervals, slopes) is withheld where
//!    it rests on fewer than [`OBSERVATIONS_MIN`] of them, and else given with [`DECIMALS`]: six
//!    decimals of it could be traced to the counts of the single sessions.
//!
//! **Zero, and all.** A count of nobody is published: it speaks of no one. So is "all of them" of
//! [`SMALL`] or more, though it tells something of everybody who was there: no figure is of a trait
//! that is sensitive in itself, and who was there is not published. What comes nearest is that every
//! request of a place went to one operator.
//!
//! **Limits.** A search looks at so many terms of sums and no more, and so do all of them together; a
//! system has so many sums. Where tables are more than that, the last half of them is withheld whole,
//! and so on: put first what matters most. A search that gives up costs figures, never the promise.
//!
//! **Not covered.** Who knows how this works knows more than the numbers: that something withheld is
//! small, and that of several no smaller one would have done. Who was there and knows a small count
//! may subtract it: no rule of thresholds protects against two who tell each other. Counts that are
//! published elsewhere, such as a carrier's own, are not known here, nor is anything but figures:
//! sentences of a history must not hold counts of people when they are published.
//!
//! Sources: L. H. Cox, "Suppression methodology and statistical disclosure control", *JASA* 75 (1980),
//! 377-385; A. Hundepool et al., *Statistical Disclosure Control* (Wiley, 2012), chapter 4; `ESSnet`
//! SDC, *Guidelines for the checking of output based on microdata research* (2010), for point 3.

#![deny(clippy::indexing_slicing)]

mod audit;
mod cell;
mod count;
mod system;
mod worlds;

use rust_decimal::Decimal;

use self::{audit::protect, system::System};
use super::{
    Answer,
    measure::{Bounds, Measure, Unit},
    statistics::Method,
};

/// A count of people below this one, and above 0, is not published.
pub const SMALL: i64 = 5;
/// What is computed from single sessions or weeks is not published of fewer.
pub const OBSERVATIONS_MIN: u64 = 10;
/// How many decimals of it are published.
pub const DECIMALS: u32 = 1;

/// What was published at once: tables, each the answers to one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    exact: Vec<Vec<Answer>>,
    tables: Vec<Vec<Answer>>,
}

impl Published {
    /// The tables as anybody may see them, in the order they came.
    #[must_use]
    pub fn tables(&self) -> &[Vec<Answer>] {
        &self.tables
    }
}

/// What may be published of some tables, after what was published `before`, in that order.
///
/// What is published at once is to come at once: of two tables that come one after the other, the
/// later bears all that must be withheld.
#[must_use]
pub fn publish(exact: Vec<Vec<Answer>>, before: &[Published]) -> Published {
    let mut kept = exact.len();
    let withheld = loop {
        let (audited, _) = exact.split_at(kept);
        match audit(audited, before) {
            Some(withheld) => break withheld,
            // More than can be audited: the last tables are withheld whole, half of what is left.
            None if kept > 0 => kept /= 2,
            None => break Vec::new(),
        }
    };
    let mut tables = exact.clone();
    let withheld = withheld.into_iter().chain(std::iter::repeat(true));
    for (measure, is_withheld) in measures_mut(&mut tables).zip(withheld) {
        *measure = if is_withheld {
            measure.withheld()
        } else {
            coarsened(measure)
        };
    }
    Published { exact, tables }
}

/// Of each figure of some tables in order, whether it must be withheld; none where they are more than
/// can be audited.
fn audit(exact: &[Vec<Answer>], before: &[Published]) -> Option<Vec<bool>> {
    let mut system = System::default();
    for earlier in before {
        // Of a table that was withheld whole nobody knows anything.
        let tables = earlier.exact.iter().zip(&earlier.tables);
        let told = tables.filter(|(_, table)| measures(table).any(|it| !it.suppressed));
        let (exact, tables): (Vec<_>, Vec<_>) = told.unzip();
        let withheld = tables.into_iter().flat_map(|table| measures(table));
        let withheld: Vec<bool> = withheld.map(|it| it.suppressed).collect();
        system.add(exact, Some(&withheld));
    }
    let first = system.figures.len();
    system.add(exact, None);
    if !system.relate() {
        return None;
    }
    let figures = exact.iter().flat_map(|table| measures(table));
    for (index, measure) in figures.enumerate() {
        if is_of_few_observations(measure) {
            system.withhold(first + index);
        }
    }
    let is_done = protect(&mut system);
    let withheld = system.figures.iter().skip(first).map(|it| it.is_withheld);
    is_done.then(|| withheld.collect())
}

fn measures(table: &[Answer]) -> impl Iterator<Item = &Measure> {
    let figures = table.iter().flat_map(|answer| &answer.figures);
    figures.flat_map(|figures| &figures.measures)
}

fn measures_mut(tables: &mut [Vec<Answer>]) -> impl Iterator<Item = &mut Measure> {
    let answers = tables.iter_mut().flatten();
    let figures = answers.flat_map(|answer| &mut answer.figures);
    figures.flat_map(|figures| &mut figures.measures)
}

/// Whether its value is computed from single sessions or weeks, not from their sums.
const fn is_of_series(measure: &Measure) -> bool {
    matches!(
        measure.unit,
        Unit::PercentPerWeek | Unit::Week | Unit::Points
    )
}

/// Whether its interval is.
fn is_resampled(interval: &Bounds) -> bool {
    match interval.method {
        Method::BootstrapBySession
        | Method::LinearisedRatio
        | Method::Bootstrap
        | Method::QuasiPoissonSlope => true,
        Method::Wilson | Method::ExactPoisson | Method::WorstCaseBounds | Method::Range => false,
    }
}

fn is_of_few_observations(measure: &Measure) -> bool {
    let computed = match &measure.interval {
        Some(interval) => is_resampled(interval),
        None => is_of_series(measure) && measure.value.is_some(),
    };
    computed && measure.n < OBSERVATIONS_MIN
}

/// A figure as it is published: what is computed from single sessions or weeks, with fewer decimals.
#[must_use]
pub fn coarsened(measure: &Measure) -> Measure {
    let round = |number: Decimal| number.round_dp(DECIMALS).normalize();
    let mut measure = measure.clone();
    if is_of_series(&measure) {
        measure.value = measure.value.map(round);
    }
    if let Some(interval) = measure.interval.as_mut().filter(|it| is_resampled(it)) {
        interval.lower = round(interval.lower);
        interval.upper = round(interval.upper);
    }
    measure
}
