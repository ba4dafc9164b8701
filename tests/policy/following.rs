//! Subscriptions: what is another's never comes.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;

use crate::{
    inputs::LIFE,
    world::{ALPHA, BRAVO, NOBODY, World, administrator, carrier, not_of_alpha, over, stranger},
};
use carnet::access::{Reach, Role};

const PATIENCE: Duration = Duration::from_mins(1);

/// Would catch: a stream that tells of another's, or goes silent because it passed another's over.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_of_what_is_seen() {
    let world = World::lived().await;
    let document = "subscription { events(after: \"0\") { position sentence actor source { label } \
                    subjectId experiment { title } } }";
    let all = "{ events(first: 100) { edges { node { position } } } }";
    for (who, caller) in not_of_alpha() {
        let Ok(mut stream) = world.follow(&caller, document).await else {
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
        let mut stream = world.follow(&carrier(BRAVO), &document).await.ok().unwrap();
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
            .follow(&caller, "subscription { events { position } }")
            .await;
        let refused = refused.err().unwrap();
        assert_eq!(refused["extensions"]["code"], "FORBIDDEN");
        assert_eq!(refused["path"][0], "events");
    }
}
