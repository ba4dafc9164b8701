//! A collector of traces: OTLP over HTTP on loopback, read with the types of the protocol; and one that
//! does wrong, if it is told to.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use carnet::config::Config;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    },
    common::v1::{KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::Span,
};
use prost::Message;
use tokio::{net::TcpListener, sync::watch};

use crate::support::in_time;

/// What it does with what comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It takes it.
    #[default]
    Takes,
    /// It rejects one span of each request.
    RejectsOne,
    /// It says that it cannot.
    Fails,
    /// It answers what is no answer of a collector.
    Babbles,
    /// It never answers.
    Hangs,
}

/// A collector.
#[derive(Clone)]
pub(crate) struct Collector {
    port: u16,
    manner: Arc<Mutex<Manner>>,
    /// The bodies that came, as bytes.
    came: Arc<Mutex<Vec<Bytes>>>,
    count: watch::Sender<usize>,
}

impl Collector {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (count, _) = watch::channel(0);
        let collector = Self {
            port: listener.local_addr().unwrap().port(),
            manner: Arc::new(Mutex::new(manner)),
            came: Arc::default(),
            count,
        };
        let routes = Router::new()
            .route("/v1/traces", post(take))
            .with_state(collector.clone());
        tokio::spawn(axum::serve(listener, routes).into_future());
        collector
    }

    /// The settings that hand traces to it.
    pub(crate) fn config(&self) -> Config {
        Config {
            otlp_endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
            ..Config::default()
        }
    }

    pub(crate) fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// Waits until so many requests came.
    pub(crate) async fn requests(&self, many: usize) {
        let mut count = self.count.subscribe();
        in_time("requests", count.wait_for(|came| *came >= many))
            .await
            .unwrap();
    }

    /// How many requests came.
    pub(crate) fn count(&self) -> usize {
        *self.count.borrow()
    }

    /// All that came, as bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.came.lock().unwrap().concat()
    }

    fn resource_spans(&self) -> Vec<(Resource, Vec<Span>)> {
        let came = self.came.lock().unwrap();
        let requests = came.iter().cloned().map(ExportTraceServiceRequest::decode);
        requests
            .flat_map(|request| request.unwrap().resource_spans)
            .map(|of| {
                let spans = of.scope_spans.into_iter().flat_map(|scope| scope.spans);
                (of.resource.unwrap(), spans.collect())
            })
            .collect()
    }

    /// The spans that came.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let came = self.resource_spans().into_iter();
        came.flat_map(|(_, spans)| spans).collect()
    }

    /// Who says that it sends them.
    pub(crate) fn resource(&self) -> Resource {
        self.resource_spans().remove(0).0
    }

    /// The operations among them, in the order in which they began.
    pub(crate) fn operations(&self) -> Vec<Span> {
        let mut spans = self.spans();
        spans.retain(|span| text(&span.attributes, "carnet.outcome").is_some());
        spans.sort_by_key(|span| span.start_time_unix_nano);
        spans
    }
}

async fn take(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> Response {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    collector.came.lock().unwrap().push(body);
    collector.count.send_modify(|count| *count += 1);
    let manner = *collector.manner.lock().unwrap();
    let rejected = i64::from(manner == Manner::RejectsOne);
    match manner {
        Manner::Takes | Manner::RejectsOne => ExportTraceServiceResponse {
            partial_success: Some(ExportTracePartialSuccess {
                rejected_spans: rejected,
                error_message: String::new(),
            }),
        }
        .encode_to_vec()
        .into_response(),
        Manner::Fails => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Manner::Babbles => "<html>Bienvenue</html>".into_response(),
        Manner::Hangs => std::future::pending().await,
    }
}

/// An attribute, as text; those of a list with commas between them.
pub(crate) fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    Some(written(found.value.as_ref()?.value.as_ref()?))
}

fn written(value: &Value) -> String {
    match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::ArrayValue(values) => {
            let values = values.values.iter();
            let values = values.map(|value| written(value.value.as_ref().unwrap()));
            values.collect::<Vec<_>>().join(",")
        }
        other @ (Value::BoolValue(_)
        | Value::DoubleValue(_)
        | Value::KvlistValue(_)
        | Value::BytesValue(_)
        | Value::StringValueStrindex(_)) => panic!("no attribute of ours: {other:?}"),
    }
}
