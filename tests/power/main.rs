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

use disk_model::{Disk, LUCK, Luck};
use harness::{
    bites,
    chance::{Chance, seed, times},
    child, disk,
    failure::{Checked, fail},
    notary::{self, Outcome, Work},
    recorder,
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
    let mut command = work.command();
    let recorded = recorder::record(&mut command, &place, &root);
    command.envs(bug.map(|bug| ("CARNET_BUG", bug)));
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
        let mut left = disk.clone();
        if let Some(op) = ops.get(moment)
            && !matches!(op, Op::Synced { .. })
        {
            left.apply(op);
        }
        let luck = *chance.pick(&LUCK);
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("disk");
        fs::create_dir(&root).unwrap();
        left.cut(&root, luck, &mut chance);
        let lost = lose_a_copy(&root.join("data"), &mut chance);
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
                    "cut after {moment} of {} changes, {luck:?} survives{lost}, {} \
                     acknowledged: {outcome:?}",
                    ops.len(),
                    acknowledged.lines().count()
                ));
            }
        }
    }
    Ok(())
}

/// Now and then, where the log has two copies, one of them is lost along with the power.
fn lose_a_copy(data: &Path, chance: &mut Chance) -> &'static str {
    let (log, mirror) = (disk::log(data), disk::mirror(data));
    if !mirror.exists() || !log.exists() || !chance.one_in(4) {
        return "";
    }
    if chance.one_in(2) {
        fs::remove_dir_all(log).unwrap();
        ", the store is lost"
    } else {
        fs::remove_dir_all(mirror).unwrap();
        ", the mirror is lost"
    }
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

/// Catches: a suite that would pass whatever is synced.
#[test]
fn it_finds_the_bugs_that_are_put_in() {
    bites::all_found("power", |bug| {
        run(200, Some(bug), &mut Report::default()).err()
    });
}
