//! What was decided of an experiment, and what sources assert of it.

use async_graphql::{Enum, SimpleObject};

use super::common::{Evidence, Ground, Provenance};
use crate::{
    domain::{
        event::Stated,
        experiment::{self as domain, CriteriaSet},
        terms::time::eve,
    },
    graphql::scalars::{Date, Decimal},
};

/// An end, as a source asserts it.
#[derive(SimpleObject)]
pub(in crate::graphql) struct AssertedEnd {
    /// The last day, as the source gives it or as it is read.
    end: Date,
    /// How the source puts it, where that is not a plain date.
    words: Option<String>,
    /// How it came to be known; it is valid from the day of the assertion.
    provenance: Provenance,
}

impl From<&Stated<domain::AssertedEnd>> for AssertedEnd {
    fn from(stated: &Stated<domain::AssertedEnd>) -> Self {
        Self {
            end: Date(stated.what.end),
            words: stated.what.words.as_ref().map(ToString::to_string),
            provenance: stated.into(),
        }
    }
}

/// What a statement is about.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Topic")]
pub(in crate::graphql) enum StatementTopic {
    /// How the model works and who holds it.
    Model,
    /// Where permanences are held.
    Venues,
    /// The hub's opening hours.
    HubHours,
    /// What was done and for how many.
    Activity,
    /// Money.
    Funding,
    /// Anything else.
    Other,
}

/// Something a source asserts, kept in words beside what other sources assert.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Statement {
    /// What it is about.
    topic: StatementTopic,
    /// What is asserted.
    words: String,
    /// How it came to be known; it is valid from the day of the assertion.
    provenance: Provenance,
}

impl From<&Stated<domain::Statement>> for Statement {
    fn from(stated: &Stated<domain::Statement>) -> Self {
        Self {
            topic: stated.what.topic.into(),
            words: stated.what.words.to_string(),
            provenance: stated.into(),
        }
    }
}

/// An extension beyond the end that stood before.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Extension {
    /// The new last day.
    new_end: Date,
    /// The stated grounds.
    grounds: Vec<Ground>,
    /// What it was decided on.
    evidence: Evidence,
    /// How it came to be known; it is valid from the day of the decision.
    provenance: Provenance,
}

impl From<&Stated<domain::Extension>> for Extension {
    fn from(stated: &Stated<domain::Extension>) -> Self {
        Self {
            new_end: Date(stated.what.new_end),
            grounds: stated
                .what
                .grounds
                .iter()
                .copied()
                .map(Into::into)
                .collect(),
            evidence: (&stated.what.evidence).into(),
            provenance: stated.into(),
        }
    }
}

/// The refusal of an extension.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ExtensionRefusal {
    /// The stated grounds.
    grounds: Vec<Ground>,
    /// What it was decided on.
    evidence: Evidence,
    /// How it came to be known; it is valid from the day of the decision.
    provenance: Provenance,
}

impl From<&Stated<domain::ExtensionRefusal>> for ExtensionRefusal {
    fn from(stated: &Stated<domain::ExtensionRefusal>) -> Self {
        Self {
            grounds: stated
                .what
                .grounds
                .iter()
                .copied()
                .map(Into::into)
                .collect(),
            evidence: (&stated.what.evidence).into(),
            provenance: stated.into(),
        }
    }
}

/// An experiment made permanent.
#[derive(SimpleObject)]
pub(in crate::graphql) struct MadePermanent {
    /// The first day.
    from: Date,
    /// What it was decided on.
    evidence: Evidence,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stated<domain::MadePermanent>> for MadePermanent {
    fn from(stated: &Stated<domain::MadePermanent>) -> Self {
        Self {
            from: Date(stated.valid.from),
            evidence: (&stated.what.evidence).into(),
            provenance: stated.into(),
        }
    }
}

/// The closing of an experiment or of a permanence.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Closure {
    /// The last day with it.
    last_day: Date,
    /// Why.
    reason: String,
    /// What it was decided on, where it was decided on evidence.
    evidence: Option<Evidence>,
    /// How it came to be known; it is valid from the first day without it.
    provenance: Provenance,
}

impl From<&Stated<domain::Closure>> for Closure {
    fn from(stated: &Stated<domain::Closure>) -> Self {
        Self {
            last_day: Date(eve(stated.valid.from)),
            reason: stated.what.reason.to_string(),
            evidence: stated.what.evidence.as_ref().map(Into::into),
            provenance: stated.into(),
        }
    }
}

impl From<&Stated<crate::domain::event::Reason>> for Closure {
    fn from(stated: &Stated<crate::domain::event::Reason>) -> Self {
        Self {
            last_day: Date(eve(stated.valid.from)),
            reason: stated.what.reason.to_string(),
            evidence: None,
            provenance: stated.into(),
        }
    }
}

/// On which side of a threshold success lies.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Comparison")]
pub(in crate::graphql) enum Comparison {
    /// The threshold or more.
    AtLeast,
    /// The threshold or less.
    AtMost,
}

/// Hypotheses and success criteria, fixed together.
#[derive(SimpleObject)]
pub(in crate::graphql) struct SuccessCriteria {
    /// What the experiment is expected to show.
    hypothesis: String,
    /// The criteria.
    criteria: Vec<Criterion>,
    /// Whether they came after the launch: fixed on or after its first day, or recorded after it,
    /// since nothing then proves that they were fixed before.
    post_hoc: bool,
    /// How they came to be known; they are valid from the day they were fixed.
    provenance: Provenance,
}

/// One success criterion.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Criterion {
    /// The indicator's code.
    indicator: String,
    /// On which side of the threshold success lies.
    comparison: Comparison,
    /// The threshold, in the indicator's own unit.
    threshold: Decimal,
    /// How many observations it takes before anything can be told.
    minimum_n: u32,
}

impl From<&domain::Criterion> for Criterion {
    fn from(criterion: &domain::Criterion) -> Self {
        Self {
            indicator: criterion.indicator.to_string(),
            comparison: criterion.comparison.into(),
            threshold: Decimal(criterion.threshold),
            minimum_n: criterion.minimum_n,
        }
    }
}

impl From<&CriteriaSet> for SuccessCriteria {
    fn from(set: &CriteriaSet) -> Self {
        let fixed = &set.fixed.what;
        Self {
            hypothesis: fixed.hypothesis.to_string(),
            criteria: fixed.criteria.iter().map(Into::into).collect(),
            post_hoc: set.post_hoc,
            provenance: (&set.fixed).into(),
        }
    }
}
