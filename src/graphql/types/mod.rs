//! The types of the schema: one file per noun.

pub(super) mod activity;
pub(super) mod adviser;
pub(super) mod agreement;
pub(super) mod calendar;
pub(super) mod common;
pub(super) mod comparison;
pub(super) mod cost;
pub(super) mod count;
pub(super) mod decided;
pub(super) mod decision;
pub(super) mod diff;
pub(super) mod event;
pub(super) mod experiment;
pub(super) mod impact;
pub(super) mod import;
pub(super) mod indicator;
pub(super) mod moment;
pub(super) mod operator;
pub(super) mod page;
pub(super) mod permanence;
pub(super) mod place;
pub(super) mod proof;
pub(super) mod report;
pub(super) mod session;
pub(super) mod site;
pub(super) mod venue;
