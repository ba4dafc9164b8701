//! What is told bit by bit over HTTP: server-sent events ([`sse`]), and parts ([`multipart`]).
//!
//! The same as over a socket, one operation to a connection. A stream ends where who asks no longer is who
//! it was, saying so; and where the server stops, such that its client comes back.

mod multipart;
mod sse;

use std::time::Duration;

use async_graphql::ServerError;
use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval_at},
};

use super::{
    Server,
    live::{Outcome, Place, Subscriber, Told, follow},
    parameters::request_error,
    traced::Traced,
};
use crate::{
    domain::terms::Position,
    identity::{Callers, Known},
};

/// How a stream is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Server-sent events, as `graphql-sse` has them in its mode of distinct connections.
    Events,
    /// Parts, as Apollo's client takes subscriptions.
    Parts,
}

/// Why a stream ends before what it tells does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// The server stops.
    Restart,
    /// Who asks no longer is who it was.
    Forbidden,
}

impl Cut {
    fn error(self) -> ServerError {
        match self {
            Self::Restart => request_error(
                "UNAVAILABLE",
                "Le service redémarre ; revenez dans un instant.",
            ),
            Self::Forbidden => request_error(
                "UNAUTHENTICATED",
                "Ce jeton n'est plus valable : révoqué, expiré, ou d'autres habilitations.",
            ),
        }
    }
}

impl Form {
    fn begin(self) -> Bytes {
        Bytes::from_static(match self {
            Self::Events => sse::BEGIN,
            Self::Parts => multipart::BEGIN,
        })
    }

    fn next(self, payload: &str, position: Option<Position>) -> Bytes {
        match self {
            Self::Events => sse::next(payload, position),
            Self::Parts => multipart::next(payload),
        }
    }

    fn failed(self, errors: &[ServerError]) -> Bytes {
        let payload = serde_json::json!({ "errors": errors }).to_string();
        self.next(&payload, None)
    }

    fn complete(self) -> Bytes {
        Bytes::from_static(match self {
            Self::Events => sse::COMPLETE,
            Self::Parts => multipart::END,
        })
    }

    fn cut(self, cut: Cut) -> Bytes {
        match (self, cut) {
            // One that ends without a word is one that its client comes back for.
            (Self::Events, Cut::Restart) => Bytes::new(),
            (Self::Events, Cut::Forbidden) => {
                let told = self.failed(&[cut.error()]);
                Bytes::from([told, self.complete()].concat())
            }
            (Self::Parts, _) => {
                let told = multipart::failed(&cut.error());
                Bytes::from([told, self.complete()].concat())
            }
        }
    }

    fn heartbeat(self, reached: Option<Position>) -> Bytes {
        match self {
            Self::Events => sse::heartbeat(reached),
            Self::Parts => Bytes::from_static(multipart::HEARTBEAT),
        }
    }

    fn response(self, body: Body) -> Response {
        let content_type = match self {
            Self::Events => sse::CONTENT_TYPE,
            Self::Parts => multipart::CONTENT_TYPE,
        };
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::VARY, HeaderValue::from_static("accept")),
            // A proxy that gathers what it hands on would hold everything back.
            (
                HeaderName::from_static("x-accel-buffering"),
                HeaderValue::from_static("no"),
            ),
        ];
        (headers, body).into_response()
    }

    /// One answer, and that it is the last.
    pub(super) fn once(self, payload: &[u8]) -> Response {
        let payload = String::from_utf8_lossy(payload);
        let told = [self.begin(), self.next(&payload, None), self.complete()];
        self.response(Body::from(told.concat()))
    }
}

/// Who is told, and for how long.
pub(super) struct Listener {
    known: Known,
    callers: Callers,
    heartbeat: Duration,
    stop: watch::Receiver<bool>,
    /// Held until the stream ends.
    _place: Place,
    _open: mpsc::Sender<()>,
}

impl Listener {
    pub(super) fn new(server: &Server, known: Known, place: Place) -> Self {
        Self {
            known,
            callers: server.callers.clone(),
            heartbeat: server.heartbeat,
            stop: server.stop.clone(),
            _place: place,
            _open: server.sockets.clone(),
        }
    }
}

/// All that one who follows is told, as it comes.
pub(super) fn respond(
    form: Form,
    listener: Listener,
    (subscriber, traced): (Subscriber, Traced),
) -> Response {
    let begin = stream::iter([form.begin()]);
    let told = begin.chain(told(form, listener, (subscriber, traced)));
    let told = told.map(Ok::<_, std::convert::Infallible>);
    form.response(Body::from_stream(told))
}

fn told(
    form: Form,
    listener: Listener,
    (subscriber, traced): (Subscriber, Traced),
) -> impl Stream<Item = Bytes> + Send + 'static {
    let Listener {
        known,
        callers,
        heartbeat,
        stop,
        _place: place,
        _open: open,
    } = listener;
    let standing = subscriber.standing();
    let mut lost = callers.clone().lost(known.clone()).boxed();
    let mut outcomes = follow(subscriber, stop, traced).boxed();
    let mut beat = interval_at(Instant::now() + heartbeat, heartbeat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    async_stream::stream! {
        let _held = (place, open);
        loop {
            let outcome = tokio::select! {
                biased;
                () = &mut lost => {
                    yield form.cut(Cut::Forbidden);
                    return;
                }
                outcome = outcomes.next() => outcome,
                _ = beat.tick() => {
                    yield form.heartbeat(standing.position());
                    continue;
                }
            };
            // At each delivery: what was revoked meanwhile is shown nothing more.
            if !callers.holds(&known).await {
                yield form.cut(Cut::Forbidden);
                return;
            }
            match outcome {
                Some(Outcome::Told(Told::Next { payload, position, .. })) => {
                    beat.reset();
                    yield form.next(&payload, position);
                }
                Some(Outcome::Told(Told::Failed(errors))) => {
                    yield form.failed(&errors);
                    yield form.complete();
                    return;
                }
                Some(Outcome::Follows(_)) => {}
                Some(Outcome::Cut) => {
                    yield form.cut(Cut::Restart);
                    return;
                }
                Some(Outcome::Complete) | None => {
                    yield form.complete();
                    return;
                }
            }
        }
    }
}
