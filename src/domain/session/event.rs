//! Events of a session, and what each says.

use std::collections::BTreeSet;

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

use crate::domain::{
    terms::{
        AccompanimentId, AdviserId, AppointmentId, FeedbackId, InseeCode, Sealed, Slug,
        TurningAwayId, Words,
    },
    venue::Known,
};

/// What can happen to a session: one day's holding of a permanence, and all that was done there.
/// The validity of each is the day of the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SessionEvent {
    /// It was held.
    Held(Holding),
    /// It was cancelled.
    Cancelled(Cancellation),
    /// An appointment was booked for it.
    AppointmentBooked(Booking),
    /// What became of an appointment.
    AppointmentEnded(AppointmentEnd),
    /// A user was accompanied: what was done, in one visit.
    Accompanied(Accompaniment),
    /// Users were turned away.
    TurnedAway(TurningAway),
    /// A user was asked for feedback.
    FeedbackOffered(FeedbackOffer),
    /// A user who was asked gave feedback.
    FeedbackReceived(Feedback),
    /// A user who was asked declined.
    FeedbackDeclined(FeedbackDecline),
}

impl SessionEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Held(_) => "session-held",
            Self::Cancelled(_) => "session-cancelled",
            Self::AppointmentBooked(_) => "appointment-booked",
            Self::AppointmentEnded(_) => "appointment-ended",
            Self::Accompanied(_) => "accompaniment-recorded",
            Self::TurnedAway(_) => "user-turned-away",
            Self::FeedbackOffered(_) => "feedback-offered",
            Self::FeedbackReceived(_) => "feedback-received",
            Self::FeedbackDeclined(_) => "feedback-declined",
        }
    }
}

impl SessionEvent {
    /// The operators it names.
    pub fn operators(&self) -> impl Iterator<Item = &Slug> {
        let (booked, requests) = match self {
            Self::AppointmentBooked(booking) => (booking.operator.as_ref(), [].as_slice()),
            Self::Accompanied(accompaniment) => (None, accompaniment.requests.as_slice()),
            Self::Held(_)
            | Self::Cancelled(_)
            | Self::AppointmentEnded(_)
            | Self::TurnedAway(_)
            | Self::FeedbackOffered(_)
            | Self::FeedbackReceived(_)
            | Self::FeedbackDeclined(_) => (None, [].as_slice()),
        };
        let requested = requests
            .iter()
            .filter_map(|request| request.operator.as_ref());
        booked.into_iter().chain(requested)
    }
}

impl SessionEvent {
    /// The advisers it names.
    pub fn advisers(&self) -> impl Iterator<Item = AdviserId> {
        let held = match self {
            Self::Held(holding) => Some(&holding.advisers),
            Self::Cancelled(_)
            | Self::AppointmentBooked(_)
            | Self::AppointmentEnded(_)
            | Self::Accompanied(_)
            | Self::TurnedAway(_)
            | Self::FeedbackOffered(_)
            | Self::FeedbackReceived(_)
            | Self::FeedbackDeclined(_) => None,
        };
        held.into_iter().flatten().copied()
    }
}

/// A session as it was really held: local times of the venue's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// When it really began.
    pub starts: NaiveTime,
    /// When it really ended, on the same day.
    pub ends: NaiveTime,
    /// How many people held it.
    pub adviser_count: u8,
    /// Those of them who are registered.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub advisers: BTreeSet<AdviserId>,
}

impl Holding {
    /// How long it was held, in whole minutes.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        self.ends.signed_duration_since(self.starts).num_minutes()
    }
}

/// A session that was not held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Why, in a code.
    pub cause: CancellationCause,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
}

/// Why a session was not held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CancellationCause {
    /// Nobody could hold it.
    AdviserAbsent,
    /// The venue was closed or in use.
    VenueUnavailable,
    /// Network, equipment, power.
    Technical,
    /// Snow, flood, storm.
    Weather,
    /// Nobody had booked.
    NoAppointment,
    /// Something else, told in words.
    Other,
}

/// An appointment for a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Which.
    pub appointment: AppointmentId,
    /// Its local time, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<NaiveTime>,
    /// The operator it is about, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Slug>,
}

/// What became of an appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentEnd {
    /// Which.
    pub appointment: AppointmentId,
    /// What became of it.
    pub outcome: AppointmentOutcome,
}

/// What became of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppointmentOutcome {
    /// The user was seen.
    Seen,
    /// The user did not come.
    NoShow,
    /// The user did not come, and had said so.
    Excused,
    /// The carrier took it back.
    Revoked,
    /// No source says.
    Unknown,
}

/// What was done for one user in one visit. Nothing in it names that user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accompaniment {
    /// Which.
    pub accompaniment: AccompanimentId,
    /// How long it took, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u16>,
    /// What was asked: one visit may hold several requests.
    pub requests: Vec<Request>,
    /// Whether it was the user's first visit to a France Services.
    pub first_visit: Known,
    /// Where the user lives, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residence: Option<InseeCode>,
    /// The user's age band, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_band: Option<AgeBand>,
    /// The appointment it was booked by, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<AppointmentId>,
    /// A pseudonym by which visits of one user can be told to be so, sealed with a key of the
    /// experiment; never a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<Sealed>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The operator it concerns; absent where it lies out of the bundle of services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Slug>,
    /// What it is about, in a code of the carrier's (`carte-grise`, `retraite`), where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Slug>,
    /// How far help went.
    pub level: RequestLevel,
    /// What came of it.
    pub outcome: RequestOutcome,
}

/// How far help with a request went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestLevel {
    /// Information was given.
    Information,
    /// The user was accompanied through the procedure.
    Accompaniment,
    /// The user was referred to the operator.
    Referral,
    /// No source says.
    Unknown,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestOutcome {
    /// Resolved on the spot.
    Resolved,
    /// The user is to finish alone.
    ToFinishAlone,
    /// The user must come back.
    MustComeBack,
    /// Referred to somebody else.
    Referred,
    /// Given up.
    Abandoned,
    /// No source says.
    Unknown,
}

/// An age band: wide enough that none names anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AgeBand {
    /// Under 25.
    #[serde(rename = "under-25")]
    Under25,
    /// 25 to 44.
    #[serde(rename = "25-44")]
    From25To44,
    /// 45 to 64.
    #[serde(rename = "45-64")]
    From45To64,
    /// 65 to 79.
    #[serde(rename = "65-79")]
    From65To79,
    /// 80 and over.
    #[serde(rename = "80-and-over")]
    From80,
}

/// Users who were turned away without being served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurningAway {
    /// Which.
    pub turning_away: TurningAwayId,
    /// How many users.
    pub users: u16,
    /// Why.
    pub cause: TurningAwayCause,
}

/// Why users were turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TurningAwayCause {
    /// There was no time left.
    Full,
    /// The user came without the appointment it takes.
    NoAppointment,
    /// The user came outside the hours, or nobody was there.
    Closed,
    /// The network or the equipment failed.
    Technical,
    /// What was asked lies out of the bundle of services.
    OutOfBundle,
    /// No source says.
    Unknown,
}

/// A user was asked for feedback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackOffer {
    /// Which.
    pub feedback: FeedbackId,
    /// The accompaniment it is about, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accompaniment: Option<AccompanimentId>,
}

/// What a user answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// Which.
    pub feedback: FeedbackId,
    /// Satisfaction, 1 to 5; absent where that question was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<u8>,
    /// Whether the user holds the request resolved.
    pub resolved: Known,
    /// What the user would have done without this permanence.
    pub otherwise: Otherwise,
}

/// What a user would have done without the permanence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// Given up.
    GivenUp,
    /// Gone farther.
    GoneFarther,
    /// Done it online alone.
    OnlineAlone,
    /// Asked somebody near.
    AskedSomebody,
    /// Something else.
    Other,
    /// The question was left out, or the user could not tell.
    Unknown,
}

/// A user who was asked declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackDecline {
    /// Which.
    pub feedback: FeedbackId,
}

/// The codes that values are stored and filtered by in read models.
macro_rules! codes {
    ($($name:ident { $($value:ident => $code:literal,)+ })+) => {$(
        impl $name {
            /// The code it is stored and filtered by.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$value => $code,)+
                }
            }

            /// The value of a code.
            #[must_use]
            pub fn of_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$value),)+
                    _ => None,
                }
            }
        }
    )+};
}

codes! {
    CancellationCause {
        AdviserAbsent => "adviser-absent",
        VenueUnavailable => "venue-unavailable",
        Technical => "technical",
        Weather => "weather",
        NoAppointment => "no-appointment",
        Other => "other",
    }
    AppointmentOutcome {
        Seen => "seen",
        NoShow => "no-show",
        Excused => "excused",
        Revoked => "revoked",
        Unknown => "unknown",
    }
    RequestLevel {
        Information => "information",
        Accompaniment => "accompaniment",
        Referral => "referral",
        Unknown => "unknown",
    }
    RequestOutcome {
        Resolved => "resolved",
        ToFinishAlone => "to-finish-alone",
        MustComeBack => "must-come-back",
        Referred => "referred",
        Abandoned => "abandoned",
        Unknown => "unknown",
    }
    AgeBand {
        Under25 => "under-25",
        From25To44 => "25-44",
        From45To64 => "45-64",
        From65To79 => "65-79",
        From80 => "80-and-over",
    }
    TurningAwayCause {
        Full => "full",
        NoAppointment => "no-appointment",
        Closed => "closed",
        Technical => "technical",
        OutOfBundle => "out-of-bundle",
        Unknown => "unknown",
    }
    Otherwise {
        GivenUp => "given-up",
        GoneFarther => "gone-farther",
        OnlineAlone => "online-alone",
        AskedSomebody => "asked-somebody",
        Other => "other",
        Unknown => "unknown",
    }
}
