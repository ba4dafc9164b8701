//! Facts: what has been recorded, and the envelope each carries.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    access::{
        holder::{HolderEvent, HolderKey},
        token::{TokenEvent, TokenKey},
    },
    adviser::AdviserEvent,
    agreement::{AgreementEvent, AgreementKey},
    cost::{CostEvent, CostKey},
    experiment::ExperimentEvent,
    import::{ImportEvent, ImportKey},
    operator::{OperatorEvent, OperatorKey},
    permanence::PermanenceEvent,
    report::{ReportEvent, ReportKey},
    session::SessionEvent,
    site::{SiteEvent, SiteKey},
    subject::{Key, subjects},
    terms::{
        AdviserId, AgreementId, CostId, EventId, ExperimentId, HolderId, ImportId, Label, Link,
        OperatorId, PermanenceId, Position, ReportId, SessionId, SiteId, TokenId, Validity,
        VenueId, Words,
    },
    venue::VenueEvent,
};

macro_rules! streams_and_events {
    ($($(#[$doc:meta])* $name:ident($id:ident, $key:ident, $event:ident)
        <- ($address:ident, $command:ident) = $state:ident in $states:ident, $prefix:literal;)+) => {
        /// A stream: the history of one subject.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum StreamId {$(
            $(#[$doc])*
            $name($id),
        )+}

        impl std::fmt::Display for StreamId {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$name(id) => write!(f, concat!($prefix, "-{}"), id),)+
                }
            }
        }

        impl StreamId {
            /// Its name in as few bytes as name it: its kind, and the bytes of its identity.
            #[must_use]
            pub fn to_bytes(self) -> Vec<u8> {
                match self {
                    $(Self::$name(id) => [$prefix.as_bytes(), id.0.as_bytes()].concat(),)+
                }
            }
        }

        impl FromStr for StreamId {
            type Err = NoStream;
            fn from_str(raw: &str) -> Result<Self, NoStream> {
                let (prefix, id) = raw.split_once('-').ok_or(NoStream)?;
                match prefix {
                    $($prefix => id.parse().map(Self::$name).map_err(|_| NoStream),)+
                    _ => Err(NoStream),
                }
            }
        }

        $(
            impl From<$id> for StreamId {
                fn from(id: $id) -> Self {
                    Self::$name(id)
                }
            }

            impl TryFrom<StreamId> for $id {
                type Error = NoStream;
                fn try_from(stream: StreamId) -> Result<Self, NoStream> {
                    if let StreamId::$name(id) = stream { Ok(id) } else { Err(NoStream) }
                }
            }
        )+

        /// Something that happened, with the subject it happened to.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum Event {
            $(
                $(#[$doc])*
                $name($key, $event),
            )+
            /// To any subject: an entry was retracted, which its circumstances name.
            Retracted(Retraction),
        }

        impl Event {
            /// The stream it belongs to.
            #[must_use]
            pub fn stream(&self) -> StreamId {
                match self {
                    $(Self::$name(key, _) => StreamId::$name(key.id()),)+
                    Self::Retracted(retraction) => retraction.subject,
                }
            }

            /// What kind of event it is, in a stable code.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$name(_, event) => event.kind(),)+
                    Self::Retracted(_) => "entry-retracted",
                }
            }

            /// The experiment it concerns, if it concerns one.
            #[must_use]
            pub fn experiment(&self) -> Option<ExperimentId> {
                match self {
                    $(Self::$name(key, _) => key.experiment(),)+
                    Self::Retracted(retraction) => retraction.experiment,
                }
            }
        }
    };
}

subjects!(streams_and_events);

/// The code of every kind of event.
pub const KINDS: &[&str] = &[
    "criteria-fixed",
    "experiment-launched",
    "end-asserted",
    "statement-recorded",
    "experiment-extended",
    "extension-refused",
    "experiment-suspended",
    "experiment-resumed",
    "experiment-made-permanent",
    "experiment-closed",
    "hub-closed-for-works",
    "hub-reopened",
    "comparison-zone-designated",
    "baseline-measured",
    "hub-designated",
    "count-asserted",
    "venue-agreed",
    "venue-withdrawn",
    "permanence-scheduled",
    "permanence-rescheduled",
    "permanence-suspended",
    "permanence-resumed",
    "permanence-closed",
    "adviser-registered",
    "adviser-renamed",
    "adviser-assigned",
    "adviser-unassigned",
    "adviser-absent",
    "person-erased",
    "session-held",
    "session-cancelled",
    "appointment-booked",
    "appointment-ended",
    "accompaniment-recorded",
    "user-turned-away",
    "feedback-offered",
    "feedback-received",
    "feedback-declined",
    "operator-joined",
    "operator-renamed",
    "operator-left",
    "agreement-signed",
    "payment-made",
    "cost-recorded",
    "import-recorded",
    "site-labelled",
    "site-hours-declared",
    "site-staff-declared",
    "label-suspended",
    "label-resumed",
    "label-withdrawn",
    "report-part-stored",
    "report-published",
    "service-token-issued",
    "service-token-revoked",
    "role-granted",
    "role-revoked",
    "entry-retracted",
];

/// A name that is none of a stream, or of another kind of stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoStream;

impl std::fmt::Display for NoStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not the name of such a stream")
    }
}

impl std::error::Error for NoStream {}

impl TryFrom<String> for StreamId {
    type Error = NoStream;
    fn try_from(raw: String) -> Result<Self, NoStream> {
        raw.parse()
    }
}

impl From<StreamId> for String {
    fn from(stream: StreamId) -> Self {
        stream.to_string()
    }
}

/// An entry of a subject's history was retracted: what it said was never so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retraction {
    /// The subject.
    pub subject: StreamId,
    /// The experiment it belongs to, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<ExperimentId>,
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

/// Names a session: the permanence it is of and its day, and the experiment both belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionKey {
    /// The experiment.
    pub experiment: ExperimentId,
    /// The permanence.
    pub permanence: PermanenceId,
    /// The session.
    pub session: SessionId,
    /// The day.
    pub date: NaiveDate,
}

impl Key for ExperimentKey {
    type Id = ExperimentId;
    fn id(self) -> ExperimentId {
        self.experiment
    }
    fn experiment(self) -> Option<ExperimentId> {
        Some(self.experiment)
    }
}

impl Key for VenueKey {
    type Id = VenueId;
    fn id(self) -> VenueId {
        self.venue
    }
    fn experiment(self) -> Option<ExperimentId> {
        Some(self.experiment)
    }
}

impl Key for PermanenceKey {
    type Id = PermanenceId;
    fn id(self) -> PermanenceId {
        self.permanence
    }
    fn experiment(self) -> Option<ExperimentId> {
        Some(self.experiment)
    }
}

impl Key for AdviserKey {
    type Id = AdviserId;
    fn id(self) -> AdviserId {
        self.adviser
    }
    fn experiment(self) -> Option<ExperimentId> {
        None
    }
}

impl Key for SessionKey {
    type Id = SessionId;
    fn id(self) -> SessionId {
        self.session
    }
    fn experiment(self) -> Option<ExperimentId> {
        Some(self.experiment)
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
    /// The earlier entry this one takes the place of, and why.
    pub corrects: Option<Correction>,
}

/// That an entry takes the place of an earlier one of its subject, or retracts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The position of the entry that stood so far.
    pub entry: Position,
    /// Why; absent only where an entry of the first release did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Words>,
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
    /// Where the entry began whose place it takes: its own position, unless it is a correction.
    /// Of a correction it is known once its stream was read, and its own position until then.
    pub place: Position,
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
            place: self.place,
            recorded_at: self.recorded_at,
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
    /// The event that said it first, before any correction.
    pub place: Position,
    /// When the log learnt it.
    pub recorded_at: DateTime<Utc>,
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
            place: self.place,
            recorded_at: self.recorded_at,
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
