//! A labelled site (*espace labellisé France Services*): when it bears the label, and what was
//! declared of its hours and of its staff. It is of no experiment; one may have it for its hub. In
//! the order Events / Fold / Decisions; what is asked is the event itself.
//!
//! Hours are kept as they were declared, word for word. Where they can be read in
//! `opening_hours` syntax, that reading stands beside them; where not, it is absent, and whatever
//! would follow from it is unknown.

mod floor;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    event::{Event, Reason, Recorded, Saying, Stated},
    experiment::Resumption,
    interruption::Interruptions,
    refusal::{Refusal, Subject},
    stretch::{Step, Stretches},
    subject::Key,
    terms::{
        Certainty, ExperimentId, InseeCode, Label, Position, SiteId, Text, Title, WeeklyHours,
        Words, time::eve,
    },
    world::World,
};

pub use floor::{DAYS_A_WEEK_MIN, FloorVerdict, LabelFloor, MINUTES_A_WEEK_MIN, PEOPLE_MIN};

/// What can happen to a labelled site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SiteEvent {
    /// It was labelled; the validity begins on the first day of the label, and ends with it, where
    /// its end is announced. It may be labelled again after it lost its label.
    Labelled(Labelling),
    /// A source declared its hours; the validity begins on the first day of these hours.
    HoursDeclared(SiteHours),
    /// A source declared how many people hold it; the validity begins on the first day it is so.
    StaffDeclared(SiteStaff),
    /// Its label was suspended.
    Suspended(Reason),
    /// Its label was given back.
    Resumed(Resumption),
    /// Its label was withdrawn; the validity begins on the first day without it.
    Withdrawn(Reason),
}

impl SiteEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Labelled(_) => "site-labelled",
            Self::HoursDeclared(_) => "site-hours-declared",
            Self::StaffDeclared(_) => "site-staff-declared",
            Self::Suspended(_) => "label-suspended",
            Self::Resumed(_) => "label-resumed",
            Self::Withdrawn(_) => "label-withdrawn",
        }
    }
}

/// Names a labelled site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteKey {
    /// The site.
    pub site: SiteId,
}

impl Key for SiteKey {
    type Id = SiteId;
    fn id(self) -> SiteId {
        self.site
    }
    fn experiment(self) -> Option<ExperimentId> {
        None
    }
}

/// The number of a site in the national list (`id_fs`).
pub type SiteCode = Text<40>;

/// What was labelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelling {
    /// The site's name.
    pub name: Title,
    /// Its commune.
    pub commune: InseeCode,
    /// How it is open to the public.
    pub format: SiteFormat,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Label>,
    /// Its number in the national list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<SiteCode>,
}

/// How a site is open to the public (`format_fs` of the national list).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteFormat {
    /// Fixe: at one place.
    Fixed,
    /// Multisites: at several places that share the label.
    MultiSite,
    /// Itinérante: it travels.
    Itinerant,
    /// `Bus_équivalent`: a vehicle that counts as a site.
    BusEquivalent,
}

/// Hours, as a source declares them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteHours {
    /// Word for word.
    pub verbatim: Words,
    /// What they are read as; absent where they cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<WeeklyHours>,
}

/// Who is there, as a source declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteStaff {
    /// How many people who can help with every operator are there whenever it is open.
    pub people: u8,
}

/// A labelled site, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// The stretches of days over which it bears the label, in the order they were recorded.
    pub labels: Stretches<Labelling>,
    /// The hours that sources declare, by their first day; those of one day in the order they were
    /// recorded.
    pub hours: Vec<Stated<SiteHours>>,
    /// The staff that sources declare, likewise.
    pub staff: Vec<Stated<SiteStaff>>,
    /// The suspensions of its label.
    pub suspensions: Interruptions,
    /// That its label was withdrawn, and why, in the order it was recorded.
    pub withdrawals: Vec<Stated<Reason>>,
}

/// What there is of a label on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelStatus {
    /// No label is known to have begun.
    NotYet,
    /// The site bears it.
    Labelled,
    /// It is suspended.
    Suspended,
    /// It was withdrawn, or came to its announced end.
    Ended,
}

impl Site {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, _: SiteKey, event: &SiteEvent, recorded: &Recorded) {
        let day = recorded.fact.saying.valid.from;
        match event {
            SiteEvent::Labelled(labelling) => self.labels.began(labelling, recorded),
            SiteEvent::HoursDeclared(hours) => {
                self.hours.push(recorded.stated(hours.clone()));
                self.hours.sort_by_key(|hours| hours.valid.from);
            }
            SiteEvent::StaffDeclared(staff) => {
                self.staff.push(recorded.stated(*staff));
                self.staff.sort_by_key(|staff| staff.valid.from);
            }
            SiteEvent::Suspended(reason) => self.suspensions.began(reason, recorded),
            SiteEvent::Resumed(_) => self.suspensions.finished(day),
            SiteEvent::Withdrawn(reason) => {
                self.labels.finished(day);
                self.withdrawals.push(recorded.stated(reason.clone()));
            }
        }
    }

    /// Whether nothing stands that makes it known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.labels.all().is_empty()
    }

    /// What was labelled, as of `day`: under the last label that began by then, or under the first
    /// one, before it.
    #[must_use]
    pub fn labelling_on(&self, day: NaiveDate) -> Option<&Stated<Labelling>> {
        let labels = || self.labels.all().iter();
        let begun = labels().filter(|label| label.from() <= day);
        let label = begun
            .max_by_key(|label| label.from())
            .or_else(|| labels().min_by_key(|label| label.from()))?;
        Some(&label.stated)
    }

    /// What there is of its label on `day`.
    #[must_use]
    pub fn label_on(&self, day: NaiveDate) -> LabelStatus {
        if self.labels.covering(day).is_some() {
            if self.suspensions.covering(day).is_some() {
                LabelStatus::Suspended
            } else {
                LabelStatus::Labelled
            }
        } else if self.labels.all().iter().any(|label| label.from() <= day) {
            LabelStatus::Ended
        } else {
            LabelStatus::NotYet
        }
    }

    /// The hours in force on `day`: of those declared for it, the ones that began last. Where
    /// several began on one day, the ones recorded last; the others stay beside them.
    #[must_use]
    pub fn hours_in_force(&self, day: NaiveDate) -> Option<&Stated<SiteHours>> {
        in_force(&self.hours, day)
    }

    /// The staff in force on `day`, by the same rule.
    #[must_use]
    pub fn staff_in_force(&self, day: NaiveDate) -> Option<&Stated<SiteStaff>> {
        in_force(&self.staff, day)
    }

    /// Refuses a day on which it does not bear the label.
    fn labelled_on(&self, day: NaiveDate) -> Result<(), Refusal> {
        let labels = self.labels.all().iter();
        let Some(first) = labels.min_by_key(|label| label.from()) else {
            return Err(Refusal::UnknownSite);
        };
        // A label that is only known to be no later may be older than any day.
        let older = first.stated.valid.certainty == Certainty::NoLaterThan && day < first.from();
        if older || self.labels.covering(day).is_some() {
            Ok(())
        } else {
            Err(Refusal::NotLabelled { on: day })
        }
    }
}

fn in_force<T>(declared: &[Stated<T>], day: NaiveDate) -> Option<&Stated<T>> {
    let covers = |known: &&Stated<T>| {
        known.valid.from <= day && known.valid.until.is_none_or(|until| day <= until)
    };
    declared.iter().rfind(covers)
}

/// The most people declared of one site: beyond, it is a slip of the pen.
pub const PEOPLE_MAX: u8 = 50;

/// Decides whether an event can be recorded; see [`decide`](super::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    id: SiteId,
    asked: &SiteEvent,
    saying: &Saying,
) -> Result<Option<Event>, Refusal> {
    let unknown = Site::default();
    let site = world.site(id).unwrap_or(&unknown);
    let step = match asked {
        SiteEvent::Labelled(labelling) => {
            labelling.commune.check()?;
            match site.labels.begin(saying, labelling) {
                Ok(step) => step,
                Err(since) => return Err(Refusal::AlreadyLabelled { since }),
            }
        }
        SiteEvent::HoursDeclared(hours) => {
            known(world, id)?;
            unless_declared(&site.hours, hours, saying)
        }
        SiteEvent::StaffDeclared(staff) => {
            known(world, id)?;
            if staff.people > PEOPLE_MAX {
                return Err(Refusal::PeopleOutOfRange {
                    people: staff.people.into(),
                    max: PEOPLE_MAX,
                });
            }
            unless_declared(&site.staff, staff, saying)
        }
        SiteEvent::Suspended(reason) => suspend(site, reason, saying)?,
        SiteEvent::Resumed(_) => resume(site, saying.valid.from)?,
        SiteEvent::Withdrawn(_) => {
            known(world, id)?;
            let day = saying.valid.from;
            match site.labels.finish(day) {
                Some(step) => step,
                None => return Err(Refusal::NotLabelled { on: eve(day) }),
            }
        }
    };
    let key = SiteKey { site: id };
    Ok(match step {
        Step::New => Some(Event::Site(key, asked.clone())),
        Step::Already => None,
    })
}

fn suspend(site: &Site, reason: &Reason, saying: &Saying) -> Result<Step, Refusal> {
    site.labelled_on(saying.valid.from)?;
    site.suspensions
        .begin(saying, reason)
        .map_err(|since| Refusal::AlreadySuspended {
            subject: Subject::Label,
            since,
        })
}

fn resume(site: &Site, day: NaiveDate) -> Result<Step, Refusal> {
    site.labelled_on(day)?;
    site.suspensions.finish(day).ok_or(Refusal::NotSuspended {
        subject: Subject::Label,
        on: day,
    })
}

/// What several sources declare stands side by side; what one source declares again adds nothing.
fn unless_declared<T: PartialEq>(known: &[Stated<T>], what: &T, saying: &Saying) -> Step {
    if known.iter().any(|known| known.says(what, saying)) {
        Step::Already
    } else {
        Step::New
    }
}

/// The labelled site, of which something is known.
///
/// # Errors
/// [`Refusal::UnknownSite`].
pub(in crate::domain) fn known(world: &World, id: SiteId) -> Result<&Site, Refusal> {
    let known = world.site(id).filter(|known| !known.is_unknown());
    known.ok_or(Refusal::UnknownSite)
}
