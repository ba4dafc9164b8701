//! What was ever stored stays readable: one line for every kind of event ever released, and a
//! chain of framed records, byte by byte.
//!
//! With `CARNET_GOLDEN=write` what is missing is added at the end of the files (run the tests once
//! more after that: those that read may have come before those that wrote). What is there is
//! never rewritten: a line that no longer holds tells of a change that would make logs unreadable.
//! The new shape takes a new tag, and the old one is turned into it on reading.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod access;
mod chain;
mod funding;
mod import;
mod reports;
mod samples;
mod sites;

use std::{fs, io::Write, path::PathBuf};

use carnet::{
    domain::{event::Recorded, terms::Position},
    log::{
        record::{Hash, Record},
        stored,
    },
};
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// One stored event: the JSON is kept byte by byte.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    tag: String,
    stream: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrects: Option<u64>,
    meta: Box<RawValue>,
    payload: Box<RawValue>,
}

impl Line {
    /// What today's code writes for a sample.
    fn of(sample: &samples::Sample) -> Self {
        let new = stored::encode(&sample.fact, &sample.actor).unwrap();
        let raw = |json| RawValue::from_string(String::from_utf8(json).unwrap()).unwrap();
        Self {
            tag: new.tag.to_owned(),
            stream: new.stream,
            corrects: new.corrects.map(|position| position.0),
            meta: raw(new.meta),
            payload: raw(new.payload),
        }
    }

    /// The record it would lie in.
    fn record(&self) -> Record {
        Record {
            position: Position(1000),
            stream: self.stream.clone(),
            stream_version: 1,
            tag: self.tag.clone(),
            event_id: Uuid::nil(),
            command_id: Uuid::nil(),
            command_index: 0,
            command_count: 1,
            correlation_id: Uuid::nil(),
            causation: None,
            fingerprint: [0; 16],
            recorded_at: DateTime::UNIX_EPOCH,
            corrects: self.corrects.map(Position),
            previous: Hash([0; 32]),
            meta: self.meta.get().into(),
            payload: self.payload.get().into(),
        }
    }

    #[track_caller]
    fn read(&self) -> Recorded {
        stored::decode(&self.record())
            .unwrap_or_else(|error| panic!("no longer readable: {self:?}: {error}"))
    }
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn writing() -> bool {
    std::env::var("CARNET_GOLDEN").is_ok_and(|wish| wish == "write")
}

/// Adds `text` at the end of a file.
fn add(name: &str, text: &str) {
    fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path(name))
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
}

fn lines() -> Vec<String> {
    let text = fs::read_to_string(path("events.jsonl")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Catches: a release that reads an event of an earlier one otherwise, or not at all.
#[test]
fn every_line_ever_stored_is_read_and_written_again_alike() {
    let lines = lines();
    assert!(!lines.is_empty());
    for text in lines {
        let line: Line = serde_json::from_str(&text).unwrap();
        let recorded = line.read();
        // A tag that is no longer written is turned into a newer one: it is only read.
        if stored::TAGS.contains(&line.tag.as_str()) {
            let again = Line::of(&samples::Sample {
                fact: recorded.fact,
                actor: recorded.actor,
            });
            assert_eq!(serde_json::to_string(&again).unwrap(), text);
        }
    }
}

/// Catches: a new kind of event, or a new shape of an old one, that has no line to be held to.
#[test]
fn everything_written_today_has_a_line() {
    let mut known = lines();
    for sample in samples::all() {
        let line = serde_json::to_string(&Line::of(&sample)).unwrap();
        if known.contains(&line) {
            continue;
        }
        assert!(
            writing(),
            "not in events.jsonl, add it with CARNET_GOLDEN=write: {line}"
        );
        add("events.jsonl", &format!("{line}\n"));
        known.push(line);
    }
    for tag in stored::TAGS {
        let start = format!("{{\"tag\":\"{tag}\",");
        assert!(
            known.iter().any(|line| line.starts_with(&start)),
            "{tag} needs a sample in samples.rs, and a line written with CARNET_GOLDEN=write"
        );
    }
}

/// Catches: a page for auditors that leaves out a kind of event, or shows what was never stored.
#[test]
fn the_page_on_the_format_shows_every_tag_as_it_is_stored() {
    let page = include_str!("../../docs/format.md");
    let lines = lines();
    for tag in stored::TAGS {
        let (_, section) = page
            .split_once(&format!("#### `{tag}`\n"))
            .unwrap_or_else(|| panic!("docs/format.md does not show {tag}"));
        let (_, example) = section.split_once("```json\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        let shown: serde_json::Value = serde_json::from_str(example).unwrap();
        let known = lines.iter().any(|line| {
            let line: Line = serde_json::from_str(line).unwrap();
            line.tag == **tag && line.payload.get().parse::<serde_json::Value>().unwrap() == shown
        });
        assert!(
            known,
            "docs/format.md shows a {tag} that is not in events.jsonl"
        );
    }
    let chain = include_str!("records.hex");
    for word in ["log", "genesis"] {
        let value = chain
            .lines()
            .find_map(|line| line.strip_prefix(word))
            .unwrap();
        assert!(
            page.contains(value.trim()),
            "docs/format.md shows another {word}"
        );
    }
}
