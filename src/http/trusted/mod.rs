//! Trusted documents: known beforehand, asked for by the hash of their text, and all that some callers
//! may ask for.
//!
//! They are named as the appendix of GraphQL over HTTP on persisted documents has it (`documentId`), or
//! as Apollo's link does (`extensions.persistedQuery`).
//!
//! **Invariants.** What is known is what lies in the files at the start, each of it valid: no request adds
//! anything. Whoever asks by hash and by text asks for one and the same, and is answered as whoever asks
//! by either. What is sent ([`Sent`]) can be executed only as what [`Trusted::find`] makes of it.

mod load;
mod sent;

use std::{collections::HashMap, sync::Arc};

use async_graphql::ServerError;

pub use load::{Checked, TrustedError, check};
use sent::{ById, Form};
pub(super) use sent::{Raw, Sent};

use super::parameters::{Parameters, request_error};
use crate::access::Caller;

/// The SHA-256 of the text of a document.
pub(super) type Hash = [u8; 32];

/// Who may ask for trusted documents only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Only {
    /// Nobody.
    #[default]
    Nobody,
    /// Whoever shows nothing of who it is.
    Strangers,
    /// Everybody.
    Everybody,
}

impl Only {
    fn holds(self, caller: &Caller) -> bool {
        match self {
            Self::Nobody => false,
            Self::Strangers => caller.is_stranger(),
            Self::Everybody => true,
        }
    }
}

/// The trusted documents; its copies are one and the same.
#[derive(Debug, Clone, Default)]
pub struct Trusted {
    documents: Arc<HashMap<Hash, Arc<str>>>,
    only: Only,
}

impl Trusted {
    /// Those that were checked, and who may ask for no others.
    #[must_use]
    pub fn new(checked: Vec<Checked>, only: Only) -> Self {
        let documents = checked.into_iter();
        let documents = documents.map(|document| (document.hash, document.text));
        Self {
            documents: Arc::new(documents.collect()),
            only,
        }
    }

    /// What is asked for by what a caller sent, or why that is not to be had.
    pub(super) fn find(&self, sent: Sent, caller: &Caller) -> Result<Parameters, ServerError> {
        let (query, hash) = match (sent.query, &sent.by_id) {
            (Some(query), by_id) => {
                let hash = load::hash(&query);
                if by_id.iter().any(|by_id| by_id.hash != Some(hash)) {
                    return Err(request_error(
                        "DOCUMENT_HASH_MISMATCH",
                        "L'empreinte qui accompagne ce document n'est pas la sienne (SHA-256 de son \
                         texte, à l'octet près).",
                    ));
                }
                if self.only.holds(caller) && !self.documents.contains_key(&hash) {
                    return Err(only_trusted(caller));
                }
                (query, hash)
            }
            (None, by_id) => self.known(by_id)?,
        };
        Ok(Parameters {
            query,
            hash,
            operation_name: sent.operation_name,
            variables: sent.variables,
            extensions: sent.extensions,
        })
    }

    /// The document that is named, by each of the ways it is named by.
    fn known(&self, named: &[ById]) -> Result<(String, Hash), ServerError> {
        let mut hashes = named.iter().map(|by_id| by_id.hash);
        let hash = hashes.next().flatten();
        if hashes.any(|other| other != hash) {
            return Err(request_error(
                "DOCUMENT_HASH_MISMATCH",
                "« documentId » et « persistedQuery » nomment deux documents.",
            ));
        }
        let found = hash.and_then(|hash| Some((self.documents.get(&hash)?, hash)));
        match found {
            Some((text, hash)) => Ok((text.to_string(), hash)),
            None => Err(self.unknown(named)),
        }
    }

    fn unknown(&self, named: &[ById]) -> ServerError {
        // Apollo's link goes by these very words: it sends the whole document, or stops asking by hash.
        let by_apollo = named.iter().all(|by_id| by_id.form == Form::Apollo);
        match (by_apollo, self.documents.is_empty()) {
            (true, true) => request_error(
                "PERSISTED_QUERY_NOT_SUPPORTED",
                "PersistedQueryNotSupported",
            ),
            (true, false) => request_error("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"),
            (false, _) => request_error(
                "DOCUMENT_NOT_FOUND",
                "Aucun document de confiance n'a cette empreinte (« sha256: », puis 64 chiffres \
                 hexadécimaux en minuscules).",
            ),
        }
    }
}

/// That a caller may ask for trusted documents only.
fn only_trusted(caller: &Caller) -> ServerError {
    let who = if caller.is_stranger() {
        "De qui ne montre aucun jeton, ce"
    } else {
        "Ce"
    };
    let message = format!(
        "{who} service n'accepte que les documents de confiance qu'il connaît d'avance ; demandez-en un \
         par son empreinte (« documentId »)."
    );
    request_error("TRUSTED_ONLY", &message)
}
