//! The other end of the queue: spans, batch by batch, as requests to the collector.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hyper::{Request, body::Bytes, header::CONTENT_TYPE};
use opentelemetry_proto::{
    tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    transform::{
        common::tonic::ResourceAttributesWithSchema,
        trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::trace::SpanData;
use prost::Message;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, timeout_at},
};

use crate::{
    limits::{TRACES_BATCH_DELAY, TRACES_BATCH_SPANS_MAX},
    outward::{Address, Outward, OutwardError},
};

/// What was let go of, and whether that was said.
#[derive(Debug, Default)]
pub(super) struct Trouble(AtomicBool);

impl Trouble {
    /// So many spans are gone.
    pub(super) fn dropped(&self, spans: usize, why: impl std::fmt::Display) {
        metrics::counter!("carnet_trace_spans_dropped_total").increment(spans as u64);
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::warn!(%why, "spans are dropped until the collector of traces takes them");
        }
    }

    /// So many were taken.
    fn sent(&self, spans: usize) {
        metrics::counter!("carnet_trace_spans_sent_total").increment(spans as u64);
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::info!("the collector of traces takes spans again");
        }
    }
}

/// Sends.
pub(super) struct Sender {
    pub(super) outward: Outward,
    pub(super) address: Address,
    pub(super) resource: ResourceAttributesWithSchema,
    pub(super) trouble: Arc<Trouble>,
}

impl Sender {
    /// Sends what comes, until it is told to stop; then what is there.
    pub(super) async fn run(
        self,
        mut waiting: mpsc::Receiver<SpanData>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut batch = Vec::new();
        loop {
            let stopping = gather(&mut batch, &mut waiting, &mut stop).await;
            if stopping {
                waiting.close();
            }
            if !batch.is_empty() {
                self.send(std::mem::take(&mut batch)).await;
            } else if stopping {
                return;
            }
        }
    }

    async fn send(&self, batch: Vec<SpanData>) {
        let spans = batch.len();
        match self.hand_over(batch).await {
            Ok(0) => self.trouble.sent(spans),
            Ok(rejected) => {
                let rejected = usize::try_from(rejected).unwrap_or(spans).min(spans);
                self.trouble.sent(spans - rejected);
                self.trouble.dropped(rejected, "it rejects some");
            }
            Err(error) => self.trouble.dropped(spans, error),
        }
    }

    /// Answers how many the collector rejects.
    async fn hand_over(&self, batch: Vec<SpanData>) -> Result<u64, OutwardError> {
        let request = ExportTraceServiceRequest {
            resource_spans: group_spans_by_resource_and_scope(batch, &self.resource),
        };
        let request = Request::post("/")
            .header(CONTENT_TYPE, "application/x-protobuf")
            .body(Bytes::from(request.encode_to_vec()))?;
        let answered = self.outward.ask(&self.address, request).await?;
        let answered = ExportTraceServiceResponse::decode(answered)
            .map_err(|_| OutwardError::Answer("it is none of a collector"))?;
        let rejected = answered.partial_success.map(|part| part.rejected_spans);
        Ok(rejected.map_or(0, |spans| u64::try_from(spans).unwrap_or(0)))
    }
}

/// Waits for spans, and a little for more of them; answers whether it is told to stop.
async fn gather(
    batch: &mut Vec<SpanData>,
    waiting: &mut mpsc::Receiver<SpanData>,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    let first = tokio::select! {
        biased;
        _ = stop.wait_for(|stop| *stop) => None,
        first = waiting.recv() => first,
    };
    let Some(first) = first else {
        // What is there already, and no more.
        while batch.len() < TRACES_BATCH_SPANS_MAX
            && let Ok(span) = waiting.try_recv()
        {
            batch.push(span);
        }
        return true;
    };
    batch.push(first);
    let enough = Instant::now() + TRACES_BATCH_DELAY;
    while batch.len() < TRACES_BATCH_SPANS_MAX {
        let next = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return false,
            next = timeout_at(enough, waiting.recv()) => next,
        };
        match next {
            Ok(Some(span)) => batch.push(span),
            Ok(None) | Err(_) => return false,
        }
    }
    false
}
