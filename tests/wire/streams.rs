//! What is followed over HTTP, bit by bit: server-sent events, and parts.

use carnet::config::Config;
use serde_json::{Value, json};

use crate::harness::{Carnet, EVENTS, Stream, in_time, position};

const SSE: &str = "text/event-stream";
const PARTS: &str = "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0,application/json";

/// An event of a stream: its fields, in order.
async fn event(stream: &mut Stream) -> Vec<(String, String)> {
    loop {
        let text = stream.until("\n\n").await.unwrap();
        let lines = text.lines().map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim().to_owned())
        });
        let fields: Vec<_> = lines.filter(|(name, _)| !name.is_empty()).collect();
        // A comment is none.
        if !fields.is_empty() {
            return fields;
        }
    }
}

fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The position of the next event, which names it as its id too.
async fn told(stream: &mut Stream) -> u64 {
    let fields = event(stream).await;
    let [kind, id, data] = fields.as_slice() else {
        panic!("not an item: {fields:?}");
    };
    assert_eq!(*kind, field("event", "next"));
    let payload: Value = serde_json::from_str(&data.1).unwrap();
    let position = position(&payload["data"]["events"]["position"]);
    assert_eq!(*id, field("id", &position.to_string()));
    position
}

/// The next part; pings of its own are passed over.
async fn part(stream: &mut Stream) -> Value {
    loop {
        let text = stream.until("\r\n--graphql").await.unwrap();
        let (_, json) = text.split_once("\r\n\r\n").unwrap();
        let part: Value = serde_json::from_str(json).unwrap();
        if part != json!({}) {
            return part;
        }
    }
}

#[tokio::test]
async fn events_are_streamed_and_gone_on_with_from_the_last_one() {
    let carnet = Carnet::start().await;
    let first = carnet.record_anything().await;
    let second = carnet.record_anything().await;
    let mut stream = carnet.stream(SSE, EVENTS, Some(first - 1)).await;
    let headers = stream.response.headers();
    assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(told(&mut stream).await, first);
    assert_eq!(told(&mut stream).await, second);
    let third = carnet.record_anything().await;
    assert_eq!(told(&mut stream).await, third);
    drop(stream);
    // What its client read last wins over what its document says.
    let body = json!({ "query": EVENTS, "variables": { "after": "0" } });
    let again = carnet.post(&body).header("accept", SSE);
    let again = again.header("last-event-id", second.to_string());
    let mut stream = Stream::of(again).await;
    assert_eq!(told(&mut stream).await, third);
}

#[tokio::test]
async fn what_does_not_go_on_is_told_and_completed() {
    let carnet = Carnet::start().await;
    for (query, expected) in [
        ("{ __typename }", "\"Query\""),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { events(after: \"999\") { id } }",
            "CURSOR_AHEAD",
        ),
    ] {
        let mut stream = carnet.stream(SSE, query, None).await;
        assert_eq!(stream.response.status(), 200);
        let fields = event(&mut stream).await;
        assert_eq!(fields[0], field("event", "next"), "{query}");
        assert!(fields[1].1.contains(expected), "{query}: {fields:?}");
        let complete = [field("event", "complete"), field("data", "")];
        assert_eq!(event(&mut stream).await, complete);
        assert_eq!(stream.until("\n\n").await, Err(String::new()));
    }
    let wrong = json!({ "query": EVENTS });
    let wrong = carnet.post(&wrong).header("accept", SSE);
    let mut stream = Stream::of(wrong.header("last-event-id", "x")).await;
    let fields = event(&mut stream).await;
    assert!(fields[1].1.contains("BAD_USER_INPUT"), "{fields:?}");
}

#[tokio::test]
async fn parts_are_streamed_as_apollo_takes_them() {
    let carnet = Carnet::start().await;
    let first = carnet.record_anything().await;
    let mut stream = carnet.stream(PARTS, EVENTS, Some(first - 1)).await;
    let content_type = &stream.response.headers()["content-type"];
    let expected = "multipart/mixed; boundary=\"graphql\"; subscriptionSpec=\"1.0\"";
    assert_eq!(content_type, expected);
    let payload = |position: u64| json!({ "payload": { "data": { "events": { "position": position.to_string() } } } });
    assert_eq!(part(&mut stream).await, payload(first));
    let second = carnet.record_anything().await;
    assert_eq!(part(&mut stream).await, payload(second));
    // What does not go on is an answer like any other.
    let answer = carnet.stream(PARTS, "{ __typename }", None).await;
    let content_type = &answer.response.headers()["content-type"];
    assert_eq!(content_type, "application/json; charset=utf-8");
}

/// Would catch: streams that are executed apart from sockets.
#[tokio::test]
async fn streams_and_sockets_share_what_they_follow() {
    let carnet = Carnet::start().await;
    let mut socket = carnet.socket().await;
    socket.follow("1", None).await;
    let begun = carnet.record_anything().await;
    assert_eq!(socket.event("1").await, begun);
    let mut events = carnet.stream(SSE, EVENTS, Some(begun)).await;
    let mut parts = carnet.stream(PARTS, EVENTS, Some(begun)).await;
    let before = carnet.live.executed();
    let next = carnet.record_anything().await;
    assert_eq!(told(&mut events).await, next);
    assert_eq!(socket.event("1").await, next);
    part(&mut parts).await;
    assert_eq!(carnet.live.executed() - before, 1);
}

/// Would catch: heartbeats that a client takes for data, or that say nothing.
#[tokio::test]
async fn heartbeats_are_comments_and_empty_parts() {
    let carnet = Carnet::with(Config {
        heartbeat_seconds: 1,
        ..Config::default()
    })
    .await;
    let head = carnet.record_anything().await;
    let mut events = carnet.stream(SSE, EVENTS, Some(head)).await;
    let mut parts = carnet.stream(PARTS, EVENTS, Some(head)).await;
    let expected = format!(": {head}");
    while events.until("\n\n").await.unwrap() != expected {}
    let heartbeat = parts.until("\r\n--graphql").await.unwrap();
    assert!(heartbeat.ends_with("\r\n\r\n{}"), "{heartbeat:?}");
}

/// Would catch: streams that go on for who was turned out.
#[tokio::test]
async fn a_revocation_ends_streams() {
    let carnet = Carnet::start().await;
    let (id, token) = carnet.issue("EVALUATOR").await;
    let begin = |accept: &str| {
        let body = json!({ "query": EVENTS });
        let request = carnet.post(&body).header("accept", accept);
        Stream::of(request.header("authorization", format!("Bearer {token}")))
    };
    let mut events = begin(SSE).await;
    let mut parts = begin(PARTS).await;
    carnet.revoke(&id).await;
    let fields = event(&mut events).await;
    assert!(fields[1].1.contains("UNAUTHENTICATED"), "{fields:?}");
    assert_eq!(event(&mut events).await[0], field("event", "complete"));
    let last = part(&mut parts).await;
    assert_eq!(last["payload"], Value::Null);
    assert_eq!(last["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(parts.until("\r\n--graphql").await, Err("--\r\n".to_owned()));
}

/// Would catch: streams that end with the server as if there were nothing more to come.
#[tokio::test]
async fn a_stop_ends_streams_such_that_clients_come_back() {
    let carnet = Carnet::start().await;
    let head = carnet.record_anything().await;
    let mut events = carnet.stream(SSE, EVENTS, Some(head - 1)).await;
    assert_eq!(told(&mut events).await, head);
    let mut parts = carnet.stream(PARTS, EVENTS, Some(head - 1)).await;
    part(&mut parts).await;
    let stopping = carnet.stopping();
    assert_eq!(events.until("\n\n").await, Err(String::new()));
    let last = part(&mut parts).await;
    assert_eq!(last["payload"], Value::Null);
    assert_eq!(last["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    in_time("the stop", stopping).await.unwrap();
}

#[tokio::test]
async fn what_takes_no_form_of_ours_is_told_which_there_are() {
    let carnet = Carnet::start().await;
    for accept in ["text/plain", "multipart/mixed", "text/event-stream;q=0"] {
        let answer = carnet.stream(accept, EVENTS, None).await;
        assert_eq!(answer.response.status(), 406, "{accept}");
    }
}
