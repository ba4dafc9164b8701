//! The keys of personal data: apart from a backup, and brought back on their own.

use serde_json::{Value, json};

use crate::{
    files::{contents, fails, until},
    support::{
        carnet::{command_id, merge},
        program::{Program, printed},
        words::{CAMILLE, CAMILLES_NAME, camille},
    },
};

async fn record(program: &Program, field: &str, kind: &str, mut input: Value) {
    let document = format!(
        "mutation ($input: {kind}!) {{ {field}(input: $input) {{ position userErrors {{ code }} }} }}"
    );
    let id = command_id(u64::from(field.as_bytes()[0]));
    merge(
        &mut input,
        json!({ "commandId": id, "source": { "label": "Essai" } }),
    );
    let answer = program.answer(&document, json!({ "input": input })).await;
    assert_eq!(answer["data"][field]["userErrors"], json!([]), "{answer}");
}

/// What the data under `data` tells of the adviser's name.
async fn name(place: &std::path::Path, data: &str, (head, token): (&str, &str)) -> Value {
    let arguments = ["serve", "--data-dir", data, "--listen", "127.0.0.1:0"];
    let mut program = Program::served(crate::support::program::command(place, &arguments));
    token.clone_into(&mut program.token);
    until("the read models", || async {
        program.data("{ position }", None).await["position"] == head
    })
    .await;
    let query = format!("{{ adviser(id: \"{CAMILLE}\") {{ name }} }}");
    let told = program.data(&query, None).await["adviser"]["name"].take();
    program.stop();
    told
}

/// Catches: a key in a backup of the data; a name that is lost with the keys kept apart; a person
/// erased who lives on in the copy of the keys; keys written over.
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_kept_apart_and_forget_whom_the_log_forgets() {
    let place = tempfile::tempdir().unwrap();
    let here = place.path();
    let program = Program::serve(here, &[]);
    let token = program.token.clone();
    record(
        &program,
        "registerAdviser",
        "RegisterAdviserInput",
        camille(json!({})),
    )
    .await;
    let inside = fails(
        here,
        &["backup", "b", "--data-dir", "data", "--keys-to", "b/keys"],
    );
    assert!(inside.contains("à l'écart"), "{inside}");
    printed(
        here,
        &["backup", "b", "--data-dir", "data", "--keys-to", "k"],
    );
    let keys = || {
        let mut names: Vec<_> = contents(&here.join("k"))
            .into_iter()
            .map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
            .filter(|name| name.contains(".key"))
            .collect();
        names.sort();
        names
    };
    assert_eq!(keys().len(), 2, "{:?}", keys());
    for (path, _) in contents(&here.join("b")) {
        assert!(!path.to_string_lossy().contains("key"), "{path:?}");
    }

    // With the keys the name is there again, without them it is not; the rest is.
    printed(
        here,
        &["restore", "b", "--data-dir", "with", "--keys-from", "k"],
    );
    printed(here, &["restore", "b", "--data-dir", "without"]);
    let again = fails(
        here,
        &["restore", "b", "--data-dir", "with", "--keys-from", "k"],
    );
    assert!(again.contains("Il y a déjà des clés"), "{again}");
    assert_eq!(name(here, "with", ("2", &token)).await, CAMILLES_NAME);
    assert_eq!(name(here, "without", ("2", &token)).await, Value::Null);

    // Erased, the person is gone from the next copy of the keys as well.
    let erasure = json!({ "personId": CAMILLE, "on": "2021-06-03", "reason": "Demande écrite" });
    record(&program, "erasePerson", "ErasePersonInput", erasure).await;
    let old = tempfile::tempdir().unwrap();
    crate::files::copy(&here.join("k"), &old.path().join("k"));
    printed(
        here,
        &["backup", "b", "--data-dir", "data", "--keys-to", "k"],
    );
    assert_eq!(keys().len(), 1, "{:?}", keys());
    program.stop();

    // Nor does an older copy of the keys bring the name back: the log says who was erased.
    let old_keys = old.path().join("k");
    let arguments = ["restore", "b", "--data-dir", "later", "--keys-from"];
    printed(
        here,
        &[&arguments[..], &[old_keys.to_str().unwrap()]].concat(),
    );
    assert_eq!(name(here, "later", ("3", &token)).await, Value::Null);
}
