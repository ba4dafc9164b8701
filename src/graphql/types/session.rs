//! Sessions: what was done at a permanence on one day.

use async_graphql::{
    ComplexObject, Context, Enum, ID, Object, Result, SimpleObject, connection::PageInfo,
};

use super::{
    activity::PeriodInput,
    adviser::Adviser,
    common::Provenance,
    experiment::Experiment,
    page::{EventConnection, continued, encode},
    permanence::Permanence,
    place::Commune,
    venue::Known,
};
use crate::{
    domain::{
        calendar::instant,
        event::{SessionKey, Stated, StreamId},
        session::{self as domain, FeedbackAnswer},
        terms::SessionId,
    },
    graphql::{
        api,
        fault::Fault,
        id::NodeId,
        scalars::{Date, Instant, LocalTime, Position, Uuid},
    },
    read::{
        At, Found,
        activity::{Scope, SessionsAsked},
        history::Of,
        page::{Cursor, Window},
    },
};

/// A session (tenue de permanence): one day's holding of a permanence, and what was done there. It
/// names no user.
pub(in crate::graphql) struct Session {
    at: At,
    key: SessionKey,
    found: Found<SessionId, domain::Session>,
}

impl Session {
    /// The session, as known at the moment; `None` if nothing is known of it.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: SessionId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.session(at, id).await {
            Ok(found) => {
                let found = found?;
                let key = found.state.key?;
                Some(Ok(Self { at, key, found }))
            }
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    /// The departement of the venue of that day: it tells the time zone.
    async fn departement(&self, ctx: &Context<'_>) -> Result<String> {
        let api = api(ctx);
        let read = async {
            let permanence = api.reads.permanence(self.at, self.key.permanence).await?;
            let terms = permanence.and_then(|found| found.state.terms_on(self.key.date));
            let Some(terms) = terms else {
                return Ok(None);
            };
            api.reads.venue(self.at, terms.what.venue).await
        };
        let venue = read.await.map_err(|error| api.failed_read(&error))?;
        let agreed = venue.as_ref().and_then(|found| found.state.agreed.as_ref());
        let departement = agreed.map(|agreed| agreed.what.commune.departement().to_owned());
        Ok(departement.unwrap_or_default())
    }
}

/// A page of sessions, by day.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct SessionConnection {
    /// The sessions of the page, each with its cursor.
    edges: Vec<SessionEdge>,
    /// Where the page begins and ends.
    page_info: PageInfo,
    /// The position of the log that the whole list is read at: turning its pages neither skips
    /// nor repeats.
    position: Position,
}

/// A session of a page.
#[derive(SimpleObject)]
pub(in crate::graphql) struct SessionEdge {
    /// Its cursor.
    cursor: String,
    /// The session.
    node: Session,
}

/// The order of lists of sessions, for cursors.
const BY_DAY: &str = "session-by-day";

/// The place of a session that a cursor tells.
fn place(cursor: &Cursor) -> Result<(chrono::NaiveDate, SessionId), Fault> {
    let day = cursor.key.parse().map_err(|_| Fault::Cursor)?;
    let id = cursor.id.parse().map_err(|_| Fault::Cursor)?;
    Ok((day, id))
}

#[ComplexObject]
impl SessionConnection {
    /// The sessions of the page.
    async fn nodes(&self) -> Vec<&Session> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
}

impl SessionConnection {
    /// A page of the sessions of a scope and period.
    pub(in crate::graphql) async fn read(
        ctx: &Context<'_>,
        at: At,
        scope: Scope,
        period: Option<PeriodInput>,
        window: Result<Window, Fault>,
    ) -> Result<Self> {
        let api = api(ctx);
        let period = period.map(PeriodInput::parse).transpose();
        let period = period.map_err(Fault::from)?;
        let window = window?;
        let at = continued(at, window.cursor(), BY_DAY)?;
        let asked = SessionsAsked {
            period,
            after: window.after.as_ref().map(place).transpose()?,
            before: window.before.as_ref().map(place).transpose()?,
            limit: window.limit + 1,
            from_end: window.from_end,
        };
        let listed = api.reads.sessions(at, scope, asked).await;
        let mut listed = listed.map_err(|error| api.failed_read(&error))?;
        let more = listed.len() > window.limit as usize;
        listed.truncate(window.limit as usize);
        if window.from_end {
            listed.reverse();
        }
        let ids: Vec<SessionId> = listed.into_iter().map(|(_, id)| id).collect();
        let found = api.reads.sessions_of(at, &ids).await;
        let found = found.map_err(|error| api.failed_read(&error))?;
        let edges: Vec<SessionEdge> = found
            .into_iter()
            .filter_map(|found| {
                let key = found.state.key?;
                let cursor = encode(&Cursor {
                    order: BY_DAY.to_owned(),
                    key: key.date.to_string(),
                    id: found.id.to_string(),
                    position: at.position,
                });
                let node = Session { at, key, found };
                Some(SessionEdge { cursor, node })
            })
            .collect();
        let cursor = |edge: &SessionEdge| edge.cursor.clone();
        Ok(Self {
            page_info: PageInfo {
                has_previous_page: if window.from_end {
                    more
                } else {
                    asked.after.is_some()
                },
                has_next_page: if window.from_end {
                    asked.before.is_some()
                } else {
                    more
                },
                start_cursor: edges.first().map(cursor),
                end_cursor: edges.last().map(cursor),
            },
            edges,
            position: Position(at.position),
        })
    }
}

/// A session (tenue de permanence): one day's holding of a permanence, and what was done there. It
/// names no user.
#[Object]
impl Session {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Session(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// The day.
    async fn date(&self) -> Date {
        Date(self.key.date)
    }

    /// The permanence it is of.
    async fn permanence(&self, ctx: &Context<'_>) -> Option<Result<Permanence>> {
        Permanence::find(ctx, self.at, self.key.permanence).await
    }

    /// The experiment it belongs to.
    async fn experiment(&self, ctx: &Context<'_>) -> Option<Result<Experiment>> {
        Experiment::find(ctx, self.at, self.key.experiment).await
    }

    /// How it was held; absent where nobody recorded that it was.
    async fn held(&self, ctx: &Context<'_>) -> Option<Result<SessionHolding>> {
        let stated = self.found.state.held.clone()?;
        Some(self.departement(ctx).await.map(|departement| {
            let at = |time| instant(self.key.date, time, &departement);
            let (starts_at, ends_at) = (at(stated.what.starts), at(stated.what.ends));
            SessionHolding {
                at: self.at,
                time_zone: starts_at.timezone().name(),
                starts_at: starts_at.into(),
                ends_at: ends_at.into(),
                stated,
            }
        }))
    }

    /// Its cancellation, if it was cancelled.
    async fn cancellation(&self) -> Option<SessionCancellation> {
        self.found.state.cancelled.as_ref().map(Into::into)
    }

    /// The appointments booked for it.
    async fn appointments(&self) -> Vec<Appointment> {
        self.found
            .state
            .appointments
            .iter()
            .map(Into::into)
            .collect()
    }

    /// What was done for users, visit by visit.
    async fn accompaniments(&self) -> Vec<Accompaniment> {
        let known = self.found.state.accompaniments.iter();
        known.map(Into::into).collect()
    }

    /// Users who were turned away.
    async fn turned_away(&self) -> Vec<TurningAway> {
        self.found
            .state
            .turned_away
            .iter()
            .map(Into::into)
            .collect()
    }

    /// What users were asked, and answered.
    async fn feedback(&self) -> Vec<Feedback> {
        self.found.state.feedback.iter().map(Into::into).collect()
    }

    /// Whether any of its events was invented.
    async fn synthetic(&self) -> bool {
        self.found.state.synthetic
    }

    /// What was recorded of it, in that order; no sentence of it ever names anybody.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Option<Result<EventConnection>> {
        let subject = Of::Subject(StreamId::Session(self.found.id));
        Some(EventConnection::read(ctx, self.at, subject, first, after).await)
    }
}

/// How a session was really held.
pub(in crate::graphql) struct SessionHolding {
    at: At,
    starts_at: Instant,
    ends_at: Instant,
    time_zone: &'static str,
    stated: Stated<domain::Holding>,
}

/// How a session was really held.
#[Object]
impl SessionHolding {
    /// When it began, with the offset of the venue's time zone.
    async fn starts_at(&self) -> Instant {
        self.starts_at
    }

    /// When it ended, with the offset of the venue's time zone.
    async fn ends_at(&self) -> Instant {
        self.ends_at
    }

    /// The venue's time zone.
    async fn time_zone(&self) -> &str {
        self.time_zone
    }

    /// How long it was held, in minutes.
    async fn minutes(&self) -> i64 {
        self.stated.what.minutes()
    }

    /// How many people held it.
    async fn adviser_count(&self) -> u32 {
        self.stated.what.adviser_count.into()
    }

    /// Those of them who are registered.
    async fn advisers(&self, ctx: &Context<'_>) -> Option<Result<Vec<Adviser>>> {
        let api = api(ctx);
        let ids: Vec<_> = self.stated.what.advisers.iter().copied().collect();
        match api.reads.advisers(self.at, &ids).await {
            Ok(found) => {
                let found = found.into_iter();
                Some(Ok(found
                    .map(|found| Adviser::new(self.at, found))
                    .collect()))
            }
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    /// How it came to be known.
    async fn provenance(&self) -> Provenance {
        (&self.stated).into()
    }
}

/// Why a session was not held.
#[derive(SimpleObject)]
pub(in crate::graphql) struct SessionCancellation {
    /// The cause.
    cause: CancellationCause,
    /// The cause in words.
    words: Option<String>,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stated<domain::Cancellation>> for SessionCancellation {
    fn from(stated: &Stated<domain::Cancellation>) -> Self {
        Self {
            cause: stated.what.cause.into(),
            words: stated.what.words.as_ref().map(ToString::to_string),
            provenance: stated.into(),
        }
    }
}

/// An appointment (rendez-vous). It names no user.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Appointment {
    /// What its outcome is recorded under.
    id: Uuid,
    /// Its local time, where it is known.
    at: Option<LocalTime>,
    /// The code of the operator it is about, where that is known.
    operator: Option<String>,
    /// How its booking came to be known.
    booked: Option<Provenance>,
    /// What became of it; absent where nobody recorded it.
    outcome: Option<AppointmentOutcome>,
    /// How its outcome came to be known.
    ended: Option<Provenance>,
}

impl From<&domain::AppointmentCourse> for Appointment {
    fn from(course: &domain::AppointmentCourse) -> Self {
        let booking = course.booked.as_ref().map(|booked| &booked.what);
        let ended = course.ended.as_ref();
        Self {
            id: Uuid(course.appointment.0),
            at: booking.and_then(|booking| booking.at).map(LocalTime),
            operator: booking
                .and_then(|booking| booking.operator.as_ref())
                .map(ToString::to_string),
            booked: course.booked.as_ref().map(Into::into),
            outcome: ended.map(|ended| ended.what.outcome.into()),
            ended: ended.map(Into::into),
        }
    }
}

/// An accompaniment (accompagnement): what was done for one user in one visit. It names no user.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Accompaniment {
    /// What feedback on it is recorded under.
    id: Uuid,
    /// How long it took, in minutes, where that is known.
    minutes: Option<u32>,
    /// What was asked: one visit may hold several requests.
    requests: Vec<ServiceRequest>,
    /// Whether it was the user's first visit to a France Services.
    first_visit: Known,
    /// Where the user lives, if given.
    residence: Option<Commune>,
    /// The user's age band, if given.
    age_band: Option<AgeBand>,
    /// The appointment it was booked by, if it was.
    appointment_id: Option<Uuid>,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stated<domain::Accompaniment>> for Accompaniment {
    fn from(stated: &Stated<domain::Accompaniment>) -> Self {
        let what = &stated.what;
        Self {
            id: Uuid(what.accompaniment.0),
            minutes: what.minutes.map(Into::into),
            requests: what.requests.iter().map(Into::into).collect(),
            first_visit: what.first_visit.into(),
            residence: what.residence.map(Into::into),
            age_band: what.age_band.map(Into::into),
            appointment_id: what.appointment.map(|appointment| Uuid(appointment.0)),
            provenance: stated.into(),
        }
    }
}

/// A request (demande) of an accompaniment.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ServiceRequest {
    /// The code of the operator it concerns; absent where it lies out of the bundle of services.
    operator: Option<String>,
    /// Whether it lies out of the bundle of services (hors bouquet).
    out_of_bundle: bool,
    /// The code of what it is about, where that is known.
    theme: Option<String>,
    /// How far help went.
    level: RequestLevel,
    /// What came of it.
    outcome: RequestOutcome,
}

impl From<&domain::Request> for ServiceRequest {
    fn from(request: &domain::Request) -> Self {
        Self {
            operator: request.operator.as_ref().map(ToString::to_string),
            out_of_bundle: request.operator.is_none(),
            theme: request.theme.as_ref().map(ToString::to_string),
            level: request.level.into(),
            outcome: request.outcome.into(),
        }
    }
}

/// Users who were turned away without being served.
#[derive(SimpleObject)]
pub(in crate::graphql) struct TurningAway {
    /// What it was recorded under.
    id: Uuid,
    /// How many users.
    users: u32,
    /// Why.
    cause: TurningAwayCause,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stated<domain::TurningAway>> for TurningAway {
    fn from(stated: &Stated<domain::TurningAway>) -> Self {
        Self {
            id: Uuid(stated.what.turning_away.0),
            users: stated.what.users.into(),
            cause: stated.what.cause.into(),
            provenance: stated.into(),
        }
    }
}

/// Feedback (avis) that a user was asked for: at most one of `received` and `declined` is there.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Feedback {
    /// What the answer is recorded under.
    id: Uuid,
    /// The accompaniment it is about, where that is known.
    accompaniment_id: Option<Uuid>,
    /// How it came to be known that the user was asked.
    offered: Option<Provenance>,
    /// What the user answered.
    received: Option<FeedbackReceived>,
    /// How it came to be known that the user declined.
    declined: Option<Provenance>,
}

impl From<&domain::FeedbackCourse> for Feedback {
    fn from(course: &domain::FeedbackCourse) -> Self {
        let (received, declined) = match &course.answer {
            Some(FeedbackAnswer::Received(received)) => (Some(received.into()), None),
            Some(FeedbackAnswer::Declined(declined)) => (None, Some(declined.into())),
            None => (None, None),
        };
        let offer = course.offered.as_ref();
        let accompaniment = offer.and_then(|offer| offer.what.accompaniment);
        Self {
            id: Uuid(course.feedback.0),
            accompaniment_id: accompaniment.map(|accompaniment| Uuid(accompaniment.0)),
            offered: offer.map(Into::into),
            received,
            declined,
        }
    }
}

/// What a user answered.
#[derive(SimpleObject)]
pub(in crate::graphql) struct FeedbackReceived {
    /// Satisfaction, 1 to 5; absent where that question was left out.
    satisfaction: Option<u32>,
    /// Whether the user holds the request resolved.
    resolved: Known,
    /// What the user would have done without the permanence.
    otherwise: Otherwise,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stated<domain::Feedback>> for FeedbackReceived {
    fn from(stated: &Stated<domain::Feedback>) -> Self {
        Self {
            satisfaction: stated.what.satisfaction.map(Into::into),
            resolved: stated.what.resolved.into(),
            otherwise: stated.what.otherwise.into(),
            provenance: stated.into(),
        }
    }
}

/// Why a session was not held.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::CancellationCause")]
pub(in crate::graphql) enum CancellationCause {
    /// Nobody could hold it (conseiller absent).
    AdviserAbsent,
    /// The venue was closed or in use (lieu indisponible).
    VenueUnavailable,
    /// Network, equipment, power (panne).
    Technical,
    /// Snow, flood, storm (intemperies).
    Weather,
    /// Nobody had booked (aucun rendez-vous).
    NoAppointment,
    /// Something else, told in words (autre cause).
    Other,
}

/// What became of an appointment.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::AppointmentOutcome")]
pub(in crate::graphql) enum AppointmentOutcome {
    /// The user was seen (honore).
    Seen,
    /// The user did not come (non honore).
    NoShow,
    /// The user did not come, and had said so (excuse).
    Excused,
    /// The carrier took it back (repris par le porteur).
    Revoked,
    /// No source says.
    Unknown,
}

/// How far help with a request went.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::RequestLevel")]
pub(in crate::graphql) enum RequestLevel {
    /// Information was given (information).
    Information,
    /// The user was accompanied through the procedure (accompagnement).
    Accompaniment,
    /// The user was referred to the operator (reorientation).
    Referral,
    /// No source says.
    Unknown,
}

/// What came of a request.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::RequestOutcome")]
pub(in crate::graphql) enum RequestOutcome {
    /// Resolved on the spot (resolu sur place).
    Resolved,
    /// The user is to finish alone (a finir seul).
    ToFinishAlone,
    /// The user must come back (doit revenir).
    MustComeBack,
    /// Referred to somebody else (reoriente).
    Referred,
    /// Given up (abandonne).
    Abandoned,
    /// No source says.
    Unknown,
}

/// An age band (tranche d'age): wide enough that none names anybody.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::AgeBand")]
pub(in crate::graphql) enum AgeBand {
    /// Under 25.
    #[graphql(name = "UNDER_25")]
    Under25,
    /// 25 to 44.
    #[graphql(name = "FROM_25_TO_44")]
    From25To44,
    /// 45 to 64.
    #[graphql(name = "FROM_45_TO_64")]
    From45To64,
    /// 65 to 79.
    #[graphql(name = "FROM_65_TO_79")]
    From65To79,
    /// 80 and over.
    #[graphql(name = "FROM_80")]
    From80,
}

/// Why users were turned away.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::TurningAwayCause")]
pub(in crate::graphql) enum TurningAwayCause {
    /// There was no time left (plus de place).
    Full,
    /// The user came without the appointment it takes (sans rendez-vous).
    NoAppointment,
    /// The user came outside the hours, or nobody was there (permanence fermee).
    Closed,
    /// The network or the equipment failed (panne).
    Technical,
    /// What was asked lies out of the bundle of services (hors bouquet).
    OutOfBundle,
    /// No source says.
    Unknown,
}

/// What a user would have done without the permanence.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Otherwise")]
pub(in crate::graphql) enum Otherwise {
    /// Given up (renoncement).
    GivenUp,
    /// Gone farther (trajet plus loin).
    GoneFarther,
    /// Done it online alone (seul en ligne).
    OnlineAlone,
    /// Asked somebody near (aide d'un proche).
    AskedSomebody,
    /// Something else (autre solution).
    Other,
    /// The question was left out, or the user could not tell.
    Unknown,
}
