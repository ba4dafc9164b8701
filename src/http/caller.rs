//! Who asks: what a request shows is looked at once, before anything else of it is.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Server, answer::refuse, parameters::drain};
use crate::identity::{Refused, ServiceToken};

/// Names under which others take a token in an address.
const TOKEN_NAMES: [&str; 4] = ["access_token", "authorization", "bearer", "token"];

/// Finds out who asks, and hands it on with the request; refuses it where what it shows proves
/// nothing.
pub(super) async fn identify(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Response {
    if holds_token(request.uri()) {
        tracing::warn!("a token came in an address, where others may have read it: revoke it");
        return refuse(
            StatusCode::BAD_REQUEST,
            "TOKEN_IN_ADDRESS",
            "Un jeton ne se met pas dans une adresse, qui se journalise et se partage : il vient \
             dans l'en-tête « Authorization: Bearer … ». Celui-ci est à révoquer.",
        );
    }
    let known = match shown(request.headers()) {
        Ok(shown) => server.callers.of(shown).await,
        Err(refused) => Err(refused),
    };
    match known {
        Ok(known) => {
            request.extensions_mut().insert(known);
            let mut response = next.run(request).await;
            let vary = HeaderValue::from_static("authorization");
            response.headers_mut().append(header::VARY, vary);
            response
        }
        Err(refused) => {
            drain(request.into_body()).await;
            refusal(refused)
        }
    }
}

/// What stands in `Authorization`: once, and as text.
fn shown(headers: &HeaderMap) -> Result<Option<&str>, Refused> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Refused::Unauthenticated);
    }
    let text = value.to_str().map_err(|_| Refused::Unauthenticated)?;
    Ok(Some(text))
}

/// Whether an address holds a token, under a name that says so or in the form of ours.
fn holds_token(address: &Uri) -> bool {
    let query = address.query().unwrap_or_default();
    query.split('&').any(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        TOKEN_NAMES.contains(&name.to_ascii_lowercase().as_str())
            || ServiceToken::parse(value).is_some()
    })
}

/// The one answer to whatever proves nothing.
fn refusal(refused: Refused) -> Response {
    let mut response = match refused {
        Refused::Unauthenticated => refuse(
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
            "Ce jeton n'est pas valable : inconnu, révoqué ou expiré.",
        ),
        Refused::Unavailable => refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "UNAVAILABLE",
            "On ne peut dire pour le moment qui demande ; réessayez.",
        ),
    };
    let headers = response.headers_mut();
    match refused {
        Refused::Unauthenticated => headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"carnet\", error=\"invalid_token\""),
        ),
        Refused::Unavailable => headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5")),
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.into_response()
}
