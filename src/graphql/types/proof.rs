//! What names the log, and what proves what is in it. The fields are those of the files that
//! `docs/format.md` describes, word by word.

use async_graphql::{Result, SimpleObject};

use crate::{
    domain::terms,
    graphql::{
        Means,
        fault::Fault,
        scalars::{Position, Uuid},
    },
    log::proof,
    read::At,
};

/// The log as it stood at a position.
#[derive(SimpleObject)]
pub(in crate::graphql) struct LogHead {
    /// What it is, as a file: `carnet-log-head/1`.
    format: &'static str,
    /// The log's identity.
    log_id: Uuid,
    /// The last position.
    position: Position,
    /// The hash of the record there, which the hashes of all before it went into: 64 hexadecimal
    /// digits.
    hash: String,
    /// The root of the Merkle tree (RFC 6962) over the hashes of the records up to there.
    root: String,
}

/// That an event is in the log.
#[derive(SimpleObject)]
pub(in crate::graphql) struct InclusionProof {
    /// What it is, as a file: `carnet-inclusion-proof/1`.
    format: &'static str,
    /// The log's identity.
    log_id: Uuid,
    /// The event's position.
    event: Position,
    /// Its leaf in the tree, counted from 0: one less than its position.
    leaf_index: Position,
    /// How many leaves the tree has: the position of the head.
    tree_size: Position,
    /// The hash of the event's record.
    record_hash: String,
    /// The root of the tree, which the head must have.
    root: String,
    /// The hashes that lead from the leaf to the root, from below (RFC 6962, 2.1.1).
    path: Vec<String>,
}

/// That an older head names the beginning of what a newer one names.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ConsistencyProof {
    /// What it is, as a file: `carnet-consistency-proof/1`.
    format: &'static str,
    /// The log's identity.
    log_id: Uuid,
    /// The position of the older head.
    from: Position,
    /// Its root.
    from_root: String,
    /// The position of the newer head.
    to: Position,
    /// Its root.
    to_root: String,
    /// The hashes that lead to both roots (RFC 6962, 2.1.2).
    path: Vec<String>,
}

/// The position asked of, which nothing of this moment may lie beyond.
fn within(at: At, asked: Option<Position>) -> Result<terms::Position, Fault> {
    let asked = asked.map_or(at.position, |asked| asked.0);
    if asked > at.position {
        return Err(Fault::CursorAhead {
            asked,
            head: at.position,
        });
    }
    Ok(asked)
}

fn path(hashes: &[impl ToString]) -> Vec<String> {
    hashes.iter().map(ToString::to_string).collect()
}

impl LogHead {
    pub(in crate::graphql) async fn at(
        api: Means<'_>,
        at: At,
        position: Option<Position>,
    ) -> Result<Self> {
        let head = api.proofs.head(within(at, position)?).await;
        let head = head.map_err(|error| api.failed_proof(&error))?;
        Ok(Self {
            format: proof::LogHead::FORMAT,
            log_id: Uuid(head.log_id),
            position: Position(head.position),
            hash: head.hash.to_string(),
            root: head.root.to_string(),
        })
    }
}

impl InclusionProof {
    pub(in crate::graphql) async fn of(
        api: Means<'_>,
        at: At,
        event: Position,
        head: Option<Position>,
    ) -> Result<Self> {
        let (event, head) = (within(at, Some(event))?, within(at, head)?);
        let proof = api.proofs.inclusion(event, head).await;
        let proof = proof.map_err(|error| api.failed_proof(&error))?;
        Ok(Self {
            format: proof::InclusionProof::FORMAT,
            log_id: Uuid(proof.log_id),
            event: Position(proof.event),
            leaf_index: Position(terms::Position(proof.leaf_index)),
            tree_size: Position(terms::Position(proof.tree_size)),
            record_hash: proof.record_hash.to_string(),
            root: proof.root.to_string(),
            path: path(&proof.path),
        })
    }
}

impl ConsistencyProof {
    pub(in crate::graphql) async fn between(
        api: Means<'_>,
        at: At,
        from: Position,
        to: Option<Position>,
    ) -> Result<Self> {
        let (from, to) = (within(at, Some(from))?, within(at, to)?);
        let proof = api.proofs.consistency(from, to).await;
        let proof = proof.map_err(|error| api.failed_proof(&error))?;
        Ok(Self {
            format: proof::ConsistencyProof::FORMAT,
            log_id: Uuid(proof.log_id),
            from: Position(proof.from),
            from_root: proof.from_root.to_string(),
            to: Position(proof.to),
            to_root: proof.to_root.to_string(),
            path: path(&proof.path),
        })
    }
}
