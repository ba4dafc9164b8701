//! Each request has an id: the one it came with, where that is a UUID, or one of its own. It stands in
//! the answer, and in every line that is logged of the request.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use uuid::{Builder, Uuid};

use super::Server;

/// Where it stands.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, for its trace.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestId(pub Uuid);

/// Gives a request its id.
pub(super) async fn name(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = shown(request.headers()).or_else(drawn).unwrap_or_default();
    if server.traces.is_some() {
        request.extensions_mut().insert(RequestId(id));
    }
    // As an error, so that no filter takes it from the lines that it lets through.
    let span = tracing::error_span!("request", %id);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn shown(headers: &HeaderMap) -> Option<Uuid> {
    let shown = headers.get(HEADER)?.to_str().ok()?;
    // In the usual form only: others are read by few.
    let hyphened = shown.len() == uuid::fmt::Hyphenated::LENGTH;
    hyphened.then(|| shown.parse().ok()).flatten()
}

/// By chance, not by the clock, which tests hold still: of ids nothing is asked but that they differ.
fn drawn() -> Option<Uuid> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(Builder::from_random_bytes(bytes).into_uuid())
}
