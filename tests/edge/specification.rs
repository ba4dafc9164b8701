//! What the specification says of answers, where the library was seen to do otherwise: nulls, and the
//! order of keys.

use serde_json::{Value, json};

use crate::support::{Carnet, send};

/// Would catch: keys in the order that they were completed in, or by the alphabet; a fragment's fields
/// put after the others; a key that comes twice.
#[tokio::test]
async fn keys_come_in_the_order_they_are_asked_for() {
    let carnet = Carnet::start().await;
    carnet.launch(1, "La Poste").await;
    let token = carnet.administrator.clone();
    let query = "query { validAt z: position ...F experiments { totalCount nodes { title ... on \
                 Experiment { version id } carrier title } pageInfo { hasNextPage } } position a: \
                 validAt ... @include(if: false) { nothing: position } experiments { position } } \
                 fragment F on Query { recordedAt viewer { actor } validAt }";
    let body = json!({ "query": query });
    let answer = send(carnet.post(&token, &body)).await.text().await.unwrap();
    let expected = [
        "\"data\":",
        "\"validAt\":",
        "\"z\":",
        "\"recordedAt\":",
        "\"viewer\":",
        "\"actor\":",
        "\"experiments\":",
        "\"totalCount\":",
        "\"nodes\":",
        "\"title\":",
        "\"version\":",
        "\"id\":",
        "\"carrier\":",
        "\"pageInfo\":",
        "\"hasNextPage\":",
        "\"position\":",
        "\"position\":",
        "\"a\":",
        "\"extensions\":",
        "\"cost\":",
    ];
    let mut rest = answer.as_str();
    for key in expected {
        let at = rest
            .find(key)
            .unwrap_or_else(|| panic!("{key} is not where it should be: {answer}"));
        let between = &rest[..at];
        assert!(!between.contains("\":"), "{between} before {key}: {answer}");
        rest = &rest[at + key.len()..];
    }
    carnet.stop().await;
}

/// Would catch: a field that must not be null and fails, and is left out or null itself, instead of
/// what is around it; a fault that takes what stands beside it along; one that is told twice.
#[tokio::test]
async fn what_must_not_be_null_nulls_what_is_around_it_and_nothing_else() {
    let carnet = Carnet::start().await;
    carnet.launch(1, "La Poste").await;
    let token = carnet.administrator.clone();
    let id = "experiment-00000000-0000-7000-8001-000000000001";
    // Diff.changes is not null, Experiment.diff may be: so that is null, and nothing beside it.
    let diff = "diff(from: { position: \"1\" }) { from changes(first: 0) { edges { cursor } } }";
    let query = format!(
        "{{ position broken: experiment(id: \"{id}\") {{ title {diff} version }} \
         whole: experiment(id: \"{id}\") {{ title }} }}"
    );
    let answer = carnet.ask(&token, &query, json!({})).await;
    let broken = &answer["data"]["broken"];
    assert_eq!(broken["diff"], Value::Null, "{answer}");
    assert!(broken.as_object().unwrap().contains_key("diff"));
    assert_eq!(broken["title"], "Expérimentation 1");
    assert!(broken["version"].is_number());
    assert_eq!(answer["data"]["whole"]["title"], "Expérimentation 1");
    assert!(answer["data"]["position"].is_string());
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{answer}");
    assert_eq!(errors[0]["path"], json!(["broken", "diff", "changes"]));
    assert_eq!(errors[0]["extensions"]["code"], "PAGE_SIZE");

    // Experiment.history may be null itself.
    let query = format!(
        "{{ experiment(id: \"{id}\") {{ title history(first: 0) {{ edges {{ cursor }} }} }} }}"
    );
    let answer = carnet.ask(&token, &query, json!({})).await;
    let expected = json!({ "title": "Expérimentation 1", "history": null });
    assert_eq!(answer["data"]["experiment"], expected, "{answer}");
    assert_eq!(
        answer["errors"][0]["path"],
        json!(["experiment", "history"])
    );

    // Neither may Query.diff be null: all of it is.
    let query = format!("{{ position {diff} }}");
    let answer = carnet.ask(&token, &query, json!({})).await;
    assert_eq!(answer["data"], Value::Null, "{answer}");
    assert!(answer.as_object().unwrap().contains_key("data"));
    assert_eq!(answer["errors"][0]["path"], json!(["diff", "changes"]));
    carnet.stop().await;
}
