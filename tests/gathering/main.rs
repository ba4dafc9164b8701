//! What one request asks at the same time is read by one statement: however many experiments a page
//! has, an answer takes as many. In a process of its own, since the statements of all of it are counted.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "../api/support/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of the API")]
mod support;

mod programme;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

use programme::Programme;

/// The statements that a page of experiments with all that is nested in [`NESTED`] takes at most, of
/// whatever length it is: each place in the document that reads takes those of its kind once.
const STATEMENTS_MAX: usize = 56;

/// All of an experiment that is read for it, three levels deep.
const NESTED: &str = "
    title
    hubSite { name }
    operators { operator { name } }
    venues { name experiment { title } }
    costs(last: 2) { nodes { amount agreement { title } estimate { id } } }
    costSummary { estimated { __typename } }
    advisers { role assignments { experiment { title } permanence { id } } history(first: 2) { edges { cursor } } }
    activity { sessionsHeld requests accompaniments turnedAway feedbackReceived }
    indicators(codes: [\"held-rate\", \"attendance\", \"resolution\"]) { whole { figures { code value n } } }
    history(first: 3) { edges { node { sentence standing lineage { position } } } }
    sessions(last: 2) { edges { node { date held { startsAt advisers { role } } } } }
    permanences {
        id
        terms { venue { name } }
        activity { sessionsHeld requests }
        calendar(from: \"2021-05-01\", until: \"2021-05-31\") { occurrences { date } }
        sessions(last: 3) {
            edges {
                cursor
                node {
                    date
                    held { startsAt minutes }
                    permanence { id }
                    experiment { title }
                    accompaniments { minutes requests { operator } }
                    history(first: 2) { edges { node { kind } } }
                }
            }
            pageInfo { hasPreviousPage hasNextPage }
        }
    }";

/// One test at a time: what is counted is of the whole process.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The statements that were executed, by their text.
static EXECUTED: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

fn executed() -> MutexGuard<'static, BTreeMap<String, usize>> {
    EXECUTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes down every statement that sqlx tells of.
struct Statements;

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut statement = Text(String::new());
        event.record(&mut statement);
        // What a connection says when it is opened is no question.
        if !statement.0.contains("PRAGMA") {
            *executed().entry(statement.0).or_default() += 1;
        }
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "db.statement" || (field.name() == "summary" && self.0.is_empty()) {
            self.0 = format!("{value:?}");
        }
    }
}

/// The answer to a document, and the statements that it took.
async fn counted(programme: &Programme, document: &str) -> (Value, BTreeMap<String, usize>) {
    executed().clear();
    let answer = programme.ask(document).await;
    (answer, std::mem::take(&mut executed()))
}

fn page(first: usize) -> String {
    format!(
        "{{ experiments(first: {first}, orderBy: {{ field: START }}) {{ nodes {{ id {NESTED} }} }} }}"
    )
}

/// Would catch: a field of a list that reads by itself (100 of them, 100 statements), and an answer
/// that differs from the one to the same question asked alone: of another's rows, or none.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_takes_as_many_statements_whatever_its_length() {
    let _alone = ALONE.lock().await;
    let statements = Targets::new().with_target("sqlx::query", LevelFilter::DEBUG);
    tracing_subscriber::registry()
        .with(Statements.with_filter(statements))
        .init();
    let mut programme = Programme::start().await;
    for experiments in [10, 100] {
        programme.grow(experiments).await;
        let (answer, statements) = counted(&programme, &page(100)).await;
        let nodes = answer["experiments"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), experiments);
        let count: usize = statements.values().sum();
        assert!(
            count > 0 && count <= STATEMENTS_MAX,
            "{count} statements for {experiments} experiments: {statements:#?}"
        );
        for node in nodes.iter().take(5) {
            let id = node["id"].as_str().unwrap();
            let alone = programme
                .ask(&format!("{{ experiment(id: \"{id}\") {{ id {NESTED} }} }}"))
                .await;
            assert_eq!(&alone["experiment"], node);
        }
    }
    let filled = format!("{}", programme.ask(&page(100)).await);
    for told in ["\"startsAt\"", "\"amount\"", "DESK_OFFICER", "\"minutes\""] {
        assert!(filled.contains(told), "nothing tells {told}");
    }
    programme.stop().await;
}

/// Would catch: pages of sessions from the end that skip, repeat, or stand in another order.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_turned_from_either_end() {
    let _alone = ALONE.lock().await;
    let mut programme = Programme::start().await;
    programme.grow(1).await;
    let shown = "edges { cursor node { id date } } \
                 pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
    let read = async |arguments: String| -> Value {
        let document =
            format!("{{ experiments {{ nodes {{ sessions({arguments}) {{ {shown} }} }} }} }}");
        programme.ask(&document).await["experiments"]["nodes"][0]["sessions"].take()
    };
    let all = read("first: 100".to_owned()).await;
    let all = all["edges"].as_array().unwrap();
    assert!(all.len() > 5, "{all:?}");
    for (size, cursor, edge, more) in [
        ("first", "after", "endCursor", "hasNextPage"),
        ("last", "before", "startCursor", "hasPreviousPage"),
    ] {
        let mut turned: Vec<Value> = Vec::new();
        let mut from = None;
        loop {
            let beyond =
                from.map_or_else(String::new, |from: String| format!(", {cursor}: {from}"));
            let page = read(format!("{size}: 2{beyond}")).await;
            let edges = page["edges"].as_array().unwrap().clone();
            assert!(edges.len() <= 2);
            if size == "first" {
                turned.extend(edges);
            } else {
                turned.splice(0..0, edges);
            }
            if page["pageInfo"][more] == json!(false) {
                break;
            }
            from = Some(page["pageInfo"][edge].to_string());
        }
        assert_eq!(&turned, all);
    }
    programme.stop().await;
}
