//! What a session's events add up to.

use serde::{Deserialize, Serialize};

use super::event::{
    Accompaniment, AppointmentEnd, Booking, Cancellation, Feedback, FeedbackDecline, FeedbackOffer,
    Holding, SessionEvent, TurningAway,
};
use crate::domain::{
    event::{Recorded, SessionKey, Stated},
    terms::{AccompanimentId, AppointmentId, FeedbackId, Position, TurningAwayId},
};

/// A session, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// Whether any of its events was invented.
    pub synthetic: bool,
    /// Which permanence it is of, on which day.
    pub key: Option<SessionKey>,
    /// That it was held.
    pub held: Option<Stated<Holding>>,
    /// That it was cancelled.
    pub cancelled: Option<Stated<Cancellation>>,
    /// Its appointments, in the order they were first recorded.
    pub appointments: Vec<AppointmentCourse>,
    /// What was done for users, one entry for each visit, in the order it was recorded.
    pub accompaniments: Vec<Stated<Accompaniment>>,
    /// Users who were turned away, in the order it was recorded.
    pub turned_away: Vec<Stated<TurningAway>>,
    /// What users were asked, and answered, in the order it was first recorded.
    pub feedback: Vec<FeedbackCourse>,
}

/// The course of an appointment. Either part may stand without the other once entries are
/// corrected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppointmentCourse {
    /// Which.
    pub appointment: AppointmentId,
    /// That it was booked.
    pub booked: Option<Stated<Booking>>,
    /// What became of it.
    pub ended: Option<Stated<AppointmentEnd>>,
}

/// The course of a user's feedback. Either part may stand without the other once entries are
/// corrected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeedbackCourse {
    /// Which.
    pub feedback: FeedbackId,
    /// That the user was asked.
    pub offered: Option<Stated<FeedbackOffer>>,
    /// What the user answered.
    pub answer: Option<FeedbackAnswer>,
}

/// What came of asking a user for feedback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedbackAnswer {
    /// The user gave it.
    Received(Stated<Feedback>),
    /// The user declined.
    Declined(Stated<FeedbackDecline>),
}

impl Session {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, key: SessionKey, event: &SessionEvent, recorded: &Recorded) {
        self.synthetic |= recorded.fact.saying.synthetic;
        self.key = Some(key);
        match event {
            SessionEvent::Held(holding) => self.held = Some(recorded.stated(holding.clone())),
            SessionEvent::Cancelled(cancellation) => {
                self.cancelled = Some(recorded.stated(cancellation.clone()));
            }
            SessionEvent::AppointmentBooked(booking) => {
                let booked = Some(recorded.stated(booking.clone()));
                self.set_appointment(booking.appointment, |course| course.booked = booked);
            }
            SessionEvent::AppointmentEnded(end) => {
                let ended = Some(recorded.stated(end.clone()));
                self.set_appointment(end.appointment, |course| course.ended = ended);
            }
            SessionEvent::Accompanied(accompaniment) => {
                self.accompaniments
                    .push(recorded.stated(accompaniment.clone()));
            }
            SessionEvent::TurnedAway(turned) => {
                self.turned_away.push(recorded.stated(turned.clone()));
            }
            SessionEvent::FeedbackOffered(offer) => {
                let offered = Some(recorded.stated(offer.clone()));
                self.set_feedback(offer.feedback, |course| course.offered = offered);
            }
            SessionEvent::FeedbackReceived(feedback) => {
                let answer = FeedbackAnswer::Received(recorded.stated(feedback.clone()));
                self.set_feedback(feedback.feedback, |course| course.answer = Some(answer));
            }
            SessionEvent::FeedbackDeclined(decline) => {
                let answer = FeedbackAnswer::Declined(recorded.stated(*decline));
                self.set_feedback(decline.feedback, |course| course.answer = Some(answer));
            }
        }
    }

    /// An appointment of it.
    #[must_use]
    pub fn appointment(&self, id: AppointmentId) -> Option<&AppointmentCourse> {
        let mut known = self.appointments.iter();
        known.find(|course| course.appointment == id)
    }

    /// What was done for a user in one visit.
    #[must_use]
    pub fn accompaniment(&self, id: AccompanimentId) -> Option<&Stated<Accompaniment>> {
        let mut known = self.accompaniments.iter();
        known.find(|known| known.what.accompaniment == id)
    }

    /// An occasion on which users were turned away.
    #[must_use]
    pub fn turning_away(&self, id: TurningAwayId) -> Option<&Stated<TurningAway>> {
        let mut known = self.turned_away.iter();
        known.find(|known| known.what.turning_away == id)
    }

    /// A user's feedback.
    #[must_use]
    pub fn feedback(&self, id: FeedbackId) -> Option<&FeedbackCourse> {
        let mut known = self.feedback.iter();
        known.find(|course| course.feedback == id)
    }

    fn set_appointment(&mut self, id: AppointmentId, set: impl FnOnce(&mut AppointmentCourse)) {
        let mut known = self.appointments.iter_mut();
        if let Some(course) = known.find(|course| course.appointment == id) {
            set(course);
            return;
        }
        let mut course = AppointmentCourse {
            appointment: id,
            booked: None,
            ended: None,
        };
        set(&mut course);
        self.appointments.push(course);
    }

    fn set_feedback(&mut self, id: FeedbackId, set: impl FnOnce(&mut FeedbackCourse)) {
        let mut known = self.feedback.iter_mut();
        if let Some(course) = known.find(|course| course.feedback == id) {
            set(course);
            return;
        }
        let mut course = FeedbackCourse {
            feedback: id,
            offered: None,
            answer: None,
        };
        set(&mut course);
        self.feedback.push(course);
    }
}
