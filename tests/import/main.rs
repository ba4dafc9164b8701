//! Import of spreadsheets: what is read of good ones, and why bad ones are not.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod files;
mod good;
mod guide;
mod laws;
mod oracle;
mod recorded;
mod reports;
mod spoiled;
mod templates;
