//! An operator: an organisation whose services a France Services gives access to. Operators join
//! the bundle of services, are renamed and leave: dated data, never an enumeration. In the order
//! Events / Fold / Decisions; what is asked is the event itself.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    event::{Event, Recorded, Saying, Stated},
    refusal::Refusal,
    stretch::{Step, Stretches},
    subject::Key,
    terms::{Certainty, ExperimentId, OperatorId, Position, Slug, Title, Words},
    world::World,
};

/// What can happen to an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperatorEvent {
    /// It joined the bundle of services; the validity begins on its first day there. It may join
    /// again after it left.
    Joined(Joining),
    /// It bears another name; the validity begins on the first day of that name.
    Renamed(NameChange),
    /// It left the bundle; the validity begins on the first day without it.
    Left(Departure),
}

impl OperatorEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Joined(_) => "operator-joined",
            Self::Renamed(_) => "operator-renamed",
            Self::Left(_) => "operator-left",
        }
    }
}

/// Names an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorKey {
    /// The operator.
    pub operator: OperatorId,
}

impl Key for OperatorKey {
    type Id = OperatorId;
    fn id(self) -> OperatorId {
        self.operator
    }
    fn experiment(self) -> Option<ExperimentId> {
        None
    }
}

/// Who joined, under which name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joining {
    /// Its code, which never changes: the operator's identity is drawn from it.
    pub code: Slug,
    /// The name it bore then.
    pub name: Title,
}

/// Another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameChange {
    /// The name.
    pub name: Title,
}

/// That it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// Why, where a source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Words>,
}

/// An operator, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Operator {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// Its code.
    pub code: Option<Slug>,
    /// Its names, by the day from which each is borne.
    pub names: Vec<Stated<Title>>,
    /// The stretches of days over which it was in the bundle, in the order they were recorded.
    pub memberships: Stretches<Joining>,
    /// That it left, and why, in the order it was recorded.
    pub departures: Vec<Stated<Departure>>,
}

impl Operator {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, _: OperatorKey, event: &OperatorEvent, recorded: &Recorded) {
        match event {
            OperatorEvent::Joined(joining) => {
                self.code = Some(joining.code.clone());
                self.memberships.began(joining, recorded);
                self.name(recorded.stated(joining.name.clone()));
            }
            OperatorEvent::Renamed(change) => self.name(recorded.stated(change.name.clone())),
            OperatorEvent::Left(departure) => {
                self.memberships.finished(recorded.fact.saying.valid.from);
                self.departures.push(recorded.stated(departure.clone()));
            }
        }
    }

    /// Puts a name after those that are borne from the same day or an earlier one.
    fn name(&mut self, name: Stated<Title>) {
        self.names.push(name);
        self.names.sort_by_key(|name| name.valid.from);
    }

    /// Whether it is in the bundle of services on `day`.
    #[must_use]
    pub fn member_on(&self, day: NaiveDate) -> bool {
        self.memberships.covering(day).is_some()
    }

    /// The name borne on `day`; before the first one, the first.
    #[must_use]
    pub fn name_on(&self, day: NaiveDate) -> Option<&Stated<Title>> {
        let borne = self.names.iter().rev();
        let mut borne = borne.skip_while(|name| name.valid.from > day);
        borne.next().or_else(|| self.names.first())
    }

    /// Refuses a day before it first joined, if that day is known.
    fn joined_by(&self, day: NaiveDate) -> Result<(), Refusal> {
        let memberships = self.memberships.all().iter();
        match memberships.min_by_key(|membership| membership.from()) {
            None => Err(Refusal::UnknownOperator),
            Some(first)
                if first.stated.valid.certainty == Certainty::Exact && day < first.from() =>
            {
                Err(Refusal::BeforeMembership { from: first.from() })
            }
            Some(_) => Ok(()),
        }
    }
}

/// Decides whether an event can be recorded; see [`decide`](super::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    id: OperatorId,
    asked: &OperatorEvent,
    saying: &Saying,
) -> Result<Option<Event>, Refusal> {
    let unknown = Operator::default();
    let known = world.operator(id).unwrap_or(&unknown);
    let day = saying.valid.from;
    let step = match asked {
        OperatorEvent::Joined(joining) => {
            if OperatorId::of(&joining.code) != id {
                return Err(Refusal::OperatorOfAnotherCode {
                    code: joining.code.clone(),
                });
            }
            match known.memberships.begin(saying, joining) {
                Ok(step) => step,
                Err(since) => return Err(Refusal::AlreadyMember { since }),
            }
        }
        OperatorEvent::Renamed(change) => {
            known.joined_by(day)?;
            rename(known, change, saying)?
        }
        OperatorEvent::Left(_) => {
            known.joined_by(day)?;
            match known.memberships.finish(day) {
                Some(step) => step,
                None => return Err(Refusal::NotMember { on: day }),
            }
        }
    };
    let key = OperatorKey { operator: id };
    Ok(match step {
        Step::New => Some(Event::Operator(key, asked.clone())),
        Step::Already => None,
    })
}

fn rename(known: &Operator, change: &NameChange, saying: &Saying) -> Result<Step, Refusal> {
    let day = saying.valid.from;
    let mut same_day = known.names.iter().filter(|name| name.valid.from == day);
    if same_day.clone().any(|name| name.says(&change.name, saying)) {
        return Ok(Step::Already);
    }
    if same_day.any(|name| name.what != change.name) {
        return Err(Refusal::AlreadyRenamed { on: day });
    }
    Ok(Step::New)
}
