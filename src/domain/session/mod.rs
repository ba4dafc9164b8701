//! A session: one day's holding of a permanence, and all that was done there.

mod event;

pub use event::{
    Accompaniment, AgeBand, AppointmentEnd, AppointmentOutcome, Booking, Cancellation,
    CancellationCause, Feedback, FeedbackDecline, FeedbackOffer, Holding, Otherwise, Request,
    RequestLevel, RequestOutcome, SessionEvent, TurningAway, TurningAwayCause,
};
