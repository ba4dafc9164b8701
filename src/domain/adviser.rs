//! An adviser: a person who holds permanences. What would name that person is sealed: the domain
//! never sees it. In the order Events / Fold / Decisions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    event::{AdviserKey, Event, Reason, Recorded, Saying, Stated},
    experiment,
    permanence::AdviserRole,
    refusal::Refusal,
    stretch::{Step, Stretches},
    subject::Recall,
    terms::{AdviserId, ExperimentId, PermanenceId, Position, Sealed},
    world::World,
};

/// What can happen to an adviser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AdviserEvent {
    /// The adviser was registered; the validity begins on the first day in that role.
    Registered(Registration),
    /// The adviser bears another name; its validity begins on the first day of that name.
    Renamed(Renaming),
    /// The adviser was assigned to a place; the validity begins on the first day there, and ends on
    /// the last one, where it is known.
    Assigned(Assignment),
    /// The adviser is no longer assigned to it; the validity begins on the first day elsewhere.
    Unassigned(Assignment),
    /// The adviser was absent, on every day of the validity.
    Absent(Absence),
    /// The person was erased: the key of all that is sealed of that person is destroyed right
    /// after this is recorded, and again wherever a copy of it turns up.
    Erased(Reason),
}

impl AdviserEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Registered(_) => "adviser-registered",
            Self::Renamed(_) => "adviser-renamed",
            Self::Assigned(_) => "adviser-assigned",
            Self::Unassigned(_) => "adviser-unassigned",
            Self::Absent(_) => "adviser-absent",
            Self::Erased(_) => "person-erased",
        }
    }

    /// The name it gives, sealed.
    #[must_use]
    pub const fn name(&self) -> Option<&Sealed> {
        match self {
            Self::Registered(registration) => Some(&registration.name),
            Self::Renamed(renaming) => Some(&renaming.name),
            Self::Assigned(_) | Self::Unassigned(_) | Self::Absent(_) | Self::Erased(_) => None,
        }
    }
}

/// Who was registered, as what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The name, sealed.
    pub name: Sealed,
    /// The role.
    pub role: AdviserRole,
}

/// Another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renaming {
    /// The name, sealed.
    pub name: Sealed,
}

/// Where an adviser works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// For which experiment.
    pub experiment: ExperimentId,
    /// At which of its places.
    pub place: Place,
}

/// A place of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The hub.
    Hub,
    /// A permanence.
    Permanence(PermanenceId),
}

/// An absence. No reason is ever taken: of a person who can be told, it would often be one of
/// health, and nothing that is computed here depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {}

/// An adviser, as the recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Adviser {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// The role the adviser was registered in.
    pub registered: Option<Stated<AdviserRole>>,
    /// The names, sealed, by the day from which each is borne; none once erased.
    pub names: Vec<Stated<Sealed>>,
    /// Where the adviser is assigned, in the order it was recorded.
    pub assignments: Stretches<Assignment>,
    /// When the adviser is absent, in the order it was recorded.
    pub absences: Stretches<Absence>,
    /// Whether the adviser was ever registered, retracted or not: what is sealed of a person is there
    /// to be erased as soon as anything was.
    pub ever_registered: bool,
    /// That the person was erased.
    pub erased: Option<Stated<Reason>>,
}

impl Recall for Adviser {
    fn recall(&mut self, journal: &[Recorded]) {
        self.ever_registered = journal.iter().any(|known| {
            matches!(
                known.fact.event,
                Event::Adviser(_, AdviserEvent::Registered(_))
            )
        });
    }
}

impl Adviser {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, _: AdviserKey, event: &AdviserEvent, recorded: &Recorded) {
        match event {
            AdviserEvent::Registered(registration) => {
                self.ever_registered = true;
                self.registered = Some(recorded.stated(registration.role));
                self.name(recorded.stated(registration.name.clone()));
            }
            AdviserEvent::Renamed(renaming) => self.name(recorded.stated(renaming.name.clone())),
            AdviserEvent::Assigned(assignment) => self.assignments.began(assignment, recorded),
            AdviserEvent::Unassigned(assignment) => {
                let from = recorded.fact.saying.valid.from;
                let same = |known: &Assignment| known == assignment;
                self.assignments.finished_of(from, same);
            }
            AdviserEvent::Absent(absence) => self.absences.began(absence, recorded),
            AdviserEvent::Erased(reason) => {
                self.names.clear();
                self.erased = Some(recorded.stated(reason.clone()));
            }
        }
    }

    /// Puts a name after those that are borne from the same day or an earlier one.
    fn name(&mut self, name: Stated<Sealed>) {
        self.names.push(name);
        self.names.sort_by_key(|name| name.valid.from);
    }

    /// Whether the adviser is assigned to a place of `experiment` on `day`, present or not.
    #[must_use]
    pub fn works_for(&self, experiment: ExperimentId, day: NaiveDate) -> bool {
        self.assignments
            .all()
            .iter()
            .any(|known| known.stated.what.experiment == experiment && known.covers(day))
    }

    /// The name borne on `day`, sealed; before the first one, the first.
    #[must_use]
    pub fn name_on(&self, day: NaiveDate) -> Option<&Stated<Sealed>> {
        let borne = self.names.iter().rev();
        let mut borne = borne.skip_while(|name| name.valid.from > day);
        borne.next().or_else(|| self.names.first())
    }
}

/// What may be asked of an adviser.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdviserCommand {
    /// Record who holds permanences, and as what.
    Register(Registration),
    /// Record another name.
    Rename(Renaming),
    /// Record where the adviser works from a day on.
    Assign(Assignment),
    /// Record where the adviser no longer works from a day on.
    Unassign(Assignment),
    /// Record an absence.
    NoteAbsence(Absence),
    /// Erase the person.
    Erase(Reason),
}

impl AdviserCommand {
    /// The command that an event came of.
    #[must_use]
    pub fn of(event: &AdviserEvent) -> Self {
        match event.clone() {
            AdviserEvent::Registered(registration) => Self::Register(registration),
            AdviserEvent::Renamed(renaming) => Self::Rename(renaming),
            AdviserEvent::Assigned(assignment) => Self::Assign(assignment),
            AdviserEvent::Unassigned(assignment) => Self::Unassign(assignment),
            AdviserEvent::Absent(absence) => Self::NoteAbsence(absence),
            AdviserEvent::Erased(reason) => Self::Erase(reason),
        }
    }
}

/// Decides a command; see [`decide`](super::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    id: AdviserId,
    command: &AdviserCommand,
    saying: &Saying,
) -> Result<Option<Event>, Refusal> {
    let unknown = Adviser::default();
    let known = world.adviser(id).unwrap_or(&unknown);
    if let Some(erased) = &known.erased {
        return match command {
            AdviserCommand::Erase(reason) if erased.says(reason, saying) => Ok(None),
            AdviserCommand::Register(_)
            | AdviserCommand::Rename(_)
            | AdviserCommand::Assign(_)
            | AdviserCommand::Unassign(_)
            | AdviserCommand::NoteAbsence(_)
            | AdviserCommand::Erase(_) => Err(Refusal::PersonErased),
        };
    }
    let event = match command {
        AdviserCommand::Register(asked) => register(id, known, asked, saying)?,
        AdviserCommand::Rename(asked) => {
            registered_by(known, saying)?;
            own(id, &asked.name)?;
            let borne = known.name_on(saying.valid.from);
            let so = borne.is_some_and(|borne| borne.says(&asked.name, saying));
            (!so).then(|| AdviserEvent::Renamed(asked.clone()))
        }
        AdviserCommand::Assign(asked) => {
            registered_by(known, saying)?;
            assign(world, known, asked, saying)?
        }
        AdviserCommand::Unassign(asked) => {
            registered_by(known, saying)?;
            let day = saying.valid.from;
            match known.assignments.finish_of(day, |known| known == asked) {
                Some(Step::New) => Some(AdviserEvent::Unassigned(*asked)),
                Some(Step::Already) => None,
                None => return Err(Refusal::NotAssigned { on: day }),
            }
        }
        AdviserCommand::NoteAbsence(asked) => {
            registered_by(known, saying)?;
            if saying.valid.until.is_none() {
                return Err(Refusal::NoLastDay);
            }
            match known.absences.begin(saying, asked) {
                Ok(Step::New) => Some(AdviserEvent::Absent(*asked)),
                Ok(Step::Already) => None,
                Err(since) => return Err(Refusal::AlreadyAbsent { since }),
            }
        }
        AdviserCommand::Erase(reason) => {
            if !known.ever_registered {
                return Err(Refusal::UnknownAdviser);
            }
            Some(AdviserEvent::Erased(reason.clone()))
        }
    };
    Ok(event.map(|event| Event::Adviser(AdviserKey { adviser: id }, event)))
}

fn register(
    id: AdviserId,
    known: &Adviser,
    asked: &Registration,
    saying: &Saying,
) -> Result<Option<AdviserEvent>, Refusal> {
    let Some(registered) = &known.registered else {
        own(id, &asked.name)?;
        return Ok(Some(AdviserEvent::Registered(asked.clone())));
    };
    let first = known.name_on(registered.valid.from);
    let so = registered.says(&asked.role, saying)
        && first.is_some_and(|first| first.says(&asked.name, saying));
    if so {
        Ok(None)
    } else {
        Err(Refusal::AdviserAlreadyRegistered)
    }
}

/// Refuses what is said of somebody unknown, or of a day before the first one in that role.
fn registered_by(known: &Adviser, saying: &Saying) -> Result<(), Refusal> {
    let Some(registered) = &known.registered else {
        return Err(Refusal::UnknownAdviser);
    };
    if saying.valid.from < registered.valid.from {
        return Err(Refusal::BeforeRegistration {
            from: registered.valid.from,
        });
    }
    Ok(())
}

fn assign(
    world: &World,
    known: &Adviser,
    asked: &Assignment,
    saying: &Saying,
) -> Result<Option<AdviserEvent>, Refusal> {
    let same = |known: &Assignment| known == asked;
    match known.assignments.begin_beside(saying, asked, same) {
        Ok(Step::New) => {}
        Ok(Step::Already) => return Ok(None),
        Err(since) => return Err(Refusal::AlreadyAssigned { since }),
    }
    let day = saying.valid.from;
    let host = experiment::known(world, asked.experiment)?;
    if let Some(closed) = &host.closed
        && closed.valid.from <= day
    {
        return Err(Refusal::ExperimentClosed {
            on: closed.valid.from,
        });
    }
    if let Place::Permanence(id) = asked.place {
        let Some(permanence) = world.permanence(id) else {
            return Err(Refusal::UnknownPermanence);
        };
        permanence.held_on(asked.experiment, day)?;
    }
    Ok(Some(AdviserEvent::Assigned(*asked)))
}

/// Refuses a text that is stored as it is and holds a name that is sealed: it would outlive the
/// person's erasure.
///
/// # Errors
/// [`Refusal::NamesThePerson`].
pub fn leaves_unnamed(text: &str, name: &str) -> Result<(), Refusal> {
    // Word by word, so that Luc is not found in a skylight (lucarne).
    let plain = |text: &str| {
        let words = text.split(|c: char| !c.is_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        format!(" {} ", words.join(" ").to_lowercase())
    };
    let name = plain(name);
    if !name.trim().is_empty() && plain(text).contains(&name) {
        Err(Refusal::NamesThePerson)
    } else {
        Ok(())
    }
}

/// Refuses what the key of somebody else would open: erased with that person, it would be lost;
/// kept with that person, it would outlive this one.
fn own(id: AdviserId, name: &Sealed) -> Result<(), Refusal> {
    if name.person() == id.person() {
        Ok(())
    } else {
        Err(Refusal::SealedForAnother)
    }
}
