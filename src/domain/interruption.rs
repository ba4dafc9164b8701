//! Interruptions: stretches of days during which something that goes on is stopped. An experiment
//! and a permanence are suspended, a hub is closed for works.

use super::{
    event::Reason,
    stretch::{Stretch, Stretches},
};

pub use super::stretch::Step;

/// The interruptions of one thing, in the order they were recorded.
pub type Interruptions = Stretches<Reason>;

/// One interruption: why, and from when to when.
pub type Interruption = Stretch<Reason>;
