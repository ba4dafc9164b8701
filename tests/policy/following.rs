//! Subscriptions: what is another's never comes.

use std::{collections::BTreeSet, time::Duration};

use async_graphql::Request;
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::{
    inputs::LIFE,
    world::{
        ALPHA, BRAVO, NOBODY, World, administrator, carrier, everybody, not_of_alpha, over,
        stranger,
    },
};
use carnet::{
    access::{Reach, Role},
    graphql::{Following, permit},
};

const PATIENCE: Duration = Duration::from_mins(1);

/// Would catch: a stream that tells of another's, or goes silent because it passed another's over.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_of_what_is_seen() {
    let world = World::lived().await;
    let document = "subscription { events(after: \"0\") { position sentence actor source { label } \
                    subjectId experiment { title } } }";
    let all = "{ events(first: 100) { edges { node { position } } } }";
    for (who, caller) in not_of_alpha() {
        let Ok(mut stream) = world.follow(&caller, Request::new(document)).await else {
            assert!(who.contains("funder"), "{who}");
            continue;
        };
        let known = world.ask(&caller, all, Value::Null).await;
        let known = known["data"]["events"]["edges"].as_array().unwrap().len();
        assert!(known > 5, "{who}");
        for _ in 0..known {
            let item = tokio::time::timeout(PATIENCE, stream.next()).await;
            let item = item.unwrap().unwrap();
            assert_eq!(item.get("errors"), None, "{who}: {item}");
            assert_eq!(ALPHA.found_in(&item), None, "{who}: {item}");
        }
        // What comes next is its own, whatever another records before.
        let turned_away = LIFE
            .iter()
            .find(|step| step.intent == "recordTurnedAway")
            .unwrap();
        for org in [ALPHA, BRAVO] {
            let input = (turned_away.input)(org);
            world
                .record(&administrator(), turned_away.intent, input)
                .await;
        }
        let item = tokio::time::timeout(PATIENCE, stream.next()).await;
        let item = item.unwrap().unwrap();
        assert_eq!(
            item["data"]["events"]["position"],
            world.entries().to_string(),
            "{who}"
        );
        assert_eq!(ALPHA.found_in(&item), None, "{who}: {item}");
    }
}

/// Would catch: a stream of an experiment that tells whether there is one of that id.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_another_is_as_of_one_that_never_was() {
    let world = World::lived().await;
    for org in [ALPHA, NOBODY] {
        let document = format!(
            "subscription {{ events(after: \"0\", experimentId: \"{}\") {{ position }} }}",
            org.id("experiment")
        );
        let mut stream = world
            .follow(&carrier(BRAVO), Request::new(document.as_str()))
            .await
            .ok()
            .unwrap();
        let turned_away = LIFE
            .iter()
            .find(|step| step.intent == "recordTurnedAway")
            .unwrap();
        let input = (turned_away.input)(ALPHA);
        world
            .record(&administrator(), turned_away.intent, input)
            .await;
        // It wakes, looks, and has nothing to tell.
        let silent = tokio::time::timeout(Duration::from_millis(300), stream.next()).await;
        assert!(silent.is_err(), "{org:?}: {silent:?}");
    }
}

/// Would catch: a transport of streams that is not held against the table.
#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_follow_is_told_so() {
    let world = World::empty().await;
    for caller in [stranger(), over(Role::Funder, Reach::Programme)] {
        let refused = world
            .follow(
                &caller,
                Request::new("subscription { events { position } }"),
            )
            .await;
        let refused = refused.err().unwrap();
        assert_eq!(refused["extensions"]["code"], "FORBIDDEN");
        assert_eq!(refused["path"][0], "events");
    }
}

/// Each subscription, and what a stranger, an evaluator, a carrier, a funder and an administrator may
/// follow: by hand, from what roles are for.
const FOLLOWED: &[(&str, &str, &str)] = &[
    ("events", "events(after: \"0\")", "ECA"),
    (
        "experimentChanged",
        "experimentChanged(id: \"$experiment\", after: \"0\")",
        "ECFA",
    ),
    ("permanencesToday", "permanencesToday", "ECFA"),
    ("indicators", "indicators(every: 1)", "ECFA"),
    ("programmeSummary", "programmeSummary(every: 1)", "ECFA"),
];

/// What is selected of each, without what tells of one event, and with it.
fn selected(field: &str) -> &'static str {
    match field {
        "events" => "position kind sentence experiment { title }",
        "experimentChanged" => "position validAt experiment { title venues { name } }",
        "permanencesToday" => {
            "position because day occurrences { permanenceId } takenOut { reason } permanences { id \
             experiment { title } terms { venue { name } } }"
        }
        "indicators" => {
            "position because report { whole { experiments figures { code value n } } }"
        }
        "programmeSummary" => "position because experiments activity { turnedAway }",
        _ => panic!("what is selected of {field}?"),
    }
}

/// Would catch: a new subscription that no test below follows.
#[test]
fn every_subscription_is_followed_below() {
    let known: BTreeSet<&str> = FOLLOWED.iter().map(|(field, _, _)| *field).collect();
    let all: BTreeSet<&str> = permit::fields()["Subscription"].iter().copied().collect();
    assert_eq!(known, all);
}

/// Would catch: a subscription that tells who may not follow it, or one that refuses who may; a cause
/// that is told to who is not to see what was recorded; what is another's, in any of them.
#[tokio::test(flavor = "multi_thread")]
async fn every_role_by_every_subscription() {
    let world = World::lived().await;
    let blind: Vec<&str> = not_of_alpha().into_iter().map(|(who, _)| who).collect();
    for (who, caller) in everybody() {
        let letter = match who {
            "a stranger" => 'S',
            _ if who.contains("evaluator") => 'E',
            _ if who.contains("carrier") => 'C',
            _ if who.contains("funder") => 'F',
            _ => 'A',
        };
        for (field, call, allowed) in FOLLOWED {
            for org in [ALPHA, BRAVO, NOBODY] {
                let call = call.replace("$experiment", &org.id("experiment"));
                let document = format!("subscription {{ {call} {{ {} }} }}", selected(field));
                let told = format!("{who}: {document}");
                let stream = world.follow(&caller, Request::new(document.as_str())).await;
                let Ok(mut stream) = stream else {
                    let refused = stream.err().unwrap();
                    assert_eq!(refused["extensions"]["code"], "FORBIDDEN", "{told}");
                    assert!(!allowed.contains(letter), "{told}: {refused}");
                    continue;
                };
                assert!(allowed.contains(letter), "{told} was let through");
                let sees = match org {
                    ALPHA => !blind.contains(&who),
                    BRAVO => who != "the carrier ALPHA",
                    _ => false,
                };
                if *field == "experimentChanged" && !sees {
                    continue;
                }
                let item = tokio::time::timeout(PATIENCE, stream.next()).await;
                let item = item
                    .unwrap_or_else(|_| panic!("{told}: nothing came"))
                    .unwrap();
                assert_eq!(item.get("errors"), None, "{told}: {item}");
                assert_eq!(NOBODY.found_in(&item), None, "{told}: {item}");
                if blind.contains(&who) {
                    assert_eq!(ALPHA.found_in(&item), None, "{told}: {item}");
                }
                // What tells of the event is for who reads the history.
                let document = format!("subscription {{ {call} {{ cause {{ kind }} }} }}");
                if *field != "events" {
                    let outcome = world.follow(&caller, Request::new(document.as_str())).await;
                    assert_eq!(outcome.is_ok(), letter != 'F', "{told}");
                }
            }
        }
    }
}

/// Would catch: what another records that wakes a stream, and so tells that something was recorded.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_records_wakes_nobody() {
    let world = World::lived().await;
    let turned_away = LIFE
        .iter()
        .find(|step| step.intent == "recordTurnedAway")
        .unwrap();
    let suspends = LIFE
        .iter()
        .find(|step| step.intent == "suspendPermanence")
        .unwrap();
    let statements: Vec<_> = not_of_alpha()
        .into_iter()
        .flat_map(|(who, caller)| {
            let calls = FOLLOWED.iter().skip(1);
            calls.map(move |(field, call, _)| (who, caller.clone(), *field, *call))
        })
        .collect();
    for (who, caller, field, call) in statements {
        // Gone on from where everything is known: nothing is told at once.
        let head = world.entries();
        let call = match field {
            "permanencesToday" => format!("{field}(after: \"{head}\")"),
            _ => call
                .replace("every: 1", &format!("every: 1, after: \"{head}\""))
                .replace("after: \"0\"", &format!("after: \"{head}\""))
                .replace("$experiment", &BRAVO.id("experiment")),
        };
        let document = format!("subscription {{ {call} {{ position }} }}");
        let following = Following::default();
        let noted = Request::new(&document).data(following.clone());
        let mut stream = world.follow(&caller, noted).await.ok().unwrap();
        let step = if field == "permanencesToday" {
            suspends
        } else {
            turned_away
        };
        let mut passed = following.watch();
        for org in [ALPHA, BRAVO] {
            let mut input = (step.input)(org);
            if field == "permanencesToday" {
                // Each time another day.
                let day = chrono::NaiveDate::from_ymd_opt(2021, 7, 1).unwrap();
                let day = day + chrono::Days::new(head);
                input["from"] = json!(day.to_string());
                input["until"] = json!(day.to_string());
            }
            let payload = world.record(&administrator(), step.intent, input).await;
            let position: u64 = payload["position"].as_str().unwrap().parse().unwrap();
            let item = tokio::time::timeout(PATIENCE, async {
                tokio::select! {
                    biased;
                    item = stream.next() => item,
                    looked = passed.wait_for(|passed| passed.0 >= position) => {
                        looked.unwrap();
                        None
                    }
                }
            });
            match (org, item.await.unwrap()) {
                (BRAVO, Some(item)) => {
                    assert_eq!(
                        item["data"][field]["position"], payload["position"],
                        "{who}"
                    );
                }
                (_, item) => assert_eq!((org, item), (ALPHA, None), "{who}: {document}"),
            }
        }
    }
}
