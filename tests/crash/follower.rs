//! A subscriber that goes on, after every kill, from the last position it saw.

use std::{
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message, WebSocket, client, client::IntoClientRequest, http::HeaderValue,
};

use crate::{
    harness::failure::{Checked, Failure, fail, hold},
    server::{Door, PATIENCE},
};

/// An event as the subscriber was told it: the subject it happened to, and its version then.
pub(crate) type Told = (String, u64);

/// What the subscriber saw, all lives of the program together: that of position `n` at `n - 1`.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    pub(crate) seen: Vec<Told>,
}

/// The subscriber while the program lives.
pub(crate) struct Following {
    thread: JoinHandle<Checked<Vec<Told>>>,
    reached: Arc<AtomicU64>,
}

impl Follower {
    /// Goes on.
    pub(crate) fn follow(&self, door: &Door) -> Following {
        let after = self.seen.len() as u64;
        let reached = Arc::new(AtomicU64::new(after));
        let told = Arc::clone(&reached);
        let door = door.clone();
        let thread = thread::spawn(move || {
            let mut seen = Vec::new();
            // A program that dies before it has shaken hands told nothing.
            let Some(mut socket) = subscribed(&door, after) else {
                return Ok(seen);
            };
            while let Some(payload) = next(&mut socket)? {
                let event = &payload["data"]["events"];
                let position = number(&event["position"]);
                let expected = after + seen.len() as u64 + 1;
                hold(position == expected, || {
                    format!("the subscriber should see position {expected}, not {payload}")
                })?;
                let subject = event["subjectId"].as_str().unwrap_or_default().to_owned();
                let version = event["subjectVersion"].as_u64().unwrap_or_default();
                seen.push((subject, version));
                told.store(position, Ordering::Release);
            }
            Ok(seen)
        });
        Following { thread, reached }
    }

    /// Takes in what was seen until the program died.
    pub(crate) fn gather(&mut self, following: Following) -> Checked {
        let seen = following.thread.join().map_err(|_| {
            Failure("the subscriber did not understand what it was told".to_owned())
        })??;
        self.seen.extend(seen);
        Ok(())
    }
}

impl Following {
    /// The last position seen.
    pub(crate) fn reached(&self) -> u64 {
        self.reached.load(Ordering::Acquire)
    }

    /// Whether the subscriber has stopped, because the program did or because of what it saw.
    pub(crate) fn stopped(&self) -> bool {
        self.thread.is_finished()
    }
}

fn subscribed(door: &Door, after: u64) -> Option<WebSocket<TcpStream>> {
    let stream = TcpStream::connect(door.address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut request = format!("ws://{}/graphql", door.address)
        .into_client_request()
        .ok()?;
    request.headers_mut().insert(
        "sec-websocket-protocol",
        HeaderValue::from_static("graphql-transport-ws"),
    );
    let (mut socket, _) = client(request, stream).ok()?;
    let query = "subscription ($after: Position) { events(after: $after) \
                 { position subjectId subjectVersion } }";
    let shown = json!({ "authorization": format!("Bearer {}", door.token) });
    let payload = json!({ "query": query, "variables": { "after": after.to_string() } });
    for message in [
        json!({ "type": "connection_init", "payload": shown }),
        json!({ "id": "1", "type": "subscribe", "payload": payload }),
    ] {
        socket.send(Message::text(message.to_string())).ok()?;
    }
    Some(socket)
}

/// The payload of the next event; `None` once the program is gone.
fn next(socket: &mut WebSocket<TcpStream>) -> Checked<Option<Value>> {
    loop {
        let text = match socket.read() {
            Ok(Message::Text(text)) => text,
            Ok(Message::Ping(_) | Message::Pong(_)) => continue,
            Ok(_) | Err(_) => return Ok(None),
        };
        let mut message: Value = serde_json::from_str(text.as_str()).unwrap();
        match message["type"].as_str() {
            Some("connection_ack") => {}
            Some("next") if message["payload"].get("errors").is_none() => {
                return Ok(Some(message["payload"].take()));
            }
            _ => return fail(format!("the subscriber is told {message}")),
        }
    }
}

/// A position, which travels as a string.
pub(crate) fn number(position: &Value) -> u64 {
    position
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}
