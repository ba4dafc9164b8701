//! The tree: what is kept of it, and what is computed of it.
//!
//! Pure: record hashes go in, the hashes of RFC 6962 come out.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// The leaves of a block. A power of two; nothing that is answered depends on it.
pub(super) const BLOCK: u64 = 256;

/// The hash of a node of the tree.
pub(super) type Node = [u8; 32];

/// The hash of a leaf.
pub(super) fn leaf(bytes: &[u8]) -> Node {
    Sha256::new_with_prefix([0])
        .chain_update(bytes)
        .finalize()
        .into()
}

/// The hash of what lies above two nodes.
fn above(left: Node, right: Node) -> Node {
    let hasher = Sha256::new_with_prefix([1]);
    hasher
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The hash of the tree that has no leaf.
pub(super) fn empty() -> Node {
    Sha256::digest([]).into()
}

/// The hashes of the complete subtrees of a block and more: 64 bytes for 256 leaves.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// At `k`, those of `BLOCK << k` leaves, from the left.
    levels: Vec<Vec<Node>>,
}

impl Kept {
    /// How many blocks from the beginning are known.
    pub(super) fn blocks(&self) -> u64 {
        self.levels.first().map_or(0, |level| level.len() as u64)
    }

    /// Adds the next block.
    pub(super) fn push(&mut self, block: Node) {
        let mut node = block;
        for level in &mut self.levels {
            level.push(node);
            let [.., left, right] = level.as_slice() else {
                return;
            };
            if level.len() % 2 == 1 {
                return;
            }
            node = above(*left, *right);
        }
        self.levels.push(vec![node]);
    }

    /// The hash of the complete subtree of `leaves` leaves that begins at `from`, if it is known.
    /// In every tree, what has a power of two of leaves begins at a multiple of them.
    fn subtree(&self, from: u64, leaves: u64) -> Option<Node> {
        if !leaves.is_power_of_two() {
            return None;
        }
        let blocks = leaves.checked_div(BLOCK).filter(|blocks| *blocks > 0)?;
        let level = self.levels.get(usize::try_from(blocks.ilog2()).ok()?)?;
        level.get(usize::try_from(from / leaves).ok()?).copied()
    }

    /// The hash of a block.
    pub(super) fn block(&self, block: u64) -> Option<Node> {
        self.subtree(block * BLOCK, BLOCK)
    }
}

/// What is kept, with the leaves of the few blocks that one answer looks into.
#[derive(Debug)]
pub(super) struct View<'a, L> {
    pub(super) kept: &'a Kept,
    /// What the leaves of some blocks hold: of a whole block, or of as much as there is of it.
    pub(super) blocks: &'a BTreeMap<u64, Vec<L>>,
}

impl<L: AsRef<[u8]>> View<'_, L> {
    /// The hash of the tree over the first `size` leaves; `None` where leaves are not at hand.
    pub(super) fn root(&self, size: u64) -> Option<Node> {
        if size == 0 {
            return Some(empty());
        }
        self.range(0, size)
    }

    /// The nodes of those numbers, in the tree over the first `size` leaves. A node is numbered as
    /// in RFC 9162's drawing read from left to right: leaf `n` is `2 n`, and the parent of two
    /// neighbours stands in the middle between them.
    pub(super) fn nodes(&self, numbers: &[u64], size: u64) -> Option<Vec<Node>> {
        let node = |number: &u64| {
            let level = number.trailing_ones();
            let from = ((number >> level) / 2) << level;
            self.range(from, size.min(from + (1 << level)))
        };
        numbers.iter().map(node).collect()
    }

    /// RFC 6962's `MTH(D[from:to])`, of at least one leaf.
    fn range(&self, from: u64, to: u64) -> Option<Node> {
        let leaves = to.checked_sub(from).filter(|leaves| *leaves > 0)?;
        if leaves == 1 {
            let block = self.blocks.get(&(from / BLOCK))?;
            let held = block.get(usize::try_from(from % BLOCK).ok()?)?;
            return Some(leaf(held.as_ref()));
        }
        if let Some(known) = self.kept.subtree(from, leaves) {
            return Some(known);
        }
        let left = leaves.next_power_of_two() / 2;
        Some(above(
            self.range(from, from + left)?,
            self.range(from + left, to)?,
        ))
    }
}

/// The hash of the tree that these leaves make, a block at most.
pub(super) fn block<L: AsRef<[u8]> + Clone>(leaves: &[L]) -> Option<Node> {
    let blocks = BTreeMap::from([(0, leaves.to_vec())]);
    let view = View {
        kept: &Kept::default(),
        blocks: &blocks,
    };
    view.root(leaves.len() as u64)
}

#[cfg(test)]
mod tests;
