//! The promises of the log, held on sled in a directory of its own: what is acknowledged stays,
//! positions are dense, a command takes effect once, an append holds against what it read, and
//! nothing damaged is served.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod commands;
mod damage;
mod guards;
mod mirror;
mod opening;
mod positions;
mod record;
mod reports;
mod support;
