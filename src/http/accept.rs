//! Which media type an answer takes (GraphQL over HTTP).

use axum::http::{HeaderMap, HeaderValue, header};

/// The media types of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/graphql-response+json`: the status tells a request error from an answer.
    GraphqlResponse,
    /// `application/json`: the status is 200 for every well-formed request.
    Json,
}

impl MediaType {
    pub(super) const fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// The media type that `Accept` prefers; `None` if it takes neither.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<MediaType> {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    values.peek()?;
    let mut best: Option<(f32, MediaType)> = None;
    for range in values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut quality = 1.0;
        let mut utf8 = true;
        for parameter in parts {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match key.trim().to_ascii_lowercase().as_str() {
                "q" => quality = value.trim().parse().unwrap_or(0.0),
                "charset" => {
                    utf8 = value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8");
                }
                _ => {}
            }
        }
        let media_type = match name.as_str() {
            "application/graphql-response+json" => MediaType::GraphqlResponse,
            "application/json" | "application/*" | "*/*" => MediaType::Json,
            _ => continue,
        };
        if utf8 && quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
            best = Some((quality, media_type));
        }
    }
    best.map(|(_, media_type)| media_type)
}

/// Like [`negotiate`]; without an `Accept` at all, `application/json`.
pub(super) fn media_type(headers: &HeaderMap) -> Option<MediaType> {
    if headers.contains_key(header::ACCEPT) {
        negotiate(headers)
    } else {
        Some(MediaType::Json)
    }
}
