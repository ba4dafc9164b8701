//! What a log held before it was damaged, kept elsewhere, record by record.

use std::{collections::BTreeMap, fs, path::Path};

use carnet::{
    domain::terms::Position,
    log::{EventLog, record::Record},
};

use super::disk;

/// Notes all that the log of a data directory holds; answers how much that is.
pub(crate) async fn note(data: &Path, into: &Path) -> usize {
    let log = disk::open(data).unwrap();
    let records = log.read(Position::START, usize::MAX).await.unwrap();
    let mut bytes = Vec::new();
    for record in &records {
        record.encode(&mut bytes).unwrap();
    }
    fs::write(into, bytes).unwrap();
    records.len()
}

/// Reads what was noted.
pub(crate) fn read(noted: &Path) -> Vec<Record> {
    let bytes = fs::read(noted).unwrap();
    let mut rest = bytes.as_slice();
    let mut records = Vec::new();
    while !rest.is_empty() {
        let (record, _, length) = Record::decode(rest).unwrap();
        records.push(record);
        rest = &rest[length..];
    }
    records
}

/// That a record whose body was changed by one bit is not taken for a record.
pub(crate) fn told_by_checksum(record: &Record) -> Result<(), String> {
    let mut bytes = Vec::new();
    record.encode(&mut bytes).map_err(|why| why.to_string())?;
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    match Record::decode(&bytes) {
        Err(_) => Ok(()),
        Ok(_) => Err("a record that was changed is decoded".to_owned()),
    }
}

/// That whatever a log serves, though it may refuse the rest, is what was recorded.
pub(crate) async fn compare(data: &Path, truth: &[Record]) -> Result<(), String> {
    let Ok(log) = disk::open(data) else {
        return Ok(());
    };
    let mut streams: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in truth {
        let position = record.position;
        streams.entry(&record.stream).or_default().push(record);
        match log.read(Position(position.0 - 1), 1).await {
            Ok(served) if served.first() == Some(record) => {}
            Err(_) => {}
            Ok(served) => {
                let served = served.first().map(|served| served.position);
                return Err(format!(
                    "position {position} is served otherwise, at {served:?}"
                ));
            }
        }
        match log.command(record.command_id).await {
            Ok(Some((known, _)))
                if known.first.0 + u64::from(record.command_index) == position.0 => {}
            Err(_) => {}
            Ok(known) => {
                return Err(format!(
                    "the command at {position} is said to be at {known:?}"
                ));
            }
        }
    }
    for (stream, records) in streams {
        if let Ok(served) = log.read_stream(stream).await
            && !served.iter().eq(records)
        {
            return Err(format!(
                "the stream {stream} is served otherwise than recorded"
            ));
        }
    }
    Ok(())
}
