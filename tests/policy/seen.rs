//! What is another's is absent: from every field, by whatever ids.

use carnet::access::{Reach, Role};
use serde_json::{Value, json};

use crate::{
    documents::Documents,
    world::{
        ALPHA, BRAVO, NOBODY, World, administrator, both, carrier, experiment, not_of_alpha,
        organisation, over,
    },
};

/// Would catch: one read function that forgets who asks, one cache that answers another's.
#[tokio::test(flavor = "multi_thread")]
async fn no_field_tells_of_another_organisation() {
    let world = World::lived().await;
    let documents = Documents::new();
    let (own, guessed) = (documents.all(BRAVO), documents.all(ALPHA));
    let never = documents.all(NOBODY);
    // Somebody who sees everything asks first, so that whatever is kept is kept.
    let (mut told, mut of_own) = (0, 0);
    for document in &guessed {
        if !document.text.starts_with("subscription") {
            let answer = world
                .ask(&administrator(), &document.text, Value::Null)
                .await;
            told += u32::from(ALPHA.found_in(&answer).is_some());
        }
    }
    assert!(
        told > 90,
        "only {told} documents tell an administrator of ALPHA"
    );
    for (who, caller) in not_of_alpha() {
        for ((own, guessed), never) in own.iter().zip(&guessed).zip(&never) {
            if own.text.starts_with("subscription") {
                continue;
            }
            let answer = world.ask(&caller, &own.text, Value::Null).await;
            assert_eq!(ALPHA.found_in(&answer), None, "{who}: {}", own.text);
            of_own += u32::from(BRAVO.found_in(&answer).is_some());
            // An id that is another's answers exactly as one that never was.
            let answer = world.ask(&caller, &guessed.text, Value::Null).await;
            let nothing = world.ask(&caller, &never.text, Value::Null).await;
            assert_eq!(answer, nothing, "{who}: {}", guessed.text);
            assert_eq!(ALPHA.found_in(&answer), None, "{who}: {}", guessed.text);
        }
    }
    assert!(
        of_own > 300,
        "only {of_own} documents told anybody of what is its own"
    );
}

/// Would catch: a count, a total, a figure or a page that is made of more than is seen.
#[tokio::test(flavor = "multi_thread")]
async fn counts_are_of_what_is_seen() {
    let world = World::lived().await;
    let counts = "{ experiments { totalCount nodes { id } } activity { sessionsHeld sessionsCancelled \
                  accompaniments requests turnedAway feedbackReceived appointmentsBooked } \
                  indicators { period { from } whole { experiments } } \
                  diff(from: { position: \"0\" }) { activityAfter { sessionsHeld } } }";
    let seen = |answer: &Value| {
        let data = &answer["data"];
        [
            data["experiments"]["totalCount"].as_u64(),
            data["activity"]["sessionsHeld"].as_u64(),
            data["activity"]["accompaniments"].as_u64(),
            data["indicators"]["whole"]["experiments"].as_u64(),
            data["diff"]["activityAfter"]["sessionsHeld"].as_u64(),
        ]
    };
    let all = world.ask(&administrator(), counts, Value::Null).await;
    assert_eq!(seen(&all), [2, 1 + 1, 2, 2, 2].map(Some), "{all}");
    for (who, caller) in [
        ("the carrier", carrier(BRAVO)),
        ("of one", over(Role::Carrier, experiment(BRAVO))),
        ("an evaluator", over(Role::Evaluator, organisation(BRAVO))),
    ] {
        let some = world.ask(&caller, counts, Value::Null).await;
        assert_eq!(seen(&some), [1; 5].map(Some), "{who}: {some}");
        let from = &some["data"]["indicators"]["period"]["from"];
        assert_eq!(from, "2021-04-27", "{who}: {some}");
    }
}

/// Would catch: grants of which one takes the place of another; or a right that one grant gives, used
/// over what only another reaches.
#[tokio::test(flavor = "multi_thread")]
async fn grants_add_up_each_within_its_own_reach() {
    let world = World::lived().await;
    let caller = both(&carrier(BRAVO), &over(Role::Funder, organisation(ALPHA)));
    let document = "{ experiments { nodes { id costSummary { actual { total { amount } } } \
                    sessions { edges { node { date } } } advisers { name } } } }";
    let answer = world.ask(&caller, document, Value::Null).await;
    let nodes = answer["data"]["experiments"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 2, "{answer}");
    for node in nodes {
        let own = node["id"] == json!(BRAVO.id("experiment"));
        let sessions = node["sessions"]["edges"].as_array().unwrap().len();
        assert_eq!(sessions, if own { 2 } else { 0 }, "{node}");
        let advisers = node["advisers"].as_array().unwrap().len();
        assert_eq!(advisers, usize::from(own), "{node}");
        assert_ne!(
            node["costSummary"]["actual"]["total"]["amount"],
            json!("0"),
            "{node}"
        );
    }
    let history = "{ events(first: 100) { edges { node { sentence actor source { label } } } } }";
    let answer = world.ask(&caller, history, Value::Null).await;
    assert_eq!(ALPHA.found_in(&answer), None, "{answer}");
    assert!(BRAVO.found_in(&answer).is_some(), "{answer}");
}

/// Would catch: a name that is opened for whoever may see the adviser.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_opens_for_whom_it_is_meant() {
    let world = World::lived().await;
    let document = "query Q($id: ID!) { adviser(id: $id) { role name } }";
    let id = json!({ "id": BRAVO.id("adviser") });
    for (caller, expected) in [
        (administrator(), json!("Camille BRAVO")),
        (carrier(BRAVO), json!("Camille BRAVO")),
        (
            over(Role::Carrier, experiment(BRAVO)),
            json!("Camille BRAVO"),
        ),
        (over(Role::Evaluator, Reach::Programme), Value::Null),
        (
            both(&over(Role::Evaluator, Reach::Programme), &carrier(ALPHA)),
            Value::Null,
        ),
    ] {
        let answer = world.ask(&caller, document, id.clone()).await;
        let expected = json!({ "adviser": { "role": "DESK_OFFICER", "name": expected } });
        assert_eq!(answer, json!({ "data": expected }), "{caller:?}");
    }
}

/// Would catch: an adviser whom two organisations share, and by whom the one learns of the other.
#[tokio::test(flavor = "multi_thread")]
async fn an_adviser_of_two_tells_neither_of_the_other() {
    let world = World::lived().await;
    let assigned = json!({ "adviserId": BRAVO.id("adviser"), "experimentId": ALPHA.id("experiment"),
        "from": "2021-06-01", "source": { "label": "ALPHA registre" } });
    let payload = world
        .record(&administrator(), "assignAdviser", assigned)
        .await;
    let position = payload["position"].as_str().unwrap().to_owned();
    let document = "query Q($id: ID!) { adviser(id: $id) { name assignments { from atHub \
                    experiment { title } provenance { source { label } } } \
                    history(first: 100) { edges { node { position } } } } }";
    let id = json!({ "id": BRAVO.id("adviser") });
    for (caller, assignments) in [
        (carrier(BRAVO), 1),
        (carrier(ALPHA), 1),
        (administrator(), 2),
    ] {
        let answer = world.ask(&caller, document, id.clone()).await;
        let adviser = &answer["data"]["adviser"];
        let found = adviser["assignments"].as_array().unwrap();
        assert_eq!(found.len(), assignments, "{caller:?} {answer}");
        let edges = adviser["history"]["edges"].as_array().unwrap();
        let told = edges
            .iter()
            .any(|it| it["node"]["position"] == json!(position));
        assert_eq!(told, caller != carrier(BRAVO), "{caller:?} {answer}");
    }
    let answer = world.ask(&carrier(BRAVO), document, id.clone()).await;
    assert_eq!(ALPHA.found_in(&answer), None, "{answer}");
    // Nor once it is retracted.
    let retracted = json!({ "entry": position, "on": "2021-06-30", "reason": "ALPHA" });
    world
        .record(&administrator(), "retractEntry", retracted)
        .await;
    let history = "{ events(first: 100) { edges { node { sentence correctionReason } } } }";
    for (caller, told) in [(carrier(BRAVO), false), (administrator(), true)] {
        let answer = world.ask(&caller, history, Value::Null).await;
        assert_eq!(
            ALPHA.found_in(&answer).is_some(),
            told,
            "{caller:?} {answer}"
        );
    }
}

/// Would catch: a carrier that is who it is now, whatever was known then.
#[tokio::test(flavor = "multi_thread")]
async fn who_carries_an_experiment_is_what_was_known_at_the_moment() {
    let world = World::lived().await;
    let launched = crate::inputs::LIFE[0].input;
    let mut corrected = launched(ALPHA);
    corrected["carrier"] = json!(BRAVO.name());
    let entry = "{ events(first: 3) { edges { node { position kind } } } }";
    let found = world.ask(&carrier(ALPHA), entry, Value::Null).await;
    let edges = found["data"]["events"]["edges"].as_array().unwrap();
    let launch = edges
        .iter()
        .find(|edge| edge["node"]["kind"] == "experiment-launched");
    corrected["correcting"] =
        json!({ "entry": launch.unwrap()["node"]["position"], "reason": "Autre porteur" });
    world
        .record(&administrator(), "launchExperiment", corrected)
        .await;
    let document = "query Q($id: ID!, $then: Position!) { now: experiment(id: $id) { id } \
                    asOf(knownAt: { position: $then }) { then: experiment(id: $id) { id } } }";
    let asked = json!({ "id": ALPHA.id("experiment"), "then": world.head.to_string() });
    for (caller, now, then) in [(carrier(ALPHA), false, true), (carrier(BRAVO), true, false)] {
        let answer = world.ask(&caller, document, asked.clone()).await;
        assert_eq!(answer["data"]["now"].is_null(), !now, "{caller:?} {answer}");
        assert_eq!(
            answer["data"]["asOf"]["then"].is_null(),
            !then,
            "{caller:?} {answer}"
        );
    }
}
