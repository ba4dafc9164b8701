//! What is served while the store below holds something else than what was published.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use chrono::DateTime;

use super::{copies::Source, *};
use crate::{
    clock::FixedClock,
    log::{
        Guard, NewRecord,
        record::View,
        writer::{Batch, Store},
    },
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

/// The first command of a log, as a batch that follows its beginning.
fn first_batch(log: Uuid) -> Batch {
    let start = mend::start(log);
    let mut batch = Batch::copy(start);
    let record = Record {
        position: Position(1),
        stream: "a".into(),
        stream_version: 1,
        tag: "something-happened/1".into(),
        event_id: Uuid::nil(),
        command_id: Uuid::from_u128(1),
        command_index: 0,
        command_count: 1,
        correlation_id: Uuid::nil(),
        causation: None,
        fingerprint: [1; 16],
        recorded_at: DateTime::UNIX_EPOCH,
        corrects: None,
        previous: start.hash,
        meta: b"{}".to_vec(),
        payload: b"{}".to_vec(),
    };
    let mut bytes = Vec::new();
    let hash = record.encode(&mut bytes).unwrap();
    let position = record.position;
    batch.push(&bytes, Head { position, hash });
    batch
}

/// Catches: a server that takes whatever lies under its directories' names after a failed write
/// for its log, and gives positions anew: an empty directory mounted or moved there, or its own,
/// emptied.
#[test]
fn what_is_opened_again_must_be_the_log_that_was_open() {
    use std::fs;
    type Harm<'a> = (&'a dyn Fn(&Path), bool);
    let emptied = |place: &Path| {
        for name in ["log", "mirror"] {
            let directory = place.join(name);
            fs::rename(&directory, place.join(format!("{name}.away"))).unwrap();
            fs::create_dir(&directory).unwrap();
        }
    };
    let wiped = |place: &Path| {
        for name in ["log", "mirror"] {
            for entry in fs::read_dir(place.join(name)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    fs::remove_dir_all(path).unwrap();
                } else if !path.ends_with("lock") {
                    fs::remove_file(path).unwrap();
                }
            }
        }
    };
    let kept = |_: &Path| {};
    let harms: [Harm<'_>; 3] = [(&emptied, false), (&wiped, false), (&kept, true)];
    for (harm, good) in harms {
        let place = tempfile::tempdir().unwrap();
        let id = Uuid::from_u128(7);
        let (mut copies, _, _) = Copies::open(Places::within(place.path()), id).unwrap();
        copies.commit(&first_batch(id)).unwrap();
        harm(place.path());
        let opened = copies.reopen();
        assert_eq!(opened.is_ok(), good, "{opened:?}");
        if good {
            assert_eq!(opened.unwrap().head.position, Position(1));
        }
    }
}

/// Catches: an empty mirror served as the log while the store cannot be opened for want of room.
#[test]
fn an_empty_mirror_does_not_stand_in_for_a_store_without_room() {
    use super::{
        decide::{Decision, decide},
        survey::{Found, Survey},
    };
    use crate::log::{scan::Scan, segment};
    let place = tempfile::tempdir().unwrap();
    let places = Places::within(place.path());
    let mirror = places.mirror.clone().unwrap();
    let id = Uuid::from_u128(7);
    let full = |mirror: &Path| Survey {
        id,
        store: Found::Full("no space left".into()),
        mirror: Some(segment::scan(mirror, id, Scan::new(id)).unwrap()),
    };
    std::fs::create_dir(&mirror).unwrap();
    let decided = decide(&places, &full(&mirror));
    assert!(
        matches!(decided, Err(LogError::Unopenable(_))),
        "{decided:?}"
    );
    let batch = first_batch(id);
    let mut writer = segment::SegmentWriter::open(&mirror, id, None).unwrap();
    writer.append(batch.bytes(), batch.before()).unwrap();
    let decided = decide(&places, &full(&mirror));
    assert_eq!(decided, Ok(Decision::ReadMirror("no space left".into())));
}
