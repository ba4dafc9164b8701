//! Opaque ids: what they name can be seen, but nobody should build one from its parts.

use std::str::FromStr;

use async_graphql::ID;

use crate::domain::{
    event::StreamId,
    terms::{AdviserId, ExperimentId, PermanenceId, Position, VenueId},
};

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeId {
    Subject(StreamId),
    Event(Position),
}

impl NodeId {
    pub(super) fn parse(id: &str) -> Option<Self> {
        let (kind, name) = id.split_once('-')?;
        Some(match kind {
            "experiment" => Self::Subject(StreamId::Experiment(ExperimentId::from_str(name).ok()?)),
            "venue" => Self::Subject(StreamId::Venue(VenueId::from_str(name).ok()?)),
            "permanence" => Self::Subject(StreamId::Permanence(PermanenceId::from_str(name).ok()?)),
            "adviser" => Self::Subject(StreamId::Adviser(AdviserId::from_str(name).ok()?)),
            "event" => Self::Event(Position(name.parse().ok()?)),
            _ => return None,
        })
    }

    pub(super) fn experiment(id: &str) -> Option<ExperimentId> {
        match Self::parse(id)? {
            Self::Subject(StreamId::Experiment(id)) => Some(id),
            Self::Subject(StreamId::Venue(_) | StreamId::Permanence(_) | StreamId::Adviser(_))
            | Self::Event(_) => None,
        }
    }

    pub(super) fn venue(id: &str) -> Option<VenueId> {
        match Self::parse(id)? {
            Self::Subject(StreamId::Venue(id)) => Some(id),
            Self::Subject(
                StreamId::Experiment(_) | StreamId::Permanence(_) | StreamId::Adviser(_),
            )
            | Self::Event(_) => None,
        }
    }

    pub(super) fn permanence(id: &str) -> Option<PermanenceId> {
        match Self::parse(id)? {
            Self::Subject(StreamId::Permanence(id)) => Some(id),
            Self::Subject(StreamId::Experiment(_) | StreamId::Venue(_) | StreamId::Adviser(_))
            | Self::Event(_) => None,
        }
    }

    pub(super) fn adviser(id: &str) -> Option<AdviserId> {
        match Self::parse(id)? {
            Self::Subject(StreamId::Adviser(id)) => Some(id),
            Self::Subject(
                StreamId::Experiment(_) | StreamId::Venue(_) | StreamId::Permanence(_),
            )
            | Self::Event(_) => None,
        }
    }
}

impl From<StreamId> for NodeId {
    fn from(subject: StreamId) -> Self {
        Self::Subject(subject)
    }
}

impl From<NodeId> for ID {
    fn from(id: NodeId) -> Self {
        match id {
            NodeId::Subject(subject) => ID(subject.to_string()),
            NodeId::Event(position) => ID(format!("event-{position}")),
        }
    }
}
