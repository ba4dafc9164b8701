//! A span for each operation, where traces are handed to a collector: a child of whatever trace the
//! request names (`traceparent`), the parent of what its steps take.
//!
//! **Invariants.** It says what an operation is called, of which kind it is, in which roles it was asked,
//! what it costs and what came of it; nothing of what was asked or answered, and of nobody who it is.
//! Of what a request says of its trace, only the two ids and the flag are taken: the rest (`tracestate`,
//! `baggage`) may hold anything. Where there is no collector, nothing is done.

use std::borrow::Cow;

use async_graphql::{
    Name, Response as Answer, ServerError, Value,
    parser::types::{ExecutableDocument, OperationDefinition, OperationType},
};
use axum::http::HeaderMap;
use opentelemetry::{
    Array, Context, KeyValue, StringValue, Value as Told,
    propagation::{Extractor, TextMapPropagator},
    trace::{SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::Span};

use super::{answer::is_request_error, parameters::Parameters, request_id::RequestId};
use crate::{
    access::{Caller, policy::COLUMNS},
    graphql::cost::Cost,
    limits::TRACE_CODES_MAX,
    trace::Traces,
};

/// The one header that is taken.
const PARENT: &str = "traceparent";

/// Where an operation comes from.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    parent: Context,
    request: Option<RequestId>,
    socket: bool,
}

impl Origin {
    /// What a request says of it; nothing where nobody asks.
    pub(super) fn of(
        traces: Option<&Traces>,
        headers: &HeaderMap,
        request: Option<RequestId>,
    ) -> Self {
        let parent = traces.map(|_| {
            TraceContextPropagator::new().extract_with_context(&Context::new(), &Named(headers))
        });
        Self {
            parent: parent.unwrap_or_default(),
            request,
            socket: false,
        }
    }

    /// The same, for what is asked over a socket that the request opens.
    pub(super) fn socket(self) -> Self {
        Self {
            socket: true,
            ..self
        }
    }
}

/// What a request says of its trace: once, or not at all.
struct Named<'a>(&'a HeaderMap);

impl Extractor for Named<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let mut values = self.0.get_all(PARENT).iter().filter(|_| key == PARENT);
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    fn keys(&self) -> Vec<&str> {
        vec![PARENT]
    }
}

/// The span of an operation, or nothing.
#[derive(Debug, Default)]
pub(super) struct Traced(Option<Live>);

#[derive(Debug)]
struct Live {
    traces: Traces,
    context: Context,
    outcome: &'static str,
    /// How many answers a subscription gave.
    answers: Option<u32>,
}

/// Ends with whoever holds it.
#[derive(Debug)]
pub(super) struct Step(#[expect(dead_code, reason = "it ends as it is dropped")] Option<Span>);

impl Traced {
    /// An operation begins.
    pub(super) fn begin(traces: Option<&Traces>, caller: &Caller, origin: &Origin) -> Self {
        let Some(traces) = traces else {
            return Self(None);
        };
        let transport = if origin.socket { "websocket" } else { "http" };
        let mut said = vec![
            KeyValue::new("carnet.transport", transport),
            KeyValue::new("carnet.roles", roles(caller)),
        ];
        if let Some(RequestId(id)) = origin.request {
            said.push(KeyValue::new("carnet.request.id", id.to_string()));
        }
        let begin = traces.tracer();
        let span = begin
            .span_builder("GraphQL Operation")
            .with_kind(SpanKind::Server)
            .with_attributes(said)
            .start_with_context(begin, &origin.parent);
        Self(Some(Live {
            traces: traces.clone(),
            context: origin.parent.with_span(span),
            // Whoever asked went away, or it was cut: unless it is said otherwise.
            outcome: "abandoned",
            answers: None,
        }))
    }

    fn say(&self, name: &'static str, value: impl Into<Told>) {
        if let Self(Some(live)) = self {
            let said = KeyValue::new(name, value);
            live.context.span().set_attribute(said);
        }
    }

    /// Which operation of a document it is.
    pub(super) fn meant(
        &self,
        document: &ExecutableDocument,
        meant: &[&OperationDefinition],
        name: Option<&str>,
    ) {
        let Self(Some(live)) = self else { return };
        if let [meant] = meant {
            let kind = match meant.ty {
                OperationType::Query => "query",
                OperationType::Mutation => "mutation",
                OperationType::Subscription => "subscription",
            };
            live.context.span().update_name(kind);
            self.say("graphql.operation.type", kind);
        }
        let mut operations = document.operations.iter();
        let alone = match (operations.next(), operations.next()) {
            (Some((name, _)), None) => name.map(Name::as_str),
            _ => None,
        };
        if let Some(name) = name.or(alone).and_then(Parameters::loggable) {
            self.say("graphql.operation.name", name.to_owned());
        }
    }

    /// What it costs.
    pub(super) fn cost(&self, cost: Cost) {
        let cost = i64::try_from(cost.requested).unwrap_or(i64::MAX);
        self.say("carnet.cost", cost);
    }

    /// A step of it begins.
    pub(super) fn step(&self, name: &'static str) -> Step {
        Step(self.0.as_ref().map(|live| {
            let tracer = live.traces.tracer();
            tracer.start_with_context(name, &live.context)
        }))
    }

    /// It is answered with an answer that was kept.
    pub(super) fn kept(&mut self) {
        self.end("kept");
    }

    /// It is refused, under such a code.
    pub(super) fn refused(&mut self, code: &'static str) {
        self.faults(vec![Cow::Borrowed(code)]);
        self.end("refused");
    }

    /// It is not executed.
    pub(super) fn error(&mut self, error: &ServerError) {
        if self.0.is_some() {
            self.faults(code(error).into_iter().collect());
            self.end("refused");
        }
    }

    /// It is answered.
    pub(super) fn answered(&mut self, answer: &Answer) {
        if self.0.is_none() {
            return;
        }
        if answer.errors.is_empty() {
            self.end("answered");
            return;
        }
        let mut codes: Vec<Cow<'static, str>> = Vec::new();
        for found in answer.errors.iter().filter_map(code) {
            if codes.len() < TRACE_CODES_MAX && !codes.contains(&found) {
                codes.push(found);
            }
        }
        self.faults(codes);
        self.end(if is_request_error(answer) {
            "refused"
        } else {
            "faulty"
        });
    }

    /// It gave one more of its answers: it is not at its end yet.
    pub(super) fn followed(&mut self) {
        if let Self(Some(live)) = self {
            *live.answers.get_or_insert_default() += 1;
        }
    }

    /// It came to its end by itself, or the server stops.
    pub(super) fn completed(&mut self) {
        self.end("completed");
    }

    fn end(&mut self, outcome: &'static str) {
        if let Self(Some(live)) = self {
            live.outcome = outcome;
        }
    }

    fn faults(&self, codes: Vec<Cow<'static, str>>) {
        let Self(Some(live)) = self else { return };
        let Some(first) = codes.first() else { return };
        let span = live.context.span();
        span.set_status(Status::error(first.clone()));
        span.set_attribute(KeyValue::new(
            "error.type",
            StringValue::from(first.clone()),
        ));
        let codes = codes.into_iter().map(StringValue::from).collect();
        let codes = Told::Array(Array::String(codes));
        span.set_attribute(KeyValue::new("carnet.codes", codes));
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        let Self(Some(live)) = &*self else { return };
        self.say("carnet.outcome", live.outcome);
        if let Some(answers) = live.answers {
            self.say("carnet.answers", i64::from(answers));
        }
        live.context.span().end();
    }
}

/// In which roles somebody asks, in the order of the table; of whom nothing is known, `stranger`.
fn roles(caller: &Caller) -> Told {
    let has = |role| caller.grants.iter().any(|grant| grant.role == role);
    let mut roles: Vec<StringValue> = COLUMNS
        .into_iter()
        .filter(|role| has(*role))
        .map(|role| role.name().into())
        .collect();
    if roles.is_empty() {
        roles.push("stranger".into());
    }
    Told::Array(Array::String(roles))
}

/// The code of a fault; all of ours have one.
fn code(error: &ServerError) -> Option<Cow<'static, str>> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(Cow::Owned(code.clone())),
        Value::Null
        | Value::Number(_)
        | Value::Boolean(_)
        | Value::Binary(_)
        | Value::Enum(_)
        | Value::List(_)
        | Value::Object(_) => None,
    }
}
