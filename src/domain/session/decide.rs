//! What may be recorded of a session, and when it is refused. What is asked is the event itself.

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    event::{
        Accompaniment, AppointmentEnd, AppointmentOutcome, Booking, Cancellation,
        CancellationCause, Feedback, FeedbackOffer, Holding, SessionEvent, TurningAway,
    },
    state::{FeedbackAnswer, Session},
};
use crate::domain::{
    event::{Event, Saying, SessionKey, Stated, StreamId},
    experiment,
    permanence::HELD_BY_MAX,
    refusal::Refusal,
    terms::{
        AccompanimentId, AdviserId, AppointmentId, Certainty, ExperimentId, FeedbackId, OperatorId,
        PermanenceId, SessionId, Slug, Validity,
    },
    world::World,
};

/// The most entries of one session, corrections included: its stream is read whole.
pub const SESSION_ENTRIES_MAX: u64 = 1_000;
/// The most requests of one accompaniment.
pub const REQUESTS_MAX: usize = 20;
/// The longest accompaniment, in minutes.
pub const MINUTES_MAX: u16 = 600;
/// The most users turned away on one occasion.
pub const USERS_MAX: u16 = 500;
/// The highest satisfaction; the lowest is 1.
pub const SATISFACTION_MAX: u8 = 5;

/// The most characters of a pseudonym.
const PSEUDONYM_MAX: usize = 32;
/// So many digits in a row make a telephone number, or one of the social security.
const NUMBER_DIGITS: usize = 9;

/// How a session is addressed: there is but one of a permanence on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SessionRef {
    /// The permanence.
    pub permanence: PermanenceId,
    /// The day.
    pub date: NaiveDate,
}

impl From<SessionRef> for SessionId {
    fn from(session: SessionRef) -> Self {
        Self::of(session.permanence, session.date)
    }
}

impl From<SessionKey> for SessionRef {
    fn from(key: SessionKey) -> Self {
        Self {
            permanence: key.permanence,
            date: key.date,
        }
    }
}

impl SessionRef {
    /// When what happens there is so: that day, no more.
    #[must_use]
    pub const fn valid(self) -> Validity {
        Validity {
            from: self.date,
            until: Some(self.date),
            certainty: Certainty::Exact,
        }
    }
}

/// Refuses a pseudonym that could be read as a name, or is a telephone number or one of the
/// social security (NIR): it takes 1 to 32 ASCII letters and digits, one digit at least, never
/// nine in a row.
///
/// # Errors
/// [`Refusal::MalformedPseudonym`].
pub fn check_pseudonym(raw: &str) -> Result<(), Refusal> {
    let bytes = raw.as_bytes();
    let digit = |byte: &u8| byte.is_ascii_digit();
    let longest = bytes.split(|byte| !digit(byte)).map(<[u8]>::len).max();
    // Of those born in Corsica it has a letter: 1 85 05 2A 004 036.
    let letters = bytes.iter().filter(|byte| !digit(byte)).count();
    let corsican = matches!(bytes.len(), 13 | 15)
        && letters == 1
        && matches!(bytes.get(6), Some(b'A' | b'B' | b'a' | b'b'));
    let well_formed = (1..=PSEUDONYM_MAX).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes.iter().any(digit)
        && longest.is_none_or(|longest| longest < NUMBER_DIGITS)
        && !corsican;
    if well_formed {
        Ok(())
    } else {
        Err(Refusal::MalformedPseudonym)
    }
}

/// Decides an entry; see [`decide`](crate::domain::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    session: SessionRef,
    event: &SessionEvent,
    saying: &Saying,
) -> Result<Option<Event>, Refusal> {
    let id = SessionId::from(session);
    let date = session.date;
    if saying.valid != session.valid() {
        return Err(Refusal::SessionOfOneDay { date });
    }
    let experiment = host(world, session)?;
    let unknown = Session::default();
    let known = world.session(id).unwrap_or(&unknown);
    let asked = Asked {
        world,
        known,
        session: id,
        experiment,
        date,
        saying,
    };
    let new = match event {
        SessionEvent::Held(holding) => asked.held(holding)?,
        SessionEvent::Cancelled(cancellation) => asked.cancelled(cancellation)?,
        SessionEvent::AppointmentBooked(booking) => asked.booked(booking)?,
        SessionEvent::AppointmentEnded(end) => asked.ended(end)?,
        SessionEvent::Accompanied(accompaniment) => asked.accompanied(accompaniment)?,
        SessionEvent::TurnedAway(turned) => asked.turned_away(turned)?,
        SessionEvent::FeedbackOffered(offer) => asked.offered(offer)?,
        SessionEvent::FeedbackReceived(feedback) => asked.received(feedback)?,
        SessionEvent::FeedbackDeclined(decline) => {
            let so = |answer: &FeedbackAnswer| match answer {
                FeedbackAnswer::Declined(declined) => declined.says(decline, saying),
                FeedbackAnswer::Received(_) => false,
            };
            asked.answered(decline.feedback, so)?
        }
    };
    if !new {
        return Ok(None);
    }
    asked.has_room()?;
    let key = SessionKey {
        experiment,
        permanence: session.permanence,
        session: id,
        date,
    };
    Ok(Some(Event::Session(key, event.clone())))
}

/// The experiment that a session is of: its permanence is known and goes on, and it is under way.
fn host(world: &World, session: SessionRef) -> Result<ExperimentId, Refusal> {
    let permanence = world.permanence(session.permanence);
    let Some(permanence) = permanence else {
        return Err(Refusal::UnknownPermanence);
    };
    let (Some(id), Some(first)) = (permanence.experiment, &permanence.first) else {
        return Err(Refusal::UnknownPermanence);
    };
    if session.date < first.valid.from {
        return Err(Refusal::BeforeSchedule {
            first: first.valid.from,
        });
    }
    permanence.still_held(session.date)?;
    match world.experiment(id) {
        Some(experiment) => experiment::open_on(experiment, session.date)?,
        None => return Err(Refusal::UnknownExperiment),
    }
    Ok(id)
}

/// Refuses an operator whose services the experiment does not give on a day: neither of those it was
/// launched with nor one that is of the bundle of services on that day.
fn operator_is_served(
    world: &World,
    experiment: ExperimentId,
    operator: &Slug,
    day: NaiveDate,
) -> Result<(), Refusal> {
    let launch = world
        .experiment(experiment)
        .and_then(|experiment| experiment.launch.as_ref());
    let mut served = launch.iter().flat_map(|launch| &launch.what.operators);
    let joined = world.operator(OperatorId::of(operator));
    if served.any(|served| served.code == *operator)
        || joined.is_some_and(|joined| joined.member_on(day))
    {
        Ok(())
    } else {
        Err(Refusal::OperatorNotServed {
            code: operator.clone(),
        })
    }
}

/// What is asked, and what is known. Each decision answers whether it says anything new.
struct Asked<'a> {
    world: &'a World,
    known: &'a Session,
    session: SessionId,
    experiment: ExperimentId,
    date: NaiveDate,
    saying: &'a Saying,
}

impl Asked<'_> {
    fn held(&self, holding: &Holding) -> Result<bool, Refusal> {
        if let Some(held) = &self.known.held {
            return self.already(held, holding, Refusal::SessionAlreadyHeld);
        }
        self.not_cancelled()?;
        if holding.ends <= holding.starts {
            return Err(Refusal::SessionInverted {
                starts: holding.starts.format("%H:%M").to_string(),
                ends: holding.ends.format("%H:%M").to_string(),
            });
        }
        let count = holding.adviser_count;
        if !(1..=HELD_BY_MAX).contains(&count) {
            return Err(Refusal::HeldByCount {
                count: count.into(),
                max: HELD_BY_MAX,
            });
        }
        if holding.advisers.len() > usize::from(count) {
            return Err(Refusal::AdvisersOverCount {
                named: holding.advisers.len(),
                count,
            });
        }
        for adviser in &holding.advisers {
            self.may_have_held(*adviser)?;
        }
        Ok(true)
    }

    /// Nothing new is said of a person who was erased; what was said of one stays so, and can
    /// still be corrected.
    fn may_have_held(&self, id: AdviserId) -> Result<(), Refusal> {
        let known = self.world.adviser(id);
        match known {
            Some(adviser) if adviser.erased.is_some() => {
                if self.was_named(id) {
                    Ok(())
                } else {
                    Err(Refusal::PersonErased)
                }
            }
            Some(adviser) if adviser.registered.is_some() => Ok(()),
            Some(_) | None => Err(Refusal::UnknownAdviser),
        }
    }

    fn was_named(&self, id: AdviserId) -> bool {
        let journal = self.world.journal(StreamId::Session(self.session));
        journal.iter().any(|recorded| {
            if let Event::Session(_, SessionEvent::Held(holding)) = &recorded.fact.event {
                holding.advisers.contains(&id)
            } else {
                false
            }
        })
    }

    fn cancelled(&self, cancellation: &Cancellation) -> Result<bool, Refusal> {
        if let Some(cancelled) = &self.known.cancelled {
            return self.already(cancelled, cancellation, Refusal::SessionAlreadyCancelled);
        }
        if self.known.held.is_some() {
            return Err(Refusal::SessionHeld);
        }
        let ended = self.known.appointments.iter();
        let mut ended = ended.filter_map(|course| course.ended.as_ref());
        if !self.known.accompaniments.is_empty()
            || !self.known.feedback.is_empty()
            || ended.any(|ended| takes_holding(ended.what.outcome))
        {
            return Err(Refusal::SessionAttended);
        }
        if cancellation.cause == CancellationCause::Other && cancellation.words.is_none() {
            return Err(Refusal::CauseUntold);
        }
        Ok(true)
    }

    fn booked(&self, booking: &Booking) -> Result<bool, Refusal> {
        let course = self.known.appointment(booking.appointment);
        if let Some(booked) = course.and_then(|course| course.booked.as_ref()) {
            return self.already(booked, booking, Refusal::AlreadyRecorded);
        }
        if let Some(operator) = &booking.operator {
            operator_is_served(self.world, self.experiment, operator, self.date)?;
        }
        Ok(true)
    }

    fn ended(&self, end: &AppointmentEnd) -> Result<bool, Refusal> {
        self.is_booked(end.appointment)?;
        let course = self.known.appointment(end.appointment);
        if let Some(ended) = course.and_then(|course| course.ended.as_ref()) {
            return self.already(ended, end, Refusal::AppointmentAlreadyEnded);
        }
        if takes_holding(end.outcome) {
            self.not_cancelled()?;
        }
        Ok(true)
    }

    fn accompanied(&self, accompaniment: &Accompaniment) -> Result<bool, Refusal> {
        if let Some(known) = self.known.accompaniment(accompaniment.accompaniment) {
            return self.already(known, accompaniment, Refusal::AlreadyRecorded);
        }
        self.not_cancelled()?;
        if let Some(minutes) = accompaniment.minutes
            && !(1..=MINUTES_MAX).contains(&minutes)
        {
            return Err(Refusal::MinutesOutOfRange {
                minutes: minutes.into(),
                max: MINUTES_MAX,
            });
        }
        let count = accompaniment.requests.len();
        if !(1..=REQUESTS_MAX).contains(&count) {
            return Err(Refusal::RequestCount {
                count,
                max: REQUESTS_MAX,
            });
        }
        let operators = accompaniment.requests.iter();
        for operator in operators.filter_map(|request| request.operator.as_ref()) {
            operator_is_served(self.world, self.experiment, operator, self.date)?;
        }
        if let Some(residence) = &accompaniment.residence {
            residence.check()?;
        }
        if let Some(appointment) = accompaniment.appointment {
            self.is_booked(appointment)?;
        }
        match &accompaniment.pseudonym {
            Some(pseudonym) if pseudonym.person() != self.experiment.visitors() => {
                Err(Refusal::SealedForAnother)
            }
            Some(_) | None => Ok(true),
        }
    }

    /// Users are turned away from a session that is cancelled, too.
    fn turned_away(&self, turned: &TurningAway) -> Result<bool, Refusal> {
        if let Some(known) = self.known.turning_away(turned.turning_away) {
            return self.already(known, turned, Refusal::AlreadyRecorded);
        }
        if !(1..=USERS_MAX).contains(&turned.users) {
            return Err(Refusal::UsersOutOfRange {
                users: turned.users.into(),
                max: USERS_MAX,
            });
        }
        Ok(true)
    }

    fn offered(&self, offer: &FeedbackOffer) -> Result<bool, Refusal> {
        let course = self.known.feedback(offer.feedback);
        if let Some(offered) = course.and_then(|course| course.offered.as_ref()) {
            return self.already(offered, offer, Refusal::AlreadyRecorded);
        }
        self.not_cancelled()?;
        if let Some(accompaniment) = offer.accompaniment {
            self.is_accompanied(accompaniment)?;
        }
        Ok(true)
    }

    fn received(&self, feedback: &Feedback) -> Result<bool, Refusal> {
        let so = |answer: &FeedbackAnswer| match answer {
            FeedbackAnswer::Received(received) => received.says(feedback, self.saying),
            FeedbackAnswer::Declined(_) => false,
        };
        let new = self.answered(feedback.feedback, so)?;
        match feedback.satisfaction {
            Some(satisfaction) if !(1..=SATISFACTION_MAX).contains(&satisfaction) => {
                Err(Refusal::SatisfactionOutOfRange {
                    satisfaction: satisfaction.into(),
                    max: SATISFACTION_MAX,
                })
            }
            Some(_) | None => Ok(new),
        }
    }

    /// A user who was asked answers once. `so` tells whether an answer is the one that is asked.
    fn answered(
        &self,
        id: FeedbackId,
        so: impl FnOnce(&FeedbackAnswer) -> bool,
    ) -> Result<bool, Refusal> {
        let course = self.known.feedback(id);
        let Some(course) = course.filter(|course| course.offered.is_some()) else {
            return Err(Refusal::FeedbackNotOffered);
        };
        match &course.answer {
            None => Ok(true),
            Some(answer) if so(answer) => Ok(false),
            Some(_) => Err(Refusal::FeedbackAlreadyAnswered),
        }
    }

    /// It is already so where the same source says the same.
    fn already<T: PartialEq>(
        &self,
        known: &Stated<T>,
        what: &T,
        otherwise: Refusal,
    ) -> Result<bool, Refusal> {
        if known.says(what, self.saying) {
            Ok(false)
        } else {
            Err(otherwise)
        }
    }

    const fn not_cancelled(&self) -> Result<(), Refusal> {
        if self.known.cancelled.is_some() {
            Err(Refusal::SessionCancelled)
        } else {
            Ok(())
        }
    }

    fn is_booked(&self, id: AppointmentId) -> Result<(), Refusal> {
        let course = self.known.appointment(id);
        match course.and_then(|course| course.booked.as_ref()) {
            Some(_) => Ok(()),
            None => Err(Refusal::UnknownAppointment),
        }
    }

    fn is_accompanied(&self, id: AccompanimentId) -> Result<(), Refusal> {
        match self.known.accompaniment(id) {
            Some(_) => Ok(()),
            None => Err(Refusal::UnknownAccompaniment),
        }
    }

    /// A correction is decided against what stood before it: all that is recorded is counted.
    fn has_room(&self) -> Result<(), Refusal> {
        let recorded = if self.saying.corrects.is_some() {
            let journal = self.world.journal(StreamId::Session(self.session));
            u64::try_from(journal.len()).unwrap_or(u64::MAX)
        } else {
            self.known.version
        };
        if recorded < SESSION_ENTRIES_MAX {
            Ok(())
        } else {
            Err(Refusal::SessionFull {
                max: SESSION_ENTRIES_MAX,
            })
        }
    }
}

/// Whether an outcome is one of a session that took place.
const fn takes_holding(outcome: AppointmentOutcome) -> bool {
    match outcome {
        AppointmentOutcome::Seen | AppointmentOutcome::NoShow => true,
        AppointmentOutcome::Excused | AppointmentOutcome::Revoked | AppointmentOutcome::Unknown => {
            false
        }
    }
}
