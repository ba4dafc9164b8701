//! Persons: named, and erased. The name is in no file, before or after.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use carnet::{
    clock::SystemClock,
    domain::terms::Position,
    log::{
        EventLog,
        mirrored::{MirroredLog, Places},
        record::genesis,
    },
};
use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, command_id, merge, mutation},
    in_time,
    program::{Program, complaint, printed, run},
    words::{CAMILLE, CAMILLES_NAME, TUESDAYS, camille, vigny},
};

const NAMED: &str = "query One($id: ID!) { adviser(id: $id) { id name role erased version \
                     erasure { on reason } history { edges { node { kind sentence } } } } }";

async fn adviser(carnet: &Carnet) -> Value {
    let mut data = carnet.data(NAMED, json!({ "id": CAMILLE })).await;
    data["adviser"].take()
}

fn erasure(other: Value) -> Value {
    let mut input = json!({ "personId": CAMILLE, "on": "2021-06-03",
        "reason": "Demande écrite du 3 juin" });
    merge(&mut input, other);
    input
}

fn renaming(name: &str) -> Value {
    json!({ "adviserId": CAMILLE, "from": "2021-05-01", "name": name })
}

/// Every file under a directory, with its bytes.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![directory.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            let bytes = fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
    found
}

/// What a name would look like in a file: as it is, in base64 however it is aligned, in hexadecimal,
/// in UTF-16.
fn looks(name: &str) -> Vec<Vec<u8>> {
    let mut looks = vec![name.as_bytes().to_vec(), name.to_lowercase().into_bytes()];
    for pad in 0..3 {
        let padded = [vec![b' '; pad], name.as_bytes().to_vec()].concat();
        let text = BASE64_STANDARD.encode(padded);
        // Without what depends on what stands before and after.
        looks.push(text.as_bytes()[4..text.len() - 4].to_vec());
    }
    let hex = name
        .bytes()
        .flat_map(|byte| [byte >> 4, byte & 15].map(|half| b"0123456789abcdef"[usize::from(half)]));
    looks.push(hex.collect());
    looks.push(name.encode_utf16().flat_map(u16::to_le_bytes).collect());
    for word in name.split(' ') {
        looks.push(word.as_bytes().to_vec());
    }
    looks
}

/// Catches a name that is stored in the open.
#[track_caller]
pub(crate) fn stored_nowhere(directory: &Path, name: &str) {
    let files = files(directory);
    let log = files.keys().any(|path| path.ends_with("log/db"));
    let read = files.keys().any(|path| path.ends_with("read.sqlite"));
    assert!(
        log && read,
        "not the files that were meant: {:?}",
        files.keys()
    );
    for (path, bytes) in files {
        for look in looks(name) {
            assert!(
                !bytes.windows(look.len()).any(|part| part == look),
                "{} holds {}",
                path.display(),
                String::from_utf8_lossy(&look)
            );
        }
    }
}

/// The search above finds what is there, so that finding nothing means something.
#[tokio::test]
async fn a_name_that_is_stored_in_the_open_is_found() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let stored = files(carnet.directory());
    for word in ["Vigny", "Grisy"] {
        let holds = |bytes: &Vec<u8>| bytes.windows(5).any(|part| part == word.as_bytes());
        assert!(stored.values().any(holds), "{word}");
    }
    carnet.stop().await;
}

/// The whole story: named, read, renamed, erased; then nobody reads the name, and the rest stands.
#[tokio::test]
async fn a_person_is_named_and_erased() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let written = carnet
        .record_and_show("registerAdviser", camille(json!({})), "adviser { id name }")
        .await;
    assert_eq!(written.position(), 4);
    assert_eq!(
        written.payload["adviser"],
        json!({ "id": CAMILLE, "name": CAMILLES_NAME })
    );
    let registered = "Conseiller inscrit à compter du 27 avril 2021 (chargé de clientèle) ; son \
                      nom est scellé.";
    let event =
        |kind: &str, sentence: &str| json!({ "node": { "kind": kind, "sentence": sentence } });
    assert_eq!(
        adviser(&carnet).await,
        json!({ "id": CAMILLE, "name": CAMILLES_NAME, "role": "DESK_OFFICER", "erased": false,
            "version": 1, "erasure": null,
            "history": { "edges": [event("adviser-registered", registered)] } })
    );
    stored_nowhere(carnet.directory(), CAMILLES_NAME);

    let second = "Camille Zwyngedauw-Œuvrard";
    let written = carnet.record("renameAdviser", renaming(second)).await;
    assert_eq!(written.position(), 5);
    assert_eq!(adviser(&carnet).await["name"], second);
    // What was known at 4 is no longer asked for: but the moment of a list is (turned pages).
    let asked = json!({ "id": CAMILLE });
    let all = "query All($id: ID!) { node(id: $id) { ... on Adviser { name } } \
               events(first: 100) { edges { node { sentence subjectId experiment { id } } } } }";
    let told = carnet.data(all, asked.clone()).await;
    assert_eq!(told["node"]["name"], second);

    let written = carnet
        .record_and_show("erasePerson", erasure(json!({})), "adviser { name erased }")
        .await;
    assert_eq!(written.position(), 6);
    assert_eq!(
        written.payload["adviser"],
        json!({ "name": null, "erased": true })
    );
    let after = adviser(&carnet).await;
    assert_eq!(
        (&after["name"], &after["erased"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(
        after["erasure"],
        json!({ "on": "2021-06-03", "reason": "Demande écrite du 3 juin" })
    );
    let renamed = "Changement de nom d'un conseiller à compter du 1er mai 2021 ; son nom est \
                   scellé.";
    let erased = "Personne effacée le 3 juin 2021 : Demande écrite du 3 juin.";
    let history = [
        event("adviser-registered", registered),
        event("adviser-renamed", renamed),
        event("person-erased", erased),
    ];
    assert_eq!(after["history"]["edges"], json!(history));
    assert_eq!(after["role"], "DESK_OFFICER");

    // What was asked before is asked again: no kept answer has the name.
    let again = carnet.data(all, asked).await;
    assert_eq!(again["node"]["name"], Value::Null);
    let events = again["events"]["edges"].as_array().unwrap();
    assert_eq!(events.len(), 6);
    assert_eq!(events[3]["node"]["subjectId"], CAMILLE);
    assert_eq!(events[3]["node"]["experiment"], Value::Null);

    // Erased, nobody comes back, whoever asks and however.
    for (intent, input) in [
        ("registerAdviser", camille(json!({}))),
        ("renameAdviser", renaming("Dominique")),
        ("erasePerson", erasure(json!({ "reason": "Autre motif" }))),
    ] {
        let (code, _, _) = carnet.record(intent, input).await.refused();
        assert_eq!(code, "PERSON_ERASED", "{intent}");
    }
    let already = carnet.record("erasePerson", erasure(json!({}))).await;
    assert_eq!(already.payload["userErrors"], json!([]));
    assert_eq!(already.payload["eventIds"], json!([]));

    let directory = carnet.stop().await;
    for name in [CAMILLES_NAME, second] {
        stored_nowhere(directory.path(), name);
    }
    chain_holds(&directory.path().join("data")).await;
    // And from the log alone, read models are the same: they never held more.
    fs::remove_file(directory.path().join("data/read.sqlite")).unwrap();
    let carnet = Carnet::start_in(directory).await;
    in_time("the read models", async {
        while carnet.head().await < 6 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(adviser(&carnet).await, after);
    carnet.stop().await;
}

/// Every record in the log is what the chain says.
async fn chain_holds(directory: &Path) {
    let log = MirroredLog::open(Places::within(directory), Arc::new(SystemClock)).unwrap();
    let mut previous = genesis(log.id());
    for record in log.read(Position::START, 1000).await.unwrap() {
        assert_eq!(record.previous, previous, "{}", record.position);
        previous = record.encode(&mut Vec::new()).unwrap();
    }
    assert_eq!(log.head().hash, previous);
}

/// Catches a sealing that changes from one time to the next, so that a retry is another command;
/// and a fingerprint that does not tell two names apart.
#[tokio::test]
async fn a_registration_sent_again_is_the_same_command() {
    let carnet = Carnet::start().await;
    let id = command_id(41);
    let input = |name: &str| camille(json!({ "commandId": id, "name": name }));
    let first = carnet.record("registerAdviser", input(CAMILLES_NAME)).await;
    assert_eq!(first.position(), 1);
    let again = carnet.record("registerAdviser", input(CAMILLES_NAME)).await;
    assert_eq!(again, first);
    let other = carnet
        .record("registerAdviser", input("Dominique Petit"))
        .await;
    let (code, field, _) = other.refused();
    assert_eq!(
        (code.as_str(), field),
        ("COMMAND_ID_REUSED", json!(["input", "commandId"]))
    );
    // After a restart, too.
    let carnet = Carnet::start_in(carnet.stop().await).await;
    let again = carnet.record("registerAdviser", input(CAMILLES_NAME)).await;
    assert_eq!(again, first);
    let erased = erasure(json!({ "commandId": command_id(42) }));
    let first = carnet.record("erasePerson", erased.clone()).await;
    assert_eq!(first.position(), 2);
    assert_eq!(carnet.record("erasePerson", erased).await, first);
    carnet.stop().await;
}

/// Catches a name where it is not sealed, an id that names nobody, and what is wrong with a field.
#[tokio::test]
async fn what_is_wrong_is_told_and_leaves_no_key() {
    let carnet = Carnet::start().await;
    let keys = carnet.directory().join("data.keys");
    for (intent, input, code, field) in [
        (
            "registerAdviser",
            camille(json!({ "name": " " })),
            "TEXT_EMPTY",
            "name",
        ),
        (
            "registerAdviser",
            camille(json!({ "name": "a".repeat(201) })),
            "TEXT_TOO_LONG",
            "name",
        ),
        (
            "registerAdviser",
            camille(json!({ "adviserId": "venue-1" })),
            "UNKNOWN_ADVISER",
            "adviserId",
        ),
        (
            "renameAdviser",
            renaming("Dominique"),
            "UNKNOWN_ADVISER",
            "adviserId",
        ),
        (
            "registerAdviser",
            camille(json!({ "source": { "label": "Lettre de camille zwyngedauw." } })),
            "NAMES_THE_PERSON",
            "source.label",
        ),
    ] {
        let refused = carnet.record(intent, input).await.refused();
        let path: Vec<&str> = std::iter::once("input").chain(field.split('.')).collect();
        assert_eq!(
            (refused.0.as_str(), refused.1),
            (code, json!(path)),
            "{intent}"
        );
        assert!(!refused.2.contains("Camille"), "{}", refused.2);
    }
    let missed = carnet.record("erasePerson", erasure(json!({}))).await;
    assert_eq!(missed.refused().0, "UNKNOWN_ADVISER");
    let names: Vec<PathBuf> = files(&keys).into_keys().collect();
    assert_eq!(names, [keys.join("lock")], "a key for nobody");

    carnet
        .record("registerAdviser", camille(json!({})))
        .await
        .position();
    let refused = carnet
        .record("registerAdviser", camille(json!({ "name": "Dominique" })))
        .await;
    assert_eq!(refused.refused().0, "ADVISER_ALREADY_REGISTERED");
    let telling = erasure(json!({ "reason": "Camille ZWYNGEDAUW le demande" }));
    let (code, field, _) = carnet.record("erasePerson", telling).await.refused();
    assert_eq!(
        (code.as_str(), field),
        ("NAMES_THE_PERSON", json!(["input", "reason"]))
    );
    assert_eq!(adviser(&carnet).await["name"], CAMILLES_NAME);
    assert_eq!(carnet.head().await, 1);
    carnet.stop().await;
}

/// Catches a name that is written out where an entry corrects or retracts another, or says who held
/// a session: also one that no longer stands.
#[tokio::test]
async fn no_entry_names_the_adviser_it_is_about() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let (wrong, late) = ("Cunegonde Barbazan", "Hildegonde Vauquelin");
    let registration = camille(json!({ "name": wrong }));
    let written = carnet.record("registerAdviser", registration).await;
    assert_eq!(written.position(), 4);
    let session = |other: Value| {
        let mut input = json!({ "permanenceId": TUESDAYS, "date": "2021-05-04",
            "starts": "09:05", "ends": "12:10", "adviserCount": 1, "adviserIds": [CAMILLE] });
        merge(&mut input, other);
        input
    };
    let why = |entry: &str, reason: &str| json!({ "entry": entry, "reason": reason });
    let right = |reason: &str| camille(json!({ "name": late, "correcting": why("4", reason) }));
    let retraction =
        |entry: &str, reason: &str| json!({ "entry": entry, "on": "2021-06-01", "reason": reason });
    let told = format!("On avait écrit {}", wrong.to_uppercase());
    let sees = async |intent: &str, input: Value, field: &str| {
        let before = carnet.head().await;
        let (code, found, _) = carnet.record(intent, input).await.refused();
        let path: Vec<&str> = std::iter::once("input").chain(field.split('.')).collect();
        let expected = ("NAMES_THE_PERSON", json!(path));
        assert_eq!((code.as_str(), found), expected, "{intent}");
        assert_eq!(carnet.head().await, before, "{intent}");
    };
    sees("registerAdviser", right(&told), "correcting.reason").await;
    sees("retractEntry", retraction("4", &told), "reason").await;
    let done = carnet.record("registerAdviser", right("Nom mal lu")).await;
    assert_eq!(done.position(), 5);
    let done = carnet.record("renameAdviser", renaming("Dominique")).await;
    assert_eq!(done.position(), 6);
    let done = carnet.record("retractEntry", retraction("6", "Jamais mariée"));
    assert_eq!(done.await.position(), 7);

    // All three are known of that person, whatever stands.
    for name in [wrong, late, "Dominique"] {
        let label = json!({ "source": { "label": format!("Cahier de {name}") } });
        let mut absence = json!({ "adviserId": CAMILLE, "from": "2021-05-10",
            "until": "2021-05-14" });
        merge(&mut absence, label.clone());
        sees("recordAdviserAbsence", absence, "source.label").await;
        sees("holdSession", session(label), "source.label").await;
        let leaving = erasure(json!({ "reason": format!("{name} le demande") }));
        sees("erasePerson", leaving, "reason").await;
        let twice = format!("{name} n'a jamais changé de nom");
        sees("retractEntry", retraction("5", &twice), "reason").await;
        let mut again = renaming("Autrement");
        merge(&mut again, json!({ "correcting": why("7", &twice) }));
        sees("renameAdviser", again, "correcting.reason").await;
    }
    let link = json!({ "source": { "label": "Cahier",
        "url": "https://exemple.fr/cahiers/hildegonde-vauquelin.pdf" } });
    sees("holdSession", session(link), "source.url").await;

    // Who held it no longer stands either.
    let done = carnet.record("holdSession", session(json!({}))).await;
    assert_eq!(done.position(), 8);
    let absent = format!("{late} n'y était pas");
    sees("retractEntry", retraction("8", &absent), "reason").await;
    let without =
        |reason: &str| session(json!({ "adviserIds": [], "correcting": why("8", reason) }));
    sees("holdSession", without(&absent), "correcting.reason").await;
    let done = carnet.record("holdSession", without("Registre relu")).await;
    assert_eq!(done.position(), 9);
    sees("retractEntry", retraction("9", &absent), "reason").await;

    let directory = carnet.stop().await;
    for name in [wrong, late] {
        stored_nowhere(directory.path(), name);
    }
}

/// Catches an old copy of the keys that brings a name back, and one that lets a crash between the
/// erasure's record and the key's destruction leave it readable for ever.
#[tokio::test]
async fn an_old_copy_of_the_keys_brings_nothing_back() {
    let carnet = Carnet::start().await;
    carnet
        .record("registerAdviser", camille(json!({})))
        .await
        .position();
    let keys = carnet.directory().join("data.keys");
    let copy = files(&keys);
    carnet
        .record("erasePerson", erasure(json!({})))
        .await
        .position();
    let directory = carnet.stop().await;
    let key = keys.join(CAMILLE.replace("adviser-", "") + ".key");
    assert!(copy.contains_key(&key) && !key.exists());
    for read_models in [true, false] {
        for (path, bytes) in &copy {
            fs::write(path, bytes).unwrap();
        }
        if !read_models {
            // The erasure is then known from the log alone.
            fs::remove_file(directory.path().join("data/read.sqlite")).unwrap();
        }
        let told = printed(
            directory.path(),
            &["privacy", "status", "--data-dir", "data"],
        );
        assert!(told.contains("Personnes effacées : 1"), "{told}");
        assert!(told.contains("Clés de personnes : 0"), "{told}");
        assert!(!key.exists());
    }
    let carnet = Carnet::start_in(directory).await;
    let after = adviser(&carnet).await;
    assert_eq!(
        (&after["name"], &after["erased"]),
        (&Value::Null, &json!(true))
    );
    carnet.stop().await;
}

/// Catches a program that does not start without its keys, and one that makes a second key for
/// somebody who has one.
#[tokio::test]
async fn without_its_keys_the_program_goes_on_and_names_nobody() {
    let carnet = Carnet::start().await;
    carnet
        .record("registerAdviser", camille(json!({})))
        .await
        .position();
    let directory = carnet.stop().await;
    let keys = directory.path().join("data.keys");
    let away = directory.path().join("away");
    fs::rename(&keys, &away).unwrap();
    let told = printed(
        directory.path(),
        &["privacy", "status", "--data-dir", "data"],
    );
    assert!(told.contains("Personnes dont la clé manque : 1"), "{told}");
    let carnet = Carnet::start_in(directory).await;
    let known = adviser(&carnet).await;
    assert_eq!(
        (&known["name"], &known["erased"]),
        (&Value::Null, &json!(false))
    );
    for (intent, input) in [
        ("renameAdviser", renaming("Dominique")),
        ("registerAdviser", camille(json!({}))),
    ] {
        let (code, field, _) = carnet.record(intent, input).await.refused();
        assert_eq!(
            (code.as_str(), field),
            ("KEY_MISSING", json!(["input", "name"]))
        );
    }
    // Others are named.
    let other = json!({ "adviserId": null, "name": "Dominique Petit" });
    let other = carnet
        .record_and_show("registerAdviser", camille(other), "adviser { name }")
        .await;
    assert_eq!(other.payload["adviser"]["name"], "Dominique Petit");
    let directory = carnet.stop().await;
    fs::remove_dir_all(&keys).unwrap();
    fs::rename(&away, &keys).unwrap();
    let carnet = Carnet::start_in(directory).await;
    assert_eq!(adviser(&carnet).await["name"], CAMILLES_NAME);
    carnet.stop().await;
}

/// Catches an answer with a name that was being made while the person was erased, kept, and served
/// to whoever asks next.
#[tokio::test]
async fn no_answer_has_the_name_once_the_erasure_is_answered() {
    let carnet = Carnet::start().await;
    carnet
        .record("registerAdviser", camille(json!({})))
        .await
        .position();
    let asking = async {
        let mut named = 0;
        for _ in 0..200 {
            let seen = adviser(&carnet).await;
            if seen["name"] == CAMILLES_NAME {
                named += 1;
                assert_eq!(seen["erased"], false);
            } else {
                assert_eq!(seen["name"], Value::Null);
            }
        }
        named
    };
    let erasing = async {
        // Some answers are kept by then.
        for _ in 0..20 {
            adviser(&carnet).await;
        }
        carnet
            .record("erasePerson", erasure(json!({})))
            .await
            .position();
        for _ in 0..50 {
            assert_eq!(adviser(&carnet).await["name"], Value::Null);
        }
    };
    let (named, ()) = tokio::join!(asking, erasing);
    assert!(named > 0);
    carnet.stop().await;
}

/// Catches an answer with a name that is kept, and served again once the key is gone: here nothing
/// is recorded, so that the moment of both answers is the same.
#[tokio::test]
async fn no_kept_answer_outlives_a_key() {
    let carnet = Carnet::start().await;
    carnet
        .record("registerAdviser", camille(json!({})))
        .await
        .position();
    for _ in 0..2 {
        assert_eq!(adviser(&carnet).await["name"], CAMILLES_NAME);
    }
    let person = CAMILLE.replace("adviser-", "").parse().unwrap();
    carnet.keys.erase(person).await.unwrap();
    assert_eq!(adviser(&carnet).await["name"], Value::Null);
    assert_eq!(carnet.head().await, 1);
    carnet.stop().await;
}

/// Catches an erasure that is recorded for a client who hangs up, and whose key stays.
#[tokio::test]
async fn who_hangs_up_does_not_keep_a_key_alive() {
    let carnet = Carnet::start().await;
    let mut keys = Vec::new();
    for number in 0..40_u64 {
        let id = format!("00000000-0000-7000-8000-{:012}", 500 + number);
        let person = format!("adviser-{id}");
        let registration = camille(json!({ "adviserId": person }));
        carnet
            .record("registerAdviser", registration)
            .await
            .position();
        let mut whole = json!({ "commandId": command_id(500 + number),
            "source": { "label": "Lettre" } });
        merge(&mut whole, erasure(json!({ "personId": person })));
        let body = json!({ "query": mutation("erasePerson", ""), "variables": { "input": whole } });
        let request = carnet.client.post(carnet.url("/graphql")).json(&body);
        let patience = match number {
            // One who waits, so that something is told on any machine.
            39 => Duration::from_secs(30),
            _ => Duration::from_micros(400 + 200 * number),
        };
        let hung_up = tokio::time::timeout(patience, request.send()).await;
        drop(hung_up);
        keys.push((
            person,
            carnet.directory().join(format!("data.keys/{id}.key")),
        ));
    }
    // Of each, all or nothing: the key of whom the log calls erased goes.
    let erased = "query One($id: ID!) { adviser(id: $id) { erased } }";
    let mut gone = 0;
    for (person, key) in keys {
        let one = carnet.data(erased, json!({ "id": person })).await;
        if one["adviser"]["erased"] == true {
            gone += 1;
            in_time("the end of the key", async {
                while key.exists() {
                    tokio::task::yield_now().await;
                }
            })
            .await;
        }
    }
    assert!(gone > 0, "nobody's erasure arrived");
    carnet.stop().await;
}

/// The command line: erases, replaces the master key, and says what to do about a server.
#[tokio::test]
async fn the_command_line_erases_and_rotates() {
    let carnet = Carnet::start().await;
    carnet
        .record("registerAdviser", camille(json!({})))
        .await
        .position();
    let other = json!({ "adviserId": null, "name": "Dominique Petit" });
    carnet
        .record("registerAdviser", camille(other))
        .await
        .position();
    let directory = carnet.stop().await;
    let path = directory.path();
    let data = ["--data-dir", "data"];
    let with = |arguments: &[&'static str]| [arguments, &data[..]].concat();
    let erase = with(&["privacy", "erase", CAMILLE, "--reason", "Demande du 3 juin"]);
    let rotate = with(&["privacy", "rotate"]);
    let status = with(&["privacy", "status"]);

    let told = printed(path, &rotate);
    assert!(
        told.contains("génération 2") && told.contains("2 clés"),
        "{told}"
    );
    let names = || -> Vec<String> {
        let files = files(&path.join("data.keys"));
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        files
            .keys()
            .map(name)
            .filter(|name| name.starts_with("master"))
            .collect()
    };
    assert_eq!(names(), ["master-2.key"]);

    let program = Program::serve(path, &[]);
    let one = json!({ "id": CAMILLE });
    let shown = program.answer(NAMED, one.clone()).await;
    assert_eq!(shown["data"]["adviser"]["name"], CAMILLES_NAME);
    let told = complaint(path, &erase);
    assert!(told.contains("erasePerson"), "{told}");
    for held in [&rotate, &status] {
        let told = complaint(path, held);
        assert!(told.contains("arrêtez-le d'abord"), "{told}");
    }
    program.stop();

    let told = printed(path, &erase);
    assert!(told.contains("personne effacée (position 4)"), "{told}");
    assert!(!told.contains("Zwyngedauw"), "{told}");
    let told = complaint(
        path,
        &with(&["privacy", "erase", CAMILLE, "--reason", "Autre motif"]),
    );
    assert!(told.contains("Cette personne a été effacée"), "{told}");
    let told = complaint(
        path,
        &with(&["privacy", "erase", "adviser-1", "--reason", "x"]),
    );
    assert!(told.contains("Ce conseiller est inconnu"), "{told}");
    let told = printed(path, &status);
    for line in [
        "Clé maîtresse : génération 2",
        "Clés de personnes : 1",
        "Personnes connues : 1",
        "Personnes dont la clé manque : 0",
        "Personnes effacées : 1",
    ] {
        assert!(told.contains(line), "{told}");
    }
    let events = printed(path, &with(&["events"]));
    let json = printed(path, &with(&["events", "--json"]));
    for text in [&events, &json] {
        assert!(
            !text.contains("Zwyngedauw") && !text.contains("Dominique"),
            "{text}"
        );
    }
    assert!(events.contains("Personne effacée le"), "{events}");
    let program = Program::serve(path, &[]);
    let shown = program.answer(NAMED, one).await;
    assert_eq!(shown["data"]["adviser"]["name"], Value::Null);
    program.stop();

    // No data, no keys: nothing is created.
    let empty = tempfile::tempdir().unwrap();
    complaint(empty.path(), &rotate);
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}

/// Catches a name in what the program tells its operator, told to tell all it can: while a person is
/// named, asked for and erased, refused, and found with a damaged key.
#[tokio::test]
async fn the_log_of_messages_names_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let file = path.join("messages");
    let program = Program::serve_aloud(path, fs::File::create(&file).unwrap());
    let sent = async |intent: &str, number: u64, input: Value| {
        let mut whole = json!({ "commandId": command_id(number), "source": { "label": "Lettre" } });
        merge(&mut whole, input);
        let document = mutation(intent, "adviser { name }");
        let variables = json!({ "input": whole });
        let answer = program.answer(&document, variables).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"]["payload"].clone()
    };
    let written = sent("registerAdviser", 61, camille(json!({}))).await;
    assert_eq!(written["adviser"]["name"], CAMILLES_NAME);
    let named = erasure(json!({ "reason": format!("{CAMILLES_NAME} le demande") }));
    let refused = sent("erasePerson", 62, named).await;
    assert_eq!(refused["userErrors"][0]["code"], "NAMES_THE_PERSON");
    program.stop();

    let id = CAMILLE.replace("adviser-", "");
    let key = path.join(format!("data.keys/{id}.key"));
    let mut bytes = fs::read(&key).unwrap();
    bytes[60] ^= 1;
    fs::write(&key, bytes).unwrap();
    let rotate = ["privacy", "rotate", "--data-dir", "data", "--log", "trace"];
    let output = run(path, &rotate);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("1 clés ne se lisent pas"), "{told}");
    let erase = [
        "privacy",
        "erase",
        CAMILLE,
        "--reason",
        "Demande",
        "--data-dir",
        "data",
    ];
    let output = run(path, &[&erase[..], &["--log", "trace"]].concat());
    assert!(output.status.success(), "{output:?}");
    let unreadable = String::from_utf8(output.stderr).unwrap();
    assert!(
        unreadable.contains("what is sealed of a person cannot be read"),
        "{unreadable}"
    );

    let served = fs::read_to_string(&file).unwrap();
    assert!(
        served.lines().count() > 10,
        "it was told to tell all: {served}"
    );
    for messages in [served, unreadable, told] {
        for look in looks(CAMILLES_NAME) {
            let shows = messages
                .as_bytes()
                .windows(look.len())
                .any(|part| part == look);
            assert!(!shows, "{messages}");
        }
    }
}
