//! What is followed, as it goes over the wire: the socket's protocol beyond what every client speaks,
//! server-sent events, parts; and that it is executed once for all.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod bounds;
mod harness;
mod shared;
mod streams;
