//! Figures, what decisions rest on, and reports that are frozen.

use chrono::{TimeZone, Utc};
use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, Written, merge, number},
    words::{TUESDAYS, VIGNY, agreement, launch, tuesdays},
};

const FIGURE: &str = "code value unit numerator denominator n missing missingShare suppressed \
                      interval { lower upper method } position";

fn session(date: &str, other: Value) -> Value {
    let mut input = json!({ "permanenceId": TUESDAYS, "date": date });
    merge(&mut input, other);
    input
}

fn visit(outcome: &str, first_visit: &str) -> Value {
    json!({
        "minutes": 20,
        "requests": [{ "operator": "la-poste", "level": "ACCOMPANIMENT", "outcome": outcome }],
        "firstVisit": first_visit,
    })
}

/// Vigny with criteria fixed beforehand, two Tuesdays held and one cancelled: 3 May to 18 May.
async fn vigny(carnet: &Carnet) {
    let noon = Utc.with_ymd_and_hms(2021, 7, 1, 10, 0, 0).unwrap();
    carnet.clock.set(noon);
    let criterion = |indicator: &str, threshold: &str, minimum: u32| {
        json!({ "indicator": indicator, "comparison": "AT_LEAST", "threshold": threshold,
                "minimumN": minimum })
    };
    let criteria = json!({
        "experimentId": VIGNY,
        "title": "Vigny",
        "fixedOn": "2021-04-20",
        "hypothesis": "Les permanences trouvent leur public.",
        "criteria": [criterion("resolution", "60", 3), criterion("satisfaction", "80", 20),
                     criterion("rendez-vous", "10", 1)],
    });
    carnet
        .record("fixSuccessCriteria", criteria)
        .await
        .position();
    carnet
        .record("launchExperiment", launch(json!({})))
        .await
        .position();
    carnet
        .record("agreeVenue", agreement(json!({})))
        .await
        .position();
    carnet
        .record("schedulePermanence", tuesdays(json!({})))
        .await
        .position();
    for day in ["2021-05-04", "2021-05-11"] {
        let held = json!({ "starts": "09:00", "ends": "12:00", "adviserCount": 1 });
        carnet
            .record("holdSession", session(day, held))
            .await
            .position();
    }
    let cancelled = session("2021-05-18", json!({ "cause": "WEATHER" }));
    carnet.record("cancelSession", cancelled).await.position();
    for (day, outcome, first) in [
        ("2021-05-04", "RESOLVED", "YES"),
        ("2021-05-04", "RESOLVED", "NO"),
        ("2021-05-04", "REFERRED", "UNKNOWN"),
        ("2021-05-11", "RESOLVED", "YES"),
        ("2021-05-11", "UNKNOWN", "YES"),
    ] {
        let visit = session(day, visit(outcome, first));
        carnet.record("recordAccompaniment", visit).await.position();
    }
}

fn by_code(figures: &Value) -> std::collections::BTreeMap<String, Value> {
    let figures = figures.as_array().unwrap().iter();
    figures
        .map(|it| (it["code"].as_str().unwrap().to_owned(), it.clone()))
        .collect()
}

async fn figures(carnet: &Carnet) -> std::collections::BTreeMap<String, Value> {
    let asked = format!(
        "{{ indicators(period: {{ from: \"2021-04-27\", until: \"2021-05-25\" }}) \
         {{ whole {{ figures {{ {FIGURE} }} }} }} }}"
    );
    let data = carnet.data(&asked, json!({})).await;
    by_code(&data["indicators"]["whole"]["figures"])
}

/// Would catch: a wrong count, an unknown taken for a no, an interval of another method, a value of 0
/// where nothing was measured.
#[tokio::test]
async fn figures_with_their_intervals() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let figures = figures(&carnet).await;
    let told = |code: &str| {
        let it = &figures[code];
        (
            it["value"].clone(),
            it["numerator"].clone(),
            it["denominator"].clone(),
            it["missing"].clone(),
        )
    };
    // Five Tuesdays were scheduled, from 27 April to 25 May; two are not told of.
    let held = told("held-rate");
    assert_eq!(held, (json!("66.666667"), json!("2"), json!("3"), json!(2)));
    let wilson = &figures["held-rate"]["interval"];
    assert_eq!(wilson["method"], "WILSON");
    // statsmodels.stats.proportion.proportion_confint(2, 3, method='wilson')
    assert_eq!(wilson["lower"], "20.76596");
    assert_eq!(wilson["upper"], "93.850806");
    let bounds = &figures["held-rate-bounds"]["interval"];
    assert_eq!(
        (&bounds["lower"], &bounds["upper"]),
        (&json!("40"), &json!("80"))
    );
    assert_eq!(
        told("attendance"),
        (json!("2.5"), json!("5"), json!("2"), json!(0))
    );
    assert_eq!(
        told("resolution"),
        (json!("75"), json!("3"), json!("4"), json!(1))
    );
    assert_eq!(
        told("new-users"),
        (json!("75"), json!("3"), json!("4"), json!(1))
    );
    assert_eq!(told("occupancy").0, json!("27.777778"));
    assert_eq!(
        told("satisfaction"),
        (Value::Null, json!("0"), json!("0"), json!(0))
    );
    assert_eq!(figures["satisfaction"]["missingShare"], Value::Null);
    carnet.stop().await;
}

/// Would catch: evidence that names other entries, or entries of another indicator.
#[tokio::test]
async fn the_entries_behind_a_figure() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let asked = format!(
        "{{ experiment(id: \"{VIGNY}\") {{ indicators(codes: [\"unmet-demand\"]) {{ whole {{ figures \
         {{ evidence(first: 3) {{ edges {{ cursor node {{ kind position }} }} pageInfo {{ hasNextPage \
         endCursor }} }} }} }} }} }} }}"
    );
    let data = carnet.data(&asked, json!({})).await;
    let evidence = &data["experiment"]["indicators"]["whole"]["figures"][0]["evidence"];
    let edges = evidence["edges"].as_array().unwrap();
    assert_eq!(edges.len(), 3);
    assert!(
        edges
            .iter()
            .all(|edge| edge["node"]["kind"] == "accompaniment-recorded"),
        "{edges:?}"
    );
    assert_eq!(evidence["pageInfo"]["hasNextPage"], true);
    let (code, message) = carnet
        .fault(
            "{ indicators(codes: [\"nombre-de-chats\"]) { position } }",
            json!({}),
        )
        .await;
    assert_eq!(code, "UNKNOWN_INDICATOR");
    assert!(message.contains("nombre-de-chats"), "{message}");
    carnet.stop().await;
}

/// Would catch: a criterion told as met or not where too little was observed, one that came later
/// told as fixed beforehand, figures of another moment than the decision's, a change since untold.
#[tokio::test]
async fn what_a_decision_rests_on() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let then = carnet.head().await;
    let late = json!({
        "experimentId": VIGNY, "title": "Vigny", "fixedOn": "2021-06-01",
        "hypothesis": "Les usagers sont nouveaux.",
        "criteria": [{ "indicator": "new-users", "comparison": "AT_LEAST", "threshold": "50",
                       "minimumN": 2 }],
    });
    carnet.record("fixSuccessCriteria", late).await.position();
    let extension = json!({
        "experimentId": VIGNY, "decidedOn": "2021-06-15", "newEnd": "2021-10-27",
        "grounds": ["EARLY_FEEDBACK"],
        "evidence": { "position": then.to_string(), "reasons": "Les demandes sont résolues.",
            "figures": [{ "indicator": "resolution", "value": "75", "unit": "%", "n": 4 },
                        { "indicator": "new-users", "value": "80", "unit": "%" }] },
    });
    carnet
        .record("extendExperiment", extension)
        .await
        .position();
    let since = session("2021-05-11", visit("MUST_COME_BACK", "NO"));
    carnet.record("recordAccompaniment", since).await.position();

    let asked = format!(
        "{{ experiment(id: \"{VIGNY}\") {{ decisions {{ kind on basis {{ knownAt responseRate {{ then \
         {{ value }} }} criteria {{ criterion {{ indicator }} postHoc then {{ outcome figure {{ value n }} }} \
         now {{ outcome figure {{ value n }} }} }} cited {{ citedIndicator citedValue agrees changed \
         then {{ value }} now {{ value }} }} }} }} }} }}"
    );
    let data = carnet.data(&asked, json!({})).await;
    let decision = &data["experiment"]["decisions"][0];
    assert_eq!(decision["kind"], "EXTENSION");
    let basis = &decision["basis"];
    assert_eq!(number(&basis["knownAt"]), then);
    let outcomes: Vec<_> = basis["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            (
                text(&it["criterion"]["indicator"]).unwrap(),
                it["postHoc"].as_bool().unwrap(),
                text(&it["then"]["outcome"]),
                text(&it["now"]["outcome"]),
            )
        })
        .collect();
    let row = |code: &str, post_hoc, then: Option<&str>, now: &str| {
        (
            code.to_owned(),
            post_hoc,
            then.map(str::to_owned),
            Some(now.to_owned()),
        )
    };
    assert_eq!(
        outcomes,
        [
            row("resolution", false, Some("MET"), "MET"),
            row("satisfaction", false, Some("TOO_FEW"), "TOO_FEW"),
            row(
                "rendez-vous",
                false,
                Some("UNKNOWN_INDICATOR"),
                "UNKNOWN_INDICATOR"
            ),
            row("new-users", true, None, "MET"),
        ]
    );
    let cited = basis["cited"].as_array().unwrap();
    assert_eq!(cited[0]["agrees"], true);
    assert_eq!(
        (&cited[0]["then"]["value"], &cited[0]["now"]["value"]),
        (&json!("75"), &json!("60"))
    );
    assert_eq!(cited[0]["changed"], true);
    assert_eq!(
        cited[1]["agrees"], false,
        "80 % was cited, 75 % is what was known"
    );
    carnet.stop().await;
}

fn report(at: u64, audience: &str, other: Value) -> Value {
    let mut input = json!({
        "experimentId": VIGNY,
        "audience": audience,
        "knownAt": at.to_string(),
        "validAt": "2021-06-30",
        "period": { "from": "2021-04-27", "until": "2021-05-25" },
    });
    merge(&mut input, other);
    input
}

#[track_caller]
fn published(written: &Written) {
    assert_eq!(written.payload["userErrors"], json!([]));
    assert!(written.payload["position"].is_string());
}

const REPORT: &str = "report { id hash bytes content knownAt audience downloads { name path } \
                      replaces { id } figureChanges { code group before after nBefore nAfter } }";

/// Would catch: a report that changes with what is recorded after it, one that cannot be fetched as it
/// was published, another answer to the same question, a new version that does not tell what changed.
#[tokio::test]
async fn a_report_is_frozen_and_replaced() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let at = carnet.head().await;
    let written = carnet
        .record_and_show("publishReport", report(at, "EVALUATOR", json!({})), REPORT)
        .await;
    published(&written);
    let first = written.payload["report"].clone();
    let content = first["content"].as_str().unwrap().to_owned();
    let hash = first["hash"].as_str().unwrap();
    assert_eq!(carnet::report::content::hash(content.as_bytes()), hash);
    assert_eq!(number(&first["knownAt"]), at);

    let since = session("2021-05-11", visit("MUST_COME_BACK", "NO"));
    carnet.record("recordAccompaniment", since).await.position();
    let path = format!("/reports/{}/contenu.json", first["id"].as_str().unwrap());
    let answer = carnet.get(&path).await;
    assert_eq!(answer.status(), 200);
    let tag = answer.headers()["etag"].clone();
    assert_eq!(
        answer.text().await.unwrap(),
        content,
        "the same bytes, whatever came since"
    );
    let again = carnet
        .client
        .get(carnet.url(&path))
        .header("if-none-match", tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    let xlsx = carnet
        .get(&path.replace("contenu.json", "rapport.xlsx"))
        .await;
    assert_eq!(xlsx.status(), 200);
    assert!(xlsx.bytes().await.unwrap().starts_with(b"PK"));
    for missing in ["rapport.docx", "nulle-part.svg", "..%2f..%2fetc.json"] {
        let answer = carnet.get(&path.replace("contenu.json", missing)).await;
        assert_eq!(answer.status(), 404, "{missing}");
    }

    let later = carnet.head().await;
    let newer = report(later, "EVALUATOR", json!({ "replaces": first["id"] }));
    let newer = carnet.record_and_show("publishReport", newer, REPORT).await;
    published(&newer);
    let second = &newer.payload["report"];
    assert_eq!(second["replaces"]["id"], first["id"]);
    let changes = second["figureChanges"].as_array().unwrap();
    let resolution = changes
        .iter()
        .find(|it| it["code"] == "resolution" && it["group"].is_null());
    let resolution = resolution.unwrap();
    assert_eq!(
        (&resolution["before"], &resolution["after"]),
        (&json!("75"), &json!("60"))
    );
    assert!(
        changes.iter().all(|it| it["code"] != "held-rate"),
        "what did not change is not told"
    );
    carnet.stop().await;
}

/// Would catch: a small count of people in what anybody may read, in a figure, a criterion, or the
/// number of the entries behind it.
#[tokio::test]
async fn a_public_report_withholds_small_counts() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let at = carnet.head().await;
    let written = carnet
        .record_and_show("publishReport", report(at, "PUBLIC", json!({})), REPORT)
        .await;
    published(&written);
    let content = written.payload["report"]["content"].as_str().unwrap();
    let content: Value = serde_json::from_str(content).unwrap();
    let figures = content["figures"].as_array().unwrap();
    let resolution: Vec<&Value> = figures
        .iter()
        .filter(|it| it["indicator"] == "resolution")
        .collect();
    assert!(!resolution.is_empty());
    for figure in resolution {
        let measure = &figure["measures"][0];
        assert_eq!(measure["suppressed"], true);
        assert_eq!(measure["value"], Value::Null);
        assert_eq!(measure["n"], 0);
        assert!(measure.get("numerator").is_none_or(Value::is_null));
    }
    assert!(figures.iter().all(|it| it.get("evidence").is_none()));
    let held = figures
        .iter()
        .find(|it| it["indicator"] == "held-rate")
        .unwrap();
    assert_eq!(
        held["measures"][0]["value"], "66.666667",
        "sessions are no people"
    );
    carnet.stop().await;
}

/// Would catch: evidence of a part that leaves out what its figures are computed from elsewhere: a user
/// who comes back to another permanence, requests to other operators.
#[tokio::test]
async fn the_entries_behind_a_part_are_all_that_it_takes() {
    let carnet = Carnet::start().await;
    carnet
        .clock
        .set(Utc.with_ymd_and_hms(2021, 7, 1, 10, 0, 0).unwrap());
    let thursdays = TUESDAYS.replace("121", "122");
    let other = json!({ "permanenceId": thursdays, "hours": "Th 09:00-12:00" });
    let operators =
        json!([{ "code": "la-poste", "name": "La Poste" }, { "code": "caf", "name": "Caf" }]);
    for (intent, input) in [
        (
            "launchExperiment",
            launch(json!({ "operators": operators })),
        ),
        ("agreeVenue", agreement(json!({}))),
        ("schedulePermanence", tuesdays(json!({}))),
        ("schedulePermanence", tuesdays(other)),
    ] {
        carnet.record(intent, input).await.position();
    }
    let request = |operator: &str, outcome: &str| json!({ "operator": operator, "level": "ACCOMPANIMENT", "outcome": outcome });
    let visit = |permanence: &str, date: &str, request: Value| json!({ "permanenceId": permanence, "date": date, "minutes": 20, "firstVisit": "UNKNOWN", "requests": [request], "pseudonym": "usager1" });
    let mut recorded = Vec::new();
    for visit in [
        visit(TUESDAYS, "2021-05-04", request("la-poste", "RESOLVED")),
        visit(&thursdays, "2021-05-06", request("la-poste", "REFERRED")),
        visit(&thursdays, "2021-05-06", request("caf", "RESOLVED")),
    ] {
        let written = carnet.record("recordAccompaniment", visit).await;
        recorded.push(written.position().to_string());
    }
    let of = async |code: &str, by: &str, group: &str| {
        let asked = format!(
            "{{ indicators(codes: [\"{code}\"], by: {by}) {{ groups {{ key figures {{ numerator \
             denominator evidence(first: 100) {{ edges {{ node {{ position }} }} }} }} }} }} }}"
        );
        let data = carnet.data(&asked, json!({})).await;
        let groups = data["indicators"]["groups"].as_array().unwrap().clone();
        let group = groups.into_iter().find(|it| {
            let key = it["key"].as_str().unwrap();
            group.ends_with(key)
        });
        let figure = group.unwrap()["figures"][0].clone();
        let nodes = figure["evidence"]["edges"].as_array().unwrap().clone();
        let positions: Vec<Value> = nodes
            .iter()
            .map(|it| it["node"]["position"].clone())
            .collect();
        (
            figure["numerator"].clone(),
            figure["denominator"].clone(),
            positions,
        )
    };
    let back = of("return-within-30-days", "PERMANENCE", TUESDAYS).await;
    assert_eq!((&back.0, &back.1), (&json!("1"), &json!("1")));
    assert!(back.2.contains(&json!(recorded[0])), "{back:?}");
    assert!(back.2.contains(&json!(recorded[1])), "{back:?}");
    let caf = of("requests-by-operator", "OPERATOR", "caf").await;
    assert_eq!((&caf.0, &caf.1), (&json!("1"), &json!("3")));
    for position in &recorded[..3] {
        assert!(caf.2.contains(&json!(position)), "{position}: {caf:?}");
    }
    carnet.stop().await;
}
