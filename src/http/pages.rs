//! Everything beside operations: `GraphiQL`, health, metrics.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Extension, Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::json;

use super::{Server, answer};
use crate::{access::policy::Capability, identity::Known, limits::READY_LAG_EVENTS};

/// Made by `scripts/graphiql`; carries its own content security policy.
static GRAPHIQL: &[u8] = include_bytes!("../../assets/graphiql.html.gz");

pub(super) async fn home() -> Redirect {
    Redirect::temporary("/graphiql")
}

pub(super) async fn graphiql() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_ENCODING, "gzip"),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        GRAPHIQL,
    )
        .into_response()
}

/// It lives, and says whether it writes: a log that only reads is no reason to start it again.
pub(super) async fn live(State(server): State<Arc<Server>>) -> Json<serde_json::Value> {
    let (_, read_only) = (server.log)();
    Json(json!({
        "status": "live",
        "readOnly": read_only.is_some(),
        "readOnlyReason": read_only,
    }))
}

/// Ready once every read model has caught up with the log; says, too, whether that takes writes.
pub(super) async fn ready(State(server): State<Arc<Server>>) -> Response {
    let (head, read_only) = (server.log)();
    let progress = server.progress.borrow().clone();
    let paused = progress
        .standings
        .iter()
        .any(|standing| standing.paused.is_some());
    // Once caught up, what is being written right now is always a little ahead.
    let lag = head.saturating_sub(progress.position().0);
    if lag == 0 {
        server.caught_up.store(true, Ordering::Relaxed);
    }
    let caught_up = server.caught_up.load(Ordering::Relaxed);
    let ready = !paused && caught_up && lag <= READY_LAG_EVENTS;
    let projections: serde_json::Map<_, _> = progress
        .standings
        .iter()
        .map(|standing| {
            let state = json!({
                "position": standing.position.0,
                "paused": standing.paused.is_some(),
            });
            (standing.name.to_owned(), state)
        })
        .collect();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = json!({
        "status": if ready { "ready" } else { "not ready" },
        "head": head,
        "readOnly": read_only.is_some(),
        "readOnlyReason": read_only,
        "projections": projections,
    });
    (status, Json(body)).into_response()
}

/// What is counted tells what happens: it is for administrators.
pub(super) async fn metrics(
    State(server): State<Arc<Server>>,
    Extension(known): Extension<Known>,
) -> Response {
    if !known.caller.capabilities().has(Capability::Administer) {
        return answer::refuse(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "Les mesures sont pour qui administre le service : il y faut un jeton d'administrateur, \
             dans l'en-tête « Authorization: Bearer … ».",
        );
    }
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        (server.metrics)(),
    )
        .into_response()
}

pub(super) async fn not_found() -> Response {
    answer::refuse(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        "Il n'y a rien à cette adresse ; les opérations sont sur /graphql.",
    )
}
