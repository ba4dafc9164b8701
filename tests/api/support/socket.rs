//! A client of `graphql-transport-ws`, small enough to send what no good client would.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue, header},
    },
};

use super::in_time;

/// An open socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Upgrades, with those headers beside the ordinary ones.
    pub(crate) async fn connect(
        address: SocketAddr,
        headers: &[(HeaderName, String)],
    ) -> Result<Self, Error> {
        let url = format!("ws://{address}/graphql");
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).unwrap();
            request.headers_mut().insert(name, value);
        }
        let connected = in_time("the upgrade", connect_async(request)).await;
        connected.map(|(stream, _)| Self(stream))
    }

    /// Upgrades, and no more.
    pub(crate) async fn silent(address: SocketAddr) -> Self {
        let protocol = (
            header::SEC_WEBSOCKET_PROTOCOL,
            "graphql-transport-ws".to_owned(),
        );
        Self::connect(address, &[protocol]).await.unwrap()
    }

    /// Upgrades and initialises.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let mut socket = Self::silent(address).await;
        socket.initialise(&json!({})).await;
        socket
    }

    /// Initialises, with what is shown.
    pub(crate) async fn initialise(&mut self, payload: &Value) {
        let init = json!({ "type": "connection_init", "payload": payload });
        self.send(&init).await;
        assert_eq!(self.receive().await, json!({ "type": "connection_ack" }));
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.send_raw(Message::text(message.to_string())).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        in_time("the sending", self.0.send(message)).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        let message = json!({ "id": id, "type": "subscribe", "payload": payload });
        self.send(&message).await;
    }

    /// Follows the events after a position, of all experiments.
    pub(crate) async fn follow(&mut self, id: &str, after: u64) {
        let query = "subscription Follow($after: Position) { events(after: $after) { position } }";
        let after = json!({ "after": after.to_string() });
        self.subscribe(id, query, after).await;
    }

    /// The next message.
    pub(crate) async fn receive(&mut self) -> Value {
        match in_time("a message", self.0.next()).await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("not a message: {other:?}"),
        }
    }

    /// The payload of the next message, which is a `next` of that id.
    pub(crate) async fn next(&mut self, id: &str) -> Value {
        let mut message = self.receive().await;
        assert_eq!(message["type"], "next", "{message}");
        assert_eq!(message["id"], id, "{message}");
        message["payload"].take()
    }

    /// The position of the next event followed under that id.
    pub(crate) async fn position(&mut self, id: &str) -> u64 {
        let payload = self.next(id).await;
        super::carnet::number(&payload["data"]["events"]["position"])
    }

    /// The payload of the next message, which is an `error` of that id.
    pub(crate) async fn error(&mut self, id: &str) -> Value {
        let mut message = self.receive().await;
        assert_eq!(message["type"], "error", "{message}");
        assert_eq!(message["id"], id, "{message}");
        message["payload"].take()
    }

    /// That the operation of that id is over.
    pub(crate) async fn completed(&mut self, id: &str) {
        let message = self.receive().await;
        assert_eq!(message, json!({ "id": id, "type": "complete" }));
    }

    /// The code and the reason the server closes with, whatever it sends before.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        self.closed_after(|_| {}).await
    }

    /// Like [`Socket::closed`], with a look at each message before.
    pub(crate) async fn closed_after(&mut self, mut look: impl FnMut(&Value)) -> (u16, String) {
        loop {
            match in_time("the close frame", self.0.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => {
                    return (frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(Message::Text(text))) => look(&serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no close frame: {other:?}"),
            }
        }
    }
}
