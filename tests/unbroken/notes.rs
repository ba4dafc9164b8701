//! What those who record noted, and what follows from it.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    ask::Client,
    harness::failure::{Checked, Failure, fail, hold},
    world::{Command, Of},
};

/// The whole log, by those who wrote it: that of position `n` at `n - 1`; nothing for what they did not write.
#[derive(Debug, Default)]
pub(crate) struct Truth(Vec<Option<Of>>);

/// What was acknowledged: of what each event is, by its id.
#[derive(Debug)]
pub(crate) struct Notes {
    events: std::sync::Mutex<HashMap<String, Of>>,
    /// How many.
    pub(crate) count: watch::Sender<u64>,
}

impl Default for Notes {
    fn default() -> Self {
        Self {
            events: std::sync::Mutex::default(),
            count: watch::Sender::new(0),
        }
    }
}

impl Notes {
    /// Notes what was answered to some commands.
    pub(crate) fn take(&self, commands: &[Command], data: &Value) -> Checked {
        let mut events = self.events.lock().unwrap();
        let before = events.len();
        for (number, command) in commands.iter().enumerate() {
            let payload = &data[format!("m{number}")];
            hold(payload["userErrors"] == json!([]), || {
                format!("it refuses: {payload}")
            })?;
            let ids = payload["eventIds"]
                .as_array()
                .map_or(&[][..], Vec::as_slice);
            let [id] = ids else {
                return fail(format!("one event was to be recorded: {payload}"));
            };
            let id = id.as_str().unwrap_or_default().to_owned();
            hold(events.insert(id, command.of).is_none(), || {
                format!("recorded twice: {payload}")
            })?;
        }
        let more = (events.len() - before) as u64;
        drop(events);
        self.count.send_modify(|count| *count += more);
        Ok(())
    }

    /// Reads all pages of events, and holds them against what was noted.
    pub(crate) async fn truth(&self, client: &mut Client) -> Checked<Truth> {
        let document = "query ($after: Position) { events(first: 100, after: $after) { pageInfo { \
                        hasNextPage endCursor } edges { node { id position kind } } } }";
        let mut noted = self.events.lock().unwrap().clone();
        let (mut truth, mut after) = (Truth::default(), Value::Null);
        loop {
            let data = client.ask(document, &json!({ "after": after })).await?;
            let page = &data["events"];
            for edge in page["edges"].as_array().into_iter().flatten() {
                let event = &edge["node"];
                let expected = truth.0.len() + 1;
                hold(event["position"] == json!(expected.to_string()), || {
                    format!("the page has {event} at {expected}")
                })?;
                let of = noted.remove(event["id"].as_str().unwrap_or_default());
                hold(of.is_none_or(|of| event["kind"] == of.kind), || {
                    format!("{event} was noted as {of:?}")
                })?;
                truth.0.push(of);
            }
            if page["pageInfo"]["hasNextPage"] != json!(true) {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        match noted.into_iter().next() {
            None => Ok(truth),
            Some(lost) => Err(Failure(format!("acknowledged, and lost: {lost:?}"))),
        }
    }
}

impl Truth {
    /// Where the log ends.
    pub(crate) fn head(&self) -> u64 {
        self.0.len() as u64
    }

    /// The positions after one of what is taken.
    pub(crate) fn positions(&self, after: u64, takes: impl Fn(Of) -> bool) -> Vec<u64> {
        let all = (1..).zip(&self.0).filter(|(position, _)| *position > after);
        let those = all.filter(|(_, of)| of.is_some_and(&takes));
        those.map(|(position, _)| position).collect()
    }
}
