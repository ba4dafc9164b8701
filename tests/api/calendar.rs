//! The calendar, and the history with its corrections.

use serde_json::{Value, json};

use crate::support::{
    carnet::Carnet,
    words::{GRISY, TUESDAYS, VIGNY, agreement, launch, vigny},
};

const CALENDAR: &str = "query Calendar($id: ID!, $from: Date!, $until: Date!) { \
    node(id: $id) { ... on Experiment { calendar(from: $from, until: $until) { ...All } } \
    ... on Permanence { calendar(from: $from, until: $until) { ...All } } } } \
    fragment All on Calendar { occurrences { date startsAt endsAt timeZone permanenceId venueId } \
    takenOut { reason occurrence { date startsAt } } }";

async fn calendar(carnet: &Carnet, id: &str, from: &str, until: &str) -> Value {
    let asked = json!({ "id": id, "from": from, "until": until });
    carnet.data(CALENDAR, asked).await["node"]["calendar"].take()
}

fn dates(calendar: &Value) -> Vec<&str> {
    let occurrences = calendar["occurrences"].as_array().unwrap();
    occurrences
        .iter()
        .map(|occurrence| occurrence["date"].as_str().unwrap())
        .collect()
}

fn taken_out(calendar: &Value) -> Vec<(&str, &str)> {
    let taken_out = calendar["takenOut"].as_array().unwrap();
    taken_out
        .iter()
        .map(|taken| {
            let date = taken["occurrence"]["date"].as_str().unwrap();
            (date, taken["reason"].as_str().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn public_holidays_and_suspensions_are_taken_out_with_the_reason() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let saturdays = json!({ "permanenceId": TUESDAYS, "from": "2021-05-01", "hours":
        "Tu 09:00-12:00; Sa 10:00-11:00" });
    carnet
        .record("reschedulePermanence", saturdays)
        .await
        .position();
    let absence = json!({ "permanenceId": TUESDAYS, "from": "2021-05-10", "until": "2021-05-14",
        "reason": "Congés." });
    carnet.record("suspendPermanence", absence).await.position();
    let pause = json!({ "experimentId": VIGNY, "from": "2021-05-20", "until": "2021-05-23",
        "reason": "Grève." });
    carnet.record("suspendExperiment", pause).await.position();
    let leaving = json!({ "venueId": GRISY, "from": "2021-05-29", "reason": "Travaux." });
    carnet.record("withdrawVenue", leaving).await.position();

    for id in [VIGNY, TUESDAYS] {
        let may = calendar(&carnet, id, "2021-04-01", "2021-05-31").await;
        assert_eq!(
            dates(&may),
            [
                "2021-04-27",
                "2021-05-04",
                "2021-05-15",
                "2021-05-18",
                "2021-05-25"
            ]
        );
        assert_eq!(
            taken_out(&may),
            [
                ("2021-05-01", "PUBLIC_HOLIDAY"),
                ("2021-05-08", "PUBLIC_HOLIDAY"),
                ("2021-05-11", "PERMANENCE_SUSPENDED"),
                ("2021-05-22", "EXPERIMENT_SUSPENDED"),
                ("2021-05-29", "VENUE_WITHDRAWN"),
            ]
        );
        assert_eq!(
            may["occurrences"][0],
            json!({ "date": "2021-04-27", "startsAt": "2021-04-27T09:00:00+02:00",
                "endsAt": "2021-04-27T12:00:00+02:00", "timeZone": "Europe/Paris",
                "permanenceId": TUESDAYS, "venueId": GRISY })
        );
    }
    // The experiment's last day is 27 July, a Tuesday.
    let july = calendar(&carnet, VIGNY, "2021-07-20", "2021-08-31").await;
    assert_eq!(dates(&july), Vec::<&str>::new());
    assert_eq!(
        taken_out(&july).last(),
        Some(&("2021-07-27", "VENUE_WITHDRAWN"))
    );
    carnet.stop().await;
}

/// Catches an alarm clock set in Paris for a venue overseas.
#[tokio::test]
async fn a_venue_overseas_keeps_its_own_time_and_holidays() {
    let carnet = Carnet::start().await;
    let hub = json!({ "name": "Bureau", "commune": "97101" });
    let launched = launch(json!({ "hub": hub, "zone": ["97101"] }));
    carnet.record("launchExperiment", launched).await.position();
    let agreed = agreement(json!({ "commune": "97101" }));
    carnet.record("agreeVenue", agreed).await.position();
    let slot = crate::support::words::tuesdays(json!({ "hours": "We,Th 09:00-12:00" }));
    carnet.record("schedulePermanence", slot).await.position();
    let may = calendar(&carnet, VIGNY, "2021-05-26", "2021-05-27").await;
    // 27 May: the abolition of slavery, in Guadeloupe.
    assert_eq!(dates(&may), ["2021-05-26"]);
    assert_eq!(taken_out(&may), [("2021-05-27", "PUBLIC_HOLIDAY")]);
    assert_eq!(
        may["occurrences"][0]["startsAt"],
        "2021-05-26T09:00:00-04:00"
    );
    assert_eq!(may["occurrences"][0]["timeZone"], "America/Guadeloupe");
    carnet.stop().await;
}

#[tokio::test]
async fn a_period_beyond_400_days_is_refused() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let asked = |until: &str| json!({ "id": VIGNY, "from": "2021-01-01", "until": until });
    let (code, message) = carnet.fault(CALENDAR, asked("2022-02-05")).await;
    assert_eq!(code, "PERIOD_TOO_LONG");
    assert_eq!(
        message,
        "La période compte 401 jours ; le maximum est de 400."
    );
    carnet.data(CALENDAR, asked("2022-02-04")).await;
    carnet.stop().await;
}

/// An end is retracted: its lineage tells of it, and what is known no longer does.
async fn retracted_for_good(carnet: &Carnet, before: Value) {
    let retraction = |entry: &str| json!({ "entry": entry, "on": "2021-07-05", "reason": "Elle parlait d'un autre bureau." });
    let absent = carnet.record("retractEntry", retraction("99")).await;
    assert_eq!(absent.refused().0, "NOT_CORRECTABLE");
    let earlier = carnet.record("retractEntry", retraction("4")).await;
    assert_eq!(earlier.refused().0, "ALREADY_CORRECTED");
    let done = carnet.record("retractEntry", retraction("5")).await;
    assert_eq!(done.position(), 6);
    let asked = format!(
        "{{ experiment(id: \"{VIGNY}\") {{ assertedEnds {{ end }} history(first: 9) {{ edges {{ \
         node {{ position kind standing sentence }} }} }} }} }}"
    );
    let found = carnet.data(&asked, json!({})).await["experiment"].take();
    assert_ne!(found["assertedEnds"], before["assertedEnds"]);
    assert_eq!(found["assertedEnds"], json!([]));
    let edges = found["history"]["edges"].as_array().unwrap();
    let standing: Vec<_> = edges[3..]
        .iter()
        .map(|edge| (&edge["node"]["kind"], &edge["node"]["standing"]))
        .collect();
    let (asserted, retracted) = (json!("end-asserted"), json!("entry-retracted"));
    assert_eq!(
        standing,
        [
            (&asserted, &json!("RETRACTED")),
            (&asserted, &json!("RETRACTED")),
            (&retracted, &json!("STANDS")),
        ]
    );
    assert_eq!(
        edges[5]["node"]["sentence"],
        "Inscription 5 retirée : Elle parlait d'un autre bureau."
    );
}

/// Catches a correction that erases what it corrects: both stay, each naming the other.
#[tokio::test]
async fn a_correction_names_what_it_supersedes_and_both_stay() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let asserted = |end: &str, corrects: Value| {
        json!({ "experimentId": VIGNY, "assertedOn": "2021-05-06", "end": end,
            "words": "trois mois", "correcting": corrects })
    };
    let correcting = |entry: &str| json!({ "entry": entry, "reason": "La source a été relue." });
    let first = asserted("2021-07-31", Value::Null);
    assert_eq!(
        carnet.record("assertExperimentEnd", first).await.position(),
        4
    );
    let second = asserted("2021-07-27", correcting("4"));
    assert_eq!(
        carnet
            .record("assertExperimentEnd", second)
            .await
            .position(),
        5
    );

    let asked = format!(
        "{{ experiment(id: \"{VIGNY}\") {{ endsOn assertedEnds {{ end provenance \
         {{ position }} }} history(first: 3, after: \"2\") {{ edges {{ cursor node {{ position \
         kind corrects correctedBy standing \
         correctionReason lineage {{ position }} sentence actor subjectVersion recordedAt }} }} pageInfo {{ hasNextPage \
         hasPreviousPage endCursor }} }} }} }}"
    );
    let found = carnet.data(&asked, json!({})).await["experiment"].take();
    // What sources assert does not move the end that was decided.
    assert_eq!(found["endsOn"], "2021-07-27");
    let ends = json!([
        { "end": "2021-07-27", "provenance": { "position": "5" } },
    ]);
    assert_eq!(found["assertedEnds"], ends);
    let edges = found["history"]["edges"].as_array().unwrap();
    let told: Vec<_> = edges
        .iter()
        .map(|edge| {
            (
                &edge["cursor"],
                &edge["node"]["kind"],
                &edge["node"]["corrects"],
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (&json!("3"), &json!("permanence-scheduled"), &Value::Null),
            (&json!("4"), &json!("end-asserted"), &Value::Null),
            (&json!("5"), &json!("end-asserted"), &json!("4")),
        ]
    );
    assert_eq!(edges[2]["node"]["actor"], "opérateur local");
    assert_eq!(edges[2]["node"]["subjectVersion"], 3);
    assert_eq!(
        edges[2]["node"]["sentence"],
        "Correction de l'inscription 4 (La source a été relue) : Fin annoncée au 27 juillet 2021 \
         (« trois mois »), selon une source du 6 mai 2021."
    );
    let standing: Vec<_> = edges
        .iter()
        .map(|edge| (&edge["node"]["standing"], &edge["node"]["correctedBy"]))
        .collect();
    assert_eq!(
        standing,
        [
            (&json!("STANDS"), &Value::Null),
            (&json!("SUPERSEDED"), &json!("5")),
            (&json!("STANDS"), &Value::Null),
        ]
    );
    let lineage = json!([{ "position": "4" }, { "position": "5" }]);
    assert_eq!(edges[1]["node"]["lineage"], lineage);
    assert_eq!(edges[2]["node"]["lineage"], lineage);
    assert_eq!(
        edges[2]["node"]["correctionReason"],
        "La source a été relue."
    );
    let info = json!({ "hasNextPage": false, "hasPreviousPage": true, "endCursor": "5" });
    assert_eq!(found["history"]["pageInfo"], info);

    // What was corrected cannot be corrected again, nor can what is of another kind or nowhere.
    for (corrects, code) in [
        ("4", "ALREADY_CORRECTED"),
        ("1", "CORRECTS_ANOTHER_KIND"),
        ("6", "NOT_CORRECTABLE"),
        ("0", "NOT_CORRECTABLE"),
    ] {
        let again = asserted("2021-08-01", correcting(corrects));
        let refused = carnet.record("assertExperimentEnd", again).await.refused();
        assert_eq!(refused.0, code, "{corrects}");
        assert!(
            refused.2.contains(&format!("L'inscription {corrects} ")),
            "{}",
            refused.2
        );
    }
    retracted_for_good(&carnet, found).await;
    carnet.stop().await;
}

#[tokio::test]
async fn the_history_of_everything_is_read_page_by_page() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let asked = "query Page($after: Position) { events(first: 2, after: $after) { \
                 edges { node { position experiment { id } subjectId } } \
                 pageInfo { hasNextPage endCursor } } }";
    let page = carnet.data(asked, json!({})).await["events"].take();
    assert_eq!(
        page["pageInfo"],
        json!({ "hasNextPage": true, "endCursor": "2" })
    );
    let page = carnet.data(asked, json!({ "after": "2" })).await["events"].take();
    assert_eq!(
        page["pageInfo"],
        json!({ "hasNextPage": false, "endCursor": "3" })
    );
    let last = json!({ "position": "3", "experiment": { "id": VIGNY }, "subjectId": TUESDAYS });
    assert_eq!(page["edges"], json!([{ "node": last }]));
    let page = carnet.data(asked, json!({ "after": "3" })).await["events"].take();
    assert_eq!(
        page["pageInfo"],
        json!({ "hasNextPage": false, "endCursor": null })
    );
    carnet.stop().await;
}
