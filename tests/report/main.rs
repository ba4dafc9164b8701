//! A report as files: what is in the document is in every one of them, and nothing of it is a formula,
//! a script or markup to any.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test says what it expects by failing"
)]

mod charts;
mod documents;
mod flaws;
mod numbers;
mod packing;
mod sample;
mod tables;
mod workbooks;
