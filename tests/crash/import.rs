//! An import that dies on the way is taken up again, and ends as if it had not.

use std::{
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Output},
};

fn carnet(place: &Path, arguments: &[&str], crash_at: Option<u64>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carnet"));
    command.args(arguments).env_clear().current_dir(place);
    if let Some(times) = crash_at {
        command.env("CARNET_CRASH_AT", format!("mid-import:{times}"));
    }
    command.output().unwrap()
}

/// What a command that succeeds prints.
fn printed(place: &Path, arguments: &[&str]) -> String {
    let output = carnet(place, arguments, None);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Catches: a cut import that cannot be taken up, or that leaves a gap, a record twice or another
/// head.
#[test]
fn an_import_killed_at_any_batch_is_taken_up_again() {
    let place = tempfile::tempdir().unwrap();
    let here = place.path();
    printed(
        here,
        &["generate", "--experiments", "150", "--data-dir", "data"],
    );
    printed(here, &["log", "export", "away", "--data-dir", "data"]);
    let head = printed(here, &["log", "head", "--data-dir", "data"]);
    let import = ["log", "import", "away", "--data-dir", "there"];
    // Each time a batch further, from where the last one stopped.
    let mut deaths = 0;
    loop {
        let output = carnet(here, &import, Some(2));
        if output.status.success() {
            break;
        }
        assert_eq!(output.status.signal(), Some(9), "{output:?}");
        deaths += 1;
        assert!(deaths < 50, "it does not come further");
    }
    assert!(deaths >= 3, "{deaths}");
    assert_eq!(printed(here, &["log", "head", "--data-dir", "there"]), head);
    let told = printed(here, &["log", "verify", "--data-dir", "there"]);
    assert!(told.contains("Rien à signaler"), "{told}");
}
