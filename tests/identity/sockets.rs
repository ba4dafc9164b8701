//! Service tokens over a socket: what is open ends with what it was opened by.

use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

use crate::harness::{Carnet, after};

const VIEWER: &str = "{ viewer { actor } }";
const EVENTS: &str = "subscription { events { position } }";

/// Catches: a socket on which everybody is whoever runs the program.
#[tokio::test]
async fn a_socket_is_of_who_opened_it() {
    let carnet = Carnet::start().await;
    let (_, token) = carnet.issue("EVALUATOR", None).await;
    let actor = carnet.viewer(&token).await["actor"].take();
    let mut by_message = carnet.socket(&token).await;
    let header = format!("Bearer {token}");
    let mut by_header = carnet.upgrade(Some(&header)).await.unwrap();
    by_header.send(json!({ "type": "connection_init" })).await;
    assert_eq!(by_header.message().await["type"], "connection_ack");
    let mut by_graphiql = carnet.upgrade(None).await.unwrap();
    let payload = json!({ "Authorization": header });
    by_graphiql
        .send(json!({ "type": "connection_init", "payload": payload }))
        .await;
    assert_eq!(by_graphiql.message().await["type"], "connection_ack");
    for socket in [&mut by_message, &mut by_header, &mut by_graphiql] {
        socket.subscribe("1", VIEWER).await;
        let answer = socket.message().await;
        assert_eq!(answer["payload"]["data"]["viewer"]["actor"], actor);
    }
}

#[tokio::test]
async fn what_proves_nothing_opens_nothing() {
    let carnet = Carnet::start().await;
    match carnet.upgrade(Some("Bearer x")).await {
        Err(Error::Http(answer)) => assert_eq!(answer.status(), 401),
        other => panic!("upgraded: {:?}", other.is_ok()),
    }
    let right = format!("Bearer {}", carnet.administrator);
    for payload in [
        json!({ "authorization": "Bearer x" }),
        json!({ "authorization": carnet.administrator }),
        json!({ "authorization": 1 }),
        json!({ "authorization": null }),
        json!({ "authorization": right, "Authorization": right }),
    ] {
        let mut socket = carnet.upgrade(None).await.unwrap();
        socket
            .send(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(socket.closed().await, 4403);
    }
}

/// Catches: a subscription that goes on for who was turned out. The revocation is itself an event
/// that it would have been told.
#[tokio::test]
async fn a_revocation_closes_what_the_token_opened() {
    let carnet = Carnet::start().await;
    let (id, token) = carnet.issue("EVALUATOR", None).await;
    let (_, other) = carnet.issue("EVALUATOR", None).await;
    let mut idle = carnet.socket(&token).await;
    let mut following = carnet.socket(&token).await;
    following.subscribe("1", EVENTS).await;
    let mut others = carnet.socket(&other).await;
    others.subscribe("1", EVENTS).await;
    carnet.record_anything().await;
    assert_eq!(following.message().await["type"], "next");
    assert_eq!(others.message().await["type"], "next");
    carnet.revoke(&id).await;
    assert_eq!(following.closed().await, 4403);
    assert_eq!(idle.closed().await, 4403);
    // Nobody else is turned out.
    carnet.record_anything().await;
    assert_eq!(others.message().await["type"], "next");
}

/// Catches: a subscription that outlives its token: looked at when it began, and never again.
#[tokio::test]
async fn what_a_token_opened_ends_with_it() {
    let carnet = Carnet::start().await;
    let (_, token) = carnet.issue("EVALUATOR", Some(after(86_400))).await;
    let mut socket = carnet.socket(&token).await;
    socket.subscribe("1", EVENTS).await;
    carnet.record_anything().await;
    assert_eq!(socket.message().await["type"], "next");
    carnet.clock.set(after(86_400));
    carnet.record_anything().await;
    assert_eq!(socket.closed().await, 4403);
}

/// Catches: an operation begun on a socket whose token is at its end.
#[tokio::test]
async fn nothing_is_begun_after_the_end() {
    let carnet = Carnet::start().await;
    let (_, token) = carnet.issue("ADMINISTRATOR", Some(after(86_400))).await;
    let mut socket = carnet.socket(&token).await;
    carnet.clock.set(after(86_400));
    socket.subscribe("1", VIEWER).await;
    assert_eq!(socket.closed().await, 4403);
}
