//! Proofs: that an event is in the log, and that an older log is the beginning of a newer one,
//! for whoever has nothing of the log but a few hashes.
//!
//! Over the hashes of the records stands the Merkle tree of RFC 6962: leaf `n - 1` is the hash of
//! the record at position `n`. Its root names the whole log as the head's hash does, and lets a
//! single record be shown to be in it by a handful of hashes; see `docs/format.md`.
//!
//! In: positions. Out: [`LogHead`], [`InclusionProof`], [`ConsistencyProof`], which
//! [`InclusionProof::check`] and [`ConsistencyProof::check`] check without any log.
//!
//! **Invariants.** The log is read in blocks of 256 records, and only the hashes of whole blocks
//! and of what lies above them are kept: 64 bytes for 256 records. They are computed when they are
//! first asked for, and never again. An answer looks into two blocks at most beside them.
//!
//! **Deliberately absent.** Nothing is stored: the tree follows from the records. Nothing is
//! signed: whom a head is taken from is for who takes it to know.

mod file;
mod tree;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Arc, PoisonError, RwLock},
};

use ct_merkle::{indices_for_consistency_proof, indices_for_inclusion_proof};
use tokio::sync::Mutex;

pub use file::{ConsistencyProof, InclusionProof, LogHead, Proof, Trusted, Wrong, parse_hash};
use tree::{BLOCK, Kept, Node, View};

use super::{EventLog, Head, LogError, record::Hash};
use crate::domain::terms::Position;

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The log has not come that far.
    #[error("the log is at position {head}, not at {asked} yet")]
    Ahead {
        /// The position that was asked for.
        asked: Position,
        /// The last one there is.
        head: Position,
    },
    /// The event is not among those up to the head that was asked for.
    #[error("there is no event {event} in the log up to position {head}")]
    Outside {
        /// The event's position.
        event: Position,
        /// The last position of the tree.
        head: Position,
    },
    /// The older of two heads is the later one.
    #[error("position {from} comes after {to}")]
    Reversed {
        /// The older.
        from: Position,
        /// The newer.
        to: Position,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Proves what is in a log.
#[derive(Debug, Clone)]
pub struct Proofs {
    log: Arc<dyn EventLog>,
    kept: Arc<RwLock<Kept>>,
    /// Held while blocks are added: one after the other, by one.
    growing: Arc<Mutex<()>>,
}

impl Proofs {
    /// Proves what is in `log`.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self {
            log,
            kept: Arc::default(),
            growing: Arc::default(),
        }
    }

    /// The identity of the log that is proved.
    #[must_use]
    pub fn log_id(&self) -> uuid::Uuid {
        self.log.id()
    }

    /// The log as it stood at a position.
    ///
    /// # Errors
    /// [`ProofError::Ahead`], [`ProofError::Log`].
    pub async fn head(&self, at: Position) -> Result<LogHead, ProofError> {
        let head = self.head_from(at)?;
        let mut blocks = BTreeMap::new();
        let hash = if at == Position::START {
            super::record::genesis(self.log.id())
        } else {
            self.hash(at, head, &mut blocks).await?
        };
        self.grow(at.0, head).await?;
        self.edge(at, head, &mut blocks).await?;
        let root = self.view(&blocks, |view| view.root(at.0))?;
        Ok(LogHead {
            log_id: self.log.id(),
            position: at,
            hash,
            root: Hash(root),
        })
    }

    /// That the log as it stood at `head` holds the event at `event`.
    ///
    /// # Errors
    /// [`ProofError::Ahead`], [`ProofError::Outside`], [`ProofError::Log`].
    pub async fn inclusion(
        &self,
        event: Position,
        head: Position,
    ) -> Result<InclusionProof, ProofError> {
        let now = self.head_from(head)?;
        if event == Position::START || event > head {
            return Err(ProofError::Outside { event, head });
        }
        let mut blocks = BTreeMap::new();
        self.grow(head.0, now).await?;
        self.edge(head, now, &mut blocks).await?;
        let record_hash = self.hash(event, now, &mut blocks).await?;
        let leaf = event.0 - 1;
        let numbers = indices_for_inclusion_proof(head.0, leaf);
        let (root, path) = self.view(&blocks, |view| {
            Some((view.root(head.0)?, view.nodes(&numbers, head.0)?))
        })?;
        Ok(InclusionProof {
            log_id: self.log.id(),
            event,
            leaf_index: leaf,
            tree_size: head.0,
            record_hash,
            root: Hash(root),
            path: path.into_iter().map(Hash).collect(),
            record: None,
        })
    }

    /// The same with the record itself, so that whoever checks it sees what is in the log.
    ///
    /// # Errors
    /// As for [`Proofs::inclusion`].
    pub async fn inclusion_with_record(
        &self,
        event: Position,
        head: Position,
    ) -> Result<InclusionProof, ProofError> {
        let mut proof = self.inclusion(event, head).await?;
        let records = self.log.read(Position(proof.leaf_index), 1).await?;
        let record = records.first().ok_or(LogError::Missing(event))?;
        let mut bytes = Vec::new();
        let damaged = |error| LogError::Damaged {
            position: event,
            error,
        };
        record.encode(&mut bytes).map_err(damaged)?;
        proof.record = Some(bytes);
        Ok(proof)
    }

    /// That the log as it stood at `from` is the beginning of the log as it stood at `to`.
    ///
    /// # Errors
    /// [`ProofError::Ahead`], [`ProofError::Reversed`], [`ProofError::Log`].
    pub async fn consistency(
        &self,
        from: Position,
        to: Position,
    ) -> Result<ConsistencyProof, ProofError> {
        let now = self.head_from(to.max(from))?;
        if from > to {
            return Err(ProofError::Reversed { from, to });
        }
        let mut blocks = BTreeMap::new();
        self.grow(to.0, now).await?;
        self.edge(from, now, &mut blocks).await?;
        self.edge(to, now, &mut blocks).await?;
        // The empty log is the beginning of any: RFC 6962 has no proof for it, and none is needed.
        let numbers = match from.0 {
            0 => Vec::new(),
            _ => indices_for_consistency_proof(from.0, to.0 - from.0),
        };
        let (from_root, to_root, path) = self.view(&blocks, |view| {
            Some((
                view.root(from.0)?,
                view.root(to.0)?,
                view.nodes(&numbers, to.0)?,
            ))
        })?;
        Ok(ConsistencyProof {
            log_id: self.log.id(),
            from,
            from_root: Hash(from_root),
            to,
            to_root: Hash(to_root),
            path: path.into_iter().map(Hash).collect(),
        })
    }

    /// The head now, not before `asked`.
    fn head_from(&self, asked: Position) -> Result<Head, ProofError> {
        let head = self.log.head();
        if asked > head.position {
            return Err(ProofError::Ahead {
                asked,
                head: head.position,
            });
        }
        Ok(head)
    }

    fn view<T>(
        &self,
        blocks: &BTreeMap<u64, Vec<Hash>>,
        look: impl FnOnce(&View<'_, Hash>) -> Option<T>,
    ) -> Result<T, LogError> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let view = View {
            kept: &kept,
            blocks,
        };
        look(&view).ok_or_else(|| LogError::Unreadable {
            position: None,
            why: "a part of the tree over it is not at hand".into(),
        })
    }

    /// The hash of a block, if it is kept.
    fn kept_block(&self, block: u64) -> Option<Node> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.block(block)
    }

    /// Adds every whole block of the first `size` leaves that is not kept yet. Each one that is
    /// read stays, even if whoever asked goes away meanwhile.
    async fn grow(&self, size: u64, head: Head) -> Result<(), LogError> {
        let known = || {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            kept.blocks()
        };
        if known() >= size / BLOCK {
            return Ok(());
        }
        let _growing = self.growing.lock().await;
        for block in known()..size / BLOCK {
            let hashes = self.read_block(block, head).await?;
            if let Some(node) = tree::block(&hashes) {
                let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
                kept.push(node);
            }
        }
        Ok(())
    }

    /// Looks into the block that the tree over the first `size` leaves holds only a part of.
    async fn edge(
        &self,
        size: Position,
        head: Head,
        blocks: &mut BTreeMap<u64, Vec<Hash>>,
    ) -> Result<(), LogError> {
        if !size.0.is_multiple_of(BLOCK) {
            self.hash(size, head, blocks).await?;
        }
        Ok(())
    }

    /// The hash of the record at a position that is there, out of its block.
    async fn hash(
        &self,
        position: Position,
        head: Head,
        blocks: &mut BTreeMap<u64, Vec<Hash>>,
    ) -> Result<Hash, LogError> {
        let leaf = position.0 - 1;
        let number = leaf / BLOCK;
        if let Entry::Vacant(unread) = blocks.entry(number) {
            let hashes = self.read_block(number, head).await?;
            // One that ended with `head` may have been filled, and kept, since.
            if hashes.len() as u64 == BLOCK
                && let Some(kept) = self.kept_block(number)
                && tree::block(&hashes) != Some(kept)
            {
                return Err(LogError::Unreadable {
                    position: Some(position),
                    why: "its block is not what it was when it was first read".into(),
                });
            }
            unread.insert(hashes);
        }
        let hash = usize::try_from(leaf % BLOCK)
            .ok()
            .and_then(|index| blocks.get(&number)?.get(index));
        hash.copied().ok_or(LogError::Missing(position))
    }

    /// The hashes of the records of a block, of as many as there are up to `head`. Each stands in
    /// the record after it, which the log has compared with the record itself.
    async fn read_block(&self, block: u64, head: Head) -> Result<Vec<Hash>, LogError> {
        let before = block * BLOCK;
        let last = head.position.0.min(before + BLOCK);
        let count = usize::try_from(last - before).unwrap_or(usize::MAX);
        let records = self.log.read(Position(before), count + 1).await?;
        let mut hashes: Vec<Hash> = records.iter().skip(1).map(|after| after.previous).collect();
        if hashes.len() + 1 == count && last == head.position.0 {
            hashes.push(head.hash);
        }
        if hashes.len() == count {
            Ok(hashes)
        } else {
            Err(LogError::Missing(Position(
                before + hashes.len() as u64 + 1,
            )))
        }
    }
}
