//! What an evaluation report says of an experiment: counted, divided, and with what uncertainty.
//!
//! In: counts and lists of counts that were read before. Out: values with their intervals.
//!
//! **Invariants.** Everything here is a total function of its arguments: the same counts give the
//! same value to the last bit, in whatever order they come. What cannot be said is `None`, never 0.
//!
//! **Deliberately absent.** No clock, no disk, no `await`, no source of randomness but a generator
//! with a fixed seed.

pub mod decision;
pub mod disclosure;
pub mod facts;
pub mod group;
pub mod indicator;
pub mod measure;
pub mod statistics;

use chrono::NaiveDate;

use facts::{Facts, Known, Selection};
use group::{By, Group, Scope};
use indicator::{Definition, REGISTRY};
use measure::Measure;

use crate::domain::terms::Period;

/// The figures of one indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// What it is.
    pub definition: &'static Definition,
    /// Its figures.
    pub measures: Vec<Measure>,
}

/// What is asked of some facts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// Of what.
    pub scope: Scope,
    /// Over which period.
    pub period: Period,
    /// Broken down by what.
    pub by: Option<By>,
    /// The codes of the indicators that are asked for; none for all.
    pub codes: Vec<String>,
}

/// The figures of one group; of the whole scope where there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Which group.
    pub group: Option<Group>,
    /// Of what they are.
    pub of: Selection,
    /// Whether anything of it was invented.
    pub synthetic: bool,
    /// The figures of each indicator that can be asked for so, by number.
    pub figures: Vec<Figures>,
}

/// Answers a question: the whole scope first, then its groups in the order of their keys. `known`
/// are the experiments of the scope at least, with the sessions of the period and after it.
#[must_use]
pub fn answers(question: &Question, known: &[Known], on: NaiveDate) -> Vec<Answer> {
    let Question {
        scope, period, by, ..
    } = question;
    let whole = scope.facts(known, *period, on);
    let mut answers = vec![answer(question, None, None, &whole)];
    if let Some(by) = by {
        let groups = scope.groups(*by, known, *period, on);
        let groups = groups.into_iter();
        answers
            .extend(groups.map(|(group, facts)| answer(question, Some(group), Some(*by), &facts)));
    }
    answers
}

fn answer(question: &Question, group: Option<Group>, by: Option<By>, facts: &Facts<'_>) -> Answer {
    let asked = |definition: &Definition| {
        let grain = definition.grain;
        let codes = &question.codes;
        (codes.is_empty() || codes.iter().any(|code| code == definition.code))
            && question.scope.suits(grain)
            && by.is_none_or(|by| by.suits(grain))
            && (grain.several || facts.experiments.len() == 1)
    };
    let indicators = REGISTRY.into_iter().filter(|it| asked(&it.definition));
    Answer {
        group,
        of: facts.selection(),
        synthetic: facts.is_synthetic(),
        figures: indicators
            .map(|indicator| Figures {
                definition: &indicator.definition,
                measures: (indicator.measure)(facts),
            })
            .collect(),
    }
}
