//! That a suite finds the bugs that are put in: one that finds none of them shows nothing.
#![allow(clippy::panic, reason = "a bug that is not found is a failed test")]

use super::{
    failure::Failure,
    report::{keep, note, seconds, started},
    wired,
};

/// Which suite must find which bug.
pub(crate) const BITES: [(&str, &[&str]); 4] = [
    (
        "crash",
        &[
            "drop-last-of-batch",
            "reuse-position",
            "forget-command",
            "checkpoint-before-rows",
            "subscriber-skips",
        ],
    ),
    (
        "power",
        &[
            "acknowledge-before-sync",
            "no-sync-data",
            "no-directory-sync",
            "ignore-guard",
            "skip-mirror",
            "no-mirror-sync",
        ],
    ),
    (
        "unbroken",
        &[
            "subscriber-skips",
            "channel-joins-late",
            "channel-forgets-gaps",
            "channel-mixes-callers",
        ],
    ),
    (
        "damage",
        &["ignore-crc", "ignore-chain", "trust-shorter-copy"],
    ),
];

/// Runs a suite with each of its bugs, of those that the sources have; it must fail.
pub(crate) fn all_found(suite: &str, run: impl Fn(&'static str) -> Option<Failure>) {
    let bugs = BITES.iter().find(|(name, _)| *name == suite);
    let bugs = bugs.map_or(&[][..], |(_, bugs)| bugs);
    let mut table = "| bug | found after | as |\n|---|---:|---|\n".to_owned();
    for bug in wired::bugs(bugs) {
        let begun = started();
        let Some(failure) = run(bug) else {
            panic!("{suite} does not find {bug}");
        };
        let line = format!("| {bug} | {} | {failure} |\n", seconds(begun.elapsed()));
        note(&line);
        table.push_str(&line);
    }
    keep(&format!("{suite}-bugs"), &table);
}
