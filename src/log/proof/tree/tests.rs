//! The known answers of Certificate Transparency's own tests, over its eight leaves.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use ct_merkle::{indices_for_consistency_proof, indices_for_inclusion_proof};

use super::*;

/// The leaves of the reference tests, in hexadecimal.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// The roots over the first 0 to 8 of them.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Leaf, size, path.
const INCLUSIONS: [(u64, u64, &[&str]); 4] = [
    (0, 1, &[]),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        3,
        &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    ),
];

/// Older size, newer size, path.
const CONSISTENCIES: [(u64, u64, &[&str]); 4] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn hex(node: Node) -> String {
    crate::log::record::Hash(node).to_string()
}

fn with_view<T>(look: impl FnOnce(&View<'_, Vec<u8>>) -> T) -> T {
    let blocks = BTreeMap::from([(0, LEAVES.map(unhex).to_vec())]);
    look(&View {
        kept: &Kept::default(),
        blocks: &blocks,
    })
}

fn path(numbers: &[u64], size: u64) -> Vec<String> {
    let nodes = with_view(|view| view.nodes(numbers, size).unwrap());
    nodes.into_iter().map(hex).collect()
}

/// Catches: a leaf hashed as a node is, another shape of the tree, children the wrong way round.
#[test]
fn the_roots_are_those_of_the_rfc() {
    for (size, root) in (0..).zip(ROOTS) {
        assert_eq!(hex(with_view(|view| view.root(size).unwrap())), root);
    }
}

/// Catches: a path in another order, or of other nodes.
#[test]
fn the_paths_are_those_of_the_rfc() {
    for (leaf, size, known) in INCLUSIONS {
        assert_eq!(path(&indices_for_inclusion_proof(size, leaf), size), known);
    }
    for (from, to, known) in CONSISTENCIES {
        assert_eq!(
            path(&indices_for_consistency_proof(from, to - from), to),
            known
        );
    }
}

/// Catches: a complete subtree that is kept at the wrong level, or in the wrong place.
#[test]
fn what_is_kept_of_whole_blocks_is_what_the_leaves_make() {
    let leaves: Vec<[u8; 8]> = (0..9 * BLOCK).map(u64::to_be_bytes).collect();
    let all: BTreeMap<u64, Vec<[u8; 8]>> = (0..)
        .zip(
            leaves
                .chunks(usize::try_from(BLOCK).unwrap())
                .map(<[_]>::to_vec),
        )
        .collect();
    let plain = View {
        kept: &Kept::default(),
        blocks: &all,
    };
    let mut kept = Kept::default();
    for (number, leaves) in &all {
        assert_eq!(kept.blocks(), *number);
        kept.push(block(leaves).unwrap());
        let none = BTreeMap::<u64, Vec<[u8; 8]>>::new();
        let view = View {
            kept: &kept,
            blocks: &none,
        };
        for blocks in 0..=*number + 1 {
            let root = plain.root(blocks * BLOCK);
            assert!(root.is_some() && view.root(blocks * BLOCK) == root);
        }
        assert_eq!(view.root(number * BLOCK + 1), None);
        assert_eq!(kept.block(*number), block(leaves));
        assert_eq!(kept.block(number + 1), None);
    }
}
