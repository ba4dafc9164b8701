//! What was read lately, kept in memory. A document is named by its id and the position from which
//! it was known, a page by all that was asked and the position it was asked at: neither ever
//! changes, so what is kept never goes stale, and is only ever let go of for room.

use std::sync::Arc;

use chrono::NaiveDate;
use moka::sync::Cache;

use super::{
    Found,
    evaluation::Stamp,
    experiment::{Filter, Order},
    page::{Page, Window},
    sight::Sight,
};
use crate::{
    domain::{
        experiment::Experiment,
        terms::{ExperimentId, Period, Position},
    },
    evaluation::facts::Known,
    limits::{DOCUMENTS_KEPT, PAGES_KEPT},
};

/// All that a page of experiments depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub position: Position,
    pub on: NaiveDate,
    pub sight: Sight,
    pub filter: Filter,
    pub order: Order,
    pub window: Window,
}

/// What is kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// Experiments, by id and the `known_from` of their row.
    pub experiments: Cache<(ExperimentId, i64), Arc<Experiment>>,
    /// Experiments with the states of their subjects and the calendar of a period.
    pub known: Cache<(ExperimentId, Stamp, Period), Arc<Known>>,
    /// Pages of experiments.
    pub pages: Cache<Asked, Arc<Page<Found<ExperimentId, Experiment>>>>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            experiments: Cache::new(DOCUMENTS_KEPT),
            known: Cache::new(DOCUMENTS_KEPT),
            pages: Cache::new(PAGES_KEPT),
        }
    }
}
