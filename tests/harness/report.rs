//! What a suite counted, printed and kept under `target/reliability` for `docs/reliability.md`.
#![allow(clippy::print_stdout, reason = "a suite says what it counted")]

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

/// Numbers under names.
#[derive(Debug, Default)]
pub(crate) struct Report(BTreeMap<String, u64>);

impl Report {
    pub(crate) fn count(&mut self, what: impl Into<String>) {
        self.add(what, 1);
    }

    pub(crate) fn add(&mut self, what: impl Into<String>, number: u64) {
        *self.0.entry(what.into()).or_default() += number;
    }

    pub(crate) fn get(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or_default()
    }

    /// A table of all that was counted.
    pub(crate) fn table(&self) -> String {
        let mut table = "| what | how often |\n|---|---:|\n".to_owned();
        for (what, number) in &self.0 {
            writeln!(table, "| {what} | {number} |").unwrap();
        }
        table
    }
}

/// Prints a part of the report, and keeps it.
pub(crate) fn keep(name: &str, text: &str) {
    println!("{name}\n{text}");
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("target")
        .join("reliability");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(format!("{name}.md")), text).unwrap();
}

/// A line to whoever watches.
pub(crate) fn note(line: &str) {
    println!("{line}");
}

/// A stopwatch, started.
#[expect(
    clippy::disallowed_methods,
    reason = "how long something took is printed, nothing depends on it"
)]
pub(crate) fn started() -> Instant {
    Instant::now()
}

/// So long, in seconds, to be read.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
