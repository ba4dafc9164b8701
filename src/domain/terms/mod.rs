//! Parsed terms of the field: a value of one of these types is known to be well formed.

pub mod hours;
pub mod id;
pub mod money;
pub mod place;
pub mod sealed;
pub mod siret;
pub mod text;
pub mod time;

pub use hours::WeeklyHours;
pub use id::{
    AccompanimentId, AdviserId, AgreementId, AppointmentId, CommandId, CostId, EventId,
    ExperimentId, FeedbackId, HolderId, ImportId, OperatorId, PaymentId, PermanenceId, PersonId,
    Position, ReportId, SessionId, SiteId, TokenId, TurningAwayId, VenueId,
};
pub use money::Cents;
pub use place::InseeCode;
pub use sealed::Sealed;
pub use siret::Siret;
pub use text::{ContentText, FileHash, Label, Link, RejectCode, Slug, Text, Title, Words};
pub use time::{Certainty, Period, Validity};
