//! Chance that can be repeated: everything random in a suite comes from one printed seed.

use std::hash::{BuildHasher, Hasher, RandomState};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// A source of random choices.
#[derive(Debug)]
pub(crate) struct Chance(ChaCha8Rng);

/// The seed of this run: the one that `CARNET_SEED` names, or a new one.
pub(crate) fn seed() -> u64 {
    std::env::var("CARNET_SEED").map_or_else(
        |_| RandomState::new().build_hasher().finish() >> 16,
        |told| told.parse().unwrap(),
    )
}

/// How often to do something: as the environment says, or else so often.
pub(crate) fn times(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |told| told.parse().unwrap())
}

impl Chance {
    /// The choices that follow from a seed and from what they are for.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(
            seed ^ purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        ))
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// A number from `first` to `last`.
    pub(crate) fn within(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// An index into something of that length.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }

    /// True once in `n` times.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }
}
