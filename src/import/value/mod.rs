//! From a cell to a value: what people write, read in the one way it can be meant, or not at all.

mod choice;
mod date;
mod number;
mod personal;
mod text;
mod time;

pub(super) use choice::Choices;
pub(super) use date::date;
pub(super) use number::{minutes, whole};
pub(super) use personal::names_somebody;
pub(super) use text::{
    AGE_BANDS, age_band, commune, number_of, operator, permanence, theme, words,
};
pub(super) use time::time;

/// Every common name of an operator that is taken, with its code.
pub(super) use text::operators;
