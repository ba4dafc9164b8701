//! Answers kept by moment. A query's answer is a function of what is asked, who asks, and the
//! moment it is of: asked again at the same moment, it is served again as bytes. It never goes
//! stale, since a new event makes a new moment; it is only ever let go of for room.
//!
//! What was opened of a person is the exception: once that person is erased, no answer of before is
//! served again, nor kept, not even one that is still being made.
//!
//! Only the answers of queries are kept, and only those without errors.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{body::Bytes, http::HeaderValue};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};
use moka::{policy::EvictionPolicy, sync::Cache};
use sha2::{Digest, Sha256};

use super::parameters::Parameters;
use crate::{access::Caller, graphql::Moment, limits::ANSWERS_KEPT_BYTES};

/// What was asked, by whom, at which moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    at: Moment,
    /// How many persons had been erased when it was asked.
    erasures: u64,
    what: [u8; 32],
}

impl Asked {
    fn new(at: Moment, erasures: u64, caller: &Caller, parameters: &Parameters) -> Self {
        let mut hasher = Sha256::new();
        // As JSON, so that nothing and an empty name are told apart.
        let rest = (&parameters.operation_name, &parameters.variables);
        let rest = serde_json::to_vec(&rest).unwrap_or_default();
        let grants = serde_json::to_vec(&(&caller.grants, caller.until)).unwrap_or_default();
        for part in [
            caller.actor.as_str().as_bytes(),
            &grants,
            &parameters.hash,
            &rest,
        ] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self {
            at,
            erasures,
            what: hasher.finalize().into(),
        }
    }
}

/// An answer that is kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub body: Bytes,
    /// What tells it from any other answer, whatever it is compressed by.
    pub tag: HeaderValue,
    /// Whether it is wholly of positions that were named, and so will never be another.
    pub lasting: bool,
}

impl Kept {
    pub(super) fn new(body: Bytes, lasting: bool) -> Self {
        let hash = Sha256::digest(&body);
        let tag = URL_SAFE_NO_PAD.encode(hash.get(..TAG_BYTES).unwrap_or_default());
        // Base64 is always a header's value.
        let tag = HeaderValue::from_str(&format!("W/\"{tag}\""));
        Self {
            body,
            tag: tag.unwrap_or(HeaderValue::from_static("\"\"")),
            lasting,
        }
    }
}

/// So much of a hash tells answers apart.
const TAG_BYTES: usize = 16;
/// What keeping an answer costs beside its bytes.
const ENTRY_BYTES: usize = 512;

/// The answers kept.
#[derive(Debug, Clone)]
pub struct Answers {
    kept: Cache<Asked, Kept>,
    erasures: Arc<AtomicU64>,
}

impl Default for Answers {
    fn default() -> Self {
        let weight = |_: &Asked, kept: &Kept| {
            u32::try_from(kept.body.len() + ENTRY_BYTES).unwrap_or(u32::MAX)
        };
        Self {
            // Those of moments gone by are never asked again, however often they were.
            kept: Cache::builder()
                .eviction_policy(EvictionPolicy::lru())
                .max_capacity(ANSWERS_KEPT_BYTES)
                .weigher(weight)
                .build(),
            erasures: Arc::default(),
        }
    }
}

impl Answers {
    /// What is asked now.
    pub(super) fn asked(&self, at: Moment, caller: &Caller, parameters: &Parameters) -> Asked {
        let erasures = self.erasures.load(Ordering::SeqCst);
        Asked::new(at, erasures, caller, parameters)
    }

    pub(super) fn get(&self, asked: &Asked) -> Option<Kept> {
        self.kept.get(asked)
    }

    pub(super) fn keep(&self, asked: Asked, answer: Kept) {
        // One that slips by here is never served: who asks from now on asks otherwise.
        if asked.erasures == self.erasures.load(Ordering::SeqCst) {
            self.kept.insert(asked, answer);
        }
    }

    /// Lets go of every answer: a person was erased.
    pub fn forget(&self) {
        self.erasures.fetch_add(1, Ordering::SeqCst);
        self.kept.invalidate_all();
    }
}
