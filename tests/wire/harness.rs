//! The whole program in this process, and clients small enough to do what no good one would.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use carnet::{app::App, clock::FixedClock, config::Config, http::Live};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

/// Nothing takes so long, unless it never comes.
const PATIENCE: Duration = Duration::from_mins(1);
/// The document that most follow.
pub(crate) const EVENTS: &str =
    "subscription Follow($after: Position) { events(after: $after) { position } }";

static COMMANDS: AtomicU64 = AtomicU64::new(1);

pub(crate) async fn in_time<T>(what: &str, awaited: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, awaited).await;
    done.unwrap_or_else(|_| panic!("{what} did not come"))
}

/// The running program.
pub(crate) struct Carnet {
    pub(crate) live: Live,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) address: SocketAddr,
    client: Client,
    /// A token of its administrator.
    pub(crate) administrator: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    _directory: TempDir,
}

impl Carnet {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    /// With these settings; nobody's spending is bounded.
    pub(crate) async fn with(config: Config) -> Self {
        let cost_per_minute = 0;
        Self::open(Config {
            cost_per_minute,
            ..config
        })
        .await
    }

    /// Where a caller may spend so much in a minute.
    pub(crate) async fn of_thrift(cost_per_minute: u32) -> Self {
        Self::open(Config {
            cost_per_minute,
            ..Config::default()
        })
        .await
    }

    async fn open(config: Config) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: directory.path().join("data"),
            ..config
        };
        let clock = Arc::new(FixedClock::new("2021-05-10T08:00:00Z".parse().unwrap()));
        let mut app = App::open(&config, Arc::clone(&clock) as _).await.unwrap();
        let left = app.first_token().await.unwrap().unwrap();
        let administrator = std::fs::read_to_string(left).unwrap().trim().to_owned();
        // Who may what is for other suites.
        app.callers = app.callers.taking_strangers_for(app.caller.clone());
        let live = app.live.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let until = async {
                let _told_or_forgotten = stopped.await;
            };
            app.serve(listener, until).await.unwrap();
            app.close().await;
        });
        Self {
            live,
            clock,
            address,
            client: Client::builder().no_proxy().build().unwrap(),
            administrator,
            stop,
            serving,
            _directory: directory,
        }
    }

    /// Tells it to stop; answers with what ends once it has.
    pub(crate) fn stopping(self) -> JoinHandle<()> {
        self.stop.send(()).unwrap();
        self.serving
    }

    pub(crate) fn post(&self, body: &Value) -> RequestBuilder {
        let url = format!("http://{}/graphql", self.address);
        self.client.post(url).json(body)
    }

    /// Follows as a stream, in a form.
    pub(crate) async fn stream(&self, accept: &str, query: &str, after: Option<u64>) -> Stream {
        let variables = json!({ "after": after.map(|after| after.to_string()) });
        let body = json!({ "query": query, "variables": variables });
        Stream::of(self.post(&body).header("accept", accept)).await
    }

    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let answer = in_time("the answer", self.post(&body).send()).await;
        let mut answer: Value = answer.unwrap().json().await.unwrap();
        assert_eq!(answer.get("errors"), None, "{query}\n{answer}");
        answer["data"].take()
    }

    /// Records what the rules accept: where it stands then.
    pub(crate) async fn record(&self, intent: &str, mut input: Value, select: &str) -> Value {
        let ty = format!("{}{}Input", intent[..1].to_uppercase(), &intent[1..]);
        let number = COMMANDS.fetch_add(1, Ordering::SeqCst);
        input["source"] = json!({ "label": "Essai" });
        input["commandId"] = json!(format!("00000000-0000-7000-8000-{number:012}"));
        let mutation = format!(
            "mutation($input: {ty}!) {{ payload: {intent}(input: $input) {{ \
             userErrors {{ code message }} position {select} }} }}"
        );
        let mut data = self.data(&mutation, json!({ "input": input })).await;
        assert_eq!(data["payload"]["userErrors"], json!([]), "{data}");
        data["payload"].take()
    }

    /// Records something: the position of it.
    pub(crate) async fn record_anything(&self) -> u64 {
        let number = COMMANDS.fetch_add(1, Ordering::SeqCst);
        let input = json!({ "code": format!("operateur-{number}"), "name": "Opérateur",
            "from": "2021-05-10" });
        position(&self.record("recordOperatorJoined", input, "").await["position"])
    }

    /// A token of a role, and its id.
    pub(crate) async fn issue(&self, role: &str) -> (String, String) {
        let input = json!({ "name": "Tableau", "grants": [{ "role": role }], "on": "2021-05-10" });
        let issued = self
            .record("issueToken", input, "issued { secret token { id } }")
            .await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let issued = &issued["issued"];
        (text(&issued["token"]["id"]), text(&issued["secret"]))
    }

    pub(crate) async fn revoke(&self, id: &str) {
        let input = json!({ "tokenId": id, "on": "2021-05-10" });
        self.record("revokeToken", input, "").await;
    }

    /// A socket that was acknowledged.
    pub(crate) async fn socket(&self) -> Socket {
        self.socket_of(&json!({})).await
    }

    /// One of who shows a token.
    pub(crate) async fn socket_with(&self, token: &str) -> Socket {
        self.socket_of(&json!({ "authorization": format!("Bearer {token}") }))
            .await
    }

    async fn socket_of(&self, payload: &Value) -> Socket {
        let mut socket = self.silent().await;
        let begin = json!({ "type": "connection_init", "payload": payload });
        socket.send(&begin).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket
    }

    /// A socket that has said nothing, and whose client takes little at once.
    pub(crate) async fn silent(&self) -> Socket {
        let tcp = TcpSocket::new_v4().unwrap();
        tcp.set_recv_buffer_size(16 * 1024).unwrap();
        let tcp = in_time("the connection", tcp.connect(self.address)).await;
        let mut request = format!("ws://{}/graphql", self.address)
            .into_client_request()
            .unwrap();
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", protocol);
        let upgraded = in_time("the upgrade", client_async(request, tcp.unwrap())).await;
        Socket(upgraded.unwrap().0)
    }
}

/// A position, which travels as a string.
#[track_caller]
pub(crate) fn position(told: &Value) -> u64 {
    told.as_str().unwrap().parse().unwrap()
}

/// An open socket.
pub(crate) struct Socket(pub(crate) WebSocketStream<TcpStream>);

impl Socket {
    pub(crate) async fn send(&mut self, message: &Value) {
        self.send_raw(Message::text(message.to_string())).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        in_time("the sending", self.0.send(message)).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, after: Option<u64>) {
        let variables = json!({ "after": after.map(|after| after.to_string()) });
        let payload = json!({ "query": query, "variables": variables });
        self.send(&json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }

    /// Follows all events after a position; answers once that is taken in.
    pub(crate) async fn follow(&mut self, id: &str, after: Option<u64>) {
        self.subscribe(id, EVENTS, after).await;
    }

    /// The next message.
    pub(crate) async fn receive(&mut self) -> Value {
        match in_time("a message", self.0.next()).await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("not a message: {other:?}"),
        }
    }

    /// The position of the next event of an id; pings are answered meanwhile.
    pub(crate) async fn event(&mut self, id: &str) -> u64 {
        loop {
            let message = self.receive().await;
            if message["type"] == "ping" {
                self.send(&json!({ "type": "pong" })).await;
                continue;
            }
            assert_eq!(
                (&message["type"], &message["id"]),
                (&json!("next"), &json!(id))
            );
            return position(&message["payload"]["data"]["events"]["position"]);
        }
    }

    /// The code that it is closed with, whatever comes before.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match in_time("the closing", self.0.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("not closed: {other:?}"),
            }
        }
    }
}

/// What is told bit by bit over HTTP.
pub(crate) struct Stream {
    pub(crate) response: Response,
    read: String,
}

impl Stream {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = in_time("the answer", request.send()).await.unwrap();
        Self {
            response,
            read: String::new(),
        }
    }

    /// What comes up to a delimiter; what is left, where it ends without.
    pub(crate) async fn until(&mut self, delimiter: &str) -> Result<String, String> {
        loop {
            if let Some((piece, rest)) = self.read.split_once(delimiter) {
                let (piece, rest) = (piece.to_owned(), rest.to_owned());
                self.read = rest;
                return Ok(piece);
            }
            match in_time("more of the stream", self.response.chunk()).await {
                Ok(Some(bytes)) => self.read.push_str(std::str::from_utf8(&bytes).unwrap()),
                Ok(None) | Err(_) => return Err(std::mem::take(&mut self.read)),
            }
        }
    }
}
