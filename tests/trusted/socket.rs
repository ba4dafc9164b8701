//! The same over a socket.

use carnet::config::TrustedOnly;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{
    FOLLOWED, POSITIONED, id,
    support::{Carnet, in_time},
    trusting,
};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// An acknowledged one, of who shows a token or none.
    async fn open(carnet: &Carnet, token: Option<&str>) -> Self {
        let address = format!("ws://{}/graphql", carnet.address);
        let mut request = address.into_client_request().unwrap();
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", protocol);
        let (stream, _) = in_time("the upgrade", connect_async(request))
            .await
            .unwrap();
        let mut socket = Self(stream);
        let shown = token.map(|token| json!({ "authorization": format!("Bearer {token}") }));
        let begin = json!({ "type": "connection_init", "payload": shown });
        socket.send(&begin).await;
        assert_eq!(socket.message().await["type"], "connection_ack");
        socket
    }

    async fn send(&mut self, message: &Value) {
        let message = Message::text(message.to_string());
        in_time("the sending", self.0.send(message)).await.unwrap();
    }

    async fn subscribe(&mut self, payload: Value) -> Value {
        self.send(&json!({ "id": "1", "type": "subscribe", "payload": payload }))
            .await;
        self.message().await
    }

    async fn message(&mut self) -> Value {
        match in_time("a message", self.0.next()).await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("not a message: {other:?}"),
        }
    }
}

/// Would catch: a socket on which anything may be asked for, or nothing by its hash.
#[tokio::test]
async fn a_socket_knows_them_as_well() {
    let (carnet, _files) = trusting(TrustedOnly::Strangers).await;
    let mut stranger = Socket::open(&carnet, None).await;
    let told = stranger.subscribe(json!({ "query": "{ position }" })).await;
    assert_eq!(told["type"], "error", "{told}");
    assert_eq!(told["payload"][0]["extensions"]["code"], "TRUSTED_ONLY");
    let told = stranger.subscribe(json!({ "documentId": id("x") })).await;
    assert_eq!(
        told["payload"][0]["extensions"]["code"],
        "DOCUMENT_NOT_FOUND"
    );
    let told = stranger
        .subscribe(json!({ "documentId": id(POSITIONED), "query": "{ position }" }))
        .await;
    assert_eq!(
        told["payload"][0]["extensions"]["code"],
        "DOCUMENT_HASH_MISMATCH"
    );
    let told = stranger
        .subscribe(json!({ "documentId": id(POSITIONED) }))
        .await;
    assert_eq!(told["payload"]["data"]["position"], "1", "{told}");
    assert_eq!(stranger.message().await["type"], "complete");

    let mut known = Socket::open(&carnet, Some(&carnet.administrator)).await;
    let told = known.subscribe(json!({ "query": "{ position }" })).await;
    assert_eq!(told["payload"]["data"]["position"], "1", "{told}");
    assert_eq!(known.message().await["type"], "complete");
    let told = known.subscribe(json!({ "documentId": id(FOLLOWED) })).await;
    assert_eq!(told["payload"]["data"]["events"]["position"], "1", "{told}");
    drop((stranger, known));
    carnet.stop().await;
}
