//! Nothing damaged is served: what was changed below a closed log that has no second copy is
//! found when it is opened, and named.

use carnet::{
    domain::terms::Position,
    log::{EventLog, LogError, mirrored::MirroredLog},
};

use crate::support::{Place, all, check_chain, command, fill};

/// What is done to the store below a closed log, in words and in deed.
type Tampering = (&'static str, fn(&sled::Db));

fn event_key(position: u64) -> Vec<u8> {
    [b"e".as_slice(), &position.to_be_bytes()].concat()
}

/// Why it is not opened; what it tells says where.
#[track_caller]
fn refused(opened: Result<MirroredLog, LogError>) -> String {
    match opened {
        Err(LogError::Disagree(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// A place with a closed log of `count` records, in one copy.
async fn closed(count: u64) -> Place {
    let place = Place::alone();
    let log = place.open();
    fill(&log, count).await;
    drop(log);
    place
}

/// Catches: a byte of the frame or the body that no check covers; damage laid at another's door.
#[tokio::test]
async fn any_flipped_byte_is_refused_with_its_position() {
    let place = closed(4).await;
    let log = place.open();
    let id = log.id();
    let bytes = {
        let mut bytes = Vec::new();
        all(&log).await[2].encode(&mut bytes).unwrap();
        bytes
    };
    drop(log);
    for k in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[k] ^= 0x10;
        place.tamper(|db| {
            db.insert(event_key(3), changed).unwrap();
        });
        let why = refused(place.try_open());
        assert!(why.contains("position 3"), "byte {k}: {why}");
    }
    place.tamper(|db| {
        db.insert(event_key(3), bytes).unwrap();
    });
    let log = place.open();
    assert_eq!(check_chain(id, &all(&log).await), log.head());
}

/// Catches: each way for a store to hold less, or other, than what was acknowledged.
#[tokio::test]
async fn whatever_is_not_as_it_was_acknowledged_is_refused() {
    const TAMPERINGS: &[Tampering] = &[
        ("position 3", |db| {
            // Whole, but of another position.
            let second = db.get(event_key(2)).unwrap().unwrap();
            db.insert(event_key(3), &second).unwrap();
        }),
        ("position 3", |db| {
            // With something behind it.
            let second = db.get(event_key(2)).unwrap().unwrap();
            let longer = [&second, b"x".as_slice()].concat();
            db.insert(event_key(2), longer).unwrap();
        }),
        ("position 3", |db| {
            db.insert(event_key(3), &[]).unwrap();
        }),
        ("position 1", |db| {
            db.remove(event_key(1)).unwrap();
        }),
        ("position 4", |db| {
            db.remove(event_key(4)).unwrap();
        }),
        ("position 6", |db| {
            db.remove(event_key(6)).unwrap();
        }),
        ("position 1", |db| {
            for position in 1..=6 {
                db.remove(event_key(position)).unwrap();
            }
        }),
        ("position 7", |db| {
            db.remove("mhead").unwrap();
        }),
        ("position 7", |db| {
            let mut head = db.get("mhead").unwrap().unwrap().to_vec();
            head[7] -= 1;
            db.insert("mhead", head).unwrap();
        }),
        ("position 7", |db| {
            let mut head = db.get("mhead").unwrap().unwrap().to_vec();
            head[39] ^= 1;
            db.insert("mhead", head).unwrap();
        }),
        ("malformed", |db| {
            db.insert("mhead", b"x").unwrap();
        }),
        ("malformed", |db| {
            db.insert("e1", b"x").unwrap();
        }),
        ("position 1", |db| {
            // The first records of another log.
            db.insert("mid", &[9; 16]).unwrap();
        }),
        ("", |db| {
            db.insert("mid", b"nobody").unwrap();
        }),
        ("identity", |db| {
            db.remove("mid").unwrap();
        }),
    ];
    for (n, (told, tampering)) in TAMPERINGS.iter().enumerate() {
        let place = closed(6).await;
        place.tamper(tampering);
        let why = refused(place.try_open());
        assert!(why.contains(told), "{n}: {why}");
        assert!(why.contains("carnet restore"), "{n}: {why}");
    }
}

/// Catches: a record replaced by another whole one, its checksum right: only the chain tells.
#[tokio::test]
async fn a_forged_record_breaks_the_chain() {
    for (forged, told) in [(1, 2), (3, 4), (5, 6), (6, 7)] {
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
        let why = refused(place.try_open());
        assert!(why.contains(&format!("position {told}")), "{why}");
    }
}

/// Catches: a whole, chained record that takes a version its stream has, or a command id that has
/// taken effect; a command that ends before its last event.
#[tokio::test]
async fn a_record_that_contradicts_those_before_it_is_refused() {
    type Forging = fn(&mut carnet::log::record::Record);
    let forgings: [(&str, Forging); 4] = [
        ("version", |record| record.stream_version -= 1),
        ("commande", |record| {
            record.command_id = uuid::Uuid::from_u128(1);
        }),
        ("commande", |record| record.command_count = 2),
        ("heure", |record| {
            record.recorded_at -= chrono::TimeDelta::days(1);
        }),
    ];
    for (told, forge) in forgings {
        let place = closed(6).await;
        let log = place.open();
        let mut record = all(&log).await.swap_remove(5);
        drop(log);
        forge(&mut record);
        let mut bytes = Vec::new();
        let hash = record.encode(&mut bytes).unwrap();
        place.tamper(|db| {
            db.insert(event_key(6), bytes).unwrap();
            let head = [6_u64.to_be_bytes().as_slice(), &hash.0].concat();
            db.insert("mhead", head).unwrap();
        });
        let why = refused(place.try_open());
        assert!(why.contains(told), "{why}");
    }
}

/// Catches: a log that cannot be written any more after being read whole.
#[tokio::test]
async fn a_log_that_was_read_whole_goes_on() {
    let place = closed(6).await;
    let log = place.open();
    log.append(command(70, "d", 0)).await.unwrap();
    assert_eq!(log.head().position, Position(7));
}
