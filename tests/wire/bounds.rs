//! What a socket is closed for, and what is not waited for.

use std::time::Duration;

use carnet::config::Config;
use futures_util::StreamExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::harness::{Carnet, EVENTS, in_time};

/// A heartbeat that is soon awaited.
fn beating() -> Config {
    Config {
        heartbeat_seconds: 1,
        ..Config::default()
    }
}

/// Events that are told at such length that no buffer on the way holds many of them.
pub(crate) fn lengthy() -> String {
    let aliases: Vec<String> = (0..450).map(|n| format!("a{n}: sentence")).collect();
    let aliases = aliases.join(" ");
    EVENTS.replace("{ position }", &format!("{{ position {aliases} }}"))
}

/// Would catch: heartbeats that say nothing to whoever follows little of what happens.
#[tokio::test]
async fn a_ping_tells_how_far_a_filtered_subscriber_is() {
    let carnet = Carnet::with(beating()).await;
    let mut socket = carnet.socket().await;
    let query = "subscription { events(filter: { kinds: [\"person-erased\"] }) { position } }";
    socket.subscribe("1", query, None).await;
    carnet.record_anything().await;
    let head = carnet.record_anything().await.to_string();
    loop {
        let ping = socket.receive().await;
        assert_eq!(ping["type"], "ping", "{ping}");
        socket.send(&json!({ "type": "pong" })).await;
        if ping["payload"]["position"] == head.as_str() {
            break;
        }
    }
}

#[tokio::test]
async fn a_ping_without_anything_followed_has_no_payload() {
    let carnet = Carnet::with(beating()).await;
    let mut socket = carnet.socket().await;
    assert_eq!(socket.receive().await, json!({ "type": "ping" }));
}

/// Would catch: sockets of clients that are long gone. The code is one that clients come back after.
#[tokio::test]
async fn who_answers_no_ping_is_closed_1013() {
    let carnet = Carnet::with(beating()).await;
    let mut socket = carnet.socket().await;
    socket.follow("1", None).await;
    assert_eq!(socket.closed().await, 1013);
}

#[tokio::test]
async fn text_that_is_not_utf8_closes_1007_and_what_is_too_large_1009() {
    let carnet = Carnet::start().await;
    let mut socket = carnet.socket().await;
    let frame = Frame::message(vec![b'"', 0xff, b'"'], OpCode::Data(Data::Text), true);
    socket.send_raw(Message::Frame(frame)).await;
    assert_eq!(socket.closed().await, 1007);
    let mut socket = carnet.socket().await;
    socket
        .send_raw(Message::text("x".repeat(256 * 1024 + 1)))
        .await;
    assert_eq!(socket.closed().await, 1009);
}

#[tokio::test]
async fn what_stands_beside_is_an_object() {
    let carnet = Carnet::start().await;
    for message in ["ping", "pong", "connection_init"] {
        let mut socket = carnet.silent().await;
        socket.send(&json!({ "type": message, "payload": 1 })).await;
        assert_eq!(socket.closed().await, 4400, "{message}");
    }
}

/// Would catch: one caller who takes every place; and places that are not given back.
#[tokio::test]
async fn a_caller_has_so_many_sockets_and_others_have_theirs() {
    let carnet = Carnet::with(Config {
        sockets_per_caller: 2,
        ..Config::default()
    })
    .await;
    let (_, token) = carnet.issue("EVALUATOR").await;
    let first = carnet.socket_with(&token).await;
    let _second = carnet.socket_with(&token).await;
    let shown = json!({ "authorization": format!("Bearer {token}") });
    let mut third = carnet.silent().await;
    third
        .send(&json!({ "type": "connection_init", "payload": shown }))
        .await;
    assert_eq!(third.closed().await, 1013);
    let mut other = carnet.socket_with(&carnet.administrator).await;
    other.send(&json!({ "type": "ping" })).await;
    assert_eq!(other.receive().await["type"], "pong");
    // Once one of them is closed, there is a place again.
    let mut first = first;
    in_time("the closing", first.0.close(None)).await.unwrap();
    while let Some(Ok(_)) = first.0.next().await {}
    let mut third = carnet.socket_with(&token).await;
    third.send(&json!({ "type": "ping" })).await;
    assert_eq!(third.receive().await["type"], "pong");
}

/// Would catch: a stream with much to tell that keeps another of its socket from telling anything.
#[tokio::test]
async fn streams_of_a_socket_take_turns() {
    let carnet = Carnet::start().await;
    let mut head = 0;
    while head < 200 {
        head = carnet.record_anything().await;
    }
    let mut socket = carnet.socket().await;
    socket.subscribe("1", &lengthy(), Some(0)).await;
    socket.subscribe("2", &lengthy(), Some(0)).await;
    // Once both have begun, they take turns.
    let mut begun = [false; 2];
    while begun != [true; 2] {
        let told = socket.receive().await;
        begun[usize::from(told["id"] == "2")] = true;
    }
    let mut first = 0;
    for _ in 0..60 {
        first += usize::from(socket.receive().await["id"] == "1");
    }
    assert!((20..=40).contains(&first), "{first} of 60");
}

/// Would catch: a client that takes nothing, and keeps what is not sent to it in memory, or keeps the
/// server from stopping.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_is_given_up_and_holds_nobody_up() {
    let carnet = Carnet::with(Config {
        heartbeat_seconds: 300,
        ..Config::default()
    })
    .await;
    let mut head = 0;
    while head < 300 {
        head = carnet.record_anything().await;
    }
    let mut stuck = carnet.socket().await;
    stuck.subscribe("1", &lengthy(), Some(0)).await;
    let stuck_stream = carnet
        .stream("text/event-stream", &lengthy(), Some(0))
        .await;
    let mut other = carnet.socket().await;
    other.follow("1", None).await;
    other.send(&json!({ "type": "ping" })).await;
    assert_eq!(other.receive().await["type"], "pong");
    let next = carnet.record_anything().await;
    assert_eq!(other.event("1").await, next);
    let stopping = carnet.stopping();
    assert_eq!(other.closed().await, 1012);
    // Well before it would give up waiting for what is open.
    let stopped = tokio::time::timeout(Duration::from_secs(8), stopping).await;
    stopped.unwrap().unwrap();
    drop((stuck, stuck_stream));
}

/// Would catch: a socket as the way around what a caller may spend.
#[tokio::test]
async fn a_socket_spends_from_the_same_purse() {
    let carnet = Carnet::of_thrift(20).await;
    let mut socket = carnet.socket().await;
    let mut codes = Vec::new();
    for id in 0..30 {
        // It is never executed: what it costs is to have asked.
        socket.subscribe(&id.to_string(), "{", None).await;
        let told = socket.receive().await;
        assert_eq!(told["type"], "error", "{told}");
        codes.push(told["payload"][0]["extensions"]["code"].clone());
    }
    assert_ne!(codes.first(), Some(&json!("RATE_LIMITED")));
    assert_eq!(codes.last(), Some(&json!("RATE_LIMITED")), "{codes:?}");
}
