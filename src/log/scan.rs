//! Reading a whole copy of the log and believing nothing: frames, checksums, positions, chain,
//! stream versions, commands, one after the other.

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Head,
    index::{Index, Misplaced},
    record::{RecordError, View, genesis},
};
use crate::{domain::terms::Position, fault};

/// How far a copy is whole.
pub(super) struct Scan {
    /// The last record up to which everything is as it must be.
    pub head: Head,
    /// The last of these that ends its command: what a cut may have left of the next is no
    /// command.
    pub complete: Head,
    /// When the last record was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Where its records are.
    pub index: Index,
    /// What is wrong with what follows.
    pub trouble: Option<Trouble>,
    /// The last position that this copy shows signs of having held.
    pub reaches: Position,
    command: Option<(Uuid, u16, u16)>,
    also: Also,
}

/// What else every record is put to.
type Also = Box<dyn FnMut(&View<'_>) -> Result<(), Wrong> + Send>;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    /// The first position that is not as it must be.
    pub position: Position,
    /// The file and the byte at which its frame begins or should, where there is one.
    pub place: Option<(std::path::PathBuf, u64)>,
    /// What is wrong.
    pub wrong: Wrong,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "position {}", self.position)?;
        if let Some((path, offset)) = &self.place {
            write!(f, ", {} à l'octet {offset}", path.display())?;
        }
        write!(f, " : {}", self.wrong)
    }
}

/// What can be wrong with a record, by itself or after those before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wrong {
    /// Its frame.
    #[error("enregistrement abîmé ({0})")]
    Frame(#[from] RecordError),
    /// Another position was due.
    #[error("la position {0} s'y trouve à la place")]
    Position(Position),
    /// It does not continue the chain.
    #[error("la chaîne de hachage est rompue")]
    Chain,
    /// Its stream's version is not the next one.
    #[error("la version du flux ne suit pas")]
    Version,
    /// Its command was there before, or is mixed up with another.
    #[error("la commande est là deux fois, ou mêlée à une autre")]
    Command,
    /// Its command is not whole.
    #[error("la dernière commande n'est pas entière")]
    Unfinished,
    /// It was recorded before the one before it.
    #[error("l'heure d'inscription recule")]
    Clock,
    /// There are more than can be counted.
    #[error("le journal a plus de positions qu'il ne peut en compter")]
    Full,
    /// The file does not begin as a segment of this log does.
    #[error("l'en-tête du segment est abîmé ou d'un autre journal")]
    Header,
    /// There is nothing where something is announced.
    #[error("il manque des enregistrements")]
    Missing,
    /// The end that is announced is another.
    #[error("la fin annoncée n'est pas celle qui s'y trouve")]
    End,
    /// This release cannot read the event.
    #[error("événement illisible ({0})")]
    Event(String),
    /// The store does not answer.
    #[error("la lecture échoue ({0})")]
    Unreadable(String),
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan")
            .field("head", &self.head)
            .field("trouble", &self.trouble)
            .field("reaches", &self.reaches)
            .finish_non_exhaustive()
    }
}

impl Scan {
    pub(super) fn new(log: Uuid) -> Self {
        Self::with(log, Box::new(|_| Ok(())))
    }

    /// One that puts every record to something more.
    pub(super) fn with(log: Uuid, also: Also) -> Self {
        let start = Head {
            position: Position::START,
            hash: genesis(log),
        };
        Self {
            head: start,
            complete: start,
            recorded_at: DateTime::<Utc>::MIN_UTC,
            index: Index::default(),
            trouble: None,
            reaches: Position::START,
            command: None,
            also,
        }
    }

    /// Takes in the next record, if it is one and follows.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<usize, Wrong> {
        let view = View::decode(bytes)?;
        self.follow(&view)?;
        Ok(view.whole())
    }

    /// Takes in the next record, if it follows.
    pub(super) fn follow(&mut self, view: &View<'_>) -> Result<(), Wrong> {
        let due = self.head.position.next();
        if view.position != due {
            return Err(Wrong::Position(view.position));
        }
        if view.previous != self.head.hash && !fault::bug("ignore-chain") {
            return Err(Wrong::Chain);
        }
        if view.recorded_at < self.recorded_at {
            return Err(Wrong::Clock);
        }
        let expected = match self.command {
            Some((id, index, count)) if index + 1 < count => (id, index + 1, count),
            _ => (view.command_id, 0, view.command_count),
        };
        let told = (view.command_id, view.command_index, view.command_count);
        if told != expected {
            return Err(Wrong::Command);
        }
        self.index.push(view).map_err(|misplaced| match misplaced {
            Misplaced::Full => Wrong::Full,
            Misplaced::Position => Wrong::Position(view.position),
            Misplaced::Version => Wrong::Version,
            Misplaced::Command => Wrong::Command,
        })?;
        (self.also)(view)?;
        self.command = Some(told);
        self.head = Head {
            position: due,
            hash: view.hash(),
        };
        if view.ends_command() {
            self.complete = self.head;
        }
        self.recorded_at = view.recorded_at;
        self.reaches = self.reaches.max(due);
        Ok(())
    }

    /// Notes what is wrong with what follows; the first trouble counts.
    pub(super) fn stop(&mut self, wrong: Wrong, place: Option<(std::path::PathBuf, u64)>) {
        if self.trouble.is_none() {
            self.trouble = Some(Trouble {
                position: self.head.position.next(),
                place,
                wrong,
            });
        }
    }

    /// Notes a sign that it once reached further.
    pub(super) fn sign_of(&mut self, position: Position) {
        self.reaches = self.reaches.max(position);
    }
}
