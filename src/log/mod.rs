//! Step 2, append-only: the log of everything that was ever recorded.
//!
//! In: batches of new records, each under a command id and guarded by the versions of the streams
//! its decision read. Out: records in order, and the head as it moves.
//!
//! **Invariants** (promises 1 to 4 of the project).
//! - What is acknowledged is durable.
//! - Positions are 1, 2, 3 ... with no gap; nobody reads beyond the published head, so nobody
//!   sees n + 1 before n.
//! - A command id takes effect once; asking again answers what was answered first.
//! - An append takes place only if every stream it read is still at the version it read.
//!
//! **Deliberately absent.** No update, no deletion, no reordering. The log knows nothing of what
//! its payloads mean; [`stored`] does, and nothing below it.

mod index;
pub mod mirrored;
pub mod proof;
pub mod record;
mod scan;
mod segment;
mod sled;
pub mod stored;
mod writer;

use async_trait::async_trait;
use tokio::sync::watch;
use uuid::Uuid;

use crate::domain::terms::Position;
use record::{Hash, Record, RecordError};

/// The last position of the log and the hash of its record: the name of the log's whole state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last position; [`Position::START`] for an empty log.
    pub position: Position,
    /// The last record's hash; the genesis hash for an empty log.
    pub hash: Hash,
}

/// A record to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// Its stream.
    pub stream: String,
    /// Its tag.
    pub tag: &'static str,
    /// The event it corrects.
    pub corrects: Option<Position>,
    /// The circumstances, as JSON.
    pub meta: Vec<u8>,
    /// The event, as JSON.
    pub payload: Vec<u8>,
}

/// The version a stream must still have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The stream.
    pub stream: String,
    /// Its version when it was read; 0 for a stream without events.
    pub version: u64,
}

/// What one command appends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The command's identity.
    pub command_id: Uuid,
    /// A digest of what it asks.
    pub fingerprint: [u8; 16],
    /// What belongs together across commands.
    pub correlation_id: Uuid,
    /// The event that caused it.
    pub causation: Option<Position>,
    /// Every stream its decision read.
    pub guards: Vec<Guard>,
    /// Its records: at least one.
    pub records: Vec<NewRecord>,
}

/// What a command wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The position of its first event.
    pub first: Position,
    /// How many events it has.
    pub count: u16,
    /// Whether this repeats the answer to an earlier append under the same command id.
    pub repeated: bool,
}

impl Appended {
    /// The position of its last event.
    #[must_use]
    pub fn last(&self) -> Position {
        Position(self.first.0 + u64::from(self.count) - 1)
    }
}

/// Why nothing was appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// A stream has moved on since it was read.
    #[error("stream {stream} is at version {actual}, not {expected}")]
    Conflict {
        /// The stream.
        stream: String,
        /// The version the command read.
        expected: u64,
        /// The version it has.
        actual: u64,
    },
    /// The command id was used before, for something else.
    #[error("the command id was used before, for something else")]
    CommandReused,
    /// An event is too large or its stream cannot be named so, or a command has none or too many.
    #[error("the command does not fit: {0}")]
    DoesNotFit(String),
    /// The log takes no more writes. What was on its way when that began may lie in the store all
    /// the same, and be found there when the log is opened again.
    #[error("the log takes no writes: {0}")]
    ReadOnly(String),
    /// Reading what the append depends on failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Why the log cannot be read or opened; told in French, to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The store below failed.
    #[error("le disque ne suit pas : {0}")]
    Store(String),
    /// A record is damaged.
    #[error("l'enregistrement à la position {position} est abîmé : {error}")]
    Damaged {
        /// Where.
        position: Position,
        /// How.
        error: RecordError,
    },
    /// A position that must be there is not.
    #[error("il manque la position {0}")]
    Missing(Position),
    /// An event cannot be read by this release.
    #[error("l'événement{} ne se lit pas : {why}", at(*.position))]
    Unreadable {
        /// Where.
        position: Option<Position>,
        /// Why.
        why: String,
    },
    /// Another process has the log open.
    #[error("un autre processus tient le journal ouvert : {0}")]
    Locked(String),
    /// The directory holds something else, or a log in a state that must not be opened.
    #[error("le journal ne peut être ouvert : {0}")]
    Unopenable(String),
    /// The two copies cannot both be right, and neither can be told to be.
    #[error("les deux copies du journal ne s'accordent pas : {0}")]
    Disagree(String),
}

fn at(position: Option<Position>) -> String {
    position.map_or_else(String::new, |position| format!(" à la position {position}"))
}

/// An append-only log of records.
#[async_trait]
pub trait EventLog: std::fmt::Debug + Send + Sync + 'static {
    /// The log's identity, fixed at its creation.
    fn id(&self) -> Uuid;

    /// The head, as it moves; a position is published once it is durable.
    fn watch(&self) -> watch::Receiver<Head>;

    /// The head now.
    fn head(&self) -> Head {
        *self.watch().borrow()
    }

    /// Why the log takes no more writes, if it does not.
    fn read_only(&self) -> Option<String> {
        None
    }

    /// Appends what one command writes; answers once it is durable.
    async fn append(&self, append: Append) -> Result<Appended, AppendError>;

    /// What a command wrote, with its fingerprint, if it took effect.
    async fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError>;

    /// Up to `limit` records after `after`, in order, none beyond the published head.
    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Record>, LogError>;

    /// The whole stream, in order, none beyond the published head.
    async fn read_stream(&self, stream: &str) -> Result<Vec<Record>, LogError>;
}
