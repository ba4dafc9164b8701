//! RFC 6962, section 2.1, word by word, over a list of all leaves; and RFC 9162's two ways to
//! check a proof. Slow, and nothing of the program's.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use carnet::log::record::Hash;
use sha2::{Digest, Sha256};

pub(crate) type Node = [u8; 32];

fn leaf(bytes: &[u8]) -> Node {
    Sha256::digest([&[0], bytes].concat()).into()
}

fn parent(left: Node, right: Node) -> Node {
    Sha256::digest([&[1], left.as_slice(), right.as_slice()].concat()).into()
}

/// The largest power of two smaller than `n`.
fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// The larger subtrees that were computed, by their first leaf and how many they have: all lists
/// of these tests are cuts of the same one.
static KNOWN: LazyLock<Mutex<HashMap<(Hash, usize), Node>>> = LazyLock::new(Mutex::default);

/// `MTH(D[n])`.
pub(crate) fn root(leaves: &[Hash]) -> Node {
    if leaves.len() < 32 {
        return mth(leaves);
    }
    let key = (leaves[0], leaves.len());
    let known = KNOWN.lock().unwrap().get(&key).copied();
    known.unwrap_or_else(|| {
        let node = mth(leaves);
        KNOWN.lock().unwrap().insert(key, node);
        node
    })
}

fn mth(leaves: &[Hash]) -> Node {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => leaf(&one.0),
        many => {
            let (left, right) = many.split_at(split(many.len()));
            parent(root(left), root(right))
        }
    }
}

/// `PATH(m, D[n])`.
pub(crate) fn path(m: usize, leaves: &[Hash]) -> Vec<Node> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    if m < k {
        [path(m, left), vec![root(right)]].concat()
    } else {
        [path(m - k, right), vec![root(left)]].concat()
    }
}

/// `PROOF(m, D[n])`.
pub(crate) fn proof(m: usize, leaves: &[Hash]) -> Vec<Node> {
    subproof(m, leaves, true)
}

fn subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Node> {
    if m == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![root(leaves)]
        };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    if m <= k {
        [subproof(m, left, whole), vec![root(right)]].concat()
    } else {
        [subproof(m - k, right, false), vec![root(left)]].concat()
    }
}

/// RFC 9162, section 2.1.3.2.
pub(crate) fn included(held: Hash, index: u64, size: u64, path: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut f, mut s) = (index, size - 1);
    let mut r = leaf(&held.0);
    for Hash(p) in path {
        if s == 0 {
            return false;
        }
        if f % 2 == 1 || f == s {
            r = parent(*p, r);
            while f % 2 == 0 && f != 0 {
                f /= 2;
                s /= 2;
            }
        } else {
            r = parent(r, *p);
        }
        f /= 2;
        s /= 2;
    }
    s == 0 && r == root.0
}

/// RFC 9162, section 2.1.4.2.
pub(crate) fn consistent(from: (u64, Hash), to: (u64, Hash), path: &[Hash]) -> bool {
    let ((first, first_root), (second, second_root)) = (from, to);
    if first == second {
        return path.is_empty() && first_root == second_root;
    }
    let mut path: Vec<Node> = path.iter().map(|hash| hash.0).collect();
    if path.is_empty() || first > second || first == 0 {
        return false;
    }
    if first.is_power_of_two() {
        path.insert(0, first_root.0);
    }
    let (mut f, mut s) = (first - 1, second - 1);
    while f % 2 == 1 {
        f /= 2;
        s /= 2;
    }
    let (mut fr, mut sr) = (path[0], path[0]);
    for c in &path[1..] {
        if s == 0 {
            return false;
        }
        if f % 2 == 1 || f == s {
            fr = parent(*c, fr);
            sr = parent(*c, sr);
            while f % 2 == 0 && f != 0 {
                f /= 2;
                s /= 2;
            }
        } else {
            sr = parent(sr, *c);
        }
        f /= 2;
        s /= 2;
    }
    s == 0 && fr == first_root.0 && sr == second_root.0
}
