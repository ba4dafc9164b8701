//! The keys of the tree, and what lies under them.

use uuid::Uuid;

use crate::{
    domain::terms::Position,
    log::{
        Appended, LogError,
        record::{Hash, Record, RecordError},
    },
};

pub(super) fn stream_version(db: &sled::Db, stream: &str) -> Result<u64, LogError> {
    match db.get(version_key(stream)).map_err(store)? {
        Some(bytes) => number(&bytes),
        None => Ok(0),
    }
}

/// What the index says a command wrote, checked against the first record it names.
pub(super) fn command(db: &sled::Db, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
    let Some(value) = db.get(command_key(id)).map_err(store)? else {
        return Ok(None);
    };
    let malformed = || LogError::Store(format!("the index entry of command {id} is malformed"));
    let (first, rest) = value.split_first_chunk::<8>().ok_or_else(malformed)?;
    let (count, rest) = rest.split_first_chunk::<2>().ok_or_else(malformed)?;
    let fingerprint: [u8; 16] = rest.try_into().map_err(|_| malformed())?;
    let appended = Appended {
        first: Position(u64::from_be_bytes(*first)),
        count: u16::from_be_bytes(*count),
        repeated: true,
    };
    let bytes = db
        .get(event_key(appended.first))
        .map_err(store)?
        .ok_or_else(malformed)?;
    let (record, _) = decode(&bytes, appended.first)?;
    let told = (
        record.command_id,
        record.command_index,
        record.command_count,
    );
    if told != (id, 0, appended.count) || record.fingerprint != fingerprint {
        return Err(malformed());
    }
    Ok(Some((appended, fingerprint)))
}

pub(super) fn decode(bytes: &[u8], position: Position) -> Result<(Record, Hash), LogError> {
    let damaged = |error| LogError::Damaged { position, error };
    let (record, hash, length) = Record::decode(bytes).map_err(damaged)?;
    if length != bytes.len() || record.position != position {
        return Err(damaged(RecordError::Field("position")));
    }
    Ok((record, hash))
}

pub(super) fn broken_chain(position: Position) -> LogError {
    LogError::Damaged {
        position,
        error: RecordError::Field("previous hash"),
    }
}

pub(super) fn misled(stream: &str) -> LogError {
    LogError::Store(format!(
        "the index of stream {stream} does not agree with its records"
    ))
}

pub(super) fn event_key(position: Position) -> [u8; 9] {
    let mut key = [b'e'; 9];
    key[1..].copy_from_slice(&position.0.to_be_bytes());
    key
}

pub(super) fn stream_prefix(stream: &str) -> Vec<u8> {
    let mut key = vec![b's'];
    key.extend(stream.as_bytes());
    key.push(0);
    key
}

pub(super) fn version_key(stream: &str) -> Vec<u8> {
    let mut key = vec![b'v'];
    key.extend(stream.as_bytes());
    key
}

pub(super) fn command_key(id: Uuid) -> Vec<u8> {
    let mut key = vec![b'c'];
    key.extend(id.as_bytes());
    key
}

pub(super) fn number(bytes: &[u8]) -> Result<u64, LogError> {
    bytes
        .try_into()
        .map(u64::from_be_bytes)
        .map_err(|_| LogError::Store("an index entry is malformed".into()))
}

pub(super) fn store(error: impl std::fmt::Display) -> LogError {
    LogError::Store(error.to_string())
}
