//! What many types share: provenance, interruptions, cited evidence.

use async_graphql::{Enum, SimpleObject};

use crate::{
    domain::{
        event::{Saying, Stated},
        experiment as domain,
        interruption::Interruption,
        terms::{self, Validity},
    },
    graphql::scalars::{Date, Decimal, Instant, Position},
};

/// Where an assertion comes from.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Source {
    /// What the source is called.
    label: String,
    /// The date it bears.
    dated: Option<Date>,
    /// Where it can be read.
    url: Option<String>,
}

/// What is known of the first day of a validity.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "terms::Certainty")]
pub(in crate::graphql) enum DateCertainty {
    /// The source gives the day.
    Exact,
    /// The source only shows that it was so by that day.
    NoLaterThan,
}

/// When something is so in the world, both days included.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ValidPeriod {
    /// The first day.
    from: Date,
    /// The last day; absent while it is open, or where no end was stated.
    until: Option<Date>,
    /// What is known of the first day.
    certainty: DateCertainty,
}

impl From<Validity> for ValidPeriod {
    fn from(valid: Validity) -> Self {
        Self {
            from: Date(valid.from),
            until: valid.until.map(Date),
            certainty: valid.certainty.into(),
        }
    }
}

impl From<&Saying> for Source {
    fn from(saying: &Saying) -> Self {
        Self::from(&saying.source)
    }
}

impl From<&crate::domain::event::Source> for Source {
    fn from(source: &crate::domain::event::Source) -> Self {
        Self {
            label: source.label.to_string(),
            dated: source.dated.map(Date),
            url: source.url.as_ref().map(ToString::to_string),
        }
    }
}

/// How something came to be known: when it is so, on what source, and when the log learnt it.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Provenance {
    /// When it is so in the world.
    valid: ValidPeriod,
    /// On what source it was said.
    source: Source,
    /// When the log learnt it.
    recorded_at: Instant,
    /// The event that said it.
    position: Position,
    /// Whether it was invented, for tests or demonstration.
    synthetic: bool,
}

impl<T> From<&Stated<T>> for Provenance {
    fn from(stated: &Stated<T>) -> Self {
        Self {
            valid: stated.valid.into(),
            source: (&stated.source).into(),
            recorded_at: stated.recorded_at.into(),
            position: Position(stated.position),
            synthetic: stated.synthetic,
        }
    }
}

/// A stretch of days during which something that goes on is stopped.
#[derive(SimpleObject)]
#[graphql(name = "Interruption")]
pub(in crate::graphql) struct InterruptionView {
    /// The first day.
    from: Date,
    /// The last day: announced, or the eve of the resumption; absent while it is open.
    until: Option<Date>,
    /// Why.
    reason: String,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Interruption> for InterruptionView {
    fn from(interruption: &Interruption) -> Self {
        Self {
            from: Date(interruption.from()),
            until: interruption.until.map(Date),
            reason: interruption.stated.what.reason.to_string(),
            provenance: (&interruption.stated).into(),
        }
    }
}

/// A stated ground of an extension or of its refusal.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Ground")]
pub(in crate::graphql) enum Ground {
    /// The first feedback of users (premiers retours).
    EarlyFeedback,
    /// The relevance of the model (pertinence du modele).
    ModelRelevance,
}

/// What a decision was taken on.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Evidence {
    /// The position of the log that was known when the decision was taken.
    position: Position,
    /// The reasons, in words.
    reasons: String,
    /// The figures that were cited.
    figures: Vec<Figure>,
}

/// A figure cited as evidence.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Figure {
    /// The indicator's code.
    indicator: String,
    /// Its value, in `unit`.
    value: Decimal,
    /// The unit, and what one of it is.
    unit: String,
    /// How many observations it rests on, where that is known.
    n: Option<u32>,
}

impl From<&domain::Evidence> for Evidence {
    fn from(evidence: &domain::Evidence) -> Self {
        Self {
            position: Position(evidence.position),
            reasons: evidence.reasons.to_string(),
            figures: evidence
                .figures
                .iter()
                .map(|figure| Figure {
                    indicator: figure.indicator.to_string(),
                    value: Decimal(figure.value),
                    unit: figure.unit.to_string(),
                    n: figure.n,
                })
                .collect(),
        }
    }
}
