//! Beside the steps, pure: an evaluation report as a plain value, and the files that are made of it.
//!
//! In: a [`Material`](material::Material), the states and figures of a moment, which is composed into
//! a [`Document`](document::Document). Out: the bytes of a file that people open.
//!
//! ```text
//! material  what a report is composed from
//! compose/  from material to document, one file per section
//! document  what a report says: facts, sections, tables, charts; its canonical bytes and their hash
//! french    numbers, shares, intervals and days as French is written
//! render/   one file per format
//! ```
//!
//! **Invariants.** A document holds everything that is said, so that every format says the same. The
//! same document gives the same bytes, wherever and whenever. What a document says is data to every
//! format: nothing in it is markup, a formula or a script.
//!
//! **Deliberately absent.** No clock, no disk, no network. Composing takes figures as they are given;
//! of its own it computes but the weekly rate of a count that a source gives, and sums of money. What
//! is not in the document is not in a file.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

pub mod compose;
pub mod content;
pub mod document;
pub mod french;
pub mod material;
pub mod render;
pub mod verify;
