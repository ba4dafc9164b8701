//! Identities: subjects are named by UUIDs their creator chooses, facts by their position.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(raw: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(raw).map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// An experiment.
    ExperimentId;
    /// A host venue.
    VenueId;
    /// A permanence: the recurring slot, not one day's session.
    PermanenceId;
    /// An adviser: a person who holds permanences.
    AdviserId;
    /// A person of whom something is sealed, whatever that person is here.
    PersonId;
    /// A command: the idempotency key its sender chose.
    CommandId;
    /// A recorded event.
    EventId;
}

impl AdviserId {
    /// The person that the adviser is.
    #[must_use]
    pub const fn person(self) -> PersonId {
        PersonId(self.0)
    }
}

impl PersonId {
    /// The adviser that the person is.
    #[must_use]
    pub const fn adviser(self) -> AdviserId {
        AdviserId(self.0)
    }
}

/// A place in the log: 1, 2, 3 ... with no gap. [`Position::START`] stands before the first.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// The position right after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
