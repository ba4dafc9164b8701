//! The bare broadcast: what is posted goes to everybody.

use axum::{
    Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, Utf8Bytes, WebSocket},
    },
    response::Response,
    routing::{any, post},
};
use tokio::sync::broadcast;

use crate::{
    followers::Followers,
    shared::server::{self, runtime},
};

/// Far more than is ever waiting: it must not lose what carnet would not.
const WAITING: usize = 16 * 1024;

/// Serves until killed.
pub(crate) fn serve() {
    let (all, _) = broadcast::channel::<Utf8Bytes>(WAITING);
    let router = Router::new()
        .route("/graphql", any(follow))
        .route("/publish", post(publishes))
        .with_state(all);
    runtime().block_on(server::serve(router));
}

async fn publishes(State(all): State<broadcast::Sender<Utf8Bytes>>, text: String) {
    let _nobody = all.send(text.into());
}

async fn follow(
    upgrade: WebSocketUpgrade,
    State(all): State<broadcast::Sender<Utf8Bytes>>,
) -> Response {
    upgrade
        .protocols(["graphql-transport-ws"])
        .read_buffer_size(4 * 1024)
        .write_buffer_size(0)
        .on_upgrade(move |socket| told(socket, all))
}

/// Acknowledges, waits to be asked, and tells everything from then on.
async fn told(mut socket: WebSocket, all: broadcast::Sender<Utf8Bytes>) {
    let _init = socket.recv().await;
    let ack = Message::text("{\"type\":\"connection_ack\"}");
    let _asked = (socket.send(ack).await, socket.recv().await);
    let mut all = all.subscribe();
    // It has no cursor: whoever asks waits until it is heard.
    let _heard = socket.send(Message::text("{\"type\":\"pong\"}")).await;
    while let Ok(text) = all.recv().await {
        if socket.send(Message::Text(text)).await.is_err() {
            return;
        }
    }
}

/// Posts a message so often, and waits until it was delivered so often.
pub(crate) async fn publish(address: &str, message: &str, events: usize, followers: &Followers) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{address}/publish");
    let until = followers.told() + (events * followers.count) as u64;
    for _ in 0..events {
        let sent = client.post(&url).body(message.to_owned()).send().await;
        sent.unwrap().error_for_status().unwrap();
    }
    followers.reach(until).await;
}
