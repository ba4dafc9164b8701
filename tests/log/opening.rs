//! What a log is when it is opened again, and what is refused.

use std::{fs, sync::Arc};

use carnet::{
    clock::FixedClock,
    domain::terms::Position,
    log::{EventLog, LogError, mirrored::MirroredLog},
};
use futures_util::future::join_all;

use crate::support::{Place, all, check_chain, command, fill, noon, sized_event};

/// Catches: a record, a head or an identity that does not outlive its process.
#[tokio::test]
async fn reopening_finds_the_same_log() {
    let place = Place::new();
    let log = place.open();
    let id = log.id();
    let empty = log.head();
    assert_eq!(check_chain(id, &[]), empty);
    drop(log);

    let log = place.open();
    assert_eq!((log.id(), log.head()), (id, empty));
    fill(&log, 10).await;
    let (head, records) = (log.head(), all(&log).await);
    drop(log);

    for _ in 0..3 {
        let log = place.open();
        assert_eq!(log.id(), id);
        assert_eq!(log.head(), head);
        assert_eq!(all(&log).await, records);
    }
    let log = place.open();
    log.append(command(50, "a", 4)).await.unwrap();
    assert_eq!(check_chain(id, &all(&log).await), log.head());
}

/// Catches: two logs that have the same identity, so that one passes for the other's backup.
#[tokio::test]
async fn each_log_has_an_identity_of_its_own() {
    let (one, other) = (Place::new(), Place::new());
    let clock = Arc::new(FixedClock::new(noon()));
    let one = MirroredLog::open(one.places(), clock.clone()).unwrap();
    let other = MirroredLog::open(other.places(), clock).unwrap();
    assert_ne!(one.id(), other.id());
    assert_ne!(one.head().hash, other.head().hash);
}

/// Catches: two writers on one log; a closed log that keeps its directory.
#[tokio::test]
async fn a_directory_is_open_once_at_a_time() {
    let place = Place::new();
    let log = place.open();
    fill(&log, 1).await;
    for _ in 0..2 {
        let second = place.try_open();
        assert!(matches!(second, Err(LogError::Locked(_))), "{second:?}");
    }
    log.append(command(9, "a", 1)).await.unwrap();
    drop(log);
    for n in 10..40 {
        drop(place.open());
        let log = place.open();
        log.append(command(n, "z", u64::try_from(n).unwrap() - 10))
            .await
            .unwrap();
    }
}

/// Catches: a log that a crash during opening makes unopenable for ever.
#[tokio::test]
async fn an_unfinished_snapshot_is_set_aside() {
    let place = Place::new();
    let log = place.open();
    fill(&log, 4).await;
    let head = log.head();
    drop(log);
    let name = "snap.00000000FFFFFFFF.generating";
    fs::write(place.directory().join(name), b"half a snaps").unwrap();
    let log = place.open();
    assert_eq!(log.head(), head);
    assert_eq!(check_chain(log.id(), &all(&log).await), head);
    assert!(!place.directory().join(name).exists());
    let aside = place.directory().join(format!("unfinished-{name}"));
    assert_eq!(fs::read(aside).unwrap(), b"half a snaps");
}

/// Catches: segments too small for the largest records, which sled then writes to files that it
/// never syncs and a power cut undoes.
#[tokio::test(flavor = "multi_thread")]
async fn the_largest_records_stay_out_of_unsynced_files() {
    let place = Place::new();
    let log = place.open();
    let appends = (0..8).map(|n| {
        let mut append = command(n, "large", 0);
        append.guards.clear();
        append.records = vec![sized_event("large", 60_000); 12];
        log.append(append)
    });
    for answer in join_all(appends).await {
        answer.unwrap();
    }
    let blobs = || {
        fs::read_dir(place.directory().join("blobs"))
            .unwrap()
            .count()
    };
    assert_eq!(blobs(), 0);
    let head = log.head();
    assert_eq!(head.position, Position(96));
    drop(log);
    let log = place.open();
    assert_eq!(check_chain(log.id(), &all(&log).await), head);
    drop(log);
    assert_eq!(blobs(), 0);
}

/// Catches: a log served although a part of it lies where it was never made durable.
#[tokio::test]
async fn a_log_with_blobs_is_not_opened() {
    let place = Place::alone();
    let log = place.open();
    fill(&log, 4).await;
    drop(log);
    fs::write(place.directory().join("blobs").join("0"), b"x").unwrap();
    let refused = place.try_open();
    assert!(
        matches!(&refused, Err(LogError::Disagree(why)) if why.contains("blobs")),
        "{refused:?}"
    );
}

/// Catches: another program's directory taken for an empty log.
#[tokio::test]
async fn a_store_without_identity_is_not_taken_over() {
    let place = Place::alone();
    drop(place.open());
    place.tamper(|db| {
        db.remove("mid").unwrap();
        db.insert("somebody", "else's").unwrap();
    });
    let refused = place.try_open();
    assert!(matches!(refused, Err(LogError::Disagree(_))), "{refused:?}");
}
