//! What holds for proofs of every size.

use std::sync::{Arc, LazyLock};

use carnet::{
    domain::terms::Position,
    log::{
        LogError,
        proof::{ConsistencyProof, InclusionProof, ProofError, Proofs, Trusted, Wrong},
        record::Hash,
    },
};
use proptest::{prelude::*, sample::Index};
use tokio::runtime::{Builder, Runtime};

use crate::{
    log::{Hashes, LOG_ID, hash},
    rfc,
};

const MOST: u64 = 2_050;

/// Where blocks begin and end, and what lies about powers of two.
const BORDERS: [u64; 20] = [
    1, 2, 3, 4, 7, 8, 9, 255, 256, 257, 511, 512, 513, 767, 768, 769, 1023, 1024, 1025, 2048,
];

static LEAVES: LazyLock<Vec<Hash>> = LazyLock::new(|| (1..=MOST).map(hash).collect());

fn first(size: u64) -> &'static [Hash] {
    &LEAVES[..usize::try_from(size).unwrap()]
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// Proofs over a log that already has all of its records.
static WHOLE: LazyLock<Proofs> = LazyLock::new(|| Proofs::new(Arc::new(Hashes::new(MOST))));

fn trusted(size: u64, root: Hash) -> Trusted {
    Trusted {
        log_id: Some(LOG_ID),
        size,
        root,
    }
}

fn hashes(nodes: Vec<[u8; 32]>) -> Vec<Hash> {
    nodes.into_iter().map(Hash).collect()
}

/// The proof that is given, which is the RFC's and holds.
fn inclusion(proofs: &Proofs, event: u64, size: u64) -> InclusionProof {
    let proof = runtime()
        .block_on(proofs.inclusion(Position(event), Position(size)))
        .unwrap();
    let leaves = first(size);
    assert_eq!(proof.root, Hash(rfc::root(leaves)), "{event} of {size}");
    let index = event - 1;
    let path = rfc::path(usize::try_from(index).unwrap(), leaves);
    assert_eq!(proof.path, hashes(path), "{event} of {size}");
    assert_eq!(proof.record_hash, hash(event));
    assert_eq!(proof.check(&[trusted(size, proof.root)]), Ok(None));
    assert!(rfc::included(
        hash(event),
        index,
        size,
        &proof.path,
        proof.root
    ));
    assert!(
        proof.check(&[]).is_err(),
        "nothing is proved to whoever trusts nothing"
    );
    proof
}

fn consistency(proofs: &Proofs, from: u64, to: u64) -> ConsistencyProof {
    let proof = runtime()
        .block_on(proofs.consistency(Position(from), Position(to)))
        .unwrap();
    assert_eq!(proof.from_root, Hash(rfc::root(first(from))));
    assert_eq!(proof.to_root, Hash(rfc::root(first(to))));
    let older = trusted(from, proof.from_root);
    let newer = trusted(to, proof.to_root);
    for believed in [&[older][..], &[newer], &[older, newer]] {
        assert_eq!(proof.check(believed), Ok(()), "{from} to {to}");
    }
    assert!(
        proof.check(&[]).is_err(),
        "nothing is proved to whoever trusts nothing"
    );
    if from > 0 {
        let path = rfc::proof(usize::try_from(from).unwrap(), first(to));
        assert_eq!(proof.path, hashes(path), "{from} to {to}");
        let (from, to) = ((from, proof.from_root), (to, proof.to_root));
        assert!(rfc::consistent(from, to, &proof.path));
    }
    proof
}

/// One way to change a list of hashes.
#[derive(Debug, Clone)]
enum Change {
    Flip(Index, Index),
    Swap(Index, Index),
    Drop(Index),
    Repeat(Index),
    Add(Index, [u8; 32]),
}

fn changes() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        (index(), index()).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (index(), index()).prop_map(|(a, b)| Change::Swap(a, b)),
        index().prop_map(Change::Drop),
        index().prop_map(Change::Repeat),
        (index(), any::<[u8; 32]>()).prop_map(|(at, hash)| Change::Add(at, hash)),
    ]
}

fn flipped(hash: Hash, bit: Index) -> Hash {
    let bit = bit.index(256);
    let mut bytes = hash.0;
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash(bytes)
}

/// The list changed; as it was where it cannot be changed so.
fn changed(path: &[Hash], change: &Change) -> Vec<Hash> {
    let mut path = path.to_vec();
    match change {
        Change::Add(at, hash) => path.insert(at.index(path.len() + 1), Hash(*hash)),
        _ if path.is_empty() => {}
        Change::Flip(at, bit) => {
            let at = at.index(path.len());
            path[at] = flipped(path[at], *bit);
        }
        Change::Swap(a, b) => {
            let (a, b) = (a.index(path.len()), b.index(path.len()));
            path.swap(a, b);
        }
        Change::Drop(at) => drop(path.remove(at.index(path.len()))),
        Change::Repeat(at) => {
            let at = at.index(path.len());
            path.insert(at, path[at]);
        }
    }
    path
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Catches: a path of other nodes than the RFC's, and a check that takes a changed one.
    #[test]
    fn an_event_is_proved_and_nothing_else(
        size in 1..=MOST, event in any::<Index>(), other in any::<Index>(), change in changes(),
        bit in any::<Index>(),
    ) {
        let event = event.index(usize::try_from(size).unwrap()) as u64 + 1;
        let proof = inclusion(&WHOLE, event, size);
        let believed = [trusted(size, proof.root)];
        let refused = |proof: InclusionProof| assert!(proof.check(&believed).is_err(), "{proof:?}");
        let path = changed(&proof.path, &change);
        if path != proof.path {
            prop_assert!(!rfc::included(hash(event), event - 1, size, &path, proof.root));
            refused(InclusionProof { path, ..proof.clone() });
        }
        refused(InclusionProof { record_hash: flipped(proof.record_hash, bit), ..proof.clone() });
        refused(InclusionProof { root: flipped(proof.root, bit), ..proof.clone() });
        refused(InclusionProof { tree_size: size + 1, ..proof.clone() });
        refused(InclusionProof { tree_size: size - 1, ..proof.clone() });
        refused(InclusionProof { leaf_index: event, ..proof.clone() });
        refused(InclusionProof { event: Position(event + 1), ..proof.clone() });
        // The same hash, said to lie elsewhere.
        let other = other.index(usize::try_from(size).unwrap()) as u64 + 1;
        if other != event {
            let moved = InclusionProof { event: Position(other), leaf_index: other - 1, ..proof.clone() };
            refused(moved);
        }
        // A root that is believed and is not this tree's.
        let false_root = flipped(proof.root, bit);
        let of_false_root = InclusionProof { root: false_root, ..proof };
        prop_assert_eq!(of_false_root.check(&[trusted(size, false_root)]), Err(Wrong::Path));
    }

    /// Catches the same for two heads.
    #[test]
    fn an_older_head_is_proved_and_nothing_else(
        to in 0..=MOST, from in any::<Index>(), change in changes(), bit in any::<Index>(),
    ) {
        let from = from.index(usize::try_from(to).unwrap() + 1) as u64;
        let proof = consistency(&WHOLE, from, to);
        let believed = [trusted(from, proof.from_root), trusted(to, proof.to_root)];
        let refused = |proof: ConsistencyProof| assert!(proof.check(&believed).is_err(), "{proof:?}");
        let path = changed(&proof.path, &change);
        if path != proof.path {
            refused(ConsistencyProof { path, ..proof.clone() });
        }
        refused(ConsistencyProof { from: Position(from + 1), ..proof.clone() });
        if to > 0 {
            // Where both heads are that of the empty log, no other one is believed in.
            refused(ConsistencyProof { to: Position(to + 1), ..proof.clone() });
        }
        refused(ConsistencyProof { from_root: flipped(proof.from_root, bit), ..proof.clone() });
        refused(ConsistencyProof { to_root: flipped(proof.to_root, bit), ..proof.clone() });
        // A root that is believed and is not this tree's.
        let false_from = flipped(proof.from_root, bit);
        let of_false_from = ConsistencyProof { from_root: false_from, ..proof.clone() };
        prop_assert_eq!(of_false_from.check(&[trusted(from, false_from)]), Err(Wrong::Path));
        if from > 0 {
            let false_to = flipped(proof.to_root, bit);
            let of_false_to = ConsistencyProof { to_root: false_to, ..proof };
            prop_assert_eq!(of_false_to.check(&[trusted(to, false_to)]), Err(Wrong::Path));
        }
    }

    /// Catches: a check that some numbers or lists make panic or run on.
    #[test]
    fn no_proof_whatever_makes_the_check_panic(
        a in any::<u64>(), b in any::<u64>(), path in prop::collection::vec(any::<[u8; 32]>(), 0..70),
        root in any::<[u8; 32]>(),
    ) {
        let path = hashes(path);
        let proof = InclusionProof {
            log_id: LOG_ID, event: Position(a.saturating_add(1)), leaf_index: a, tree_size: b,
            record_hash: Hash(root), root: Hash(root), path: path.clone(), record: None,
        };
        prop_assert!(proof.check(&[trusted(b, Hash(root))]).is_err());
        let proof = ConsistencyProof {
            log_id: LOG_ID, from: Position(a), from_root: Hash(root), to: Position(b),
            to_root: Hash(root), path,
        };
        prop_assert!(a == b || proof.check(&[trusted(b, Hash(root))]).is_err());
    }
}

/// Catches: a block that is cut one leaf too early or too late.
#[test]
fn every_border_is_proved() {
    for size in BORDERS {
        for event in BORDERS.into_iter().filter(|event| *event <= size) {
            inclusion(&WHOLE, event, size);
            if event < 300 || event + 300 > size {
                consistency(&WHOLE, event, size);
            }
        }
        consistency(&WHOLE, 0, size);
    }
    consistency(&WHOLE, 0, 0);
}

/// Catches: a check that takes anything for the beginning of a log, or for an empty one.
#[test]
fn only_the_empty_log_is_the_beginning_of_every_log() {
    for to in [0, 5] {
        let proof = consistency(&WHOLE, 0, to);
        let (empty, other) = (proof.from_root, hash(1));
        let more = ConsistencyProof {
            path: vec![other],
            ..proof.clone()
        };
        assert_eq!(more.check(&[trusted(0, empty)]), Err(Wrong::Path));
        let not_empty = ConsistencyProof {
            from_root: other,
            ..proof
        };
        assert_eq!(not_empty.check(&[trusted(0, other)]), Err(Wrong::Path));
    }
    let both_empty = ConsistencyProof {
        to_root: hash(1),
        ..consistency(&WHOLE, 0, 0)
    };
    assert_eq!(both_empty.check(&[trusted(0, hash(1))]), Err(Wrong::Path));
}

/// Catches: a part of the tree that is kept before it is whole, or is not added to.
#[test]
fn the_tree_stays_right_as_the_log_grows() {
    let log = Arc::new(Hashes::new(0));
    let proofs = Proofs::new(log.clone());
    let mut before = 0;
    // Over borders, and from the middle of one block to that of another.
    for size in BORDERS[..15].iter().copied().chain([900, 1300, 1700, MOST]) {
        log.publish(size);
        inclusion(&proofs, size, size);
        inclusion(&proofs, 1, size);
        consistency(&proofs, before, size);
        before = size;
    }
}

/// Catches: a tree that is computed again for every question, a page without bound, and a proof
/// that reads the whole log.
#[test]
fn an_answer_reads_two_blocks_once_the_tree_is_known() {
    let log = Arc::new(Hashes::new(MOST));
    let proofs = Proofs::new(log.clone());
    inclusion(&proofs, 1000, 2000);
    let (reads, at_once) = log.take_reads();
    assert!(
        (7..=9).contains(&reads) && at_once <= 257,
        "{reads}, {at_once}"
    );
    inclusion(&proofs, 300, 2000);
    assert_eq!(log.take_reads(), (2, 257));
    consistency(&proofs, 300, 2001);
    assert_eq!(log.take_reads(), (2, 257));
    consistency(&proofs, 256, 1792);
    assert_eq!(log.take_reads(), (0, 0));
    runtime().block_on(proofs.head(Position(MOST))).unwrap();
    assert_eq!(
        log.take_reads().0,
        2,
        "the last whole block, and what is after it"
    );
    // An older tree is computed of what is kept of the newer one.
    inclusion(&proofs, 600, 700);
    assert_eq!(log.take_reads(), (1, 257));
}

/// Catches: a first question that takes too long, is given up, and leaves nothing to the next.
#[test]
fn what_was_read_for_a_question_that_was_given_up_stays() {
    let log = Arc::new(Hashes::new(MOST));
    let proofs = Proofs::new(log.clone());
    runtime().block_on(async {
        let mut given_up = Box::pin(proofs.head(Position(MOST)));
        for _ in 0..6 {
            assert!(futures_util::poll!(&mut given_up).is_pending());
        }
    });
    let (before, _) = log.take_reads();
    assert!(before >= 5, "{before}");
    inclusion(&proofs, MOST, MOST);
    let (after, _) = log.take_reads();
    assert!(before + after <= 11, "{before} and {after}");
}

/// Catches: the block at the end of an older head, taken for damaged since a newer one filled it.
#[test]
fn a_reader_who_looked_earlier_is_answered() {
    let log = Arc::new(Hashes::new(600));
    let proofs = Proofs::new(log.clone());
    inclusion(&proofs, 1, 600);
    log.publish(300);
    inclusion(&proofs, 260, 300);
    consistency(&proofs, 257, 300);
}

/// Catches: a root over what was once read and a path over what is read now.
#[test]
fn a_block_that_changed_since_is_told() {
    let log = Arc::new(Hashes::new(600));
    let proofs = Proofs::new(log.clone());
    inclusion(&proofs, 100, 600);
    log.change_after(50);
    let told = runtime().block_on(proofs.inclusion(Position(100), Position(600)));
    let Err(ProofError::Log(LogError::Unreadable { position, .. })) = told else {
        panic!("{told:?}")
    };
    assert!(position.is_some());
}

#[test]
fn a_head_names_the_log_as_it_stood() {
    let proofs = Proofs::new(Arc::new(Hashes::new(700)));
    for size in [0, 1, 255, 256, 257, 512, 699, 700] {
        let head = runtime().block_on(proofs.head(Position(size))).unwrap();
        assert_eq!(head.log_id, LOG_ID);
        assert_eq!(head.position, Position(size));
        assert_eq!(head.hash, hash(size));
        assert_eq!(head.root, Hash(rfc::root(first(size))));
    }
}

#[test]
fn what_cannot_be_proved_is_refused() {
    let proofs = Proofs::new(Arc::new(Hashes::new(10)));
    let ahead = Err(ProofError::Ahead {
        asked: Position(11),
        head: Position(10),
    });
    let runtime = runtime();
    let head = runtime.block_on(proofs.head(Position(11)));
    assert_eq!(head.map(drop), ahead);
    let inclusion = |event, head| {
        let proof = proofs.inclusion(Position(event), Position(head));
        runtime.block_on(proof).map(drop)
    };
    let consistency = |from, to| {
        let proof = proofs.consistency(Position(from), Position(to));
        runtime.block_on(proof).map(drop)
    };
    assert_eq!(inclusion(3, 11), ahead);
    assert_eq!(consistency(3, 11), ahead);
    assert_eq!(consistency(11, 3), ahead);
    for (event, head) in [(0, 10), (6, 5), (1, 0)] {
        let (event, head) = (Position(event), Position(head));
        let outside = Err(ProofError::Outside { event, head });
        assert_eq!(inclusion(event.0, head.0), outside);
    }
    let (from, to) = (Position(6), Position(5));
    assert_eq!(consistency(6, 5), Err(ProofError::Reversed { from, to }));
}
