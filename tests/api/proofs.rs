//! Proofs, from the question to a check by whoever has no log at all.

use std::{fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::support::{
    carnet::Carnet,
    program::{Program, complaint, printed, run},
    words::{launch, statement},
};

const DATA: [&str; 2] = ["--data-dir", "data"];

const HEAD: &str = "query($at: Position) { \
    logHead(at: $at) { format logId position hash root } }";
const INCLUSION: &str = "query($event: Position!, $head: Position) { \
    inclusionProof(event: $event, head: $head) { \
    format logId event leafIndex treeSize recordHash root path } }";
const CONSISTENCY: &str = "query($from: Position!, $to: Position) { \
    consistencyProof(from: $from, to: $to) { format logId from fromRoot to toRoot path } }";

/// Runs a command of the log.
#[track_caller]
fn log(directory: &Path, arguments: &[&str]) -> String {
    printed(directory, &[&["log"], arguments, &DATA].concat())
}

/// A directory with heads and proofs of the demonstration in files, and no log any more.
fn proved() -> tempfile::TempDir {
    let made = tempfile::tempdir().unwrap();
    printed(made.path(), &[&["demo"][..], &DATA].concat());
    let files = [
        ("head-7.json", &["head", "--at", "7"][..]),
        ("head-20.json", &["head", "--at", "20"]),
        ("head-32.json", &["head"]),
        ("event-4.json", &["prove", "--event", "4", "--at", "20"]),
        ("heads.json", &["prove", "--from", "7"]),
        ("heads-20.json", &["prove", "--from", "7", "--to", "20"]),
    ];
    let kept = tempfile::tempdir().unwrap();
    for (name, arguments) in files {
        let path = kept.path().join(name);
        let to_file = ["--output", path.to_str().unwrap()];
        assert_eq!(log(made.path(), &[arguments, &to_file].concat()), "");
        let shown = log(made.path(), arguments);
        assert_eq!(fs::read_to_string(&path).unwrap(), shown, "{name}");
    }
    made.close().unwrap();
    kept
}

fn check(directory: &Path, arguments: &[&str]) -> String {
    printed(directory, &[&["log", "check-proof"], arguments].concat())
}

#[track_caller]
fn refused(directory: &Path, arguments: &[&str]) -> String {
    let told = complaint(directory, &[&["log", "check-proof"], arguments].concat());
    assert!(told.contains("La preuve ne vaut pas"), "{told}");
    told
}

fn read(directory: &Path, name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(directory.join(name)).unwrap()).unwrap()
}

fn write(directory: &Path, name: &str, content: &Value) {
    fs::write(directory.join(name), content.to_string()).unwrap();
}

/// Catches: a check that needs the log, and a proof that does not carry its event.
#[test]
fn a_proof_is_checked_where_there_is_no_log() {
    let directory = proved();
    let place = directory.path();
    let told = check(place, &["event-4.json", "--head", "head-20.json"]);
    assert!(
        told.contains("à la position 20, contient l'événement 4."),
        "{told}"
    );
    assert!(told.contains("Mairie de Grisy-les-Plâtres"), "{told}");
    let root = read(place, "head-20.json")["root"]
        .as_str()
        .unwrap()
        .to_owned();
    let told = check(place, &["event-4.json", "--root", &root, "--size", "20"]);
    assert!(
        told.contains("le journal de cette racine, à la position 20,"),
        "{told}"
    );

    let old = check(place, &["heads.json", "--head", "head-7.json"]);
    assert!(
        old.contains("à la position 32, prolonge ce qu'il était à la position 7"),
        "{old}"
    );
    assert!(
        old.contains("La tête à la position 32 n'est connue que par cette preuve"),
        "{old}"
    );
    let both = [
        "heads.json",
        "--head",
        "head-7.json",
        "--head",
        "head-32.json",
    ];
    let told = check(place, &both);
    assert!(!told.contains("n'est connue que"), "{told}");
    let left: Vec<_> = fs::read_dir(place).unwrap().collect();
    assert_eq!(left.len(), 6, "nothing but the files: {left:?}");
}

/// Catches: a check that believes what it is shown.
#[test]
fn a_proof_of_another_head_is_refused() {
    let directory = proved();
    let place = directory.path();
    let told = refused(place, &["event-4.json", "--head", "head-32.json"]);
    assert!(
        told.contains("ne porte pas sur la tête à laquelle vous vous fiez"),
        "{told}"
    );
    refused(place, &["heads.json", "--head", "head-20.json"]);
    let one_of_two = [
        "heads.json",
        "--head",
        "head-7.json",
        "--head",
        "head-20.json",
    ];
    refused(place, &one_of_two);
    let root = read(place, "head-20.json")["root"]
        .as_str()
        .unwrap()
        .to_owned();
    refused(place, &["event-4.json", "--root", &root, "--size", "19"]);
    let upper = root.to_uppercase();
    check(place, &["event-4.json", "--root", &upper, "--size", "20"]);
    let not_a_proof = refused(place, &["head-20.json", "--head", "head-20.json"]);
    assert!(
        not_a_proof.contains("ce n'est pas un fichier au format"),
        "{not_a_proof}"
    );

    let mut other = read(place, "head-20.json");
    other["logId"] = json!("00000000-0000-0000-0000-000000000001");
    write(place, "other.json", &other);
    let told = refused(place, &["event-4.json", "--head", "other.json"]);
    assert!(told.contains("un autre journal"), "{told}");
    let none = ["log", "check-proof", "none.json", "--head", "head-20.json"];
    assert!(complaint(place, &none).contains("none.json ne se lit pas"));
    let nothing_trusted = run(place, &["log", "check-proof", "event-4.json"]);
    assert_eq!(
        nothing_trusted.status.code(),
        Some(2),
        "{nothing_trusted:?}"
    );
}

/// Catches: a field that is shown and not checked.
#[test]
fn no_field_of_a_proof_can_be_changed() {
    let directory = proved();
    let place = directory.path();
    let trusted = [
        ("event-4.json", &["--head", "head-20.json"][..]),
        (
            "heads.json",
            &["--head", "head-7.json", "--head", "head-32.json"],
        ),
    ];
    for (name, trusted) in trusted {
        let whole = read(place, name);
        let refused = |changed: &Value| {
            write(place, "changed.json", changed);
            refused(place, &[&["changed.json"], trusted].concat());
        };
        for (field, value) in whole.as_object().unwrap() {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(field);
            if field != "record" {
                refused(&without);
            }
            let Some(text) = value.as_str() else { continue };
            for at in [0, text.len() / 2, text.len() - 1] {
                let mut bytes = text.as_bytes().to_vec();
                bytes[at] ^= 1;
                let mut changed = whole.clone();
                changed[field] = json!(String::from_utf8(bytes).unwrap());
                refused(&changed);
            }
            // The same in other words.
            for other in [text.to_uppercase(), format!("0{text}"), format!(" {text}")] {
                let mut changed = whole.clone();
                changed[field] = json!(other);
                if changed != whole {
                    refused(&changed);
                }
            }
        }
        let hashes = whole["path"].as_array().unwrap().len();
        for at in 0..hashes {
            let mut shorter = whole.clone();
            let removed = shorter["path"].as_array_mut().unwrap().remove(at);
            refused(&shorter);
            let mut longer = whole.clone();
            longer["path"].as_array_mut().unwrap().insert(at, removed);
            refused(&longer);
        }
        let mut more = whole.clone();
        more["note"] = json!("vu et approuvé");
        refused(&more);
    }
}

/// Catches: an event that is shown and is not the one that is proved.
#[test]
fn a_proof_carries_its_own_event_and_no_other() {
    let made = tempfile::tempdir().unwrap();
    printed(made.path(), &[&["demo"][..], &DATA].concat());
    let place = made.path();
    for (name, arguments) in [
        ("head.json", &["head"][..]),
        ("4.json", &["prove", "--event", "4"]),
        ("5.json", &["prove", "--event", "5"]),
    ] {
        fs::write(place.join(name), log(place, arguments)).unwrap();
    }
    let mut mixed = read(place, "4.json");
    mixed["record"] = read(place, "5.json")["record"].clone();
    write(place, "mixed.json", &mixed);
    let told = refused(place, &["mixed.json", "--head", "head.json"]);
    assert!(told.contains("recordHash"), "{told}");
    // The whole event, and something after it.
    let mut longer = read(place, "4.json");
    let record = longer["record"].as_str().unwrap();
    let mut bytes = BASE64_STANDARD.decode(record).unwrap();
    bytes.push(0);
    longer["record"] = json!(BASE64_STANDARD.encode(&bytes));
    write(place, "longer.json", &longer);
    refused(place, &["longer.json", "--head", "head.json"]);
    // An event that is another one's hash, said to be at its place.
    let mut moved = read(place, "4.json");
    let other = read(place, "5.json");
    for field in ["event", "leafIndex", "recordHash", "path"] {
        moved[field] = other[field].clone();
    }
    write(place, "moved.json", &moved);
    refused(place, &["moved.json", "--head", "head.json"]);
}

#[test]
fn what_cannot_be_proved_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    printed(place, &[&["demo"][..], &DATA].concat());
    let told = |arguments: &[&str]| complaint(place, &[&["log"], arguments, &DATA].concat());
    let ahead = told(&["head", "--at", "33"]);
    assert!(
        ahead.contains("n'en est qu'à la position 32, non 33"),
        "{ahead}"
    );
    let outside = told(&["prove", "--event", "9", "--at", "8"]);
    assert!(
        outside.contains("pas d'événement 9 au journal jusqu'à la position 8"),
        "{outside}"
    );
    assert!(told(&["prove", "--event", "0"]).contains("pas d'événement 0"));
    assert!(told(&["prove", "--from", "9", "--to", "8"]).contains("9, après 8"));
    // A head that was noted down is not written over.
    fs::write(place.join("noted.json"), "mine").unwrap();
    assert!(told(&["head", "--output", "noted.json"]).contains("existe déjà"));
    assert_eq!(
        fs::read_to_string(place.join("noted.json")).unwrap(),
        "mine"
    );
}

/// Catches: an answer that is no file, and a head of another log than the one that is served.
#[tokio::test]
async fn what_the_api_answers_is_a_file_that_can_be_checked() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let program = Program::serve(place, &["--demo"]);
    let ask = async |document, variables| {
        let mut answer = program.answer(document, variables).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        let data = answer["data"].as_object_mut().unwrap();
        data.values_mut().next().unwrap().take()
    };
    let now = ask(HEAD, json!({})).await;
    let hash = now["hash"].as_str().unwrap();
    assert!(program.printed.contains(hash), "{now}");
    write(place, "now.json", &now);
    write(place, "then.json", &ask(HEAD, json!({ "at": "7" })).await);
    write(
        place,
        "event.json",
        &ask(INCLUSION, json!({ "event": "4" })).await,
    );
    let earlier = json!({ "event": "4", "head": "7" });
    write(place, "earlier.json", &ask(INCLUSION, earlier).await);
    write(
        place,
        "heads.json",
        &ask(CONSISTENCY, json!({ "from": "7" })).await,
    );
    program.stop();
    assert_eq!(
        read(place, "now.json"),
        serde_json::from_str::<Value>(&log(place, &["head"])).unwrap()
    );
    fs::remove_dir_all(place.join("data")).unwrap();

    let told = check(place, &["event.json", "--head", "now.json"]);
    assert!(
        told.contains("La preuve ne porte pas l'événement, mais son empreinte"),
        "{told}"
    );
    check(place, &["earlier.json", "--head", "then.json"]);
    check(
        place,
        &["heads.json", "--head", "then.json", "--head", "now.json"],
    );
    refused(place, &["event.json", "--head", "then.json"]);
}

/// Catches: one small request that reads a thousand blocks.
#[tokio::test]
async fn a_request_has_some_proofs_and_not_many() {
    let carnet = Carnet::start().await;
    let heads = |count: usize| {
        let heads = (0..count).map(|n| format!("h{n}: logHead {{ root }}"));
        format!("{{ {} }}", heads.collect::<Vec<_>>().join(" "))
    };
    carnet.data(&heads(49), json!({})).await;
    let (code, _) = carnet.fault(&heads(50), json!({})).await;
    assert_eq!(code, "COST_EXCEEDED");
    carnet.stop().await;
}

/// Catches: a proof of what the answer is not of, and a fault without a code.
#[tokio::test]
async fn what_cannot_be_proved_is_a_fault_with_a_code() {
    let carnet = Carnet::start().await;
    let empty = carnet.data(HEAD, json!({})).await;
    assert_eq!(empty["logHead"]["position"], "0");
    carnet.record("launchExperiment", launch(json!({}))).await;
    for words in ["un", "deux"] {
        carnet.record("recordStatement", statement(words)).await;
    }
    assert_eq!(carnet.head().await, 3);
    let faults = [
        (HEAD, json!({ "at": "4" }), "CURSOR_AHEAD"),
        (INCLUSION, json!({ "event": "4" }), "CURSOR_AHEAD"),
        (
            INCLUSION,
            json!({ "event": "1", "head": "4" }),
            "CURSOR_AHEAD",
        ),
        (
            INCLUSION,
            json!({ "event": "3", "head": "2" }),
            "EVENT_OUTSIDE",
        ),
        (INCLUSION, json!({ "event": "0" }), "EVENT_OUTSIDE"),
        (
            CONSISTENCY,
            json!({ "from": "0", "to": "4" }),
            "CURSOR_AHEAD",
        ),
        (
            CONSISTENCY,
            json!({ "from": "3", "to": "2" }),
            "HEADS_REVERSED",
        ),
        (HEAD, json!({ "at": "-1" }), "BAD_USER_INPUT"),
    ];
    for (document, variables, code) in faults {
        let (told, _) = carnet.fault(document, variables.clone()).await;
        assert_eq!(told, code, "{document} {variables}");
    }
    // One that cannot be proved does not take the others along.
    let mixed = "{ known: logHead(at: 2) { position } ahead: logHead(at: 9) { position } }";
    let answer = carnet.ask(mixed, json!({})).await;
    let expected = json!({ "known": { "position": "2" }, "ahead": null });
    assert_eq!(answer["data"], expected, "{answer}");
    carnet.stop().await;
}
