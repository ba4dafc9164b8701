//! Heads and proofs as they are handed on: JSON that says all that whoever checks it must know,
//! and how it is checked. Nothing here reads a log.

use ct_merkle::{InclusionProof as Audit, RootHash};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::Sha256;
use uuid::Uuid;

use super::tree;
use crate::{
    domain::terms::Position,
    log::record::{Hash, Record, RecordError},
};

/// Far more leaves than a log can have, and few enough for every sum that a check makes.
const SIZE_MAX: u64 = 1 << 48;

/// What a file is, in its own words.
const HEAD: &str = "carnet-log-head/1";
const INCLUSION: &str = "carnet-inclusion-proof/1";
const CONSISTENCY: &str = "carnet-consistency-proof/1";

/// The log as it stood at a position, in a hundred bytes: to be noted down where the log is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogHead {
    /// The log's identity.
    pub log_id: Uuid,
    /// The last position.
    #[serde(with = "place")]
    pub position: Position,
    /// The hash of the record there; the genesis hash for an empty log.
    pub hash: Hash,
    /// The root of the tree over the records up to there.
    pub root: Hash,
}

/// That an event is in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InclusionProof {
    /// The log's identity.
    pub log_id: Uuid,
    /// The event's position.
    #[serde(with = "place")]
    pub event: Position,
    /// Its leaf, counted from 0: one less than its position.
    #[serde(with = "number")]
    pub leaf_index: u64,
    /// The leaves of the tree: the position of the head it is proved for.
    #[serde(with = "number")]
    pub tree_size: u64,
    /// The hash of its record.
    pub record_hash: Hash,
    /// The root of the tree.
    pub root: Hash,
    /// The siblings of the nodes from the leaf to the root.
    pub path: Vec<Hash>,
    /// The framed record, where whoever checks it shall see the event.
    #[serde(with = "framed", default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Vec<u8>>,
}

/// That an older log is the beginning of a newer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsistencyProof {
    /// The log's identity.
    pub log_id: Uuid,
    /// The position of the older head.
    #[serde(with = "place")]
    pub from: Position,
    /// The root of the tree there.
    pub from_root: Hash,
    /// The position of the newer head.
    #[serde(with = "place")]
    pub to: Position,
    /// The root of the tree there.
    pub to_root: Hash,
    /// What leads from nodes of the older tree to both roots.
    pub path: Vec<Hash>,
}

/// One proof or the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format")]
pub enum Proof {
    /// That an event is in the log.
    #[serde(rename = "carnet-inclusion-proof/1")]
    Inclusion(InclusionProof),
    /// That an older log is the beginning of a newer one.
    #[serde(rename = "carnet-consistency-proof/1")]
    Consistency(ConsistencyProof),
}

/// A head in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "format")]
enum HeadFile {
    #[serde(rename = "carnet-log-head/1")]
    Head(LogHead),
}

/// What whoever checks a proof believes without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trusted {
    /// The log's identity, where that is known.
    pub log_id: Option<Uuid>,
    /// How many events the log had.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It is not such a file.
    #[error("this is not a file of the format {expected}: {why}")]
    Format {
        /// What was expected.
        expected: &'static str,
        /// Why it is not.
        why: String,
    },
    /// It is not about the head that is trusted.
    #[error("it is not about the trusted head: {size} events, root {root}")]
    Untrusted {
        /// How many events that head has.
        size: u64,
        /// Its root.
        root: Hash,
    },
    /// It is about another log.
    #[error("it is about another log than {0}")]
    OtherLog(Uuid),
    /// Two of its fields contradict each other, or one cannot be.
    #[error("its field {0} cannot be")]
    Field(&'static str),
    /// The record in it is damaged.
    #[error("the record in it is damaged: {0}")]
    Record(RecordError),
    /// Its hashes do not lead to the root.
    #[error("its hashes do not lead to the root")]
    Path,
}

impl LogHead {
    /// What the format is called.
    pub const FORMAT: &str = HEAD;

    /// Reads a head that was noted down.
    ///
    /// # Errors
    /// [`Wrong::Format`].
    pub fn read(bytes: &[u8]) -> Result<Self, Wrong> {
        let HeadFile::Head(head) = exactly(bytes, HEAD)?;
        Ok(head)
    }

    /// As it is noted down.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(&HeadFile::Head(*self))
    }

    /// What it says, believed.
    #[must_use]
    pub const fn trusted(&self) -> Trusted {
        Trusted {
            log_id: Some(self.log_id),
            size: self.position.0,
            root: self.root,
        }
    }
}

impl Proof {
    /// Reads a proof.
    ///
    /// # Errors
    /// [`Wrong::Format`].
    pub fn read(bytes: &[u8]) -> Result<Self, Wrong> {
        exactly(
            bytes,
            "carnet-inclusion-proof/1, carnet-consistency-proof/1",
        )
    }

    /// As it is handed on.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(self)
    }
}

impl InclusionProof {
    /// What the format is called.
    pub const FORMAT: &str = INCLUSION;

    /// Checks that the event is in the log whose head is trusted; answers its record, if the proof
    /// carries it. Where it does not, the position of the event is as trustworthy as the number of
    /// leaves; where it does, the record itself says it.
    ///
    /// # Errors
    /// [`Wrong`].
    pub fn check(&self, trusted: &[Trusted]) -> Result<Option<Record>, Wrong> {
        each_matches(trusted, self.log_id, &[(self.tree_size, self.root)])?;
        if self.tree_size > SIZE_MAX {
            return Err(Wrong::Field("treeSize"));
        }
        if self.leaf_index >= self.tree_size {
            return Err(Wrong::Field("leafIndex"));
        }
        if self.event != Position(self.leaf_index).next() {
            return Err(Wrong::Field("event"));
        }
        let record = match &self.record {
            None => None,
            Some(bytes) => {
                let (record, hash, whole) = Record::decode(bytes).map_err(Wrong::Record)?;
                if hash != self.record_hash || whole != bytes.len() {
                    return Err(Wrong::Field("recordHash"));
                }
                if record.position != self.event {
                    return Err(Wrong::Field("event"));
                }
                Some(record)
            }
        };
        let audit = Audit::try_from_bytes(concatenated(&self.path)).map_err(|_| Wrong::Path)?;
        root(self.root, self.tree_size)
            .verify_inclusion(&self.record_hash.0, self.leaf_index, &audit)
            .map_err(|_| Wrong::Path)?;
        Ok(record)
    }
}

impl ConsistencyProof {
    /// What the format is called.
    pub const FORMAT: &str = CONSISTENCY;

    /// Checks that the older log is the beginning of the newer one. Of the heads that are trusted,
    /// each must be one of its two.
    ///
    /// # Errors
    /// [`Wrong`].
    pub fn check(&self, trusted: &[Trusted]) -> Result<(), Wrong> {
        let (from, to) = (self.from.0, self.to.0);
        each_matches(
            trusted,
            self.log_id,
            &[(from, self.from_root), (to, self.to_root)],
        )?;
        if to > SIZE_MAX {
            return Err(Wrong::Field("to"));
        }
        if from > to {
            return Err(Wrong::Field("from"));
        }
        if from == 0 {
            // Every log begins with the empty one, if that is what is said of the older.
            let empty = Hash(tree::empty());
            let nothing = self.path.is_empty() && self.from_root == empty;
            return if nothing && (to > 0 || self.to_root == empty) {
                Ok(())
            } else {
                Err(Wrong::Path)
            };
        }
        let proof = ct_merkle::ConsistencyProof::try_from_bytes(concatenated(&self.path))
            .map_err(|_| Wrong::Path)?;
        root(self.to_root, to)
            .verify_consistency(&root(self.from_root, from), &proof)
            .map_err(|_| Wrong::Path)
    }
}

/// Every head that is trusted must be one of those that the proof is about, and there is one.
fn each_matches(trusted: &[Trusted], log_id: Uuid, heads: &[(u64, Hash)]) -> Result<(), Wrong> {
    if trusted.is_empty() {
        return Err(Wrong::Field("root"));
    }
    for head in trusted {
        if let Some(id) = head.log_id
            && id != log_id
        {
            return Err(Wrong::OtherLog(id));
        }
        if !heads.contains(&(head.size, head.root)) {
            return Err(Wrong::Untrusted {
                size: head.size,
                root: head.root,
            });
        }
    }
    Ok(())
}

fn root(hash: Hash, size: u64) -> RootHash<Sha256> {
    RootHash::new(hash.0.into(), size)
}

fn concatenated(path: &[Hash]) -> Vec<u8> {
    path.iter().flat_map(|hash| hash.0).collect()
}

/// Reads what was written here, and nothing that says the same in other words: what is not looked
/// at when a proof is checked must not be in it.
fn exactly<T: Serialize + serde::de::DeserializeOwned>(
    bytes: &[u8],
    expected: &'static str,
) -> Result<T, Wrong> {
    let wrong = |why: String| Wrong::Format { expected, why };
    let read: T = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
    let given: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
    match serde_json::to_value(&read) {
        Ok(written) if written == given => Ok(read),
        Ok(_) | Err(_) => Err(wrong("it is not written as it must be".into())),
    }
}

/// None of our types has a key that JSON lacks: writing them cannot fail.
fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text + "\n"
}

/// The hash that 64 hexadecimal digits write.
#[must_use]
pub fn parse_hash(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Hash(hash))
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_hash(&text).ok_or_else(|| D::Error::custom("a hash has 64 hexadecimal digits"))
    }
}

/// Numbers are strings: in JSON's own, some readers lose digits.
mod number {
    use super::{Deserialize, Deserializer, Error, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(super) fn serialize<S: Serializer>(number: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }
}

mod place {
    use super::{Deserializer, Position, Serializer, number};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(super) fn serialize<S: Serializer>(place: &Position, to: S) -> Result<S::Ok, S::Error> {
        number::serialize(&place.0, to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Position, D::Error> {
        number::deserialize(from).map(Position)
    }
}

mod framed {
    use base64::{Engine, prelude::BASE64_STANDARD};

    use super::{Deserialize, Deserializer, Error, Serializer};

    #[expect(clippy::ref_option, reason = "serde asks for it")]
    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => to.serialize_str(&BASE64_STANDARD.encode(bytes)),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = BASE64_STANDARD.decode(text).map_err(D::Error::custom)?;
        Ok(Some(bytes))
    }
}
