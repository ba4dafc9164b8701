//! Identities: subjects are named by UUIDs their creator chooses, facts by their position.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

use super::{FileHash, Slug};
use crate::domain::{access::holder::Who, import::ImportKind};

/// The name space of operators, drawn at random once.
const OPERATORS: Uuid = uuid!("2f1c7c52-8d0b-4c0e-9a55-6f0e3f1d9b47");
/// The name space of imports, drawn at random once.
const IMPORTS: Uuid = uuid!("8b1d0a4e-6c57-4f0b-9e0d-3a1f5c2b7d64");

/// The name space of holders of grants, drawn at random once.
const HOLDERS: Uuid = uuid!("5d0f6b6e-1f0e-4f6a-8f9c-0c7a3b9e42d1");

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
    /// A session: one day's holding of a permanence.
    SessionId;
    /// An appointment.
    AppointmentId;
    /// An accompaniment: what was done for one user in one visit.
    AccompanimentId;
    /// An occasion on which users were turned away.
    TurningAwayId;
    /// A user's feedback, from the moment it was asked for.
    FeedbackId;
    /// An operator.
    OperatorId;
    /// A funding agreement.
    AgreementId;
    /// A payment under a funding agreement.
    PaymentId;
    /// A cost.
    CostId;
    /// The import of a file.
    ImportId;
    /// A labelled site.
    SiteId;
    /// A published report.
    ReportId;
    /// A service token.
    TokenId;
    /// A holder of grants.
    HolderId;
    /// A command: the idempotency key its sender chose.
    CommandId;
    /// A recorded event.
    EventId;
}

impl SessionId {
    /// The session of a permanence on a day: there is but one, and anybody can tell its identity
    /// (a UUID of version 5 under the permanence's).
    #[must_use]
    pub fn of(permanence: PermanenceId, on: NaiveDate) -> Self {
        Self(Uuid::new_v5(
            &permanence.0,
            format!("session {on}").as_bytes(),
        ))
    }
}

impl ImportId {
    /// The import of a file as a kind: the same for the same bytes.
    #[must_use]
    pub fn of(kind: ImportKind, sha256: &FileHash) -> Self {
        let name = format!("import {} {sha256}", kind.code());
        Self(Uuid::new_v5(&IMPORTS, name.as_bytes()))
    }
}

impl ReportId {
    /// The report that takes the place of this one: there can be but one, and anybody can tell its
    /// identity (a UUID of version 5 under this one's).
    #[must_use]
    pub fn replacement(self) -> Self {
        Self(Uuid::new_v5(&self.0, b"replacement"))
    }

    /// Whether it may be drawn from another: it is a UUID of version 5.
    #[must_use]
    pub const fn is_drawn(self) -> bool {
        self.0.get_version_num() == 5
    }
}

impl HolderId {
    /// The holder that somebody is: the same for the same account or organisation.
    #[must_use]
    pub fn of(who: &Who) -> Self {
        let name = match who {
            Who::Account(hash) => format!("account {hash}"),
            Who::Organisation(siret) => format!("organisation {siret}"),
        };
        Self(Uuid::new_v5(&HOLDERS, name.as_bytes()))
    }
}

impl OperatorId {
    /// The operator of a code, which never changes.
    #[must_use]
    pub fn of(code: &Slug) -> Self {
        Self(Uuid::new_v5(
            &OPERATORS,
            format!("operator {code}").as_bytes(),
        ))
    }
}

impl ExperimentId {
    /// The person under whose key the pseudonyms of its users are sealed: nobody in particular,
    /// all of them together (a UUID of version 5 under the experiment's).
    #[must_use]
    pub fn visitors(self) -> PersonId {
        PersonId(Uuid::new_v5(&self.0, b"visitors"))
    }
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
