//! `carnet log verify`.

use std::{
    fs::{self, File},
    path::Path,
    sync::Arc,
};

use carnet::{
    clock::SystemClock,
    log::{
        Append, EventLog, NewRecord,
        mirrored::{MirroredLog, Places},
    },
};
use uuid::Uuid;

use crate::{
    files::{change, contents, copy, demo, fails, fork, frames, generate, segments, split, whole},
    support::program::{Program, complaint, printed},
};

const VERIFY: [&str; 4] = ["log", "verify", "--data-dir", "data"];

/// Changes the store below a closed log.
fn tamper(place: &Path, change: impl FnOnce(&sled::Db)) {
    let directory = place.join("data").join("log");
    let db = sled::Config::new()
        .path(&directory)
        .segment_size(8 * 1024 * 1024)
        .flush_every_ms(None)
        .open()
        .unwrap();
    change(&db);
    db.flush().unwrap();
    drop(db);
    // sled's threads keep the file a moment longer.
    File::open(directory.join("db")).unwrap().lock().unwrap();
}

/// What is told of a log after `harm`, which verifying does not mend.
#[track_caller]
fn told_after(harm: impl FnOnce(&Path)) -> String {
    let place = demo();
    harm(place.path());
    let mirror = place.path().join("data").join("mirror");
    let before = mirror.is_dir().then(|| contents(&mirror));
    let told = fails(place.path(), &VERIFY);
    assert!(told.contains("n'est pas intact"), "{told}");
    // Told twice the same: nothing was mended.
    assert_eq!(fails(place.path(), &VERIFY), told);
    assert_eq!(mirror.is_dir().then(|| contents(&mirror)), before);
    told
}

fn first(place: &Path) -> std::path::PathBuf {
    segments(&place.join("data").join("mirror"))[0].clone()
}

#[test]
fn a_whole_log_is_told_to_be() {
    let place = demo();
    let told = printed(place.path(), &VERIFY);
    assert_eq!(told.matches("32 événements lus").count(), 2, "{told}");
    assert_eq!(told.matches(", intact\n").count(), 2, "{told}");
    whole(place.path(), "data");
    fs::write(place.path().join("carnet.toml"), "mirror = false").unwrap();
    let told = printed(place.path(), &VERIFY);
    assert!(told.contains("Miroir  : aucun n'est réglé."), "{told}");
}

/// Catches: damage to the mirror that is not found, or laid at another's door.
#[test]
fn damage_to_the_mirror_is_named_by_position_file_and_byte() {
    let place = demo();
    let bytes = fs::read(first(place.path())).unwrap();
    let starts = frames(&bytes);
    let named = |position: usize, offset: usize| {
        format!(
            "position {position}, data/mirror/00000000000000000001.segment à l'octet {offset} : "
        )
    };
    for at in [starts[4], starts[4] + 5, starts[4] + 30, starts[4] + 400] {
        let told = told_after(|place| change(&first(place), |bytes| bytes[at] ^= 4));
        // A record of the same length, but of another position, is as wrong.
        assert!(told.contains(&named(5, starts[4])), "byte {at}: {told}");
    }
    let told = told_after(|place| change(&first(place), |bytes| bytes[20] ^= 1));
    assert!(told.contains(&named(1, 0)), "{told}");
    let told = told_after(|place| {
        change(&first(place), |bytes| {
            bytes.drain(starts[4]..starts[5]);
        });
    });
    assert!(told.contains(&named(5, starts[4])), "{told}");
    assert!(told.contains("la position 6 s'y trouve"), "{told}");
    // Zeros far into it, where much was.
    let told = told_after(|place| change(&first(place), |bytes| bytes[starts[9]..].fill(0)));
    assert!(told.contains(&named(10, starts[9])), "{told}");
}

#[test]
fn a_missing_file_of_the_mirror_is_named() {
    let told = told_after(|place| {
        let middle = split(&first(place), 7);
        split(&middle, 7);
        fs::remove_file(middle).unwrap();
    });
    let named = "position 8, data/mirror/00000000000000000015.segment à l'octet 0 : ";
    assert!(told.contains(named), "{told}");
    let told = told_after(|place| fs::remove_file(first(place)).unwrap());
    assert!(told.contains("la position 1 y manque"), "{told}");
    let told = told_after(|place| fs::remove_dir_all(place.join("data").join("mirror")).unwrap());
    assert!(
        told.contains("position 1, data/mirror à l'octet 0"),
        "{told}"
    );
}

#[test]
fn a_mirror_that_stops_too_early_is_named() {
    let place = demo();
    let ends = frames(&fs::read(first(place.path())).unwrap());
    let told = told_after(|place| change(&first(place), |bytes| bytes.truncate(ends[15])));
    let named = format!("00000000000000000001.segment à l'octet {}", ends[15]);
    assert!(told.contains("la position 16 y manque"), "{told}");
    assert!(told.contains(&named), "{told}");
}

/// Catches: what every kill may leave taken for damage.
#[test]
fn a_torn_tail_is_told_and_no_failure() {
    let place = demo();
    let file = first(place.path());
    let bytes = fs::read(&file).unwrap();
    let starts = frames(&bytes);
    // A batch that was not finished, and one of which only the file was begun.
    for tail in [&bytes[starts[3]..starts[4] - 9], &[0; 700]] {
        change(&file, |bytes| bytes.extend(tail));
        let before = contents(&place.path().join("data").join("mirror"));
        let told = printed(place.path(), &VERIFY);
        assert!(told.contains("inachevé"), "{told}");
        let position = format!("position 33, data/mirror/{}", "0".repeat(19));
        assert!(told.contains(&position), "{told}");
        let after = contents(&place.path().join("data").join("mirror"));
        assert_eq!(after, before);
        fs::write(&file, &bytes).unwrap();
    }
    whole(place.path(), "data");
}

#[test]
fn damage_to_the_store_is_named() {
    let told = told_after(|place| {
        tamper(place, |db| {
            let key = [b"e".as_slice(), &5_u64.to_be_bytes()].concat();
            db.remove(key).unwrap();
        });
    });
    assert!(told.contains("Journal data/log : 4 "), "{told}");
    assert!(told.contains("position 5 : il manque"), "{told}");
    let told = told_after(|place| {
        tamper(place, |db| {
            let mut end = db.get("mhead").unwrap().unwrap().to_vec();
            end[39] ^= 1;
            db.insert("mhead", end).unwrap();
        });
    });
    assert!(told.contains("position 33 : la fin annoncée"), "{told}");
    let told = told_after(|place| {
        let db = place.join("data").join("log").join("db");
        change(&db, |bytes| {
            bytes[..4096].iter_mut().for_each(|byte| *byte ^= 9);
        });
    });
    assert!(told.contains("Journal data/log : 0 "), "{told}");
    assert!(told.contains("Miroir  data/mirror : 32 "), "{told}");
    let told = told_after(|place| fs::remove_dir_all(place.join("data").join("log")).unwrap());
    assert!(told.contains("data/log/db"), "{told}");
}

#[test]
fn a_store_that_stops_too_early_is_named() {
    let place = demo();
    let kept = place.path().join("kept");
    copy(&place.path().join("data").join("log"), &kept);
    generate(place.path(), "1");
    let store = place.path().join("data").join("log");
    fs::remove_dir_all(&store).unwrap();
    copy(&kept, &store);
    let told = fails(place.path(), &VERIFY);
    assert!(told.contains("Le journal est plus court"), "{told}");
    assert!(told.contains("la position 33 y manque"), "{told}");
    // As told, opening mends it.
    printed(place.path(), &["events", "--data-dir", "data"]);
    whole(place.path(), "data");
}

/// Catches: two logs that are each whole, taken for one.
#[test]
fn two_copies_that_differ_are_told_from_where() {
    let (one, other) = fork();
    let mirror = one.path().join("data").join("mirror");
    fs::remove_dir_all(&mirror).unwrap();
    copy(&other.path().join("data").join("mirror"), &mirror);
    let at = frames(&fs::read(first(one.path())).unwrap())[32];
    let told = fails(one.path(), &VERIFY);
    let named = format!(
        "diffèrent à partir de la position 33, data/mirror/00000000000000000001.segment à \
         l'octet {at}."
    );
    assert!(told.contains(&named), "{told}");
    let refused = complaint(one.path(), &["events", "--data-dir", "data"]);
    assert!(refused.contains("carnet restore"), "{refused}");
}

#[test]
fn a_log_in_use_is_not_verified() {
    let place = demo();
    let program = Program::serve(place.path(), &[]);
    let told = complaint(place.path(), &VERIFY);
    assert!(told.contains("Un autre processus carnet"), "{told}");
    program.stop();
    whole(place.path(), "data");
}

#[test]
fn where_there_is_no_log_there_is_nothing_to_verify() {
    let place = tempfile::tempdir().unwrap();
    let told = complaint(place.path(), &VERIFY);
    assert!(
        told.contains("Il n'y a pas de journal dans data."),
        "{told}"
    );
    assert!(!place.path().join("data").exists());
}

/// Catches: an event that this release cannot read, found only when it is asked for.
#[tokio::test]
async fn an_event_of_an_unknown_kind_is_named() {
    let place = demo();
    let clock = Arc::new(SystemClock);
    let log = MirroredLog::open(Places::within(&place.path().join("data")), clock).unwrap();
    let append = Append {
        command_id: Uuid::from_u128(1),
        fingerprint: [0; 16],
        correlation_id: Uuid::from_u128(1),
        causation: None,
        guards: Vec::new(),
        records: vec![NewRecord {
            stream: "experiment-00000000-0000-7000-8000-000000000101".to_owned(),
            tag: "of-a-later-release/1",
            corrects: None,
            meta: br#"{"valid":{"from":"2021-04-27"},"actor":"x","source":{"label":"x"}}"#.to_vec(),
            payload: b"{}".to_vec(),
        }],
    };
    log.append(append).await.unwrap();
    drop(log);
    let at = frames(&fs::read(first(place.path())).unwrap())[32];
    let told = fails(place.path(), &VERIFY);
    let named = format!("segment à l'octet {at} : événement illisible");
    assert_eq!(told.matches("position 33").count(), 2, "{told}");
    assert!(told.contains(&named), "{told}");
    assert!(told.contains("of-a-later-release/1"), "{told}");
}
