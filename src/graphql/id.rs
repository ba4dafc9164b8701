//! Opaque ids: what they name can be seen, but nobody should build one from its parts.

use async_graphql::ID;

use crate::domain::{event::StreamId, terms::Position};

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeId {
    Subject(StreamId),
    Event(Position),
}

impl NodeId {
    pub(super) fn parse(id: &str) -> Option<Self> {
        match id.strip_prefix("event-") {
            Some(position) => Some(Self::Event(Position(position.parse().ok()?))),
            None => id.parse().ok().map(Self::Subject),
        }
    }

    /// The subject of one kind that an id names; nothing for any other id.
    pub(super) fn subject<I: TryFrom<StreamId>>(id: &str) -> Option<I> {
        I::try_from(id.parse().ok()?).ok()
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
