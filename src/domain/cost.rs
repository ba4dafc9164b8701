//! A cost of an experiment: what it is for, whether it is estimated or actual, and how much of it
//! the experiment bears. In the order Events / Fold / Decisions; what is asked is the event itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    event::{Event, Recorded, Saying, Stated},
    experiment,
    refusal::Refusal,
    subject::Key,
    terms::{AgreementId, Cents, CostId, ExperimentId, Label, Position, Words},
    world::World,
};

/// What can happen to a cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CostEvent {
    /// It was recorded; its validity is the period it is of, both days included.
    Recorded(CostTerms),
}

impl CostEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Recorded(_) => "cost-recorded",
        }
    }
}

/// Names a cost and the experiment that bears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostKey {
    /// The experiment.
    pub experiment: ExperimentId,
    /// The cost.
    pub cost: CostId,
}

impl Key for CostKey {
    type Id = CostId;
    fn id(self) -> CostId {
        self.cost
    }
    fn experiment(self) -> Option<ExperimentId> {
        Some(self.experiment)
    }
}

impl From<CostKey> for CostId {
    fn from(key: CostKey) -> Self {
        key.cost
    }
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostTerms {
    /// What it is for.
    pub category: CostCategory,
    /// Whether it is estimated or actual.
    pub nature: CostNature,
    /// Whether there would be none of it without the experiment.
    pub origin: CostOrigin,
    /// The whole of it, the part that others bear included.
    pub amount: Cents,
    /// How much of it falls to the experiment, and by what key.
    pub allocation: Allocation,
    /// What it was for, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
    /// The funding agreement that it is paid from, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<AgreementId>,
    /// The estimate that it takes the place of, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<CostId>,
}

impl CostTerms {
    /// What the experiment bears of it.
    #[must_use]
    pub fn allotted(&self) -> Cents {
        match &self.allocation {
            Allocation::Direct => self.amount,
            Allocation::Share { parts, of, .. } => self.amount.share(*parts, *of),
        }
    }
}

/// What a cost is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CostCategory {
    /// Personnel.
    Staff,
    /// Déplacements.
    Travel,
    /// Locaux.
    Premises,
    /// Matériel.
    Equipment,
    /// Formation.
    Training,
    /// Communication.
    Communication,
    /// Something else.
    Other,
}

/// Whether a cost is estimated or actual: the two are never added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CostNature {
    /// Estimated.
    Estimated,
    /// Actual.
    Actual,
}

/// Whether there would be a cost without the experiment. The marginal cost of an experiment is
/// what it adds; the full one is all that it bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CostOrigin {
    /// There would be none without the experiment.
    Marginal,
    /// It would be borne anyhow.
    Standing,
    /// No source says.
    Unknown,
}

/// How much of a cost falls to the experiment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allocation {
    /// All of it.
    Direct,
    /// So many of so many equal parts.
    Share {
        /// The parts that fall to the experiment.
        parts: u32,
        /// All parts.
        of: u32,
        /// What is counted, such as hours held.
        key: Label,
    },
}

/// A cost, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// The experiment that bears it.
    pub experiment: Option<ExperimentId>,
    /// What was recorded.
    pub recorded: Option<Stated<CostTerms>>,
}

impl Cost {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, key: CostKey, event: &CostEvent, recorded: &Recorded) {
        self.experiment = Some(key.experiment);
        match event {
            CostEvent::Recorded(terms) => self.recorded = Some(recorded.stated(terms.clone())),
        }
    }
}

/// Decides whether an event can be recorded; see [`decide`](super::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    key: CostKey,
    asked: &CostEvent,
    saying: &Saying,
) -> Result<Option<Event>, Refusal> {
    let CostEvent::Recorded(terms) = asked;
    let unknown = Cost::default();
    let known = world.cost(key.cost).unwrap_or(&unknown);
    if let Some(recorded) = &known.recorded {
        return if known.experiment == Some(key.experiment) && recorded.says(terms, saying) {
            Ok(None)
        } else {
            Err(Refusal::CostAlreadyRecorded)
        };
    }
    experiment::known(world, key.experiment)?;
    if saying.valid.until.is_none() {
        return Err(Refusal::NoLastDay);
    }
    if let Allocation::Share { parts, of, .. } = terms.allocation
        && !(1..=of).contains(&parts)
    {
        return Err(Refusal::ImpossibleShare { parts, of });
    }
    if let Some(id) = terms.agreement {
        let agreement = world.agreement(id);
        match agreement.filter(|agreement| agreement.signed.is_some()) {
            None => return Err(Refusal::UnknownAgreement),
            Some(agreement) if !agreement.covers(key.experiment) => {
                return Err(Refusal::AgreementOfOtherExperiments);
            }
            Some(_) => {}
        }
    }
    if let Some(id) = terms.estimate {
        replaces(world, key.experiment, terms.nature, id)?;
    }
    Ok(Some(Event::Cost(key, asked.clone())))
}

/// Refuses to take the place of what is no estimate of the same experiment.
fn replaces(
    world: &World,
    experiment: ExperimentId,
    nature: CostNature,
    estimate: CostId,
) -> Result<(), Refusal> {
    if nature == CostNature::Estimated {
        return Err(Refusal::EstimateReplacesNothing);
    }
    let Some(known) = world.cost(estimate) else {
        return Err(Refusal::UnknownCost);
    };
    let Some(recorded) = &known.recorded else {
        return Err(Refusal::UnknownCost);
    };
    if known.experiment != Some(experiment) {
        return Err(Refusal::CostOfAnotherExperiment);
    }
    match recorded.what.nature {
        CostNature::Estimated => Ok(()),
        CostNature::Actual => Err(Refusal::NotAnEstimate),
    }
}

/// What some costs come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CostSum {
    /// How many they are.
    pub count: u64,
    /// The whole of them, the part that others bear included.
    pub amount: Cents,
    /// What the experiment bears of them: its full cost.
    pub allotted: Cents,
    /// Of that, what there would be none of without the experiment: its marginal cost.
    pub marginal: Cents,
    /// Of that, what no source says of whether it is marginal.
    pub unknown: Cents,
    /// Of that, the estimates that actual costs took the place of.
    pub replaced: Cents,
}

impl CostSum {
    /// What one cost comes to.
    #[must_use]
    pub fn of(terms: &CostTerms, replaced: bool) -> Self {
        let allotted = terms.allotted();
        let where_so = |so: bool| if so { allotted } else { Cents::ZERO };
        Self {
            count: 1,
            amount: terms.amount,
            allotted,
            marginal: where_so(terms.origin == CostOrigin::Marginal),
            unknown: where_so(terms.origin == CostOrigin::Unknown),
            replaced: where_so(replaced),
        }
    }

    /// The two together. Only of costs of one nature does it mean anything.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            amount: self.amount.plus(other.amount),
            allotted: self.allotted.plus(other.allotted),
            marginal: self.marginal.plus(other.marginal),
            unknown: self.unknown.plus(other.unknown),
            replaced: self.replaced.plus(other.replaced),
        }
    }
}

/// What the costs of one experiment come to, by nature and category. Each share is rounded to the
/// cent before it is added up, so that a sum is that of the shares shown.
#[must_use]
pub fn sums<'a>(
    costs: impl IntoIterator<Item = (CostId, &'a CostTerms)>,
) -> BTreeMap<(CostNature, CostCategory), CostSum> {
    let costs: Vec<(CostId, &CostTerms)> = costs.into_iter().collect();
    let replaced: BTreeSet<CostId> = costs
        .iter()
        .filter_map(|(_, terms)| terms.estimate)
        .collect();
    let mut sums: BTreeMap<(CostNature, CostCategory), CostSum> = BTreeMap::new();
    for (id, terms) in costs {
        let sum = sums.entry((terms.nature, terms.category)).or_default();
        *sum = sum.plus(CostSum::of(terms, replaced.contains(&id)));
    }
    sums
}
