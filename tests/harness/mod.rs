//! What the suites that break things share.
#![allow(dead_code, reason = "each suite uses its part")]

pub(crate) mod bites;
pub(crate) mod chance;
pub(crate) mod child;
pub(crate) mod disk;
pub(crate) mod failure;
pub(crate) mod notary;
pub(crate) mod recorder;
pub(crate) mod report;
pub(crate) mod truth;
pub(crate) mod wired;
