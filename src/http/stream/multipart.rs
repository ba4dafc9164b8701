//! Parts, as Apollo's client takes subscriptions (`subscriptionSpec=1.0`): an answer stands under
//! `payload`; an error beside `payload: null` is one of the transport, which ends the stream.

use async_graphql::ServerError;
use axum::body::Bytes;

pub(super) const CONTENT_TYPE: &str =
    "multipart/mixed; boundary=\"graphql\"; subscriptionSpec=\"1.0\"";
pub(super) const BEGIN: &[u8] = b"--graphql";
pub(super) const HEARTBEAT: &[u8] = b"\r\ncontent-type: application/json\r\n\r\n{}\r\n--graphql";
pub(super) const END: &[u8] = b"--\r\n";

/// A part, and the boundary behind it: it is read once that is there.
fn part(json: &str) -> Bytes {
    format!("\r\ncontent-type: application/json\r\n\r\n{json}\r\n--graphql").into()
}

pub(super) fn next(payload: &str) -> Bytes {
    part(&format!("{{\"payload\":{payload}}}"))
}

pub(super) fn failed(error: &ServerError) -> Bytes {
    part(&serde_json::json!({ "payload": null, "errors": [error] }).to_string())
}
