//! Server-sent events, as `graphql-sse` has them in its mode of distinct connections.
//!
//! What carries data names its position as `id:`, and nothing else does: whoever comes back with the last
//! one it read (`Last-Event-ID`) misses nothing.

use std::fmt::Write;

use axum::body::Bytes;

use crate::domain::terms::Position;

pub(super) const CONTENT_TYPE: &str = "text/event-stream; charset=utf-8";
/// A comment: so that the head of the answer is on its way at once.
pub(super) const BEGIN: &[u8] = b":\n\n";
pub(super) const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";

/// What stands around the bytes of an item, about.
const AROUND: usize = 64;

pub(super) fn next(payload: &str, position: Option<Position>) -> Bytes {
    let mut text = String::with_capacity(payload.len() + AROUND);
    text.push_str("event: next\n");
    if let Some(position) = position {
        // Writing to a text does not fail.
        let _written = writeln!(text, "id: {position}");
    }
    text.push_str("data: ");
    // JSON as it is written here has no line breaks.
    text.push_str(payload);
    text.push_str("\n\n");
    text.into()
}

/// A comment, with the position up to which everything was told.
pub(super) fn heartbeat(reached: Option<Position>) -> Bytes {
    match reached {
        Some(reached) => format!(": {reached}\n\n").into(),
        None => Bytes::from_static(BEGIN),
    }
}
