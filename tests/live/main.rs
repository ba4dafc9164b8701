//! What is followed, in this process: nothing skipped, nothing twice, nothing of another moment.
//!
//! The clock is set by hand: days and rests pass without waiting for them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod consistency;
mod events;
mod life;
mod moments;
mod standing;
mod world;
