//! Which of the listed points and bugs the sources have.

use std::{fs, path::Path};

use carnet::fault::{BUGS, POINTS};

use super::disk;

/// The points at which the program can be made to die.
pub(crate) fn points() -> Vec<&'static str> {
    wired("point", POINTS)
}

/// Those of some bugs that can be put in.
pub(crate) fn bugs(some: &[&'static str]) -> Vec<&'static str> {
    assert!(some.iter().all(|bug| BUGS.contains(bug)), "{some:?}");
    wired("bug", some)
}

fn wired(call: &str, names: &[&'static str]) -> Vec<&'static str> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let text: String = disk::files(&sources)
        .iter()
        .map(|file| fs::read_to_string(sources.join(file)).unwrap())
        .collect();
    let mut names = names.to_vec();
    names.retain(|name| text.contains(&format!("{call}(\"{name}\")")));
    names
}
