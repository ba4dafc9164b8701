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
mod import;
mod inspect;
mod ledger;
mod server;

use campaign::Campaign;
use carnet::fault::BUGS;
use harness::{
    bites,
    chance::{seed, times},
    report::{Report, keep, note, seconds, started},
    wired,
};

/// Points of another command, see `import`.
const OTHERS: [&str; 1] = ["mid-import"];

fn campaign(cycles: u64) -> Campaign {
    let mut points = wired::points();
    points.retain(|point| !OTHERS.contains(point));
    Campaign {
        seed: seed(),
        cycles,
        lives: 25,
        fold_every: 8,
        bug: None,
        points,
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

/// Catches: a suite that would pass whatever the program does.
#[test]
fn it_finds_the_bugs_that_are_put_in() {
    bites::all_found("crash", |bug| {
        let campaign = Campaign {
            bug: Some(bug),
            ..campaign(60)
        };
        campaign::run(&campaign, &mut Report::default()).err()
    });
}

/// Catches: a bug that was listed, and that nothing looks for.
#[test]
fn every_bug_is_some_suites_to_find() {
    for bug in BUGS {
        let found = bites::BITES.iter().any(|(_, bugs)| bugs.contains(bug));
        assert!(found, "{bug}");
    }
}
