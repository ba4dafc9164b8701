//! The messages of `graphql-transport-ws`, and the codes that a socket is closed with.

use async_graphql::ServerError;
use axum::{
    Error,
    extract::ws::{CloseFrame, Message, Utf8Bytes},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tungstenite::error::{CapacityError, Error as Failure};

use super::super::trusted::Sent;
use crate::domain::terms::Position;

/// What the protocol is called where a socket is asked for.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";

/// Why the server closes a socket. Clients come back by themselves after 1012 and 1013, and not after any
/// of 4400 and more but 4403 and 4408.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// Frames that are none of `WebSocket`'s.
    BadFrame,
    /// Text that is not UTF-8.
    NotText,
    /// A message beyond what is taken in.
    TooLarge,
    /// The server stops; the client comes back elsewhere.
    Restart,
    /// It cannot be told who asks.
    Later,
    /// There is no place for another socket.
    Full,
    /// The client answers no ping.
    Silent,
    /// A message that is none of the protocol's.
    BadMessage,
    /// An operation before the connection was acknowledged.
    Unauthorized,
    /// Who asks proved nothing, or no longer does.
    Forbidden,
    /// The client does not speak the protocol.
    Subprotocol,
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
    const fn code(self) -> (u16, &'static str) {
        match self {
            Self::BadFrame => (1002, "Protocol error"),
            Self::NotText => (1007, "Text is not UTF-8"),
            Self::TooLarge => (1009, "Message too large"),
            Self::Restart => (1012, "Service restart"),
            Self::Later => (1013, "Try again later"),
            Self::Full => (1013, "Too many sockets"),
            Self::Silent => (1013, "No answer to a ping"),
            Self::BadMessage => (4400, "Invalid message"),
            Self::Unauthorized => (4401, "Unauthorized"),
            Self::Forbidden => (4403, "Forbidden"),
            Self::Subprotocol => (4406, "Subprotocol not acceptable"),
            Self::InitTimeout => (4408, "Connection initialisation timeout"),
            Self::DuplicateId => (4409, "Subscriber already exists"),
            Self::SecondInit => (4429, "Too many initialisation requests"),
            Self::TooMany => (4429, "Too many subscriptions"),
        }
    }

    pub(super) fn message(self) -> Message {
        let (code, reason) = self.code();
        Message::Close(Some(CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        }))
    }

    /// What is said to a client whose bytes could not be taken in; nothing, where it is gone.
    pub(super) fn of(error: Error) -> Option<Self> {
        let error = error.into_inner().downcast::<Failure>().ok()?;
        match *error {
            Failure::Utf8(_) => Some(Self::NotText),
            Failure::Capacity(CapacityError::MessageTooLong { .. }) => Some(Self::TooLarge),
            // Of one that is gone, the frame goes nowhere.
            Failure::Protocol(_) => Some(Self::BadFrame),
            Failure::ConnectionClosed
            | Failure::AlreadyClosed
            | Failure::Io(_)
            | Failure::Tls(_)
            | Failure::Capacity(CapacityError::TooManyHeaders)
            | Failure::WriteBufferFull(_)
            | Failure::AttackAttempt
            | Failure::Url(_)
            | Failure::Http(_)
            | Failure::HttpFormat(_) => None,
        }
    }
}

/// A message from a client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FromClient {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Payload>,
    },
    Ping {
        #[serde(default)]
        payload: Option<Payload>,
    },
    Pong {
        #[serde(default, rename = "payload")]
        _payload: Option<Payload>,
    },
    Subscribe {
        id: String,
        payload: Sent,
    },
    Complete {
        id: String,
    },
}

/// What may stand beside: an object.
pub(super) type Payload = serde_json::Map<String, Value>;

pub(super) fn acknowledged() -> Message {
    Message::Text(Utf8Bytes::from_static(r#"{"type":"connection_ack"}"#))
}

/// The answer to a ping, with what came with it.
pub(super) fn pong(payload: Option<Payload>) -> Message {
    Message::text(match payload {
        Some(payload) => json!({ "type": "pong", "payload": payload }).to_string(),
        None => r#"{"type":"pong"}"#.to_owned(),
    })
}

/// A ping; with the position up to which everything was told, where something is followed.
pub(super) fn ping(reached: Option<Position>) -> Message {
    Message::text(match reached {
        Some(reached) => format!(r#"{{"type":"ping","payload":{{"position":"{reached}"}}}}"#),
        None => r#"{"type":"ping"}"#.to_owned(),
    })
}

/// What begins every answer of an operation.
pub(super) fn heading(id: &str) -> String {
    format!(r#"{{"id":{},"type":"next","payload":"#, json!(id))
}

/// One answer: its bytes stand as they are.
pub(super) fn next(heading: &str, payload: &str) -> Message {
    let mut text = String::with_capacity(heading.len() + payload.len() + 1);
    text.push_str(heading);
    text.push_str(payload);
    text.push('}');
    Message::text(text)
}

pub(super) fn error(id: &str, errors: &[ServerError]) -> Message {
    Message::text(json!({ "id": id, "type": "error", "payload": errors }).to_string())
}

pub(super) fn complete(id: &str) -> Message {
    Message::text(json!({ "id": id, "type": "complete" }).to_string())
}
