//! Events of an experiment, and what each says.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    count::AssertedCount,
    hub::DesignatedHub,
    impact::{Baseline, ComparisonZone},
};
use crate::domain::{
    event::Reason,
    terms::{InseeCode, Label, Position, Slug, Title, Words},
};

/// What can happen to an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ExperimentEvent {
    /// Hypotheses and success criteria were fixed.
    CriteriaFixed(FixedCriteria),
    /// It was launched; its validity begins on the first day.
    Launched(Launch),
    /// A source asserted when it ends; several may disagree.
    EndAsserted(AssertedEnd),
    /// A source asserted something else about it; several may disagree.
    StatementRecorded(Statement),
    /// It was extended beyond its end.
    Extended(Extension),
    /// An extension was refused.
    ExtensionRefused(ExtensionRefusal),
    /// It was suspended.
    Suspended(Reason),
    /// It was resumed.
    Resumed(Resumption),
    /// It was made permanent.
    MadePermanent(MadePermanent),
    /// It was closed; its validity begins on the first day without it.
    Closed(Closure),
    /// Its hub was closed for works.
    HubClosed(Reason),
    /// Its hub was reopened.
    HubReopened(Resumption),
    /// A zone was designated that it is compared with.
    ComparisonZoneDesignated(ComparisonZone),
    /// What it is compared with was counted.
    BaselineMeasured(Baseline),
    /// It was told which labelled site its hub is; its validity begins on the first day it is so.
    HubDesignated(DesignatedHub),
    /// A source asserted a count as a whole; its validity is the period counted. Several may
    /// disagree.
    CountAsserted(AssertedCount),
}

impl ExperimentEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::CriteriaFixed(_) => "criteria-fixed",
            Self::Launched(_) => "experiment-launched",
            Self::EndAsserted(_) => "end-asserted",
            Self::StatementRecorded(_) => "statement-recorded",
            Self::Extended(_) => "experiment-extended",
            Self::ExtensionRefused(_) => "extension-refused",
            Self::Suspended(_) => "experiment-suspended",
            Self::Resumed(_) => "experiment-resumed",
            Self::MadePermanent(_) => "experiment-made-permanent",
            Self::Closed(_) => "experiment-closed",
            Self::HubClosed(_) => "hub-closed-for-works",
            Self::HubReopened(_) => "hub-reopened",
            Self::ComparisonZoneDesignated(_) => "comparison-zone-designated",
            Self::BaselineMeasured(_) => "baseline-measured",
            Self::HubDesignated(_) => "hub-designated",
            Self::CountAsserted(_) => "count-asserted",
        }
    }
}

/// Hypotheses and success criteria, fixed together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedCriteria {
    /// The name of the experiment they are fixed for.
    pub title: Title,
    /// What the experiment is expected to show.
    pub hypothesis: Words,
    /// The criteria.
    pub criteria: Vec<Criterion>,
}

/// One success criterion: an indicator, a threshold, and how many observations it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// The indicator's code.
    pub indicator: Slug,
    /// On which side of the threshold success lies.
    pub comparison: Comparison,
    /// The threshold, in the indicator's own unit.
    pub threshold: Decimal,
    /// How many observations it takes before anything can be told.
    pub minimum_n: u32,
}

/// On which side of a threshold success lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The threshold or more.
    AtLeast,
    /// The threshold or less.
    AtMost,
}

/// The terms of a launch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// The experiment's name.
    pub title: Title,
    /// The model it tries.
    pub model: DeliveryModel,
    /// The model in the source's own terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_detail: Option<Words>,
    /// The organisation that carries it.
    pub carrier: Title,
    /// The labelled site it starts from.
    pub hub: Hub,
    /// The communes it serves.
    pub zone: BTreeSet<InseeCode>,
    /// The operators whose services it gives access to, in the source's order.
    pub operators: Vec<OperatorRef>,
    /// The last day it is planned for.
    pub planned_end: NaiveDate,
}

/// A mobile model of delivering the services of a public counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryModel {
    /// Desk officers of the hub hold weekly permanences in town halls and postal agencies.
    WeeklyPermanences,
    /// A postal worker gives access to the services.
    PostalServiceExpert,
    /// A desk officer roves between partners while the hub is closed for works.
    RovingDesk,
    /// Another model, told in words.
    Other,
}

impl DeliveryModel {
    /// The code it is stored and filtered by.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WeeklyPermanences => "weekly-permanences",
            Self::PostalServiceExpert => "postal-service-expert",
            Self::RovingDesk => "roving-desk",
            Self::Other => "other",
        }
    }

    /// The model of a code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        let all = [
            Self::WeeklyPermanences,
            Self::PostalServiceExpert,
            Self::RovingDesk,
            Self::Other,
        ];
        all.into_iter().find(|model| model.code() == code)
    }

    /// Its name, in French.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WeeklyPermanences => "permanences hebdomadaires",
            Self::PostalServiceExpert => "facteur services-expert",
            Self::RovingDesk => "guichet itinérant pendant des travaux",
            Self::Other => "autre modèle",
        }
    }
}

/// The labelled site an experiment starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hub {
    /// Its name.
    pub name: Title,
    /// Its commune.
    pub commune: InseeCode,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Label>,
}

/// An operator, under the name it bore then. Operators are dated data, never an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorRef {
    /// Its stable code.
    pub code: Slug,
    /// Its name at that time.
    pub name: Title,
}

/// An end, as a source asserts it. Its validity begins on the day of the assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertedEnd {
    /// The last day, as the source gives it or as it is read.
    pub end: NaiveDate,
    /// How the source puts it, where that is not a plain date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
}

/// Something a source asserts, kept in words beside what other sources assert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What it is about.
    pub topic: Topic,
    /// What is asserted.
    pub words: Words,
}

/// What a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// How the model works and who holds it.
    Model,
    /// Where permanences are held.
    Venues,
    /// The hub's opening hours.
    HubHours,
    /// What was done and for how many.
    Activity,
    /// Money.
    Funding,
    /// Anything else.
    Other,
}

/// A stated ground of an extension or of its refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// The first feedback of users.
    EarlyFeedback,
    /// The relevance of the model.
    ModelRelevance,
}

/// What a decision was taken on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The position of the log that was known when it was taken.
    pub position: Position,
    /// The reasons, in words.
    pub reasons: Words,
    /// The figures that were cited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
}

/// A figure cited as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The indicator's code.
    pub indicator: Slug,
    /// Its value, in the indicator's own unit.
    pub value: Decimal,
    /// The unit, and what one of it is: a count is never given without it.
    pub unit: Label,
    /// How many observations it rests on, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
}

/// An extension. Its validity begins on the day it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The new last day.
    pub new_end: NaiveDate,
    /// The stated grounds.
    pub grounds: BTreeSet<Ground>,
    /// What it was decided on.
    pub evidence: Evidence,
}

/// The refusal of an extension. Its validity begins on the day it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionRefusal {
    /// The stated grounds.
    pub grounds: BTreeSet<Ground>,
    /// What it was decided on.
    pub evidence: Evidence,
}

/// The end of an interruption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// A remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Words>,
}

/// An experiment made permanent. Its validity begins on the first day it is so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadePermanent {
    /// What it was decided on.
    pub evidence: Evidence,
}

/// The closing of an experiment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// Why.
    pub reason: Words,
    /// What it was decided on, where it was decided on evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}
