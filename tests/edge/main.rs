//! The edge: what operations cost and what callers may spend, answers that are kept, requests made to
//! harm, and whatever else stands between the network and the schema. The whole program, over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

mod bytes;
mod conditional;
mod cost;
mod ids;
mod kept;
mod killers;
mod rate;
mod specification;
