//! Entries: what somebody asks to write in the notebook.

use serde::Serialize;

use super::{
    adviser::{self, AdviserCommand},
    event::{Fact, Saying, StreamId},
    experiment::{self, ExperimentCommand},
    permanence::{self, PermanenceCommand},
    refusal::Refusal,
    terms::{AdviserId, ExperimentId, PermanenceId, Position, VenueId},
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

/// A command and the subject it addresses.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// To an experiment.
    Experiment(ExperimentId, ExperimentCommand),
    /// To a host venue.
    Venue(VenueId, VenueCommand),
    /// To a permanence.
    Permanence(PermanenceId, PermanenceCommand),
    /// To an adviser.
    Adviser(AdviserId, AdviserCommand),
}

impl Command {
    /// The stream that the command writes to.
    #[must_use]
    pub const fn subject(&self) -> StreamId {
        match self {
            Self::Experiment(id, _) => StreamId::Experiment(*id),
            Self::Venue(id, _) => StreamId::Venue(*id),
            Self::Permanence(id, _) => StreamId::Permanence(*id),
            Self::Adviser(id, _) => StreamId::Adviser(*id),
        }
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
    let event = match &entry.command {
        Command::Experiment(id, command) => {
            experiment::decide(world, *id, command, &entry.saying, head)?
        }
        Command::Venue(id, command) => venue::decide(world, *id, command, &entry.saying)?,
        Command::Permanence(id, command) => permanence::decide(world, *id, command, &entry.saying)?,
        Command::Adviser(id, command) => adviser::decide(world, *id, command, &entry.saying)?,
    };
    Ok(event
        .into_iter()
        .map(|event| Fact {
            saying: entry.saying.clone(),
            event,
        })
        .collect())
}
