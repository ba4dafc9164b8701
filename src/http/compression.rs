//! Compression, for whoever asks for it: of what is text, and not of a few bytes.

use axum::http::{HeaderMap, header};
use tower_http::compression::{
    CompressionLayer,
    predicate::{And, Predicate, SizeAbove},
};

use crate::limits::COMPRESSED_BYTES_MIN;

/// What is compressed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text;

impl Predicate for Text {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        is_text(response.headers())
    }
}

/// Compresses by gzip or Brotli. Spreadsheets and PDF are compressed in themselves.
pub(super) fn layer() -> CompressionLayer<And<SizeAbove, Text>> {
    CompressionLayer::new()
        .gzip(true)
        .br(true)
        .compress_when(SizeAbove::new(COMPRESSED_BYTES_MIN).and(Text))
}

fn is_text(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default();
    // Of a stream, nothing is to be held back until there is enough to compress.
    if media_type.starts_with("text/event-stream") {
        return false;
    }
    media_type.starts_with("text/") || media_type.contains("json") || media_type.contains("xml")
}
