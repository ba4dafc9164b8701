//! Proofs: each one that is given holds, by our own check and by the RFC's words alone; and none
//! that was changed holds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod laws;
mod log;
mod rfc;
mod samples;
