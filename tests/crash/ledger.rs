//! What the clients know: what was acknowledged, what was refused, and what nobody answered.

use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{follower::number, harness::chance::Chance};

/// A command as it was sent, to be sent again to the byte.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) id: Uuid,
    intent: &'static str,
    input: Value,
}

/// What became of a command.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It was written, at these positions.
    Written(Value, Vec<u64>),
    /// Nothing was written, and for ever: it was refused, or was so already.
    Nothing,
    /// A fault was answered: nobody knows.
    Unknown(String),
}

/// All that clients note, from all their threads.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Every answer that tells of something written.
    pub(crate) written: Vec<(Command, Value, Vec<u64>)>,
    /// The commands that were answered that nothing was written.
    pub(crate) refused: HashSet<Uuid>,
    /// Sent, and not answered.
    pub(crate) in_doubt: Vec<Command>,
    /// Each experiment, with the last version that a client saw.
    experiments: HashMap<String, u64>,
    names: Vec<String>,
    next: u64,
}

impl Ledger {
    /// The next command: a launch, a statement, or a suspension that insists on a version that
    /// several clients may insist on.
    pub(crate) fn next(&mut self, chance: &mut Chance) -> Command {
        self.next += 1;
        let n = self.next;
        let id = uuid(n, chance);
        let mut input = json!({
            "commandId": id.to_string(),
            "source": { "label": format!("Commande {n}") },
            "synthetic": true,
        });
        let known = (!self.names.is_empty()).then(|| {
            // Mostly the last few, so that clients meet.
            let from = self.names.len().saturating_sub(4);
            let name = &self.names[from + chance.index(self.names.len() - from)];
            (name.clone(), self.experiments[name])
        });
        let more = match (known, chance.below(10)) {
            (Some((experiment, version)), 0..3) => {
                input["expectedVersion"] = json!(version);
                let day = format!("2021-{:02}-{:02}", 5 + n % 7, 1 + n % 28);
                (
                    "suspendExperiment",
                    json!({ "experimentId": experiment,
                    "from": day, "until": day, "reason": format!("Motif {n}.") }),
                )
            }
            (Some((experiment, _)), 3..9) => {
                let words = format!("Parole {n}. {}", "é".repeat(chance.index(300)));
                (
                    "recordStatement",
                    json!({ "experimentId": experiment,
                    "statedOn": "2021-05-06", "topic": "OTHER", "words": words }),
                )
            }
            _ => {
                let detail = "è".repeat(1 + chance.index(1500));
                (
                    "launchExperiment",
                    json!({
                        "experimentId": format!("experiment-{}", uuid(n, chance)),
                        "title": format!("Essai {n}"),
                        "startsOn": "2021-04-27",
                        "plannedEnd": "2021-12-27",
                        "model": "WEEKLY_PERMANENCES",
                        "modelDetail": detail,
                        "carrier": "La Poste",
                        "hub": { "name": "Bureau de poste de Vigny", "commune": "95658" },
                        "zone": ["95658"],
                        "operators": [{ "code": "la-poste", "name": "La Poste" }],
                    }),
                )
            }
        };
        let (intent, more) = more;
        let Value::Object(more) = more else {
            unreachable!("an input is an object")
        };
        if let Some(input) = input.as_object_mut() {
            input.extend(more);
        }
        Command { id, intent, input }
    }

    /// Notes what became of a command.
    pub(crate) fn note(&mut self, command: Command, fate: Fate, version: Option<u64>) {
        let experiment = command.input["experimentId"].as_str().unwrap_or_default();
        if let Some(version) = version {
            if !self.experiments.contains_key(experiment) {
                self.names.push(experiment.to_owned());
            }
            let known = self.experiments.entry(experiment.to_owned()).or_default();
            *known = version.max(*known);
        }
        match fate {
            Fate::Written(payload, positions) => self.written.push((command, payload, positions)),
            Fate::Nothing => {
                self.refused.insert(command.id);
            }
            Fate::Unknown(_) => self.in_doubt.push(command),
        }
    }
}

/// A UUID as clients make them: in the order of time, mostly.
fn uuid(n: u64, chance: &mut Chance) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(1_620_000_000_000 + n * 7, &{
        let mut random = [0; 10];
        random[..8].copy_from_slice(&chance.number().to_le_bytes());
        random
    })
    .into_uuid()
}

impl Command {
    /// The document and the variables of its mutation.
    pub(crate) fn request(&self) -> (String, Value) {
        let (first, rest) = self.intent.split_at(1);
        let input = first.to_uppercase() + rest;
        let document = format!(
            "mutation ($input: {input}Input!) {{ payload: {}(input: $input) {{ \
             userErrors {{ code }} position eventIds experiment {{ version }} }} }}",
            self.intent
        );
        (document, json!({ "input": self.input }))
    }
}

/// What an answer says: the fate of its command, and the version of its subject.
pub(crate) fn understood(mut answer: Value) -> (Fate, Option<u64>) {
    if answer.get("errors").is_some() {
        return (Fate::Unknown(answer.to_string()), None);
    }
    let mut payload = answer["data"]["payload"].take();
    let version = payload["experiment"]["version"].as_u64();
    if let Some(payload) = payload.as_object_mut() {
        // What it stands at now is another thing than what was written.
        payload.remove("experiment");
    }
    let positions: Vec<u64> = payload["eventIds"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|id| id.as_str()?.strip_prefix("event-")?.parse().ok())
        .collect();
    let fate = match positions.last() {
        None => Fate::Nothing,
        Some(last) if *last == number(&payload["position"]) => Fate::Written(payload, positions),
        Some(_) => Fate::Unknown(format!("positions that do not agree: {payload}")),
    };
    (fate, version)
}

/// The ledger, whatever became of a thread that held it.
pub(crate) fn lock(ledger: &Mutex<Ledger>) -> std::sync::MutexGuard<'_, Ledger> {
    ledger
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
