//! A permanence: the recurring slot at a venue, not one day's session. In the order Events / Fold
//! / Decisions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    event::{Event, PermanenceKey, Reason, Recorded, Saying, Stated},
    experiment::{self, Resumption},
    interruption::{Interruptions, Step},
    refusal::{Refusal, Subject},
    terms::{ExperimentId, PermanenceId, Position, VenueId, WeeklyHours},
    world::World,
};

/// What can happen to a permanence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PermanenceEvent {
    /// It was scheduled; its validity begins on the first day.
    Scheduled(SlotTerms),
    /// It was rescheduled; its validity begins on the first day of the new terms. It holds what was
    /// stated and no more: a change told late must not undo what is known to change after it.
    Rescheduled(SlotChange),
    /// It was suspended.
    Suspended(Reason),
    /// It was resumed.
    Resumed(Resumption),
    /// It was closed; its validity begins on the first day without it.
    Closed(Reason),
}

impl PermanenceEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Scheduled(_) => "permanence-scheduled",
            Self::Rescheduled(_) => "permanence-rescheduled",
            Self::Suspended(_) => "permanence-suspended",
            Self::Resumed(_) => "permanence-resumed",
            Self::Closed(_) => "permanence-closed",
        }
    }
}

/// Where, when, for whom and by whom a permanence is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotTerms {
    /// The venue.
    pub venue: VenueId,
    /// The weekly hours.
    pub hours: WeeklyHours,
    /// Whether one needs an appointment.
    pub appointment: Appointment,
    /// Who holds it.
    pub held_by: HeldBy,
}

/// New terms of a permanence; what is not given stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotChange {
    /// Another venue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<VenueId>,
    /// Other hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<WeeklyHours>,
    /// With or without appointment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<Appointment>,
    /// Held by others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<HeldBy>,
}

impl SlotChange {
    fn applied_to(&self, terms: &SlotTerms) -> SlotTerms {
        SlotTerms {
            venue: self.venue.unwrap_or(terms.venue),
            hours: self.hours.clone().unwrap_or_else(|| terms.hours.clone()),
            appointment: self.appointment.unwrap_or(terms.appointment),
            held_by: self.held_by.unwrap_or(terms.held_by),
        }
    }
}

/// Whether one needs an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Appointment {
    /// One walks in.
    WalkIn,
    /// Only with an appointment.
    Required,
    /// Either way.
    Either,
    /// No source says.
    Unknown,
}

/// Who holds a permanence: a role and a head count, never a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBy {
    /// The role.
    pub role: AdviserRole,
    /// How many of them take turns or come together.
    pub count: u8,
}

/// The role of an adviser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdviserRole {
    /// Chargé de clientèle.
    DeskOfficer,
    /// Facteur services-expert.
    PostalServiceExpert,
    /// Conseiller.
    Adviser,
}

/// A permanence, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Permanence {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// Whether any of its events was invented.
    pub synthetic: bool,
    /// The experiment it belongs to.
    pub experiment: Option<ExperimentId>,
    /// Its first terms.
    pub first: Option<Stated<SlotTerms>>,
    /// What was stated to change, by first day; on one day, in the order it was recorded.
    pub changes: Vec<Stated<SlotChange>>,
    /// Its suspensions.
    pub suspensions: Interruptions,
    /// That it was closed.
    pub closed: Option<Stated<Reason>>,
}

impl Permanence {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, key: PermanenceKey, event: &PermanenceEvent, recorded: &Recorded) {
        let from = recorded.fact.saying.valid.from;
        self.synthetic |= recorded.fact.saying.synthetic;
        self.experiment = Some(key.experiment);
        match event {
            PermanenceEvent::Scheduled(terms) => {
                self.first = Some(recorded.stated(terms.clone()));
            }
            PermanenceEvent::Rescheduled(change) => {
                let place = self
                    .changes
                    .partition_point(|known| known.valid.from <= from);
                self.changes.insert(place, recorded.stated(change.clone()));
            }
            PermanenceEvent::Suspended(reason) => self.suspensions.began(reason, recorded),
            PermanenceEvent::Resumed(_) => self.suspensions.finished(from),
            PermanenceEvent::Closed(reason) => {
                self.closed = Some(recorded.stated(reason.clone()));
            }
        }
    }

    /// Its terms, by their first day: each change applied to the terms before it, and known as the
    /// change is.
    #[must_use]
    pub fn schedule(&self) -> Vec<Stated<SlotTerms>> {
        let Some(first) = &self.first else {
            return Vec::new();
        };
        let mut schedule = vec![first.clone()];
        let mut terms = first.what.clone();
        for change in &self.changes {
            terms = change.what.applied_to(&terms);
            schedule.push(change.with(terms.clone()));
        }
        schedule
    }

    /// The terms in force on `day`.
    #[must_use]
    pub fn terms_on(&self, day: NaiveDate) -> Option<Stated<SlotTerms>> {
        let mut schedule = self.schedule();
        schedule.truncate(schedule.partition_point(|known| known.valid.from <= day));
        schedule.pop()
    }

    /// Every venue that it has or will have.
    pub fn venues(&self) -> impl Iterator<Item = VenueId> + '_ {
        let first = self.first.iter().map(|first| first.what.venue);
        first.chain(self.changes.iter().filter_map(|change| change.what.venue))
    }

    /// Refuses a use of it by `experiment` from `day` on.
    ///
    /// # Errors
    /// [`Refusal::UnknownPermanence`], [`Refusal::PermanenceOfAnotherExperiment`],
    /// [`Refusal::BeforeSchedule`] or [`Refusal::PermanenceClosed`].
    pub fn held_on(&self, experiment: ExperimentId, day: NaiveDate) -> Result<(), Refusal> {
        let Some(first) = &self.first else {
            return Err(Refusal::UnknownPermanence);
        };
        if self.experiment != Some(experiment) {
            return Err(Refusal::PermanenceOfAnotherExperiment);
        }
        if day < first.valid.from {
            return Err(Refusal::BeforeSchedule {
                first: first.valid.from,
            });
        }
        self.still_held(day)
    }

    fn closed_on(&self, day: NaiveDate) -> Option<NaiveDate> {
        let from = self.closed.as_ref()?.valid.from;
        (from <= day).then_some(from)
    }

    /// Refuses what happens at a permanence that is closed by `day`.
    pub(super) fn still_held(&self, day: NaiveDate) -> Result<(), Refusal> {
        match self.closed_on(day) {
            Some(on) => Err(Refusal::PermanenceClosed { on }),
            None => Ok(()),
        }
    }
}

/// What may be asked of a permanence.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PermanenceCommand {
    /// Schedule it.
    Schedule {
        /// The experiment it belongs to.
        experiment: ExperimentId,
        /// Its first terms.
        terms: SlotTerms,
    },
    /// Change its terms from a day on.
    Reschedule(SlotChange),
    /// Suspend it.
    Suspend(Reason),
    /// Resume it.
    Resume(Resumption),
    /// Close it.
    Close(Reason),
}

impl PermanenceCommand {
    /// The command that an event came of.
    #[must_use]
    pub fn of(key: PermanenceKey, event: &PermanenceEvent) -> Self {
        match event.clone() {
            PermanenceEvent::Scheduled(terms) => Self::Schedule {
                experiment: key.experiment,
                terms,
            },
            PermanenceEvent::Rescheduled(change) => Self::Reschedule(change),
            PermanenceEvent::Suspended(reason) => Self::Suspend(reason),
            PermanenceEvent::Resumed(resumption) => Self::Resume(resumption),
            PermanenceEvent::Closed(reason) => Self::Close(reason),
        }
    }
}

/// The most people that hold one permanence.
pub const HELD_BY_MAX: u8 = 50;

/// Decides a command; see [`decide`](super::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    id: PermanenceId,
    command: &PermanenceCommand,
    saying: &Saying,
) -> Result<Option<Event>, Refusal> {
    let unknown = Permanence::default();
    let known = world.permanence(id).unwrap_or(&unknown);
    let day = saying.valid.from;
    if let PermanenceCommand::Schedule { experiment, terms } = command {
        return schedule(world, known, *experiment, terms, saying).map(|terms| {
            let key = PermanenceKey {
                experiment: *experiment,
                permanence: id,
            };
            terms.map(|terms| Event::Permanence(key, PermanenceEvent::Scheduled(terms)))
        });
    }
    let (Some(experiment), Some(first)) = (known.experiment, &known.first) else {
        return Err(Refusal::UnknownPermanence);
    };
    if day < first.valid.from {
        return Err(Refusal::BeforeSchedule {
            first: first.valid.from,
        });
    }
    let event = match command {
        PermanenceCommand::Schedule { .. } => None,
        PermanenceCommand::Reschedule(change) => {
            reschedule(world, known, experiment, change, saying)?.map(PermanenceEvent::Rescheduled)
        }
        PermanenceCommand::Suspend(reason) => match known.suspensions.begin(saying, reason) {
            Ok(Step::New) => {
                known.still_held(day)?;
                Some(PermanenceEvent::Suspended(reason.clone()))
            }
            Ok(Step::Already) => None,
            Err(since) => {
                return Err(Refusal::AlreadySuspended {
                    subject: Subject::Permanence,
                    since,
                });
            }
        },
        PermanenceCommand::Resume(resumption) => match known.suspensions.finish(day) {
            Some(Step::New) => {
                known.still_held(day)?;
                usable_venue(world, known.terms_on(day).as_ref(), experiment, day)?;
                Some(PermanenceEvent::Resumed(resumption.clone()))
            }
            Some(Step::Already) => None,
            None => {
                return Err(Refusal::NotSuspended {
                    subject: Subject::Permanence,
                    on: day,
                });
            }
        },
        PermanenceCommand::Close(reason) => match &known.closed {
            Some(closed) if closed.says(reason, saying) => None,
            Some(closed) => {
                return Err(Refusal::PermanenceClosed {
                    on: closed.valid.from,
                });
            }
            None => Some(PermanenceEvent::Closed(reason.clone())),
        },
    };
    let key = PermanenceKey {
        experiment,
        permanence: id,
    };
    Ok(event.map(|event| Event::Permanence(key, event)))
}

fn schedule(
    world: &World,
    known: &Permanence,
    experiment: ExperimentId,
    terms: &SlotTerms,
    saying: &Saying,
) -> Result<Option<SlotTerms>, Refusal> {
    if let Some(first) = &known.first {
        return if known.experiment == Some(experiment) && first.says(terms, saying) {
            Ok(None)
        } else {
            Err(Refusal::AlreadyScheduled)
        };
    }
    check_terms(world, experiment, terms, saying.valid.from)?;
    Ok(Some(terms.clone()))
}

fn reschedule(
    world: &World,
    known: &Permanence,
    experiment: ExperimentId,
    change: &SlotChange,
    saying: &Saying,
) -> Result<Option<SlotChange>, Refusal> {
    let day = saying.valid.from;
    let Some(current) = known.terms_on(day) else {
        return Err(Refusal::UnknownPermanence);
    };
    let terms = change.applied_to(&current.what);
    if terms == current.what {
        return Ok(None);
    }
    known.still_held(day)?;
    if current.valid.from == day {
        return Err(Refusal::AlreadyRescheduled { on: day });
    }
    check_terms(world, experiment, &terms, day)?;
    Ok(Some(change.clone()))
}

fn check_terms(
    world: &World,
    experiment: ExperimentId,
    terms: &SlotTerms,
    day: NaiveDate,
) -> Result<(), Refusal> {
    match world.experiment(experiment) {
        Some(host) => experiment::open_on(host, day)?,
        None => return Err(Refusal::UnknownExperiment),
    }
    match world.venue(terms.venue) {
        Some(venue) => venue.usable(Some(experiment), day)?,
        None => return Err(Refusal::UnknownVenue),
    }
    if !(1..=HELD_BY_MAX).contains(&terms.held_by.count) {
        return Err(Refusal::HeldByCount {
            count: terms.held_by.count.into(),
            max: HELD_BY_MAX,
        });
    }
    if !terms.hours.parsed()?.opens_from(day) {
        return Err(Refusal::NeverOpens {
            hours: terms.hours.clone(),
        });
    }
    Ok(())
}

fn usable_venue(
    world: &World,
    terms: Option<&Stated<SlotTerms>>,
    experiment: ExperimentId,
    day: NaiveDate,
) -> Result<(), Refusal> {
    match terms.and_then(|terms| world.venue(terms.what.venue)) {
        Some(venue) => venue.usable(Some(experiment), day),
        None => Ok(()),
    }
}
