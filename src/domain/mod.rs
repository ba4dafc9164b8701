//! Step 1, pure: what an experiment is, what may be said of it, and what follows.
//!
//! In: an [`Entry`](entry::Entry) somebody wants to write, and the recorded history of the
//! subjects it touches, folded into a [`World`](world::World). Out: the facts to record, or a
//! [`Refusal`](refusal::Refusal) that states why not.
//!
//! **Invariants.** Every decision and fold is a total function of its arguments. An entry that is
//! already so yields no fact, so that asking twice writes once. Facts are never changed: state is
//! what the facts, taken in recorded order, add up to.
//!
//! **Deliberately absent.** No clock, no randomness, no disk, no `await`, and no crate that does
//! any of these.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

pub mod access;
pub mod adviser;
pub mod agreement;
pub mod calendar;
pub mod correction;
pub mod cost;
pub mod diff;
pub mod entry;
pub mod event;
pub mod experiment;
pub mod holiday;
pub mod import;
pub mod interruption;
pub mod operator;
pub mod permanence;
pub mod refusal;
pub mod report;
pub mod sentence;
pub mod session;
pub mod site;
pub mod stretch;
pub mod subject;
pub mod terms;
pub mod venue;
pub mod world;
