//! Each mutation of a venue and of a permanence: once carried out, once refused.

use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, merge},
    words::{GRISY, TUESDAYS, VIGNY, agreement, launch, tuesdays, vigny},
};

/// Carries an intent out, which writes exactly one event; answers what `show` asks.
async fn carried_out(carnet: &Carnet, intent: &str, input: Value, show: &str) -> Value {
    let before = carnet.head().await;
    let mut written = carnet.record_and_show(intent, input, show).await;
    assert_eq!(written.position(), before + 1, "{intent}");
    let subject = show.split(' ').next().unwrap();
    written.payload[subject].take()
}

/// Sees an intent refused, without a trace; answers the sentence.
async fn refused(carnet: &Carnet, intent: &str, input: Value, code: &str) -> String {
    let before = carnet.head().await;
    let (found, _, message) = carnet.record(intent, input).await.refused();
    assert_eq!(found, code, "{intent}");
    assert_eq!(carnet.head().await, before, "{intent}");
    message
}

#[tokio::test]
async fn a_venue_agrees_and_withdraws() {
    let carnet = Carnet::start().await;
    carnet
        .record("launchExperiment", launch(json!({})))
        .await
        .position();
    let indiscreet = agreement(json!({ "confidentialSpace": "NO" }));
    assert_eq!(
        refused(&carnet, "agreeVenue", indiscreet, "VENUE_NOT_CONFIDENTIAL").await,
        "Ce lieu ne permet pas un entretien confidentiel."
    );
    let shown = "venue { id name kind commune { name } address confidentialSpace version \
                 experiment { id } withdrawal { lastDay reason } }";
    let input = agreement(json!({ "address": "1 place de la Mairie" }));
    let found = carried_out(&carnet, "agreeVenue", input, shown).await;
    let mut expected = json!({ "id": GRISY, "name": "Mairie de Grisy-les-Plâtres",
        "kind": "TOWN_HALL", "commune": { "name": "Grisy-les-Plâtres" },
        "address": "1 place de la Mairie", "confidentialSpace": "UNKNOWN", "version": 1,
        "experiment": { "id": VIGNY }, "withdrawal": null });
    assert_eq!(found, expected);

    let leaving = |from: &str| json!({ "venueId": GRISY, "from": from, "reason": "Travaux." });
    assert_eq!(
        refused(
            &carnet,
            "withdrawVenue",
            leaving("2021-04-26"),
            "WITHDRAWN_BEFORE_AGREED"
        )
        .await,
        "Le retrait précède l'accord du lieu, donné le 27 avril 2021."
    );
    let found = carried_out(&carnet, "withdrawVenue", leaving("2021-06-01"), shown).await;
    let withdrawal = json!({ "lastDay": "2021-05-31", "reason": "Travaux." });
    merge(
        &mut expected,
        json!({ "version": 2, "withdrawal": withdrawal }),
    );
    assert_eq!(found, expected);
    carnet.stop().await;
}

#[tokio::test]
async fn a_permanence_is_scheduled_and_rescheduled() {
    let carnet = Carnet::start().await;
    carnet
        .record("launchExperiment", launch(json!({})))
        .await
        .position();
    carnet
        .record("agreeVenue", agreement(json!({})))
        .await
        .position();
    let unreadable = tuesdays(json!({ "hours": "le mardi matin" }));
    let written = carnet.record("schedulePermanence", unreadable).await;
    let expected = (
        "HOURS_UNREADABLE".to_owned(),
        json!(["input", "hours"]),
        "Les horaires « le mardi matin » ne se lisent pas en syntaxe OSM opening_hours \
         (exemple : Tu 09:00-12:00)."
            .to_owned(),
    );
    assert_eq!(written.refused(), expected);
    for count in [0, 51, -1, 256] {
        let held_by = json!({ "role": "ADVISER", "count": count });
        let input = tuesdays(json!({ "heldBy": held_by }));
        assert_eq!(
            refused(&carnet, "schedulePermanence", input, "HELD_BY_COUNT").await,
            format!("Une permanence est tenue par 1 à 50 personnes, non par {count}.")
        );
    }

    let shown = "permanence { id version terms { from hours appointment heldBy { role count } \
                 venue { id } } schedule { from hours } closure { lastDay } experiment { id } }";
    let input = tuesdays(json!({}));
    let found = carried_out(&carnet, "schedulePermanence", input, shown).await;
    let terms = json!({ "from": "2021-04-27", "hours": "Tu 09:00-12:00",
        "appointment": "UNKNOWN", "heldBy": { "role": "DESK_OFFICER", "count": 2 },
        "venue": { "id": GRISY } });
    let schedule = json!([{ "from": "2021-04-27", "hours": "Tu 09:00-12:00" }]);
    let expected = json!({ "id": TUESDAYS, "version": 1, "terms": terms, "schedule": schedule,
        "closure": null, "experiment": { "id": VIGNY } });
    assert_eq!(found, expected);

    let change = |from: &str| {
        json!({ "permanenceId": TUESDAYS, "from": from, "hours": "We 14:00-17:00",
            "appointment": "REQUIRED" })
    };
    let input = change("2021-06-01");
    let found = carried_out(&carnet, "reschedulePermanence", input, shown).await;
    // In force today are still the first terms; what was not named stays in the new ones.
    assert_eq!(found["terms"], expected["terms"]);
    assert_eq!(
        found["schedule"][1],
        json!({ "from": "2021-06-01", "hours": "We 14:00-17:00" })
    );
    let asked = format!(
        "{{ node(id: \"{TUESDAYS}\") {{ ... on Permanence {{ terms(on: \"2021-06-01\") {{ \
         appointment heldBy {{ count }} }} early: terms(on: \"2021-04-26\") {{ from }} }} }} }}"
    );
    let later = carnet.data(&asked, json!({})).await;
    let terms = json!({ "appointment": "REQUIRED", "heldBy": { "count": 2 } });
    assert_eq!(later["node"], json!({ "terms": terms, "early": null }));
    let input = change("2021-04-26");
    assert_eq!(
        refused(&carnet, "reschedulePermanence", input, "BEFORE_SCHEDULE").await,
        "Cette date précède le début de la permanence, le 27 avril 2021."
    );
    carnet.stop().await;
}

#[tokio::test]
async fn a_permanence_is_suspended_resumed_and_closed() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let absence = |from: &str| {
        json!({ "permanenceId": TUESDAYS, "from": from, "until": "2021-05-31",
            "reason": "Congés." })
    };
    let shown = "permanence { suspensions { from until reason } closure { lastDay reason } }";
    let input = absence("2021-05-10");
    let found = carried_out(&carnet, "suspendPermanence", input, shown).await;
    let suspension = json!({ "from": "2021-05-10", "until": "2021-05-31", "reason": "Congés." });
    assert_eq!(
        found,
        json!({ "suspensions": [suspension], "closure": null })
    );
    let input = absence("2021-05-31");
    assert_eq!(
        refused(&carnet, "suspendPermanence", input, "ALREADY_SUSPENDED").await,
        "La permanence est déjà suspendue, à compter du 10 mai 2021."
    );

    let back = |from: &str| json!({ "permanenceId": TUESDAYS, "from": from });
    let found = carried_out(&carnet, "resumePermanence", back("2021-05-17"), shown).await;
    let suspension = json!({ "from": "2021-05-10", "until": "2021-05-16", "reason": "Congés." });
    assert_eq!(found["suspensions"], json!([suspension]));
    assert_eq!(
        refused(
            &carnet,
            "resumePermanence",
            back("2021-06-01"),
            "NOT_SUSPENDED"
        )
        .await,
        "La permanence n'est pas suspendue à la veille du 1er juin 2021 : il n'y a rien à \
         reprendre."
    );

    let end = |from: &str| json!({ "permanenceId": TUESDAYS, "from": from, "reason": "Vide." });
    let found = carried_out(&carnet, "closePermanence", end("2021-07-01"), shown).await;
    assert_eq!(
        found["closure"],
        json!({ "lastDay": "2021-06-30", "reason": "Vide." })
    );
    assert_eq!(
        refused(
            &carnet,
            "closePermanence",
            end("2021-07-02"),
            "PERMANENCE_CLOSED"
        )
        .await,
        "La permanence est close depuis le 1er juillet 2021."
    );
    carnet.stop().await;
}

/// Catches subjects that come into being twice because nobody chose their id.
#[tokio::test]
async fn a_subject_without_a_chosen_id_is_named_by_its_command() {
    let carnet = Carnet::start().await;
    let id = "00000000-0000-7000-8000-000000000042";
    let mut input = launch(json!({ "commandId": id }));
    input.as_object_mut().unwrap().remove("experimentId");
    for _ in 0..2 {
        let shown = "experiment { id version }";
        let written = carnet
            .record_and_show("launchExperiment", input.clone(), shown)
            .await;
        let named = json!({ "id": format!("experiment-{id}"), "version": 1 });
        assert_eq!(written.payload["experiment"], named);
        assert_eq!(written.position(), 1);
    }
    carnet.stop().await;
}
