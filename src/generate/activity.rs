//! Synthetic activity: what is done, week after week, at the permanences of a synthetic experiment.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use uuid::Uuid;

use super::{Maker, OPERATORS, after};
use crate::domain::{
    entry::{Command, Entry},
    event::{Correction, Saying, Source},
    experiment::ExperimentCommand,
    permanence::PermanenceCommand,
    refusal::Refusal,
    session::{
        Accompaniment, AgeBand, AppointmentEnd, AppointmentOutcome, Booking, Cancellation,
        CancellationCause, Feedback, FeedbackDecline, FeedbackOffer, Holding, Otherwise, Request,
        RequestLevel, RequestOutcome, SessionEvent, SessionRef, TurningAway, TurningAwayCause,
    },
    terms::{
        AccompanimentId, AppointmentId, CommandId, FeedbackId, InseeCode, PermanenceId, Position,
        Slug, TurningAwayId, Validity, Words,
    },
    venue::Known,
};

const THEMES: [&str; 6] = [
    "carte-grise",
    "retraite",
    "prime-activite",
    "impots",
    "acces-aux-droits",
    "recherche-emploi",
];

/// The permanences of a synthetic experiment, and what is done there week after week.
#[derive(Debug, Clone)]
pub struct Activity {
    seed: u64,
    index: u64,
    source: Source,
    permanences: Vec<Slot>,
    communes: Vec<InseeCode>,
    /// The first day on which no session can be held any more.
    closed: Option<NaiveDate>,
}

/// When a permanence is held.
#[derive(Debug, Clone, Copy)]
struct Slot {
    id: PermanenceId,
    from: NaiveDate,
}

/// What is recorded of one session.
#[derive(Debug, Clone)]
pub struct Page {
    /// Under which identity.
    pub command_id: CommandId,
    /// The entries, in the order they are written.
    pub entries: Vec<Entry>,
    /// Corrections: the index of an entry, and what takes its place.
    pub corrections: Vec<(CommandId, usize, Entry)>,
}

/// An entry as the correction of what was recorded at a position.
///
/// # Errors
/// [`Refusal`] if a term made here were malformed, which the tests exclude.
pub fn correction(mut entry: Entry, position: Position) -> Result<Entry, Refusal> {
    entry.saying.corrects = Some(Correction {
        entry: position,
        reason: Some(Words::try_new("Erreur de saisie (synthétique)")?),
    });
    Ok(entry)
}

/// The activity of the `index`th synthetic experiment of a seed.
///
/// # Errors
/// [`Refusal`] if a term made here were malformed, which the tests exclude.
pub fn activity(seed: u64, index: u64) -> Result<Activity, Refusal> {
    let mut activity = Activity {
        seed,
        index,
        source: Maker::new(seed, index)?.source,
        permanences: Vec::new(),
        communes: Vec::new(),
        closed: None,
    };
    for (_, entry) in super::experiment(seed, index)? {
        let from = entry.saying.valid.from;
        if let Command::Permanence(id, PermanenceCommand::Schedule { .. }) = entry.command {
            activity.permanences.push(Slot { id, from });
        } else if let Command::Experiment(_, command) = entry.command {
            if let ExperimentCommand::Launch(launch) = command {
                activity.communes.extend(launch.zone);
            } else if let ExperimentCommand::Close(_) = command {
                activity.closed = Some(from);
            }
        }
    }
    Ok(activity)
}

impl Activity {
    /// The sessions of a week, counted from the launch; none once the experiment is closed.
    ///
    /// # Errors
    /// [`Refusal`] if a term made here were malformed, which the tests exclude.
    pub fn week(&self, week: u64) -> Result<Vec<Page>, Refusal> {
        let mut pages = Vec::new();
        for (number, slot) in (0..).zip(&self.permanences) {
            let date = workday(after(slot.from, 7 * week + number));
            if self.closed.is_some_and(|closed| closed <= date) {
                continue;
            }
            let mut maker = Maker::new(self.seed, self.index)?;
            // Random numbers of its own for each session, whichever are made before it.
            maker.rng = ChaCha8Rng::seed_from_u64(self.seed ^ self.index.rotate_left(32));
            maker.rng.set_stream(1_000 * (week + 1) + number);
            let session = Session {
                maker,
                of: SessionRef {
                    permanence: slot.id,
                    date,
                },
                activity: self,
                page: Page {
                    command_id: CommandId(Uuid::nil()),
                    entries: Vec::new(),
                    corrections: Vec::new(),
                },
            };
            pages.push(session.live()?);
        }
        Ok(pages)
    }
}

/// The day itself, or the Monday after it.
fn workday(date: NaiveDate) -> NaiveDate {
    match date.weekday() {
        Weekday::Sat => after(date, 2),
        Weekday::Sun => after(date, 1),
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => date,
    }
}

struct Session<'a> {
    maker: Maker,
    of: SessionRef,
    activity: &'a Activity,
    page: Page,
}

impl Session<'_> {
    fn live(mut self) -> Result<Page, Refusal> {
        self.page.command_id = CommandId(self.maker.uuid());
        if self.maker.one_in(16) {
            let cause = *self.maker.pick(&[
                CancellationCause::AdviserAbsent,
                CancellationCause::VenueUnavailable,
                CancellationCause::Weather,
            ]);
            self.say(SessionEvent::Cancelled(Cancellation { cause, words: None }));
            return Ok(self.page);
        }
        let starts = self.time(9);
        let ends = self.time(12);
        self.say(SessionEvent::Held(Holding {
            starts,
            ends,
            adviser_count: 1,
            advisers: [].into(),
        }));
        let visits = 3 + self.maker.below(14);
        for _ in 0..visits {
            self.visit()?;
        }
        if self.maker.one_in(4) {
            let turning_away = TurningAwayId(self.maker.uuid());
            self.say(SessionEvent::TurnedAway(TurningAway {
                turning_away,
                users: 1,
                cause: TurningAwayCause::Full,
            }));
        }
        Ok(self.page)
    }

    /// One user's visit: perhaps booked, mostly made, at times followed by feedback.
    fn visit(&mut self) -> Result<(), Refusal> {
        let appointment = if self.maker.one_in(3) {
            Some(self.appointment())
        } else {
            None
        };
        if let Some((_, outcome)) = appointment
            && outcome != AppointmentOutcome::Seen
        {
            return Ok(());
        }
        let accompaniment = AccompanimentId(self.maker.uuid());
        let done = self.accompaniment(accompaniment, appointment.map(|(id, _)| id))?;
        self.say(SessionEvent::Accompanied(done.clone()));
        if self.maker.one_in(40) {
            let index = self.page.entries.len().saturating_sub(1);
            let corrected = Accompaniment {
                minutes: Some(60),
                ..done
            };
            let id = CommandId(self.maker.uuid());
            let entry = self.entry(SessionEvent::Accompanied(corrected));
            self.page.corrections.push((id, index, entry));
        }
        if self.maker.one_in(3) {
            self.feedback(accompaniment);
        }
        Ok(())
    }

    fn appointment(&mut self) -> (AppointmentId, AppointmentOutcome) {
        let id = AppointmentId(self.maker.uuid());
        let at = Some(self.time(10));
        self.say(SessionEvent::AppointmentBooked(Booking {
            appointment: id,
            at,
            operator: None,
        }));
        let outcome = *self.maker.pick(&[
            AppointmentOutcome::Seen,
            AppointmentOutcome::Seen,
            AppointmentOutcome::Seen,
            AppointmentOutcome::Seen,
            AppointmentOutcome::NoShow,
            AppointmentOutcome::Excused,
        ]);
        self.say(SessionEvent::AppointmentEnded(AppointmentEnd {
            appointment: id,
            outcome,
        }));
        (id, outcome)
    }

    fn accompaniment(
        &mut self,
        accompaniment: AccompanimentId,
        appointment: Option<AppointmentId>,
    ) -> Result<Accompaniment, Refusal> {
        let mut requests = Vec::new();
        for _ in 0..=self.maker.below(3).min(self.maker.below(3)) {
            requests.push(self.request()?);
        }
        let residence = if self.maker.one_in(4) || self.activity.communes.is_empty() {
            None
        } else {
            Some(*self.maker.pick(&self.activity.communes))
        };
        let age_band = if self.maker.one_in(5) {
            None
        } else {
            Some(*self.maker.pick(&[
                AgeBand::Under25,
                AgeBand::From25To44,
                AgeBand::From45To64,
                AgeBand::From65To79,
                AgeBand::From80,
            ]))
        };
        Ok(Accompaniment {
            accompaniment,
            minutes: Some(u16::try_from(5 + self.maker.below(50)).unwrap_or(5)),
            requests,
            first_visit: *self.maker.pick(&[Known::Yes, Known::No, Known::Unknown]),
            residence,
            age_band,
            appointment,
            pseudonym: None,
        })
    }

    fn request(&mut self) -> Result<Request, Refusal> {
        let operator = if self.maker.one_in(10) {
            None
        } else {
            Some(Slug::try_new(self.maker.pick(&OPERATORS).0)?)
        };
        let theme = THEMES[self.maker.below(6) as usize % THEMES.len()];
        Ok(Request {
            operator,
            theme: Some(Slug::try_new(theme)?),
            level: *self.maker.pick(&[
                RequestLevel::Accompaniment,
                RequestLevel::Accompaniment,
                RequestLevel::Information,
                RequestLevel::Referral,
            ]),
            outcome: *self.maker.pick(&[
                RequestOutcome::Resolved,
                RequestOutcome::Resolved,
                RequestOutcome::Resolved,
                RequestOutcome::ToFinishAlone,
                RequestOutcome::MustComeBack,
                RequestOutcome::Referred,
                RequestOutcome::Unknown,
            ]),
        })
    }

    fn feedback(&mut self, accompaniment: AccompanimentId) {
        let feedback = FeedbackId(self.maker.uuid());
        self.say(SessionEvent::FeedbackOffered(FeedbackOffer {
            feedback,
            accompaniment: Some(accompaniment),
        }));
        match self.maker.below(5) {
            0 => self.say(SessionEvent::FeedbackDeclined(FeedbackDecline { feedback })),
            1 | 2 => {
                let satisfaction = u8::try_from(2 + self.maker.below(4)).unwrap_or(3);
                let resolved = *self.maker.pick(&[Known::Yes, Known::Yes, Known::No]);
                let otherwise = *self.maker.pick(&[
                    Otherwise::GivenUp,
                    Otherwise::GoneFarther,
                    Otherwise::OnlineAlone,
                    Otherwise::Unknown,
                ]);
                self.say(SessionEvent::FeedbackReceived(Feedback {
                    feedback,
                    satisfaction: Some(satisfaction),
                    resolved,
                    otherwise,
                }));
            }
            _ => {}
        }
    }

    fn time(&mut self, hour: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, 5 * self.maker.below(6), 0).unwrap_or_default()
    }

    fn say(&mut self, event: SessionEvent) {
        let entry = self.entry(event);
        self.page.entries.push(entry);
    }

    fn entry(&self, event: SessionEvent) -> Entry {
        Entry {
            saying: Saying {
                valid: Validity {
                    until: Some(self.of.date),
                    ..Validity::from(self.of.date)
                },
                source: self.activity.source.clone(),
                synthetic: true,
                corrects: None,
            },
            command: Command::Session(self.of, event),
        }
    }
}
