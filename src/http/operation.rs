//! One operation over HTTP, after the GraphQL-over-HTTP specification.
//!
//! **Other sites.** What changes anything comes by POST, as `application/json`, which no form and no
//! image of another site can send; nothing answers a preflight, and what says that it comes from
//! elsewhere is refused besides. Nobody is known by a cookie: what a browser sends by itself proves
//! nothing.

use std::net::IpAddr;

use async_graphql::Response as Answer;
use axum::{
    Extension,
    body::Bytes,
    extract::{FromRequestParts, State, WebSocketUpgrade},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::{
    Server,
    accept::{self, MediaType},
    answer::{self, answer, refuse},
    answers::Kept,
    parameters::{Parameters, Unadmitted, from_body, from_query, request_error, spent},
    rate::{self, Wait},
    same_origin, socket,
};
use crate::{
    access::{Caller, policy::Capability},
    graphql::{self, cost::Cost, finish_for},
    identity::Known,
    limits::{self, COST_BUDGET, REQUEST_COST},
};

/// `/graphql`, whatever the method.
pub(super) async fn handle(
    State(server): State<Server>,
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
    if upgrades(&parts) {
        return upgrade(server, (known, from), &mut parts).await;
    }
    let Some(media_type) = accept::media_type(&parts.headers) else {
        return refuse(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "Les réponses sont en application/graphql-response+json ou application/json.",
        );
    };
    let parameters = match parts.method {
        Method::GET => from_query(&parts),
        Method::POST => from_body(&parts, body).await,
        _ => {
            let why = "Une opération vient par GET ou par POST.";
            return not_allowed("GET, POST", why);
        }
    };
    match parameters {
        Ok(parameters) => {
            let asked = Asked {
                caller: &known.caller,
                from,
                headers: &parts.headers,
                by_get: parts.method == Method::GET,
                media_type,
            };
            execute(&server, asked, parameters).await
        }
        Err(refused) => refuse(refused.status, refused.code, &refused.message),
    }
}

fn upgrades(parts: &Parts) -> bool {
    parts.headers.contains_key(header::UPGRADE)
}

async fn upgrade(
    server: Server,
    (known, from): (Known, Option<IpAddr>),
    parts: &mut Parts,
) -> Response {
    match WebSocketUpgrade::from_request_parts(parts, &server).await {
        Ok(upgrade) => socket::accept(upgrade, server, known, from),
        Err(rejection) => refuse(
            rejection.status(),
            "BAD_UPGRADE",
            "Cette demande de WebSocket est mal formée.",
        ),
    }
}

/// How an operation is asked for.
struct Asked<'a> {
    caller: &'a Caller,
    from: Option<IpAddr>,
    headers: &'a HeaderMap,
    by_get: bool,
    media_type: MediaType,
}

impl Asked<'_> {
    /// An answer that is kept, or only that it is the one that its caller has.
    fn served(&self, kept: Kept) -> Response {
        // What names persons is left in nobody's cache.
        let personal = self.caller.capabilities().has(Capability::Personal);
        let lasting = kept.lasting && self.by_get;
        answer::kept(kept, self.headers, (personal, lasting), self.media_type)
    }
}

async fn execute(server: &Server, asked: Asked<'_>, parameters: Parameters) -> Response {
    let (caller, media_type) = (asked.caller, asked.media_type);
    let purse = server.rates.purse(caller, asked.from);
    if let Err(wait) = purse.spend(REQUEST_COST) {
        return too_much(wait);
    }
    let at = graphql::now(&server.schema, caller);
    let key = at.map(|at| server.answers.asked(at, caller, &parameters));
    if let Some(kept) = key.and_then(|key| server.answers.get(&key)) {
        return asked.served(kept);
    }
    let span = span(&parameters);
    let admitted = parameters.admit(server, caller, &purse, at);
    let admitted = match admitted.instrument(span.clone()).await {
        Ok(admitted) => admitted,
        Err(Unadmitted::Spent(wait)) => return too_much(wait),
        Err(Unadmitted::Error(error)) => {
            return answer(&Answer::from_errors(vec![error]), media_type);
        }
    };
    if asked.by_get && admitted.kind.mutates {
        let why = "Par GET on ne fait que lire ; une mutation vient par POST.";
        return not_allowed("POST", why);
    }
    let (cost, lasting) = (admitted.cost, admitted.lasting);
    let keeps = !admitted.kind.mutates && !cost.of_now;
    let executed = server.schema.execute(admitted.request).instrument(span);
    let executed = tokio::time::timeout(limits::OPERATION, executed).await;
    let mut response = executed.unwrap_or_else(|_| {
        Answer::from_errors(vec![request_error(
            "DEADLINE",
            "L'opération a dépassé le temps qui lui est donné.",
        )])
    });
    tell_cost(&mut response, cost);
    if let Some(key) = key
        && keeps
        && response.errors.is_empty()
        && let Ok(body) = serde_json::to_vec(&response)
    {
        let kept = Kept::new(Bytes::from(body), lasting);
        server.answers.keep(key, kept.clone());
        return asked.served(kept);
    }
    answer(&finish_for(response, caller), media_type)
}

/// Around all that is done for an operation: which document, under which name. Never its variables.
pub(super) fn span(parameters: &Parameters) -> tracing::Span {
    let hash = Sha256::digest(parameters.query.as_bytes());
    let begin = hash.first_chunk().copied().map(u64::from_be_bytes);
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
