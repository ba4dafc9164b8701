//! What a report is composed from: states and figures as they were known at one position.
//!
//! Who fills it reads them, and disclosure control has passed over it: for the public, whatever
//! counts people comes suppressed where it must be. Composing looks at no tally of people in
//! [`Chapter::known`]: such figures are taken from answers alone.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    domain::{
        agreement::Agreement,
        event::Source,
        experiment::Evidence,
        report::Audience,
        terms::{AgreementId, Period, Position},
    },
    evaluation::{
        Answer,
        decision::{Assessed, Basis, Decision, Kind},
        facts::Known,
    },
};

/// What a report is composed from.
#[derive(Debug, Clone)]
pub struct Material {
    /// What its files are named after: lower-case ASCII letters, digits and hyphens.
    pub code: String,
    /// What it is about, in French: "Les expérimentations de 2021".
    pub title: String,
    /// The period that figures are of, both days included.
    pub period: Period,
    /// The day it is asked on: what is later has not happened.
    pub on: NaiveDate,
    /// The position in the log that everything is as known at.
    pub position: Position,
    /// When the entry at that position was recorded; none of an empty log.
    pub recorded_at: Option<DateTime<Utc>>,
    /// The hash of the log up to that position.
    pub head: String,
    /// Who it is for.
    pub audience: Audience,
    /// The figures of the whole scope.
    pub whole: Answer,
    /// The figures by model, where there are several.
    pub by_model: Vec<Answer>,
    /// The experiments of the scope, in the order they are told in.
    pub experiments: Vec<Chapter>,
    /// The funding agreements that pay for any of them.
    pub agreements: BTreeMap<AgreementId, Agreement>,
    /// The sources of the entries that it rests on.
    pub sources: Vec<Source>,
}

/// What there is of one experiment.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// What is known of it. Its costs are all that are known of it, of whatever period.
    pub known: Known,
    /// Its figures over the period.
    pub figures: Answer,
    /// The same, week by week.
    pub weeks: Vec<Answer>,
    /// Its criteria, held against the figures of the period.
    pub criteria: Vec<Assessed>,
    /// The decisions on it, in the order they were taken.
    pub decisions: Vec<Ruling>,
    /// The entries on it, on its venues, permanences, people and costs. Those of sessions are not
    /// among them: they are counted, not told. For the public, no sentence of it tells a small count
    /// of people: one of an entry that no longer stands is left out here, not by composing.
    pub history: Vec<Told>,
}

/// An entry, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Where it stands in the log.
    pub position: Position,
    /// The day it was recorded.
    pub recorded: NaiveDate,
    /// The day it is so from, where it has one.
    pub valid: Option<NaiveDate>,
    /// The sentence, in French.
    pub sentence: String,
}

/// A decision on an experiment, and what it was taken on, computed anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// Its kind.
    pub kind: Kind,
    /// The day it was taken, or takes effect.
    pub on: NaiveDate,
    /// Where it was recorded.
    pub recorded_at: Position,
    /// What it was taken on, where it says so.
    pub evidence: Option<Evidence>,
    /// Whether the figures that it rests on are withheld from the public.
    pub withheld: bool,
    /// What it rests on, as known at the position of its evidence; none where it names none, or
    /// where nothing was launched by then.
    pub then: Option<Basis>,
    /// The same, of the same days, as known at the position of the report.
    pub now: Option<Basis>,
}

impl Ruling {
    /// A decision of which nothing is computed yet.
    #[must_use]
    pub fn new(decision: &Decision<'_>) -> Self {
        Self {
            kind: decision.kind,
            on: decision.on,
            recorded_at: decision.recorded_at,
            evidence: decision.evidence.cloned(),
            withheld: false,
            then: None,
            now: None,
        }
    }
}

impl Chapter {
    /// The experiment's name.
    #[must_use]
    pub fn name(&self) -> String {
        let title = self.known.experiment.title();
        title.map_or_else(|| self.known.id.to_string(), ToString::to_string)
    }
}
