//! The real program, killed again and again while clients record and a subscriber follows: what
//! was acknowledged is there once, and nothing else is wrong either.
//!
//! `CARNET_CRASH_CYCLES` says how many kills, `CARNET_SEED` repeats a run.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod campaign;
mod clients;
mod follower;
#[path = "../harness/mod.rs"]
mod harness;
mod http;
mod inspect;
mod ledger;
mod server;

use std::{fs, path::Path};

use campaign::Campaign;
use carnet::fault::{BUGS, POINTS};
use harness::{
    chance::{seed, times},
    report::{Report, keep, note, seconds, started},
};

/// Points that this suite cannot reach: another command's.
const OTHERS: [&str; 1] = ["mid-import"];

/// The points that the sources have, of those that are listed.
fn points() -> Vec<&'static str> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let text: String = harness::disk::files(&sources)
        .iter()
        .map(|file| fs::read_to_string(sources.join(file)).unwrap())
        .collect();
    let mut points = POINTS.to_vec();
    points.retain(|point| text.contains(&format!("point(\"{point}\")")) && !OTHERS.contains(point));
    points
}

fn campaign(cycles: u64) -> Campaign {
    Campaign {
        seed: seed(),
        cycles,
        lives: 25,
        fold_every: 8,
        bug: None,
        points: points(),
    }
}

/// Catches: whatever is acknowledged and then not there, there twice, or told otherwise after a
/// crash; read models or subscribers that a crash leaves with another history.
#[test]
fn killed_again_and_again_it_loses_nothing() {
    let campaign = campaign(times("CARNET_CRASH_CYCLES", 60));
    note(&format!("CARNET_SEED={}", campaign.seed));
    let (begun, mut report) = (started(), Report::default());
    let outcome = campaign::run(&campaign, &mut report);
    let table = report.table();
    keep(
        "crash",
        &format!("{table}\nIn {}.\n", seconds(begun.elapsed())),
    );
    if let Err(failure) = outcome {
        panic!("CARNET_SEED={}: {failure}", campaign.seed);
    }
    for point in &campaign.points {
        assert!(
            campaign.cycles < 40 || report.get(&format!("killed at {point}")) > 0,
            "no cycle reached {point}"
        );
    }
}

/// The bugs that this suite must find.
const BITES: [&str; 5] = [
    "drop-last-of-batch",
    "reuse-position",
    "forget-command",
    "checkpoint-before-rows",
    "subscriber-skips",
];

/// Catches: a suite that would pass whatever the program does.
#[test]
fn it_finds_the_bugs_that_are_put_in() {
    let mut table = "| bug | found after | as |\n|---|---:|---|\n".to_owned();
    for bug in BITES {
        assert!(BUGS.contains(&bug));
        let campaign = Campaign {
            bug: Some(bug),
            ..campaign(60)
        };
        let begun = started();
        let outcome = campaign::run(&campaign, &mut Report::default());
        let Err(failure) = outcome else {
            panic!("CARNET_SEED={}: {bug} was not found", campaign.seed);
        };
        let line = format!("| {bug} | {} | {failure} |\n", seconds(begun.elapsed()));
        note(&line);
        table.push_str(&line);
    }
    keep("crash-bugs", &table);
}
