//! `graphql-transport-ws`, message by message, and what closes a socket.

use reqwest::header::SEC_WEBSOCKET_PROTOCOL;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    carnet::{Carnet, mutation},
    in_time,
    raw::Raw,
    socket::Socket,
    words::{VIGNY, launch, vigny},
};

fn closed(code: u16, reason: &str) -> (u16, String) {
    (code, reason.to_owned())
}

#[tokio::test]
async fn queries_and_mutations_are_answered_over_the_socket() {
    let carnet = Carnet::start().await;
    let mut socket = carnet.socket().await;
    let mut input = launch(json!({ "source": { "label": "Communiqué" } }));
    input["commandId"] = json!("00000000-0000-7000-8000-000000000001");
    let launching = mutation("launchExperiment", "experiment { title }");
    socket
        .subscribe("write", &launching, json!({ "input": input }))
        .await;
    let written = json!({ "userErrors": [], "position": "1", "eventIds": ["event-1"],
        "experiment": { "title": "Vigny" } });
    assert_eq!(
        socket.next("write").await["data"],
        json!({ "payload": written })
    );
    socket.completed("write").await;

    socket.subscribe("read", "{ position }", json!({})).await;
    assert_eq!(
        socket.next("read").await["data"],
        json!({ "position": "1" })
    );
    socket.completed("read").await;

    // The id is free again once its operation is over.
    socket
        .subscribe(
            "read",
            "{ events(first: 0) { edges { cursor } } }",
            json!({}),
        )
        .await;
    let answer = socket.next("read").await;
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "PAGE_SIZE");
    socket.completed("read").await;
    carnet.stop().await;
}

/// Catches request errors sent as `next`: clients would take them for an answer without data.
#[tokio::test]
async fn what_is_not_valid_is_answered_by_an_error_and_the_socket_stays() {
    let carnet = Carnet::start().await;
    let mut socket = carnet.socket().await;
    for (document, code) in [
        ("{ nothingLikeIt }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ position", "GRAPHQL_PARSE_FAILED"),
        (
            "subscription { nothingLikeIt }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query A { position } query B { position }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        socket.subscribe("1", document, json!({})).await;
        let errors = socket.error("1").await;
        assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
        assert_eq!(errors[0]["extensions"]["code"], code, "{document}");
    }
    socket.subscribe("1", "{ position }", json!({})).await;
    socket.next("1").await;
    socket.completed("1").await;
    carnet.stop().await;
}

#[tokio::test]
async fn a_ping_is_answered_before_and_after_the_acknowledgement() {
    let carnet = Carnet::start().await;
    let mut socket = Socket::silent(carnet.address).await;
    socket.send(&json!({ "type": "ping" })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong" }));
    socket
        .send(&json!({ "type": "pong", "payload": { "any": 1 } }))
        .await;
    socket
        .send(&json!({ "type": "connection_init", "payload": { "any": "thing" } }))
        .await;
    assert_eq!(socket.receive().await, json!({ "type": "connection_ack" }));
    socket
        .send(&json!({ "type": "ping", "payload": { "any": [1] } }))
        .await;
    let pong = json!({ "type": "pong", "payload": { "any": [1] } });
    assert_eq!(socket.receive().await, pong);
    // To complete what never was, is nothing.
    socket
        .send(&json!({ "type": "complete", "id": "nobody" }))
        .await;
    socket.send(&json!({ "type": "ping" })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong" }));
    carnet.stop().await;
}

#[tokio::test]
async fn an_id_in_use_closes_4409() {
    let carnet = Carnet::start().await;
    let mut socket = carnet.socket().await;
    socket.follow("1", 0).await;
    socket.follow("1", 0).await;
    assert_eq!(
        socket.closed().await,
        closed(4409, "Subscriber already exists")
    );
    carnet.stop().await;
}

#[tokio::test]
async fn an_operation_before_the_acknowledgement_closes_4401() {
    let carnet = Carnet::start().await;
    let mut socket = Socket::silent(carnet.address).await;
    socket.subscribe("1", "{ position }", json!({})).await;
    assert_eq!(socket.closed().await, closed(4401, "Unauthorized"));
    carnet.stop().await;
}

#[tokio::test]
async fn a_second_init_closes_4429() {
    let carnet = Carnet::start().await;
    let mut socket = carnet.socket().await;
    socket.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(
        socket.closed().await,
        closed(4429, "Too many initialisation requests")
    );
    carnet.stop().await;
}

/// Catches sockets that cost a place for ever without a word. The server's own limit is awaited.
#[tokio::test]
async fn no_init_in_time_closes_4408() {
    let carnet = Carnet::start().await;
    let mut socket = Socket::silent(carnet.address).await;
    socket.send(&json!({ "type": "ping" })).await;
    let timeout = closed(4408, "Connection initialisation timeout");
    assert_eq!(socket.closed().await, timeout);
    carnet.stop().await;
}

#[tokio::test]
async fn the_hundred_and_first_subscription_closes_4429() {
    let carnet = Carnet::start().await;
    let mut socket = carnet.socket().await;
    for number in 0..100 {
        socket.follow(&number.to_string(), 0).await;
    }
    socket.send(&json!({ "type": "ping" })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong" }));
    socket.follow("100", 0).await;
    assert_eq!(
        socket.closed().await,
        closed(4429, "Too many subscriptions")
    );
    carnet.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_subprotocol_closes_4406() {
    let carnet = Carnet::start().await;
    let mut socket = Socket::connect(carnet.address, &[]).await.unwrap();
    assert_eq!(
        socket.closed().await,
        closed(4406, "Subprotocol not acceptable")
    );

    // By hand: a client library gives up on its own when its protocol is not taken.
    let address = carnet.address;
    let frame = tokio::task::spawn_blocking(move || {
        let mut raw = Raw::connect(address);
        raw.send(
            b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
              Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
              Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
              Sec-WebSocket-Protocol: graphql-ws\r\n\r\n",
        );
        let head = raw.read_to("\r\n\r\n").to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        assert!(!head.contains("sec-websocket-protocol"), "{head}");
        raw.read_bytes(4)
    });
    let frame = in_time("the close frame", frame).await.unwrap();
    assert_eq!(frame[0], 0x88, "not a close frame: {frame:?}");
    assert_eq!(u16::from_be_bytes([frame[2], frame[3]]), 4406);

    // Among several, ours is taken.
    let several = "graphql-ws, graphql-transport-ws".to_owned();
    let headers = [(SEC_WEBSOCKET_PROTOCOL, several)];
    let mut socket = Socket::connect(carnet.address, &headers).await.unwrap();
    socket.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(socket.receive().await, json!({ "type": "connection_ack" }));
    carnet.stop().await;
}

#[tokio::test]
async fn a_message_that_is_none_closes_4400() {
    let carnet = Carnet::start().await;
    for message in [
        "",
        "nonsense",
        "null",
        "[]",
        "{}",
        r#"{"type":"unheard_of"}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","id":"1"}"#,
        r#"{"type":"subscribe","id":1,"payload":{"query":"{ position }"}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":3}}"#,
        r#"{"type":"complete"}"#,
    ] {
        let mut socket = carnet.socket().await;
        socket.send_raw(Message::text(message)).await;
        let invalid = closed(4400, "Invalid message");
        assert_eq!(socket.closed().await, invalid, "{message}");
    }
    let mut socket = carnet.socket().await;
    socket.send_raw(Message::binary(vec![0, 1, 2])).await;
    assert_eq!(socket.closed().await.0, 4400);
    carnet.stop().await;
}

/// Catches a stream that goes on, and keeps its place, after the client had enough of it.
#[tokio::test]
async fn complete_stops_a_stream_and_frees_its_id() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let mut socket = carnet.socket().await;
    socket.follow("1", 0).await;
    for position in 1..=3 {
        assert_eq!(socket.position("1").await, position);
    }
    socket.send(&json!({ "type": "complete", "id": "1" })).await;
    // The same id, at once: were the first still known, this would close the socket.
    socket.follow("1", 2).await;
    assert_eq!(socket.position("1").await, 3);
    socket.send(&json!({ "type": "complete", "id": "1" })).await;
    socket.send(&json!({ "type": "ping" })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong" }));
    let pause = json!({ "experimentId": VIGNY, "from": "2021-05-03", "reason": "Grève." });
    carnet.record("suspendExperiment", pause).await.position();
    // Nothing of the fourth event comes before the answer to what is asked next.
    socket.subscribe("2", "{ position }", json!({})).await;
    assert_eq!(socket.next("2").await["data"], json!({ "position": "4" }));
    carnet.stop().await;
}

#[tokio::test]
async fn a_message_too_large_ends_the_socket_and_nothing_else() {
    let carnet = Carnet::start().await;
    let mut other = carnet.socket().await;
    let mut socket = carnet.socket().await;
    let large = format!("{{ position }} #{}", "x".repeat(300 * 1024));
    socket.subscribe("1", &large, json!({})).await;
    assert_eq!(socket.closed().await, closed(1009, "Message too large"));
    other.subscribe("1", "{ position }", json!({})).await;
    other.next("1").await;
    carnet.stop().await;
}
