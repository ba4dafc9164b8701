//! Mutations of sessions. No user is named in any of them; a pseudonym is sealed here, before it
//! becomes an entry.

use async_graphql::{Context, ID, InputObject, Object, Result};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Asked, Intent, Written, answer,
    input::{Common, Fields, adviser_id, permanence_id},
    payloads, refused, unnamed, write,
};
use crate::{
    domain::{
        entry::{Command, Entry},
        event::{Event, StreamId},
        permanence::HELD_BY_MAX,
        refusal::Refusal,
        session::{
            self as domain, MINUTES_MAX, REQUESTS_MAX, SATISFACTION_MAX, SessionEvent, SessionRef,
            USERS_MAX, check_pseudonym,
        },
        terms::{
            self, AccompanimentId, AppointmentId, FeedbackId, PermanenceId, Sealed, SessionId,
            Slug, TurningAwayId, Validity, Words,
        },
    },
    graphql::{
        api,
        fault::Fault,
        now_of,
        scalars::{Date, InseeCode, LocalTime, Uuid},
        types::{
            session::{
                AgeBand, AppointmentOutcome, CancellationCause, Otherwise, RequestLevel,
                RequestOutcome, Session, TurningAwayCause,
            },
            venue::Known,
        },
    },
    limits::READ_OWN_WRITE,
    privacy::{Person, SealError, Use},
};

payloads! {
    session: Session, Session, "The session as it now stands; absent where nothing is known of it.";
    HoldSessionPayload, CancelSessionPayload, BookAppointmentPayload,
    RecordAppointmentOutcomePayload, RecordAccompanimentPayload, RecordTurnedAwayPayload,
    OfferFeedbackPayload, RecordFeedbackPayload, DeclineFeedbackPayload,
}

/// Mutations of sessions.
#[derive(Default)]
pub(super) struct SessionMutation;

/// Mutations of sessions.
#[Object]
impl SessionMutation {
    /// Record that a permanence was held on a day.
    async fn hold_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: HoldSessionInput,
    ) -> Result<HoldSessionPayload> {
        HoldSessionPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that a permanence was not held on a day.
    async fn cancel_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: CancelSessionInput,
    ) -> Result<CancelSessionPayload> {
        CancelSessionPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that an appointment was booked. It names no user.
    async fn book_appointment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: BookAppointmentInput,
    ) -> Result<BookAppointmentPayload> {
        BookAppointmentPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record what became of an appointment.
    async fn record_appointment_outcome(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RecordAppointmentOutcomeInput,
    ) -> Result<RecordAppointmentOutcomePayload> {
        RecordAppointmentOutcomePayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record what was done for one user in one visit. It names no user.
    async fn record_accompaniment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RecordAccompanimentInput,
    ) -> Result<RecordAccompanimentPayload> {
        RecordAccompanimentPayload::new(ctx, input.write(ctx).await?).await
    }

    /// Record that users were turned away without being served.
    async fn record_turned_away(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RecordTurnedAwayInput,
    ) -> Result<RecordTurnedAwayPayload> {
        RecordTurnedAwayPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that a user was asked for feedback.
    async fn offer_feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: OfferFeedbackInput,
    ) -> Result<OfferFeedbackPayload> {
        OfferFeedbackPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record what a user who was asked for feedback answered.
    async fn record_feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RecordFeedbackInput,
    ) -> Result<RecordFeedbackPayload> {
        RecordFeedbackPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that a user who was asked for feedback declined.
    async fn decline_feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: DeclineFeedbackInput,
    ) -> Result<DeclineFeedbackPayload> {
        DeclineFeedbackPayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What every entry of a session states.
#[derive(InputObject)]
struct OfSession {
    #[graphql(flatten)]
    common: Common,
    /// The permanence.
    permanence_id: ID,
    /// The day.
    date: Date,
}

impl OfSession {
    fn session(&self, fields: &mut Fields) -> Option<SessionRef> {
        let permanence = permanence_id(fields, "permanenceId", &self.permanence_id)?;
        Some(SessionRef {
            permanence,
            date: self.date.0,
        })
    }

    fn entry(&self, fields: &mut Fields, event: Option<SessionEvent>) -> Option<Entry> {
        let session = self.session(fields);
        let command = session
            .zip(event)
            .map(|(session, event)| Command::Session(session, event));
        let valid = Validity {
            until: Some(self.date.0),
            ..Validity::from(self.date.0)
        };
        self.common.entry(fields, valid, command)
    }

    /// The identity of what happened at the session.
    fn id(
        &self,
        fields: &mut Fields,
        field: &str,
        given: Option<Uuid>,
        of: impl FnOnce(&SessionEvent) -> Option<uuid::Uuid>,
    ) -> Option<uuid::Uuid> {
        fields.identity(&self.common, field, given, |event| {
            if let Event::Session(_, event) = event {
                of(event)
            } else {
                None
            }
        })
    }
}

fn slug(raw: Option<&str>) -> std::result::Result<Option<Slug>, Refusal> {
    raw.map(Slug::try_new).transpose()
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct HoldSessionInput {
    #[graphql(flatten)]
    of: OfSession,
    /// When it really began, in the venue's local time.
    starts: LocalTime,
    /// When it really ended, on the same day.
    ends: LocalTime,
    /// How many people held it.
    adviser_count: i32,
    /// Those of them who are registered.
    #[graphql(default)]
    adviser_ids: Vec<ID>,
}

impl Intent for HoldSessionInput {
    fn common(&self) -> &Common {
        &self.of.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let count = u8::try_from(self.adviser_count).map_err(|_| Refusal::HeldByCount {
            count: self.adviser_count.into(),
            max: HELD_BY_MAX,
        });
        let adviser_count = fields.take("adviserCount", count);
        let advisers: Vec<_> = self
            .adviser_ids
            .iter()
            .enumerate()
            .map(|(index, id)| adviser_id(fields, &format!("adviserIds.{index}"), id))
            .collect();
        let event = (|| {
            Some(SessionEvent::Held(domain::Holding {
                starts: self.starts.0,
                ends: self.ends.0,
                adviser_count: adviser_count?,
                advisers: advisers.into_iter().collect::<Option<_>>()?,
            }))
        })();
        self.of.entry(fields, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct CancelSessionInput {
    #[graphql(flatten)]
    of: OfSession,
    /// Why.
    cause: CancellationCause,
    /// Why, in words, without naming anybody; needed where the cause is another one.
    words: Option<String>,
}

impl Intent for CancelSessionInput {
    fn common(&self) -> &Common {
        &self.of.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let words = self.words.as_deref().map(Words::try_new).transpose();
        let event = fields.take("words", words).map(|words| {
            SessionEvent::Cancelled(domain::Cancellation {
                cause: self.cause.into(),
                words,
            })
        });
        self.of.entry(fields, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct BookAppointmentInput {
    #[graphql(flatten)]
    of: OfSession,
    /// The appointment, if its id is already chosen; else it is the command's.
    appointment_id: Option<Uuid>,
    /// Its local time, where it is known.
    at: Option<LocalTime>,
    /// The code of the operator it is about, where that is known.
    operator: Option<String>,
}

impl Intent for BookAppointmentInput {
    fn common(&self) -> &Common {
        &self.of.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let operator = fields.take("operator", slug(self.operator.as_deref()));
        let given = self.appointment_id;
        let id = self.of.id(fields, "appointmentId", given, |event| {
            if let SessionEvent::AppointmentBooked(booked) = event {
                Some(booked.appointment.0)
            } else {
                None
            }
        });
        let event = id.zip(operator).map(|(id, operator)| {
            SessionEvent::AppointmentBooked(domain::Booking {
                appointment: AppointmentId(id),
                at: self.at.map(|at| at.0),
                operator,
            })
        });
        self.of.entry(fields, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RecordAppointmentOutcomeInput {
    #[graphql(flatten)]
    of: OfSession,
    /// The appointment.
    appointment_id: Uuid,
    /// What became of it.
    outcome: AppointmentOutcome,
}

impl Intent for RecordAppointmentOutcomeInput {
    fn common(&self) -> &Common {
        &self.of.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let event = SessionEvent::AppointmentEnded(domain::AppointmentEnd {
            appointment: AppointmentId(self.appointment_id.0),
            outcome: self.outcome.into(),
        });
        self.of.entry(fields, Some(event))
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RecordAccompanimentInput {
    #[graphql(flatten)]
    of: OfSession,
    /// The accompaniment, if its id is already chosen; else it is the command's.
    accompaniment_id: Option<Uuid>,
    /// How long it took, 1 to 600 minutes, where that is known.
    minutes: Option<i32>,
    /// What was asked, 1 to 20 requests.
    requests: Vec<ServiceRequestInput>,
    /// Whether it was the user's first visit to a France Services.
    first_visit: Known,
    /// Where the user lives, if given.
    residence: Option<InseeCode>,
    /// The user's age band, if given.
    age_band: Option<AgeBand>,
    /// The appointment it was booked by, if it was: one of this session.
    appointment_id: Option<Uuid>,
    /// A pseudonym by which visits of one user can be told to be so; never a name nor a number by
    /// which somebody is known. 1 to 32 letters and digits, one digit at least. It is sealed before
    /// it is stored, and shown nowhere.
    pseudonym: Option<String>,
}

/// A request of an accompaniment.
#[derive(InputObject)]
struct ServiceRequestInput {
    /// The code of the operator it concerns; absent where it lies out of the bundle of services.
    operator: Option<String>,
    /// The code of what it is about, where that is known.
    theme: Option<String>,
    /// How far help went.
    level: RequestLevel,
    /// What came of it.
    outcome: RequestOutcome,
}

impl ServiceRequestInput {
    fn parse(&self, fields: &mut Fields, index: usize) -> Option<domain::Request> {
        let field = |name: &str| format!("requests.{index}.{name}");
        let operator = fields.take(&field("operator"), slug(self.operator.as_deref()));
        let theme = fields.take(&field("theme"), slug(self.theme.as_deref()));
        Some(domain::Request {
            operator: operator?,
            theme: theme?,
            level: self.level.into(),
            outcome: self.outcome.into(),
        })
    }
}

impl RecordAccompanimentInput {
    async fn write(mut self, ctx: &Context<'_>) -> Result<Written> {
        let api = api(ctx);
        let mut fields = Fields::of(ctx, &self.of.common).await?;
        let asked = Asked::of(&self.of.common);
        let pseudonym = self.pseudonym.take().map(SecretString::from);
        if let Some(pseudonym) = &pseudonym {
            fields.take("pseudonym", check_pseudonym(pseudonym.expose_secret()));
        }
        let accompaniment = self.parse(&mut fields);
        let session = self.of.session(&mut Fields::default());
        let event = match (accompaniment, pseudonym, session) {
            // No key is made for what is refused anyhow.
            (Some(accompaniment), Some(pseudonym), Some(session)) if fields.are_right() => {
                let sealed = seal(ctx, &mut fields, session.permanence, pseudonym).await?;
                sealed.map(|sealed| {
                    SessionEvent::Accompanied(domain::Accompaniment {
                        pseudonym: Some(sealed),
                        ..accompaniment
                    })
                })
            }
            (Some(accompaniment), None, _) => Some(SessionEvent::Accompanied(accompaniment)),
            (Some(_) | None, _, _) => None,
        };
        let entry = self.of.entry(&mut fields, event);
        if let Some(entry) = &entry {
            unnamed::check_entry(api, &mut fields, entry).await?;
        }
        match asked.request(ctx, entry, fields).await? {
            Ok(request) => {
                let subject = request.entry.command.subject();
                answer(ctx, subject, api.commands.execute(request).await).await
            }
            Err(errors) => {
                let subject = session.map(|session| StreamId::Session(SessionId::from(session)));
                Ok(refused(ctx, subject, errors))
            }
        }
    }

    /// What is recorded, but for the pseudonym.
    fn parse(&self, fields: &mut Fields) -> Option<domain::Accompaniment> {
        let minutes = self.minutes.map(|minutes| {
            u16::try_from(minutes).map_err(|_| Refusal::MinutesOutOfRange {
                minutes: minutes.into(),
                max: MINUTES_MAX,
            })
        });
        let minutes = fields.take("minutes", minutes.transpose());
        let count = self.requests.len();
        let requests = if count > REQUESTS_MAX {
            let max = REQUESTS_MAX;
            fields.take("requests", Err(Refusal::RequestCount { count, max }))
        } else {
            let requests = self.requests.iter().enumerate();
            let requests: Vec<Option<domain::Request>> = requests
                .map(|(index, request)| request.parse(fields, index))
                .collect();
            requests.into_iter().collect::<Option<Vec<_>>>()
        };
        let residence = self.residence.as_ref();
        let residence = residence.map(|code| terms::InseeCode::try_new(&code.0));
        let residence = fields.take("residence", residence.transpose());
        let given = self.accompaniment_id;
        let id = self.of.id(fields, "accompanimentId", given, |event| {
            if let SessionEvent::Accompanied(accompanied) = event {
                Some(accompanied.accompaniment.0)
            } else {
                None
            }
        });
        Some(domain::Accompaniment {
            accompaniment: AccompanimentId(id?),
            minutes: minutes?,
            requests: requests?,
            first_visit: self.first_visit.into(),
            residence: residence?,
            age_band: self.age_band.map(Into::into),
            appointment: self.appointment_id.map(|id| AppointmentId(id.0)),
            pseudonym: None,
        })
    }
}

/// A pseudonym, sealed with the key of the experiment; what is wrong goes to `fields`. The key is
/// made at its first use; never in place of one that is lost, or visits of one user before and
/// after could no longer be told to be so.
async fn seal(
    ctx: &Context<'_>,
    fields: &mut Fields,
    permanence: PermanenceId,
    pseudonym: SecretString,
) -> Result<Option<Sealed>> {
    let api = api(ctx);
    let experiment = api.commands.experiment_of(permanence).await;
    let experiment = experiment.map_err(|error| api.failed_command(&error))?;
    let Some(experiment) = experiment else {
        return Ok(fields.take("permanenceId", Err(Refusal::UnknownPermanence)));
    };
    let seal = |person, text| {
        let whose = experiment.visitors();
        api.keys.seal(whose, person, Use::VisitorPseudonym, text)
    };
    let mut sealed = seal(Person::Known, pseudonym.clone()).await;
    if let Err(SealError::KeyMissing) = sealed {
        // Whatever was ever sealed for the experiment is to be seen.
        let waited = api
            .reads
            .wait_for(api.commands.head(), READ_OWN_WRITE)
            .await;
        waited.map_err(Fault::from)?;
        let used = api.reads.has_pseudonyms(now_of(ctx), experiment).await;
        // Used by now: somebody else made the key meanwhile, or it is lost indeed.
        let person = if used.map_err(|error| api.failed_read(&error))? {
            Person::Known
        } else {
            Person::New
        };
        sealed = seal(person, pseudonym).await;
    }
    match sealed {
        Ok(sealed) => Ok(Some(sealed)),
        Err(SealError::Erased) => Ok(fields.take("pseudonym", Err(Refusal::PersonErased))),
        Err(SealError::KeyMissing) => {
            let message = "La clé des pseudonymes de cette expérimentation manque ou est \
                           endommagée : aucun ne peut être scellé tant qu'elle n'est pas remise \
                           dans le répertoire des clés. Un accompagnement s'inscrit aussi sans \
                           pseudonyme.";
            fields.note("pseudonym", "KEY_MISSING", message.to_owned());
            Ok(None)
        }
        Err(SealError::Keys(error)) => Err(Fault::internal(&error, api.clock.new_id()).into()),
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RecordTurnedAwayInput {
    #[graphql(flatten)]
    of: OfSession,
    /// The occasion, if its id is already chosen; else it is the command's.
    turning_away_id: Option<Uuid>,
    /// How many users, 1 to 500.
    users: i32,
    /// Why.
    cause: TurningAwayCause,
}

impl Intent for RecordTurnedAwayInput {
    fn common(&self) -> &Common {
        &self.of.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let users = u16::try_from(self.users).map_err(|_| Refusal::UsersOutOfRange {
            users: self.users.into(),
            max: USERS_MAX,
        });
        let users = fields.take("users", users);
        let given = self.turning_away_id;
        let id = self.of.id(fields, "turningAwayId", given, |event| {
            if let SessionEvent::TurnedAway(turned_away) = event {
                Some(turned_away.turning_away.0)
            } else {
                None
            }
        });
        let event = id.zip(users).map(|(id, users)| {
            SessionEvent::TurnedAway(domain::TurningAway {
                turning_away: TurningAwayId(id),
                users,
                cause: self.cause.into(),
            })
        });
        self.of.entry(fields, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct OfferFeedbackInput {
    #[graphql(flatten)]
    of: OfSession,
    /// The feedback, if its id is already chosen; else it is the command's.
    feedback_id: Option<Uuid>,
    /// The accompaniment it is about, where that is known: one of this session.
    accompaniment_id: Option<Uuid>,
}

impl Intent for OfferFeedbackInput {
    fn common(&self) -> &Common {
        &self.of.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let given = self.feedback_id;
        let id = self.of.id(fields, "feedbackId", given, |event| {
            if let SessionEvent::FeedbackOffered(offer) = event {
                Some(offer.feedback.0)
            } else {
                None
            }
        });
        let event = id.map(|id| {
            SessionEvent::FeedbackOffered(domain::FeedbackOffer {
                feedback: FeedbackId(id),
                accompaniment: self.accompaniment_id.map(|id| AccompanimentId(id.0)),
            })
        });
        self.of.entry(fields, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RecordFeedbackInput {
    #[graphql(flatten)]
    of: OfSession,
    /// The feedback that was asked for.
    feedback_id: Uuid,
    /// Satisfaction, 1 to 5; absent where that question was left out.
    satisfaction: Option<i32>,
    /// Whether the user holds the request resolved.
    resolved: Known,
    /// What the user would have done without the permanence.
    otherwise: Otherwise,
}

impl Intent for RecordFeedbackInput {
    fn common(&self) -> &Common {
        &self.of.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let satisfaction = self.satisfaction.map(|satisfaction| {
            u8::try_from(satisfaction).map_err(|_| Refusal::SatisfactionOutOfRange {
                satisfaction: satisfaction.into(),
                max: SATISFACTION_MAX,
            })
        });
        let satisfaction = fields.take("satisfaction", satisfaction.transpose());
        let event = satisfaction.map(|satisfaction| {
            SessionEvent::FeedbackReceived(domain::Feedback {
                feedback: FeedbackId(self.feedback_id.0),
                satisfaction,
                resolved: self.resolved.into(),
                otherwise: self.otherwise.into(),
            })
        });
        self.of.entry(fields, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct DeclineFeedbackInput {
    #[graphql(flatten)]
    of: OfSession,
    /// The feedback that was asked for.
    feedback_id: Uuid,
}

impl Intent for DeclineFeedbackInput {
    fn common(&self) -> &Common {
        &self.of.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let event = SessionEvent::FeedbackDeclined(domain::FeedbackDecline {
            feedback: FeedbackId(self.feedback_id.0),
        });
        self.of.entry(fields, Some(event))
    }
}
