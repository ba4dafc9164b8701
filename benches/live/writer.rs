//! Who records what is followed.

use std::time::Instant;

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::followers::Followers;

/// How many mutations are sent at once.
const AT_ONCE: usize = 8;
/// Tokens that subscribers share: no caller has too many sockets.
const TOKENS: usize = 20;

pub(crate) struct Writer {
    client: reqwest::Client,
    pub(crate) address: String,
    pub(crate) tokens: Vec<String>,
    experiment: String,
    count: u64,
}

impl Writer {
    /// Launches an experiment, and issues tokens.
    pub(crate) async fn begin(address: &str) -> Self {
        let mut writer = Self {
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            address: address.to_owned(),
            tokens: Vec::new(),
            experiment: String::new(),
            count: 0,
        };
        let launch = json!({
            "title": "Essai", "startsOn": "2021-04-27", "plannedEnd": "2021-12-27",
            "model": "WEEKLY_PERMANENCES", "carrier": "La Poste", "zone": ["95658"],
            "hub": { "name": "Bureau de poste", "commune": "95658" },
            "operators": [{ "code": "la-poste", "name": "La Poste" }],
        });
        let launched = writer
            .record("launchExperiment", "experiment { id }", launch)
            .await;
        writer.experiment = launched["experiment"]["id"].as_str().unwrap().to_owned();
        for number in 0..TOKENS {
            let input = json!({ "name": format!("Tableau {number}"), "on": "2021-05-03",
                "grants": [{ "role": "EVALUATOR" }] });
            let issued = writer
                .record("issueToken", "issued { secret }", input)
                .await;
            let secret = issued["issued"]["secret"].as_str().unwrap().to_owned();
            writer.tokens.push(secret);
        }
        writer
    }

    /// Where the log ends.
    pub(crate) async fn head(&self) -> String {
        let answer = self
            .ask(&json!({ "query": "{ logHead { position } }" }))
            .await;
        answer["data"]["logHead"]["position"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// What one event is, as a message to a subscriber.
    pub(crate) async fn message(&mut self) -> String {
        let query = "query ($after: Position) { events(first: 1, after: $after) { nodes { id position \
                     kind subjectId recordedAt } } }";
        let after = self.head().await;
        self.statement().await;
        let variables = json!({ "after": after });
        let answer = self
            .ask(&json!({ "query": query, "variables": variables }))
            .await;
        let event = &answer["data"]["events"]["nodes"][0];
        assert!(event["id"].is_string(), "{answer}");
        let payload = json!({ "data": { "events": event } });
        json!({ "id": "1", "type": "next", "payload": payload }).to_string()
    }

    /// Records so many, one after another once all were told of it; how long after the acknowledgement each
    /// was, in milliseconds.
    #[expect(
        clippy::disallowed_methods,
        reason = "it is measured when it is acknowledged"
    )]
    pub(crate) async fn one_by_one(&mut self, events: usize, followers: &Followers) -> Vec<f64> {
        let mut late = Vec::new();
        for _ in 0..events {
            let until = followers.told() + followers.count as u64;
            followers.note_times();
            self.statement().await;
            let acknowledged = Instant::now();
            followers.reach(until).await;
            late.extend(followers.times().into_iter().map(|told| {
                let after = told.saturating_duration_since(acknowledged).as_secs_f64();
                let before = acknowledged.saturating_duration_since(told).as_secs_f64();
                (after - before) * 1e3
            }));
        }
        late
    }

    /// Records so many, several at once, and waits until all were told of all.
    pub(crate) async fn at_once(&mut self, events: usize, followers: &Followers) {
        let until = followers.told() + (events * followers.count) as u64;
        let bodies: Vec<_> = (0..events).map(|_| self.statement_body()).collect();
        let sent = stream::iter(bodies)
            .map(|body| self.post(body))
            .buffer_unordered(AT_ONCE);
        let answers: Vec<Value> = sent.collect().await;
        assert!(
            answers
                .iter()
                .all(|answer| answer["data"]["payload"]["userErrors"] == json!([]))
        );
        followers.reach(until).await;
    }

    fn statement_body(&mut self) -> Value {
        let words = format!("Parole {}.", self.count);
        let input = json!({ "experimentId": self.experiment, "topic": "OTHER",
            "statedOn": "2021-05-03", "words": words });
        self.body("recordStatement", "position", input)
    }

    async fn statement(&mut self) {
        let body = self.statement_body();
        let answer = self.post(body).await;
        assert_eq!(
            answer["data"]["payload"]["userErrors"],
            json!([]),
            "{answer}"
        );
    }

    async fn record(&mut self, intent: &str, told: &str, input: Value) -> Value {
        let body = self.body(intent, told, input);
        let mut answer = self.post(body).await;
        assert_eq!(
            answer["data"]["payload"]["userErrors"],
            json!([]),
            "{answer}"
        );
        answer["data"]["payload"].take()
    }

    fn body(&mut self, intent: &str, told: &str, mut input: Value) -> Value {
        self.count += 1;
        let id = Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | self.count);
        let fields = input.as_object_mut().unwrap();
        fields.insert("commandId".to_owned(), json!(id.to_string()));
        fields.insert("source".to_owned(), json!({ "label": "Registre" }));
        fields.insert("synthetic".to_owned(), json!(true));
        let (first, rest) = intent.split_at(1);
        let kind = first.to_uppercase() + rest;
        let query = format!(
            "mutation ($input: {kind}Input!) {{ payload: {intent}(input: $input) {{ userErrors {{ \
             code message }} {told} }} }}"
        );
        json!({ "query": query, "variables": { "input": input } })
    }

    async fn ask(&self, body: &Value) -> Value {
        self.post(body.clone()).await
    }

    async fn post(&self, body: Value) -> Value {
        let request = self.client.post(format!("http://{}/graphql", self.address));
        request
            .json(&body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }
}
