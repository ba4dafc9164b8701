//! Advisers assigned and absent, comparison zones and baselines: each mutation carried out and
//! refused.

use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, merge},
    words::{CAMILLE, CAMILLES_NAME, NOBODY, TUESDAYS, VIGNY, camille, vigny},
};

async fn start() -> Carnet {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    carnet
        .record("registerAdviser", camille(json!({})))
        .await
        .position();
    carnet
}

async fn refused(carnet: &Carnet, intent: &str, input: Value, code: &str) -> (Value, String) {
    let before = carnet.head().await;
    let (found, field, message) = carnet.record(intent, input).await.refused();
    assert_eq!(found, code, "{intent}");
    assert_eq!(carnet.head().await, before, "{intent}");
    (field, message)
}

fn at_hub(other: Value) -> Value {
    let mut input = json!({ "adviserId": CAMILLE, "experimentId": VIGNY, "from": "2021-04-27" });
    merge(&mut input, other);
    input
}

/// Catches: an assignment shown at the wrong place, or advisers of an experiment on other days.
#[tokio::test]
async fn an_adviser_is_assigned_and_leaves() {
    let carnet = start().await;
    let show = "adviser { assignments { atHub from until experiment { title } \
                permanence { id } } }";
    carnet
        .record("assignAdviser", at_hub(json!({})))
        .await
        .position();
    let tuesdays = at_hub(json!({ "permanenceId": TUESDAYS, "until": "2021-06-29" }));
    let written = carnet
        .record_and_show("assignAdviser", tuesdays, show)
        .await;
    let title = json!({ "title": "Vigny" });
    let hub = |until: Value| {
        json!({ "atHub": true, "from": "2021-04-27", "until": until, "experiment": title,
            "permanence": null })
    };
    let on_tuesdays = json!({ "atHub": false, "from": "2021-04-27", "until": "2021-06-29",
        "experiment": title, "permanence": { "id": TUESDAYS } });
    assert_eq!(
        written.payload["adviser"]["assignments"],
        json!([hub(Value::Null), on_tuesdays])
    );
    let elsewhere = at_hub(json!({ "from": "2021-06-01" }));
    let written = carnet
        .record_and_show("endAdviserAssignment", elsewhere, show)
        .await;
    assert_eq!(
        written.payload["adviser"]["assignments"][0],
        hub(json!("2021-05-31"))
    );

    let asked = "query On($id: ID!, $on: Date) { experiment(id: $id) { advisers(on: $on) { \
                 id name } } }";
    for (on, count) in [
        (Value::Null, 1),
        (json!("2021-04-26"), 0),
        (json!("2021-06-29"), 1),
        (json!("2021-06-30"), 0),
    ] {
        let found = carnet.data(asked, json!({ "id": VIGNY, "on": on })).await;
        let advisers = found["experiment"]["advisers"].as_array().unwrap();
        assert_eq!(advisers.len(), count, "{on}");
    }

    let again = at_hub(json!({ "from": "2021-07-01" }));
    refused(&carnet, "endAdviserAssignment", again, "NOT_ASSIGNED").await;
    let again = at_hub(json!({ "from": "2021-05-01" }));
    refused(&carnet, "assignAdviser", again, "ALREADY_ASSIGNED").await;
    let nowhere = at_hub(json!({ "experimentId": NOBODY }));
    refused(&carnet, "assignAdviser", nowhere, "UNKNOWN_EXPERIMENT").await;
    carnet.stop().await;
}

/// Catches: a source that names an adviser, which would outlive the person's erasure.
#[tokio::test]
async fn an_absence_is_recorded_without_a_reason_or_a_name() {
    let carnet = start().await;
    let absence = |other: Value| {
        let mut input = json!({ "adviserId": CAMILLE, "from": "2021-05-10",
            "until": "2021-05-14" });
        merge(&mut input, other);
        input
    };
    let naming = absence(json!({ "source": { "label": format!("Mot de {CAMILLES_NAME}") } }));
    let (field, _) = refused(&carnet, "recordAdviserAbsence", naming, "NAMES_THE_PERSON").await;
    assert_eq!(field, json!(["input", "source", "label"]));
    let show = "adviser { absences { from until } history(first: 9) { edges { node { \
                sentence } } } }";
    let written = carnet
        .record_and_show("recordAdviserAbsence", absence(json!({})), show)
        .await;
    let shown = &written.payload["adviser"];
    let days = json!([{ "from": "2021-05-10", "until": "2021-05-14" }]);
    assert_eq!(shown["absences"], days);
    assert_eq!(
        shown["history"]["edges"][1]["node"]["sentence"],
        "Conseiller absent du 10 mai 2021 au 14 mai 2021 inclus."
    );
    let overlapping = absence(json!({ "from": "2021-05-14", "until": "2021-05-20" }));
    refused(
        &carnet,
        "recordAdviserAbsence",
        overlapping,
        "ALREADY_ABSENT",
    )
    .await;
    let inverted = absence(json!({ "from": "2021-06-02", "until": "2021-06-01" }));
    refused(&carnet, "recordAdviserAbsence", inverted, "PERIOD_INVERTED").await;
    carnet.stop().await;
}

#[tokio::test]
async fn an_experiment_is_compared_with_a_zone_and_a_baseline() {
    let carnet = start().await;
    let zone = |communes: Value| {
        json!({ "experimentId": VIGNY, "designatedOn": "2021-04-01", "zone": communes,
            "reasons": "Même canton" })
    };
    let baseline = |place: &str, monday: &str| {
        json!({ "experimentId": VIGNY, "measuredOn": "2021-04-15", "place": place,
            "unit": "accompagnements", "counts": [{ "monday": monday, "count": 12 }] })
    };
    let beyond = baseline("COMPARISON_ZONE", "2021-03-01");
    refused(&carnet, "measureBaseline", beyond, "NO_COMPARISON_ZONE").await;
    let itself = zone(json!(["95287"]));
    let (_, message) = refused(
        &carnet,
        "designateComparisonZone",
        itself,
        "COMPARED_WITH_ITSELF",
    )
    .await;
    assert_eq!(
        message,
        "La commune Grisy-les-Plâtres (95287) est à la fois dans la zone de l'expérimentation et \
         dans celle de comparaison."
    );
    let show = "experiment { comparisonZones { zone { code } reasons provenance { valid { from } \
                } } }";
    let written = carnet
        .record_and_show(
            "designateComparisonZone",
            zone(json!(["95370", "95355"])),
            show,
        )
        .await;
    let expected = json!([{ "zone": [{ "code": "95355" }, { "code": "95370" }],
        "reasons": "Même canton", "provenance": { "valid": { "from": "2021-04-01" } } }]);
    assert_eq!(written.payload["experiment"]["comparisonZones"], expected);

    let show = "experiment { baselines { place unit counts { monday count } } }";
    let written = carnet
        .record_and_show(
            "measureBaseline",
            baseline("COMPARISON_ZONE", "2021-03-01"),
            show,
        )
        .await;
    let expected = json!([{ "place": "COMPARISON_ZONE", "unit": "accompagnements",
        "counts": [{ "monday": "2021-03-01", "count": 12 }] }]);
    assert_eq!(written.payload["experiment"]["baselines"], expected);
    let tuesday = baseline("HUB", "2021-03-02");
    refused(&carnet, "measureBaseline", tuesday, "NOT_A_MONDAY").await;
    carnet.stop().await;
}
