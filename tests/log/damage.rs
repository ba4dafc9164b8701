//! Nothing damaged is served: what was changed below the closed log is refused and named.

use carnet::{
    domain::terms::Position,
    log::{EventLog, LogError, record::RecordError},
};

use crate::support::{Place, all, command, fill};

/// What is done to the store below a closed log, in words and in deed.
type Tampering = (&'static str, fn(&sled::Db));

fn event_key(position: u64) -> Vec<u8> {
    [b"e".as_slice(), &position.to_be_bytes()].concat()
}

fn stream_key(stream: &str, version: u64) -> Vec<u8> {
    [b"s", stream.as_bytes(), &[0], &version.to_be_bytes()].concat()
}

fn version_key(stream: &str) -> Vec<u8> {
    [b"v", stream.as_bytes()].concat()
}

fn damaged_at(result: &Result<impl Sized, LogError>) -> Option<u64> {
    match result {
        Err(LogError::Damaged { position, .. }) => Some(position.0),
        Ok(_) | Err(_) => None,
    }
}

/// A place with a closed log of `count` records.
async fn closed(count: u64) -> Place {
    let place = Place::new();
    let log = place.open();
    fill(&log, count).await;
    drop(log);
    place
}

/// Catches: a byte of the frame or the body that no check covers; a damaged record skipped, or
/// laid at another's door.
#[tokio::test]
async fn any_flipped_byte_is_refused_with_its_position() {
    let place = Place::new();
    let log = place.open();
    fill(&log, 3).await;
    let bytes = {
        let mut bytes = Vec::new();
        all(&log).await[2].encode(&mut bytes).unwrap();
        bytes.len() as u64
    };
    for n in 3..bytes + 3 {
        log.append(command(u128::from(n) + 1, "c", n - 2))
            .await
            .unwrap();
    }
    drop(log);
    // The record at position 3 + k is damaged in its byte k; the last one is whole.
    place.tamper(|db| {
        for k in 0..bytes {
            let mut record = db.get(event_key(3 + k)).unwrap().unwrap().to_vec();
            record[usize::try_from(k).unwrap()] ^= 0x10;
            db.insert(event_key(3 + k), record).unwrap();
        }
    });
    let log = place.open();
    for k in 0..bytes {
        let position = 3 + k;
        let served = log.read(Position(position - 1), 1).await;
        assert_eq!(damaged_at(&served), Some(position), "byte {k}: {served:?}");
        let served = log.read(Position::START, usize::try_from(position).unwrap());
        assert_eq!(damaged_at(&served.await), Some(3));
    }
    assert_eq!(log.read(Position::START, 2).await.unwrap().len(), 2);
    assert_eq!(damaged_at(&log.read_stream("c").await), Some(3));
    assert_eq!(log.read_stream("a").await.unwrap().len(), 1);
}

/// Catches: a record that is whole, but of another position, or with something behind it.
#[tokio::test]
async fn a_whole_record_in_the_wrong_place_is_refused() {
    let place = closed(6).await;
    place.tamper(|db| {
        let second = db.get(event_key(2)).unwrap().unwrap();
        db.insert(event_key(3), &second).unwrap();
        let longer = [&second, b"x".as_slice()].concat();
        db.insert(event_key(2), longer).unwrap();
    });
    let log = place.open();
    for position in [2, 3] {
        let served = log.read(Position(position - 1), 1).await;
        assert_eq!(damaged_at(&served), Some(position));
    }
}

/// Catches: a record replaced by another whole one, its checksum right: only the chain tells.
#[tokio::test]
async fn a_forged_record_breaks_the_chain() {
    for (forged, told) in [(1, 2), (3, 4), (5, 6)] {
        let place = closed(6).await;
        let log = place.open();
        let mut record = all(&log)
            .await
            .swap_remove(usize::try_from(forged).unwrap() - 1);
        drop(log);
        record.payload = b"\"forged\"".to_vec();
        let mut bytes = Vec::new();
        record.encode(&mut bytes).unwrap();
        place.tamper(|db| {
            db.insert(event_key(forged), bytes).unwrap();
        });
        let served = place.open().read(Position::START, 6).await;
        assert_eq!(damaged_at(&served), Some(told), "{served:?}");
    }
}

/// Catches: a log of which the first records were taken from another log.
#[tokio::test]
async fn the_chain_begins_at_the_identity_of_the_log() {
    let place = closed(3).await;
    place.tamper(|db| {
        db.insert("mid", &[9; 16]).unwrap();
    });
    let log = place.open();
    assert_eq!(damaged_at(&log.read(Position::START, 1).await), Some(1));
}

/// Catches: a gap that is read over, at the beginning, within and at the end of what is asked.
#[tokio::test]
async fn a_missing_position_is_named() {
    for missing in [1, 3, 5] {
        let place = closed(6).await;
        place.tamper(|db| {
            db.remove(event_key(missing)).unwrap();
        });
        let log = place.open();
        let expected = Err(LogError::Missing(Position(missing)));
        assert_eq!(log.read(Position::START, 6).await, expected);
        assert_eq!(log.read(Position(missing - 1), 1).await, expected);
        let stream = ["c", "a", "b"][usize::try_from(missing % 3).unwrap()];
        assert_eq!(log.read_stream(stream).await, expected);
        let after = log.read(Position(missing), 6).await.unwrap();
        assert_eq!(after.len() as u64, 6 - missing);
    }
}

/// Catches: acknowledged records lost off the end, or records beyond the announced end, that are
/// taken for the state of the log.
#[tokio::test]
async fn an_end_that_disagrees_with_the_head_is_refused() {
    let tamperings: [Tampering; 7] = [
        ("the last record gone", |db| {
            db.remove(event_key(6)).unwrap();
        }),
        ("every record gone", |db| {
            for position in 1..=6 {
                db.remove(event_key(position)).unwrap();
            }
        }),
        ("the head gone", |db| {
            db.remove("mhead").unwrap();
        }),
        ("the head's position moved", |db| {
            let mut head = db.get("mhead").unwrap().unwrap().to_vec();
            head[7] += 1;
            db.insert("mhead", head).unwrap();
        }),
        ("the head's hash changed", |db| {
            let mut head = db.get("mhead").unwrap().unwrap().to_vec();
            head[39] ^= 1;
            db.insert("mhead", head).unwrap();
        }),
        ("the last record damaged", |db| {
            let mut record = db.get(event_key(6)).unwrap().unwrap().to_vec();
            *record.last_mut().unwrap() ^= 1;
            db.insert(event_key(6), record).unwrap();
        }),
        ("a record beyond the head", |db| {
            let last = db.get(event_key(6)).unwrap().unwrap();
            db.insert(event_key(7), last).unwrap();
        }),
    ];
    for (what, tampering) in tamperings {
        let place = closed(6).await;
        place.tamper(tampering);
        let refused = place.try_open();
        assert!(
            matches!(
                refused,
                Err(LogError::Damaged { .. } | LogError::Unopenable(_))
            ),
            "{what}: {refused:?}"
        );
    }
    let place = closed(6).await;
    place.tamper(|db| {
        let mut head = db.get("mhead").unwrap().unwrap().to_vec();
        head[39] ^= 1;
        db.insert("mhead", head).unwrap();
    });
    assert_eq!(
        place.try_open().unwrap_err(),
        LogError::Damaged {
            position: Position(6),
            error: RecordError::Field("previous hash")
        }
    );
}

/// Catches: a stream served with an event of another, or without some of its own, because the
/// index by stream was damaged while the records are whole.
#[tokio::test]
async fn a_damaged_stream_index_is_refused() {
    let tamperings: [Tampering; 6] = [
        ("an entry points into another stream", |db| {
            db.insert(stream_key("a", 2), &5u64.to_be_bytes()).unwrap();
        }),
        ("an entry within is gone", |db| {
            db.remove(stream_key("a", 1)).unwrap();
        }),
        ("the last entry is gone", |db| {
            db.remove(stream_key("a", 2)).unwrap();
        }),
        ("an entry points beyond the head", |db| {
            db.insert(stream_key("a", 2), &99u64.to_be_bytes()).unwrap();
        }),
        ("the version is behind", |db| {
            db.insert(version_key("a"), &1u64.to_be_bytes()).unwrap();
        }),
        ("the version is gone", |db| {
            db.remove(version_key("a")).unwrap();
        }),
    ];
    for (what, tampering) in tamperings {
        let place = closed(6).await;
        place.tamper(tampering);
        let log = place.open();
        let served = log.read_stream("a").await;
        assert!(served.is_err(), "{what}: {served:?}");
        assert_eq!(log.read_stream("b").await.unwrap().len(), 2, "{what}");
    }
}

/// Catches: a damaged entry of the index by command answered as what a command wrote, or worse,
/// a panic in its arithmetic.
#[tokio::test]
async fn a_damaged_command_index_is_refused() {
    let tamperings: [(&str, usize, u8); 4] = [
        ("first", 7, 1),
        ("first, far away", 0, 0xff),
        ("count", 9, 1),
        ("fingerprint", 25, 1),
    ];
    for (what, byte, flip) in tamperings {
        let place = closed(6).await;
        let append = command(3, "c", 0);
        let id = append.command_id;
        place.tamper(|db| {
            let key = [b"c", id.as_bytes().as_slice()].concat();
            let mut entry = db.get(&key).unwrap().unwrap().to_vec();
            entry[byte] ^= flip;
            db.insert(key, entry).unwrap();
        });
        let log = place.open();
        let served = log.command(id).await;
        assert!(served.is_err(), "{what}: {served:?}");
        let answered = log.append(append).await;
        assert!(answered.is_err(), "{what}: {answered:?}");
        assert_eq!(log.head().position, Position(6), "{what}");
    }
}
