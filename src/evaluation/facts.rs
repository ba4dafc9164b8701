//! What figures are computed from: the states of subjects, and the tallies of sessions, as they were
//! known at one moment. Where they were read from makes no difference.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::domain::{
    calendar::{self, CALENDAR_DAYS_MAX},
    cost::Cost,
    experiment::{Experiment, Status},
    permanence::Permanence,
    refusal::Refusal,
    session::tally::Tally,
    site::Site,
    terms::{CostId, ExperimentId, Period, PermanenceId, SessionId, SiteId, Slug, VenueId},
    venue::Venue,
};

/// A session, and what it adds up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which.
    pub session: SessionId,
    /// The permanence it is of.
    pub permanence: PermanenceId,
    /// The day it is of.
    pub day: NaiveDate,
    /// What it adds up to.
    pub tally: Tally,
}

/// A day on which a permanence is to be held by its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    /// The day.
    pub day: NaiveDate,
    /// The permanence.
    pub permanence: PermanenceId,
    /// For how long, in minutes.
    pub minutes: u32,
}

/// All that is known of one experiment at a moment. What is shared of it is costly to make, and the
/// same for all who ask at a moment when it was so.
#[derive(Debug, Clone)]
pub struct Known {
    /// Which.
    pub id: ExperimentId,
    /// Its state.
    pub experiment: Arc<Experiment>,
    /// Its permanences, by identity.
    pub permanences: Arc<BTreeMap<PermanenceId, Permanence>>,
    /// The venues that they name.
    pub venues: Arc<BTreeMap<VenueId, Venue>>,
    /// The labelled sites that its hub was.
    pub sites: Arc<BTreeMap<SiteId, Site>>,
    /// Its costs.
    pub costs: Arc<BTreeMap<CostId, Cost>>,
    /// Its sessions of the period and of the days after it that figures look at, by day and
    /// identity.
    pub sessions: Vec<Observation>,
    /// The days of the period on which a permanence is to be held, by day and permanence.
    pub planned: Arc<Vec<Planned>>,
}

/// How many days after the period figures look at: a user who is to come back within 30 days.
pub const DAYS_AFTER: u64 = 30;

impl Known {
    /// What is known of an experiment before anything of its subjects is.
    #[must_use]
    pub fn new(id: ExperimentId, experiment: Arc<Experiment>) -> Self {
        Self {
            id,
            experiment,
            permanences: Arc::default(),
            venues: Arc::default(),
            sites: Arc::default(),
            costs: Arc::default(),
            sessions: Vec::new(),
            planned: Arc::default(),
        }
    }

    /// The labelled site that its hub is on a day.
    #[must_use]
    pub fn hub_on(&self, day: NaiveDate) -> Option<&Site> {
        let designated = self.experiment.hub_on(day)?;
        self.sites.get(&designated.what.site)
    }

    /// The days on which its permanences are to be held by their schedules: public holidays,
    /// suspensions and what was withdrawn are taken out.
    ///
    /// # Errors
    /// Hours that today's reader no longer reads.
    pub fn plan(&self, period: Period) -> Result<Vec<Planned>, Refusal> {
        let mut days: BTreeMap<(NaiveDate, PermanenceId), u32> = BTreeMap::new();
        for (id, permanence) in self.permanences.iter() {
            for part in parts(period) {
                let venue = |id| self.venues.get(&id);
                let occurrences =
                    calendar::occurrences(*id, permanence, &self.experiment, venue, part)?;
                let standing = occurrences.iter().filter(|it| it.taken_out.is_none());
                for occurrence in standing {
                    let lasts = occurrence
                        .ends_at
                        .signed_duration_since(occurrence.starts_at);
                    let minutes = u32::try_from(lasts.num_minutes()).unwrap_or(0);
                    *days.entry((occurrence.date, *id)).or_default() += minutes;
                }
            }
        }
        let planned = days.into_iter();
        Ok(planned
            .map(|((day, permanence), minutes)| Planned {
                day,
                permanence,
                minutes,
            })
            .collect())
    }
}

/// A period in parts that a calendar is drawn of.
fn parts(period: Period) -> impl Iterator<Item = Period> {
    let step = Days::new(CALENDAR_DAYS_MAX.unsigned_abs());
    let mut from = Some(period.from).filter(|from| *from <= period.until);
    std::iter::from_fn(move || {
        let first = from?;
        let next = first.checked_add_days(step);
        let last = next.and_then(|next| next.pred_opt());
        let last = last.map_or(period.until, |last| last.min(period.until));
        from = next.filter(|next| *next <= period.until);
        Some(Period {
            from: first,
            until: last,
        })
    })
}

/// What became of sessions that were to be held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fates {
    /// So many were held.
    pub held: u64,
    /// So many were cancelled.
    pub cancelled: u64,
    /// Of so many it is not known.
    pub unknown: u64,
}

impl Fates {
    /// All of them.
    #[must_use]
    pub const fn all(self) -> u64 {
        self.held + self.cancelled + self.unknown
    }
}

/// Of what figures are: enough to find the entries behind them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Their experiments.
    pub experiments: Vec<ExperimentId>,
    /// One permanence only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permanence: Option<PermanenceId>,
    /// The requests to one operator only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Slug>,
    /// Their period, as far as it is over.
    pub period: Period,
    /// The day they were asked on.
    pub on: NaiveDate,
}

/// What one group of figures is computed from.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The period, both days included.
    pub period: Period,
    /// The day it is asked on: what is later has not happened.
    pub on: NaiveDate,
    /// The experiments.
    pub experiments: Vec<&'a Known>,
    /// Their sessions of the period.
    pub sessions: Vec<&'a Observation>,
    /// Those of all their permanences, and of the days after the period too, each with its experiment:
    /// users come back later, and elsewhere.
    pub followed: Vec<(ExperimentId, &'a Observation)>,
    /// The days of the period on which a permanence was to be held.
    pub planned: Vec<Planned>,
    /// The operator, where only requests to one count.
    pub operator: Option<&'a Slug>,
    /// The permanence, where only one counts.
    pub permanence: Option<PermanenceId>,
}

impl<'a> Facts<'a> {
    /// What is known of some experiments in a period, as far as it is over on `on`.
    #[must_use]
    pub fn new(known: &[&'a Known], period: Period, on: NaiveDate) -> Self {
        let period = Period {
            from: period.from,
            until: period.until.min(on),
        };
        let within = |day: NaiveDate| period.from <= day && day <= period.until;
        let last = period.until.checked_add_days(Days::new(DAYS_AFTER));
        let last = last.map_or(on, |last| last.min(on));
        let followed: Vec<(ExperimentId, &Observation)> = known
            .iter()
            .flat_map(|known| known.sessions.iter().map(|it| (known.id, it)))
            .filter(|(_, it)| period.from <= it.day && it.day <= last)
            .collect();
        let planned = known.iter().flat_map(|known| known.planned.iter());
        Self {
            period,
            on,
            experiments: known.to_vec(),
            sessions: followed
                .iter()
                .map(|(_, it)| *it)
                .filter(|it| within(it.day))
                .collect(),
            followed,
            planned: planned.copied().filter(|it| within(it.day)).collect(),
            operator: None,
            permanence: None,
        }
    }

    /// What is known of a selection; `known` has its experiments and no others.
    #[must_use]
    pub fn of_selection(known: &'a [Known], of: &'a Selection) -> Self {
        let known: Vec<&Known> = known.iter().collect();
        let facts = Self::new(&known, of.period, of.on);
        let facts = match of.permanence {
            Some(permanence) => facts.of_permanence(permanence),
            None => facts,
        };
        match &of.operator {
            Some(operator) => facts.of_operator(operator),
            None => facts,
        }
    }

    /// The same of one permanence.
    #[must_use]
    pub fn of_permanence(mut self, permanence: PermanenceId) -> Self {
        self.sessions.retain(|it| it.permanence == permanence);
        self.planned.retain(|it| it.permanence == permanence);
        self.permanence = Some(permanence);
        self
    }

    /// The same of the requests to one operator.
    #[must_use]
    pub fn of_operator(mut self, operator: &'a Slug) -> Self {
        self.operator = Some(operator);
        self
    }

    /// Of what the figures are.
    #[must_use]
    pub fn selection(&self) -> Selection {
        Selection {
            experiments: self.experiments.iter().map(|known| known.id).collect(),
            permanence: self.permanence,
            operator: self.operator.cloned(),
            period: self.period,
            on: self.on,
        }
    }

    /// Whether requests to an operator count; none: those out of the bundle of services.
    #[must_use]
    pub fn counts(&self, operator: Option<&Slug>) -> bool {
        self.operator.is_none_or(|only| operator == Some(only))
    }

    /// Adds up a count of every session.
    pub fn sum(&self, count: impl Fn(&Tally) -> u64) -> u64 {
        self.sessions.iter().map(|it| count(&it.tally)).sum()
    }

    /// The sessions that were held.
    pub fn held(&self) -> impl Iterator<Item = &'a Observation> + '_ {
        let sessions = self.sessions.iter().copied();
        sessions.filter(|it| it.tally.held.is_some())
    }

    /// What became of the sessions that were to be held.
    #[must_use]
    pub fn fates(&self) -> Fates {
        let mut told: BTreeMap<_, (bool, bool)> = BTreeMap::new();
        for session in &self.sessions {
            let (held, cancelled) = told.entry((session.day, session.permanence)).or_default();
            *held |= session.tally.held.is_some();
            *cancelled |= session.tally.cancelled;
        }
        let mut fates = Fates::default();
        for planned in &self.planned {
            match told.get(&(planned.day, planned.permanence)) {
                Some((true, _)) => fates.held += 1,
                Some((false, true)) => fates.cancelled += 1,
                Some((false, false)) | None => fates.unknown += 1,
            }
        }
        fates
    }

    /// Whether anything that is known was invented.
    #[must_use]
    pub fn is_synthetic(&self) -> bool {
        let invented = |known: &Known| {
            let costs = known.costs.values();
            known.experiment.synthetic
                || known.permanences.values().any(|it| it.synthetic)
                || known
                    .venues
                    .values()
                    .filter_map(|it| it.agreed.as_ref())
                    .any(|it| it.synthetic)
                || costs
                    .filter_map(|it| it.recorded.as_ref())
                    .any(|it| it.synthetic)
        };
        self.experiments.iter().any(|known| invented(known))
            || self
                .sessions
                .iter()
                .any(|it| it.tally.entries.synthetic > 0)
    }

    /// The parts of the period in which an experiment runs.
    #[must_use]
    pub fn running(&self, known: &Known) -> Vec<Period> {
        let mut running = Vec::new();
        for phase in known.experiment.phases() {
            if !matches!(phase.status, Status::Running | Status::MadePermanent) {
                continue;
            }
            let from = phase
                .from
                .map_or(self.period.from, |from| from.max(self.period.from));
            let last = phase.to.and_then(|to| to.pred_opt());
            let until = last.map_or(self.period.until, |last| last.min(self.period.until));
            if from <= until {
                running.push(Period { from, until });
            }
        }
        running
    }

    /// On how many days of the period an experiment runs.
    #[must_use]
    pub fn days_running(&self, known: &Known) -> u64 {
        let running = self.running(known);
        let days = running.iter().map(|run| u64::try_from(run.days()));
        days.map(|days| days.unwrap_or(0)).sum()
    }

    /// The operators that requests name, those out of the bundle apart.
    #[must_use]
    pub fn operators(&self) -> BTreeSet<&'a Slug> {
        let sessions = self.sessions.iter().copied();
        let requests = sessions.flat_map(|it| it.tally.requests.iter());
        requests
            .filter_map(|asked| asked.operator.as_ref())
            .collect()
    }
}
