//! One session, as it might have been held, with all that is recorded of it.

use std::{collections::BTreeMap, ops::Range};

use chrono::NaiveTime;
use uuid::Uuid;

use super::{Maker, Page};
use crate::domain::{
    entry::{Command, Entry},
    event::Saying,
    refusal::Refusal,
    session::{
        Accompaniment, AgeBand, AppointmentEnd, AppointmentOutcome, Booking, Cancellation,
        CancellationCause, Feedback, FeedbackDecline, FeedbackOffer, Holding, Otherwise, Request,
        RequestLevel, RequestOutcome, SessionEvent, SessionRef, TurningAway, TurningAwayCause,
    },
    terms::{
        AccompanimentId, AppointmentId, CommandId, FeedbackId, InseeCode, Slug, TurningAwayId,
    },
    venue::Known,
};

/// What is asked, in the carrier's codes.
pub(super) const THEMES: [&str; 6] = [
    "carte-grise",
    "retraite",
    "prime-activite",
    "impots",
    "acces-aux-droits",
    "recherche-emploi",
];

/// In what a session of one place differs from one of another.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    /// What may be asked of.
    pub(super) operators: Vec<Slug>,
    /// What about,
    pub(super) themes: Vec<Slug>,
    /// where an operator is not always asked about the same.
    pub(super) theme_of: BTreeMap<Slug, Slug>,
    /// Where the users live.
    pub(super) communes: Vec<InseeCode>,
    /// So many users come at least,
    pub(super) visits: u32,
    /// and fewer than so many beyond that.
    pub(super) visits_beyond: u32,
    /// One session in so many is cancelled.
    pub(super) cancelled: u32,
    /// One visit in so many is booked.
    pub(super) booked: u32,
    /// Nobody is satisfied less than that.
    pub(super) satisfaction: u32,
    /// At one session in so many somebody is turned away.
    pub(super) turned_away: u32,
}

/// A session in the making.
pub(super) struct Session<'a> {
    maker: &'a mut Maker,
    of: SessionRef,
    hours: Range<u32>,
    manner: &'a Manner,
    page: Page,
}

impl<'a> Session<'a> {
    /// A session of which nothing is recorded yet; it begins and ends soon after
    /// certain hours, and `maker` gives its random numbers.
    pub(super) const fn new(
        maker: &'a mut Maker,
        of: SessionRef,
        hours: Range<u32>,
        manner: &'a Manner,
    ) -> Self {
        Self {
            maker,
            of,
            hours,
            manner,
            page: Page {
                command_id: CommandId(Uuid::nil()),
                entries: Vec::new(),
                corrections: Vec::new(),
            },
        }
    }

    /// All that is recorded of it.
    pub(super) fn live(mut self) -> Page {
        self.page.command_id = CommandId(self.maker.uuid());
        if self.maker.one_in(self.manner.cancelled) {
            let cause = *self.maker.pick(&[
                CancellationCause::AdviserAbsent,
                CancellationCause::VenueUnavailable,
                CancellationCause::Weather,
            ]);
            self.say(SessionEvent::Cancelled(Cancellation { cause, words: None }));
            return self.page;
        }
        let starts = self.time(self.hours.start);
        let ends = self.time(self.hours.end);
        self.say(SessionEvent::Held(Holding {
            starts,
            ends,
            adviser_count: 1,
            advisers: [].into(),
        }));
        let visits = self.manner.visits + self.maker.below(self.manner.visits_beyond);
        for _ in 0..visits {
            self.visit();
        }
        if self.maker.one_in(self.manner.turned_away) {
            let turning_away = TurningAwayId(self.maker.uuid());
            self.say(SessionEvent::TurnedAway(TurningAway {
                turning_away,
                users: 1,
                cause: TurningAwayCause::Full,
            }));
        }
        self.page
    }

    /// One user's visit: perhaps booked, mostly made, at times followed by feedback.
    fn visit(&mut self) {
        let appointment = if self.maker.one_in(self.manner.booked) {
            Some(self.appointment())
        } else {
            None
        };
        if let Some((_, outcome)) = appointment
            && outcome != AppointmentOutcome::Seen
        {
            return;
        }
        let accompaniment = AccompanimentId(self.maker.uuid());
        let done = self.accompaniment(accompaniment, appointment.map(|(id, _)| id));
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
    }

    fn appointment(&mut self) -> (AppointmentId, AppointmentOutcome) {
        let id = AppointmentId(self.maker.uuid());
        let at = Some(self.time(self.hours.start + 1));
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
    ) -> Accompaniment {
        let mut requests = Vec::new();
        for _ in 0..=self.maker.below(3).min(self.maker.below(3)) {
            requests.push(self.request());
        }
        let residence = if self.maker.one_in(4) || self.manner.communes.is_empty() {
            None
        } else {
            Some(*self.maker.pick(&self.manner.communes))
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
        Accompaniment {
            accompaniment,
            minutes: Some(u16::try_from(5 + self.maker.below(50)).unwrap_or(5)),
            requests,
            first_visit: *self.maker.pick(&[Known::Yes, Known::No, Known::Unknown]),
            residence,
            age_band,
            appointment,
            pseudonym: None,
        }
    }

    fn request(&mut self) -> Request {
        let operator = if self.maker.one_in(10) {
            None
        } else {
            Some(self.maker.pick(&self.manner.operators).clone())
        };
        let theme = self.maker.pick(&self.manner.themes);
        let usual = operator
            .as_ref()
            .and_then(|it| self.manner.theme_of.get(it));
        let theme = usual.unwrap_or(theme).clone();
        Request {
            operator,
            theme: Some(theme),
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
        }
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
                let least = self.manner.satisfaction;
                let satisfaction = u8::try_from(least + self.maker.below(6 - least)).unwrap_or(3);
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
                valid: self.of.valid(),
                source: self.maker.source.clone(),
                synthetic: true,
                corrects: None,
            },
            command: Command::Session(self.of, event),
        }
    }
}

/// Codes, checked.
pub(super) fn slugs<const N: usize>(codes: [&str; N]) -> Result<Vec<Slug>, Refusal> {
    codes.into_iter().map(Slug::try_new).collect()
}
