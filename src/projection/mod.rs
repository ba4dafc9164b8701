//! Step 4: from events to read models.
//!
//! In: recorded events, in order. Out: rows, each with the span of positions over which it was
//! known. A read model is a pure fold from an event to a document ([`ReadModel`]); one engine
//! ([`documents`]) turns documents into rows, and one [`runner`](Runner) owns batching, the
//! transaction, the checkpoint, retries and metrics.
//!
//! **Invariants.** Rows and checkpoint commit together, so that a read model at position N is the
//! fold of events 1..N, however it got there. A row once closed is never touched again.
//!
//! **Deliberately absent.** No projection reads the clock, another projection or the API.
//!
//! To add a read model: a migration, a file here, one line in [`registry`], a file in `read`.

mod access;
mod activity;
mod adviser;
mod agreement;
mod cost;
pub mod documents;
mod experiment;
mod history;
mod import;
mod operator;
mod permanence;
mod rebuild;
mod report;
mod runner;
mod site;
pub mod store;
mod tally;
mod venue;

pub use documents::{Past, Projection, ReadModel, Table, Value};
pub use rebuild::{Rebuilt, rebuild};
pub use runner::{Progress, Runner, RunnerError, Standing};

/// The read models that tell who may do what.
const ACCESS: [&str; 2] = [access::Tokens::NAME, access::Holders::NAME];

/// Every read model there is.
#[must_use]
pub fn registry() -> Vec<Box<dyn Projection>> {
    vec![
        documents::of::<experiment::Experiments>(),
        documents::of::<venue::Venues>(),
        documents::of::<permanence::Permanences>(),
        documents::of::<adviser::Advisers>(),
        Box::new(activity::Activity),
        Box::new(tally::Tallies::default()),
        documents::of::<operator::Operators>(),
        documents::of::<agreement::Agreements>(),
        documents::of::<cost::Costs>(),
        documents::of::<import::Imports>(),
        documents::of::<site::Sites>(),
        documents::of::<report::Reports>(),
        documents::of::<access::Tokens>(),
        documents::of::<access::Holders>(),
        Box::new(history::History),
    ]
}
