//! A session (*tenue de permanence*): one day's holding of a permanence, and all that was done
//! there. In the order Events / Fold / Decisions.
//!
//! Its entries come in any order, and late ones are ordinary: an accompaniment may be recorded
//! before anybody records that the session was held. Only what excludes each other is refused,
//! whichever comes first. No user of a permanence is named in any of them.

mod decide;
mod event;
mod sentence;
mod state;
pub mod tally;

pub use decide::{
    MINUTES_MAX, REQUESTS_MAX, SATISFACTION_MAX, SESSION_ENTRIES_MAX, SessionRef, USERS_MAX,
    check_pseudonym, decide,
};
pub use event::{
    Accompaniment, AgeBand, AppointmentEnd, AppointmentOutcome, Booking, Cancellation,
    CancellationCause, Feedback, FeedbackDecline, FeedbackOffer, Holding, Otherwise, Request,
    RequestLevel, RequestOutcome, SessionEvent, TurningAway, TurningAwayCause,
};
pub(in crate::domain) use sentence::tell;
pub use state::{AppointmentCourse, FeedbackAnswer, FeedbackCourse, Session};
