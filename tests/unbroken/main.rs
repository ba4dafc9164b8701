//! Subscribers on bad links, of a program that is killed and restarted while many record: each is told
//! exactly the filtered log, without a gap, without a duplicate, in order.
//!
//! The subscribers speak `graphql-transport-ws`, `text/event-stream` and `multipart/mixed`; most of
//! them through a proxy that delays, splits and tears. Nothing that they are held against comes from what
//! is subscribed to: those who record note what they recorded, and the order is that of the pages of events.
//!
//! Whoever has written reads what it wrote, over any connection.
//!
//! `CARNET_SUBSCRIBERS`, `CARNET_EVENTS`, `CARNET_DEATHS`, `CARNET_PAIRS` and `CARNET_CLIENTS` say how much of it,
//! `CARNET_SEED` which.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod ask;
mod campaign;
#[path = "../harness/mod.rs"]
mod harness;
mod notes;
mod pairs;
mod proxy;
mod server;
mod soak;
mod stream;
mod subscriber;
mod world;
mod writers;

use campaign::Campaign;
use harness::{
    bites,
    chance::{seed, times},
    failure::Checked,
    report::{Report, keep, note, seconds, started},
};

fn campaign() -> Campaign {
    Campaign {
        seed: seed(),
        subscribers: times("CARNET_SUBSCRIBERS", 120),
        events: times("CARNET_EVENTS", 4_000),
        deaths: times("CARNET_DEATHS", 6),
        bug: None,
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn run(campaign: &Campaign, report: &mut Report) -> Checked {
    runtime().block_on(campaign::run(campaign, report))
}

/// Would catch: an event that a cut, a death, a slow link or a filter swallows, repeats, or puts before another; one
/// that is told to whoever may not see it; one that was acknowledged and is nowhere.
#[test]
fn each_is_told_exactly_the_filtered_log() {
    let campaign = campaign();
    note(&format!("CARNET_SEED={}", campaign.seed));
    let (begun, mut report) = (started(), Report::default());
    let outcome = run(&campaign, &mut report);
    let table = report.table();
    keep(
        "unbroken",
        &format!("{table}\nIn {}.\n", seconds(begun.elapsed())),
    );
    if let Err(failure) = outcome {
        panic!("CARNET_SEED={}: {failure}", campaign.seed);
    }
    for what in ["deaths", "links torn", "cut by the subscriber", "restarts"] {
        assert!(report.get(what) > 0, "nothing was put to it: {what}");
    }
}

/// Catches: a suite that would pass whatever the program does.
#[test]
fn it_finds_the_bugs_that_are_put_in() {
    bites::all_found("unbroken", |bug| {
        // What finds a bug at all finds it in less than what shows that there is none.
        let campaign = Campaign {
            seed: seed(),
            subscribers: 60,
            events: 1_500,
            deaths: 1,
            bug: Some(bug),
        };
        run(&campaign, &mut Report::default()).err()
    });
}

/// Would catch: an answer of before what its asker has written, over whichever connection.
#[test]
fn who_has_written_reads_it() {
    let (seed, pairs) = (seed(), times("CARNET_PAIRS", 1_500));
    note(&format!("CARNET_SEED={seed}"));
    let (begun, mut report) = (started(), Report::default());
    let outcome = runtime().block_on(pairs::run(seed, pairs, &mut report));
    let table = report.table();
    keep(
        "pairs",
        &format!("{table}\nIn {}.\n", seconds(begun.elapsed())),
    );
    if let Err(failure) = outcome {
        panic!("CARNET_SEED={seed}: {failure}");
    }
}

/// Would catch: a task, a file or memory that a client leaves behind, whatever it did and however it went.
#[test]
fn nothing_is_left_of_who_is_gone() {
    let (seed, clients) = (seed(), times("CARNET_CLIENTS", 1_500));
    note(&format!("CARNET_SEED={seed}"));
    let (begun, mut report) = (started(), Report::default());
    let outcome = runtime().block_on(soak::run(seed, clients, &mut report));
    let table = report.table();
    keep(
        "soak",
        &format!("{table}\nIn {}.\n", seconds(begun.elapsed())),
    );
    if let Err(failure) = outcome {
        panic!("CARNET_SEED={seed}: {failure}");
    }
}
