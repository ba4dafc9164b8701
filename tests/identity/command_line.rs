//! `carnet token`, and the first run, by the real binary.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use carnet::{
    access::{Caller, Role},
    app::App,
    clock::SystemClock,
    config::Config,
    identity::Refused,
};

fn carnet(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carnet"));
    command
        .args(arguments)
        .args(["--data-dir", "data"])
        .env_clear()
        .current_dir(directory);
    command
}

#[track_caller]
fn run(directory: &Path, arguments: &[&str]) -> Output {
    carnet(directory, arguments).output().unwrap()
}

#[track_caller]
fn printed(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Who the data knows whoever shows a token as.
async fn known(directory: &Path, token: &str) -> Result<Caller, Refused> {
    let config = Config {
        data_dir: directory.join("data"),
        ..Config::default()
    };
    let app = App::open(&config, Arc::new(SystemClock)).await.unwrap();
    let head = app.log.head().position;
    app.reads
        .wait_for(head, carnet::limits::OPERATION)
        .await
        .unwrap();
    let known = app.callers.of(Some(&format!("Bearer {token}"))).await;
    app.close().await;
    known.map(|known| known.caller)
}

/// Catches: a token that is printed with words around it, one that nothing knows, and one that is
/// revoked for nobody.
#[tokio::test]
async fn a_token_is_issued_listed_and_revoked() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let issue = ["token", "issue", "Tableau de bord", "--role", "carrier"];
    let of = ["--organisation", "La Poste", "--until", "2999-12-31"];
    let told = printed(place, &[&issue[..], &of[..]].concat());
    let token = told.strip_suffix('\n').unwrap();
    assert!(
        token.starts_with("carnet_") && token.len() == 50,
        "nothing but the token"
    );
    let caller = known(place, token).await.unwrap();
    assert_eq!(caller.grants.len(), 1);
    assert_eq!(caller.grants[0].role, Role::Carrier);
    let until = caller.until.unwrap().to_rfc3339();
    assert_eq!(until, "3000-01-01T00:00:00+00:00");

    let listed = printed(place, &["token", "list"]);
    let (id, rest) = listed.split_once("  « Tableau de bord »  ").unwrap();
    assert!(
        rest.starts_with(
            "valable jusqu'au 1er janvier 3000  (porteur, expérimentations de La Poste)"
        ),
        "{listed}"
    );
    assert!(!listed.contains(token));
    let revoked = printed(place, &["token", "revoke", id, "--reason", "Perdu"]);
    assert_eq!(revoked, "Ce jeton est révoqué.\n");
    let again = printed(place, &["token", "revoke", id]);
    assert_eq!(again, "Ce jeton était déjà révoqué.\n");
    let refused = known(place, token).await.map(|caller| caller.actor);
    assert_eq!(refused, Err(Refused::Unauthenticated));
    let listed = printed(place, &["token", "list"]);
    assert!(listed.contains("révoqué le "), "{listed}");
}

/// Catches: words that are wrong and taken; each says what is wrong, and records nothing.
#[test]
fn what_cannot_be_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    printed(place, &["demo"]);
    let experiment = "experiment-00000000-0000-7000-8000-000000000999";
    let token = "token-00000000-0000-7000-8000-000000000999";
    for (arguments, told) in [
        (
            &["token", "issue", "x", "--role", "carrier"][..],
            "Un porteur l'est",
        ),
        (
            &["token", "issue", " ", "--role", "funder"],
            "Ce texte est vide",
        ),
        (
            &[
                "token",
                "issue",
                "x",
                "--role",
                "funder",
                "--until",
                "2001-01-01",
            ],
            "La fin précède",
        ),
        (
            &[
                "token",
                "issue",
                "x",
                "--role",
                "funder",
                "--experiment",
                experiment,
            ],
            "inconnue",
        ),
        (
            &[
                "token",
                "issue",
                "x",
                "--role",
                "funder",
                "--experiment",
                "x",
            ],
            "n'est pas d'une expérimentation",
        ),
        (&["token", "revoke", token], "Ce jeton est inconnu."),
        (&["token", "revoke", experiment], "n'est pas d'un jeton"),
    ] {
        let output = run(place, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(complaint.contains(told), "{arguments:?}: {complaint}");
    }
    let listed = printed(place, &["token", "list"]);
    assert_eq!(listed, "Aucun jeton n'a été délivré.\n");
}

/// What a server prints until it serves.
fn served(directory: &Path, arguments: &[&str]) -> String {
    let all = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
    let mut process = carnet(directory, &all)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut told = String::new();
    while !told.contains("Ctrl-C") {
        told.push_str(&lines.next().unwrap().unwrap());
        told.push('\n');
    }
    process.kill().unwrap();
    process.wait().unwrap();
    told
}

/// Catches: a demonstration that is no longer played since the first run recorded its token; a token
/// of the first run that is made at every run, or though somebody has one.
#[test]
fn the_first_run_leaves_a_token_and_says_where() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let first = served(place, &[]);
    assert!(
        first.contains("Jeton    : data.keys/administrateur.jeton (administrateur)"),
        "{first}"
    );
    assert!(!first.contains("carnet_"), "{first}");
    let second = served(place, &["--demo"]);
    assert!(!second.contains("Jeton"), "{second}");
    assert!(second.contains("Démonstration jouée"), "{second}");
    let third = served(place, &["--demo"]);
    assert!(!third.contains("Démonstration"), "{third}");

    let other = tempfile::tempdir().unwrap();
    printed(other.path(), &["token", "issue", "x", "--role", "funder"]);
    let told = served(other.path(), &[]);
    assert!(!told.contains("Jeton"), "{told}");
}
