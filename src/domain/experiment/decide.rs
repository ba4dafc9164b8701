//! What may be asked of an experiment, and when it is refused.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    count::{self, AssertedCount},
    event::{
        AssertedEnd, Closure, Evidence, ExperimentEvent, Extension, ExtensionRefusal,
        FixedCriteria, Ground, Launch, MadePermanent, Resumption, Statement,
    },
    hub::{self, DesignatedHub},
    impact::{self, Baseline, ComparisonZone},
    state::Experiment,
};
use crate::domain::{
    event::{Event, ExperimentKey, Reason, Saying, Stated},
    interruption::Step,
    refusal::{Refusal, Subject},
    terms::{
        ExperimentId, InseeCode, Position,
        time::{check_date, last_day_after, morrow},
    },
    world::World,
};

/// An experiment is tried for at least so many months (press release of 6 May 2021).
pub const MINIMUM_MONTHS: u32 = 3;
/// The most criteria fixed together, figures cited, operators named.
const LIST_MAX: usize = 100;
/// The most communes of a zone: more than any département has.
const ZONE_MAX: usize = 1000;

/// What may be asked of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExperimentCommand {
    /// Fix hypotheses and success criteria.
    FixCriteria(FixedCriteria),
    /// Launch it.
    Launch(Launch),
    /// Record when a source says that it ends.
    AssertEnd(AssertedEnd),
    /// Record what else a source says of it.
    RecordStatement(Statement),
    /// Extend it beyond its end.
    Extend(Extension),
    /// Refuse to extend it.
    RefuseExtension(ExtensionRefusal),
    /// Suspend it.
    Suspend(Reason),
    /// Resume it.
    Resume(Resumption),
    /// Make it permanent.
    MakePermanent(MadePermanent),
    /// Close it.
    Close(Closure),
    /// Close its hub for works.
    CloseHub(Reason),
    /// Reopen its hub.
    ReopenHub(Resumption),
    /// Designate a zone that it is compared with.
    DesignateComparisonZone(ComparisonZone),
    /// Record what was counted, to compare it with.
    MeasureBaseline(Baseline),
    /// Record which labelled site its hub is.
    DesignateHub(DesignatedHub),
    /// Record what a source counted as a whole.
    AssertCount(AssertedCount),
}

impl ExperimentCommand {
    /// The command that an event came of.
    #[must_use]
    pub fn of(event: &ExperimentEvent) -> Self {
        match event.clone() {
            ExperimentEvent::CriteriaFixed(criteria) => Self::FixCriteria(criteria),
            ExperimentEvent::Launched(launch) => Self::Launch(launch),
            ExperimentEvent::EndAsserted(end) => Self::AssertEnd(end),
            ExperimentEvent::StatementRecorded(statement) => Self::RecordStatement(statement),
            ExperimentEvent::Extended(extension) => Self::Extend(extension),
            ExperimentEvent::ExtensionRefused(refusal) => Self::RefuseExtension(refusal),
            ExperimentEvent::Suspended(reason) => Self::Suspend(reason),
            ExperimentEvent::Resumed(resumption) => Self::Resume(resumption),
            ExperimentEvent::MadePermanent(decision) => Self::MakePermanent(decision),
            ExperimentEvent::Closed(closure) => Self::Close(closure),
            ExperimentEvent::HubClosed(reason) => Self::CloseHub(reason),
            ExperimentEvent::HubReopened(resumption) => Self::ReopenHub(resumption),
            ExperimentEvent::ComparisonZoneDesignated(zone) => Self::DesignateComparisonZone(zone),
            ExperimentEvent::BaselineMeasured(baseline) => Self::MeasureBaseline(baseline),
            ExperimentEvent::HubDesignated(hub) => Self::DesignateHub(hub),
            ExperimentEvent::CountAsserted(count) => Self::AssertCount(count),
        }
    }
}

/// Decides a command; see [`decide`](crate::domain::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    id: ExperimentId,
    command: &ExperimentCommand,
    saying: &Saying,
    head: Position,
) -> Result<Option<Event>, Refusal> {
    let unknown = Experiment::default();
    let known = world.experiment(id).unwrap_or(&unknown);
    let event = match command {
        ExperimentCommand::FixCriteria(criteria) => fix_criteria(known, criteria, saying)?,
        ExperimentCommand::Launch(launch) => self::launch(known, launch, saying)?,
        ExperimentCommand::AssertEnd(end) => assert_end(known, end, saying)?,
        ExperimentCommand::RecordStatement(statement) => {
            launched(known)?;
            unless_said(known.statements.iter(), statement, saying)
                .then(|| ExperimentEvent::StatementRecorded(statement.clone()))
        }
        ExperimentCommand::Extend(extension) => extend(known, extension, saying, head)?,
        ExperimentCommand::RefuseExtension(refusal) => {
            if !unless_said(known.extension_refusals.iter(), refusal, saying) {
                return Ok(None);
            }
            undecided_on(known, saying.valid.from)?;
            grounds(&refusal.grounds)?;
            evidence(&refusal.evidence, head)?;
            Some(ExperimentEvent::ExtensionRefused(refusal.clone()))
        }
        ExperimentCommand::Suspend(reason) => suspend(known, reason, saying)?,
        ExperimentCommand::Resume(resumption) => resume(known, resumption, saying)?,
        ExperimentCommand::MakePermanent(decision) => {
            if already(known.made_permanent.as_ref(), decision, saying) {
                return Ok(None);
            }
            undecided(known, saying.valid.from)?;
            evidence(&decision.evidence, head)?;
            Some(ExperimentEvent::MadePermanent(decision.clone()))
        }
        ExperimentCommand::Close(closure) => {
            if already(known.closed.as_ref(), closure, saying) {
                return Ok(None);
            }
            undecided(known, saying.valid.from)?;
            if let Some(cited) = &closure.evidence {
                evidence(cited, head)?;
            }
            Some(ExperimentEvent::Closed(closure.clone()))
        }
        ExperimentCommand::CloseHub(reason) => close_hub(known, reason, saying)?,
        ExperimentCommand::ReopenHub(resumption) => reopen_hub(known, resumption, saying)?,
        ExperimentCommand::DesignateComparisonZone(zone) => impact::designate(known, zone, saying)?,
        ExperimentCommand::MeasureBaseline(baseline) => impact::measure(known, baseline, saying)?,
        ExperimentCommand::DesignateHub(hub) => hub::designate(world, known, *hub, saying)?,
        ExperimentCommand::AssertCount(count) => count::assert(known, count, saying)?,
    };
    Ok(event.map(|event| Event::Experiment(ExperimentKey { experiment: id }, event)))
}

fn suspend(
    known: &Experiment,
    reason: &Reason,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    not_before_start(known, saying.valid.from)?;
    match known.suspensions.begin(saying, reason) {
        Ok(Step::New) => {
            open_on(known, saying.valid.from)?;
            Ok(Some(ExperimentEvent::Suspended(reason.clone())))
        }
        Ok(Step::Already) => Ok(None),
        Err(since) => Err(Refusal::AlreadySuspended {
            subject: Subject::Experiment,
            since,
        }),
    }
}

fn resume(
    known: &Experiment,
    resumption: &Resumption,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    not_before_start(known, saying.valid.from)?;
    match known.suspensions.finish(saying.valid.from) {
        Some(Step::New) => {
            open_on(known, saying.valid.from)?;
            Ok(Some(ExperimentEvent::Resumed(resumption.clone())))
        }
        Some(Step::Already) => Ok(None),
        None => Err(Refusal::NotSuspended {
            subject: Subject::Experiment,
            on: saying.valid.from,
        }),
    }
}

fn close_hub(
    known: &Experiment,
    reason: &Reason,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    launched(known)?;
    match known.hub_closures.begin(saying, reason) {
        Ok(Step::New) => Ok(Some(ExperimentEvent::HubClosed(reason.clone()))),
        Ok(Step::Already) => Ok(None),
        Err(since) => Err(Refusal::HubAlreadyClosed { since }),
    }
}

fn reopen_hub(
    known: &Experiment,
    resumption: &Resumption,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    launched(known)?;
    match known.hub_closures.finish(saying.valid.from) {
        Some(Step::New) => Ok(Some(ExperimentEvent::HubReopened(resumption.clone()))),
        Some(Step::Already) => Ok(None),
        None => Err(Refusal::HubNotClosed {
            on: saying.valid.from,
        }),
    }
}

fn fix_criteria(
    known: &Experiment,
    fixed: &FixedCriteria,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    if known
        .criteria
        .last()
        .is_some_and(|last| last.fixed.says(fixed, saying))
    {
        return Ok(None);
    }
    not_closed(known)?;
    if fixed.criteria.is_empty() {
        return Err(Refusal::NoCriterion);
    }
    list_fits(fixed.criteria.len())?;
    let mut seen = BTreeSet::new();
    if let Some(twice) = fixed
        .criteria
        .iter()
        .find(|criterion| !seen.insert(&criterion.indicator))
    {
        return Err(Refusal::CriterionTwice {
            indicator: twice.indicator.clone(),
        });
    }
    Ok(Some(ExperimentEvent::CriteriaFixed(fixed.clone())))
}

fn launch(
    known: &Experiment,
    terms: &Launch,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    if let Some(launched) = &known.launch {
        return if launched.says(terms, saying) {
            Ok(None)
        } else {
            Err(Refusal::AlreadyLaunched {
                on: launched.valid.from,
            })
        };
    }
    check_date(terms.planned_end)?;
    let earliest_end = last_day_after(saying.valid.from, MINIMUM_MONTHS);
    if terms.planned_end < earliest_end {
        return Err(Refusal::PlannedTooShort {
            planned_end: terms.planned_end,
            earliest_end,
        });
    }
    zone_fits(&terms.zone)?;
    for comparison in &known.comparison_zones {
        impact::apart(&terms.zone, &comparison.what.zone)?;
    }
    terms.hub.commune.check()?;
    if !terms.zone.contains(&terms.hub.commune) {
        return Err(Refusal::HubOutsideZone {
            commune: terms.hub.commune,
        });
    }
    if terms.operators.is_empty() {
        return Err(Refusal::NoOperator);
    }
    list_fits(terms.operators.len())?;
    let mut seen = BTreeSet::new();
    if let Some(twice) = terms
        .operators
        .iter()
        .find(|operator| !seen.insert(&operator.code))
    {
        return Err(Refusal::OperatorTwice {
            code: twice.code.clone(),
        });
    }
    Ok(Some(ExperimentEvent::Launched(terms.clone())))
}

fn assert_end(
    known: &Experiment,
    end: &AssertedEnd,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    launched(known)?;
    check_date(end.end)?;
    if let Some(start) = known.exact_start()
        && end.end < start
    {
        return Err(Refusal::EndBeforeStart {
            end: end.end,
            start,
        });
    }
    if !unless_said(known.ends.iter(), end, saying) {
        return Ok(None);
    }
    Ok(Some(ExperimentEvent::EndAsserted(end.clone())))
}

fn extend(
    known: &Experiment,
    extension: &Extension,
    saying: &Saying,
    head: Position,
) -> Result<Option<ExperimentEvent>, Refusal> {
    if !unless_said(known.extensions.iter(), extension, saying) {
        return Ok(None);
    }
    let day = saying.valid.from;
    undecided_on(known, day)?;
    check_date(extension.new_end)?;
    if let Some(end) = known.end_in_force_on(day)
        && extension.new_end <= end
    {
        return Err(Refusal::EndNotLater {
            new_end: extension.new_end,
            end,
        });
    }
    grounds(&extension.grounds)?;
    evidence(&extension.evidence, head)?;
    Ok(Some(ExperimentEvent::Extended(extension.clone())))
}

/// Refuses too large a zone, or a commune that is none.
pub(super) fn zone_fits(zone: &BTreeSet<InseeCode>) -> Result<(), Refusal> {
    if zone.len() > ZONE_MAX {
        return Err(Refusal::TooMany { max: ZONE_MAX });
    }
    zone.iter().try_for_each(InseeCode::check)
}

pub(super) fn unless_said<'a, T: PartialEq + 'a>(
    mut known: impl Iterator<Item = &'a Stated<T>>,
    what: &T,
    saying: &Saying,
) -> bool {
    !known.any(|known| known.says(what, saying))
}

fn already<T: PartialEq>(known: Option<&Stated<T>>, what: &T, saying: &Saying) -> bool {
    known.is_some_and(|known| known.says(what, saying))
}

/// The first day of an experiment that was launched.
pub(super) fn launched(known: &Experiment) -> Result<NaiveDate, Refusal> {
    if known.is_unknown() {
        return Err(Refusal::UnknownExperiment);
    }
    match &known.launch {
        Some(launch) => Ok(launch.valid.from),
        None => Err(Refusal::NotLaunched),
    }
}

fn not_before_start(known: &Experiment, day: NaiveDate) -> Result<(), Refusal> {
    launched(known)?;
    match known.exact_start() {
        Some(start) if day < start => Err(Refusal::BeforeLaunch { start }),
        _ => Ok(()),
    }
}

fn not_closed(known: &Experiment) -> Result<(), Refusal> {
    match &known.closed {
        Some(closed) => Err(Refusal::ExperimentClosed {
            on: closed.valid.from,
        }),
        None => Ok(()),
    }
}

/// Launched by `day`, and its fate still open on it. What was decided before its fate was may be
/// recorded after it.
fn undecided_on(known: &Experiment, day: NaiveDate) -> Result<(), Refusal> {
    open_on(known, day)?;
    match &known.made_permanent {
        Some(made) if made.valid.from <= day => Err(Refusal::AlreadyMadePermanent {
            on: made.valid.from,
        }),
        _ => Ok(()),
    }
}

/// Launched by `day`, and its fate decided at no time: it has but one.
fn undecided(known: &Experiment, day: NaiveDate) -> Result<(), Refusal> {
    not_before_start(known, day)?;
    not_closed(known)?;
    match &known.made_permanent {
        Some(made) => Err(Refusal::AlreadyMadePermanent {
            on: made.valid.from,
        }),
        None => Ok(()),
    }
}

fn grounds(grounds: &BTreeSet<Ground>) -> Result<(), Refusal> {
    if grounds.is_empty() {
        Err(Refusal::NoGround)
    } else {
        Ok(())
    }
}

fn evidence(evidence: &Evidence, head: Position) -> Result<(), Refusal> {
    list_fits(evidence.figures.len())?;
    if evidence.position > head {
        return Err(Refusal::EvidenceAhead {
            position: evidence.position,
            head,
        });
    }
    Ok(())
}

fn list_fits(length: usize) -> Result<(), Refusal> {
    if length > LIST_MAX {
        Err(Refusal::TooMany { max: LIST_MAX })
    } else {
        Ok(())
    }
}

/// The experiment, of which something is known.
///
/// # Errors
/// [`Refusal::UnknownExperiment`].
pub(in crate::domain) fn known(world: &World, id: ExperimentId) -> Result<&Experiment, Refusal> {
    let known = world.experiment(id).filter(|known| !known.is_unknown());
    known.ok_or(Refusal::UnknownExperiment)
}

/// Refuses what happens at an experiment that is not launched by `day`, or is over.
///
/// # Errors
/// [`Refusal::UnknownExperiment`], [`Refusal::NotLaunched`], [`Refusal::BeforeLaunch`] or
/// [`Refusal::ExperimentClosed`].
pub(in crate::domain) fn open_on(known: &Experiment, day: NaiveDate) -> Result<(), Refusal> {
    not_before_start(known, day)?;
    match &known.closed {
        Some(closed) if closed.valid.from < morrow(day) => Err(Refusal::ExperimentClosed {
            on: closed.valid.from,
        }),
        _ => Ok(()),
    }
}
