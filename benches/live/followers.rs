//! Subscribers, each with a socket of its own.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt, stream};
use serde_json::json;
use tokio::{net::TcpStream, sync::Notify, task::JoinSet};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig,
    },
};

use crate::writer::Writer;

/// How many connect at once.
const AT_ONCE: usize = 64;
/// Only what hangs takes so long.
const PATIENCE: Duration = Duration::from_mins(2);

/// What all of them were told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    count: AtomicU64,
    more: Notify,
    /// When, while that is asked for.
    times: Mutex<Option<Vec<Instant>>>,
}

/// What they show, and after what they follow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    tokens: &'a [String],
    after: &'a str,
}

/// Some of them.
pub(crate) struct Followers {
    pub(crate) count: usize,
    told: Arc<Told>,
    _sockets: JoinSet<()>,
}

impl Followers {
    /// Of carnet, who follow all events.
    pub(crate) async fn of_carnet(writer: &Writer, count: usize) -> Self {
        let after = writer.head().await;
        let shown = Shown {
            tokens: &writer.tokens,
            after: &after,
        };
        Self::of(&writer.address, count, Some(shown)).await
    }

    /// Connects so many; each has asked, and was acknowledged.
    pub(crate) async fn of(address: &str, count: usize, shown: Option<Shown<'_>>) -> Self {
        let told = Arc::new(Told::default());
        let connected = stream::iter(0..count).map(|number| {
            let shown = shown.map(|it| (it.tokens[number % it.tokens.len()].as_str(), it.after));
            connect(address, shown)
        });
        let mut connected = connected.buffer_unordered(AT_ONCE);
        let mut sockets = JoinSet::new();
        while let Some(socket) = connected.next().await {
            sockets.spawn(listen(socket, Arc::clone(&told)));
        }
        Self {
            count,
            told,
            _sockets: sockets,
        }
    }

    /// How many messages they were told.
    pub(crate) fn told(&self) -> u64 {
        self.told.count.load(Ordering::SeqCst)
    }

    /// Waits until they were told so many.
    pub(crate) async fn reach(&self, count: u64) {
        let reached = async {
            loop {
                let more = self.told.more.notified();
                if self.told() >= count {
                    return;
                }
                more.await;
            }
        };
        let reached = tokio::time::timeout(PATIENCE, reached).await;
        assert!(reached.is_ok(), "{} of {count} were delivered", self.told());
    }

    /// From now on, notes when each message comes.
    pub(crate) fn note_times(&self) {
        *self.told.times.lock().unwrap() = Some(Vec::new());
    }

    /// When they came.
    pub(crate) fn times(&self) -> Vec<Instant> {
        self.told.times.lock().unwrap().take().unwrap_or_default()
    }
}

type Socket = WebSocketStream<TcpStream>;

async fn connect(address: &str, shown: Option<(&str, &str)>) -> Socket {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut request = format!("ws://{address}/graphql")
        .into_client_request()
        .unwrap();
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let small = WebSocketConfig::default()
        .read_buffer_size(1024)
        .write_buffer_size(0);
    let connected = client_async_with_config(request, stream, Some(small)).await;
    let (mut socket, _) = connected.unwrap();
    let token = shown.map(|(token, _)| json!({ "authorization": format!("Bearer {token}") }));
    let init = json!({ "type": "connection_init", "payload": token.unwrap_or_default() });
    socket.send(Message::text(init.to_string())).await.unwrap();
    socket.next().await.unwrap().unwrap();
    let query = "subscription ($after: Position) { events(after: $after) { id position kind \
                 subjectId recordedAt } }";
    let variables = json!({ "after": shown.map(|(_, after)| after) });
    let payload = json!({ "query": query, "variables": variables });
    let subscribe = json!({ "id": "1", "type": "subscribe", "payload": payload });
    socket
        .send(Message::text(subscribe.to_string()))
        .await
        .unwrap();
    if shown.is_none() {
        socket.next().await.unwrap().unwrap();
    }
    socket
}

#[expect(
    clippy::disallowed_methods,
    reason = "it is measured when messages come"
)]
async fn listen(mut socket: Socket, told: Arc<Told>) {
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        if !text.contains("\"next\"") {
            continue;
        }
        let now = Instant::now();
        if let Some(times) = &mut *told.times.lock().unwrap() {
            times.push(now);
        }
        told.count.fetch_add(1, Ordering::SeqCst);
        told.more.notify_waiters();
    }
}
