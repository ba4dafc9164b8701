//! Every data directory ever released is opened by today's program: it reads all of it, goes on
//! from there, and opens it again.
//!
//! `tests/formats/<version>/` holds what that release left behind: both copies of the log, the read
//! models, the keys, and what it answered. They are never changed. A release adds its own by
//! `CARNET_FIXTURE=write cargo test --test formats`, which writes only where nothing is.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "../api/support/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of the API")]
mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use support::{
    carnet::{command_id, merge, number},
    in_time,
    program::{Program, printed, run},
    words::{CAMILLE, CAMILLES_NAME, camille},
};

/// Where the directories are kept.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What a release left, in a directory of its own where it may be used.
fn released(version: &Path) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    copy(version, place.path());
    place
}

/// Every event as a line, and the head.
fn told(place: &Path) -> (String, Value) {
    let lines = printed(place, &["events", "--json", "--data-dir", "data"]);
    let head = printed(place, &["log", "head", "--data-dir", "data"]);
    (lines, serde_json::from_str(&head).unwrap())
}

/// The adviser's name, once the read models hold what lies up to `head`.
async fn name(program: &Program, head: &str) -> Value {
    let query = format!("{{ position adviser(id: \"{CAMILLE}\") {{ name }} }}");
    in_time("the read models", async {
        loop {
            let data = program.data(&query, None).await;
            // The first token of a release that knows tokens may follow.
            if number(&data["position"]) >= head.parse().unwrap() {
                return data["adviser"]["name"].clone();
            }
        }
    })
    .await
}

async fn record(program: &Program, n: u64, field: &str, kind: &str, mut input: Value) {
    let document = format!(
        "mutation ($input: {kind}!) {{ {field}(input: $input) {{ userErrors {{ code }} }} }}"
    );
    let more = json!({ "commandId": command_id(n), "source": { "label": "Essai" } });
    merge(&mut input, more);
    let answer = program.answer(&document, json!({ "input": input })).await;
    assert_eq!(answer["data"][field]["userErrors"], json!([]), "{answer}");
}

/// Leaves behind what this release leaves behind.
async fn write(version: &Path) {
    let place = tempfile::tempdir().unwrap();
    let here = place.path();
    let generate = ["generate", "--experiments", "5", "--data-dir", "data"];
    let program = Program::serve(here, &["--demo"]);
    let input = camille(json!({}));
    record(
        &program,
        1,
        "registerAdviser",
        "RegisterAdviserInput",
        input,
    )
    .await;
    program.stop();
    printed(here, &generate);
    let (lines, head) = told(here);
    fs::write(here.join("events.jsonl"), lines).unwrap();
    fs::write(here.join("head.json"), head.to_string()).unwrap();
    // The read models in one file, and no locks.
    printed(
        here,
        &["backup", "b", "--data-dir", "data", "--read-models"],
    );
    fs::rename(here.join("b/read.sqlite"), here.join("data/read.sqlite")).unwrap();
    fs::remove_dir_all(here.join("b")).unwrap();
    for extra in [
        "data/read.sqlite-wal",
        "data/read.sqlite-shm",
        "data/log/lock",
        "data/mirror/lock",
        "data.keys/lock",
    ] {
        fs::remove_file(here.join(extra)).unwrap();
    }
    copy(here, version);
}

/// Catches: a release that cannot open, read or continue what an earlier one wrote; one that reads
/// it otherwise; one that needs both copies.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_ever_released_is_opened_read_and_continued() {
    let current = kept().join(env!("CARGO_PKG_VERSION"));
    if std::env::var("CARNET_FIXTURE").is_ok_and(|told| told == "write") && !current.exists() {
        write(&current).await;
    }
    let versions: Vec<PathBuf> = fs::read_dir(kept())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    assert!(versions.contains(&current), "this release has none");
    for version in versions {
        for without in [
            None,
            Some("data/log"),
            Some("data/mirror"),
            Some("data/read.sqlite"),
        ] {
            let place = released(&version);
            let here = place.path();
            match without.map(|name| here.join(name)) {
                Some(path) if path.is_dir() => fs::remove_dir_all(path).unwrap(),
                Some(path) => fs::remove_file(path).unwrap(),
                None => {}
            }
            let lines = fs::read_to_string(version.join("events.jsonl")).unwrap();
            let head: Value =
                serde_json::from_slice(&fs::read(version.join("head.json")).unwrap()).unwrap();
            assert_eq!(
                told(here),
                (lines.clone(), head.clone()),
                "{version:?} {without:?}"
            );

            // It goes on from there, and is opened again.
            let program = Program::serve(here, &[]);
            let events = head["position"].as_str().unwrap();
            assert_eq!(name(&program, events).await, CAMILLES_NAME);
            let later = json!({ "adviserId": CAMILLE, "from": "2021-05-01", "name": "Dominique" });
            record(&program, 2, "renameAdviser", "RenameAdviserInput", later).await;
            program.stop();
            let (more, next) = told(here);
            assert!(more.starts_with(&lines), "{version:?} {without:?}");
            // The first token, and the new name.
            assert_eq!(more.lines().count(), lines.lines().count() + 2);
            assert_ne!(next["hash"], head["hash"]);
            let verified = run(here, &["log", "verify", "--data-dir", "data"]);
            assert!(verified.status.success(), "{verified:?}");
        }
    }
}
