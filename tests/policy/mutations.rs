//! Every mutation of the schema in every role.

use std::collections::BTreeSet;

use carnet::{
    access::{Reach, Role, policy::Capability},
    graphql::permit,
};
use serde_json::{Value, json};

use crate::{
    inputs::LIFE,
    world::{
        ALPHA, BRAVO, NOBODY, World, administrator, both, carrier, everybody, experiment,
        not_of_alpha, organisation, over,
    },
};

/// Would catch: a mutation that no test below carries out.
#[test]
fn there_is_an_input_for_each_mutation() {
    let known: BTreeSet<&str> = LIFE.iter().map(|step| step.intent).collect();
    let all: BTreeSet<&str> = permit::fields()["Mutation"].iter().copied().collect();
    assert_eq!(known, all);
}

fn code(answer: &Value) -> Value {
    answer["errors"][0]["extensions"]["code"].clone()
}

/// Would catch: a mutation that somebody may carry out who may not, or may not who may; or one that is
/// refused and leaves a trace.
#[tokio::test(flavor = "multi_thread")]
async fn every_mutation_is_refused_to_who_may_not() {
    let world = World::lived().await;
    for (who, caller) in everybody() {
        for step in LIFE {
            if caller.capabilities().has(step.by) {
                continue;
            }
            for org in [ALPHA, BRAVO, NOBODY] {
                let answer = world.intend(&caller, step.intent, (step.input)(org)).await;
                let told = format!("{who}, {}: {answer}", step.intent);
                assert_eq!(code(&answer), "FORBIDDEN", "{told}");
                assert_eq!(answer["errors"][0]["path"], json!(["payload"]), "{told}");
            }
        }
    }
    assert_eq!(world.entries(), world.head);
}

/// Would catch: a check, a message, a code or a conflict by which an id that is another's is told from
/// one that never was; and whatever it would record.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_another_is_as_one_that_never_was() {
    let world = World::lived().await;
    let mut answered = 0;
    for (who, caller) in not_of_alpha() {
        for step in LIFE {
            if !caller.capabilities().has(step.by) || step.intent == "retractEntry" {
                continue;
            }
            for expected in [None, Some(7)] {
                let asked = |org| {
                    let mut input = (step.input)(org);
                    // Words and carriers are what the sender says: only ids are guessed.
                    input = said_by(BRAVO, &input, org);
                    if let Some(expected) = expected {
                        input["expectedVersion"] = json!(expected);
                    }
                    input
                };
                let answer = world.intend(&caller, step.intent, asked(ALPHA)).await;
                let told = format!("{who}, {}: {answer}", step.intent);
                assert_eq!(world.entries(), world.head, "{told}");
                assert_eq!(ALPHA.found_in(&answer), None, "{told}");
                if begins(step.intent) {
                    // What would begin a subject under a taken id is refused as such.
                    let errors = &answer["data"]["payload"]["userErrors"];
                    assert_ne!(errors, &json!([]), "{told}");
                    continue;
                }
                let nothing = world.intend(&caller, step.intent, asked(NOBODY)).await;
                assert_eq!(world.entries(), world.head, "{told}");
                assert_eq!(answer, nothing, "{told}");
                let refused = answer["data"]["payload"]["userErrors"][0]["code"].is_string();
                assert!(refused || code(&answer).is_string(), "{told}");
                answered += 1;
            }
        }
    }
    assert!(answered > 60, "only {answered} were carried out");
}

/// Whether a mutation begins a subject under an id that its sender chooses.
fn begins(intent: &str) -> bool {
    [
        "launchExperiment",
        "agreeVenue",
        "schedulePermanence",
        "registerAdviser",
        "signFundingAgreement",
        "recordCost",
        "fixSuccessCriteria",
    ]
    .contains(&intent)
}

/// An input of one organisation with its ids, in another's words.
fn said_by(org: crate::world::Org, input: &Value, of: crate::world::Org) -> Value {
    let text = input.to_string().replace(of.word, org.word);
    let text = text.replace(&of.cents.to_string(), &org.cents.to_string());
    serde_json::from_str(&text).unwrap()
}

/// Would catch: an entry of another's that is retracted, corrected, or told from one that never was.
#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_another_is_as_one_that_never_was() {
    let world = World::lived().await;
    let mut hidden = 0;
    for position in 1..=world.head {
        let document = format!("{{ node(id: \"event-{position}\") {{ id }} }}");
        let shown = world.ask(&carrier(BRAVO), &document, Value::Null).await;
        if !shown["data"]["node"].is_null() {
            let id = format!("event-{position}");
            assert_eq!(shown["data"]["node"]["id"], json!(id), "{shown}");
            continue;
        }
        hidden += 1;
        let retract = |entry: u64| json!({ "entry": entry.to_string(), "on": "2021-06-30", "reason": "Erreur" });
        // A correction that names no subject does not take over that of another's entry.
        let correct = |entry: u64| {
            let mut input = (LIFE[0].input)(BRAVO);
            input.as_object_mut().unwrap().remove("experimentId");
            input["correcting"] = json!({ "entry": entry.to_string(), "reason": "Erreur" });
            input
        };
        for (intent, input) in [
            ("retractEntry", &retract as &dyn Fn(u64) -> Value),
            ("launchExperiment", &correct),
        ] {
            let answer = world.intend(&carrier(BRAVO), intent, input(position)).await;
            let never = world.intend(&carrier(BRAVO), intent, input(9_999)).await;
            let errors = &never["data"]["payload"]["userErrors"];
            assert!(errors[0]["code"].is_string(), "{intent}: {never}");
            let never = never.to_string().replace("9999", &position.to_string());
            assert_eq!(answer.to_string(), never, "{intent}: position {position}");
        }
    }
    assert!(hidden > 20, "only {hidden} entries are not seen");
    assert_eq!(world.entries(), world.head);
}

/// Would catch: a reach that goes further than was granted, in what is written.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_seen_is_not_therefore_written_to() {
    let world = World::lived().await;
    let reads_all = both(&over(Role::Evaluator, Reach::Programme), &carrier(BRAVO));
    for intent in [
        "recordTurnedAway",
        "suspendExperiment",
        "withdrawVenue",
        "renameAdviser",
    ] {
        let step = LIFE.iter().find(|step| step.intent == intent).unwrap();
        let answer = world.intend(&reads_all, intent, (step.input)(ALPHA)).await;
        let errors = &answer["data"]["payload"]["userErrors"];
        assert_eq!(errors[0]["code"], "FORBIDDEN", "{intent}: {answer}");
    }
    // Nor is an experiment launched in another's name, nor an agreement signed for all.
    let mut launch = (LIFE[0].input)(NOBODY);
    launch["carrier"] = json!(ALPHA.name());
    let answer = world
        .intend(&carrier(BRAVO), "launchExperiment", launch)
        .await;
    assert_eq!(
        answer["data"]["payload"]["userErrors"][0]["code"], "FORBIDDEN",
        "{answer}"
    );
    let sign = LIFE
        .iter()
        .find(|step| step.by == Capability::Fund)
        .unwrap();
    let mut signature = (sign.input)(NOBODY);
    signature["experimentIds"] = json!([]);
    let funder = over(Role::Funder, organisation(BRAVO));
    let answer = world.intend(&funder, sign.intent, signature).await;
    assert_eq!(
        answer["data"]["payload"]["userErrors"][0]["code"], "FORBIDDEN",
        "{answer}"
    );
    // A carrier does not retract what a funder decided.
    let events = "{ events(first: 100) { edges { node { position kind } } } }";
    let found = world.ask(&carrier(BRAVO), events, Value::Null).await;
    let edges = found["data"]["events"]["edges"].as_array().unwrap();
    let decided = edges
        .iter()
        .find(|edge| edge["node"]["kind"] == "experiment-extended");
    let input = json!({ "entry": decided.unwrap()["node"]["position"], "on": "2021-06-30",
        "reason": "Erreur" });
    let answer = world.intend(&carrier(BRAVO), "retractEntry", input).await;
    assert_eq!(
        answer["data"]["payload"]["userErrors"][0]["code"], "FORBIDDEN",
        "{answer}"
    );
    assert_eq!(world.entries(), world.head);
}

/// Would catch: a carrier that cannot go on with what it began, or whose own is refused.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_records_for_its_own() {
    for caller in [
        carrier(BRAVO),
        over(Role::Carrier, experiment(BRAVO)),
        administrator(),
    ] {
        let world = World::lived().await;
        let mut written = 0;
        for step in LIFE.iter().filter(|step| !step.lived) {
            if caller.capabilities().has(step.by) {
                let answer = world
                    .intend(&caller, step.intent, (step.input)(BRAVO))
                    .await;
                let told = format!("{caller:?} {}: {answer}", step.intent);
                assert_eq!(answer.get("errors"), None, "{told}");
                let error = &answer["data"]["payload"]["userErrors"][0]["code"];
                assert_ne!(error, "FORBIDDEN", "{told}");
                written += u32::from(error.is_null());
            }
        }
        assert!(written >= 9, "{caller:?} wrote {written}");
        // An adviser that it registers is seen before being assigned anywhere.
        if caller == carrier(BRAVO) {
            let document = "mutation M($input: RegisterAdviserInput!) { registerAdviser(input: $input) \
                            { adviser { name } userErrors { code } } }";
            let input = json!({ "commandId": "00000000-0000-7000-8000-999999999999",
                "source": { "label": "Registre" }, "from": "2021-04-27", "name": "Alix",
                "role": "ADVISER" });
            let answer = world
                .ask(&caller, document, json!({ "input": input }))
                .await;
            let expected = json!({ "adviser": { "name": "Alix" }, "userErrors": [] });
            assert_eq!(answer["data"]["registerAdviser"], expected, "{answer}");
        }
    }
}
