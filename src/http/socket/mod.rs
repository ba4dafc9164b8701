//! One `WebSocket`, speaking `graphql-transport-ws`: [`protocol`] has its messages and codes, a
//! [`session`] what it carries out.
//!
//! One task reads and writes, and waits for the client at no other place than where it writes. What is
//! carried out hands over only what the client takes, in turns, so that no stream of a socket starves
//! another; what a slow client has not taken yet is kept nowhere ([`live`](super::live)). What takes
//! nothing at all is given up by its connection ([`patience`](super::patience)).
//!
//! When the server stops, subscriptions end at once, other operations are answered first, and then
//! the socket is closed.

mod protocol;
mod session;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::{
        WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tracing::Instrument;

use super::{
    Server,
    live::{Outcome, Told},
    stopping,
    traced::Origin,
};
use crate::{identity::Known, limits};
use protocol::{Closing, FromClient, PROTOCOL};
use session::{Came, Happened, Session};

/// Small buffers: a socket that only listens costs little.
const READ_BUFFER: usize = 4 * 1024;

/// Answers an upgrade.
pub(super) fn accept(
    upgrade: WebSocketUpgrade,
    server: Arc<Server>,
    asking: (Known, Option<IpAddr>, Origin),
) -> Response {
    // Whatever is logged of it names the request that it began with.
    let request = tracing::Span::current();
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(limits::REFUSED_MESSAGE_BYTES_MAX)
        .max_frame_size(limits::REFUSED_MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| serve(socket, server, asking).instrument(request))
}

/// Why a socket ends: with a close frame, or without where the client is gone.
type End = Option<Closing>;

async fn serve(socket: WebSocket, server: Arc<Server>, asking: (Known, Option<IpAddr>, Origin)) {
    // Held until it is closed, so that stopping waits for that.
    let _open = server.sockets.clone();
    let speaks = socket
        .protocol()
        .is_some_and(|protocol| protocol.as_bytes() == PROTOCOL.as_bytes());
    let (sink, mut stream) = socket.split();
    let stop = server.stop.clone();
    let heartbeat = server.heartbeat;
    let session = Session::open(server, asking);
    let (mut sink, end) = match session {
        _ if !speaks => (sink, Some(Closing::Subprotocol)),
        None => (sink, Some(Closing::Full)),
        Some(session) => {
            let mut socket = Socket {
                session,
                sink,
                acknowledged: false,
                heard: true,
                beat: beating(heartbeat),
            };
            let end = socket.run(&mut stream, stop).await;
            // What still runs ends here, before anything is waited for.
            drop(socket.session);
            (socket.sink, end)
        }
    };
    let Some(closing) = end else { return };
    let closed = async {
        if sink.send(closing.message()).await.is_ok() {
            // Until the client says so too: what it still sends would otherwise cut off what is on
            // its way to it.
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    if timeout(limits::CLOSING, closed).await.is_err() {
        tracing::debug!("a client did not close its socket in time");
    }
}

fn beating(heartbeat: Duration) -> Interval {
    let mut beat = interval_at(Instant::now() + heartbeat, heartbeat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat
}

type Received = Option<Result<Message, axum::Error>>;

struct Socket {
    session: Session,
    sink: SplitSink<WebSocket, Message>,
    acknowledged: bool,
    /// Whether anything was heard of the client since the last ping.
    heard: bool,
    beat: Interval,
}

impl Socket {
    async fn run(
        &mut self,
        stream: &mut SplitStream<WebSocket>,
        mut stop: watch::Receiver<bool>,
    ) -> End {
        let init_by = Instant::now() + limits::CONNECTION_INIT;
        let mut stops = false;
        loop {
            if stops && self.session.is_idle() {
                return Some(Closing::Restart);
            }
            let ended = tokio::select! {
                () = stopping(&mut stop), if !stops => {
                    stops = true;
                    Ok(())
                }
                () = sleep_until(init_by), if !self.acknowledged => Err(Some(Closing::InitTimeout)),
                _ = self.beat.tick(), if self.acknowledged => self.beats().await,
                happened = self.session.happened() => match happened {
                    Happened::Lost => Err(Some(Closing::Forbidden)),
                    Happened::Came(came) => self.tell(came).await,
                },
                received = stream.next(), if !stops => self.receive(received).await,
            };
            if let Err(end) = ended {
                return end;
            }
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        self.sink.send(message).await.map_err(|_| None)
    }

    /// Pings the client, if it answered the last ping.
    async fn beats(&mut self) -> Result<(), End> {
        if !self.heard {
            return Err(Some(Closing::Silent));
        }
        self.heard = false;
        let ping = protocol::ping(self.session.reached());
        self.send(ping).await
    }

    /// Tells the client what an operation has come to.
    async fn tell(&mut self, came: Came) -> Result<(), End> {
        if !self.session.take_in(&came) {
            return Ok(());
        }
        // At each delivery: what was revoked meanwhile is shown nothing more.
        if !self.session.holds().await {
            return Err(Some(Closing::Forbidden));
        }
        let message = match &came.outcome {
            Outcome::Told(Told::Next { payload, .. }) => protocol::next(&came.heading, payload),
            Outcome::Told(Told::Failed(errors)) => protocol::error(&came.id, errors),
            Outcome::Complete => protocol::complete(&came.id),
            Outcome::Follows(_) | Outcome::Cut => return Ok(()),
        };
        self.send(message).await
    }

    /// Takes in one message.
    async fn receive(&mut self, received: Received) -> Result<(), End> {
        self.heard = true;
        let text = match received {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => return Err(Some(Closing::BadMessage)),
            Some(Ok(Message::Close(_))) | None => return Err(None),
            Some(Err(error)) => return Err(Closing::of(error)),
        };
        if text.len() > limits::MESSAGE_BYTES_MAX {
            return Err(Some(Closing::TooLarge));
        }
        let message = serde_json::from_str(text.as_str()).map_err(|_| Some(Closing::BadMessage))?;
        match message {
            FromClient::ConnectionInit { .. } if self.acknowledged => {
                Err(Some(Closing::SecondInit))
            }
            FromClient::ConnectionInit { payload } => {
                self.session
                    .identify(payload.as_ref())
                    .await
                    .map_err(Some)?;
                self.acknowledged = true;
                self.beat.reset();
                self.send(protocol::acknowledged()).await
            }
            FromClient::Ping { payload } => self.send(protocol::pong(payload)).await,
            FromClient::Pong { .. } => Ok(()),
            FromClient::Complete { id } => {
                self.session.complete(&id);
                Ok(())
            }
            FromClient::Subscribe { .. } if !self.acknowledged => Err(Some(Closing::Unauthorized)),
            FromClient::Subscribe { id, payload } => {
                self.session.start(id, payload).await.map_err(Some)
            }
        }
    }
}
