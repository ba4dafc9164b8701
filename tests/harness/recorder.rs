//! The recorder of `tests/power/recorder.c`, put under a process.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Compiles the recorder.
fn compiled(into: &Path) -> PathBuf {
    let library = into.join("recorder.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power/recorder.c");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(source)
        .args(["-ldl", "-lpthread"])
        .status()
        .unwrap();
    assert!(compiled.success(), "a C compiler is needed: cc");
    library
}

/// Has all that a process does under `root` recorded; the recorder and its history lie in `place`.
pub(crate) fn record(command: &mut Command, place: &Path, root: &Path) -> PathBuf {
    let history = place.join("history");
    command
        .env("LD_PRELOAD", compiled(place))
        .env("RECORDER_ROOT", root)
        .env("RECORDER_OUT", &history);
    history
}

/// Has some of its calls under `root` fail, as the recorder's first lines say.
pub(crate) fn fail(command: &mut Command, place: &Path, root: &Path, rule: &str) {
    command
        .env("LD_PRELOAD", compiled(place))
        .env("RECORDER_ROOT", root)
        .env("RECORDER_FAIL", rule);
}
