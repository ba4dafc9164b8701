//! What an experiment's events add up to.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    count::AssertedCount,
    event::{
        AssertedEnd, Closure, ExperimentEvent, Extension, ExtensionRefusal, FixedCriteria, Launch,
        MadePermanent, Statement,
    },
    hub::DesignatedHub,
    impact::{Baseline, ComparisonZone},
};
use crate::domain::{
    correction::lineages,
    event::{Event, ExperimentKey, Recorded, Stated},
    interruption::Interruptions,
    subject::Recall,
    terms::{Certainty, Position, Title},
};

/// An experiment, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// The version of its stream: how many events it has.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// Whether any of its events was invented.
    pub synthetic: bool,
    /// The criteria fixed, in the order they were recorded.
    pub criteria: Vec<CriteriaSet>,
    /// Its launch.
    pub launch: Option<Stated<Launch>>,
    /// The position at which a launch was first recorded, whether it still stands or not.
    pub first_launched: Option<Position>,
    /// Whether criteria were retracted after that.
    pub criteria_dropped: bool,
    /// The ends that sources assert.
    pub ends: Vec<Stated<AssertedEnd>>,
    /// What else sources assert.
    pub statements: Vec<Stated<Statement>>,
    /// Its extensions.
    pub extensions: Vec<Stated<Extension>>,
    /// The refusals of an extension.
    pub extension_refusals: Vec<Stated<ExtensionRefusal>>,
    /// Its suspensions.
    pub suspensions: Interruptions,
    /// The closures of its hub for works.
    pub hub_closures: Interruptions,
    /// The zones it is compared with, in the order they were recorded.
    pub comparison_zones: Vec<Stated<ComparisonZone>>,
    /// What was counted where, to compare it with, in the order it was recorded.
    pub baselines: Vec<Stated<Baseline>>,
    /// Which labelled sites its hub was, by the day from which each is; those of one day in the
    /// order they were recorded.
    pub hubs: Vec<Stated<DesignatedHub>>,
    /// What sources counted as a whole, in the order it was recorded. It is never merged with what
    /// was recorded of sessions.
    pub asserted_counts: Vec<Stated<AssertedCount>>,
    /// That it was made permanent.
    pub made_permanent: Option<Stated<MadePermanent>>,
    /// That it was closed.
    pub closed: Option<Stated<Closure>>,
}

/// Criteria fixed together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriteriaSet {
    /// What was fixed, and when.
    pub fixed: Stated<FixedCriteria>,
    /// Whether they came after the launch: fixed on or after its first day, or recorded after it,
    /// since nothing then proves that they were fixed before.
    pub post_hoc: bool,
}

/// Where an experiment stands on a given day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Not begun.
    Planned,
    /// Under way.
    Running,
    /// Stopped for a time.
    Suspended,
    /// Past its last day, with no extension, closure or permanence known.
    TermReached,
    /// No longer an experiment.
    MadePermanent,
    /// Over.
    Closed,
}

impl Status {
    /// The code it is stored and filtered by.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Suspended => "suspended",
            Self::TermReached => "term-reached",
            Self::MadePermanent => "made-permanent",
            Self::Closed => "closed",
        }
    }
}

/// A stretch of days with one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// The status.
    pub status: Status,
    /// The first day; `None` for the beginning of time.
    pub from: Option<NaiveDate>,
    /// The first day on which it is no longer so; `None` for the end of time.
    pub to: Option<NaiveDate>,
}

impl Recall for Experiment {
    fn recall(&mut self, journal: &[Recorded]) {
        let launched = |known: &&Recorded| {
            matches!(
                known.fact.event,
                Event::Experiment(_, ExperimentEvent::Launched(_))
            )
        };
        self.first_launched = journal.iter().find(launched).map(|known| known.position);
        self.criteria_dropped = self.first_launched.is_some_and(|first| {
            let lineages = lineages(journal);
            let mut retracted = lineages.iter().filter(|known| known.standing().is_none());
            retracted.any(|known| {
                let events = known.events();
                let criteria = events.first().is_some_and(|known| {
                    matches!(
                        known.fact.event,
                        Event::Experiment(_, ExperimentEvent::CriteriaFixed(_))
                    )
                });
                criteria && events.last().is_some_and(|last| last.position > first)
            })
        });
        self.weigh_criteria();
    }
}

impl Experiment {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, _: ExperimentKey, event: &ExperimentEvent, recorded: &Recorded) {
        let saying = &recorded.fact.saying;
        self.synthetic |= saying.synthetic;
        match event {
            ExperimentEvent::CriteriaFixed(criteria) => {
                self.criteria.push(CriteriaSet {
                    fixed: recorded.stated(criteria.clone()),
                    post_hoc: false,
                });
                self.weigh_criteria();
            }
            ExperimentEvent::Launched(launch) => {
                self.launch = Some(recorded.stated(launch.clone()));
                self.first_launched.get_or_insert(recorded.place);
                self.weigh_criteria();
            }
            ExperimentEvent::EndAsserted(end) => {
                self.ends.push(recorded.stated(end.clone()));
            }
            ExperimentEvent::StatementRecorded(statement) => {
                self.statements.push(recorded.stated(statement.clone()));
            }
            ExperimentEvent::Extended(extension) => {
                self.extensions.push(recorded.stated(extension.clone()));
            }
            ExperimentEvent::ExtensionRefused(refusal) => {
                self.extension_refusals
                    .push(recorded.stated(refusal.clone()));
            }
            ExperimentEvent::Suspended(reason) => self.suspensions.began(reason, recorded),
            ExperimentEvent::Resumed(_) => self.suspensions.finished(saying.valid.from),
            ExperimentEvent::MadePermanent(decision) => {
                self.made_permanent = Some(recorded.stated(decision.clone()));
            }
            ExperimentEvent::Closed(closure) => {
                self.closed = Some(recorded.stated(closure.clone()));
            }
            ExperimentEvent::HubClosed(reason) => self.hub_closures.began(reason, recorded),
            ExperimentEvent::HubReopened(_) => self.hub_closures.finished(saying.valid.from),
            ExperimentEvent::ComparisonZoneDesignated(zone) => {
                self.comparison_zones.push(recorded.stated(zone.clone()));
            }
            ExperimentEvent::BaselineMeasured(baseline) => {
                self.baselines.push(recorded.stated(baseline.clone()));
            }
            ExperimentEvent::HubDesignated(hub) => {
                self.hubs.push(recorded.stated(*hub));
                self.hubs.sort_by_key(|hub| hub.valid.from);
            }
            ExperimentEvent::CountAsserted(count) => {
                self.asserted_counts.push(recorded.stated(count.clone()));
            }
        }
    }

    /// Tells which criteria came after the launch. Corrected after it, they came after it; that the
    /// launch itself was corrected or retracted since does not bring them before it. Once some were
    /// dropped after the launch, those that are left are what was chosen then.
    fn weigh_criteria(&mut self) {
        let first = self.first_launched;
        let start = self.launch.as_ref().map(|launch| launch.valid.from);
        for set in &mut self.criteria {
            set.post_hoc = self.criteria_dropped
                || first.is_some_and(|first| set.fixed.position > first)
                || start.is_some_and(|start| set.fixed.valid.from >= start);
        }
    }

    /// Whether nothing stands that makes it known: neither a launch nor criteria.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.launch.is_none() && self.criteria.is_empty()
    }

    /// Its name: the launch's, or the one its criteria were fixed under.
    #[must_use]
    pub fn title(&self) -> Option<&Title> {
        self.launch
            .as_ref()
            .map(|launch| &launch.what.title)
            .or_else(|| self.criteria.last().map(|set| &set.fixed.what.title))
    }

    /// The first day that is known for sure: a launch that is only known to be no later gives
    /// none.
    #[must_use]
    pub fn exact_start(&self) -> Option<NaiveDate> {
        self.launch
            .as_ref()
            .filter(|launch| launch.valid.certainty == Certainty::Exact)
            .map(|launch| launch.valid.from)
    }

    /// The last day as decided: that of the extension decided last, else the planned one. What
    /// sources merely assert does not move it.
    #[must_use]
    pub fn end(&self) -> Option<NaiveDate> {
        self.end_after(self.extensions.iter())
    }

    /// The last day as decided by `day`.
    pub(super) fn end_in_force_on(&self, day: NaiveDate) -> Option<NaiveDate> {
        let by_then = |extension: &&Stated<Extension>| extension.valid.from <= day;
        self.end_after(self.extensions.iter().filter(by_then))
    }

    fn end_after<'a>(
        &self,
        extensions: impl Iterator<Item = &'a Stated<Extension>>,
    ) -> Option<NaiveDate> {
        extensions
            .max_by_key(|extension| (extension.valid.from, extension.position))
            .map(|last| last.what.new_end)
            .or_else(|| self.launch.as_ref().map(|launch| launch.what.planned_end))
    }

    /// The zone it is compared with on `day`: the last one designated by then.
    #[must_use]
    pub fn comparison_zone_on(&self, day: NaiveDate) -> Option<&Stated<ComparisonZone>> {
        let by_then = |zone: &&Stated<ComparisonZone>| zone.valid.from <= day;
        let designated = self.comparison_zones.iter().filter(by_then);
        designated.max_by_key(|zone| zone.valid.from)
    }

    /// The labelled site that its hub is on `day`: the last one designated by then.
    #[must_use]
    pub fn hub_on(&self, day: NaiveDate) -> Option<&Stated<DesignatedHub>> {
        self.hubs.iter().rev().find(|hub| hub.valid.from <= day)
    }

    /// Where it stands on `day`.
    #[must_use]
    pub fn status_on(&self, day: NaiveDate) -> Status {
        let Some(launch) = &self.launch else {
            return Status::Planned;
        };
        let begun = |from: Option<NaiveDate>| from.is_some_and(|from| from <= day);
        let suspended = self.suspensions.covering(day).is_some();
        if day < launch.valid.from {
            Status::Planned
        } else if begun(self.closed.as_ref().map(|closed| closed.valid.from)) {
            Status::Closed
        } else if begun(self.made_permanent.as_ref().map(|made| made.valid.from)) {
            if suspended {
                Status::Suspended
            } else {
                Status::MadePermanent
            }
        } else if self.end().is_some_and(|end| end < day) {
            Status::TermReached
        } else if suspended {
            Status::Suspended
        } else {
            Status::Running
        }
    }

    /// Its whole timeline: one phase after the other, without gap or overlap.
    #[must_use]
    pub fn phases(&self) -> Vec<Phase> {
        let mut turns: Vec<NaiveDate> = [
            self.launch.as_ref().map(|launch| launch.valid.from),
            self.closed.as_ref().map(|closed| closed.valid.from),
            self.made_permanent.as_ref().map(|made| made.valid.from),
            self.end().and_then(|end| end.succ_opt()),
        ]
        .into_iter()
        .flatten()
        .chain(self.suspensions.turns())
        .collect();
        turns.sort_unstable();
        turns.dedup();
        let mut phases = vec![Phase {
            status: Status::Planned,
            from: None,
            to: None,
        }];
        for turn in turns {
            let status = self.status_on(turn);
            if let Some(last) = phases.last_mut()
                && last.status != status
            {
                last.to = Some(turn);
                phases.push(Phase {
                    status,
                    from: Some(turn),
                    to: None,
                });
            }
        }
        phases
    }
}
