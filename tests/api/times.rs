//! Two times: what was known at a moment, and what was so on a day; and what changed in between.

use chrono::{TimeZone, Utc};
use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, merge, number},
    words::{TUESDAYS, VIGNY, vigny},
};

/// What an evaluation counts at Vigny.
const FIGURES: &str = "sessionsHeld heldMinutes accompaniments requests requestsByOperator { \
                       operator outcome requests } turnedAway";

fn june() -> Value {
    json!({ "from": "2021-04-01", "until": "2021-06-30" })
}

fn session(date: &str, other: Value) -> Value {
    let mut input = json!({ "permanenceId": TUESDAYS, "date": date });
    merge(&mut input, other);
    input
}

fn visit(minutes: u32, outcome: &str) -> Value {
    json!({
        "minutes": minutes,
        "requests": [{ "operator": "la-poste", "level": "ACCOMPANIMENT", "outcome": outcome }],
        "firstVisit": "UNKNOWN",
    })
}

/// Says that it is that day now, at noon in Paris.
fn today(carnet: &Carnet, month: u32, day: u32) {
    let noon = Utc.with_ymd_and_hms(2021, month, day, 10, 0, 0).unwrap();
    carnet.clock.set(noon);
}

/// The whole story: June's figures, a late entry and a correction in July, and June's figures again.
#[tokio::test]
async fn a_report_that_changed() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    today(&carnet, 6, 22);
    let held = json!({ "starts": "09:00", "ends": "12:00", "adviserCount": 1 });
    let holding = carnet
        .record("holdSession", session("2021-06-22", held.clone()))
        .await
        .position();
    let first = session("2021-06-22", visit(20, "RESOLVED"));
    let first = carnet.record("recordAccompaniment", first).await.position();
    today(&carnet, 6, 30);
    let asked = format!(
        "query($known: KnownAt) {{ asOf(knownAt: $known) {{ position validAt \
         experiment(id: \"{VIGNY}\") {{ activity(period: {{ from: \"2021-04-01\", \
         until: \"2021-06-30\" }}) {{ {FIGURES} }} }} }} }}"
    );
    let on_30_june = carnet.data(&asked, json!({})).await["asOf"].take();
    assert_eq!(on_30_june["experiment"]["activity"]["accompaniments"], 1);
    assert_eq!(on_30_june["validAt"], "2021-06-30");
    let position = on_30_june["position"].clone();

    // In July: a visit of June entered late, a time corrected, an outcome corrected.
    today(&carnet, 7, 5);
    let late = session("2021-06-15", visit(30, "MUST_COME_BACK"));
    let late = carnet.record("recordAccompaniment", late).await.position();
    let mut longer = session("2021-06-22", held);
    merge(
        &mut longer,
        json!({ "ends": "12:30", "correcting": { "entry": holding.to_string(),
            "reason": "La fiche papier dit 12 h 30." } }),
    );
    let longer = carnet.record("holdSession", longer).await.position();
    let mut other = session("2021-06-22", visit(20, "REFERRED"));
    merge(
        &mut other,
        json!({ "correcting": { "entry": first.to_string(), "reason": "Issue mal cochée." },
            "accompanimentId": accompaniment(&carnet).await }),
    );
    let other = carnet.record("recordAccompaniment", other).await.position();

    let now = carnet.data(&asked, json!({})).await["asOf"].take();
    let counted = &now["experiment"]["activity"];
    assert_eq!(counted["accompaniments"], 2);
    assert_eq!(counted["heldMinutes"], 210);
    // June's figures again: by the instant, and by the position that the report noted.
    for known in [
        json!({ "instant": "2021-06-30T23:59:59+02:00" }),
        json!({ "position": position }),
    ] {
        let again = carnet.data(&asked, json!({ "known": known })).await["asOf"].take();
        assert_eq!(again["position"], position, "{known}");
        assert_eq!(
            again["experiment"], on_30_june["experiment"],
            "as known then, whatever came since: {known}"
        );
    }

    let moved = what_moved(&carnet, &position).await;
    assert_eq!(moved["from"], position);
    assert_eq!(number(&moved["to"]), other);
    assert_eq!(
        moved["activityBefore"], on_30_june["experiment"]["activity"],
        "the report's own figures"
    );
    assert_eq!(moved["activityAfter"], now["experiment"]["activity"]);
    told_in_rows_and_sentences(&moved, [(holding, longer), (first, other)], late);
    carnet.stop().await;
}

/// The diff of Vigny since a position.
async fn what_moved(carnet: &Carnet, since: &Value) -> Value {
    let what = format!(
        "query($from: KnownAt!) {{ experiment(id: \"{VIGNY}\") {{ diff(from: $from) {{ from to \
         changes {{ edges {{ cursor node {{ kind entryKind reason sentence before {{ position }} \
         after {{ position }} fields {{ name before after }} }} }} pageInfo {{ hasNextPage }} }} \
         activityBefore(period: $period) {{ {FIGURES} }} activityAfter(period: $period) \
         {{ {FIGURES} }} }} }} }}"
    )
    .replace("$from: KnownAt!", "$from: KnownAt!, $period: PeriodInput");
    carnet
        .data(
            &what,
            json!({ "from": { "position": since }, "period": june() }),
        )
        .await["experiment"]["diff"]
        .take()
}

/// What moved: two corrections and a late entry.
#[track_caller]
fn told_in_rows_and_sentences(moved: &Value, corrected: [(u64, u64); 2], late: u64) {
    let edges = moved["changes"]["edges"].as_array().unwrap();
    let rows: Vec<_> = edges
        .iter()
        .map(|edge| {
            let node = &edge["node"];
            let at = |side: &str| node[side]["position"].as_str().map(str::to_owned);
            (node["kind"].as_str().unwrap(), at("before"), at("after"))
        })
        .collect();
    let at = |position: u64| Some(position.to_string());
    assert_eq!(
        rows,
        [
            ("CORRECTED", at(corrected[0].0), at(corrected[0].1)),
            ("CORRECTED", at(corrected[1].0), at(corrected[1].1)),
            ("ADDED", None, at(late)),
        ]
    );
    assert_eq!(edges[0]["node"]["reason"], "La fiche papier dit 12 h 30");
    let sentence = edges[0]["node"]["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("Corrigé le 5 juillet 2021 (La fiche papier dit 12 h 30) : « "),
        "{sentence}"
    );
    assert!(sentence.contains(" devient « "), "{sentence}");
    let fields = edges[0]["node"]["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 1, "{fields:?}");
    assert_eq!(fields[0]["before"], "12:00:00");
    assert_eq!(fields[0]["after"], "12:30:00");
    let sentence = edges[2]["node"]["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("Inscrit le 5 juillet 2021 : « "),
        "{sentence}"
    );
}

/// The id of the one accompaniment of 22 June.
async fn accompaniment(carnet: &Carnet) -> Value {
    let asked = format!(
        "{{ experiment(id: \"{VIGNY}\") {{ sessions(period: {{ from: \"2021-06-22\", until: \
         \"2021-06-22\" }}) {{ edges {{ node {{ accompaniments {{ id }} }} }} }} }} }}"
    );
    carnet.data(&asked, json!({})).await["experiment"]["sessions"]["edges"][0]["node"]
        ["accompaniments"][0]["id"]
        .take()
}

/// Catches a nested field that answers of another moment than the root, and a default day that is
/// not the moment's.
#[tokio::test]
async fn what_is_nested_inherits_the_moment() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let before = carnet.head().await;
    today(&carnet, 6, 1);
    let closing =
        json!({ "experimentId": VIGNY, "from": "2021-06-01", "reason": "Fin de l'essai" });
    carnet.record("closeExperiment", closing).await.position();
    let status = |root: &str| {
        format!(
            "{{ {root} {{ validAt position recordedAt experiments {{ nodes {{ status permanences {{ \
                 experiment {{ status }} }} }} }} node(id: \"{VIGNY}\") {{ ... on Experiment {{ status \
                 }} }} }} }}"
        )
    };
    let known = format!("asOf(knownAt: {{ position: \"{before}\" }}, validAt: \"2021-06-01\")");
    for (root, expected) in [
        ("asOf".to_owned(), "CLOSED"),
        (known, "RUNNING"),
        ("asOf(validAt: \"2021-05-31\")".to_owned(), "RUNNING"),
        ("asOf(validAt: \"2021-04-26\")".to_owned(), "PLANNED"),
    ] {
        let found = carnet.data(&status(&root), json!({})).await["asOf"].take();
        let one = &found["experiments"]["nodes"][0];
        assert_eq!(one["status"], expected, "{root}");
        assert_eq!(
            one["permanences"][0]["experiment"]["status"], expected,
            "{root}"
        );
        assert_eq!(found["node"]["status"], expected, "{root}");
    }
    // Before the first event nothing is known; what is to come cannot be.
    let nothing =
        "{ asOf(knownAt: { position: \"0\" }) { position recordedAt experiments { totalCount } } }";
    let nothing = carnet.data(nothing, json!({})).await["asOf"].take();
    assert_eq!(
        nothing,
        json!({ "position": "0", "recordedAt": null, "experiments": { "totalCount": 0 } })
    );
    for (known, code) in [
        ("{ position: \"999\" }", "POSITION_AHEAD"),
        ("{ instant: \"2031-01-01T00:00:00Z\" }", "INSTANT_AHEAD"),
    ] {
        let asked = format!("{{ asOf(knownAt: {known}) {{ position }} }}");
        let answer = carnet.ask(&asked, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
    }
    let both =
        "{ asOf(knownAt: { position: \"1\", instant: \"2021-05-10T08:00:00Z\" }) { position } }";
    let answer = carnet.ask(both, json!({})).await;
    assert!(answer["errors"].is_array(), "{answer}");
    carnet.stop().await;
}

/// Catches a page of changes that skips or repeats, and one that shows what came and went.
#[tokio::test]
async fn changes_are_told_page_by_page() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let from = carnet.head().await;
    let mut visits = Vec::new();
    for minutes in 1..=6 {
        let visit = session("2021-05-04", visit(minutes, "RESOLVED"));
        visits.push(carnet.record("recordAccompaniment", visit).await.position());
    }
    for gone in [visits[1], visits[4]] {
        let input = json!({ "entry": gone.to_string(), "on": "2021-05-11", "reason": "Doublon." });
        carnet.record("retractEntry", input).await.position();
    }
    let (mut after, mut told) = (Value::Null, Vec::new());
    loop {
        let asked = "query($from: KnownAt!, $after: Position) { diff(from: $from) { changes(first: 3, \
                     after: $after) { edges { cursor node { after { position } } } pageInfo { \
                     hasNextPage endCursor } } } }";
        let variables = json!({ "from": { "position": from.to_string() }, "after": after });
        let page = carnet.data(asked, variables).await["diff"]["changes"].take();
        for edge in page["edges"].as_array().unwrap() {
            told.push(number(&edge["node"]["after"]["position"]));
        }
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(told, [visits[0], visits[2], visits[3], visits[5]]);
    carnet.stop().await;
}
