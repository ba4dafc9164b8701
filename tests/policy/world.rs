//! The program in this process, and two organisations in it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_graphql::{Request, Response, Variables};
use carnet::{
    access::{
        Caller, Grant, Reach, Role,
        policy::{Capability, Over},
    },
    app::App,
    clock::FixedClock,
    config::Config,
    domain::terms::Label,
    graphql::{admit::admit, finish},
};
use chrono::{TimeZone, Utc};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::inputs::{LIFE, of_programme};

static COMMANDS: AtomicU64 = AtomicU64::new(0);

/// An organisation: what its words and its ids begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Org {
    /// In all that it says, and nowhere else.
    pub(crate) word: &'static str,
    /// In all its ids, and nowhere else.
    pub(crate) ids: &'static str,
    /// In all its amounts, and nowhere else.
    pub(crate) cents: u64,
}

pub(crate) const ALPHA: Org = Org {
    word: "ALPHA",
    ids: "aaaaaaaa",
    cents: 7_654_321,
};
pub(crate) const BRAVO: Org = Org {
    word: "BRAVO",
    ids: "bbbbbbbb",
    cents: 9_876_543,
};
/// Nobody: its ids never were.
pub(crate) const NOBODY: Org = Org {
    word: "NOBODY",
    ids: "cccccccc",
    cents: 1_112_223,
};

impl Org {
    pub(crate) fn id(&self, kind: &str) -> String {
        format!("{kind}-{}", self.uuid())
    }

    pub(crate) fn uuid(&self) -> String {
        format!("{}-0000-7000-8000-000000000001", self.ids)
    }

    pub(crate) fn name(&self) -> String {
        format!("{} porteur", self.word)
    }

    /// What of it stands in an answer, if anything does.
    pub(crate) fn found_in(&self, answer: &Value) -> Option<String> {
        let text = answer.to_string();
        let amount = self.cents.to_string();
        let marks = [self.word, self.ids, &amount];
        let mark = marks.into_iter().find(|mark| text.contains(mark))?;
        let at = text.find(mark)?;
        let from = text.floor_char_boundary(at.saturating_sub(120));
        let to = text.floor_char_boundary((at + 80).min(text.len()));
        Some(text[from..to].to_owned())
    }
}

fn caller(actor: &str, grants: &[(Role, Reach)]) -> Caller {
    let grants = grants.iter().cloned();
    Caller {
        actor: Label::try_new(actor).unwrap(),
        grants: grants.map(|(role, over)| Grant { role, over }).collect(),
        until: None,
    }
}

pub(crate) fn organisation(org: Org) -> Reach {
    Reach::Organisation(Label::try_new(&org.name()).unwrap())
}

pub(crate) fn experiment(org: Org) -> Reach {
    Reach::Experiment(org.uuid().parse().unwrap())
}

pub(crate) fn stranger() -> Caller {
    caller("inconnu", &[])
}

pub(crate) fn administrator() -> Caller {
    caller("administration", &[(Role::Administrator, Reach::Programme)])
}

pub(crate) fn carrier(org: Org) -> Caller {
    caller(
        &format!("{} guichet", org.word),
        &[(Role::Carrier, organisation(org))],
    )
}

pub(crate) fn over(role: Role, reach: Reach) -> Caller {
    caller(role.name(), &[(role, reach)])
}

pub(crate) fn both(one: &Caller, other: &Caller) -> Caller {
    let mut both = one.clone();
    both.grants.extend(other.grants.iter().cloned());
    both
}

/// Every role, and every reach of it, by name.
pub(crate) fn everybody() -> Vec<(&'static str, Caller)> {
    vec![
        ("a stranger", stranger()),
        ("an evaluator", over(Role::Evaluator, Reach::Programme)),
        (
            "an evaluator of BRAVO",
            over(Role::Evaluator, organisation(BRAVO)),
        ),
        ("the carrier ALPHA", carrier(ALPHA)),
        ("the carrier BRAVO", carrier(BRAVO)),
        (
            "a carrier of one experiment",
            over(Role::Carrier, experiment(BRAVO)),
        ),
        ("a funder", over(Role::Funder, Reach::Programme)),
        ("a funder of BRAVO", over(Role::Funder, organisation(BRAVO))),
        ("an administrator", administrator()),
    ]
}

/// Those of them who see nothing of ALPHA, and are no strangers.
pub(crate) fn not_of_alpha() -> Vec<(&'static str, Caller)> {
    let reaches_alpha = |caller: &Caller| match caller.over(Capability::Read) {
        Over::Everything => true,
        Over::Some { organisations, .. } => {
            organisations.iter().any(|it| it.as_str() == ALPHA.name())
        }
    };
    let mut some = everybody();
    some.retain(|(_, caller)| !caller.is_stranger() && !reaches_alpha(caller));
    some
}

/// The program, with two organisations in it.
pub(crate) struct World {
    pub(crate) app: App,
    /// Where the last entry of the world stands.
    pub(crate) head: u64,
    _directory: TempDir,
}

impl World {
    pub(crate) async fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: directory.path().join("data"),
            ..Config::default()
        };
        let clock = FixedClock::new(Utc.with_ymd_and_hms(2021, 7, 1, 8, 0, 0).unwrap());
        let app = App::open(&config, Arc::new(clock)).await.unwrap();
        Self {
            app,
            head: 0,
            _directory: directory,
        }
    }

    /// The two organisations have done all that can be done in an experiment that goes on.
    pub(crate) async fn lived() -> Self {
        let mut world = Self::empty().await;
        for (intent, input) in of_programme() {
            world.record(&administrator(), intent, input).await;
        }
        for org in [ALPHA, BRAVO] {
            for step in LIFE.iter().filter(|step| step.lived) {
                let mut input = (step.input)(org);
                if step.by == Capability::Publish {
                    input["knownAt"] = json!(world.entries().to_string());
                }
                let who = match step.by {
                    Capability::Record => carrier(org),
                    Capability::Evidence | Capability::Publish => {
                        over(Role::Evaluator, Reach::Programme)
                    }
                    Capability::Decide | Capability::Fund => over(Role::Funder, Reach::Programme),
                    Capability::Open
                    | Capability::Read
                    | Capability::Money
                    | Capability::Journal
                    | Capability::Personal
                    | Capability::Retract
                    | Capability::Administer => administrator(),
                };
                world.record(&who, step.intent, input).await;
            }
        }
        world.head = world.app.log.head().position.0;
        world
    }

    /// The answer to an operation.
    pub(crate) async fn ask(&self, caller: &Caller, document: &str, variables: Value) -> Value {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let answer = match admit(&self.app.schema, request, caller).await {
            Ok(request) => self.app.schema.execute(request).await,
            Err(error) => Response::from_errors(vec![error]),
        };
        serde_json::to_value(finish(answer)).unwrap()
    }

    /// What a subscription answers.
    pub(crate) async fn follow(
        &self,
        caller: &Caller,
        asked: Request,
    ) -> Result<impl Stream<Item = Value> + Unpin + use<>, Value> {
        let request = admit(&self.app.schema, asked, caller).await;
        let request = request.map_err(|error| json!(error))?;
        let answers = self.app.schema.execute_stream(request);
        Ok(Box::pin(
            answers.map(|answer| serde_json::to_value(answer).unwrap()),
        ))
    }

    /// The payload of a mutation that nobody refuses.
    pub(crate) async fn record(&self, caller: &Caller, intent: &str, input: Value) -> Value {
        let answer = self.intend(caller, intent, input).await;
        assert_eq!(answer.get("errors"), None, "{intent}: {answer}");
        let payload = answer["data"]["payload"].clone();
        assert_eq!(payload["userErrors"], json!([]), "{intent}: {answer}");
        payload
    }

    /// The whole answer to a mutation.
    pub(crate) async fn intend(&self, caller: &Caller, intent: &str, input: Value) -> Value {
        let (first, rest) = intent.split_at(1);
        let kind = first.to_uppercase() + rest;
        let document = format!(
            "mutation M($input: {kind}Input!) {{ payload: {intent}(input: $input) {{ \
             userErrors {{ code field message }} position eventIds query {{ position }} }} }}"
        );
        let number = COMMANDS.fetch_add(1, Ordering::Relaxed);
        let mut whole = input;
        let fields = whole.as_object_mut().unwrap();
        let id = format!("00000000-0000-7000-8000-{number:012}");
        fields.entry("commandId").or_insert(json!(id));
        fields
            .entry("source")
            .or_insert(json!({ "label": "Registre" }));
        self.ask(caller, &document, json!({ "input": whole })).await
    }

    /// How many entries there are.
    pub(crate) fn entries(&self) -> u64 {
        self.app.log.head().position.0
    }
}
