//! Who has written reads what it wrote, over whichever connection it asks.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    harness::{
        chance::Chance,
        failure::{Checked, Failure, fail, hold},
        report::Report,
    },
    notes::Notes,
    server::{PATIENCE, Server},
    stream::{Connection, To},
    world::{Command, EXPERIMENTS, document, id},
    writers,
};

/// How many write and read at once.
const CLIENTS: u64 = 64;

/// What is read back: the event, and the experiment as the read models have it.
const READ: &str = "query ($id: ID!, $event: ID!) { position experiment(id: $id) { version } \
                    node(id: $event) { id } }";

/// Writes and reads back so often in all, by many clients at once.
pub(crate) async fn run(seed: u64, pairs: u64, report: &mut Report) -> Checked {
    let mut chance = Chance::new(seed, 0);
    let root = tempfile::tempdir().unwrap();
    let mut server = Server::new(root.path(), None);
    server.start().await?;
    let token = server.token();
    let mut client = crate::ask::Client::new(server.lives(), &token);
    writers::begin(&mut client, &Notes::default(), &mut chance).await?;
    let address = server.lives().listening().await;
    let (left, stale) = (Arc::new(AtomicU64::new(pairs)), Arc::new(AtomicU64::new(0)));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let client = Pairs {
            url: format!("http://{address}/graphql"),
            to: (address, token.clone()),
            // Connections that the program cannot tell to be of one client.
            writes: http(),
            reads: http(),
            chance: Chance::new(chance.number(), number),
        };
        let (left, stale) = (Arc::clone(&left), Arc::clone(&stale));
        clients.spawn(async move { client.run(&left, &stale).await });
    }
    while let Some(ended) = clients.join_next().await {
        ended.map_err(|err| Failure(format!("a client: {err}")))??;
    }
    report.add("pairs", pairs);
    report.add("clients", CLIENTS);
    report.add("told STALE", stale.load(Ordering::Relaxed));
    server.stop().await?;
    server.silent()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// One of them.
struct Pairs {
    url: String,
    to: (std::net::SocketAddr, String),
    writes: reqwest::Client,
    reads: reqwest::Client,
    chance: Chance,
}

impl Pairs {
    /// Writes and reads until nothing is left to do.
    async fn run(mut self, left: &AtomicU64, stale: &AtomicU64) -> Checked {
        let takes = |left: u64| left.checked_sub(1);
        while left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, takes)
            .is_ok()
        {
            let which = u16::try_from(self.chance.below(EXPERIMENTS.into())).unwrap();
            let (query, variables) = document(&[Command::statement(which, &mut self.chance)]);
            let query = query.replace(
                "position eventIds",
                "position eventIds experiment { version }",
            );
            let body = json!({ "query": query, "variables": variables });
            let written = self.post(&self.writes, None, &body).await?;
            let payload = &written["data"]["m0"];
            let event = &payload["eventIds"][0];
            let Some(position) = payload["position"].as_str() else {
                return fail(format!("it refuses: {written}"));
            };
            let variables = json!({ "id": id("experiment", which), "event": event });
            let answer = self.read(position, &variables).await?;
            if answer["errors"][0]["extensions"]["code"] == "STALE" {
                stale.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let data = &answer["data"];
            let number = |position: &Value| position.as_str().and_then(|it| it.parse::<u64>().ok());
            let version = |of: &Value| of["experiment"]["version"].as_u64();
            let reached = number(&data["position"]) >= number(&payload["position"])
                && version(data) >= version(payload)
                && data["node"]["id"] == *event;
            hold(reached, || {
                format!("wrote {payload}, and then read {answer}")
            })?;
        }
        Ok(())
    }

    /// Reads what is of a position at least, asked for in one of the ways there are.
    async fn read(&mut self, position: &str, variables: &Value) -> Checked<Value> {
        let way = self.chance.below(3);
        let mut body = json!({ "query": READ, "variables": variables });
        if way == 0 {
            return self.post(&self.reads, Some(position), &body).await;
        }
        body["extensions"] = json!({ "atLeast": position });
        if way == 1 {
            return self.post(&self.reads, None, &body).await;
        }
        let to = To {
            address: self.to.0,
            token: &self.to.1,
            http: &self.reads,
        };
        Connection::once(&to, &body).await
    }

    async fn post(
        &self,
        http: &reqwest::Client,
        least: Option<&str>,
        body: &Value,
    ) -> Checked<Value> {
        let mut request = http.post(&self.url).bearer_auth(&self.to.1).json(body);
        if let Some(least) = least {
            request = request.header("carnet-at-least", least);
        }
        let failure = |err: reqwest::Error| Failure(err.to_string());
        let answer = request.timeout(PATIENCE).send().await.map_err(failure)?;
        answer.json().await.map_err(failure)
    }
}
