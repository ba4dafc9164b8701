//! Read your own write: answered of a position at least, or told in time that it could not.

use std::sync::Arc;

use async_graphql::ServerError;
use carnet::{
    command::Commands,
    domain::terms::Position,
    graphql::{self, Api, Consistency, Schema},
    log::proof::Proofs,
    projection::{Progress, store},
    read::ReadModels,
};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{life::Life, world::World};

fn extensions(outcome: Result<(), ServerError>) -> Value {
    serde_json::to_value(outcome.unwrap_err()).unwrap()["extensions"].take()
}

fn at_least(position: u64) -> Consistency {
    Consistency {
        at_least: Some(Position(position)),
        log: None,
    }
}

/// A schema over read models that stand still before the first event, until they are told to stand
/// elsewhere.
async fn still(world: &World) -> (Schema, watch::Sender<Progress>) {
    let pool = store::open_readers(&world.read_models(), 1).await.unwrap();
    let nothing = Progress {
        standings: Vec::new(),
    };
    let (progress, standing) = watch::channel(nothing);
    let schema = graphql::schema(Api {
        commands: Commands::new(Arc::clone(&world.app.log)),
        reads: ReadModels::new(pool, standing),
        proofs: Proofs::new(Arc::clone(&world.app.log)),
        keys: world.app.keys.clone(),
        clock: world.clock.clone(),
    });
    (schema, progress)
}

/// Would catch: a request that is answered of what was before, or that waits for ever.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_reached_in_time_is_told_to_be_stale() {
    let world = World::at("2021-05-03T08:00:00Z").await;
    Life::begin(&world).await;
    let head = world.head();
    let (schema, progress) = still(&world).await;
    let asked = at_least(head);
    let in_time = async {
        world.set("2021-05-03T09:00:00Z", 1).await;
    };
    let (stale, ()) = tokio::join!(asked.reach(&schema), in_time);
    let expected = json!({ "code": "STALE", "awaited": head.to_string(), "reached": "0" });
    assert_eq!(extensions(stale), expected);
    // Once the read models come so far, it is answered.
    let arrive = async {
        world.clock.paused(1).await;
        progress.send_replace(world.app.reads.watch().borrow().clone());
    };
    let (reached, ()) = tokio::join!(asked.reach(&schema), arrive);
    assert!(reached.is_ok());
}

/// Would catch: a position to come that is waited for; positions of another log taken for this one's.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_come_and_what_is_of_another_log_is_refused() {
    let world = World::at("2021-05-03T08:00:00Z").await;
    Life::begin(&world).await;
    let (head, schema) = (world.head(), &world.app.schema);
    let ahead = at_least(head + 1).reach(schema).await;
    assert_eq!(extensions(ahead)["code"], "POSITION_AHEAD");
    assert!(at_least(head).reach(schema).await.is_ok());
    let of = |log: &str| Consistency {
        at_least: None,
        log: Some(log.to_owned()),
    };
    let own = world.ask("{ logHead { logId } }").await["logHead"]["logId"].clone();
    assert!(of(own.as_str().unwrap()).reach(schema).await.is_ok());
    let other = of("00000000-0000-4000-8000-000000000001")
        .reach(schema)
        .await;
    assert_eq!(extensions(other)["code"], "CURSOR_OF_ANOTHER_LOG");
}
