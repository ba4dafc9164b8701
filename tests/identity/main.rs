//! Who asks: service tokens, the tokens of an identity provider, and what becomes of what is open
//! once either is at its end. The provider is a real one, in this process, over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod command_line;
mod harness;
mod oidc;
mod provider;
mod secrets;
mod sockets;
mod start;
mod tls;
mod tokens;
