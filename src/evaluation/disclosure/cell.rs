//! What a figure is of, as a set: which of two holds the other.

use std::collections::BTreeSet;

use crate::{
    domain::terms::{ExperimentId, Period, PermanenceId},
    evaluation::facts::Selection,
};

/// A cell: what was known, when a release was made, of some experiments in a period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    /// Which release, in the order they were published.
    pub(super) release: usize,
    from: chrono::NaiveDate,
    until: chrono::NaiveDate,
    /// The requests to one operator only, by its code.
    operator: Option<String>,
    permanence: Option<PermanenceId>,
    experiments: BTreeSet<ExperimentId>,
}

impl Cell {
    pub(super) fn new(release: usize, of: &Selection) -> Self {
        let Period { from, until } = of.period;
        Self {
            release,
            from,
            until,
            operator: of.operator.as_ref().map(|code| code.as_str().to_owned()),
            permanence: of.permanence,
            experiments: of.experiments.iter().copied().collect(),
        }
    }

    /// The same with the requests to one operator, or to every one.
    pub(super) fn with_operator(&self, operator: Option<&str>) -> Self {
        Self {
            operator: operator.map(ToOwned::to_owned),
            ..self.clone()
        }
    }

    /// The operator whose requests alone it has.
    pub(super) fn operator(&self) -> Option<&str> {
        self.operator.as_deref()
    }

    /// Whether it is of the same experiments and requests as another, over days that hold the other's
    /// or lie in them.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let holds = |a: &Self, b: &Self| a.from <= b.from && b.until <= a.until;
        self.experiments == other.experiments
            && self.permanence == other.permanence
            && self.operator == other.operator
            && (holds(self, other) || holds(other, self))
    }

    /// Whether two that have something in common are not one within the other: one has more days, the
    /// other more experiments. Where nothing was done on those days, or in those experiments, they are
    /// of the same all the same.
    pub(super) fn crosses(&self, other: &Self) -> bool {
        self.operator == other.operator
            && self.permanence == other.permanence
            && self.from.max(other.from) <= self.until.min(other.until)
            && !self.is_within(other)
            && !other.is_within(self)
            && !self.experiments.is_disjoint(&other.experiments)
    }

    /// Whether all that it is of is in another, whenever either was published.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        other.from <= self.from
            && self.until <= other.until
            && (other.operator.is_none() || other.operator == self.operator)
            && (other.permanence.is_none() || other.permanence == self.permanence)
            && self.experiments.is_subset(&other.experiments)
    }
}
