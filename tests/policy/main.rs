//! Who may do what: the table against the schema, and the program against the table.
//!
//! Two organisations record each its own experiment, in words that stand nowhere else. Every field and
//! every mutation of the schema is then asked for in every role, by its own ids, by ids guessed from the
//! other organisation, and by ids that never were.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![expect(clippy::panic, reason = "a test says what it expects by failing")]

mod documents;
mod fields;
mod following;
mod inputs;
mod mutations;
mod over_http;
mod published;
mod seen;
mod table;
mod world;
