//! What operations cost: by the model, in answers, before they run.

use async_graphql::{Variables, parser::parse_query};
use carnet::{
    graphql::{
        cost::{LENGTHS, WEIGHTS, cost},
        permit,
    },
    limits::{COST_BUDGET, PAGE_ITEMS_DEFAULT},
};
use serde_json::{Value, json};

use crate::support::Carnet;

fn cost_of(document: &str, variables: Value) -> u64 {
    let parsed = parse_query(document).unwrap();
    let variables = Variables::from_json(variables);
    cost(&parsed, None, &variables).requested
}

/// By hand: each line is the document, its variables, and what it costs.
#[test]
fn the_model_counts_as_it_says() {
    let default = u64::try_from(PAGE_ITEMS_DEFAULT).unwrap();
    for (document, variables, expected) in [
        ("{ position }", json!({}), 1),
        ("{ a: position b: position }", json!({}), 2),
        ("{ position @skip(if: true) }", json!({}), 1),
        ("{ noSuchField }", json!({}), 1),
        (
            "{ ...F ...F } fragment F on Query { position }",
            json!({}),
            2,
        ),
        ("{ ... on Query { position } }", json!({}), 1),
        // Itself, its nodes, and two fields for each of them.
        (
            "{ experiments(first: 3) { nodes { id title } } }",
            json!({}),
            1 + 1 + 3 * 2,
        ),
        (
            "{ experiments(last: 3) { nodes { id title } } }",
            json!({}),
            1 + 1 + 3 * 2,
        ),
        (
            "{ experiments { nodes { id } } }",
            json!({}),
            1 + 1 + default,
        ),
        (
            "{ experiments(first: 3) { totalCount nodes { id } } }",
            json!({}),
            1 + 1 + 1 + 3,
        ),
        (
            "{ experiments(first: 1000000) { nodes { id } } }",
            json!({}),
            1 + 1 + 100,
        ),
        (
            "{ experiments(first: -1) { nodes { id } } }",
            json!({}),
            1 + 1 + 100,
        ),
        (
            "query($n: Int) { experiments(first: $n) { nodes { id } } }",
            json!({ "n": 7 }),
            1 + 1 + 7,
        ),
        (
            "query($n: Int = 9) { experiments(first: $n) { nodes { id } } }",
            json!({}),
            1 + 1 + 9,
        ),
        // One fragment on a page of two and on one of five.
        (
            "{ a: experiments(first: 2) { ...F } b: experiments(first: 5) { ...F } } \
             fragment F on ExperimentConnection { nodes { id } }",
            json!({}),
            (1 + 1 + 2) + (1 + 1 + 5),
        ),
        (
            "{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }",
            json!({}),
            1 + 3,
        ),
        (
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            json!({ "ids": ["a", "b"] }),
            1 + 2,
        ),
        // A list in a list: 4 experiments of 3 sessions each.
        (
            "{ experiments(first: 4) { nodes { sessions(first: 3) { edges { cursor } } } } }",
            json!({}),
            1 + 1 + 4 * (401 + 1 + 3),
        ),
        ("{ __schema { types { name } } }", json!({}), 1 + 1 + 400),
    ] {
        assert_eq!(cost_of(document, variables), expected, "{document}");
    }
}

/// Would catch: a fragment that is looked at once for each spread, or counted once for all of them.
#[test]
fn doubling_fragments_cost_what_they_come_to() {
    let mut document = "{ ...F0 }".to_owned();
    for level in 0..60 {
        let next = level + 1;
        let more = format!(" fragment F{level} on Query {{ ...F{next} ...F{next} }}");
        document.push_str(&more);
    }
    document.push_str(" fragment F60 on Query { position }");
    assert_eq!(cost_of(&document, json!({})), 1 << 60);
    let more = document.replace("F60 on Query { position }", "F60 on Query { ...G ...G }")
        + " fragment G on Query { indicators { period { from } } }";
    assert_eq!(cost_of(&more, json!({})), u64::MAX);
}

/// Would catch: a weight of what was renamed, whose new name costs nothing.
#[test]
fn no_row_of_the_model_is_dead() {
    let schema = permit::fields();
    for (of, field, _) in WEIGHTS.iter().chain(LENGTHS) {
        if of.starts_with("__") {
            continue;
        }
        let fields = schema.get(of).unwrap_or_else(|| panic!("no type {of}"));
        assert!(fields.contains(field), "no {of}.{field}");
    }
}

/// Would catch: a budget that is not kept to, a refusal that does not say how far one is beyond it, an
/// answer that tells another cost than is told beforehand.
#[tokio::test]
async fn an_operation_beyond_the_budget_is_refused() {
    let carnet = Carnet::start().await;
    let token = carnet.administrator.clone();
    let heads = |count: u64| {
        let heads = (0..count).map(|n| format!("h{n}: logHead {{ root }}"));
        format!("{{ {} }}", heads.collect::<Vec<_>>().join(" "))
    };
    let (within, beyond) = (heads(COST_BUDGET / 20_002), heads(COST_BUDGET / 20_002 + 1));
    let explain = "query($q: String!) { explainCost(query: $q) { \
                   requested budget withinBudget fields { field requested } } }";

    let answer = carnet.ask(&token, &within, json!({})).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    let told = answer["extensions"]["cost"].clone();
    let explained = carnet.data(&token, explain, json!({ "q": within })).await;
    let explained = &explained["explainCost"];
    assert_eq!(told["requested"], explained["requested"]);
    assert_eq!(told["budget"], json!(COST_BUDGET));
    assert_eq!(explained["withinBudget"], true);
    let first = json!({ "field": "h0", "requested": 20_002 });
    assert_eq!(explained["fields"][0], first);

    let answer = carnet.ask(&token, &beyond, json!({})).await;
    let explained = carnet.data(&token, explain, json!({ "q": beyond })).await;
    assert_eq!(explained["explainCost"]["withinBudget"], false);
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "COST_EXCEEDED", "{answer}");
    let requested = &explained["explainCost"]["requested"];
    assert_eq!(&error["extensions"]["requested"], requested);
    assert_eq!(error["extensions"]["budget"], json!(COST_BUDGET));
    assert!(error["message"].as_str().unwrap().contains("explainCost"));
    assert_eq!(answer.get("data"), None);
    carnet.stop().await;
}

/// Would catch: an explanation that carries out what it explains, and one that fails without a code.
#[tokio::test]
async fn what_is_explained_is_not_executed() {
    let carnet = Carnet::start().await;
    let token = carnet.administrator.clone();
    let explain = "query($q: String!, $v: JSONObject, $n: String) { position \
                   explainCost(query: $q, variables: $v, operationName: $n) { requested } }";
    let before = carnet.data(&token, "{ position }", json!({})).await["position"].clone();
    let writes = "mutation { recordOperatorJoined(input: { commandId: \
        \"00000000-0000-7000-8000-999999999999\", source: { label: \"x\" }, code: \"msa\", \
        name: \"MSA\", from: \"2021-05-10\" }) { position } }";
    let data = carnet.data(&token, explain, json!({ "q": writes })).await;
    assert_eq!(data["explainCost"]["requested"], 52);
    let data = carnet
        .data(&token, explain, json!({ "q": "{ position }" }))
        .await;
    assert_eq!(data["position"], before);

    let page = "query A($n: Int) { experiments(first: $n) { nodes { id } } } query B { position }";
    for (name, variables, expected) in [
        ("A", json!({ "n": 5 }), 7),
        ("A", json!({}), 22),
        ("B", json!({}), 1),
    ] {
        let variables = json!({ "q": page, "v": variables, "n": name });
        let data = carnet.data(&token, explain, variables).await;
        assert_eq!(data["explainCost"]["requested"], expected, "{name}");
    }
    for (document, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        (&*"{a".repeat(200), "TOO_COMPLEX"),
        ("{ ...A } fragment A on Query { ...A }", "TOO_COMPLEX"),
    ] {
        let answer = carnet.ask(&token, explain, json!({ "q": document })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
        assert_eq!(answer["errors"][0]["path"], json!(["explainCost"]));
    }
    carnet.stop().await;
}
