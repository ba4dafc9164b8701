//! An answer, as it goes over HTTP.

use async_graphql::{Response as Answer, Value};
use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{accept::MediaType, answers::Kept};
use crate::limits::POSITION_KEPT_SECONDS;

/// Whether nothing was executed at all: then there is no `data`.
pub(super) fn is_request_error(answer: &Answer) -> bool {
    answer.data == Value::Null
        && !answer.errors.is_empty()
        && answer.errors.iter().all(|error| error.path.is_empty())
}

/// An answer that nobody keeps.
pub(super) fn answer(answer: &Answer, media_type: MediaType) -> Response {
    let request_error = is_request_error(answer);
    let status = if request_error && media_type == MediaType::GraphqlResponse {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let body = if request_error {
        serde_json::to_vec(&serde_json::json!({ "errors": answer.errors }))
    } else {
        serde_json::to_vec(answer)
    };
    match body {
        Ok(body) => {
            let headers = [
                (header::CONTENT_TYPE, media_type.header()),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (header::VARY, HeaderValue::from_static("accept")),
            ];
            (status, headers, body).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// An answer that is kept, or only that it is the one that is had already. What is `personal` is left
/// in no cache; what is `lasting` is not even asked for again, for a while; all else is, and is most
/// often the same.
pub(super) fn kept(
    kept: Kept,
    headers: &HeaderMap,
    (personal, lasting): (bool, bool),
    media_type: MediaType,
) -> Response {
    let caching = if personal {
        HeaderValue::from_static("no-store")
    } else if lasting {
        let lasting = format!("private, max-age={POSITION_KEPT_SECONDS}, immutable");
        HeaderValue::from_str(&lasting).unwrap_or(HeaderValue::from_static("no-store"))
    } else {
        HeaderValue::from_static("private, no-cache")
    };
    let said = [
        (header::CACHE_CONTROL, caching),
        (header::VARY, HeaderValue::from_static("accept")),
        (header::ETAG, kept.tag.clone()),
    ];
    if has(headers, &kept.tag) {
        return (StatusCode::NOT_MODIFIED, said).into_response();
    }
    let of_type = [(header::CONTENT_TYPE, media_type.header())];
    (StatusCode::OK, said, of_type, kept.body).into_response()
}

/// Whether a caller says that it has the answer of this tag.
fn has(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let tag = opaque(tag.to_str().unwrap_or_default());
    let had = headers.get_all(header::IF_NONE_MATCH).iter();
    had.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == tag)
}

/// A refusal before any operation: an `errors` list like any other.
pub(super) fn refuse(status: StatusCode, code: &'static str, message: &str) -> Response {
    let body = serde_json::json!({
        "errors": [{ "message": message, "extensions": { "code": code } }]
    });
    let headers = [(header::CONTENT_TYPE, MediaType::Json.header())];
    (status, headers, Bytes::from(body.to_string())).into_response()
}
