//! Every integer table that agrees with what is known of it: between which ends a sum lies in them.
//!
//! It shares nothing with what it attacks: the ends are those that a solver of integer programs
//! (`microlp`, branch and bound) proves. Its search is cut short where it would take too long: it then
//! knows no less than linear programming does, and a little more.

use std::collections::BTreeMap;

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOptions, Variable};

/// So many branches are searched for one end.
const NODES_MAX: u64 = 200;
/// So far from a whole number is one still.
const ROUNDING: f64 = 1e-6;

/// Rows over unknowns, each a sum of some of them between two ends.
#[derive(Default)]
pub(crate) struct Tables {
    /// The most of each unknown, and what it is.
    unknowns: Vec<(i64, i64)>,
    rows: Vec<Row>,
}

struct Row {
    terms: Vec<(usize, i64)>,
    least: Option<i64>,
    most: Option<i64>,
}

impl Tables {
    /// An unknown, and what it is.
    pub(crate) fn unknown(&mut self, most: i64, truth: i64) -> usize {
        self.unknowns.push((most, truth));
        self.unknowns.len() - 1
    }

    pub(crate) fn is(&mut self, terms: &[(usize, i64)], value: i64) {
        self.between(terms, Some(value), Some(value));
    }

    pub(crate) fn between(
        &mut self,
        terms: &[(usize, i64)],
        least: Option<i64>,
        most: Option<i64>,
    ) {
        let mut merged: BTreeMap<usize, i64> = BTreeMap::new();
        for (it, times) in terms {
            *merged.entry(*it).or_default() += times;
        }
        let row = Row {
            terms: merged.into_iter().collect(),
            least,
            most,
        };
        let truth = self.truth(terms);
        let holds = least.is_none_or(|it| it <= truth) && most.is_none_or(|it| truth <= it);
        assert!(
            holds,
            "what is read is not so: {truth} in {least:?} to {most:?}"
        );
        self.rows.push(row);
    }

    pub(crate) fn truth(&self, terms: &[(usize, i64)]) -> i64 {
        terms
            .iter()
            .map(|(it, times)| self.unknowns[*it].1 * times)
            .sum()
    }

    /// The least that a sum comes to in any table, or what is so far below what it is.
    pub(crate) fn least(&self, terms: &[(usize, i64)], reach: i64) -> i64 {
        let stop = self.truth(terms) - reach;
        self.end(OptimizationDirection::Minimize, terms, stop)
    }

    /// The most, or what is so far above.
    pub(crate) fn most(&self, terms: &[(usize, i64)], reach: i64) -> i64 {
        let stop = self.truth(terms) + reach;
        self.end(OptimizationDirection::Maximize, terms, stop)
    }

    fn end(&self, direction: OptimizationDirection, terms: &[(usize, i64)], reach: i64) -> i64 {
        let mut problem = Problem::new(direction);
        let unknowns: Vec<Variable> = self
            .unknowns
            .iter()
            .enumerate()
            .map(|(index, (most, _))| {
                let times: i64 = terms
                    .iter()
                    .filter(|(it, _)| *it == index)
                    .map(|(_, times)| times)
                    .sum();
                problem.add_integer_var(float(times), (0, i32::try_from(*most).unwrap()))
            })
            .collect();
        let sum = |terms: &[(usize, i64)]| -> Vec<(Variable, f64)> {
            let terms = terms.iter();
            terms
                .map(|(it, times)| (unknowns[*it], float(*times)))
                .collect()
        };
        for row in self.rows.iter().filter(|row| !row.terms.is_empty()) {
            for (operator, end) in [(ComparisonOp::Ge, row.least), (ComparisonOp::Le, row.most)] {
                if row.least == row.most {
                    continue;
                }
                if let Some(end) = end {
                    problem.add_constraint(sum(&row.terms), operator, float(end));
                }
            }
            if let (Some(least), true) = (row.least, row.least == row.most) {
                problem.add_constraint(sum(&row.terms), ComparisonOp::Eq, float(least));
            }
        }
        let stop = match direction {
            OptimizationDirection::Maximize => ComparisonOp::Le,
            OptimizationDirection::Minimize => ComparisonOp::Ge,
        };
        problem.add_constraint(sum(terms), stop, float(reach));
        let mut options = SolveOptions::default();
        options.node_limit = Some(NODES_MAX);
        let outcome = problem.solve_with(options).unwrap();
        // Where the search was cut short, as far as it came: beyond this end there is nothing.
        let proven = outcome.stats().best_bound.unwrap_or(float(reach));
        match direction {
            OptimizationDirection::Maximize => whole((proven + ROUNDING).floor()),
            OptimizationDirection::Minimize => whole((proven - ROUNDING).ceil()),
        }
    }
}

/// A small whole number as the solver takes it.
fn float(number: i64) -> f64 {
    i32::try_from(number).unwrap().into()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the ends that are looked for are small"
)]
fn whole(number: f64) -> i64 {
    number as i64
}
