//! The whole program in this process, on a directory of its own.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use carnet::{
    app::App,
    clock::FixedClock,
    command::{CommandError, Commands, Outcome, Publishing},
    config::Config,
    log::EventLog,
    privacy::Keyring,
    read::ReadModels,
};
use chrono::{TimeZone, Utc};
use reqwest::{Client, Response, header::ACCEPT};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{PATIENCE, in_time, socket::Socket};

/// The commands of all tests of this process: no two have the same id, across restarts neither.
static COMMANDS: AtomicU64 = AtomicU64::new(0);

/// The running program.
pub(crate) struct Carnet {
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    /// Its clock, to set it.
    pub(crate) clock: Arc<FixedClock>,
    /// Its keys, to meddle with them.
    pub(crate) keys: Keyring,
    log: Arc<dyn EventLog>,
    reads: ReadModels,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    directory: TempDir,
}

/// What came of an intent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Written {
    /// The whole payload.
    pub(crate) payload: Value,
}

impl Written {
    /// The position of the one event it wrote.
    #[track_caller]
    pub(crate) fn position(&self) -> u64 {
        assert_eq!(self.payload["userErrors"], json!([]), "{}", self.payload);
        assert_eq!(
            self.payload["eventIds"].as_array().unwrap().len(),
            1,
            "not one event: {}",
            self.payload
        );
        number(&self.payload["position"])
    }

    /// That nothing was written, and why: the code, the field and the sentence.
    #[track_caller]
    pub(crate) fn refused(&self) -> (String, Value, String) {
        assert_eq!(self.payload["eventIds"], json!([]), "{}", self.payload);
        assert_eq!(self.payload["position"], Value::Null, "{}", self.payload);
        let errors = self.payload["userErrors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "not one refusal: {}", self.payload);
        (
            errors[0]["code"].as_str().unwrap().to_owned(),
            errors[0]["field"].clone(),
            errors[0]["message"].as_str().unwrap().to_owned(),
        )
    }
}

/// A position, which travels as a string.
#[track_caller]
pub(crate) fn number(position: &Value) -> u64 {
    let text = position
        .as_str()
        .unwrap_or_else(|| panic!("not a position: {position}"));
    text.parse().unwrap()
}

/// The id of the command of that number.
pub(crate) fn command_id(number: u64) -> String {
    format!("00000000-0000-7000-8000-{number:012}")
}

impl Carnet {
    pub(crate) async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap()).await
    }

    pub(crate) async fn start_in(directory: TempDir) -> Self {
        let config = Config {
            data_dir: directory.path().join("data"),
            ..Config::default()
        };
        let monday = Utc.with_ymd_and_hms(2021, 5, 10, 8, 0, 0).unwrap();
        let clock = Arc::new(FixedClock::new(monday));
        let mut app = App::open(&config, Arc::clone(&clock) as _).await.unwrap();
        // Who may what is for other suites: here all that is asked is asked by who may everything,
        // and the log begins with what a test records.
        app.callers = app.callers.taking_strangers_for(app.caller.clone());
        let keys = app.keys.clone();
        let (log, reads) = (Arc::clone(&app.log), app.reads.clone());
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
            address,
            clock,
            keys,
            log,
            reads,
            client: Client::builder().no_proxy().build().unwrap(),
            stop,
            serving,
            directory,
        }
    }

    /// Where its data and its keys are.
    pub(crate) fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Tells it to stop; the answer resolves once it has, with its directory.
    pub(crate) fn stopping(self) -> impl Future<Output = TempDir> {
        self.stop.send(()).unwrap();
        drop((self.keys, self.log, self.reads));
        async move {
            in_time("the end of the program", self.serving)
                .await
                .unwrap();
            self.directory
        }
    }

    /// Stops it, and says where its data is.
    pub(crate) async fn stop(self) -> TempDir {
        self.stopping().await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        let request = self.client.get(self.url(path));
        in_time(path, request.send()).await.unwrap()
    }

    /// An operation's answer, as it comes.
    pub(crate) async fn post(&self, body: &Value, accept: &str) -> Response {
        let request = self.client.post(self.url("/graphql"));
        let request = request.header(ACCEPT, accept).json(body);
        in_time("the answer", request.send()).await.unwrap()
    }

    /// The whole answer to an operation.
    pub(crate) async fn ask(&self, document: &str, variables: Value) -> Value {
        let body = json!({ "query": document, "variables": variables });
        let answer = self.post(&body, "application/json").await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// The data of an operation that meets no fault.
    pub(crate) async fn data(&self, document: &str, variables: Value) -> Value {
        let mut answer = self.ask(document, variables).await;
        assert_eq!(answer.get("errors"), None, "{document}\n{answer}");
        answer["data"].take()
    }

    /// The code and the sentence of the one fault of an operation.
    pub(crate) async fn fault(&self, document: &str, variables: Value) -> (String, String) {
        let answer = self.ask(document, variables).await;
        let faults = answer["errors"].as_array();
        let errors = faults.unwrap_or_else(|| panic!("no fault: {document}\n{answer}"));
        assert_eq!(errors.len(), 1, "{document}\n{answer}");
        (
            errors[0]["extensions"]["code"].as_str().unwrap().to_owned(),
            errors[0]["message"].as_str().unwrap().to_owned(),
        )
    }

    /// Carries one intent out, under a command id of its own unless `input` names one.
    pub(crate) async fn record(&self, intent: &str, input: Value) -> Written {
        self.record_and_show(intent, input, "").await
    }

    /// Like [`Carnet::record`], with what else the payload is asked for.
    pub(crate) async fn record_and_show(&self, intent: &str, input: Value, show: &str) -> Written {
        let number = COMMANDS.fetch_add(1, Ordering::Relaxed);
        let mut whole = json!({
            "commandId": command_id(1_000_000 + number),
            "source": { "label": "Communiqué" },
        });
        merge(&mut whole, input);
        let mut data = self
            .data(&mutation(intent, show), json!({ "input": whole }))
            .await;
        Written {
            payload: data["payload"].take(),
        }
    }

    /// Publishes a report, and waits until it can be read.
    pub(crate) async fn publish(&self, asked: &Publishing) -> Result<Outcome, CommandError> {
        let outcome = Commands::new(Arc::clone(&self.log)).publish(asked).await?;
        let read = self.reads.wait_for(outcome.position, PATIENCE);
        read.await.unwrap();
        Ok(outcome)
    }

    /// The last position that is recorded, whether or not answers are of it.
    pub(crate) fn recorded(&self) -> u64 {
        self.log.head().position.0
    }

    /// The last position that answers are of.
    pub(crate) async fn head(&self) -> u64 {
        number(&self.data("{ position }", json!({})).await["position"])
    }

    pub(crate) async fn socket(&self) -> Socket {
        Socket::open(self.address).await
    }
}

/// The document of a mutation that carries `intent` out.
pub(crate) fn mutation(intent: &str, show: &str) -> String {
    let (first, rest) = intent.split_at(1);
    let input = first.to_uppercase() + rest;
    format!(
        "mutation Record($input: {input}Input!) {{ payload: {intent}(input: $input) {{ \
         userErrors {{ code field message }} position eventIds {show} }} }}"
    )
}

/// Puts the fields of `other` over those of `base`.
pub(crate) fn merge(base: &mut Value, other: Value) {
    let Value::Object(other) = other else {
        panic!("not an object: {other}")
    };
    base.as_object_mut().unwrap().extend(other);
}
