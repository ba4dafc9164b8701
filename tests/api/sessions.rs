//! Each mutation of a session: once carried out, once refused. Nobody is named.

use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, merge},
    words::{CAMILLE, CAMILLES_NAME, TUESDAYS, VIGNY, camille, vigny},
};

/// A pseudonym, in letters that stand nowhere else.
const PSEUDONYM: &str = "Zw9yngQ8edauw7";

/// The session of Tuesday, 4 May: a UUID of version 5 under its permanence's.
const SESSION: &str = "session-387b0448-e8c8-5611-a637-280f386e78db";

const VISIT: &str = "00000000-0000-7000-8000-000000000141";
const BOOKED: &str = "00000000-0000-7000-8000-000000000142";
const OPINION: &str = "00000000-0000-7000-8000-000000000143";

/// What happens on that day, with what `other` says.
fn there(other: Value) -> Value {
    let mut input = json!({ "permanenceId": TUESDAYS, "date": "2021-05-04" });
    merge(&mut input, other);
    input
}

fn held(other: Value) -> Value {
    let mut input = there(json!({ "starts": "09:05", "ends": "12:10", "adviserCount": 2 }));
    merge(&mut input, other);
    input
}

fn visit(other: Value) -> Value {
    let mut input = there(json!({
        "accompanimentId": VISIT,
        "minutes": 25,
        "requests": [
            { "operator": "la-poste", "theme": "procuration", "level": "ACCOMPANIMENT",
              "outcome": "RESOLVED" },
            { "level": "INFORMATION", "outcome": "TO_FINISH_ALONE" },
        ],
        "firstVisit": "YES",
        "residence": "95287",
        "ageBand": "FROM_65_TO_79",
    }));
    merge(&mut input, other);
    input
}

/// Carries an intent out, which writes exactly one event; answers what `show` asks of the session.
async fn carried_out(carnet: &Carnet, intent: &str, input: Value, show: &str) -> Value {
    let before = carnet.head().await;
    let show = format!("session {{ {show} }}");
    let mut written = carnet.record_and_show(intent, input, &show).await;
    assert_eq!(written.position(), before + 1, "{intent}");
    written.payload["session"].take()
}

/// Sees an intent refused, without a trace; answers the code and the field.
async fn refused(carnet: &Carnet, intent: &str, input: Value) -> (String, Value) {
    let before = carnet.head().await;
    let (code, field, _) = carnet.record(intent, input).await.refused();
    assert_eq!(carnet.head().await, before, "{intent}");
    (code, field)
}

#[tokio::test]
async fn a_session_is_held() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let registered = camille(json!({}));
    carnet
        .record("registerAdviser", registered)
        .await
        .position();
    let shown = "id version date synthetic permanence { id } experiment { id } cancellation { cause } \
                 held { startsAt endsAt timeZone minutes adviserCount advisers { id name } \
                 provenance { position source { label } valid { from until } } } \
                 history { edges { node { kind sentence } } }";
    let input = held(json!({ "adviserIds": [CAMILLE] }));
    let found = carried_out(&carnet, "holdSession", input, shown).await;
    let sentence = "Permanence tenue le 4 mai 2021 de 09:05 à 12:10 par 2 personnes, dont 1 \
                    conseiller inscrit.";
    let expected = json!({
        "id": SESSION, "version": 1, "date": "2021-05-04", "synthetic": false,
        "permanence": { "id": TUESDAYS }, "experiment": { "id": VIGNY }, "cancellation": null,
        "held": {
            "startsAt": "2021-05-04T09:05:00+02:00", "endsAt": "2021-05-04T12:10:00+02:00",
            "timeZone": "Europe/Paris", "minutes": 185, "adviserCount": 2,
            "advisers": [{ "id": CAMILLE, "name": CAMILLES_NAME }],
            "provenance": { "position": "5", "source": { "label": "Communiqué" },
                "valid": { "from": "2021-05-04", "until": "2021-05-04" } },
        },
        "history": { "edges": [{ "node": { "kind": "session-held", "sentence": sentence } }] },
    });
    assert_eq!(found, expected);

    // The same by its id, of its permanence, and as any object.
    let asked = "query($id: ID!, $permanence: ID!) { \
                 session(id: $id) { id } \
                 node(id: $id) { id ... on Session { date } } \
                 permanence: node(id: $permanence) { ... on Permanence { \
                 session(date: \"2021-05-04\") { id } none: session(date: \"2021-05-11\") { id } } } }";
    let variables = json!({ "id": SESSION, "permanence": TUESDAYS });
    let found = carnet.data(asked, variables).await;
    let expected = json!({
        "session": { "id": SESSION },
        "node": { "id": SESSION, "date": "2021-05-04" },
        "permanence": { "session": { "id": SESSION }, "none": null },
    });
    assert_eq!(found, expected);

    let longer = held(json!({ "ends": "12:30" }));
    let (code, field) = refused(&carnet, "holdSession", longer.clone()).await;
    assert_eq!(
        (code.as_str(), field),
        ("SESSION_ALREADY_HELD", json!(null))
    );
    for (other, code, field) in [
        (
            json!({ "adviserCount": -1 }),
            "HELD_BY_COUNT",
            json!(["input", "adviserCount"]),
        ),
        (
            json!({ "adviserIds": ["x"] }),
            "UNKNOWN_ADVISER",
            json!(["input", "adviserIds", "0"]),
        ),
        (
            json!({ "permanenceId": "x" }),
            "UNKNOWN_PERMANENCE",
            json!(["input", "permanenceId"]),
        ),
        (
            json!({ "date": "2021-04-26" }),
            "BEFORE_SCHEDULE",
            json!(null),
        ),
    ] {
        let found = refused(&carnet, "holdSession", held(other)).await;
        assert_eq!(found, (code.to_owned(), field));
    }

    // Its times are corrected, and in the end it was not held at all.
    let mut correcting = longer;
    let why = json!({ "entry": "5", "reason": "Registre relu" });
    merge(&mut correcting, json!({ "correcting": why }));
    let shown = "version held { minutes advisers { id } } history { edges { node { position } } }";
    let found = carried_out(&carnet, "holdSession", correcting, shown).await;
    assert_eq!(found["held"], json!({ "minutes": 205, "advisers": [] }));
    assert_eq!(found["version"], 2);
    let none = json!({ "entry": "6", "reason": "Jour de fermeture", "on": "2021-05-06" });
    let shown = "subject { id }";
    let written = carnet.record_and_show("retractEntry", none, shown).await;
    assert_eq!(written.payload["subject"], Value::Null);
    let shown = "cancellation { cause words provenance { position } } held { minutes }";
    let input = there(json!({ "cause": "OTHER", "words": "Jour de fermeture" }));
    let found = carried_out(&carnet, "cancelSession", input, shown).await;
    let cancellation = json!({ "cause": "OTHER", "words": "Jour de fermeture",
        "provenance": { "position": "8" } });
    assert_eq!(found, json!({ "cancellation": cancellation, "held": null }));
    let (code, _) = refused(&carnet, "recordAccompaniment", visit(json!({}))).await;
    assert_eq!(code, "SESSION_CANCELLED");
    carnet.stop().await;
}

/// Catches times that are not those of the place: overseas, it is another hour.
#[tokio::test]
async fn a_session_overseas_has_the_time_of_its_place() {
    let carnet = Carnet::start().await;
    let launch = crate::support::words::launch(json!({
        "hub": { "name": "Bureau de poste de Saint-Denis", "commune": "97411" },
        "zone": ["97411"],
    }));
    carnet.record("launchExperiment", launch).await.position();
    let agreed = crate::support::words::agreement(json!({ "commune": "97411" }));
    carnet.record("agreeVenue", agreed).await.position();
    let scheduled = crate::support::words::tuesdays(json!({}));
    carnet
        .record("schedulePermanence", scheduled)
        .await
        .position();
    let shown = "held { startsAt timeZone }";
    let found = carried_out(&carnet, "holdSession", held(json!({})), shown).await;
    let expected = json!({ "startsAt": "2021-05-04T09:05:00+04:00", "timeZone": "Indian/Reunion" });
    assert_eq!(found["held"], expected);
    carnet.stop().await;
}

#[tokio::test]
async fn a_session_is_cancelled() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let other = there(json!({ "cause": "OTHER" }));
    let (code, _) = refused(&carnet, "cancelSession", other).await;
    assert_eq!(code, "CAUSE_UNTOLD");
    let snow = there(json!({ "cause": "WEATHER" }));
    let shown = "cancellation { cause words } held { minutes }";
    let found = carried_out(&carnet, "cancelSession", snow, shown).await;
    let cancellation = json!({ "cause": "WEATHER", "words": null });
    assert_eq!(found, json!({ "cancellation": cancellation, "held": null }));
    let (code, _) = refused(&carnet, "holdSession", held(json!({}))).await;
    assert_eq!(code, "SESSION_CANCELLED");
    carnet.stop().await;
}

#[tokio::test]
async fn an_appointment_is_booked_and_ends() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let shown = "appointments { id at operator outcome booked { position } ended { position } }";
    let input = there(json!({ "appointmentId": BOOKED, "at": "09:30", "operator": "la-poste" }));
    let found = carried_out(&carnet, "bookAppointment", input, shown).await;
    let mut expected = json!({ "id": BOOKED, "at": "09:30", "operator": "la-poste",
        "outcome": null, "booked": { "position": "4" }, "ended": null });
    assert_eq!(found["appointments"], json!([expected]));
    let input = there(json!({ "appointmentId": VISIT, "operator": "cnav" }));
    let (code, _) = refused(&carnet, "bookAppointment", input).await;
    assert_eq!(code, "OPERATOR_NOT_SERVED");
    let input = there(json!({ "operator": "La Poste" }));
    let (code, field) = refused(&carnet, "bookAppointment", input).await;
    let field = (code.as_str(), field);
    assert_eq!(field, ("MALFORMED_CODE", json!(["input", "operator"])));

    let outcome = |id: &str| there(json!({ "appointmentId": id, "outcome": "NO_SHOW" }));
    let intent = "recordAppointmentOutcome";
    let (code, _) = refused(&carnet, intent, outcome(VISIT)).await;
    assert_eq!(code, "UNKNOWN_APPOINTMENT");
    let found = carried_out(&carnet, intent, outcome(BOOKED), shown).await;
    let ended = json!({ "outcome": "NO_SHOW", "ended": { "position": "5" } });
    merge(&mut expected, ended);
    assert_eq!(found["appointments"], json!([expected]));
    carnet.stop().await;
}

#[tokio::test]
async fn an_accompaniment_is_recorded_with_its_requests() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let shown = "accompaniments { id minutes firstVisit residence { code } ageBand appointmentId \
                 requests { operator outOfBundle theme level outcome } provenance { position } } \
                 held { minutes }";
    let found = carried_out(&carnet, "recordAccompaniment", visit(json!({})), shown).await;
    let expected = json!({
        "id": VISIT, "minutes": 25, "firstVisit": "YES", "residence": { "code": "95287" },
        "ageBand": "FROM_65_TO_79", "appointmentId": null,
        "requests": [
            { "operator": "la-poste", "outOfBundle": false, "theme": "procuration",
              "level": "ACCOMPANIMENT", "outcome": "RESOLVED" },
            { "operator": null, "outOfBundle": true, "theme": null, "level": "INFORMATION",
              "outcome": "TO_FINISH_ALONE" },
        ],
        "provenance": { "position": "4" },
    });
    // It need not wait for somebody to record that the session was held.
    assert_eq!(found, json!({ "accompaniments": [expected], "held": null }));

    let request = |operator: &str| json!([{ "operator": operator, "level": "UNKNOWN", "outcome": "UNKNOWN" }]);
    let whole = json!(null);
    for (other, code, field) in [
        (json!({ "minutes": 30 }), "ALREADY_RECORDED", whole.clone()),
        (
            json!({ "minutes": 601 }),
            "MINUTES_OUT_OF_RANGE",
            whole.clone(),
        ),
        (
            json!({ "minutes": -1 }),
            "MINUTES_OUT_OF_RANGE",
            json!(["input", "minutes"]),
        ),
        (json!({ "requests": [] }), "REQUEST_COUNT", whole.clone()),
        (
            json!({ "requests": vec![request("caf")[0].clone(); 21] }),
            "REQUEST_COUNT",
            json!(["input", "requests"]),
        ),
        (
            json!({ "requests": request("caf") }),
            "OPERATOR_NOT_SERVED",
            whole.clone(),
        ),
        (
            json!({ "requests": request("La Caf") }),
            "MALFORMED_CODE",
            json!(["input", "requests", "0", "operator"]),
        ),
        (
            json!({ "residence": "9528" }),
            "MALFORMED_INSEE_CODE",
            json!(["input", "residence"]),
        ),
        (
            json!({ "residence": "95999" }),
            "UNKNOWN_COMMUNE",
            json!(["input", "residence"]),
        ),
        (
            json!({ "appointmentId": BOOKED }),
            "UNKNOWN_APPOINTMENT",
            whole.clone(),
        ),
    ] {
        let mut input = visit(other);
        if code != "ALREADY_RECORDED" {
            merge(&mut input, json!({ "accompanimentId": null }));
        }
        let found = refused(&carnet, "recordAccompaniment", input).await;
        assert_eq!(found, (code.to_owned(), field));
    }

    // Corrected, it stands in its place.
    let why = json!({ "entry": "4", "reason": "Minutes relues" });
    let input = visit(json!({ "minutes": 45, "correcting": why }));
    let shown = "accompaniments { minutes }";
    let found = carried_out(&carnet, "recordAccompaniment", input, shown).await;
    assert_eq!(found, json!({ "accompaniments": [{ "minutes": 45 }] }));
    carnet.stop().await;
}

/// Catches a pseudonym that lies anywhere as it was given, a key that is made for what is refused
/// or made twice, and visits of one user that can not be told to be so.
#[tokio::test]
async fn a_pseudonym_is_sealed_and_shown_nowhere() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let intent = "recordAccompaniment";
    for pseudonym in ["", "Dupont", "0612345678", "marie1@laposte.net"] {
        let found = refused(&carnet, intent, visit(json!({ "pseudonym": pseudonym }))).await;
        let field = json!(["input", "pseudonym"]);
        assert_eq!(found, ("MALFORMED_PSEUDONYM".to_owned(), field));
    }
    let unknown = TUESDAYS.replace("0121", "0122");
    let input = visit(json!({ "pseudonym": PSEUDONYM, "permanenceId": unknown }));
    let (code, _) = refused(&carnet, intent, input).await;
    assert_eq!(code, "UNKNOWN_PERMANENCE");
    assert_eq!(carnet.keys.standing().unwrap().persons.len(), 0);

    // All at once, they make one key.
    let visits = (0..8).map(|number| {
        let input = visit(json!({
            "accompanimentId": format!("00000000-0000-7000-8000-0000000002{number:02}"),
            "pseudonym": PSEUDONYM,
        }));
        carnet.record(intent, input)
    });
    for written in futures_util::future::join_all(visits).await {
        written.position();
    }
    let other = visit(json!({ "pseudonym": "autre1" }));
    carnet.record(intent, other.clone()).await.position();
    assert_eq!(carnet.keys.standing().unwrap().persons.len(), 1);
    // Asked again, it is the same.
    let before = carnet.head().await;
    let again = carnet.record(intent, other).await;
    assert_eq!(again.payload["userErrors"], json!([]));
    assert_eq!(carnet.head().await, before);

    let shown = carnet
        .data(
            "{ events(first: 100) { edges { node { sentence } } } }",
            json!({}),
        )
        .await;
    assert!(!shown.to_string().contains(PSEUDONYM), "{shown}");

    // The key is lost: none is made in its place, and what has no pseudonym goes on.
    let persons = carnet.keys.standing().unwrap().persons;
    let directory = carnet.stop().await;
    for person in persons {
        let key = format!("data.keys/{person}.key");
        std::fs::remove_file(directory.path().join(key)).unwrap();
    }
    let carnet = Carnet::start_in(directory).await;
    let fresh = json!({ "accompanimentId": null, "pseudonym": PSEUDONYM });
    let found = refused(&carnet, intent, visit(fresh)).await;
    let field = json!(["input", "pseudonym"]);
    assert_eq!(found, ("KEY_MISSING".to_owned(), field));
    let without = visit(json!({ "accompanimentId": null }));
    carnet.record(intent, without).await.position();
    let directory = carnet.stop().await;
    nowhere(directory.path(), PSEUDONYM);
}

/// No file of a directory holds a text.
fn nowhere(directory: &std::path::Path, text: &str) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            nowhere(&path, text);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes
                .windows(text.len())
                .any(|bytes| bytes == text.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn users_are_turned_away() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let turned = |users: i64| there(json!({ "users": users, "cause": "FULL" }));
    for (users, field) in [
        (0, json!(null)),
        (501, json!(null)),
        (-1, json!(["input", "users"])),
    ] {
        let found = refused(&carnet, "recordTurnedAway", turned(users)).await;
        assert_eq!(found, ("USERS_OUT_OF_RANGE".to_owned(), field));
    }
    let shown = "turnedAway { users cause provenance { position } }";
    let found = carried_out(&carnet, "recordTurnedAway", turned(2), shown).await;
    let expected = json!({ "users": 2, "cause": "FULL", "provenance": { "position": "4" } });
    assert_eq!(found["turnedAway"], json!([expected]));
    carnet.stop().await;
}

#[tokio::test]
async fn feedback_is_offered_and_answered() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let shown = "feedback { id accompanimentId offered { position } declined { position } \
                 received { satisfaction resolved otherwise provenance { position } } }";
    let about = there(json!({ "feedbackId": OPINION, "accompanimentId": VISIT }));
    let (code, _) = refused(&carnet, "offerFeedback", about.clone()).await;
    assert_eq!(code, "UNKNOWN_ACCOMPANIMENT");
    let visited = carnet.record("recordAccompaniment", visit(json!({}))).await;
    visited.position();
    let found = carried_out(&carnet, "offerFeedback", about, shown).await;
    let mut expected = json!({ "id": OPINION, "accompanimentId": VISIT,
        "offered": { "position": "5" }, "declined": null, "received": null });
    assert_eq!(found["feedback"], json!([expected]));

    let answer = |id: &str, satisfaction: i64| {
        there(
            json!({ "feedbackId": id, "satisfaction": satisfaction, "resolved": "YES",
            "otherwise": "GONE_FARTHER" }),
        )
    };
    for (input, code) in [
        (answer(VISIT, 4), "FEEDBACK_NOT_OFFERED"),
        (answer(OPINION, 6), "SATISFACTION_OUT_OF_RANGE"),
        (answer(OPINION, 256), "SATISFACTION_OUT_OF_RANGE"),
    ] {
        let (found, _) = refused(&carnet, "recordFeedback", input).await;
        assert_eq!(found, code);
    }
    let found = carried_out(&carnet, "recordFeedback", answer(OPINION, 4), shown).await;
    let received = json!({ "satisfaction": 4, "resolved": "YES", "otherwise": "GONE_FARTHER",
        "provenance": { "position": "6" } });
    merge(&mut expected, json!({ "received": received }));
    assert_eq!(found["feedback"], json!([expected]));
    let decline = there(json!({ "feedbackId": OPINION }));
    let (code, _) = refused(&carnet, "declineFeedback", decline.clone()).await;
    assert_eq!(code, "FEEDBACK_ALREADY_ANSWERED");

    // The offer stands while its answer does.
    let retract = |entry: &str| json!({ "entry": entry, "reason": "Doublon", "on": "2021-05-06" });
    let (code, _) = refused(&carnet, "retractEntry", retract("5")).await;
    assert_eq!(code, "CONTRADICTS");
    carnet.record("retractEntry", retract("6")).await.position();
    let found = carried_out(&carnet, "declineFeedback", decline, shown).await;
    merge(
        &mut expected,
        json!({ "received": null, "declined": { "position": "8" } }),
    );
    assert_eq!(found["feedback"], json!([expected]));
    carnet.stop().await;
}

/// Catches things that come into being twice because nobody chose their id.
#[tokio::test]
async fn what_has_no_chosen_id_is_named_by_its_command() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let id = "00000000-0000-7000-8000-000000000042";
    let input = there(json!({ "commandId": id, "users": 1, "cause": "CLOSED" }));
    for _ in 0..2 {
        let shown = "session { turnedAway { id } }";
        let written = carnet
            .record_and_show("recordTurnedAway", input.clone(), shown)
            .await;
        assert_eq!(
            written.payload["session"]["turnedAway"],
            json!([{ "id": id }])
        );
    }
    carnet.stop().await;
}

/// Catches a correction that turns what it corrects into another thing, so that what was recorded
/// of that one is left without it.
#[tokio::test]
async fn a_correction_keeps_the_identity_of_what_it_corrects() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let turned = "00000000-0000-7000-8000-000000000144";
    let requests = json!([{ "level": "INFORMATION", "outcome": "RESOLVED" }]);
    let things = [
        (
            "bookAppointment",
            "appointmentId",
            json!({ "appointmentId": BOOKED, "at": "09:30" }),
            json!({ "at": "10:00" }),
            "appointments",
        ),
        (
            "recordAccompaniment",
            "accompanimentId",
            json!({ "accompanimentId": VISIT, "requests": requests, "firstVisit": "YES",
                "appointmentId": BOOKED }),
            json!({ "minutes": 30 }),
            "accompaniments",
        ),
        (
            "recordTurnedAway",
            "turningAwayId",
            json!({ "turningAwayId": turned, "users": 1, "cause": "FULL" }),
            json!({ "users": 2 }),
            "turnedAway",
        ),
        (
            "offerFeedback",
            "feedbackId",
            json!({ "feedbackId": OPINION }),
            json!({ "accompanimentId": VISIT }),
            "feedback",
        ),
    ];
    let why =
        |entry: u64| json!({ "correcting": { "entry": entry.to_string(), "reason": "Relu" } });
    for (intent, own, first, changed, list) in things {
        let shown = format!("{list} {{ id }}");
        let mut input = there(first.clone());
        let found = carried_out(&carnet, intent, input.clone(), &shown).await;
        let expected = json!({ list: [{ "id": first[own] }] });
        assert_eq!(found, expected);
        let entry = carnet.head().await;

        merge(&mut input, changed);
        merge(&mut input, why(entry));
        let mut other = input.clone();
        merge(&mut other, json!({ own: SESSION.replace("session-", "") }));
        let found = refused(&carnet, intent, other).await;
        let field = json!(["input", own]);
        assert_eq!(found, ("CHANGES_IDENTITY".to_owned(), field), "{intent}");
        merge(&mut input, json!({ own: null }));
        let found = carried_out(&carnet, intent, input.clone(), &shown).await;
        assert_eq!(found, expected, "{intent}");

        // Another kind is still refused as such.
        if intent != "bookAppointment" {
            merge(&mut input, why(4));
            let (code, _) = refused(&carnet, intent, input).await;
            assert_eq!(code, "CORRECTS_ANOTHER_KIND", "{intent}");
        }
    }

    // Also where it was retracted meanwhile.
    let entry = carnet.head().await;
    let none = json!({ "entry": entry.to_string(), "reason": "Doublon", "on": "2021-05-06" });
    carnet.record("retractEntry", none).await.position();
    let input = there(why(entry + 1));
    let found = carried_out(&carnet, "offerFeedback", input, "feedback { id }").await;
    assert_eq!(found, json!({ "feedback": [{ "id": OPINION }] }));
    carnet.stop().await;
}
