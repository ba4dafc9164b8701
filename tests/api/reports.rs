//! Published reports, as they are read.

use std::collections::BTreeMap;

use carnet::{
    command::{Place, Publishing},
    domain::{
        event::{Saying, Source},
        report::{Audience, ReportScope},
        terms::{
            CommandId, ExperimentId, Label, Period, Position, ReportId, Slug, Title, Validity,
        },
    },
};
use chrono::NaiveDate;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::support::{
    carnet::Carnet,
    words::{VIGNY, vigny},
};

const REPORT: u128 = 0x0000_0000_0000_7000_8000_0000_0000_0171;
/// What is asked of a report.
const SHOWN: &str = "id version title period { from until } audience knownAt validAt hash bytes \
                     definitions { code version } publishedBy model departement \
                     experiment { id } replaces { id } replacedBy { id } content \
                     provenance { source { label } synthetic }";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn publishing(number: u128, place: Place, known_at: u64, content: &str) -> Publishing {
    let experiment = VIGNY.strip_prefix("experiment-").unwrap();
    Publishing {
        command_id: CommandId(Uuid::from_u128(0xD000_0000 + number)),
        actor: Label::try_new("Cellule d'évaluation").unwrap(),
        saying: Saying {
            valid: Validity::from(day("2021-05-10")),
            source: Source {
                label: Label::try_new("Évaluation de mai").unwrap(),
                dated: None,
                url: None,
            },
            synthetic: false,
            corrects: None,
        },
        place,
        title: Title::try_new("Vigny, premier mois").unwrap(),
        scope: ReportScope {
            experiment: Some(ExperimentId(experiment.parse().unwrap())),
            ..ReportScope::default()
        },
        period: Period {
            from: day("2021-04-27"),
            until: day("2021-05-09"),
        },
        audience: Audience::Evaluator,
        known_at: Position(known_at),
        on: day("2021-05-10"),
        definitions: BTreeMap::from([(Slug::try_new("held-rate").unwrap(), 1)]),
        content: content.as_bytes().to_vec(),
    }
}

/// A report of the programme, for everybody.
fn public(number: u128, content: &str) -> Publishing {
    Publishing {
        scope: ReportScope::default(),
        audience: Audience::Public,
        ..publishing(
            number,
            Place::New(ReportId(Uuid::from_u128(number))),
            0,
            content,
        )
    }
}

fn sha256(content: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(content)
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
}

async fn found(carnet: &Carnet, known: u64, id: &str) -> Value {
    let asked = format!(
        "query At($known: KnownAt!, $id: ID!) {{ asOf(knownAt: $known) {{ report(id: $id) {{ \
         {SHOWN} }} }} }}"
    );
    let variables = json!({ "known": { "position": known.to_string() }, "id": id });
    carnet.data(&asked, variables).await["asOf"]["report"].take()
}

/// Would catch: a report that is not the one that was published, that is there before it was, that
/// changes once it is replaced, or that does not say by what.
#[tokio::test]
async fn a_report_is_read_as_it_was_published() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let known_at = carnet.head().await;
    let first = ReportId(Uuid::from_u128(REPORT));
    let content = "{\"title\":\"Vigny, été 2021\",\"n\":\"1\u{202f}234\"}\n";
    let asked = publishing(1, Place::New(first), known_at, content);
    let outcome = carnet.publish(&asked).await.unwrap();
    assert_eq!(outcome.position, Position(known_at + 2));

    let id = format!("report-{first}");
    let expected = |replaced: Value| {
        json!({
            "id": id, "version": 2, "title": "Vigny, premier mois",
            "period": { "from": "2021-04-27", "until": "2021-05-09" },
            "audience": "EVALUATOR", "knownAt": known_at.to_string(), "validAt": "2021-05-10",
            "hash": sha256(content), "bytes": content.len(),
            "definitions": [{ "code": "held-rate", "version": 1 }],
            "publishedBy": "Cellule d'évaluation", "model": null, "departement": null,
            "experiment": { "id": VIGNY }, "replaces": null, "replacedBy": replaced,
            "content": content,
            "provenance": { "source": { "label": "Évaluation de mai" }, "synthetic": false },
        })
    };
    assert_eq!(found(&carnet, known_at + 1, &id).await, Value::Null);
    let published = outcome.position.0;
    assert_eq!(found(&carnet, published, &id).await, expected(Value::Null));

    let end = json!({ "experimentId": VIGNY, "end": "2021-06-30", "assertedOn": "2021-05-06" });
    let end = carnet.record("assertExperimentEnd", end).await.position();
    let second = publishing(2, Place::Of(first), end, "{}");
    let outcome = carnet.publish(&second).await.unwrap();
    let next = format!("report-{}", first.replacement());
    assert_eq!(found(&carnet, end, &id).await, expected(Value::Null));
    assert_eq!(
        found(&carnet, outcome.position.0, &id).await,
        expected(json!({ "id": next }))
    );
    let newer = found(&carnet, outcome.position.0, &next).await;
    assert_eq!(newer["replaces"], json!({ "id": id }));
    assert_eq!(newer["content"], "{}");

    // What was learnt from the one to the other; and both in the history of the experiment.
    let asked = "query Of($id: ID!, $experiment: ID!) { \
                 report(id: $id) { changes { from to changes { edges { node { entryKind } } } } } \
                 node(id: $id) { __typename id } \
                 experiment(id: $experiment) { history(first: 100) { edges { node { kind } } } } }";
    let data = carnet
        .data(asked, json!({ "id": next, "experiment": VIGNY }))
        .await;
    let changes = &data["report"]["changes"];
    assert_eq!(changes["from"], known_at.to_string());
    assert_eq!(changes["to"], end.to_string());
    let kinds: Vec<&Value> = changes["changes"]["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| &edge["node"]["entryKind"])
        .collect();
    assert_eq!(kinds, ["report-published", "end-asserted"]);
    assert_eq!(data["node"], json!({ "__typename": "Report", "id": next }));
    let history = data["experiment"]["history"]["edges"].as_array().unwrap();
    let told = |kind: &str| {
        history
            .iter()
            .filter(|it| it["node"]["kind"] == kind)
            .count()
    };
    assert_eq!(
        (told("report-published"), told("report-part-stored")),
        (2, 0)
    );
}

/// Would catch: a published report that somebody corrects or takes back.
#[tokio::test]
async fn a_report_is_neither_corrected_nor_retracted() {
    let carnet = Carnet::start().await;
    let asked = public(3, "{}");
    let outcome = carnet.publish(&asked).await.unwrap();
    for entry in outcome.written {
        let input = json!({ "entry": entry.0.to_string(), "reason": "Chiffres faux",
            "on": "2021-05-10" });
        let (code, _, message) = carnet.record("retractEntry", input).await.refused();
        assert_eq!(code, "REPORT_FROZEN");
        assert!(
            message.contains("une nouvelle version le remplace"),
            "{message}"
        );
    }
}

/// Would catch: a list in another order, that skips what it filters, or that shows what is not
/// published yet.
#[tokio::test]
async fn reports_are_listed_the_newest_first() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let first = ReportId(Uuid::from_u128(REPORT));
    let of_vigny = publishing(1, Place::New(first), 0, "{\"n\":1}");
    let mut position = 0;
    for asked in [&public(7, "{}"), &of_vigny, &public(5, "[]")] {
        position = carnet.publish(asked).await.unwrap().position.0;
    }
    let (seven, five) = (Uuid::from_u128(7), Uuid::from_u128(5));
    let (seven, five) = (format!("report-{seven}"), format!("report-{five}"));
    let vigny = format!("report-{first}");
    let listed = async |filter: Value, first: i32, after: Value| {
        let asked = "query Reports($filter: ReportFilter, $first: Int, $after: String) { \
                     reports(filter: $filter, first: $first, after: $after) { nodes { id } \
                     pageInfo { hasNextPage endCursor } } }";
        let variables = json!({ "filter": filter, "first": first, "after": after });
        carnet.data(asked, variables).await["reports"].take()
    };
    let ids = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().unwrap().iter();
        nodes
            .map(|node| node["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = listed(Value::Null, 10, Value::Null).await;
    assert_eq!(ids(&all), [&*five, &vigny, &seven]);
    let page = listed(Value::Null, 2, Value::Null).await;
    assert_eq!(ids(&page), [&*five, &vigny]);
    let rest = listed(Value::Null, 2, page["pageInfo"]["endCursor"].clone()).await;
    assert_eq!(ids(&rest), [&*seven]);
    let of = listed(json!({ "experimentId": VIGNY }), 10, Value::Null).await;
    assert_eq!(ids(&of), [&*vigny]);
    let public = listed(json!({ "audience": "PUBLIC" }), 10, Value::Null).await;
    assert_eq!(ids(&public), [&*five, &seven]);
    let none = json!({ "audience": "PUBLIC", "experimentId": VIGNY });
    assert_eq!(ids(&listed(none, 10, Value::Null).await), [""; 0]);

    // Between the part and the publication of the last one.
    let asked = "query At($known: KnownAt!) { asOf(knownAt: $known) { reports { nodes { id } } } }";
    let known = json!({ "known": { "position": (position - 1).to_string() } });
    let data = carnet.data(asked, known).await;
    assert_eq!(ids(&data["asOf"]["reports"]), [&*vigny, &seven]);
    // A cursor of another list that also begins with the newest.
    let asked = "query Imports($after: String) { importBatches(after: $after) { nodes { id } } }";
    let after = json!({ "after": page["pageInfo"]["endCursor"] });
    assert_eq!(carnet.fault(asked, after).await.0, "BAD_CURSOR");
}

/// Would catch: one operation that is given contents until the memory of the machine is full; and a
/// difference that shows what nobody can read.
#[tokio::test]
async fn contents_are_given_within_bounds() {
    let carnet = Carnet::start().await;
    // A record that is shown by its length, and a content that inflates to much.
    let blocks = (0_u64..2_000).map(|number| sha256(&number.to_string()));
    let noise: String = blocks.collect();
    let large = format!("{noise}{}", " ".repeat(20_000_000));
    let asked = public(9, &large);
    let outcome = carnet.publish(&asked).await.unwrap();
    assert!(outcome.written.len() > 2);
    let id = json!({ "id": format!("report-{}", asked.place.id()) });
    let one = "query One($id: ID!) { report(id: $id) { content } }";
    let data = carnet.data(one, id.clone()).await;
    assert!(data["report"]["content"] == large);
    let two = "query Two($id: ID!) { one: report(id: $id) { content } \
               other: report(id: $id) { title content } }";
    let answer = carnet.ask(two, id).await;
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["extensions"]["code"], "TOO_MUCH_CONTENT");
    let given = ["one", "other"].map(|name| answer["data"][name]["content"].is_string());
    assert_eq!(given.iter().filter(|given| **given).count(), 1);

    let diff = "{ diff(from: { position: \"0\" }) { changes { edges { node { sentence \
                fields { name after } } } } } }";
    let data = carnet.data(diff, json!({})).await;
    let part = &data["diff"]["changes"]["edges"][0]["node"];
    let fields = part["fields"].as_array().unwrap();
    let text = fields
        .iter()
        .find(|field| field["name"].as_str().unwrap().ends_with("text"));
    assert_eq!(text.unwrap()["after"], "(40000 octets)");
    let sentence = part["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("(40\u{202f}000 caractères)"),
        "{sentence}"
    );
}
