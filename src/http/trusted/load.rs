//! The files of trusted documents: read, and each document checked, before anything is served.

use std::sync::Arc;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::Hash;
use crate::{
    graphql::{Operation, Vetting},
    limits::{BODY_BYTES_MAX, TRUSTED_DOCUMENTS_MAX, TRUSTED_FILE_BYTES_MAX},
};

/// How a hash begins that says what it is.
const PREFIX: &str = "sha256:";

/// A trusted document: a valid one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The file it is of.
    pub file: String,
    /// The hash of its text, which it is asked for by.
    pub hash: Hash,
    /// What it says.
    pub text: Arc<str>,
    /// Its operations, by name.
    pub operations: Vec<Operation>,
}

impl Checked {
    /// What it is asked for by.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{PREFIX}{}", hex(&self.hash))
    }
}

/// Why a file of trusted documents cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustedError {
    /// It is too long.
    #[error("{0} : un fichier compte au plus {TRUSTED_FILE_BYTES_MAX} octets")]
    TooLong(String),
    /// There are too many of them.
    #[error("{0} : il y a plus de {TRUSTED_DOCUMENTS_MAX} documents")]
    TooMany(String),
    /// It is no text.
    #[error("{0} n'est pas un texte en UTF-8")]
    NoText(String),
    /// It is neither a document nor a manifest.
    #[error("{0} n'est ni un document (.graphql) ni un manifeste (.json)")]
    Kind(String),
    /// It is no manifest.
    #[error(
        "{file} n'est pas un manifeste, un objet JSON de l'empreinte de chaque document à son texte{why}"
    )]
    Manifest {
        /// Which.
        file: String,
        /// Why.
        why: String,
    },
    /// A key of it is not the hash of its document.
    #[error(
        "{file} : la clé « {key} » n'est pas l'empreinte SHA-256 de son document, qui est {PREFIX}{hash} \
         (graphql-codegen : « hashAlgorithm: 'sha256' » ; Relay : « \"algorithm\": \"SHA256\" »)"
    )]
    Key {
        /// Which.
        file: String,
        /// What stands there.
        key: String,
        /// What should.
        hash: String,
    },
    /// A document would not be executed.
    #[error("{file} : le document {PREFIX}{hash} serait refusé : {why}")]
    Document {
        /// Which.
        file: String,
        /// Its hash.
        hash: String,
        /// Why.
        why: String,
    },
}

/// The documents of some files, each a path and its bytes, in their order; each once.
///
/// # Errors
/// [`TrustedError`]: what is wrong first.
pub async fn check(files: Vec<(String, Vec<u8>)>) -> Result<Vec<Checked>, TrustedError> {
    let vetting = Vetting::default();
    let mut checked: Vec<Checked> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    for (file, bytes) in files {
        for text in texts(&file, bytes)? {
            let hash = hash(&text);
            if !known.insert(hash) {
                continue;
            }
            if known.len() > TRUSTED_DOCUMENTS_MAX {
                return Err(TrustedError::TooMany(file));
            }
            let refused = |why: String| TrustedError::Document {
                file: file.clone(),
                hash: hex(&hash),
                why: why.trim_end_matches('.').to_owned(),
            };
            if text.len() > BODY_BYTES_MAX {
                return Err(refused(format!(
                    "il compte plus de {BODY_BYTES_MAX} octets"
                )));
            }
            let operations = vetting.operations(&text).await.map_err(refused)?;
            checked.push(Checked {
                file: file.clone(),
                hash,
                text: text.into(),
                operations,
            });
        }
    }
    Ok(checked)
}

/// The documents of a file, by its name: one, or those of a manifest.
fn texts(file: &str, bytes: Vec<u8>) -> Result<Vec<String>, TrustedError> {
    if bytes.len() > TRUSTED_FILE_BYTES_MAX {
        return Err(TrustedError::TooLong(file.to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| TrustedError::NoText(file.to_owned()))?;
    match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("graphql") => Ok(vec![text]),
        Some("json") => of_manifest(file, &text),
        Some(_) | None => Err(TrustedError::Kind(file.to_owned())),
    }
}

fn of_manifest(file: &str, text: &str) -> Result<Vec<String>, TrustedError> {
    let none = |why: String| TrustedError::Manifest {
        file: file.to_owned(),
        why,
    };
    let entries: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| none(format!(" : {error}")))?;
    let mut texts = Vec::new();
    for (key, value) in entries {
        let Value::String(document) = value else {
            return Err(none(format!(" : « {key} » n'y est pas un texte")));
        };
        let hash = hash(&document);
        if parse(&key) != Some(hash) {
            return Err(TrustedError::Key {
                file: file.to_owned(),
                key,
                hash: hex(&hash),
            });
        }
        texts.push(document);
    }
    Ok(texts)
}

/// The hash of the text of a document.
pub(super) fn hash(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

/// A hash as it is written: 64 hexadecimal digits in lower case, after the prefix or bare.
pub(super) fn parse(text: &str) -> Option<Hash> {
    let digits = text.strip_prefix(PREFIX).unwrap_or(text).as_bytes();
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut hash = Hash::default();
    if digits.len() != 2 * hash.len() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(hash)
}

/// A hash as it is written, bare.
fn hex(hash: &Hash) -> String {
    use std::fmt::Write;
    hash.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}
