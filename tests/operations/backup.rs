//! `carnet backup` and `carnet restore`.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};

use crate::{
    files::{
        LAUNCH, change, contents, copy, demo, fork, frames, generate, hash, head, launching, lines,
        segments, split, until, whole,
    },
    support::{
        carnet::number,
        program::{Program, complaint, printed},
    },
};

const QUERIES: &str = include_str!("../../demo/trois-requetes.graphql");
/// The events of the demonstration, and the first token.
const DEMO: u64 = 33;
const BACKUP: [&str; 4] = ["backup", "sauve", "--data-dir", "data"];

fn restore<'a>(from: &'a str, data: &'a str) -> [&'a str; 4] {
    ["restore", from, "--data-dir", data]
}

async fn answers(program: &Program) -> Value {
    let mut answers = json!({});
    for operation in ["EnCours", "Calendrier", "Historique"] {
        answers[operation] = program.data(QUERIES, Some(operation)).await;
    }
    answers
}

/// What the restored data under `data` answers, to who has a token that it knows or a first one.
async fn served(place: &Path, data: &str, token: &str) -> Value {
    let elsewhere = tempfile::tempdir().unwrap();
    copy(&place.join(data), &elsewhere.path().join("data"));
    let head = lines(place, data).len() as u64;
    let mut program = Program::serve(elsewhere.path(), &[]);
    if program.token.is_empty() {
        token.clone_into(&mut program.token);
    }
    until("the read models", || async {
        number(&program.data("{ position }", None).await["position"]) >= head
    })
    .await;
    let answers = answers(&program).await;
    program.stop();
    answers
}

/// Catches: a backup that is torn, holds what the log does not, or lacks what was acknowledged
/// before it was begun.
#[tokio::test(flavor = "multi_thread")]
async fn backups_while_it_is_written_to_are_beginnings_of_the_log() {
    let place = tempfile::tempdir().unwrap();
    let program = Arc::new(Program::serve(place.path(), &["--demo"]));
    let (acknowledged, enough) = (
        Arc::new(AtomicU64::new(DEMO)),
        Arc::new(AtomicBool::new(false)),
    );
    let mut writing = Vec::new();
    for task in 1..=4_u64 {
        let (program, acknowledged, enough) = (
            Arc::clone(&program),
            Arc::clone(&acknowledged),
            Arc::clone(&enough),
        );
        writing.push(tokio::spawn(async move {
            let mut written = 0;
            while !enough.load(Ordering::SeqCst) {
                let n = task * 100_000 + written;
                let answer = program.answer(LAUNCH, launching(n, 900)).await;
                let position = number(&answer["data"]["launchExperiment"]["position"]);
                acknowledged.fetch_max(position, Ordering::SeqCst);
                written += 1;
            }
            written
        }));
    }
    let directory = place.path().to_owned();
    let counting = Arc::clone(&acknowledged);
    let taken = tokio::task::spawn_blocking(move || {
        let mut taken = Vec::new();
        let mut before = DEMO;
        for n in 0..5 {
            // Something is written between any two.
            before = loop {
                match counting.load(Ordering::SeqCst) {
                    now if now > before => break now,
                    _ => std::thread::yield_now(),
                }
            };
            let mut arguments = BACKUP.to_vec();
            arguments.extend((n % 2 == 1).then_some("--read-models"));
            let told = printed(&directory, &arguments);
            copy(
                &directory.join("sauve"),
                &directory.join(format!("sauve-{n}")),
            );
            taken.push((before, hash(&told)));
        }
        taken
    });
    let taken = taken.await.unwrap();
    enough.store(true, Ordering::SeqCst);
    let mut written = DEMO;
    for task in writing {
        written += task.await.unwrap();
    }
    Arc::into_inner(program).unwrap().stop();

    let all = lines(place.path(), "data");
    assert_eq!(all.len() as u64, written);
    let mut sizes = Vec::new();
    for (n, (before, hash)) in taken.iter().enumerate() {
        let (from, data) = (format!("sauve-{n}"), format!("neuf-{n}"));
        printed(place.path(), &restore(&from, &data));
        whole(place.path(), &data);
        let restored = head(place.path(), &data);
        assert_eq!(restored["hash"], hash.as_str());
        let restored = lines(place.path(), &data);
        assert!(
            restored.len() as u64 >= *before,
            "{} of {before}",
            restored.len()
        );
        assert_eq!(restored[..], all[..restored.len()]);
        sizes.push(restored.len());
    }
    assert!(sizes.is_sorted() && sizes[0] < sizes[4], "{sizes:?}");
}

/// Catches: something that is lost on the way, with or without the read models.
#[tokio::test]
async fn what_is_restored_answers_as_before() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let program = Program::serve(place, &["--demo"]);
    let before = answers(&program).await;
    let token = program.token.clone();
    printed(place, &BACKUP);
    let told = printed(
        place,
        &["backup", "avec", "--read-models", "--data-dir", "data"],
    );
    assert!(told.contains("Vues de lecture sauvegardées."), "{told}");
    program.stop();
    let was = head(place, "data");
    for (from, data, told) in [
        (
            "sauve",
            "neuf",
            "Les vues de lecture se recalculent au démarrage.",
        ),
        ("avec", "ailleurs/neuf", "Vues de lecture restaurées."),
    ] {
        let printed = printed(place, &restore(from, data));
        assert!(printed.contains(told), "{printed}");
        assert!(printed.contains("33 événements"), "{printed}");
        assert_eq!(head(place, data), was);
        whole(place, data);
        assert_eq!(
            place.join(data).join("read.sqlite").exists(),
            from == "avec"
        );
        assert_eq!(served(place, data, &token).await, before);
    }
    // Nothing is restored over data, not even over a part of it.
    for gone in ["", "read.sqlite"] {
        let there = place.join("ailleurs/neuf").join(gone);
        if there.is_file() {
            fs::write(place.join("ailleurs/neuf/read.sqlite-wal"), b"old").unwrap();
            fs::remove_file(there).unwrap();
        }
        let told = complaint(place, &restore("avec", "ailleurs/neuf"));
        assert!(told.contains("est déjà là"), "{told}");
    }
}

/// Catches: rows of a later moment served over an earlier log.
#[tokio::test]
async fn read_models_that_know_more_than_the_log_are_told() {
    let place = demo();
    let place = place.path();
    printed(place, &BACKUP);
    let program = Program::serve(place, &[]);
    let before = answers(&program).await;
    program.answer(LAUNCH, launching(7, 10)).await;
    printed(
        place,
        &["backup", "apres", "--read-models", "--data-dir", "data"],
    );
    program.stop();
    fs::copy(
        place.join("apres/read.sqlite"),
        place.join("sauve/read.sqlite"),
    )
    .unwrap();
    printed(place, &restore("sauve", "neuf"));
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", "neuf"];
    let told = complaint(place, &serve);
    assert!(told.contains("que le journal n'a pas"), "{told}");
    printed(place, &["rebuild", "--data-dir", "neuf"]);
    assert_eq!(served(place, "neuf", "").await, before);
}

/// Catches: a restoration of somebody else's data over one's own.
#[test]
fn nothing_is_restored_over_another_log() {
    let (one, other) = (demo(), demo());
    printed(one.path(), &BACKUP);
    fs::remove_file(other.path().join("data/read.sqlite")).unwrap();
    for beside in ["read.sqlite-wal", "read.sqlite-shm"] {
        let path = other.path().join("data").join(beside);
        if path.exists() {
            fs::remove_file(path).unwrap();
        }
    }
    let was = head(other.path(), "data");
    let from = one.path().join("sauve");
    let told = complaint(other.path(), &restore(from.to_str().unwrap(), "data"));
    assert!(told.contains("un autre journal"), "{told}");
    assert_eq!(head(other.path(), "data"), was);
}

/// Catches: a backup that is written whole each time, or changed where it was written before.
#[test]
fn a_second_backup_only_adds() {
    let place = demo();
    let place = place.path();
    printed(place, &BACKUP);
    let file = segments(&place.join("sauve/log"))[0].clone();
    let (before, inode) = (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().ino());
    printed(place, &BACKUP);
    assert_eq!(fs::read(&file).unwrap(), before);
    generate(place, "1");
    printed(place, &BACKUP);
    let after = fs::read(&file).unwrap();
    assert!(after.len() > before.len() && after.starts_with(&before));
    assert_eq!(fs::metadata(&file).unwrap().ino(), inode);
    printed(place, &restore("sauve", "neuf"));
    assert_eq!(head(place, "neuf"), head(place, "data"));
}

/// Catches: a backup that was cut short and is never whole again.
#[test]
fn an_interrupted_backup_is_completed() {
    let place = demo();
    let place = place.path();
    // Two files, so that one can be missing.
    split(&segments(&place.join("data/mirror"))[0], 9);
    printed(place, &BACKUP);
    let files = segments(&place.join("sauve/log"));
    let whole = contents(&place.join("sauve/log"));
    let length = fs::metadata(&files[1]).unwrap().len();
    for left in [length - 1, length - 300, 81, 80, 79, 0] {
        change(&files[1], |bytes| {
            bytes.truncate(usize::try_from(left).unwrap());
        });
        printed(place, &BACKUP);
        assert_eq!(contents(&place.join("sauve/log")), whole, "{left}");
    }
    fs::remove_file(&files[1]).unwrap();
    change(&files[0], |bytes| bytes.truncate(1_000));
    printed(place, &BACKUP);
    assert_eq!(contents(&place.join("sauve/log")), whole);
}

/// Catches: two logs in one backup.
#[test]
fn the_backup_of_another_log_or_another_story_is_left_alone() {
    let (one, other) = fork();
    printed(one.path(), &BACKUP);
    let sauve = one.path().join("sauve");
    let before = contents(&sauve);
    let into = ["backup", sauve.to_str().unwrap(), "--data-dir", "data"];
    let told = complaint(other.path(), &into);
    assert!(told.contains("un répertoire neuf"), "{told}");
    let told = complaint(demo().path(), &into);
    assert!(told.contains("la sauvegarde d'un autre journal"), "{told}");
    assert_eq!(contents(&sauve), before);
}

/// Catches: records copied twice, or not at all, because the files begin elsewhere now.
#[test]
fn a_mirror_that_was_written_anew_asks_for_a_new_backup() {
    let place = demo();
    let place = place.path();
    let mirror = segments(&place.join("data/mirror"))[0].clone();
    let one_file = fs::read(&mirror).unwrap();
    let second = split(&mirror, 9);
    let two_files = fs::read(&mirror).unwrap();
    printed(place, &BACKUP);
    let before = contents(&place.join("sauve/log"));
    let refused = || {
        let told = complaint(place, &BACKUP);
        assert!(told.contains("récrit"), "{told}");
        assert!(told.contains("dans un répertoire neuf"), "{told}");
        assert_eq!(contents(&place.join("sauve/log")), before);
    };
    fs::remove_file(&second).unwrap();
    fs::write(&mirror, &one_file).unwrap();
    refused();
    // Fewer files in the backup than in the mirror, but of other lengths.
    printed(place, &["backup", "neuve", "--data-dir", "data"]);
    fs::write(&mirror, &two_files).unwrap();
    refused();
    fs::write(&mirror, &one_file).unwrap();
    split(&mirror, 12);
    refused();
    let told = complaint(place, &["backup", "neuve", "--data-dir", "data"]);
    assert!(told.contains("récrit"), "{told}");
}

/// Catches: a good backup spoilt by what a damaged mirror holds.
#[test]
fn a_damaged_mirror_adds_nothing_to_a_backup() {
    let place = demo();
    let place = place.path();
    printed(place, &BACKUP);
    let before = contents(&place.join("sauve/log"));
    generate(place, "1");
    let mirror = segments(&place.join("data/mirror"))[0].clone();
    let bytes = fs::read(&mirror).unwrap();
    let starts = frames(&bytes);
    change(&mirror, |bytes| bytes[starts[35] + 60] ^= 1);
    let told = complaint(place, &BACKUP);
    assert!(told.contains("le miroir"), "{told}");
    assert!(!told.contains("sauvegardés"), "{told}");
    assert_eq!(contents(&place.join("sauve/log")), before);
    // Nor where it is the last record, whose end nobody knows.
    fs::write(&mirror, &bytes).unwrap();
    change(&mirror, |bytes| *bytes.last_mut().unwrap() ^= 1);
    let told = complaint(place, &BACKUP);
    assert!(told.contains("le miroir"), "{told}");
    assert_eq!(contents(&place.join("sauve/log")), before);
    // Mended from the store, it is saved from again.
    printed(place, &["events", "--data-dir", "data"]);
    printed(place, &BACKUP);
    printed(place, &restore("sauve", "neuf"));
    assert_eq!(head(place, "neuf"), head(place, "data"));
}

/// Catches: a backup that has rotted and is still counted upon.
#[test]
fn a_damaged_backup_is_told_and_left_as_it_is() {
    let place = demo();
    let place = place.path();
    printed(place, &BACKUP);
    generate(place, "1");
    let file = segments(&place.join("sauve/log"))[0].clone();
    change(&file, |bytes| bytes[3_000] ^= 1);
    // A file behind it: it is no torn tail.
    split(&file, 15);
    let before = contents(&place.join("sauve/log"));
    let told = complaint(place, &BACKUP);
    assert!(
        told.contains("la sauvegarde qui est là est abîmée"),
        "{told}"
    );
    assert_eq!(contents(&place.join("sauve/log")), before);
    let told = complaint(place, &restore("sauve", "neuf"));
    assert!(told.contains("rien n'a été écrit"), "{told}");
    assert!(!place.join("neuf").exists());
}

/// Catches: a copy in use that is written to.
#[test]
fn a_backup_goes_neither_into_the_data_nor_into_the_mirror() {
    let place = demo();
    let place = place.path();
    let before = contents(&place.join("data/mirror"));
    for to in ["data", "./data/../data"] {
        let told = complaint(
            place,
            &["backup", to, "--read-models", "--data-dir", "data"],
        );
        assert!(told.contains("sauvegarder ailleurs"), "{told}");
    }
    fs::write(place.join("carnet.toml"), "mirror_dir = \"ailleurs/log\"").unwrap();
    copy(&place.join("data/mirror"), &place.join("ailleurs/log"));
    let told = complaint(place, &["backup", "ailleurs", "--data-dir", "data"]);
    assert!(told.contains("sauvegarder ailleurs"), "{told}");
    assert_eq!(contents(&place.join("data/mirror")), before);
    whole(place, "data");
}

#[test]
fn the_mirror_is_found_where_it_is_set_and_told_where_it_is_not() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    fs::write(
        place.join("carnet.toml"),
        "mirror_dir = \"autre-disque/miroir\"",
    )
    .unwrap();
    printed(place, &["demo", "--data-dir", "data"]);
    assert!(!place.join("data/mirror").exists());
    printed(place, &BACKUP);
    printed(
        place,
        &[
            "restore",
            "sauve",
            "--data-dir",
            "neuf",
            "--config",
            "vide.toml",
        ]
        .map(|word| {
            if word == "vide.toml" {
                fs::write(place.join(word), "").unwrap();
            }
            word
        }),
    );
    fs::write(place.join("carnet.toml"), "").unwrap();
    assert_eq!(head(place, "neuf")["position"], "32");
    let told = complaint(place, &BACKUP);
    assert!(told.contains("il n'est pas dans data/mirror"), "{told}");
    fs::write(place.join("carnet.toml"), "mirror = false").unwrap();
    let told = complaint(place, &BACKUP);
    assert!(told.contains("carnet log export"), "{told}");
    let told = complaint(place, &["backup", "sauve", "--data-dir", "nulle-part"]);
    assert!(told.contains("mirror"), "{told}");
}

#[test]
fn read_models_that_are_not_there_are_told() {
    let place = demo();
    let place = place.path();
    for name in ["read.sqlite", "read.sqlite-wal", "read.sqlite-shm"] {
        let path = place.join("data").join(name);
        if path.exists() {
            fs::remove_file(path).unwrap();
        }
    }
    let told = complaint(
        place,
        &["backup", "sauve", "--read-models", "--data-dir", "data"],
    );
    assert!(told.contains("sans --read-models"), "{told}");
    printed(place, &BACKUP);
}
