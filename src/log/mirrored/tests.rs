//! What is served while the store below holds something else than what was published.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use chrono::DateTime;

use super::{copies::Source, *};
use crate::{
    clock::FixedClock,
    log::{Guard, NewRecord, record::View, writer::Batch},
};

fn open(place: &tempfile::TempDir) -> MirroredLog {
    let clock = Arc::new(FixedClock::new(DateTime::UNIX_EPOCH));
    MirroredLog::open(Places::within(place.path()), clock).unwrap()
}

/// One event to the stream `a`.
fn command_of_one() -> Append {
    Append {
        command_id: Uuid::from_u128(1),
        fingerprint: [1; 16],
        correlation_id: Uuid::nil(),
        causation: None,
        guards: vec![Guard {
            stream: "a".into(),
            version: 0,
        }],
        records: vec![NewRecord {
            stream: "a".into(),
            tag: "something-happened/1",
            corrects: None,
            meta: b"{}".to_vec(),
            payload: b"{}".to_vec(),
        }],
    }
}

/// Writes records into the store, past the writer; answers the end.
fn write_past(log: &MirroredLog, after: Head, records: &[Record]) -> Head {
    let mut batch = Batch::copy(after);
    for record in records {
        let mut bytes = Vec::new();
        let hash = record.encode(&mut bytes).unwrap();
        let position = record.position;
        batch.push(&bytes, Head { position, hash });
    }
    log.reading.with_source(|source| match source {
        Source::Store(store) => store.commit(&batch).unwrap(),
        Source::Mirror(_) | Source::Closed(_) => unreachable!("the store is open"),
    });
    batch.head()
}

/// Catches: a last record that was changed since its head was published, whole and in its
/// place, that no later record tells apart.
#[tokio::test]
async fn the_last_record_must_be_the_one_the_head_names() {
    let place = tempfile::tempdir().unwrap();
    let log = open(&place);
    let empty = log.head();
    let last = log.append(command_of_one()).await.unwrap().last();
    let mut record = log.read(Position::START, 1).await.unwrap().remove(0);
    record.payload = b"[]".to_vec();
    write_past(&log, empty, &[record]);
    assert_eq!(log.read(Position::START, 1).await, Err(broken_chain(last)));
}

/// Catches: a reader that goes by what lies in the store instead of the published head, and so
/// sees what is not durable yet and may never be.
#[tokio::test]
async fn what_is_written_but_not_published_is_not_read() {
    let place = tempfile::tempdir().unwrap();
    let log = open(&place);
    let published = log.append(command_of_one()).await.unwrap().last();
    let head = log.head();

    // A batch of two, between its being written and its being published.
    let mut records = Vec::new();
    let mut record = log.read(Position::START, 1).await.unwrap().remove(0);
    record.command_id = Uuid::from_u128(2);
    record.command_count = 2;
    record.previous = head.hash;
    for (index, stream) in (0..).zip(["a", "b"]) {
        record.command_index = index;
        record.position = record.position.next();
        record.stream = stream.into();
        record.stream_version = if index == 0 { 2 } else { 1 };
        let mut bytes = Vec::new();
        let hash = record.encode(&mut bytes).unwrap();
        log.reading
            .with_index(|index| index.push(&View::decode(&bytes).unwrap()).unwrap());
        records.push(record.clone());
        record.previous = hash;
    }
    let end = write_past(&log, head, &records);

    assert_eq!(log.head(), head);
    assert_eq!(log.read(Position::START, 10).await.unwrap().len(), 1);
    assert_eq!(log.read(published, 10).await, Ok(vec![]));
    assert_eq!(log.read(published.next(), 10).await, Ok(vec![]));
    assert_eq!(log.read_stream("a").await.unwrap().len(), 1);
    assert_eq!(log.read_stream("b").await, Ok(vec![]));
    assert_eq!(log.command(Uuid::from_u128(2)).await, Ok(None));

    drop(log);
    let log = open(&place);
    assert_eq!(log.head(), end);
    assert_eq!(log.read_stream("a").await.unwrap().len(), 2);
    assert_eq!(log.read_stream("b").await.unwrap().len(), 1);
    let (written, _) = log.command(Uuid::from_u128(2)).await.unwrap().unwrap();
    assert_eq!((written.first, written.last()), (Position(2), Position(3)));
}
