//! Entries: what somebody asks to write in the notebook.

use std::{borrow::Cow, mem::discriminant};

use serde::Serialize;
use uuid::Uuid;

use super::{
    access::{
        holder::{self, HolderEvent},
        token::{self, TokenEvent},
    },
    adviser::{self, AdviserCommand},
    agreement::{self, AgreementEvent},
    correction,
    cost::{self, CostEvent, CostKey},
    event::{Event, Fact, Saying, StreamId},
    experiment::{self, ExperimentCommand},
    import::{self, ImportEvent},
    operator::{self, OperatorEvent},
    permanence::{self, PermanenceCommand},
    refusal::Refusal,
    report::{self, ReportEvent},
    session::{self, SessionEvent, SessionRef},
    site::{self, SiteEvent},
    subject::subjects,
    terms::{
        AdviserId, AgreementId, ExperimentId, HolderId, ImportId, OperatorId, PermanenceId,
        Position, ReportId, SiteId, TokenId, VenueId,
    },
    venue::{self, VenueCommand},
    world::World,
};

/// An entry somebody wants to write: a command, with the circumstances it states.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// When it is so, on what source, correcting what.
    pub saying: Saying,
    /// What is asked.
    pub command: Command,
}

impl Entry {
    /// What is asked, without what is drawn anew each time it is asked: a token.
    #[must_use]
    pub fn undrawn(&self) -> Cow<'_, Self> {
        if let Command::Token(id, TokenEvent::Issued(issue)) = &self.command {
            Cow::Owned(Self {
                saying: self.saying.clone(),
                command: Command::Token(*id, TokenEvent::Issued(issue.undrawn())),
            })
        } else {
            Cow::Borrowed(self)
        }
    }
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($id:ident, $key:ident, $event:ident)
        <- ($address:ident, $command:ident) = $state:ident in $states:ident, $prefix:literal;)+) => {
        /// A command and the subject it addresses.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Command {
            $(
                $(#[$doc])*
                $name($address, $command),
            )+
            /// To any subject: retract an entry of its history, which the circumstances name.
            Retract(StreamId),
        }

        impl Command {
            /// The stream that the command writes to.
            #[must_use]
            pub fn subject(&self) -> StreamId {
                match self {
                    $(Self::$name(address, _) => StreamId::$name((*address).into()),)+
                    Self::Retract(subject) => *subject,
                }
            }

            /// Whether two commands ask for the same kind of thing, whatever its terms.
            pub(super) fn is_like(&self, other: &Self) -> bool {
                match (self, other) {
                    $((Self::$name(_, one), Self::$name(_, other)) => {
                        discriminant(one) == discriminant(other)
                    })+
                    (Self::Retract(_), Self::Retract(_)) => true,
                    _ => false,
                }
            }
        }
    };
}

subjects!(commands);

impl Command {
    /// The command that an event came of: what would be asked to have it recorded. None for a
    /// retraction, which nobody asks for again.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Experiment(key, event) => {
                Self::Experiment(key.experiment, ExperimentCommand::of(event))
            }
            Event::Venue(key, event) => Self::Venue(key.venue, VenueCommand::of(*key, event)),
            Event::Permanence(key, event) => {
                Self::Permanence(key.permanence, PermanenceCommand::of(*key, event))
            }
            Event::Adviser(key, event) => Self::Adviser(key.adviser, AdviserCommand::of(event)),
            Event::Session(key, event) => Self::Session(SessionRef::from(*key), event.clone()),
            Event::Operator(key, event) => Self::Operator(key.operator, event.clone()),
            Event::Agreement(key, event) => Self::Agreement(key.agreement, event.clone()),
            Event::Cost(key, event) => Self::Cost(*key, event.clone()),
            Event::Import(key, event) => Self::Import(key.import, event.clone()),
            Event::Site(key, event) => Self::Site(key.site, event.clone()),
            Event::Report(key, event) => Self::Report(key.report, event.clone()),
            Event::Token(key, event) => Self::Token(key.token, event.clone()),
            Event::Holder(key, event) => Self::Holder(key.holder, event.clone()),
            Event::Retracted(_) => return None,
        })
    }
}

/// The identity of a thing within its subject: that of the corrected one, which stands at a
/// position and which no correction changes; else the one that was given, or a new one.
///
/// # Errors
/// [`Refusal::ChangesIdentity`].
pub fn identity(
    given: Option<Uuid>,
    corrected: Option<(Position, Uuid)>,
    new: Uuid,
) -> Result<Uuid, Refusal> {
    match (given, corrected) {
        (Some(given), Some((position, known))) if given != known => {
            Err(Refusal::ChangesIdentity { position })
        }
        (_, Some((_, known))) => Ok(known),
        (given, None) => Ok(given.unwrap_or(new)),
    }
}

/// Decides an entry against what is known of the subjects it touches.
///
/// `head` is the last position of the log: evidence cannot cite what is not yet recorded. An empty
/// answer means that it is already so.
///
/// # Errors
/// The [`Refusal`] that states why the entry cannot be written.
pub fn decide(world: &World, entry: &Entry, head: Position) -> Result<Vec<Fact>, Refusal> {
    entry.saying.valid.check()?;
    if let Some(dated) = entry.saying.source.dated {
        super::terms::time::check_date(dated)?;
    }
    let fact = match &entry.saying.corrects {
        None => fact(world, entry, head)?,
        Some(correction) => correction::decide(world, entry, correction, head)?,
    };
    Ok(fact.into_iter().collect())
}

/// The fact that an entry comes to by itself; nothing where it is already so.
pub(super) fn fact(world: &World, entry: &Entry, head: Position) -> Result<Option<Fact>, Refusal> {
    let saying = &entry.saying;
    let event = match &entry.command {
        Command::Experiment(id, command) => experiment::decide(world, *id, command, saying, head)?,
        Command::Venue(id, command) => venue::decide(world, *id, command, saying)?,
        Command::Permanence(id, command) => permanence::decide(world, *id, command, saying)?,
        Command::Adviser(id, command) => adviser::decide(world, *id, command, saying)?,
        Command::Session(session, event) => session::decide(world, *session, event, saying)?,
        Command::Operator(id, event) => operator::decide(world, *id, event, saying)?,
        Command::Agreement(id, event) => agreement::decide(world, *id, event, saying)?,
        Command::Cost(key, event) => cost::decide(world, *key, event, saying)?,
        Command::Import(id, event) => import::decide(world, *id, event)?,
        Command::Site(id, event) => site::decide(world, *id, event, saying)?,
        Command::Report(id, event) => report::decide(world, *id, event, saying, head)?,
        Command::Token(id, event) => token::decide(world, *id, event, saying)?,
        Command::Holder(id, event) => holder::decide(world, *id, event, saying)?,
        Command::Retract(_) => return Err(Refusal::NothingToRetract),
    };
    Ok(event.map(|event| Fact {
        saying: saying.clone(),
        event,
    }))
}
