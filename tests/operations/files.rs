//! Logs on disk, and what may be done to them behind the program's back.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    carnet::command_id,
    in_time,
    program::{after, printed, run},
    words::launch,
};

/// A directory whose `data` holds the demonstration: 32 events.
pub(crate) fn demo() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    printed(place.path(), &["demo", "--data-dir", "data"]);
    place
}

/// Two directories with the same log up to 32, and each its own continuation.
pub(crate) fn fork() -> (TempDir, TempDir) {
    let (one, other) = (demo(), tempfile::tempdir().unwrap());
    copy(&one.path().join("data"), &other.path().join("data"));
    for (place, seed) in [(&one, "1"), (&other, "2")] {
        generate(place.path(), seed);
    }
    (one, other)
}

/// Adds synthetic experiments.
pub(crate) fn generate(place: &Path, seed: &str) {
    let arguments = ["--experiments", "3", "--seed", seed, "--data-dir", "data"];
    printed(place, &[&["generate"], &arguments[..]].concat());
}

/// The head of a log: its identity, position, hash and root.
pub(crate) fn head(place: &Path, data: &str) -> Value {
    serde_json::from_str(&printed(place, &["log", "head", "--data-dir", data])).unwrap()
}

/// The lines of a log, one for each event.
pub(crate) fn lines(place: &Path, data: &str) -> Vec<String> {
    let told = printed(place, &["events", "--json", "--data-dir", data]);
    told.lines().map(ToOwned::to_owned).collect()
}

/// That `carnet log verify` finds nothing wrong.
#[track_caller]
pub(crate) fn whole(place: &Path, data: &str) {
    let told = printed(place, &["log", "verify", "--data-dir", data]);
    assert!(told.contains("Rien à signaler"), "{told}");
}

/// All that a command says that fails.
#[track_caller]
pub(crate) fn fails(place: &Path, arguments: &[&str]) -> String {
    let output = run(place, arguments);
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8(told).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
    assert!(!told.contains("panicked at src/"), "{told}");
    told
}

/// The hash that a command tells.
pub(crate) fn hash(told: &str) -> String {
    after(told, "empreinte").trim_end_matches('.').to_owned()
}

/// The segments of a directory, in order.
pub(crate) fn segments(directory: &Path) -> Vec<PathBuf> {
    let mut segments: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|is| is == "segment"))
        .collect();
    segments.sort();
    segments
}

/// Every file of a directory and those below, with what it holds.
pub(crate) fn contents(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    files.sort();
    files
}

/// Copies a directory.
pub(crate) fn copy(from: &Path, to: &Path) {
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

/// Changes a file.
pub(crate) fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Where the frames of a segment begin, and where the last one ends.
pub(crate) fn frames(bytes: &[u8]) -> Vec<usize> {
    let mut ends = vec![80];
    let mut at = 80;
    while let Some(length) = bytes.get(at..at + 4) {
        at += 8 + u32::from_le_bytes(length.try_into().unwrap()) as usize;
        ends.push(at);
    }
    ends
}

/// Cuts a segment in two before its `n`th frame, counted from 0, as a mirror might have been
/// written; answers the new file.
pub(crate) fn split(path: &Path, n: usize) -> PathBuf {
    let bytes = fs::read(path).unwrap();
    let at = frames(&bytes)[n];
    let (before, rest) = bytes.split_at(at);
    let position = u64::from_le_bytes(rest[28..36].try_into().unwrap());
    let mut header = bytes[16..32].to_vec();
    header.extend(&rest[28..36]);
    header.extend(&rest[132..164]);
    header.extend([0; 8]);
    let mut new = bytes[..12].to_vec();
    new.extend(crc32c::crc32c(&header).to_le_bytes());
    new.extend(header);
    new.extend(rest);
    let next = path.with_file_name(format!("{position:020}.segment"));
    fs::write(&next, new).unwrap();
    fs::write(path, before).unwrap();
    next
}

/// Looks again and again until it is so.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(20));
    let came = async {
        while !so().await {
            looks.tick().await;
        }
    };
    in_time(what, came).await;
}

/// A launch of some experiment, under a command id of that number.
pub(crate) const LAUNCH: &str = "mutation ($input: LaunchExperimentInput!) { \
    launchExperiment(input: $input) { position userErrors { code } } }";

/// The variables of the `n`th launch, with a detail of so many letters.
pub(crate) fn launching(n: u64, letters: usize) -> Value {
    json!({ "input": launch(json!({
        "commandId": command_id(n),
        "source": { "label": "Essai d'exploitation" },
        "experimentId": format!("experiment-{}", command_id(n)),
        "modelDetail": "e".repeat(letters),
        "synthetic": true,
    })) })
}
