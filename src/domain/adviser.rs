//! An adviser: a person who holds permanences. What would name that person is sealed: the domain
//! never sees it. In the order Events / Fold / Decisions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    event::{AdviserKey, Event, Reason, Recorded, Saying, Stated},
    permanence::AdviserRole,
    refusal::Refusal,
    terms::{AdviserId, Position, Sealed},
    world::World,
};

/// What can happen to an adviser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AdviserEvent {
    /// The adviser was registered; the validity begins on the first day in that role.
    Registered(Registration),
    /// The adviser bears another name; its validity begins on the first day of that name.
    Renamed(Renaming),
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
            Self::Erased(_) => "person-erased",
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
    /// That the person was erased.
    pub erased: Option<Stated<Reason>>,
}

impl Adviser {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, _: AdviserKey, event: &AdviserEvent, recorded: &Recorded) {
        match event {
            AdviserEvent::Registered(registration) => {
                self.registered = Some(recorded.stated(registration.role));
                self.name(recorded.stated(registration.name.clone()));
            }
            AdviserEvent::Renamed(renaming) => self.name(recorded.stated(renaming.name.clone())),
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
            AdviserCommand::Register(_) | AdviserCommand::Rename(_) | AdviserCommand::Erase(_) => {
                Err(Refusal::PersonErased)
            }
        };
    }
    let event = match (command, &known.registered) {
        (AdviserCommand::Register(asked), None) => {
            own(id, &asked.name)?;
            AdviserEvent::Registered(asked.clone())
        }
        (AdviserCommand::Register(asked), Some(registered)) => {
            let first = known.name_on(registered.valid.from);
            let so = registered.says(&asked.role, saying)
                && first.is_some_and(|first| first.says(&asked.name, saying));
            return if so {
                Ok(None)
            } else {
                Err(Refusal::AdviserAlreadyRegistered)
            };
        }
        (AdviserCommand::Rename(_) | AdviserCommand::Erase(_), None) => {
            return Err(Refusal::UnknownAdviser);
        }
        (AdviserCommand::Rename(asked), Some(registered)) => {
            own(id, &asked.name)?;
            if saying.valid.from < registered.valid.from {
                return Err(Refusal::BeforeRegistration {
                    from: registered.valid.from,
                });
            }
            let borne = known.name_on(saying.valid.from);
            if borne.is_some_and(|borne| borne.says(&asked.name, saying)) {
                return Ok(None);
            }
            AdviserEvent::Renamed(asked.clone())
        }
        (AdviserCommand::Erase(reason), Some(_)) => AdviserEvent::Erased(reason.clone()),
    };
    Ok(Some(Event::Adviser(AdviserKey { adviser: id }, event)))
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
