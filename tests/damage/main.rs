//! Damaged directories: files with flipped bits, zeroed pages or missing ends, files gone or
//! swapped, and stores that were tampered with. A log opens with all that it held, or says why it
//! does not; it never serves anything else.
//!
//! `CARNET_DAMAGE_STATES` says how many, `CARNET_SEED` repeats a run.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod damages;
mod errors;
#[path = "../harness/mod.rs"]
mod harness;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use harness::{
    bites,
    chance::{Chance, seed, times},
    child, disk,
    failure::Failure,
    notary::{self, Outcome, Work},
    report::{Report, keep, note, seconds, started},
    truth,
};

/// The other processes of this suite.
#[test]
fn child() {
    if let Some(role) = child::role() {
        notary::play(&role);
    }
}

/// A directory before anything is done to it.
struct Base {
    place: tempfile::TempDir,
}

impl Base {
    /// Some sessions of writing: closed in order, or cut off by a kill.
    fn new(seed: u64, killed: bool) -> Self {
        let place = tempfile::tempdir().unwrap();
        let base = Self { place };
        let work = Work {
            data: base.data(),
            acks: base.acks(),
            seed,
            sessions: 2,
            commands: 10,
        };
        write(&work, false);
        disk::copy(&base.data(), &base.older());
        let later = Work {
            seed: seed ^ 1,
            ..work
        };
        write(&later, killed);
        // Looked at in a copy: opening it here would already mend what a kill left.
        let copy = base.place.path().join("copy");
        disk::copy(&base.data(), &copy);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(truth::note(&copy, &base.truth()));
        fs::remove_dir_all(copy).unwrap();
        base
    }

    fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    fn older(&self) -> PathBuf {
        self.place.path().join("older")
    }

    fn acks(&self) -> PathBuf {
        self.place.path().join("acks")
    }

    fn truth(&self) -> PathBuf {
        self.place.path().join("truth")
    }

    /// Looks at a directory that was made from this one.
    fn look(&self, data: &Path, bug: Option<&str>) -> Outcome {
        let mut command = notary::check_command(data, &self.acks());
        command
            .env("CARNET_WORK_TRUTH", self.truth())
            .envs(bug.map(|bug| ("CARNET_BUG", bug)));
        notary::look(&mut command)
    }
}

fn write(work: &Work, killed: bool) {
    let mut command = work.command();
    if killed {
        command.env("CARNET_CRASH_AT", "before-batch:15");
    }
    let ended = child::run(&mut command, Duration::from_mins(1));
    let success = ended.status.is_some_and(|status| status.success());
    assert_eq!(success, !killed, "{}", ended.said);
}

/// Does something to a directory; now and then to both copies that are in it.
fn damage(data: &Path, older: &Path, chance: &mut Chance) -> String {
    let to_both = chance.one_in(6) && disk::mirror(data).exists();
    let mut done = Vec::new();
    if to_both || chance.one_in(3) {
        done.push(damages::to_store(data, !to_both, chance));
    }
    if to_both || (done.is_empty() && chance.one_in(3)) {
        done.extend(damages::to_mirror(data, chance));
    }
    if done.is_empty() {
        done.push(damages::to_files(data, older, chance));
    }
    done.join("; ")
}

/// Damages so many copies, and looks at each. Answers what should not be.
fn run(states: u64, seed: u64, bug: Option<&str>, report: &mut Report) -> Vec<Failure> {
    let mut chance = Chance::new(seed, 2);
    let bases = [Base::new(seed, false), Base::new(seed ^ 7, true)];
    let mut failures = Vec::new();
    for state in 0..states {
        let base = chance.pick(&bases);
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        disk::copy(&base.data(), &data);
        let done = damage(&data, &base.older(), &mut chance);
        let outcome = base.look(&data, bug);
        let (word, fine) = match &outcome {
            Outcome::Whole(false) => ("unharmed", true),
            Outcome::Whole(true) => ("mended", true),
            Outcome::Refused(_) => ("refused", true),
            Outcome::Wrong(_) => ("WRONG", false),
            Outcome::Died(_) => ("DIED", false),
            Outcome::Hung => ("HUNG", false),
        };
        report.count(word);
        report.count(format!("{done} - {word}"));
        if !fine {
            failures.push(Failure(format!("state {state}, {done}: {outcome:?}")));
            if bug.is_some() {
                break;
            }
        }
    }
    failures
}

/// Catches: an event lost or changed in silence; a damage that makes the program panic, abort or
/// hang instead of saying what is wrong.
#[test]
fn what_is_damaged_is_mended_or_refused() {
    let seed = seed();
    note(&format!("CARNET_SEED={seed}"));
    let (begun, mut report) = (started(), Report::default());
    let states = times("CARNET_DAMAGE_STATES", 60);
    let failures = run(states, seed, None, &mut report);
    let table = report.table();
    keep(
        "damage",
        &format!(
            "{table}\n{states} states in {}.\n",
            seconds(begun.elapsed())
        ),
    );
    let told: Vec<String> = failures.iter().take(20).map(ToString::to_string).collect();
    assert!(
        failures.is_empty(),
        "CARNET_SEED={seed}: {} of {states}\n{}",
        failures.len(),
        told.join("\n")
    );
}

/// Catches: a suite that would pass whatever is served.
#[test]
fn it_finds_the_bugs_that_are_put_in() {
    bites::all_found("damage", |bug| {
        run(200, seed(), Some(bug), &mut Report::default())
            .into_iter()
            .next()
    });
}

/// Catches: a copy taken for the truth because the other lost what would tell.
#[test]
fn what_the_store_lost_must_be_what_the_mirror_has() {
    let base = Base::new(1, false);
    damages::to_both_ends(&base.data());
    let outcome = base.look(&base.data(), None);
    assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
}
