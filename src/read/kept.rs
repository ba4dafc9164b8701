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
        permanence::Permanence,
        terms::{ExperimentId, Period, PermanenceId, Position},
    },
    evaluation::facts::Known,
    limits::{DOCUMENTS_KEPT, PAGES_KEPT, PERMANENCES_KEPT},
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

/// A permanence of an experiment.
type Held = Found<PermanenceId, Permanence>;

/// What is kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// Experiments, by id and the `known_from` of their row.
    pub experiments: Cache<(ExperimentId, i64), Arc<Experiment>>,
    /// Experiments with the states of their subjects and the calendar of a period.
    pub known: Cache<(ExperimentId, Stamp, Period), Arc<Known>>,
    /// The permanences of experiments, by the position and the sight they were asked at.
    pub permanences: Cache<(Position, Sight, ExperimentId), Arc<[Held]>>,
    /// Pages of experiments.
    pub pages: Cache<Asked, Arc<Page<Found<ExperimentId, Experiment>>>>,
}

impl Kept {
    /// Lets go of all of it.
    pub(super) fn forget(&self) {
        self.experiments.invalidate_all();
        self.known.invalidate_all();
        self.permanences.invalidate_all();
        self.pages.invalidate_all();
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            experiments: Cache::new(DOCUMENTS_KEPT),
            known: Cache::new(DOCUMENTS_KEPT),
            permanences: Cache::builder()
                .max_capacity(PERMANENCES_KEPT)
                .weigher(|_, found: &Arc<[_]>| {
                    u32::try_from(found.len().saturating_add(1)).unwrap_or(u32::MAX)
                })
                .build(),
            pages: Cache::new(PAGES_KEPT),
        }
    }
}
