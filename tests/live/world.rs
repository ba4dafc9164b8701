//! The program in this process, with a clock that is set by hand.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_graphql::{Request, Variables};
use carnet::{
    app::App,
    clock::FixedClock,
    config::Config,
    domain::terms::Position,
    graphql::{Following, admit::admit, finish},
};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;

static COMMANDS: AtomicU64 = AtomicU64::new(0);

/// So long is waited for what is to come; it never takes so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program, and its clock.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) clock: Arc<FixedClock>,
    read_models: PathBuf,
    _directory: TempDir,
}

/// What is followed, and where it stands.
pub(crate) struct Followed<S> {
    items: S,
    pub(crate) following: Following,
}

impl World {
    /// An empty one, at an instant.
    pub(crate) async fn at(instant: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: directory.path().join("data"),
            ..Config::default()
        };
        let clock = Arc::new(FixedClock::new(parsed(instant)));
        let app = App::open(&config, clock.clone()).await.unwrap();
        Self {
            app,
            clock,
            read_models: config.read_models(),
            _directory: directory,
        }
    }

    /// Sets the clock, once something pauses by it.
    pub(crate) async fn set(&self, instant: &str, pausing: usize) {
        self.clock.paused(pausing).await;
        self.clock.set(parsed(instant));
    }

    /// The data of an answer without errors.
    pub(crate) async fn ask(&self, document: &str) -> Value {
        let mut answer = self.answer(document, json!({})).await;
        assert_eq!(answer.get("errors"), None, "{document}: {answer}");
        answer["data"].take()
    }

    async fn answer(&self, document: &str, variables: Value) -> Value {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let request = admit(&self.app.schema, request, &self.app.caller).await;
        let answer = self.app.schema.execute(request.unwrap()).await;
        serde_json::to_value(finish(answer)).unwrap()
    }

    /// Records something, if the rules accept it: where it stands then.
    pub(crate) async fn try_record(&self, intent: &str, mut input: Value) -> Option<u64> {
        let (first, rest) = intent.split_at(1);
        let kind = first.to_uppercase() + rest;
        let document = format!(
            "mutation M($input: {kind}Input!) {{ payload: {intent}(input: $input) {{ userErrors \
             {{ code message }} position eventIds }} }}"
        );
        let number = COMMANDS.fetch_add(1, Ordering::Relaxed);
        let fields = input.as_object_mut().unwrap();
        let id = format!("00000000-0000-7000-8000-{number:012}");
        fields.insert("commandId".to_owned(), json!(id));
        fields.insert("source".to_owned(), json!({ "label": "Registre" }));
        let answer = self.answer(&document, json!({ "input": input })).await;
        assert_eq!(answer.get("errors"), None, "{intent}: {answer}");
        let payload = &answer["data"]["payload"];
        if payload["userErrors"] != json!([]) || payload["eventIds"] == json!([]) {
            return None;
        }
        payload["position"].as_str().unwrap().parse().ok()
    }

    /// Records something that the rules accept.
    pub(crate) async fn record(&self, intent: &str, input: Value) -> u64 {
        let told = format!("{intent}: {input}");
        let recorded = self.try_record(intent, input).await;
        recorded.unwrap_or_else(|| panic!("{told} was refused"))
    }

    /// Where the read models are.
    pub(crate) fn read_models(&self) -> PathBuf {
        self.read_models.clone()
    }

    pub(crate) fn head(&self) -> u64 {
        self.app.log.head().position.0
    }

    /// Follows a document, from a position where it is told to whoever executes it.
    pub(crate) async fn follow(
        &self,
        document: &str,
        begin: Option<u64>,
    ) -> Followed<impl Stream<Item = Value> + Unpin + use<>> {
        let following = Following::from(begin.map(Position));
        let request = Request::new(document).data(following.clone());
        let request = admit(&self.app.schema, request, &self.app.caller).await;
        let answers = self.app.schema.execute_stream(request.unwrap());
        let items = answers.map(|answer| serde_json::to_value(answer).unwrap());
        Followed {
            items: Box::pin(items),
            following,
        }
    }
}

impl<S: Stream<Item = Value> + Unpin> Followed<S> {
    /// The whole next answer.
    pub(crate) async fn answer(&mut self) -> Value {
        let answer = tokio::time::timeout(PATIENCE, self.items.next()).await;
        answer.unwrap().unwrap()
    }

    /// The next item, which is of the position that is told beside it.
    pub(crate) async fn next(&mut self) -> Value {
        let answer = self.answer().await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        let fields = answer["data"].as_object().unwrap();
        let item = fields.values().next().unwrap().clone();
        assert_eq!(at(&item), self.following.position().0, "{item}");
        item
    }

    /// All that comes until everything up to a position was looked at.
    pub(crate) async fn until(&mut self, position: u64) -> Vec<Value> {
        let mut passed = self.following.watch();
        let mut items = Vec::new();
        loop {
            let item = tokio::select! {
                biased;
                item = self.next() => item,
                reached = passed.wait_for(|passed| passed.0 >= position) => {
                    reached.unwrap();
                    return items;
                }
            };
            items.push(item);
        }
    }

    /// Reads on while something else is done, which nothing is to come of.
    pub(crate) async fn silent<T>(&mut self, meanwhile: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            item = self.answer() => panic!("{item}"),
            done = meanwhile => done,
        }
    }
}

/// The position of an item.
pub(crate) fn at(item: &Value) -> u64 {
    item["position"].as_str().unwrap().parse().unwrap()
}

fn parsed(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}
