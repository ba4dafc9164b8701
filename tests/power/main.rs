//! Power cuts: every change that a writing process makes to its disk is recorded, with every sync;
//! disks as a cut at any moment could leave them are made from that, and opened.
//!
//! `CARNET_POWER_STATES` says how many, `CARNET_SEED` repeats a run.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod disk_model;
#[path = "../harness/mod.rs"]
mod harness;
mod history;

use std::{fs, path::Path, time::Duration};

use carnet::fault::BUGS;
use disk_model::{Disk, LUCK, Luck};
use harness::{
    chance::{Chance, seed, times},
    child, disk,
    failure::{Checked, fail},
    notary::{self, Outcome, Work},
    report::{Report, keep, note, seconds, started},
};
use history::Op;

/// The other processes of this suite.
#[test]
fn child() {
    if let Some(role) = child::role() {
        notary::play(&role);
    }
}

/// A history of some sessions of writing, recorded.
fn record(place: &Path, seed: u64, bug: Option<&str>) -> Checked<Vec<Op>> {
    let place = place.canonicalize().unwrap();
    let root = place.join("disk");
    fs::create_dir(&root).unwrap();
    let work = Work {
        data: root.join("data"),
        acks: root.join("acks"),
        seed,
        sessions: 3,
        commands: 12,
    };
    let recorded = place.join("history");
    let mut command = work.command();
    command
        .env("LD_PRELOAD", history::recorder(&place))
        .env("RECORDER_ROOT", &root)
        .env("RECORDER_OUT", &recorded)
        .envs(bug.map(|bug| ("CARNET_BUG", bug)));
    let ended = child::run(&mut command, Duration::from_mins(1));
    if !ended.status.is_some_and(|status| status.success()) {
        return fail(format!("the writer ended early: {}", ended.said));
    }
    let ops = history::read(&recorded, &root, &work.acks);
    // Nothing went unseen: all of it together is what is on the disk.
    let mut whole = Disk::new();
    for op in &ops {
        whole.apply(op);
    }
    let replayed = place.join("replayed");
    fs::create_dir(&replayed).unwrap();
    whole.cut(&replayed, Luck::Everything, &mut Chance::new(0, 0));
    for file in disk::files(&work.data) {
        let there = fs::read(work.data.join(&file)).unwrap();
        let recorded = fs::read(replayed.join("data").join(&file));
        assert!(
            recorded.is_ok_and(|recorded| recorded == there),
            "the recorder missed a change of {}",
            file.display()
        );
    }
    Ok(ops)
}

/// Opens so many of the disks that a power cut could leave of one history.
fn cut(ops: &[Op], states: u64, seed: u64, report: &mut Report) -> Checked {
    let mut chance = Chance::new(seed, 1);
    let mut moments: Vec<usize> = (0..states)
        .map(|_| {
            // One in four while the log is still being made.
            let part = if chance.one_in(4) { 12 } else { 1 };
            chance.index(ops.len() / part + 1)
        })
        .collect();
    moments.sort_unstable();
    let mut disk = Disk::new();
    let mut acknowledged = String::new();
    let mut done = 0;
    for moment in moments {
        for op in &ops[done..moment] {
            disk.apply(op);
            if let Op::Acknowledged(line) = op {
                acknowledged.push_str(line);
            }
        }
        done = moment;
        // What was under way may be on the disk as well; but it was not made durable.
        let mut last = disk.clone();
        if let Some(op) = ops.get(moment)
            && !matches!(op, Op::Synced { .. })
        {
            last.apply(op);
        }
        let luck = *chance.pick(&LUCK);
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("disk");
        fs::create_dir(&root).unwrap();
        last.cut(&root, luck, &mut chance);
        let acks = place.path().join("acks");
        fs::write(&acks, &acknowledged).unwrap();
        let outcome = notary::look(&mut notary::check_command(&root.join("data"), &acks));
        let some = if acknowledged.is_empty() {
            "before the first acknowledgement"
        } else {
            "after acknowledgements"
        };
        match &outcome {
            Outcome::Whole(mended) => {
                let mended = if *mended { ", told as mended" } else { "" };
                report.count(format!("whole, {some}{mended}"));
            }
            Outcome::Refused(_) | Outcome::Wrong(_) | Outcome::Died(_) | Outcome::Hung => {
                return fail(format!(
                    "cut after {moment} of {} changes, {luck:?} survives, {} acknowledged: \
                     {outcome:?}",
                    ops.len(),
                    acknowledged.lines().count()
                ));
            }
        }
    }
    Ok(())
}

/// Several histories, each cut many times.
fn run(states: u64, bug: Option<&str>, report: &mut Report) -> Checked {
    let seed = seed();
    note(&format!("CARNET_SEED={seed}"));
    let histories = states.div_ceil(100);
    for history in 0..histories {
        let place = tempfile::tempdir().unwrap();
        let seed = seed ^ history;
        let ops = record(place.path(), seed, bug)?;
        report.count("histories");
        report.add("changes and syncs recorded", ops.len() as u64);
        cut(&ops, states / histories, seed, report).map_err(|failure| failure.at(seed))?;
    }
    Ok(())
}

/// Catches: an acknowledgement of what a power cut can still undo; a directory that such a cut
/// leaves unopenable.
#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    let (begun, mut report) = (started(), Report::default());
    let outcome = run(times("CARNET_POWER_STATES", 60), None, &mut report);
    keep(
        "power",
        &format!("{}\nIn {}.\n", report.table(), seconds(begun.elapsed())),
    );
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// The bugs that this suite must find.
const BITES: [&str; 4] = [
    "no-sync-data",
    "no-directory-sync",
    "acknowledge-before-sync",
    "ignore-guard",
];

/// Catches: a suite that would pass whatever is synced.
#[test]
fn it_finds_the_bugs_that_are_put_in() {
    let mut table = "| bug | found after | as |\n|---|---:|---|\n".to_owned();
    for bug in BITES {
        assert!(BUGS.contains(&bug));
        let begun = started();
        let Err(failure) = run(200, Some(bug), &mut Report::default()) else {
            panic!("{bug} was not found");
        };
        let line = format!("| {bug} | {} | {failure} |\n", seconds(begun.elapsed()));
        note(&line);
        table.push_str(&line);
    }
    keep("power-bugs", &table);
}
