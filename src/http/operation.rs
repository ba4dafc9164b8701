//! One operation over HTTP, after the GraphQL-over-HTTP specification.
//!
//! **Other sites.** What changes anything comes by POST, as `application/json`, which no form and no
//! image of another site can send; nothing answers a preflight, and what says that it comes from
//! elsewhere is refused besides. Nobody is known by a cookie: what a browser sends by itself proves
//! nothing.

use std::{net::IpAddr, sync::Arc};

use async_graphql::{Response as Answer, ServerError};
use axum::{
    Extension,
    body::Bytes,
    extract::{FromRequestParts, State, WebSocketUpgrade},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use tracing::Instrument;

use super::{
    Server,
    accept::{self, MediaType},
    answer::{self, answer, is_request_error, refuse},
    answers::Kept,
    parameters::{Admitted, Parameters, Unadmitted, from_body, from_query, request_error, spent},
    rate::{self, Wait},
    request_id::RequestId,
    same_origin, socket,
    stream::{self, Form, Listener},
    traced::{Origin, Traced},
    trusted::Sent,
};
use crate::{
    access::{Caller, policy::Capability},
    domain::terms::Position,
    graphql::{self, cost::Cost, finish_for},
    identity::Known,
    limits::{self, COST_BUDGET, REQUEST_COST},
};

/// By which header a client that was cut off says what it read last.
const LAST_EVENT_ID: &str = "last-event-id";

/// `/graphql`, whatever the method.
pub(super) async fn handle(
    State(server): State<Arc<Server>>,
    Extension(known): Extension<Known>,
    request: axum::extract::Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    if !same_origin(&parts.headers) && (parts.method == Method::POST || upgrades(&parts)) {
        return refuse(
            StatusCode::FORBIDDEN,
            "FORBIDDEN_ORIGIN",
            "Cette demande vient de la page d'un autre site.",
        );
    }
    let from = rate::origin(&parts, server.proxied);
    let request = parts.extensions.get::<RequestId>().copied();
    let origin = Origin::of(server.traces.as_ref(), &parts.headers, request);
    if upgrades(&parts) {
        return upgrade(server, (known, from, origin), &mut parts).await;
    }
    let media_type = accept::media_type(&parts.headers);
    let form = accept::stream(&parts.headers);
    if media_type.is_none() && form.is_none() {
        return refuse(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "Les réponses sont en application/graphql-response+json ou application/json ; les \
             abonnements en text/event-stream, ou en multipart/mixed (subscriptionSpec=1.0).",
        );
    }
    let parameters = match parts.method {
        Method::GET => from_query(&parts),
        Method::POST => from_body(&parts, body).await,
        _ => {
            let why = "Une opération vient par GET ou par POST.";
            return not_allowed("GET, POST", why);
        }
    };
    match parameters {
        Ok(sent) => {
            let asked = Asked {
                known: &known,
                from,
                headers: &parts.headers,
                by_get: parts.method == Method::GET,
                media_type,
                form,
            };
            let traced = Traced::begin(server.traces.as_ref(), asked.caller(), &origin);
            execute(&server, (asked, traced), sent).await
        }
        Err(refused) => refuse(refused.status, refused.code, &refused.message),
    }
}

fn upgrades(parts: &Parts) -> bool {
    parts.headers.contains_key(header::UPGRADE)
}

async fn upgrade(
    server: Arc<Server>,
    asking: (Known, Option<IpAddr>, Origin),
    parts: &mut Parts,
) -> Response {
    match WebSocketUpgrade::from_request_parts(parts, &server).await {
        Ok(upgrade) => socket::accept(upgrade, server, asking),
        Err(rejection) => refuse(
            rejection.status(),
            "BAD_UPGRADE",
            "Cette demande de WebSocket est mal formée.",
        ),
    }
}

/// How an operation is asked for.
struct Asked<'a> {
    known: &'a Known,
    from: Option<IpAddr>,
    headers: &'a HeaderMap,
    by_get: bool,
    /// How an answer is written; `None` where only a stream is taken.
    media_type: Option<MediaType>,
    /// How a stream is.
    form: Option<Form>,
}

impl Asked<'_> {
    fn caller(&self) -> &Caller {
        &self.known.caller
    }

    /// An answer that nobody keeps.
    fn answer(&self, told: &Answer) -> Response {
        match (self.media_type, self.form) {
            (None, Some(form)) => {
                let told = if is_request_error(told) {
                    serde_json::to_vec(&serde_json::json!({ "errors": told.errors }))
                } else {
                    serde_json::to_vec(told)
                };
                // What is written of an answer is always JSON.
                form.once(&told.unwrap_or_default())
            }
            (media_type, _) => answer(told, media_type.unwrap_or(MediaType::Json)),
        }
    }

    fn refused(&self, error: ServerError) -> Response {
        self.answer(&Answer::from_errors(vec![error]))
    }

    /// After which position a stream goes on, where its client was cut off.
    fn last_event(&self) -> Result<Option<Position>, ServerError> {
        let Some(last) = self.headers.get(LAST_EVENT_ID) else {
            return Ok(None);
        };
        let last = last.to_str().map(str::trim);
        match last.map(|last| (last, last.parse())) {
            Ok(("", _)) => Ok(None),
            Ok((_, Ok(position))) => Ok(Some(Position(position))),
            Ok((_, Err(_))) | Err(_) => {
                let message = "« Last-Event-ID » est une position : un entier à partir de 0.";
                Err(request_error("BAD_USER_INPUT", message))
            }
        }
    }

    /// An answer that is kept, or only that it is the one that its caller has.
    fn served(&self, kept: Kept) -> Response {
        // What names persons is left in nobody's cache.
        let personal = self.caller().capabilities().has(Capability::Personal);
        let lasting = kept.lasting && self.by_get;
        match (self.media_type, self.form) {
            (None, Some(form)) => form.once(&kept.body),
            (media_type, _) => {
                let media_type = media_type.unwrap_or(MediaType::Json);
                answer::kept(kept, self.headers, (personal, lasting), media_type)
            }
        }
    }
}

async fn execute(
    server: &Server,
    (asked, mut traced): (Asked<'_>, Traced),
    sent: Sent,
) -> Response {
    let caller = asked.caller();
    let purse = server.rates.purse(caller, asked.from);
    if let Err(wait) = purse.spend(REQUEST_COST) {
        traced.refused("RATE_LIMITED");
        return too_much(wait);
    }
    let mut parameters = match server.trusted.find(sent, caller) {
        Ok(parameters) => parameters,
        Err(error) => {
            traced.error(&error);
            return asked.refused(error);
        }
    };
    parameters.note(asked.headers);
    // Before what is kept is looked up: that is of a moment too.
    let reached = async { parameters.consistency()?.reach(&server.schema).await };
    if let Err(error) = reached.await {
        traced.error(&error);
        return asked.refused(error);
    }
    let at = graphql::now(&server.schema, caller);
    let key = at.map(|at| server.answers.asked(at, caller, &parameters));
    if let Some(kept) = key.and_then(|key| server.answers.get(&key)) {
        traced.kept();
        return asked.served(kept);
    }
    let span = span(&parameters);
    let admitted = parameters.admit(server, caller, &purse, (at, &traced));
    let admitted = match admitted.instrument(span.clone()).await {
        Ok(admitted) => admitted,
        Err(Unadmitted::Spent(wait)) => {
            traced.refused("RATE_LIMITED");
            return too_much(wait);
        }
        Err(Unadmitted::Error(error)) => {
            traced.error(&error);
            return asked.refused(error);
        }
    };
    if asked.by_get && admitted.kind.mutates {
        traced.refused("METHOD_NOT_ALLOWED");
        let why = "Par GET on ne fait que lire ; une mutation vient par POST.";
        return not_allowed("POST", why);
    }
    if admitted.kind.follows
        && let Some(form) = asked.form
    {
        return span.in_scope(|| follow(server, (&asked, traced), form, admitted));
    }
    let (cost, lasting) = (admitted.cost, admitted.lasting);
    let keeps = !admitted.kind.mutates && !cost.of_now;
    let executing = traced.step("execute");
    let executed = server.schema.execute(admitted.request).instrument(span);
    let executed = tokio::time::timeout(limits::OPERATION, executed).await;
    let mut response = executed.unwrap_or_else(|_| {
        Answer::from_errors(vec![request_error(
            "DEADLINE",
            "L'opération a dépassé le temps qui lui est donné.",
        )])
    });
    drop(executing);
    tell_cost(&mut response, cost);
    if let Some(key) = key
        && keeps
        && response.errors.is_empty()
        && let Ok(body) = serde_json::to_vec(&response)
    {
        let kept = Kept::new(Bytes::from(body), lasting);
        server.answers.keep(key, kept.clone());
        traced.answered(&response);
        return asked.served(kept);
    }
    let response = finish_for(response, caller);
    traced.answered(&response);
    asked.answer(&response)
}

/// Follows what was admitted, bit by bit.
fn follow(
    server: &Server,
    (asked, mut traced): (&Asked<'_>, Traced),
    form: Form,
    admitted: Admitted,
) -> Response {
    let begin = match asked.last_event() {
        Ok(begin) => begin,
        Err(error) => {
            traced.error(&error);
            return asked.refused(error);
        }
    };
    let Some(place) = server.live.places().take(asked.caller(), asked.from) else {
        traced.refused("TOO_MANY_SOCKETS");
        let mut response = refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "TOO_MANY_SOCKETS",
            "Trop de connexions suivent déjà quelque chose ici ; réessayez plus tard.",
        );
        let seconds = HeaderValue::from(server.heartbeat.as_secs());
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
        return response;
    };
    let followed = server
        .live
        .follow(&server.schema, asked.caller(), admitted, begin);
    match followed {
        Ok(subscriber) => {
            let listener = Listener::new(server, asked.known.clone(), place);
            stream::respond(form, listener, (subscriber, traced))
        }
        Err(error) => {
            traced.error(&error);
            asked.refused(error)
        }
    }
}

/// Around all that is done for an operation: which document, under which name. Never its variables.
pub(super) fn span(parameters: &Parameters) -> tracing::Span {
    let begin = parameters
        .hash
        .first_chunk()
        .copied()
        .map(u64::from_be_bytes);
    let document = format_args!("{:016x}", begin.unwrap_or_default());
    tracing::error_span!("operation", name = parameters.name(), %document)
}

/// Says in an answer what it cost.
pub(super) fn tell_cost(response: &mut Answer, cost: Cost) {
    let told = async_graphql::value!({ "requested": (cost.requested), "budget": (COST_BUDGET) });
    response.extensions.insert("cost".to_owned(), told);
}

fn not_allowed(allowed: &'static str, why: &str) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut response = refuse(status, "METHOD_NOT_ALLOWED", why);
    let allowed = HeaderValue::from_static(allowed);
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}

/// The answer to who has spent too much.
fn too_much(wait: Wait) -> Response {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let mut response = refuse(status, "RATE_LIMITED", &spent(wait));
    let seconds = HeaderValue::from(wait.seconds());
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response.into_response()
}
