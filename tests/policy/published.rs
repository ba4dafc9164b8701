//! Strangers: what is published, and nothing else.

use serde_json::{Value, json};

use crate::world::{ALPHA, BRAVO, World, administrator, carrier, everybody, over, stranger};
use carnet::access::{Reach, Role};

const REPORTS: &str = "{ reports { nodes { id title audience } } }";

async fn published(world: &World) {
    for (number, audience) in [(1, "PUBLIC"), (2, "EVALUATOR")] {
        let input = json!({ "reportId": format!("report-eeeeeeee-0000-7000-8000-00000000000{number}"),
            "title": format!("Bilan {number}"), "audience": audience, "knownAt": "3",
            "validAt": "2021-07-01" });
        let evaluator = over(Role::Evaluator, Reach::Programme);
        world.record(&evaluator, "publishReport", input).await;
    }
}

fn ids(answer: &Value) -> Vec<String> {
    let nodes = answer["data"]["reports"]["nodes"].as_array();
    let nodes = nodes.unwrap_or_else(|| panic!("no reports: {answer}"));
    let mut ids: Vec<String> = nodes
        .iter()
        .map(|node| node["id"].as_str().unwrap()[7..15].to_owned())
        .collect();
    ids.sort_unstable();
    ids
}

/// Would catch: a report for evaluators that strangers find, list, guess or replace; one for the public
/// that they do not.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_see_reports_for_the_public() {
    let world = World::lived().await;
    published(&world).await;
    for (who, caller) in everybody() {
        let mut expected = vec!["eeeeeeee"];
        if who.contains("BRAVO") || who.contains("one experiment") {
            expected.insert(0, BRAVO.ids);
        } else if who.contains("ALPHA") {
            expected.insert(0, ALPHA.ids);
        } else if !caller.is_stranger() {
            expected = vec![ALPHA.ids, BRAVO.ids, "eeeeeeee", "eeeeeeee"];
        }
        let answer = world.ask(&caller, REPORTS, Value::Null).await;
        assert_eq!(ids(&answer), expected, "{who}");
    }
    let one = "query Q($id: ID!) { report(id: $id) { title } node(id: $id) { id } }";
    for (number, seen) in [(1, true), (2, false)] {
        let id = format!("report-eeeeeeee-0000-7000-8000-00000000000{number}");
        let answer = world.ask(&stranger(), one, json!({ "id": id })).await;
        assert_eq!(answer["data"]["report"].is_object(), seen, "{answer}");
        assert_eq!(answer["data"]["node"].is_object(), seen, "{answer}");
    }
}

/// Would catch: an id that tells a stranger whether there is anything of it.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_guess_nothing() {
    let world = World::lived().await;
    let document = "query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let mut all: Vec<String> = crate::documents::every_id(ALPHA)
        .iter()
        .map(|id| id.trim_matches('"').to_owned())
        .collect();
    all.push("event-5".to_owned());
    let answer = world
        .ask(&stranger(), document, json!({ "ids": all }))
        .await;
    let nothing = json!(vec![Value::Null; all.len()]);
    assert_eq!(answer, json!({ "data": { "nodes": nothing } }));
    let known = world
        .ask(&administrator(), document, json!({ "ids": all }))
        .await;
    let found = known["data"]["nodes"].as_array().unwrap();
    // The import is the one that there is none of.
    assert_eq!(
        found.iter().filter(|node| node.is_null()).count(),
        1,
        "{known}"
    );
    // What is open is there for all.
    let open = "{ labelledSites { nodes { id name labelFloor { verdict } } } operators { code } \
                logHead { hash position } indicatorDefinitions { code } }";
    let strangers = world.ask(&stranger(), open, Value::Null).await;
    assert_eq!(
        strangers,
        world.ask(&carrier(BRAVO), open, Value::Null).await
    );
    assert_eq!(
        strangers["data"]["labelledSites"]["nodes"][0]["name"],
        "Espace du canton"
    );
}
