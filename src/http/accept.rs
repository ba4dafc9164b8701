//! Which media type an answer takes (GraphQL over HTTP).

use axum::http::{HeaderMap, HeaderValue, header};

use super::stream::Form;

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
    best(headers, |name, utf8, _| match name {
        "application/graphql-response+json" if utf8 => Some(MediaType::GraphqlResponse),
        "application/json" | "application/*" | "*/*" if utf8 => Some(MediaType::Json),
        _ => None,
    })
}

/// The form that `Accept` prefers of what is told bit by bit; only where it names it.
pub(super) fn stream(headers: &HeaderMap) -> Option<Form> {
    best(headers, |name, utf8, subscribes| match name {
        "text/event-stream" if utf8 => Some(Form::Events),
        "multipart/mixed" if subscribes => Some(Form::Parts),
        _ => None,
    })
}

/// What `Accept` prefers of what is known by name, in UTF-8 or not, for subscriptions or not.
fn best<T>(headers: &HeaderMap, known: impl Fn(&str, bool, bool) -> Option<T>) -> Option<T> {
    let values = headers.get_all(header::ACCEPT).iter();
    let mut best: Option<(f32, T)> = None;
    for range in values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut quality = 1.0;
        let (mut utf8, mut subscribes) = (true, false);
        for parameter in parts {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match key.trim().to_ascii_lowercase().as_str() {
                "q" => quality = value.trim().parse().unwrap_or(0.0),
                "charset" => {
                    utf8 = value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8");
                }
                // The one version there is, however it is quoted.
                "subscriptionspec" => {
                    subscribes = value.trim().trim_matches('"').starts_with("1.");
                }
                _ => {}
            }
        }
        if quality > 0.0
            && best.as_ref().is_none_or(|(known, _)| quality > *known)
            && let Some(found) = known(&name, utf8, subscribes)
        {
            best = Some((quality, found));
        }
    }
    best.map(|(_, found)| found)
}

/// Like [`negotiate`]; without an `Accept` at all, `application/json`.
pub(super) fn media_type(headers: &HeaderMap) -> Option<MediaType> {
    if headers.contains_key(header::ACCEPT) {
        negotiate(headers)
    } else {
        Some(MediaType::Json)
    }
}
