//! The command line explains itself, in French.

use crate::support::program::{printed, run};

/// Every command, and those below it.
const COMMANDS: &[&[&str]] = &[
    &[],
    &["serve"],
    &["demo"],
    &["example"],
    &["generate"],
    &["import"],
    &["rebuild"],
    &["report"],
    &["report", "draft"],
    &["report", "list"],
    &["report", "export"],
    &["report", "verify"],
    &["schema"],
    &["events"],
    &["log"],
    &["log", "head"],
    &["log", "prove"],
    &["log", "verify"],
    &["log", "export"],
    &["log", "import"],
    &["log", "check-proof"],
    &["backup"],
    &["restore"],
    &["privacy"],
    &["privacy", "erase"],
    &["privacy", "rotate"],
    &["privacy", "status"],
    &["token"],
    &["token", "issue"],
    &["token", "list"],
    &["token", "revoke"],
    &["documents"],
    &["documents", "list"],
    &["documents", "check"],
    &["config"],
];

/// Catches: a command that is not listed, help in the words of a library.
#[test]
fn help_is_in_french() {
    let place = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        for help in ["-h", "--help"] {
            let told = printed(place.path(), &[command, &[help][..]].concat());
            assert!(told.contains("Usage : carnet"), "{told}");
            assert!(told.contains("Imprime cette aide"), "{told}");
            for english in ["Usage:", "Print", "Possible", "default", "COMMAND>", "<TO>"] {
                assert!(!told.contains(english), "{command:?}: {english}\n{told}");
            }
        }
    }
    let told = printed(place.path(), &["--help"]);
    let listed = |line: &&str| line.starts_with("  ") && !line.trim().starts_with('-');
    let listed = told.lines().filter(listed).count();
    let known = COMMANDS.iter().filter(|command| command.len() == 1).count();
    assert_eq!(listed, known, "{told}");
    assert_eq!(printed(place.path(), &["--version"]), "carnet 0.1.0\n");
}

#[test]
fn what_is_not_understood_is_told_in_french() {
    let place = tempfile::tempdir().unwrap();
    for (arguments, told) in [
        (&["backup"][..], "il manque <RÉPERTOIRE>."),
        (&["sauve"], "« sauve » n'est pas une commande."),
        (&["backup", "a", "b"], "« b » n'est pas connu ici."),
        (&["serve", "--port", "3"], "« --port » n'est pas connu ici."),
        (
            &["log", "head", "--at", "x"],
            "« x » ne convient pas à --at",
        ),
        (&["--log-format", "xml", "config"], "possible : text, json."),
        (
            &["log", "prove", "--event", "3", "--from", "2"],
            "ne va pas avec",
        ),
        (
            &["config", "--listen"],
            "--listen <ADRESSE:PORT> veut une valeur.",
        ),
    ] {
        let output = run(place.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(complaint.starts_with("carnet : "), "{complaint}");
        assert!(complaint.contains(told), "{complaint}");
        assert!(complaint.contains("« --help » en dit plus."), "{complaint}");
    }
}

/// Catches: settings that are printed in a form that is not read.
#[test]
fn the_settings_that_are_printed_are_read_back() {
    let place = tempfile::tempdir().unwrap();
    let told = printed(place.path(), &["config", "--data-dir", "ailleurs"]);
    std::fs::write(place.path().join("carnet.toml"), &told).unwrap();
    assert_eq!(printed(place.path(), &["config"]), told);
    assert!(told.contains("# mirror_dir = "), "{told}");
}
