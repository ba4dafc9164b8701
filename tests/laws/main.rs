//! Laws: what holds of every history, tried on random ones.
//!
//! Each law names the bug that would break it. `CARNET_LAW_CASES` says how many histories each
//! law is tried on.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod access;
mod answers;
mod commands;
mod failures;
mod figures;
mod funding;
mod histories;
mod notebook;
mod pages;
mod projections;
mod rebuild;
mod reports;
mod sites;
mod times;
