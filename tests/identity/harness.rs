//! The whole program in this process, with a token of its administrator.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use carnet::{app::App, clock::FixedClock, config::Config};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Response, header::AUTHORIZATION};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

/// Nothing takes so long, unless it never comes.
const PATIENCE: Duration = Duration::from_mins(1);

static COMMANDS: AtomicU64 = AtomicU64::new(1);

pub(crate) async fn in_time<T>(what: &str, awaited: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, awaited).await;
    done.unwrap_or_else(|_| panic!("{what} did not come"))
}

/// Where the fixed clock begins.
pub(crate) fn start() -> DateTime<Utc> {
    "2021-05-10T08:00:00Z".parse().unwrap()
}

/// A number of seconds after that.
pub(crate) fn after(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

pub(crate) fn command_id() -> String {
    let number = COMMANDS.fetch_add(1, Ordering::SeqCst);
    format!("00000000-0000-7000-8000-{number:012}")
}

/// The running program.
pub(crate) struct Carnet {
    pub(crate) clock: Arc<FixedClock>,
    /// The administrator's token.
    pub(crate) administrator: String,
    pub(crate) directory: TempDir,
    client: Client,
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Carnet {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: directory.path().join("data"),
            ..config
        };
        let clock = Arc::new(FixedClock::new(start()));
        let app = App::open(&config, Arc::clone(&clock) as _).await.unwrap();
        let left = app.first_token().await.unwrap().unwrap();
        let administrator = std::fs::read_to_string(left).unwrap().trim().to_owned();
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
            clock,
            administrator,
            directory,
            client: Client::builder().no_proxy().build().unwrap(),
            address,
            stop,
            serving,
        }
    }

    /// Stops it, and says where its data is.
    pub(crate) async fn stop(self) -> TempDir {
        self.stop.send(()).unwrap();
        in_time("the end of the program", self.serving)
            .await
            .unwrap();
        self.directory
    }

    pub(crate) async fn get(&self, path: &str, authorization: Option<&str>) -> Response {
        let mut request = self.client.get(format!("http://{}{path}", self.address));
        if let Some(shown) = authorization {
            request = request.header(AUTHORIZATION, shown);
        }
        in_time(path, request.send()).await.unwrap()
    }

    /// An operation, with what stands in `Authorization`.
    pub(crate) async fn post(&self, authorization: Option<&str>, body: &Value) -> Response {
        let url = format!("http://{}/graphql", self.address);
        let mut request = self.client.post(url).json(body);
        if let Some(shown) = authorization {
            request = request.header(AUTHORIZATION, shown);
        }
        in_time("the answer", request.send()).await.unwrap()
    }

    /// The answer to an operation of who has a token.
    pub(crate) async fn ask(&self, token: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let answer = self.post(Some(&format!("Bearer {token}")), &body).await;
        assert_eq!(answer.status(), 200, "{query}");
        answer.json().await.unwrap()
    }

    /// The same, where nothing is wrong.
    pub(crate) async fn data(&self, token: &str, query: &str, variables: Value) -> Value {
        let mut answer = self.ask(token, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}\n{answer}");
        answer["data"].take()
    }

    /// What an administrator records.
    pub(crate) async fn record(&self, intent: &str, input: Value, select: &str) -> Value {
        let token = self.administrator.clone();
        self.record_as(&token, intent, input, select).await
    }

    pub(crate) async fn record_as(
        &self,
        token: &str,
        intent: &str,
        mut input: Value,
        select: &str,
    ) -> Value {
        let ty = format!("{}{}Input", intent[..1].to_uppercase(), &intent[1..]);
        input["source"] = json!({ "label": "Essai" });
        if input.get("commandId").is_none() {
            input["commandId"] = json!(command_id());
        }
        let mutation = format!(
            "mutation($input: {ty}!) {{ {intent}(input: $input) {{ \
             userErrors {{ code field message }} position eventIds {select} }} }}"
        );
        let mut data = self.data(token, &mutation, json!({ "input": input })).await;
        data[intent].take()
    }

    /// Issues a token: its id, and the token itself.
    pub(crate) async fn issue(
        &self,
        role: &str,
        expires: Option<DateTime<Utc>>,
    ) -> (String, String) {
        let input = json!({
            "name": "Tableau de bord",
            "grants": [{ "role": role }],
            "on": "2021-05-10",
            "expires": expires,
        });
        let payload = self
            .record("issueToken", input, "issued { secret token { id } }")
            .await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let issued = &payload["issued"];
        (text(&issued["token"]["id"]), text(&issued["secret"]))
    }

    pub(crate) async fn revoke(&self, token_id: &str) {
        let input = json!({ "tokenId": token_id, "on": "2021-05-10" });
        let payload = self.record("revokeToken", input, "token { revoked }").await;
        assert_eq!(payload["token"]["revoked"], "2021-05-10", "{payload}");
    }

    /// Grants a role to an account or an organisation.
    pub(crate) async fn grant(&self, holder: Value, role: &str) {
        let input = json!({ "holder": holder, "grant": { "role": role }, "on": "2021-05-10" });
        let payload = self.record("grantRole", input, "").await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
    }

    /// Records something that has nothing to do with who asks.
    pub(crate) async fn record_anything(&self) {
        let number = COMMANDS.fetch_add(1, Ordering::SeqCst);
        let input = json!({ "code": format!("operateur-{number}"), "name": "Opérateur", "from": "2021-05-10" });
        let payload = self.record("recordOperatorJoined", input, "").await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
    }

    /// Who the program takes whoever shows a token for.
    pub(crate) async fn viewer(&self, token: &str) -> Value {
        let query = "{ viewer { actor grants { role organisation } expires } }";
        self.data(token, query, json!({})).await["viewer"].take()
    }

    /// What is answered to what stands in `Authorization`: the status, the challenge, and the body.
    pub(crate) async fn refusal(&self, authorization: &str) -> (u16, String, String) {
        let body = json!({ "query": "{ viewer { actor } }" });
        let answer = self.post(Some(authorization), &body).await;
        let challenge = answer.headers().get("www-authenticate");
        let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        (
            status,
            challenge.unwrap_or_default(),
            answer.text().await.unwrap(),
        )
    }

    /// Upgrades, with what stands in `Authorization`.
    pub(crate) async fn upgrade(&self, authorization: Option<&str>) -> Result<Socket, Error> {
        let mut request = format!("ws://{}/graphql", self.address)
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        headers.insert("sec-websocket-protocol", protocol);
        if let Some(shown) = authorization {
            headers.insert("authorization", shown.parse().unwrap());
        }
        let connected = in_time("the upgrade", connect_async(request)).await;
        connected.map(|(stream, _)| Socket(stream))
    }

    /// A socket that its first message shows a token on.
    pub(crate) async fn socket(&self, token: &str) -> Socket {
        let mut socket = self.upgrade(None).await.unwrap();
        let payload = json!({ "authorization": format!("Bearer {token}") });
        socket
            .send(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(socket.message().await["type"], "connection_ack");
        socket
    }
}

/// An open socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn send(&mut self, message: Value) {
        let message = Message::text(message.to_string());
        in_time("the sending", self.0.send(message)).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str) {
        let payload = json!({ "query": query });
        self.send(json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }

    pub(crate) async fn message(&mut self) -> Value {
        match in_time("a message", self.0.next()).await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("not a message: {other:?}"),
        }
    }

    /// The code that it is closed with, and nothing is delivered before.
    pub(crate) async fn closed(&mut self) -> u16 {
        match in_time("the closing", self.0.next()).await {
            Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
            other => panic!("not closed: {other:?}"),
        }
    }
}
