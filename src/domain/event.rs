//! Facts: what has been recorded, and the envelope each carries.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    adviser::AdviserEvent,
    experiment::ExperimentEvent,
    permanence::PermanenceEvent,
    terms::{
        AdviserId, EventId, ExperimentId, Label, Link, PermanenceId, Position, Validity, VenueId,
        Words,
    },
    venue::VenueEvent,
};

/// A stream: the history of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamId {
    /// An experiment's own history.
    Experiment(ExperimentId),
    /// A host venue's history.
    Venue(VenueId),
    /// A permanence's history.
    Permanence(PermanenceId),
    /// An adviser's history.
    Adviser(AdviserId),
}

impl std::fmt::Display for StreamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Experiment(id) => write!(f, "experiment-{id}"),
            Self::Venue(id) => write!(f, "venue-{id}"),
            Self::Permanence(id) => write!(f, "permanence-{id}"),
            Self::Adviser(id) => write!(f, "adviser-{id}"),
        }
    }
}

/// Something that happened, with the subject it happened to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// To an experiment.
    Experiment(ExperimentKey, ExperimentEvent),
    /// To a host venue.
    Venue(VenueKey, VenueEvent),
    /// To a permanence.
    Permanence(PermanenceKey, PermanenceEvent),
    /// To an adviser.
    Adviser(AdviserKey, AdviserEvent),
}

/// Names an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExperimentKey {
    /// The experiment.
    pub experiment: ExperimentId,
}

/// Names a venue and the experiment it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueKey {
    /// The experiment.
    pub experiment: ExperimentId,
    /// The venue.
    pub venue: VenueId,
}

/// Names a permanence and the experiment it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermanenceKey {
    /// The experiment.
    pub experiment: ExperimentId,
    /// The permanence.
    pub permanence: PermanenceId,
}

/// Names an adviser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdviserKey {
    /// The adviser.
    pub adviser: AdviserId,
}

impl Event {
    /// The stream it belongs to.
    #[must_use]
    pub const fn stream(&self) -> StreamId {
        match self {
            Self::Experiment(key, _) => StreamId::Experiment(key.experiment),
            Self::Venue(key, _) => StreamId::Venue(key.venue),
            Self::Permanence(key, _) => StreamId::Permanence(key.permanence),
            Self::Adviser(key, _) => StreamId::Adviser(key.adviser),
        }
    }

    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Experiment(_, event) => event.kind(),
            Self::Venue(_, event) => event.kind(),
            Self::Permanence(_, event) => event.kind(),
            Self::Adviser(_, event) => event.kind(),
        }
    }

    /// The experiment it concerns, if it concerns one.
    #[must_use]
    pub const fn experiment(&self) -> Option<ExperimentId> {
        match self {
            Self::Experiment(key, _) => Some(key.experiment),
            Self::Venue(key, _) => Some(key.experiment),
            Self::Permanence(key, _) => Some(key.experiment),
            Self::Adviser(..) => None,
        }
    }
}

/// Where an assertion comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What it is called.
    pub label: Label,
    /// The date it bears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dated: Option<NaiveDate>,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Link>,
}

/// What an entry says beside its event: when it was so, on what source, correcting what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saying {
    /// When it is so in the world.
    pub valid: Validity,
    /// On what source it is said.
    pub source: Source,
    /// Whether it was invented, for tests or demonstration.
    pub synthetic: bool,
    /// The earlier fact this one takes the place of.
    pub corrects: Option<Position>,
}

/// A fact to be recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// When, on what source, correcting what.
    pub saying: Saying,
    /// What.
    pub event: Event,
}

/// A fact that has been recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its place in the log.
    pub position: Position,
    /// Its place in its stream: 1, 2, 3 ...
    pub version: u64,
    /// Its identity.
    pub event_id: EventId,
    /// When the log learnt it.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub actor: Label,
    /// What was said.
    pub fact: Fact,
}

impl Recorded {
    /// `what`, with the circumstances of this record.
    #[must_use]
    pub fn stated<T>(&self, what: T) -> Stated<T> {
        Stated {
            what,
            valid: self.fact.saying.valid,
            source: self.fact.saying.source.clone(),
            synthetic: self.fact.saying.synthetic,
            position: self.position,
            recorded_at: self.recorded_at,
            superseded_by: None,
        }
    }
}

/// A part of a subject's state, with the circumstances in which it was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stated<T> {
    /// What was said.
    pub what: T,
    /// When it is so.
    pub valid: Validity,
    /// On what source.
    pub source: Source,
    /// Whether it was invented.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synthetic: bool,
    /// The event that said it.
    pub position: Position,
    /// When the log learnt it.
    pub recorded_at: DateTime<Utc>,
    /// The later event that took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<Position>,
}

impl<T> Stated<T> {
    /// What follows from it, on the same word.
    #[must_use]
    pub fn with<U>(&self, what: U) -> Stated<U> {
        Stated {
            what,
            valid: self.valid,
            source: self.source.clone(),
            synthetic: self.synthetic,
            position: self.position,
            recorded_at: self.recorded_at,
            superseded_by: self.superseded_by,
        }
    }
}

impl<T: PartialEq> Stated<T> {
    /// Whether it says the same thing, of the same time, on the same source.
    pub fn says(&self, what: &T, saying: &Saying) -> bool {
        self.what == *what && self.valid == saying.valid && self.source == saying.source
    }
}

/// Why something was stopped or ended, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The words.
    pub reason: Words,
}
