//! What an evaluation report says of an experiment: counted, divided, and with what uncertainty.
//!
//! In: counts and lists of counts that were read before. Out: values with their intervals.
//!
//! **Invariants.** Everything here is a total function of its arguments: the same counts give the
//! same value to the last bit, in whatever order they come. What cannot be said is `None`, never 0.
//!
//! **Deliberately absent.** No clock, no disk, no `await`, no source of randomness but a generator
//! with a fixed seed.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

pub mod statistics;
