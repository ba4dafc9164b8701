//! The whole program over HTTP and `WebSocket`: one log and one database per test, a fixed clock,
//! and for some tests the real binary in a process of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;
mod times;

mod calendar;
mod commands;
mod consistency;
mod cut;
mod experiments;
mod figures;
mod full_disk;
mod funding;
mod hostile;
mod http;
mod import;
mod lists;
mod nodes;
mod pages;
mod people;
mod permanences;
mod privacy;
mod program;
mod proofs;
mod reports;
mod sessions;
mod settings;
mod shutdown;
mod sites;
mod socket_events;
mod socket_protocol;
