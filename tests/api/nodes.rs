//! Single objects: opaque ids, absent ones, null, and the order of keys.

use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, number},
    words::{CAMILLE, GRISY, NOBODY, TUESDAYS, VIGNY, camille, launch, vigny},
};

const NODES: &str = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

#[tokio::test]
async fn an_opaque_id_finds_an_object_of_each_kind() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    carnet.record("registerAdviser", camille(json!({}))).await;
    let kinds = [
        (VIGNY, "Experiment"),
        (GRISY, "HostVenue"),
        (TUESDAYS, "Permanence"),
        (CAMILLE, "Adviser"),
        ("event-2", "Event"),
    ];
    for (id, kind) in kinds {
        let one = "query One($id: ID!) { node(id: $id) { __typename id } }";
        let found = carnet.data(one, json!({ "id": id })).await;
        assert_eq!(found, json!({ "node": { "__typename": kind, "id": id } }));
    }
    let absent = [
        NOBODY,
        "venue-00000000-0000-7000-8000-000000000101",
        "adviser-00000000-0000-7000-8000-000000000101",
        "event-5",
        "event-0",
        "event--1",
        "event-18446744073709551615",
        "experiment-",
        "nonsense",
        "",
    ];
    // In the order asked, those not known being null, the same one as often as it is asked.
    let ids: Vec<&str> = kinds
        .iter()
        .map(|(id, _)| *id)
        .chain(absent)
        .chain([VIGNY])
        .collect();
    let found = carnet.data(NODES, json!({ "ids": ids })).await;
    let mut expected: Vec<Value> = kinds
        .iter()
        .map(|(id, kind)| json!({ "__typename": kind, "id": id }))
        .collect();
    expected.extend(absent.map(|_| Value::Null));
    expected.push(json!({ "__typename": "Experiment", "id": VIGNY }));
    assert_eq!(found["nodes"], Value::Array(expected));

    let found = carnet.data(NODES, json!({ "ids": [] })).await;
    assert_eq!(found["nodes"], json!([]));
    let found = carnet.data(NODES, json!({ "ids": vec![VIGNY; 100] })).await;
    assert_eq!(found["nodes"].as_array().unwrap().len(), 100);
    let (code, _) = carnet
        .fault(NODES, json!({ "ids": vec![VIGNY; 101] }))
        .await;
    assert_eq!(code, "TOO_MANY_IDS");
    carnet.stop().await;
}

/// Catches a null that takes its parent along: the experiment is there, only its hub is not.
#[tokio::test]
async fn what_is_absent_is_null_and_its_parent_stays() {
    let carnet = Carnet::start().await;
    let fixing = json!({ "experimentId": VIGNY, "fixedOn": "2021-03-01", "title": "Vigny",
        "hypothesis": "On viendra.", "criteria": [{ "indicator": "visites",
        "comparison": "AT_LEAST", "threshold": "10", "minimumN": 5 }] });
    carnet.record("fixSuccessCriteria", fixing).await.position();
    let asked = "query One($id: ID!) { experiment(id: $id) { title model hub { commune { name } } \
                 provenance { source { url } } closure { reason } zone { code } \
                 permanences { id } endsOn status } }";
    let found = carnet.data(asked, json!({ "id": VIGNY })).await;
    let expected = json!({ "experiment": { "title": "Vigny", "model": null, "hub": null,
        "provenance": null, "closure": null, "zone": [], "permanences": [], "endsOn": null,
        "status": "PLANNED" } });
    assert_eq!(found, expected);

    let missing = carnet.data(asked, json!({ "id": NOBODY })).await;
    assert_eq!(missing, json!({ "experiment": null }));

    carnet
        .record("launchExperiment", launch(json!({})))
        .await
        .position();
    let found = carnet.data(asked, json!({ "id": VIGNY })).await;
    assert_eq!(
        found["experiment"]["hub"],
        json!({ "commune": { "name": "Vigny" } })
    );
    assert_eq!(
        found["experiment"]["provenance"],
        json!({ "source": { "url": null } })
    );
    carnet.stop().await;
}

/// Catches a fault in one field that empties the whole answer, or that leaves no trace in it.
#[tokio::test]
async fn a_field_that_fails_is_null_up_to_the_nearest_nullable_parent() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let asked = format!(
        "{{ before: position experiment(id: \"{VIGNY}\") {{ title \
         calendar(from: \"2021-06-01\", until: \"2021-05-01\") {{ occurrences {{ date }} }} }} \
         after: position }}"
    );
    let answer = carnet.ask(&asked, json!({})).await;
    let title = &answer["data"]["experiment"]["title"];
    assert!(title.is_string(), "what stands beside it stays: {answer}");
    let expected = json!({
        "before": "3",
        "experiment": { "title": title, "calendar": null },
        "after": "3",
    });
    assert_eq!(answer["data"], expected);
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["path"], json!(["experiment", "calendar"]));
    assert_eq!(errors[0]["extensions"]["code"], "PERIOD_INVERTED");
    assert_eq!(
        errors[0]["message"],
        "La période finit le 1er mai 2021 avant de commencer le 1er juin 2021."
    );
    carnet.stop().await;
}

/// Catches keys in the order their resolvers finish: slow fields first in the document must be
/// first in the answer.
#[tokio::test]
async fn keys_come_in_the_order_of_the_document() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let asked = format!(
        "{{ z: experiments {{ totalCount nodes {{ venues {{ name id }} ...Last title }} }} \
         position a: experiment(id: \"{VIGNY}\") {{ ...Last title: title history {{ \
         edges {{ node {{ sentence id }} cursor }} }} carrier }} position }} \
         fragment Last on Experiment {{ version permanences {{ id }} id }}"
    );
    let answer = carnet
        .post(&json!({ "query": asked }), "application/json")
        .await;
    let text = answer.text().await.unwrap();
    let keys = [
        "data",
        "z",
        "totalCount",
        "nodes",
        "venues",
        "name",
        "id",
        "version",
        "permanences",
        "id",
        "id",
        "title",
        "position",
        "a",
        "version",
        "permanences",
        "id",
        "id",
        "title",
        "history",
        "edges",
        "node",
        "sentence",
        "id",
        "cursor",
        "carrier",
    ];
    let mut rest = text.as_str();
    for key in keys {
        let quoted = format!("\"{key}\":");
        let place = rest.find(&quoted);
        assert!(place.is_some(), "{key} is not where it should be: {text}");
        rest = &rest[place.unwrap() + quoted.len()..];
    }
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["data"]["z"]["nodes"][0]["title"], "Vigny");
    assert_eq!(number(&answer["data"]["position"]), 3);
    assert_eq!(text.matches("\"position\":").count(), 1);
    carnet.stop().await;
}
