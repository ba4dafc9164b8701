//! What a caller sends of an operation: its document by its text, by its hash, or by both.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Hash, load};

/// The parameters of an operation, as they are sent.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Raw")]
pub(in crate::http) struct Sent {
    pub(super) query: Option<String>,
    /// Every way that names the document by its hash.
    pub(super) by_id: Vec<ById>,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Option<Map<String, Value>>,
    pub(super) extensions: Option<Map<String, Value>>,
}

/// A document, named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ById {
    pub(super) form: Form,
    /// None, where it is named by what is no hash of ours.
    pub(super) hash: Option<Hash>,
}

/// How a document is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// By `documentId`.
    DocumentId,
    /// By `extensions.persistedQuery`.
    Apollo,
}

/// What stands in a body, or in an address.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Raw {
    #[serde(default)]
    pub(in crate::http) query: Option<String>,
    #[serde(default)]
    pub(in crate::http) document_id: Option<String>,
    #[serde(default)]
    pub(in crate::http) operation_name: Option<String>,
    #[serde(default)]
    pub(in crate::http) variables: Option<Map<String, Value>>,
    #[serde(default)]
    pub(in crate::http) extensions: Option<Map<String, Value>>,
}

/// The one version of Apollo's way.
const APOLLO_VERSION: u64 = 1;

impl TryFrom<Raw> for Sent {
    type Error = &'static str;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        let by_id = raw.document_id.as_deref().map(|id| ById {
            form: Form::DocumentId,
            hash: load::parse(id),
        });
        let extensions = raw.extensions.as_ref();
        let by_apollo = extensions.and_then(|extensions| extensions.get("persistedQuery"));
        let by_apollo = by_apollo.map(by_apollo_s).transpose()?;
        let by_id: Vec<ById> = by_id.into_iter().chain(by_apollo).collect();
        // graphql-ws sends no operation without a text of it: an empty one, where it is named.
        let query = raw
            .query
            .filter(|query| !query.is_empty() || by_id.is_empty());
        if query.is_none() && by_id.is_empty() {
            return Err("il manque « query », ou « documentId »");
        }
        Ok(Self {
            query,
            by_id,
            operation_name: raw.operation_name,
            variables: raw.variables,
            extensions: raw.extensions,
        })
    }
}

fn by_apollo_s(extension: &Value) -> Result<ById, &'static str> {
    let version = extension.get("version").and_then(Value::as_u64);
    let hash = extension.get("sha256Hash").and_then(Value::as_str);
    match (version, hash) {
        (Some(APOLLO_VERSION), Some(hash)) => Ok(ById {
            form: Form::Apollo,
            hash: load::parse(hash),
        }),
        _ => Err("« extensions.persistedQuery » est de version 1, avec « sha256Hash »"),
    }
}
