//! Two copies: what one of them loses is taken from the other, and what cannot be is refused.

use std::{
    fs,
    path::{Path, PathBuf},
};

use carnet::log::{EventLog, Head, LogError, mirrored::MirroredLog};

use crate::support::{Place, all, check_chain, command, fill};

fn segments(place: &Place) -> Vec<PathBuf> {
    let mut segments: Vec<_> = fs::read_dir(place.mirror())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|is| is == "segment"))
        .collect();
    segments.sort();
    segments
}

/// A place with a closed log of `count` records, and its head.
async fn closed(count: u64) -> (Place, Head) {
    let place = Place::new();
    let log = place.open();
    fill(&log, count).await;
    let head = log.head();
    drop(log);
    (place, head)
}

/// Opens the log: everything is there, and it goes on; and then each copy stands alone.
async fn is_whole(place: &Place, head: Head) {
    let log = place.open();
    assert_eq!(log.head(), head);
    assert_eq!(check_chain(log.id(), &all(&log).await), head);
    let n = u128::from(head.position.0) + 1_000;
    log.append(command(n, "after", 0)).await.unwrap();
    let head = log.head();
    drop(log);
    // The second copy holds it too: it stands in for a store that is gone.
    fs::remove_dir_all(place.directory()).unwrap();
    let log = place.open();
    assert_eq!(log.head(), head);
    drop(log);
    // And the store for a mirror that is gone.
    fs::remove_dir_all(place.mirror()).unwrap();
    let log = place.open();
    assert_eq!(log.head(), head);
    assert_eq!(check_chain(log.id(), &all(&log).await), head);
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Catches: a damaged, shorter, gapped or missing store that is served, or that keeps the program
/// from starting although the mirror is whole.
#[tokio::test]
async fn a_damaged_store_is_written_anew_from_the_mirror() {
    type Harm = fn(&Place);
    let harms: [Harm; 8] = [
        |place| fs::remove_dir_all(place.directory()).unwrap(),
        |place| fs::remove_file(place.directory().join("db")).unwrap(),
        |place| change(&place.directory().join("db"), |bytes| bytes.truncate(700)),
        |place| {
            change(&place.directory().join("db"), |bytes| {
                bytes
                    .iter_mut()
                    .skip(64)
                    .step_by(97)
                    .for_each(|byte| *byte ^= 4);
            });
        },
        |place| fs::write(place.directory().join("conf"), b"not a configuration").unwrap(),
        |place| fs::write(place.directory().join("blobs").join("0"), b"x").unwrap(),
        |place| {
            place.tamper(|db| {
                let key = [b"e".as_slice(), &3_u64.to_be_bytes()].concat();
                db.remove(key).unwrap();
            });
        },
        |place| {
            place.tamper(|db| {
                db.clear().unwrap();
            });
        },
    ];
    for harm in harms {
        let (place, head) = closed(9).await;
        harm(&place);
        is_whole(&place, head).await;
    }
}

/// Catches: a store that is whole but shorter, which nothing but the other copy can tell.
#[tokio::test]
async fn a_silently_shorter_store_is_caught() {
    let (place, _) = closed(5).await;
    let earlier = fs::read(place.directory().join("db")).unwrap();
    let snapshots = |place: &Place| {
        fs::read_dir(place.directory())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().contains("snap."))
            .collect::<Vec<_>>()
    };
    let log = place.open();
    for n in 10..14 {
        log.append(command(n, "x", u64::try_from(n).unwrap() - 10))
            .await
            .unwrap();
    }
    let head = log.head();
    drop(log);
    for snapshot in snapshots(&place) {
        fs::remove_file(snapshot).unwrap();
    }
    fs::write(place.directory().join("db"), earlier).unwrap();
    is_whole(&place, head).await;
}

/// Catches: a mirror that is damaged, cut, gapped or missing, and is written on as if it were not.
#[tokio::test]
async fn a_damaged_mirror_is_mended_from_the_store() {
    type Harm = fn(&Place);
    let harms: [Harm; 9] = [
        |place| fs::remove_dir_all(place.mirror()).unwrap(),
        |place| fs::remove_file(&segments(place)[0]).unwrap(),
        |place| change(&segments(place)[0], Vec::clear),
        |place| change(&segments(place)[0], |bytes| bytes.truncate(40)),
        |place| {
            change(&segments(place)[0], |bytes| {
                bytes.truncate(bytes.len() - 100);
            });
        },
        |place| change(&segments(place)[0], |bytes| bytes[20] ^= 1),
        |place| change(&segments(place)[0], |bytes| bytes[700] ^= 1),
        |place| change(&segments(place)[0], |bytes| bytes[600..].fill(0)),
        |place| change(&segments(place)[0], |bytes| bytes.extend([7; 5000])),
    ];
    for harm in harms {
        let (place, head) = closed(9).await;
        harm(&place);
        is_whole(&place, head).await;
    }
}

/// Catches: a store that opens although the mirror, whole and of the same log, says otherwise.
#[tokio::test]
async fn two_whole_copies_that_differ_are_refused() {
    let (place, _) = closed(5).await;
    let before: Vec<_> = segments(&place)
        .iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    let store = place.directory();
    let kept = place.mirror().with_file_name("kept");
    copy_directory(&store, &kept);
    // Two stories from the same beginning.
    let log = place.open();
    log.append(command(20, "x", 0)).await.unwrap();
    drop(log);
    let theirs: Vec<_> = segments(&place)
        .iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    fs::remove_dir_all(&store).unwrap();
    copy_directory(&kept, &store);
    for (path, bytes) in before {
        fs::write(path, bytes).unwrap();
    }
    let log = place.open();
    log.append(command(21, "y", 0)).await.unwrap();
    drop(log);
    for (path, bytes) in theirs {
        fs::write(path, bytes).unwrap();
    }
    let refused = place.try_open();
    assert!(
        matches!(&refused, Err(LogError::Disagree(why)) if why.contains("position 6")),
        "{refused:?}"
    );
}

/// Catches: another log's mirror adopted, or written over.
#[tokio::test]
async fn the_mirror_of_another_log_is_refused() {
    let (place, _) = closed(3).await;
    // Their clock names them differently.
    let mut other = Place::new();
    other.clock = place.clock.clone();
    fill(&other.open(), 4).await;
    fs::remove_dir_all(place.mirror()).unwrap();
    copy_directory(&other.mirror(), &place.mirror());
    let before = fs::read(&segments(&place)[0]).unwrap();
    let refused = place.try_open();
    assert!(matches!(refused, Err(LogError::Disagree(_))), "{refused:?}");
    assert_eq!(fs::read(&segments(&place)[0]).unwrap(), before);
}

/// Catches: damage on both sides papered over: what was acknowledged would be gone without a word.
#[tokio::test]
async fn two_damaged_copies_are_refused_and_left_as_they_are() {
    let (place, _) = closed(2_000).await;
    place.tamper(|db| {
        let key = [b"e".as_slice(), &1_500_u64.to_be_bytes()].concat();
        db.remove(key).unwrap();
    });
    change(&segments(&place)[0], |bytes| bytes[5_000] ^= 1);
    let mirror = fs::read(&segments(&place)[0]).unwrap();
    for _ in 0..2 {
        let refused = place.try_open();
        assert!(
            matches!(&refused, Err(LogError::Disagree(why)) if why.contains("position 1500")),
            "{refused:?}"
        );
    }
    assert_eq!(fs::read(&segments(&place)[0]).unwrap(), mirror);
}

/// Catches: one copy in the other, or both in one: what is set aside with a damaged store would take
/// the mirror along.
#[tokio::test]
async fn the_copies_must_lie_apart() {
    let place = Place::new();
    for (store, mirror) in [
        (place.directory(), place.directory().join("mirror")),
        (place.mirror().join("log"), place.mirror()),
        (place.directory(), place.directory()),
    ] {
        let mut places = place.places();
        (places.store, places.mirror) = (store, Some(mirror));
        let refused = MirroredLog::open(places, place.clock.clone());
        assert!(
            matches!(&refused, Err(LogError::Unopenable(why)) if why.contains("à l'écart")),
            "{refused:?}"
        );
    }
}

/// Catches: whole records behind a damaged one cut off for good, because the mirror looks torn and
/// the store is not there to say otherwise.
#[tokio::test]
async fn a_mirror_damaged_before_its_end_does_not_stand_in_for_a_lost_store() {
    let (place, _) = closed(9).await;
    fs::remove_dir_all(place.directory()).unwrap();
    let segment = segments(&place).remove(0);
    change(&segment, |bytes| bytes[700] ^= 1);
    let left = fs::read(&segment).unwrap();
    for _ in 0..2 {
        let refused = place.try_open();
        assert!(matches!(refused, Err(LogError::Disagree(_))), "{refused:?}");
        assert_eq!(fs::read(&segment).unwrap(), left);
    }
}

/// Catches: a mirror that was left behind while the log was written without it, taken for all there
/// is once the store is lost.
#[tokio::test]
async fn a_mirror_left_behind_does_not_stand_in_for_a_lost_store() {
    let (place, head) = closed(9).await;
    let without = || {
        let mut places = place.places();
        places.unused = places.mirror.take();
        MirroredLog::open(places, place.clock.clone()).unwrap()
    };
    let log = without();
    log.append(command(70, "d", 0)).await.unwrap();
    let later = log.head();
    drop(log);
    let store = place.mirror().with_file_name("kept");
    fs::rename(place.directory(), &store).unwrap();
    let refused = place.try_open();
    assert!(matches!(refused, Err(LogError::Disagree(_))), "{refused:?}");
    // With the store there again, the mirror is brought up to date, and stands in from then on.
    fs::remove_dir_all(place.directory()).unwrap();
    fs::rename(&store, place.directory()).unwrap();
    assert_ne!(later, head);
    is_whole(&place, later).await;
}

/// Catches: a new log made beside segments that cannot be read.
#[tokio::test]
async fn no_log_is_made_beside_segments_that_cannot_be_read() {
    let (place, head) = closed(9).await;
    fs::remove_dir_all(place.directory()).unwrap();
    let segment = segments(&place).remove(0);
    change(&segment, |bytes| bytes[20] ^= 1);
    for _ in 0..2 {
        let refused = place.try_open();
        assert!(matches!(refused, Err(LogError::Disagree(_))), "{refused:?}");
    }
    change(&segment, |bytes| bytes[20] ^= 1);
    is_whole(&place, head).await;
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
