//! Connections over which one is told what one follows, as three protocols have it.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::harness::failure::{Checked, fail};

/// How one is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// `graphql-transport-ws`.
    Socket,
    /// `text/event-stream`, by the distinct connections of `graphql-sse`.
    Events,
    /// `multipart/mixed`, as Apollo's client asks for it.
    Parts,
}

/// What one is told.
#[derive(Debug)]
pub(crate) enum Told {
    /// An item of the stream of that number, of that position.
    Item(usize, u64),
    /// Nothing else up to here.
    Passed(u64),
    /// Nothing of interest.
    Nothing,
    /// The connection is no more, for what was said: a code or a word.
    Gone(String),
}

#[derive(Debug, Deserialize)]
struct Payload {
    data: Option<Data>,
    errors: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Data {
    item: Item,
}

#[derive(Debug, Deserialize)]
struct Item {
    position: String,
}

#[derive(Debug, Deserialize)]
struct FromServer {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    payload: Option<Value>,
}

/// A connection.
pub(crate) enum Connection {
    Socket(Box<WebSocketStream<TcpStream>>),
    Lines {
        answer: reqwest::Response,
        buffer: Vec<u8>,
        transport: Transport,
    },
}

/// Where to, and as whom.
#[derive(Debug)]
pub(crate) struct To<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) token: &'a str,
    pub(crate) http: &'a reqwest::Client,
}

impl Connection {
    /// Opens one and asks for the streams; the number of each is its place. Over HTTP there is one, and whoever
    /// comes back says after what by `Last-Event-ID`.
    pub(crate) async fn open(
        transport: Transport,
        to: &To<'_>,
        requests: &[Value],
        last: Option<u64>,
    ) -> Option<Self> {
        match transport {
            Transport::Socket => socket(to, requests).await,
            Transport::Events | Transport::Parts => {
                let accepted = match transport {
                    Transport::Parts => {
                        "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0,application/json"
                    }
                    Transport::Socket | Transport::Events => "text/event-stream",
                };
                let url = format!("http://{}/graphql", to.address);
                let mut request = to.http.post(url).bearer_auth(to.token);
                request = request.header("accept", accepted).json(requests.first()?);
                if let Some(last) = last.filter(|_| transport == Transport::Events) {
                    request = request.header("last-event-id", last.to_string());
                }
                let answer = request.send().await.ok()?;
                Some(Self::Lines {
                    answer,
                    buffer: Vec::new(),
                    transport,
                })
            }
        }
    }

    /// The answer to one query, over a socket of its own.
    pub(crate) async fn once(to: &To<'_>, request: &Value) -> Checked<Value> {
        let Some(Self::Socket(mut socket)) = socket(to, std::slice::from_ref(request)).await else {
            return fail("no socket");
        };
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message {
                let told: FromServer = parsed(text.as_bytes())?;
                match (told.kind.as_str(), told.payload) {
                    ("next", Some(payload)) => return Ok(payload),
                    ("error", Some(errors)) => return Ok(json!({ "errors": errors })),
                    _ => {}
                }
            }
        }
        fail("the socket ends without an answer")
    }

    /// What comes next.
    pub(crate) async fn next(&mut self) -> Checked<Told> {
        match self {
            Self::Socket(socket) => from_socket(socket).await,
            Self::Lines {
                answer,
                buffer,
                transport,
            } => {
                if !answer.status().is_success() {
                    let status = answer.status();
                    let body = answer.chunk().await.ok().flatten().unwrap_or_default();
                    if status.is_server_error() {
                        return Ok(Told::Gone(status.to_string()));
                    }
                    return fail(format!("{status}: {}", String::from_utf8_lossy(&body)));
                }
                loop {
                    if let Some(told) = from_lines(buffer, *transport)? {
                        return Ok(told);
                    }
                    match answer.chunk().await {
                        Ok(Some(chunk)) => buffer.extend_from_slice(&chunk),
                        Ok(None) => return Ok(Told::Gone("ended".to_owned())),
                        Err(_) => return Ok(Told::Gone("torn".to_owned())),
                    }
                }
            }
        }
    }
}

async fn socket(to: &To<'_>, requests: &[Value]) -> Option<Connection> {
    let stream = TcpStream::connect(to.address).await.ok()?;
    let url = format!("ws://{}/graphql", to.address);
    let mut request = url.into_client_request().ok()?;
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = client_async(request, stream).await.ok()?;
    let shown = json!({ "authorization": format!("Bearer {}", to.token) });
    let init = json!({ "type": "connection_init", "payload": shown });
    let subscribes = requests.iter().enumerate().map(|(number, request)| {
        json!({ "id": number.to_string(), "type": "subscribe", "payload": request })
    });
    for message in std::iter::once(init).chain(subscribes) {
        socket.feed(Message::text(message.to_string())).await.ok()?;
    }
    socket.flush().await.ok()?;
    Some(Connection::Socket(Box::new(socket)))
}

async fn from_socket(socket: &mut WebSocketStream<TcpStream>) -> Checked<Told> {
    let text = match socket.next().await {
        Some(Ok(Message::Text(text))) => text,
        Some(Ok(Message::Close(frame))) => {
            let code = frame.map_or(1005, |frame| u16::from(frame.code));
            // What a client of the protocol does not come back from.
            if (4400..4500).contains(&code) {
                return fail(format!("closed with {code}"));
            }
            return Ok(Told::Gone(code.to_string()));
        }
        Some(Ok(_)) => return Ok(Told::Nothing),
        Some(Err(_)) | None => return Ok(Told::Gone("torn".to_owned())),
    };
    let told: FromServer = parsed(text.as_bytes())?;
    match told.kind.as_str() {
        "next" => {
            let number = told.id.as_deref().unwrap_or_default().parse().unwrap();
            item(told.payload.unwrap_or_default(), number)
        }
        "ping" => {
            let pong = Message::text(json!({ "type": "pong" }).to_string());
            if socket.send(pong).await.is_err() {
                return Ok(Told::Gone("torn".to_owned()));
            }
            let position = told
                .payload
                .and_then(|payload| number(&payload["position"]));
            Ok(position.map_or(Told::Nothing, Told::Passed))
        }
        "connection_ack" => Ok(Told::Nothing),
        "complete" => Ok(Told::Gone("complete".to_owned())),
        _ => fail(format!("told {text}")),
    }
}

/// What the lines read so far tell, if they tell something whole.
fn from_lines(buffer: &mut Vec<u8>, transport: Transport) -> Checked<Option<Told>> {
    let end: &[u8] = match transport {
        Transport::Parts => b"--graphql",
        Transport::Socket | Transport::Events => b"\n\n",
    };
    let Some(at) = buffer.windows(end.len()).position(|window| window == end) else {
        return Ok(None);
    };
    let rest = buffer.split_off(at + end.len());
    let whole = std::mem::replace(buffer, rest);
    let whole = String::from_utf8_lossy(&whole[..at]).into_owned();
    let told = if transport == Transport::Parts {
        let body = whole.split("\r\n\r\n").nth(1).unwrap_or_default().trim();
        if body.is_empty() {
            Told::Nothing
        } else {
            let mut body: Value = parsed(body.as_bytes())?;
            match body.get_mut("payload") {
                // Of the transport: what Apollo's client takes for the end.
                Some(Value::Null) => transport_failed(&body)?,
                Some(payload) => item(payload.take(), 0)?,
                None => Told::Nothing,
            }
        }
    } else {
        let field = |name: &str| whole.lines().find_map(|line| line.strip_prefix(name));
        match (field("event: "), field("data: ")) {
            (Some("next"), Some(data)) => {
                let told = item(parsed(data.as_bytes())?, 0)?;
                let id = field("id: ").and_then(|id| id.parse().ok());
                if let Told::Item(_, position) = &told
                    && id != Some(*position)
                {
                    return fail(format!("an item of {position} has the id {id:?}"));
                }
                told
            }
            (Some("complete"), _) => Told::Gone("complete".to_owned()),
            _ => {
                let position = field(": ").and_then(|position| position.parse().ok());
                position.map_or(Told::Nothing, Told::Passed)
            }
        }
    };
    Ok(Some(told))
}

/// A part without a payload: the server stops, or there is something wrong.
fn transport_failed(body: &Value) -> Checked<Told> {
    let code = &body["errors"][0]["extensions"]["code"];
    match code.as_str() {
        Some("UNAVAILABLE") => Ok(Told::Gone("UNAVAILABLE".to_owned())),
        _ => fail(format!("told {body}")),
    }
}

fn item(payload: Value, stream: usize) -> Checked<Told> {
    let words = payload.to_string();
    let payload: Payload = serde_json::from_value(payload).unwrap_or(Payload {
        data: None,
        errors: None,
    });
    let position = payload
        .data
        .and_then(|data| data.item.position.parse().ok());
    match (position, payload.errors) {
        (Some(position), None) => Ok(Told::Item(stream, position)),
        _ => fail(format!("told {words}")),
    }
}

fn number(position: &Value) -> Option<u64> {
    position.as_str()?.parse().ok()
}

fn parsed<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Checked<T> {
    serde_json::from_slice(bytes)
        .or_else(|_| fail(format!("not JSON: {}", String::from_utf8_lossy(bytes))))
}
