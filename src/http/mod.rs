//! Step 7: HTTP and `WebSocket`, around the schema.
//!
//! In: bytes from the network. Out: answers with the right status and media type. One router, one
//! handler for operations ([`operation`]), one loop for sockets ([`socket`]), streams of what is followed
//! ([`stream`]), and one place where what is followed is executed for all ([`live`]).
//!
//! **Invariants.** A body is bounded before it is read, a document is bounded before it is
//! parsed, an operation is bounded in time. What a browser can be made to send from another site
//! is refused. Every answer on `/graphql` is JSON, or a stream of it. Who asks is known before anything that is asked
//! is looked at ([`caller`]).
//!
//! **Deliberately absent.** No business rule, no SQL, no access to the log.

mod accept;
mod answer;
mod answers;
mod caller;
mod compression;
mod import;
mod live;
mod operation;
mod pages;
mod parameters;
mod patience;
mod rate;
mod report;
mod request_id;
mod socket;
mod stream;
mod tls;
mod traced;
mod trusted;

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use tokio::sync::{mpsc, watch};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

use crate::{
    graphql::{Documents, Schema},
    identity::Callers,
    limits,
    projection::Progress,
    trace::Traces,
};

pub use answers::Answers;
pub use import::{Asked as ImportAsked, Failed as ImportFailed, Import};
pub use live::Live;
pub use patience::{Patience, Patient};
pub use rate::{Peer, Rates};
pub use report::Reports;
pub use tls::{Tls, TlsError, TlsListener};
pub use trusted::{Checked, Only, Trusted, TrustedError, check};

/// What handlers work with.
#[derive(Clone)]
pub struct Server {
    /// The schema.
    pub schema: Schema,
    /// Tells who asks.
    pub callers: Callers,
    /// The names it answers to, beside those of its own machine.
    pub hosts: Arc<[String]>,
    /// Whether it is reached by TLS only.
    pub secure: bool,
    /// Whether another program, before it, does TLS, and says who came.
    pub proxied: bool,
    /// Documents that were parsed.
    pub documents: Documents,
    /// Documents that are known beforehand.
    pub trusted: Trusted,
    /// What callers spent.
    pub rates: Rates,
    /// Where the projections stand.
    pub progress: watch::Receiver<Progress>,
    /// The last position of the log, and why it takes no writes while it does not, as they move.
    pub log: Arc<dyn Fn() -> (u64, Option<String>) + Send + Sync>,
    /// Whether the read models had caught up with the log since the start.
    pub caught_up: Arc<AtomicBool>,
    /// Says when to stop.
    pub stop: watch::Receiver<bool>,
    /// How long lies between two signs of life of what is followed.
    pub heartbeat: Duration,
    /// What is followed.
    pub live: Live,
    /// Held by every open socket, so that stopping can wait for them.
    pub sockets: mpsc::Sender<()>,
    /// Answers kept by moment.
    pub answers: Answers,
    /// Carries imports out.
    pub import: Import,
    /// Hands out the files of published reports.
    pub reports: Reports,
    /// Begins traces, where there is a collector of them.
    pub traces: Option<Traces>,
    /// The metrics, as text.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// The routes.
///
/// What is around all of them is one layer: the router makes a box of each that it is given by itself,
/// and for each request copies it with all that is within.
pub fn router(server: Server) -> Router {
    let server = Arc::new(server);
    let said =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let only_by_tls = format!("max-age={}", limits::TLS_ONLY_SECONDS);
    let only_by_tls = HeaderValue::from_str(&only_by_tls).ok();
    let only_by_tls = only_by_tls.filter(|_| server.secure);
    let same_origin = HeaderName::from_static("cross-origin-resource-policy");
    let identified = Router::new()
        .route("/graphql", any(operation::handle))
        .route("/import/{kind}", post(import::handle))
        .route("/reports/{id}/{name}", get(report::handle))
        .route("/metrics", get(pages::metrics))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&server),
            caller::identify,
        ));
    let around = (
        middleware::from_fn_with_state(Arc::clone(&server), request_id::name),
        compression::layer(),
        said(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        said(header::REFERRER_POLICY, "no-referrer"),
        said(header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
        said(same_origin, "same-origin"),
        SetResponseHeaderLayer::overriding(header::STRICT_TRANSPORT_SECURITY, only_by_tls),
        CatchPanicLayer::custom(|panic| panicked(&panic)),
        middleware::from_fn_with_state(Arc::clone(&server), only_our_names),
    );
    Router::new()
        .merge(identified)
        .route("/", get(pages::home))
        .route("/graphiql", get(pages::graphiql))
        .route("/import/modele/{name}", get(import::template))
        .route("/health", get(pages::live))
        .route("/health/live", get(pages::live))
        .route("/health/ready", get(pages::ready))
        .fallback(pages::not_found)
        .layer(around)
        .with_state(server)
}

/// Refuses a request that came under a name which is none of ours: a page elsewhere that had its own
/// name point here. Unless the settings name others, only those of this machine are right.
async fn only_our_names(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response {
    let host = host(request.headers());
    if host.is_some_and(|host| !is_local(host) && !is_among(host, &server.hosts)) {
        return answer::refuse(
            StatusCode::FORBIDDEN,
            "FORBIDDEN_HOST",
            "Ce serveur ne répond que sous un nom local (localhost, 127.0.0.1), ou sous ceux de son \
             réglage « public_host ».",
        );
    }
    next.run(request).await
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

fn is_local(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case("localhost")
        || host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn is_among(host: &str, names: &[String]) -> bool {
    // A name, with its port or without; an address of version 6 stands in brackets.
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let mut names = names.iter();
    names.any(|known| known.eq_ignore_ascii_case(name) || known.eq_ignore_ascii_case(host))
}

/// Whether a browser sent this from a page of this very server, or no browser sent it.
fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let origin = origin.to_str().unwrap_or_default();
    host(headers).is_some_and(|host| {
        origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .is_some_and(|origin| origin.eq_ignore_ascii_case(host))
    })
}

/// Resolves when the server stops, or is gone.
async fn stopping(stop: &mut watch::Receiver<bool>) {
    let _gone = stop.wait_for(|stop| *stop).await.is_err();
}

fn panicked(panic: &Box<dyn std::any::Any + Send>) -> Response {
    let why = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(why, "a handler panicked");
    answer::refuse(
        StatusCode::INTERNAL_SERVER_ERROR,
        "INTERNAL",
        "Une erreur interne est survenue.",
    )
    .into_response()
}
