//! That a suite finds the bugs that are put in: one that finds none of them shows nothing.
#![allow(clippy::panic, reason = "a bug that is not found is a failed test")]

use super::{
    failure::Failure,
    report::{keep, note, seconds, started},
    wired,
};

/// Runs a suite with each of these bugs, of those that the sources have; it must fail.
pub(crate) fn all_found(
    suite: &str,
    bugs: &[&'static str],
    run: impl Fn(&'static str) -> Option<Failure>,
) {
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
