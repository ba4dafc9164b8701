//! Disclosure control: what is published, and an attacker who reads all of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod attacker;
mod examples;
mod large;
mod laws;
mod tables;
mod world;
