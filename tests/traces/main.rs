//! Traces of operations, handed to a collector in the test's own process: what they say, what they never
//! say, and that nobody waits for a collector that does wrong.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../edge/support.rs"]
#[allow(dead_code, reason = "shared with the tests of the edge")]
mod support;

mod collector;
mod socket;

use std::sync::{Arc, Mutex};

use carnet::{
    app::App,
    clock::FixedClock,
    config::Config,
    limits::{TRACES_FLUSH, TRACES_WAITING_MAX},
};
use opentelemetry::trace::{Span as _, Tracer};
use opentelemetry_proto::tonic::trace::v1::{Span, Status, span::SpanKind, status::StatusCode};
use serde_json::{Value, json};

use collector::{Collector, Manner, text};
use support::{Carnet, header, send};

/// What an operation's span says under a name.
fn said(span: &Span, name: &str) -> String {
    text(&span.attributes, name).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

/// Would catch: a span that does not say what the operation was and what came of it, or says so of
/// another request than the one that was answered.
#[tokio::test]
async fn a_span_says_what_came_of_an_operation() {
    let collector = Collector::start(Manner::Takes).await;
    let carnet = Carnet::with(collector.config()).await;
    let evaluator = carnet.issue(json!({ "role": "EVALUATOR" })).await;
    let asked = json!({ "query": "query Ou { position experiments { totalCount } }" });
    let answer = send(carnet.post(&evaluator, &asked)).await;
    let request = header(&answer, "x-request-id");
    let answer: Value = answer.json().await.unwrap();
    let again = send(carnet.post(&evaluator, &asked)).await;
    assert_eq!(again.status(), 200);
    let two = json!({ "query": "query Un { position } query Deux { logHead { root } }", "operationName": "Deux" });
    send(carnet.post(&evaluator, &two)).await;
    for query in [
        "{ nothing }",
        "{",
        "{ position(",
        "{ tokens { nodes { id } } }",
    ] {
        send(carnet.post(&evaluator, &json!({ "query": query }))).await;
    }
    carnet.stop().await;

    let operations = collector.operations();
    // The first one issued the token.
    let [
        issued,
        first,
        kept,
        named,
        unknown,
        unread,
        unread_too,
        forbidden,
    ] = operations.as_slice()
    else {
        panic!("{operations:#?}")
    };
    assert_eq!(issued.name, "mutation");
    assert_eq!(said(issued, "carnet.roles"), "administrator");
    assert_eq!(first.name, "query");
    assert_eq!(first.kind(), SpanKind::Server);
    assert_eq!(said(first, "graphql.operation.type"), "query");
    assert_eq!(said(first, "graphql.operation.name"), "Ou");
    assert_eq!(said(first, "carnet.roles"), "evaluator");
    assert_eq!(said(first, "carnet.transport"), "http");
    assert_eq!(said(first, "carnet.request.id"), request);
    assert_eq!(said(first, "carnet.outcome"), "answered");
    let cost = &answer["extensions"]["cost"]["requested"];
    assert_eq!(said(first, "carnet.cost"), cost.to_string());
    assert_eq!(
        first.status.as_ref().map(Status::code),
        Some(StatusCode::Unset)
    );
    assert_eq!(said(kept, "carnet.outcome"), "kept");
    assert_eq!(said(named, "graphql.operation.name"), "Deux");
    for (refused, code) in [
        (unknown, "GRAPHQL_VALIDATION_FAILED"),
        (unread, "GRAPHQL_PARSE_FAILED"),
        (unread_too, "GRAPHQL_PARSE_FAILED"),
        (forbidden, "FORBIDDEN"),
    ] {
        assert_eq!(said(refused, "carnet.codes"), code);
        assert_eq!(said(refused, "error.type"), code);
        assert_eq!(said(refused, "carnet.outcome"), "refused");
        let status = refused.status.as_ref().unwrap();
        assert_eq!(
            (status.code(), status.message.as_str()),
            (StatusCode::Error, code)
        );
    }
    let resource = collector.resource().attributes;
    assert_eq!(text(&resource, "service.name").unwrap(), "carnet");
    assert_eq!(resource.len(), 2, "{resource:?}");
}

/// Would catch: steps that hang in the air, or in another operation.
#[tokio::test]
async fn its_steps_are_its_children() {
    let collector = Collector::start(Manner::Takes).await;
    let carnet = Carnet::with(collector.config()).await;
    carnet
        .data(&carnet.administrator, "{ position }", Value::Null)
        .await;
    carnet.stop().await;
    let spans = collector.spans();
    let [operation] = collector.operations().try_into().unwrap();
    let mut steps: Vec<&Span> = spans.iter().filter(|span| **span != operation).collect();
    steps.sort_by_key(|span| span.start_time_unix_nano);
    let names: Vec<&str> = steps.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["parse", "execute"]);
    for step in steps {
        assert_eq!(step.trace_id, operation.trace_id);
        assert_eq!(step.parent_span_id, operation.span_id);
        assert!(step.start_time_unix_nano >= operation.start_time_unix_nano);
        assert!(step.end_time_unix_nano <= operation.end_time_unix_nano);
    }
    assert_eq!(operation.parent_span_id, Vec::<u8>::new());
}

/// Would catch: a trace that a request belongs to and that it is not put into; one that is not to be
/// kept and is; what else a request says of its trace, handed on.
#[tokio::test]
async fn a_request_is_put_into_the_trace_it_names() {
    let collector = Collector::start(Manner::Takes).await;
    let carnet = Carnet::with(collector.config()).await;
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let asks = |named: &str| {
        let asked = json!({ "query": "{ logHead { root } }" });
        let request = carnet.post(&carnet.administrator, &asked);
        request
            .header("traceparent", named)
            .header("tracestate", "fournisseur=Camille-Durand")
            .header("baggage", "personne=Camille-Durand")
    };
    send(asks(&format!("00-{trace}-{parent}-01"))).await;
    send(asks(&format!("00-{trace}-aaaaaaaaaaaaaaaa-00"))).await;
    for none in ["", "00-x", &format!("ff-{trace}-{parent}-01")] {
        send(asks(none)).await;
    }
    let twice = format!("00-{trace}-{parent}-01");
    send(asks(&twice).header("traceparent", &twice)).await;
    carnet.stop().await;
    let operations = collector.operations();
    assert_eq!(operations.len(), 5, "{operations:#?}");
    let (first, others) = operations.split_first().unwrap();
    assert_eq!(hex(&first.trace_id), trace);
    assert_eq!(hex(&first.parent_span_id), parent);
    for other in others {
        assert_ne!(hex(&other.trace_id), trace);
        assert_eq!(hex(&other.parent_span_id), "");
    }
    assert!(!holds(&collector.bytes(), "Camille"));
}

/// Whether bytes hold a text.
fn holds(bytes: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    bytes.windows(text.len()).any(|window| window == text)
}

/// Would catch: a token, a name, a variable or what stands in a document, in what leaves for elsewhere.
#[tokio::test]
async fn nothing_of_what_is_asked_or_answered_is_told() {
    let collector = Collector::start(Manner::Takes).await;
    let carnet = Carnet::with(collector.config()).await;
    let token = carnet
        .issue(json!({ "role": "CARRIER", "organisation": "La Poste des secrets" }))
        .await;
    carnet.launch(1, "La Poste des secrets").await;
    let query = "query Cherche($name: ID!) { node(id: $name) { id } \
                 experiments(filter: { search: \"litteral-jamais-dit\" }) { totalCount } viewer { actor } }";
    let wrong = carnet
        .ask(&token, query, json!({ "name": "variable-jamais-dite" }))
        .await;
    assert!(!wrong["errors"].is_null());
    let known = carnet
        .ask(
            &token,
            "{ viewer { actor } experiments { nodes { title } } }",
            Value::Null,
        )
        .await;
    let actor = known["data"]["viewer"]["actor"]
        .as_str()
        .unwrap()
        .to_owned();
    let named = json!({ "query": "{ position }", "operationName": "Camille Durand" });
    send(carnet.post(&token, &named)).await;
    send(carnet.post("jeton-qui-ne-vaut-rien", &named)).await;
    let administrator = carnet.administrator.clone();
    carnet.stop().await;
    let bytes = collector.bytes();
    assert!(holds(&bytes, "Cherche") && holds(&bytes, "carrier"));
    for never in [
        &token,
        &administrator,
        &actor,
        "jeton-qui-ne-vaut-rien",
        "variable-jamais-dite",
        "litteral-jamais-dit",
        "Camille",
        "La Poste",
        "Vigny",
        "Expérimentation 1",
        "experiment-",
        "totalCount",
    ] {
        assert!(!holds(&bytes, never), "{never}");
    }
}

/// A counter of `/metrics`; none where there is none yet.
async fn counted(carnet: &Carnet, name: &str) -> u64 {
    let metrics = carnet
        .client
        .get(format!("http://{}/metrics", carnet.address))
        .bearer_auth(&carnet.administrator);
    let metrics = send(metrics).await.text().await.unwrap();
    let mut lines = metrics.lines().filter(|line| !line.starts_with('#'));
    let line = lines.find_map(|line| line.strip_prefix(name));
    line.map_or(0, |count| count.trim().parse().unwrap())
}

const DROPPED: &str = "carnet_trace_spans_dropped_total";
const SENT: &str = "carnet_trace_spans_sent_total";

/// Held by whoever counts what is dropped: the counters are of the whole process.
static COUNTING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Waits until a counter is beyond so much.
async fn counted_beyond(carnet: &Carnet, name: &str, before: u64) {
    let counting = async {
        while counted(carnet, name).await <= before {
            tokio::task::yield_now().await;
        }
    };
    support::in_time(name, counting).await;
}

/// Would catch: a service that waits for its collector, that does not count what is lost with it, or that
/// does not hand traces over again once the collector is well.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_does_wrong_keeps_nobody() {
    let _counting = COUNTING.lock().await;
    let collector = Collector::start(Manner::Takes).await;
    let carnet = Carnet::with(collector.config()).await;
    let mut requests = 0;
    for manner in [
        Manner::Fails,
        Manner::Babbles,
        Manner::RejectsOne,
        Manner::Hangs,
    ] {
        collector.behave(manner);
        let before = counted(&carnet, DROPPED).await;
        carnet
            .data(&carnet.administrator, "{ position }", Value::Null)
            .await;
        requests += 1;
        collector.requests(requests).await;
        // Asked while the request may hang.
        carnet
            .data(&carnet.administrator, "{ logHead { root } }", Value::Null)
            .await;
        counted_beyond(&carnet, DROPPED, before).await;
        requests = collector.count();
    }
    collector.behave(Manner::Takes);
    let before = counted(&carnet, SENT).await;
    carnet
        .data(&carnet.administrator, "{ position }", Value::Null)
        .await;
    counted_beyond(&carnet, SENT, before).await;
    carnet.stop().await;
}

/// What is logged, for one test.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Would catch: a service that does not start, or stop, without its collector, or says so of each
/// span.
#[tokio::test]
async fn no_collector_at_all_keeps_nobody() {
    let _counting = COUNTING.lock().await;
    let lines = Lines::default();
    let written = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || written.clone())
        .finish();
    let _heard = tracing::subscriber::set_default(subscriber);
    let config = Config {
        // Nobody listens on a port that is let go of.
        otlp_endpoint: Some(nobody().await),
        ..Config::default()
    };
    let carnet = Carnet::with(config).await;
    let before = counted(&carnet, DROPPED).await;
    carnet
        .data(&carnet.administrator, "{ position }", Value::Null)
        .await;
    counted_beyond(&carnet, DROPPED, before).await;
    let before = counted(&carnet, DROPPED).await;
    carnet
        .data(&carnet.administrator, "{ logHead { root } }", Value::Null)
        .await;
    counted_beyond(&carnet, DROPPED, before).await;
    carnet.stop().await;
    let lines = lines.0.lock().unwrap().clone();
    let lines = String::from_utf8(lines).unwrap();
    assert_eq!(lines.matches("spans are dropped").count(), 1, "{lines}");
}

/// Would catch: a queue without bounds, and a span that waits for room in it.
#[tokio::test]
async fn what_there_is_no_room_for_is_let_go_of() {
    let _counting = COUNTING.lock().await;
    let collector = Collector::start(Manner::Takes).await;
    let carnet = Carnet::start().await;
    let before = counted(&carnet, DROPPED).await;
    let endpoint = collector.config().otlp_endpoint.unwrap();
    let (traces, handing) = carnet::trace::start(&endpoint).unwrap();
    // Nobody takes any of them meanwhile: this thread is the only one.
    let more = 300;
    for _ in 0..TRACES_WAITING_MAX + more {
        traces.tracer().start("one").end();
    }
    assert_eq!(counted(&carnet, DROPPED).await - before, more as u64);
    handing.close().await;
    assert_eq!(collector.spans().len(), TRACES_WAITING_MAX);
    carnet.stop().await;
}

async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Would catch: a stop that waits for a collector for as long as that likes.
#[tokio::test]
async fn a_collector_that_hangs_holds_no_stop_up() {
    let _counting = COUNTING.lock().await;
    let collector = Collector::start(Manner::Hangs).await;
    let carnet = Carnet::with(collector.config()).await;
    carnet
        .data(&carnet.administrator, "{ position }", Value::Null)
        .await;
    let stopped = tokio::time::timeout(2 * TRACES_FLUSH, carnet.stop()).await;
    assert!(stopped.is_ok());
    assert_eq!(collector.count(), 1);
}

/// Would catch: an address that traces would go to in the clear, or that is none, taken.
#[tokio::test]
async fn it_is_handed_over_by_https_or_on_this_machine() {
    for (endpoint, taken) in [
        ("https://collecteur.example:4318", true),
        ("http://localhost:4318/", true),
        ("http://[::1]:4318", true),
        ("http://collecteur.example:4318", false),
        ("grpc://127.0.0.1:4317", false),
        ("https://qui:secret@collecteur.example", false),
        ("127.0.0.1:4318", false),
        ("", false),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: directory.path().join("data"),
            otlp_endpoint: Some(endpoint.to_owned()),
            ..Config::default()
        };
        let clock = FixedClock::new("2021-05-10T08:00:00Z".parse().unwrap());
        match App::open(&config, Arc::new(clock)).await {
            Ok(app) => {
                assert!(taken, "{endpoint}");
                app.close().await;
            }
            Err(error) => {
                assert!(!taken, "{endpoint}: {error}");
                assert!(error.to_string().contains("otlp_endpoint"), "{error}");
            }
        }
    }
}
