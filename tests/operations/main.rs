//! What those who run it do: verify, export, import, back up, restore, run out of room. With the
//! real binary, on directories of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "../api/support/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of the API")]
mod support;

mod backup;
mod disk;
mod documents;
mod example;
mod files;
mod help;
mod keys;
mod runbook;
mod transfer;
mod verify;
