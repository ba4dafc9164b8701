//! The same over a socket.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{
    collector::{Collector, Manner},
    said,
    support::{Carnet, in_time},
};

/// Would catch: operations over a socket of which there is no span, or one without what came of it; a
/// subscription whose span does not end with it.
#[tokio::test]
async fn a_socket_is_traced_as_well() {
    let collector = Collector::start(Manner::Takes).await;
    let carnet = Carnet::with(collector.config()).await;
    let address = format!("ws://{}/graphql", carnet.address);
    let mut request = address.into_client_request().unwrap();
    let headers = request.headers_mut();
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    headers.insert("sec-websocket-protocol", protocol);
    let named = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    headers.insert("traceparent", HeaderValue::from_static(named));
    let (mut socket, _) = in_time("the upgrade", connect_async(request))
        .await
        .unwrap();
    let shown = json!({ "authorization": format!("Bearer {}", carnet.administrator) });
    let messages = [
        json!({ "type": "connection_init", "payload": shown }),
        json!({ "id": "1", "type": "subscribe", "payload": { "query": "query Une { position }" } }),
        json!({ "id": "2", "type": "subscribe", "payload": { "query": "{ nothing }" } }),
        json!({ "id": "3", "type": "subscribe",
                "payload": { "query": "subscription Suit { events(after: \"0\") { position } }" } }),
    ];
    // Each once what came before it is answered.
    let mut came: Vec<Value> = Vec::new();
    for (message, last) in messages
        .iter()
        .zip(["connection_ack", "complete", "error", "next"])
    {
        let message = Message::text(message.to_string());
        in_time("the sending", socket.send(message)).await.unwrap();
        loop {
            let Some(Ok(Message::Text(text))) = in_time("a message", socket.next()).await else {
                panic!("no message");
            };
            came.push(serde_json::from_str(text.as_str()).unwrap());
            if came.last().unwrap()["type"] == last {
                break;
            }
        }
    }
    carnet.stop().await;

    let operations = collector.operations();
    let [once, refused, followed] = operations.as_slice() else {
        panic!("{operations:#?}")
    };
    let parts = |name| [once, refused, followed].map(|span| said(span, name));
    assert_eq!(parts("carnet.transport"), ["websocket"; 3]);
    assert_eq!(parts("carnet.roles"), ["administrator"; 3]);
    assert_eq!(parts("graphql.operation.name"), ["Une", "", "Suit"]);
    assert_eq!(
        parts("carnet.outcome"),
        ["answered", "refused", "completed"]
    );
    assert_eq!(parts("carnet.codes"), ["", "GRAPHQL_VALIDATION_FAILED", ""]);
    // The administrator's token is an event, and the only one.
    assert_eq!(parts("carnet.answers"), ["", "", "1"]);
    for span in &operations {
        assert_eq!(span.parent_span_id[..2], [0x00, 0xf0]);
    }
}
