//! Versions and idempotency, and input that is malformed.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, Written, command_id, merge, mutation},
    words::{VIGNY, launch, statement, vigny},
};

/// Catches a lost update: two people who saw the same version must not both succeed.
#[tokio::test]
async fn a_wrong_version_is_told_with_the_one_there_is() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let pause = |version: u64, from: &str| {
        json!({ "experimentId": VIGNY, "from": from, "until": from, "reason": "Grève.",
            "expectedVersion": version })
    };
    for version in [0, 2, 99] {
        let refused = carnet
            .record("suspendExperiment", pause(version, "2021-05-03"))
            .await;
        let sentence = format!("Vous avez vu la version {version} ; la version actuelle est 1.");
        let field = json!(["input", "expectedVersion"]);
        let expected = ("VERSION_CONFLICT".to_owned(), field, sentence);
        assert_eq!(refused.refused(), expected);
    }
    let written = carnet
        .record("suspendExperiment", pause(1, "2021-05-03"))
        .await;
    assert_eq!(written.position(), 4);
    // The version seen is older now; what was already so is answered all the same.
    let refused = carnet
        .record("suspendExperiment", pause(1, "2021-05-04"))
        .await;
    assert_eq!(refused.refused().0, "VERSION_CONFLICT");
    let already = carnet
        .record("suspendExperiment", pause(1, "2021-05-03"))
        .await;
    assert_eq!(already.payload["userErrors"], json!([]));
    assert_eq!(already.payload["eventIds"], json!([]));

    // Of sixteen who saw version 2, one wins.
    let days: Vec<String> = (10..26).map(|day| format!("2021-06-{day}")).collect();
    let all = days
        .iter()
        .map(|day| carnet.record("suspendExperiment", pause(2, day)));
    let written = join_all(all).await;
    let won = written
        .iter()
        .filter(|written| written.payload["position"] != Value::Null);
    assert_eq!(won.count(), 1);
    assert_eq!(carnet.head().await, 5);
    carnet.stop().await;
}

/// Catches a retry that writes again: after a lost answer, a client can only ask once more.
#[tokio::test]
async fn the_same_command_again_answers_what_it_answered_first() {
    let carnet = Carnet::start().await;
    let mut input = launch(json!({ "commandId": command_id(7) }));
    let first = carnet.record("launchExperiment", input.clone()).await;
    assert_eq!(first.position(), 1);
    carnet
        .record("recordStatement", statement("Autre chose."))
        .await
        .position();
    assert_eq!(
        carnet.record("launchExperiment", input.clone()).await,
        first
    );

    // Across a restart, too.
    let carnet = Carnet::start_in(carnet.stop().await).await;
    assert_eq!(
        carnet.record("launchExperiment", input.clone()).await,
        first
    );

    merge(&mut input, json!({ "title": "Autrement" }));
    let expected = (
        "COMMAND_ID_REUSED".to_owned(),
        json!(["input", "commandId"]),
        "Cet identifiant de commande a déjà servi pour une autre inscription.".to_owned(),
    );
    let reused = carnet.record("launchExperiment", input).await;
    assert_eq!(reused.refused(), expected);
    let mut other = statement("Tout autre chose.");
    merge(&mut other, json!({ "commandId": command_id(7) }));
    assert_eq!(
        carnet.record("recordStatement", other).await.refused(),
        expected
    );
    assert_eq!(carnet.head().await, 2);
    carnet.stop().await;
}

/// Catches a look-up and a write with a gap between them: all look, all find nothing, all write.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn identical_commands_at_once_write_once() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    for round in 0..4 {
        let mut input = statement(&format!("Parole {round}."));
        merge(&mut input, json!({ "commandId": command_id(100 + round) }));
        let all = (0..32).map(|_| carnet.record("recordStatement", input.clone()));
        let written = join_all(all).await;
        assert_eq!(written[0].position(), 4 + round);
        for other in &written {
            assert_eq!(*other, written[0]);
        }
        assert_eq!(carnet.head().await, 4 + round);
    }
    carnet.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn different_commands_at_once_are_all_written() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let words: Vec<String> = (0..64).map(|number| format!("Parole {number}.")).collect();
    let all = words
        .iter()
        .map(|words| carnet.record("recordStatement", statement(words)));
    let mut positions: Vec<u64> = join_all(all)
        .await
        .iter()
        .map(|written| written.position())
        .collect();
    positions.sort_unstable();
    assert_eq!(positions, (4..4 + 64).collect::<Vec<u64>>());
    assert_eq!(carnet.head().await, 3 + 64);
    carnet.stop().await;
}

/// Catches an answer kept beyond its moment: served again after something was recorded.
#[tokio::test]
async fn an_answer_asked_again_is_that_of_its_moment() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let count = "{ events(first: 100) { edges { node { position } } } }";
    for known in 3..8 {
        for _ in 0..2 {
            let data = carnet.data(count, json!({})).await;
            let events = data["events"]["edges"].as_array().unwrap().len();
            assert_eq!(events, known);
        }
        let words = format!("Parole {known}.");
        let written = carnet.record("recordStatement", statement(&words)).await;
        assert_eq!(written.position(), known as u64 + 1);
    }
    carnet.stop().await;
}

#[tokio::test]
async fn a_malformed_scalar_is_told_in_french() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let date = "une date s'écrit AAAA-MM-JJ et existe au calendrier, de 1990 à 2199";
    let position = "une position est un entier à partir de 0, écrit en chaîne";
    for (field, value, sentence) in [
        ("statedOn", json!("2021-13-01"), date),
        ("statedOn", json!("2021-02-29"), date),
        ("statedOn", json!("6 mai 2021"), date),
        ("statedOn", json!("2021-5-6"), date),
        ("statedOn", json!("1989-12-31"), date),
        ("statedOn", json!("2200-01-01"), date),
        ("statedOn", json!("+2021-5-06"), date),
        ("statedOn", json!(20_210_506), date),
        ("statedOn", json!(""), date),
        (
            "commandId",
            json!("un"),
            "un UUID s'écrit 00000000-0000-0000-0000-000000000000",
        ),
        (
            "commandId",
            json!("00000000000070008000000000000001"),
            "un UUID s'écrit 00000000-0000-0000-0000-000000000000",
        ),
    ] {
        let mut input = statement("Parole.");
        let common = json!({ "commandId": command_id(1), "source": { "label": "Source" } });
        merge(&mut input, common);
        input[field] = value.clone();
        let document = mutation("recordStatement", "");
        let (code, message) = carnet.fault(&document, json!({ "input": input })).await;
        assert_eq!(code, "BAD_USER_INPUT", "{field}: {value}: {message}");
        assert!(message.contains(sentence), "{field}: {value}: {message}");

        // Written into the document, it is told just the same.
        let literal = format!(
            "mutation {{ recordStatement(input: {{ commandId: {}, source: {{ label: \"S\" }}, \
             experimentId: \"{VIGNY}\", statedOn: {}, topic: OTHER, words: \"Parole.\" }}) {{ \
             position }} }}",
            input["commandId"], input["statedOn"]
        );
        let (code, message) = carnet.fault(&literal, json!({})).await;
        assert_eq!(code, "BAD_USER_INPUT", "{field}: {value}: {message}");
        assert!(message.contains(sentence), "{field}: {value}: {message}");
    }
    for value in ["-1", "1.5", "un", "", "+1", "99999999999999999999"] {
        let asked = "query Page($after: Position) { events(after: $after) { edges { cursor } } }";
        let (code, message) = carnet.fault(asked, json!({ "after": value })).await;
        assert_eq!(code, "BAD_USER_INPUT", "{value}: {message}");
        assert!(message.contains(position), "{value}: {message}");
    }
    assert_eq!(carnet.head().await, 3);
    carnet.stop().await;
}

#[tokio::test]
async fn an_input_of_the_wrong_shape_writes_nothing() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let whole = || {
        let mut input = statement("Parole.");
        let common = json!({ "commandId": command_id(1), "source": { "label": "Source" } });
        merge(&mut input, common);
        input
    };
    let without = |field: &str| {
        let mut input = whole();
        input.as_object_mut().unwrap().remove(field);
        input
    };
    let with = |field: &str, value: Value| {
        let mut input = whole();
        input[field] = value;
        input
    };
    for input in [
        Value::Null,
        json!("Parole."),
        json!({}),
        without("commandId"),
        without("source"),
        without("words"),
        with("words", Value::Null),
        with("words", json!(3)),
        with("topic", json!("NOTHING")),
        with("expectedVersion", json!(-1)),
        with("expectedVersion", json!("1")),
        with("source", json!({})),
        with("unheardOf", json!(1)),
    ] {
        let document = mutation("recordStatement", "");
        let answer = carnet.ask(&document, json!({ "input": input })).await;
        let errors = answer["errors"].as_array().unwrap();
        assert!(
            errors[0]["extensions"]["code"].is_string(),
            "{input}: {answer}"
        );
    }
    assert_eq!(carnet.head().await, 3);
    // The command's id was used up by none of them.
    assert_eq!(
        carnet.record("recordStatement", whole()).await.position(),
        4
    );
    carnet.stop().await;
}

/// What is wrong with an input, by path.
fn wrong(written: &Written) -> Vec<(String, String)> {
    assert_eq!(written.payload["position"], Value::Null);
    let errors = written.payload["userErrors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| {
            let path: Vec<&str> = error["field"]
                .as_array()
                .unwrap()
                .iter()
                .map(|part| part.as_str().unwrap())
                .collect();
            (path.join("."), error["code"].as_str().unwrap().to_owned())
        })
        .collect()
}

/// Catches forms that must be sent again for each mistake in them.
#[tokio::test]
async fn all_that_is_wrong_with_an_input_is_said_at_once_by_path() {
    let carnet = Carnet::start().await;
    let input = launch(json!({
        "experimentId": "venue-00000000-0000-7000-8000-000000000111",
        "title": "  ",
        "carrier": "La\u{7}Poste",
        "hub": { "name": "x".repeat(201), "commune": "99999" },
        "zone": ["95658", "00000", "VIGNY"],
        "operators": [{ "code": "La Poste", "name": "La Poste" }],
        "source": { "label": "" },
    }));
    let written = carnet.record("launchExperiment", input).await;
    let expected = [
        ("input.experimentId", "UNKNOWN_EXPERIMENT"),
        ("input.title", "TEXT_EMPTY"),
        ("input.carrier", "TEXT_CONTROL_CHARACTER"),
        ("input.hub.name", "TEXT_TOO_LONG"),
        ("input.hub.commune", "UNKNOWN_COMMUNE"),
        ("input.zone.1", "UNKNOWN_COMMUNE"),
        ("input.zone.2", "MALFORMED_INSEE_CODE"),
        ("input.operators.code.0", "MALFORMED_CODE"),
        ("input.source.label", "TEXT_EMPTY"),
    ];
    let expected = expected.map(|(path, code)| (path.to_owned(), code.to_owned()));
    assert_eq!(wrong(&written), expected);
    assert_eq!(carnet.head().await, 0);
    carnet.stop().await;
}

#[tokio::test]
async fn an_unknown_insee_code_is_refused_where_it_stands() {
    let carnet = Carnet::start().await;
    let hub = json!({ "name": "Bureau", "commune": "95999" });
    let input = launch(json!({ "hub": hub }));
    let written = carnet.record("launchExperiment", input).await;
    let expected = (
        "UNKNOWN_COMMUNE".to_owned(),
        json!(["input", "hub", "commune"]),
        "Aucune commune n'a le code Insee 95999 dans le code officiel géographique.".to_owned(),
    );
    assert_eq!(written.refused(), expected);
    carnet.stop().await;
}
