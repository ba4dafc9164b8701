//! What a session adds up to: the counts that every figure is computed from. A figure of many
//! sessions adds their tallies up; nothing else of a session is needed.
//!
//! A tally is a function of the entries that stand, in whatever order they came: unknown is counted
//! as unknown, never as no.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "counts of one session, of SESSION_ENTRIES_MAX entries at most, each of 65 535 at most"
)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Timelike};
use serde::{Deserialize, Serialize};

use super::event::{
    Accompaniment, AppointmentOutcome, Feedback, Otherwise, RequestOutcome, SessionEvent,
};
use crate::domain::{
    correction::standing,
    event::{Event, Recorded},
    holiday,
    terms::{AppointmentId, FeedbackId, Slug},
    venue::Known,
};

/// An answer of 4 or 5 is one of a satisfied user.
pub const SATISFIED_FROM: u8 = 4;
/// So many characters of a sealed pseudonym tell two users apart: 16 bytes that depend on all of it.
const PSEUDONYM_CHARACTERS: usize = 22;

/// What one session adds up to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How it was held, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// Whether it was cancelled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cancelled: bool,
    /// Accompaniments: one visit of one user each.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub accompaniments: u32,
    /// Those of which the duration is known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub timed: u32,
    /// Their minutes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub minutes: u32,
    /// Whether they were first visits.
    #[serde(default, skip_serializing_if = "is_default")]
    pub first_visits: Answers,
    /// Requests, by operator (none: out of the bundle of services) and by what came of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<Asked>,
    /// Requests of users who can be told apart by a pseudonym.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub followed: Vec<Followed>,
    /// What became of appointments.
    #[serde(default, skip_serializing_if = "is_default")]
    pub appointments: Appointments,
    /// Users turned away.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turned_away: u32,
    /// What users were asked, and answered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub feedback: FeedbackTally,
    /// The entries themselves.
    #[serde(default)]
    pub entries: Entries,
}

/// How a session was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// When it began, in minutes since midnight.
    pub starts: u32,
    /// How long, in minutes.
    pub minutes: u32,
    /// By how many people.
    pub advisers: u32,
}

/// Answers to a yes-or-no.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// Yes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub yes: u32,
    /// No.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub no: u32,
    /// Not known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown: u32,
}

impl Answers {
    const fn add(&mut self, answer: Known) {
        match answer {
            Known::Yes => self.yes += 1,
            Known::No => self.no += 1,
            Known::Unknown => self.unknown += 1,
        }
    }
}

/// Requests to one operator of which the same came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The operator; none where they lie out of the bundle of services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Slug>,
    /// What came of them.
    pub outcome: RequestOutcome,
    /// How many.
    pub count: u32,
}

/// A request of a user who can be told from others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Followed {
    /// Who: a part of the sealed pseudonym, the same for the same user of an experiment.
    pub user: String,
    /// The operator; none where it lies out of the bundle of services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Slug>,
    /// Whether it was resolved on the spot.
    pub resolved: bool,
}

/// What became of appointments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointments {
    /// The user was seen.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seen: u32,
    /// The user did not come.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub no_show: u32,
    /// The user did not come, and had said so.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub excused: u32,
    /// The carrier took it back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revoked: u32,
    /// It is recorded that no source says.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown: u32,
    /// Booked, and nothing is recorded of what became of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub open: BTreeSet<AppointmentId>,
    /// Of which an outcome stands, and no booking.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unbooked: BTreeSet<AppointmentId>,
}

/// What users were asked, and answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackTally {
    /// Answers that were given.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub received: u32,
    /// Users who declined.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub declined: u32,
    /// Asked, and nothing is recorded of an answer.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unanswered: BTreeSet<FeedbackId>,
    /// Of which an answer stands, and no offer.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unasked: BTreeSet<FeedbackId>,
    /// Answers of 4 or 5 to the question of satisfaction.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub satisfied: u32,
    /// Answers to that question.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rated: u32,
    /// Whether the user would have given up or gone farther without the permanence.
    #[serde(default, skip_serializing_if = "is_default")]
    pub additional: Answers,
}

impl FeedbackTally {
    /// How many users were asked.
    #[must_use]
    pub fn offered(&self) -> u64 {
        u64::from(self.received) + u64::from(self.declined) + self.unanswered.len() as u64
    }
}

/// The entries that stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    /// How many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub count: u32,
    /// Those that took the place of an earlier one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub corrected: u32,
    /// Those that were invented.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub synthetic: u32,
    /// How many days after the session they were recorded, and how many so late; before it, for
    /// what was booked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub delays: BTreeMap<i32, u32>,
    /// Values that could have been told.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub values: u32,
    /// Those that were left out, or unknown.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub missing: u32,
}

impl Tally {
    /// What the standing entries of a session's stream add up to.
    #[must_use]
    pub fn of(journal: &[Recorded]) -> Self {
        let mut tally = Self::default();
        for recorded in standing(journal) {
            tally.add(&recorded);
        }
        tally
    }

    /// Adds an entry that stands.
    pub fn add(&mut self, recorded: &Recorded) {
        let Event::Session(key, event) = &recorded.fact.event else {
            return;
        };
        self.entries.add(key.date, recorded);
        match event {
            SessionEvent::Held(holding) => {
                self.held = Some(Held {
                    starts: holding.starts.num_seconds_from_midnight() / 60,
                    minutes: u32::try_from(holding.minutes()).unwrap_or(0),
                    advisers: holding.adviser_count.into(),
                });
            }
            SessionEvent::Cancelled(_) => self.cancelled = true,
            SessionEvent::AppointmentBooked(booking) => {
                self.appointments.book(booking.appointment);
            }
            SessionEvent::AppointmentEnded(end) => {
                self.entries
                    .told(end.outcome != AppointmentOutcome::Unknown);
                self.appointments.end(end.appointment, end.outcome);
            }
            SessionEvent::Accompanied(done) => self.accompany(done),
            SessionEvent::TurnedAway(turned) => self.turned_away += u32::from(turned.users),
            SessionEvent::FeedbackOffered(offer) => self.feedback.offer(offer.feedback),
            SessionEvent::FeedbackReceived(answer) => {
                self.entries.told(answer.satisfaction.is_some());
                self.entries.told(answer.otherwise != Otherwise::Unknown);
                self.feedback.answer(answer);
            }
            SessionEvent::FeedbackDeclined(decline) => {
                self.feedback.declined += 1;
                self.feedback.answered(decline.feedback);
            }
        }
    }

    fn accompany(&mut self, done: &Accompaniment) {
        self.accompaniments += 1;
        if let Some(minutes) = done.minutes {
            self.timed += 1;
            self.minutes += u32::from(minutes);
        }
        self.first_visits.add(done.first_visit);
        self.entries.told(done.minutes.is_some());
        self.entries.told(done.first_visit != Known::Unknown);
        for request in &done.requests {
            self.entries
                .told(request.outcome != RequestOutcome::Unknown);
            self.ask(request.operator.as_ref(), request.outcome);
        }
        let Some(pseudonym) = &done.pseudonym else {
            return;
        };
        let user: String = pseudonym
            .as_base64()
            .chars()
            .take(PSEUDONYM_CHARACTERS)
            .collect();
        for request in &done.requests {
            let followed = Followed {
                user: user.clone(),
                operator: request.operator.clone(),
                resolved: request.outcome == RequestOutcome::Resolved,
            };
            let place = self.followed.partition_point(|known| *known < followed);
            self.followed.insert(place, followed);
        }
    }

    fn ask(&mut self, operator: Option<&Slug>, outcome: RequestOutcome) {
        let sought = (operator, outcome);
        let found = self
            .requests
            .binary_search_by(|known| (known.operator.as_ref(), known.outcome).cmp(&sought));
        match found {
            Ok(index) => {
                if let Some(known) = self.requests.get_mut(index) {
                    known.count += 1;
                }
            }
            Err(index) => self.requests.insert(
                index,
                Asked {
                    operator: operator.cloned(),
                    outcome,
                    count: 1,
                },
            ),
        }
    }
}

impl Appointments {
    fn book(&mut self, id: AppointmentId) {
        if !self.unbooked.remove(&id) {
            self.open.insert(id);
        }
    }

    fn end(&mut self, id: AppointmentId, outcome: AppointmentOutcome) {
        if !self.open.remove(&id) {
            self.unbooked.insert(id);
        }
        match outcome {
            AppointmentOutcome::Seen => self.seen += 1,
            AppointmentOutcome::NoShow => self.no_show += 1,
            AppointmentOutcome::Excused => self.excused += 1,
            AppointmentOutcome::Revoked => self.revoked += 1,
            AppointmentOutcome::Unknown => self.unknown += 1,
        }
    }
}

impl FeedbackTally {
    fn offer(&mut self, id: FeedbackId) {
        if !self.unasked.remove(&id) {
            self.unanswered.insert(id);
        }
    }

    fn answered(&mut self, id: FeedbackId) {
        if !self.unanswered.remove(&id) {
            self.unasked.insert(id);
        }
    }

    fn answer(&mut self, answer: &Feedback) {
        self.received += 1;
        self.answered(answer.feedback);
        if let Some(satisfaction) = answer.satisfaction {
            self.rated += 1;
            self.satisfied += u32::from(satisfaction >= SATISFIED_FROM);
        }
        self.additional.add(match answer.otherwise {
            Otherwise::GivenUp | Otherwise::GoneFarther => Known::Yes,
            Otherwise::OnlineAlone | Otherwise::AskedSomebody | Otherwise::Other => Known::No,
            Otherwise::Unknown => Known::Unknown,
        });
    }
}

impl Entries {
    fn add(&mut self, day: NaiveDate, recorded: &Recorded) {
        let recorded_on = recorded.recorded_at.with_timezone(&holiday::zone(""));
        let delay = recorded_on.date_naive().signed_duration_since(day);
        let delay = i32::try_from(delay.num_days()).unwrap_or(i32::MAX);
        self.count += 1;
        self.corrected += u32::from(recorded.fact.saying.corrects.is_some());
        self.synthetic += u32::from(recorded.fact.saying.synthetic);
        *self.delays.entry(delay).or_default() += 1;
    }

    fn told(&mut self, told: bool) {
        self.values += 1;
        self.missing += u32::from(!told);
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
