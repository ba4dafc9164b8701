//! Traces of operations, handed to a collector over OTLP (HTTP, protobuf) where the settings name one.
//!
//! In: spans, as they end. Out: requests to the collector, a batch each.
//!
//! **Invariants.** Nobody ever waits for the collector, nor for room: what there is no room for is let
//! go of and counted (`carnet_trace_spans_dropped_total`), and so is what the collector does not take;
//! the first time it is said in the log, and so is that all is well again. Nothing of the environment
//! is told to the collector, nor read.
//!
//! **Deliberately absent.** What spans say: that is for whoever begins them.

mod send;

use std::{sync::Arc, time::Duration};

use opentelemetry::{Context, KeyValue, trace::TracerProvider};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Sampler, SdkTracer, SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    limits::{TRACES_FLUSH, TRACES_WAITING_MAX},
    outward::{Address, CertificatesError, Outward},
};
use send::{Sender, Trouble};

/// Where a collector takes traces, below the address of all that it takes.
const TRACES: &str = "/v1/traces";

/// Why no traces can be handed to anybody.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The address of the collector is none.
    #[error(
        "« {0} » n'est pas l'adresse d'un collecteur : il la faut en https:// (en http:// sur la \
         boucle locale seulement)"
    )]
    Endpoint(String),
    /// The certificates that it is trusted by cannot be read.
    #[error(transparent)]
    Certificates(#[from] CertificatesError),
}

/// What begins traces; its copies are one and the same.
#[derive(Debug, Clone)]
pub struct Traces(SdkTracer);

impl Traces {
    /// What begins spans.
    #[must_use]
    pub const fn tracer(&self) -> &SdkTracer {
        &self.0
    }
}

/// What hands them to the collector.
#[derive(Debug)]
pub struct Handing {
    stop: watch::Sender<bool>,
    sending: JoinHandle<()>,
}

/// Begins to hand traces to the collector at that address.
///
/// # Errors
/// [`TracesError`].
pub fn start(endpoint: &str) -> Result<(Traces, Handing), TracesError> {
    let address = format!("{}{TRACES}", endpoint.trim_end_matches('/'));
    let address =
        Address::parse(&address).ok_or_else(|| TracesError::Endpoint(endpoint.to_owned()))?;
    let resource = Resource::builder_empty()
        .with_service_name(env!("CARGO_PKG_NAME"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let trouble = Arc::new(Trouble::default());
    let (queue, waiting) = mpsc::channel(TRACES_WAITING_MAX);
    let (stop, stopped) = watch::channel(false);
    let sender = Sender {
        outward: Outward::new()?,
        address,
        resource: (&resource).into(),
        trouble: Arc::clone(&trouble),
    };
    let provider = SdkTracerProvider::builder()
        // Whoever asks says whether its trace is kept; one of our own always is.
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
        .with_resource(resource)
        .with_span_processor(Queue { queue, trouble })
        .build();
    let handing = Handing {
        stop,
        sending: tokio::spawn(sender.run(waiting, stopped)),
    };
    Ok((Traces(provider.tracer(env!("CARGO_PKG_NAME"))), handing))
}

impl Handing {
    /// Hands over what has ended, as far as there is time, and ends.
    pub async fn close(self) {
        self.stop.send_replace(true);
        let mut sending = self.sending;
        match tokio::time::timeout(TRACES_FLUSH, &mut sending).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => tracing::error!("the task that hands over traces had panicked"),
            Err(_) => {
                sending.abort();
                tracing::warn!("the last traces could not be handed over in time");
            }
        }
    }
}

/// Takes spans as they end, as long as there is room.
#[derive(Debug)]
struct Queue {
    queue: mpsc::Sender<SpanData>,
    trouble: Arc<Trouble>,
}

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if self.queue.try_send(span).is_err() {
            self.trouble.dropped(1, "there is no room for more");
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    // Whoever holds the other end empties it.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
