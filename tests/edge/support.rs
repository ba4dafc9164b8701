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
use reqwest::{
    Client, RequestBuilder, Response,
    header::{ACCEPT, AUTHORIZATION},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// Nothing takes so long, unless it never comes.
const PATIENCE: Duration = Duration::from_mins(1);

static COMMANDS: AtomicU64 = AtomicU64::new(1);

pub(crate) async fn in_time<T>(what: &str, awaited: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, awaited).await;
    done.unwrap_or_else(|_| panic!("{what} did not come"))
}

/// The running program.
pub(crate) struct Carnet {
    /// The administrator's token.
    pub(crate) administrator: String,
    pub(crate) client: Client,
    pub(crate) address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    _directory: TempDir,
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
        let clock = FixedClock::new("2021-05-10T08:00:00Z".parse().unwrap());
        let app = App::open(&config, Arc::new(clock)).await.unwrap();
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
            administrator,
            client: Client::builder().no_proxy().build().unwrap(),
            address,
            stop,
            serving,
            _directory: directory,
        }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        in_time("the end of the program", self.serving)
            .await
            .unwrap();
    }

    fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// An operation by POST.
    pub(crate) fn post(&self, token: &str, body: &Value) -> RequestBuilder {
        self.bytes(token, body.to_string())
    }

    /// A body by POST, whatever it is.
    pub(crate) fn bytes(&self, token: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.client
            .post(self.url())
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(ACCEPT, "application/json")
            .header("content-type", "application/json")
            .body(body)
    }

    /// A query by GET.
    pub(crate) fn get(&self, token: &str, query: &str) -> RequestBuilder {
        let url = reqwest::Url::parse_with_params(&self.url(), [("query", query)]).unwrap();
        self.client
            .get(url)
            .header(AUTHORIZATION, format!("Bearer {token}"))
    }

    /// The whole answer to an operation.
    pub(crate) async fn ask(&self, token: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let answer = send(self.post(token, &body)).await;
        answer.json().await.unwrap()
    }

    /// The same, where nothing is wrong.
    pub(crate) async fn data(&self, token: &str, query: &str, variables: Value) -> Value {
        let mut answer = self.ask(token, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}\n{answer}");
        answer["data"].take()
    }

    /// What an administrator records.
    pub(crate) async fn record(&self, intent: &str, mut input: Value, select: &str) -> Value {
        let ty = format!("{}{}Input", intent[..1].to_uppercase(), &intent[1..]);
        let number = COMMANDS.fetch_add(1, Ordering::SeqCst);
        input["source"] = json!({ "label": "Essai" });
        input["commandId"] = json!(format!("00000000-0000-7000-8000-{number:012}"));
        let mutation = format!(
            "mutation($input: {ty}!) {{ {intent}(input: $input) {{ \
             userErrors {{ code field message }} position {select} }} }}"
        );
        let variables = json!({ "input": input });
        let mut data = self.data(&self.administrator, &mutation, variables).await;
        assert_eq!(data[intent]["userErrors"], json!([]), "{data}");
        data[intent].take()
    }

    /// A token of somebody who was granted that.
    pub(crate) async fn issue(&self, grant: Value) -> String {
        let input = json!({ "name": "Essai", "grants": [grant], "on": "2021-05-10" });
        let payload = self.record("issueToken", input, "issued { secret }").await;
        payload["issued"]["secret"].as_str().unwrap().to_owned()
    }

    /// Launches the experiment of that number, carried by that organisation.
    pub(crate) async fn launch(&self, number: u64, carrier: &str) {
        let input = json!({
            "experimentId": format!("experiment-00000000-0000-7000-8001-{number:012}"),
            "title": format!("Expérimentation {number}"),
            "startsOn": "2021-04-27",
            "plannedEnd": "2021-07-27",
            "model": "WEEKLY_PERMANENCES",
            "carrier": carrier,
            "hub": { "name": "Bureau de poste de Vigny", "commune": "95658" },
            "zone": ["95177", "95287", "95658"],
            "operators": [{ "code": "la-poste", "name": "La Poste" }],
        });
        self.record("launchExperiment", input, "").await;
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Response {
    in_time("the answer", request.send()).await.unwrap()
}

/// A header of an answer; nothing where there is none.
pub(crate) fn header(answer: &Response, name: &str) -> String {
    let values = answer.headers().get_all(name).iter();
    let values: Vec<&str> = values.map(|value| value.to_str().unwrap()).collect();
    values.join(", ")
}
