//! One `WebSocket`, speaking `graphql-transport-ws`.
//!
//! Each operation is a task that hands its messages to the one writer of the socket through a
//! bounded queue: a slow client makes its own streams wait, and nobody else.
//!
//! When the server stops, subscriptions end at once, other operations are answered first, and then
//! the socket is closed.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use async_graphql::{Response as Answer, ServerError};
use axum::{
    extract::{
        WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    response::Response,
};
use futures_util::{FutureExt, SinkExt, StreamExt, future::BoxFuture, stream::SplitSink};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, watch},
    task::AbortHandle,
    time::{Instant, timeout_at},
};

use tracing::Instrument;

use super::{
    Server,
    answer::is_request_error,
    operation::{span, tell_cost},
    parameters::Parameters,
    rate::Purse,
};
use crate::{
    access::Caller,
    graphql::{self, finish_for},
    identity::{Known, Refused},
    limits,
};

const PROTOCOL: &str = "graphql-transport-ws";
/// Small buffers: a socket that only listens costs little.
const READ_BUFFER: usize = 4 * 1024;

/// Once acknowledged, a client may be silent for as long as it likes.
const FOREVER: Duration = Duration::from_hours(365 * 24);

/// Why the server closes a socket, by the protocol's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    /// The server stops; the client comes back elsewhere.
    Restart,
    /// A message that is none of the protocol's.
    BadMessage,
    /// An operation before the connection was acknowledged.
    Unauthorized,
    /// The client does not speak the protocol.
    Subprotocol,
    /// Who asks proved nothing, or no longer does.
    Forbidden,
    /// It cannot be told who asks.
    Later,
    /// No `connection_init` in time.
    InitTimeout,
    /// An id that is in use.
    DuplicateId,
    /// A second `connection_init`.
    SecondInit,
    /// Too many operations at once.
    TooMany,
}

impl Closing {
    const fn frame(self) -> (u16, &'static str) {
        match self {
            Self::Restart => (1012, "Service restart"),
            Self::BadMessage => (4400, "Invalid message"),
            Self::Unauthorized => (4401, "Unauthorized"),
            Self::Forbidden => (4403, "Forbidden"),
            Self::Later => (1013, "Try again later"),
            Self::Subprotocol => (4406, "Subprotocol not acceptable"),
            Self::InitTimeout => (4408, "Connection initialisation timeout"),
            Self::DuplicateId => (4409, "Subscriber already exists"),
            Self::SecondInit => (4429, "Too many initialisation requests"),
            Self::TooMany => (4429, "Too many subscriptions"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum FromClient {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Value>,
    },
    Ping {},
    Pong {},
    Subscribe {
        id: String,
        payload: Parameters,
    },
    Complete {
        id: String,
    },
}

/// What a task of the socket hands to its writer.
enum Outgoing {
    Text(String),
    /// The operation of that id, and of that number, has ended.
    Ended(String, u64),
}

/// Answers an upgrade.
pub(super) fn accept(
    upgrade: WebSocketUpgrade,
    server: Server,
    known: Known,
    from: Option<IpAddr>,
) -> Response {
    // Whatever is logged of it names the request that it began with.
    let request = tracing::Span::current();
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(limits::MESSAGE_BYTES_MAX)
        .max_frame_size(limits::MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| serve(socket, server, (known, from)).instrument(request))
}

async fn serve(socket: WebSocket, server: Server, (known, from): (Known, Option<IpAddr>)) {
    let speaks = socket
        .protocol()
        .is_some_and(|protocol| protocol.as_bytes() == PROTOCOL.as_bytes());
    let (mut sink, mut stream) = socket.split();
    let mut stop = server.stop.clone();
    let (outgoing, mut queue) = mpsc::channel(limits::MESSAGES_WAITING_MAX);
    let mut session = Session {
        lost: server.callers.clone().lost(known.clone()).boxed(),
        known,
        from,
        server,
        outgoing,
        running: HashMap::new(),
        acknowledged: false,
        started: 0,
    };
    let init_by = deadline();
    let mut stops = false;
    let closing = if speaks {
        loop {
            if stops && session.running.is_empty() {
                break Some(Closing::Restart);
            }
            let patience = if session.acknowledged {
                init_by + FOREVER
            } else {
                init_by
            };
            tokio::select! {
                () = stopping(&mut stop), if !stops => stops = true,
                () = &mut session.lost => break Some(Closing::Forbidden),
                message = queue.recv() => match message {
                    Some(Outgoing::Text(text)) => {
                        // At each delivery: what was revoked meanwhile is shown nothing more.
                        if !session.server.callers.holds(&session.known).await {
                            break Some(Closing::Forbidden);
                        }
                        if sink.send(Message::text(text)).await.is_err() {
                            break None;
                        }
                    }
                    Some(Outgoing::Ended(id, number)) => session.ended(&id, number),
                    None => break None,
                },
                received = timeout_at(patience, stream.next()), if !stops => match received {
                    Err(_) if session.acknowledged => {}
                    Err(_) => break Some(Closing::InitTimeout),
                    Ok(received) => {
                        if let Err(closing) = session.receive(received, &mut sink).await {
                            break closing;
                        }
                    }
                }
            }
        }
    } else {
        Some(Closing::Subprotocol)
    };
    session.stop_all();
    if let Some(closing) = closing {
        let (code, reason) = closing.frame();
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        // A client that is gone needs no close frame.
        let _gone = sink.send(Message::Close(Some(frame))).await;
    }
}

fn deadline() -> Instant {
    Instant::now() + limits::CONNECTION_INIT
}

/// Resolves when the server stops, or is gone.
async fn stopping(stop: &mut watch::Receiver<bool>) {
    let _gone = stop.wait_for(|stop| *stop).await.is_err();
}

struct Session {
    server: Server,
    /// Who asks.
    known: Known,
    /// From where.
    from: Option<IpAddr>,
    /// Resolves once that is no longer so.
    lost: BoxFuture<'static, ()>,
    outgoing: mpsc::Sender<Outgoing>,
    running: HashMap<String, (u64, AbortHandle)>,
    acknowledged: bool,
    started: u64,
}

type Sink = SplitSink<WebSocket, Message>;
type Received = Option<Result<Message, axum::Error>>;

impl Session {
    /// Takes in one message; an error ends the socket, with a close frame or without.
    async fn receive(
        &mut self,
        received: Received,
        sink: &mut Sink,
    ) -> Result<(), Option<Closing>> {
        let text = match received {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => return Err(Some(Closing::BadMessage)),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(None),
        };
        let message = serde_json::from_str(text.as_str()).map_err(|_| Some(Closing::BadMessage))?;
        let reply = match message {
            FromClient::ConnectionInit { .. } if self.acknowledged => {
                return Err(Some(Closing::SecondInit));
            }
            FromClient::ConnectionInit { payload } => {
                self.identify(payload.as_ref()).await.map_err(Some)?;
                self.acknowledged = true;
                json!({ "type": "connection_ack" })
            }
            FromClient::Ping {} => json!({ "type": "pong" }),
            FromClient::Pong {} => return Ok(()),
            FromClient::Complete { id } => {
                if let Some((_, task)) = self.running.remove(&id) {
                    task.abort();
                }
                return Ok(());
            }
            FromClient::Subscribe { .. } if !self.acknowledged => {
                return Err(Some(Closing::Unauthorized));
            }
            FromClient::Subscribe { id, payload } => {
                if !self.server.callers.holds(&self.known).await {
                    return Err(Some(Closing::Forbidden));
                }
                return self.start(id, payload).map_err(Some);
            }
        };
        sink.send(Message::text(reply.to_string()))
            .await
            .map_err(|_| None)
    }

    /// Takes what the first message shows of who asks, if it shows anything: a browser sets no
    /// header on an upgrade.
    async fn identify(&mut self, payload: Option<&Value>) -> Result<(), Closing> {
        // In any case of letters: GraphiQL hands on what stands in its headers editor.
        let fields = payload.and_then(Value::as_object).into_iter().flatten();
        let mut named = fields.filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let shown = match (named.next(), named.next()) {
            (None, _) => return Ok(()),
            (Some((_, Value::String(shown))), None) => shown,
            (Some(_), _) => return Err(Closing::Forbidden),
        };
        let callers = &self.server.callers;
        self.known = match callers.of(Some(shown)).await {
            Ok(known) => known,
            Err(Refused::Unauthenticated) => return Err(Closing::Forbidden),
            Err(Refused::Unavailable) => return Err(Closing::Later),
        };
        self.lost = callers.clone().lost(self.known.clone()).boxed();
        Ok(())
    }

    fn start(&mut self, id: String, parameters: Parameters) -> Result<(), Closing> {
        if self.running.contains_key(&id) {
            return Err(Closing::DuplicateId);
        }
        if self.running.len() >= limits::SUBSCRIPTIONS_MAX {
            return Err(Closing::TooMany);
        }
        self.started += 1;
        let number = self.started;
        let caller = self.known.caller.clone();
        let purse = self.server.rates.purse(&caller, self.from);
        let operation = span(&parameters);
        let carried_out = carry_out(
            self.server.clone(),
            (caller, purse),
            self.outgoing.clone(),
            (id.clone(), number),
            parameters,
        );
        let task = tokio::spawn(carried_out.instrument(operation));
        self.running.insert(id, (number, task.abort_handle()));
        Ok(())
    }

    /// Forgets an operation that has ended, unless its id was taken again meanwhile.
    fn ended(&mut self, id: &str, number: u64) {
        if self
            .running
            .get(id)
            .is_some_and(|(known, _)| *known == number)
        {
            self.running.remove(id);
        }
    }

    fn stop_all(&mut self) {
        for (_, (_, task)) in self.running.drain() {
            task.abort();
        }
    }
}

/// Carries one operation out and hands over its messages. Ends when the socket is gone.
async fn carry_out(
    server: Server,
    (caller, purse): (Caller, Purse),
    outgoing: mpsc::Sender<Outgoing>,
    (id, number): (String, u64),
    parameters: Parameters,
) {
    let mut last = json!({ "id": id, "type": "complete" });
    let at = graphql::now(&server.schema, &caller);
    let admitted = match purse.spend(limits::REQUEST_COST) {
        Ok(_) => parameters.admit(&server, &caller, &purse, at).await,
        Err(wait) => Err(wait.into()),
    };
    match admitted.map_err(ServerError::from) {
        Err(error) => last = json!({ "id": id, "type": "error", "payload": [error] }),
        Ok(admitted) => {
            let (follows, cost) = (admitted.kind.follows, admitted.cost);
            let mut stop = server.stop.clone();
            let mut answers = server.schema.execute_stream(admitted.request);
            let mut first = true;
            loop {
                let answer = tokio::select! {
                    biased;
                    () = stopping(&mut stop), if follows => {
                        // Nothing is completed: the client goes on elsewhere.
                        let _gone = outgoing.send(Outgoing::Ended(id, number)).await;
                        return;
                    }
                    answer = answers.next() => answer,
                };
                let Some(answer) = answer else { break };
                let mut answer: Answer = finish_for(answer, &caller);
                if !follows {
                    tell_cost(&mut answer, cost);
                }
                if first && is_request_error(&answer) {
                    last = json!({ "id": id, "type": "error", "payload": answer.errors });
                    break;
                }
                first = false;
                let next = json!({ "id": id, "type": "next", "payload": answer });
                if outgoing
                    .send(Outgoing::Text(next.to_string()))
                    .await
                    .is_err()
                {
                    return;
                }
            }
        }
    }
    // The id is free for the client once it reads this: so it is freed here first.
    let ended = outgoing.send(Outgoing::Ended(id, number)).await;
    if ended.is_ok() {
        let _gone = outgoing.send(Outgoing::Text(last.to_string())).await;
    }
}
