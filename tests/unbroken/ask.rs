//! Operations over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    harness::failure::{Checked, fail, hold},
    server::{Lives, PATIENCE},
};

/// How long a client waits before it asks again, at most.
const RETRY: u64 = 20;

/// Who asks, with a connection of its own.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    lives: Lives,
    token: String,
}

impl Client {
    pub(crate) fn new(lives: Lives, token: &str) -> Self {
        Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            lives,
            token: token.to_owned(),
        }
    }

    /// The answer, if one comes.
    pub(crate) async fn try_ask(&mut self, document: &str, variables: &Value) -> Option<Value> {
        let address = self.lives.listening().await;
        let request = self.http.post(format!("http://{address}/graphql"));
        let body = json!({ "query": document, "variables": variables });
        let request = request.bearer_auth(&self.token).json(&body);
        let answer = request.timeout(PATIENCE).send().await.ok()?;
        answer.json().await.ok()
    }

    /// The data of the answer, asked for until one comes.
    pub(crate) async fn ask(&mut self, document: &str, variables: &Value) -> Checked<Value> {
        for tries in 1.. {
            if let Some(mut answer) = self.try_ask(document, variables).await {
                let shuts = answer["errors"][0]["extensions"]["code"] == "SHUTTING_DOWN";
                if !shuts {
                    hold(answer.get("errors").is_none(), || {
                        format!("{document}: {answer}")
                    })?;
                    return Ok(answer["data"].take());
                }
            }
            pause(Duration::from_millis(1 + tries % RETRY)).await;
        }
        fail("asked for ever")
    }
}

/// What clients do before they try again.
#[expect(
    clippy::disallowed_methods,
    reason = "a client that was cut off comes back a little later"
)]
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
