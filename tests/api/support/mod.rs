//! What every test stands on.

pub(crate) mod carnet;
pub(crate) mod program;
pub(crate) mod raw;
pub(crate) mod socket;
pub(crate) mod words;

use std::time::Duration;

/// Far longer than anything here takes: only a program that hangs meets it.
const PATIENCE: Duration = Duration::from_mins(1);

/// The outcome of `what`, or a failed test where it never comes.
pub(crate) async fn in_time<T>(what: &str, outcome: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, outcome)
        .await
        .unwrap_or_else(|_| panic!("{what} never came"))
}
