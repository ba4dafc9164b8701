//! A programme of synthetic experiments, served by the program in this process.

use std::sync::Arc;

use carnet::{
    app::App,
    clock::FixedClock,
    command::{Commands, Page, Request},
    config::Config,
    domain::{
        entry::{Command, Entry},
        experiment::ExperimentCommand,
        terms::{CommandId, Label},
    },
    generate,
    log::EventLog,
    read::ReadModels,
};
use chrono::{TimeZone, Utc};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::support::in_time;

/// How many weeks of activity each experiment has.
const WEEKS: u64 = 5;
const SEED: u64 = 42;

pub(crate) struct Programme {
    address: String,
    client: Client,
    log: Arc<dyn EventLog>,
    reads: ReadModels,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    _directory: TempDir,
    /// How many experiments it has.
    experiments: usize,
    /// How many documents were asked: each is another to the program, which keeps answers.
    asked: std::sync::atomic::AtomicU64,
}

impl Programme {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: directory.path().join("data"),
            ..Config::default()
        };
        let day = Utc.with_ymd_and_hms(2022, 6, 1, 8, 0, 0).unwrap();
        let clock = Arc::new(FixedClock::new(day));
        let mut app = App::open(&config, clock).await.unwrap();
        app.callers = app.callers.taking_strangers_for(app.caller.clone());
        let (log, reads) = (Arc::clone(&app.log), app.reads.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/graphql", listener.local_addr().unwrap());
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
            client: Client::builder().no_proxy().build().unwrap(),
            log,
            reads,
            stop,
            serving,
            _directory: directory,
            experiments: 0,
            asked: std::sync::atomic::AtomicU64::default(),
        }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        drop((self.log, self.reads));
        in_time("the end of the program", self.serving)
            .await
            .unwrap();
    }

    /// The data of a document that meets no fault, executed anew.
    pub(crate) async fn ask(&self, document: &str) -> Value {
        let number = self
            .asked
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let body = json!({ "query": format!("{document} # {number}") });
        self.answer(&body).await
    }

    async fn answer(&self, body: &Value) -> Value {
        let request = self.client.post(&self.address).json(body);
        let answer = in_time("the answer", request.send()).await.unwrap();
        let mut answer: Value = answer.json().await.unwrap();
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"].take()
    }

    /// Lets it grow to so many experiments.
    pub(crate) async fn grow(&mut self, experiments: usize) {
        for index in self.experiments..experiments {
            self.add(index as u64).await;
        }
        self.experiments = experiments;
        let head = self.log.head().position;
        let wait = self.reads.wait_for(head, std::time::Duration::from_mins(1));
        wait.await.unwrap();
    }

    async fn add(&self, index: u64) {
        let commands = Commands::new(Arc::clone(&self.log));
        let actor = Label::try_new("essai").unwrap();
        let mut launched = None;
        let write = async |command_id: CommandId, entry: Entry| {
            let request = Request {
                command_id,
                actor: actor.clone(),
                expected_version: None,
                entry,
            };
            commands.execute(request).await.unwrap();
        };
        for (id, entry) in generate::experiment(SEED, index).unwrap() {
            if let Command::Experiment(of, ExperimentCommand::Launch(_)) = &entry.command {
                launched = Some((*of, entry.saying.valid.from));
            }
            write(id, entry).await;
        }
        let activity = generate::activity(SEED, index).unwrap();
        for week in 0..WEEKS {
            for page in activity.week(week).unwrap() {
                let asked = Page {
                    command_id: page.command_id,
                    actor: actor.clone(),
                    entries: page.entries,
                };
                let written = commands.write_page(&asked).await.unwrap();
                for (id, entry, correction) in page.corrections {
                    let position = written.outcome.written[entry];
                    write(id, generate::correction(correction, position).unwrap()).await;
                }
            }
        }
        let (experiment, from) = launched.unwrap();
        let id = |kind: &str| format!("{kind}-00000000-0000-7000-8000-{index:012}");
        let experiment = format!("experiment-{}", experiment.0);
        let registered = json!({ "adviserId": id("adviser"), "name": "Prénom Nom",
            "role": "DESK_OFFICER", "from": from });
        self.record("registerAdviser", (index, 1), registered).await;
        let assigned =
            json!({ "adviserId": id("adviser"), "experimentId": experiment, "from": from });
        self.record("assignAdviser", (index, 2), assigned).await;
        let cost = json!({ "experimentId": experiment, "costId": id("cost"), "category": "STAFF",
            "nature": "ESTIMATED", "origin": "MARGINAL", "amount": "10001", "from": from,
            "until": from });
        self.record("recordCost", (index, 3), cost).await;
    }

    async fn record(&self, intent: &str, (index, number): (u64, u64), input: Value) {
        let mut whole = json!({
            "commandId": format!("00000000-0000-7000-{number:04x}-{index:012}"),
            "source": { "label": "Essai" },
        });
        crate::support::carnet::merge(&mut whole, input);
        let document = crate::support::carnet::mutation(intent, "");
        let body = json!({ "query": document, "variables": { "input": whole } });
        let told = self.answer(&body).await;
        assert_eq!(told["payload"]["userErrors"], json!([]), "{told:#}");
    }
}
