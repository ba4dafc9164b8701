//! Where things are: by stream, and by command. Made from the records at every opening, and held
//! in memory; so it cannot be lost, and cannot differ from what it is an index of.
//!
//! Some 40 bytes an event: an entry per stream and per command, and for every event the position
//! of the one before it in its stream.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::record::{View, first_half};
use crate::{domain::terms::Position, fault};

/// The end of a stream.
#[derive(Debug, Clone, Copy)]
struct End {
    last: u32,
    version: u32,
}

/// Where the events of each stream and of each command are.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By the first half of the SHA-256 of the stream's name.
    streams: HashMap<[u8; 16], End>,
    /// The first position of each command.
    commands: HashMap<Uuid, u32>,
    /// For each position, the one before it in its stream; 0 for a stream's first.
    before: Vec<u32>,
}

/// Why a record cannot follow those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misplaced {
    /// There are more positions than the index can count.
    #[error("a log holds {} events at most", u32::MAX)]
    Full,
    /// Its position does not follow.
    #[error("its position does not follow")]
    Position,
    /// Its version in its stream does not follow.
    #[error("its version in its stream does not follow")]
    Version,
    /// Its command has taken effect before.
    #[error("its command has taken effect before")]
    Command,
}

impl Index {
    /// The last position.
    pub(super) fn last(&self) -> Position {
        Position(self.before.len() as u64)
    }

    /// The version of a stream; 0 if it has no events.
    pub(super) fn version(&self, stream: &str) -> u64 {
        self.streams
            .get(&key(stream))
            .map_or(0, |end| u64::from(end.version))
    }

    /// The positions of a stream's events, in order.
    pub(super) fn positions(&self, stream: &str) -> Vec<Position> {
        let mut at = self.streams.get(&key(stream)).map_or(0, |end| end.last);
        let mut positions = Vec::new();
        while at != 0 {
            positions.push(Position(u64::from(at)));
            at = self.before.get(at as usize - 1).copied().unwrap_or(0);
        }
        positions.reverse();
        positions
    }

    /// The first position of a command.
    pub(super) fn command(&self, id: Uuid) -> Option<Position> {
        self.commands.get(&id).map(|at| Position(u64::from(*at)))
    }

    /// Takes in the next record.
    pub(super) fn push(&mut self, record: &View<'_>) -> Result<(), Misplaced> {
        if record.position != self.last().next() {
            return Err(Misplaced::Position);
        }
        let at = u32::try_from(record.position.0).map_err(|_| Misplaced::Full)?;
        let end = self.streams.get(&key(record.stream)).copied();
        let end = end.unwrap_or(End {
            last: 0,
            version: 0,
        });
        let version = end.version.checked_add(1).ok_or(Misplaced::Full)?;
        if u64::from(version) != record.stream_version {
            return Err(Misplaced::Version);
        }
        if record.command_index == 0 && !fault::bug("forget-command") {
            if self.commands.contains_key(&record.command_id) {
                return Err(Misplaced::Command);
            }
            self.commands.insert(record.command_id, at);
        }
        let last = End { last: at, version };
        self.streams.insert(key(record.stream), last);
        self.before.push(end.last);
        Ok(())
    }
}

fn key(stream: &str) -> [u8; 16] {
    first_half(&Sha256::digest(stream.as_bytes()).into())
}
