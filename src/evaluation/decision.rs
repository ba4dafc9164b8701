//! Decisions, and what they were taken on: criterion by criterion, as it was known then.

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    facts::{Facts, Known, Selection},
    indicator::{self, Definition, REGISTRY},
    measure::{Measure, Verdict},
};
use crate::domain::{
    event::Stated,
    experiment::{Comparison, Criterion, Evidence, Experiment, Figure},
    terms::{Period, Position, Slug},
};

/// What kind of decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An extension.
    Extension,
    /// The refusal of one.
    ExtensionRefusal,
    /// It was made permanent.
    MadePermanent,
    /// It was closed.
    Closure,
}

impl Kind {
    /// Its name, in French.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Extension => "prolongation",
            Self::ExtensionRefusal => "refus de prolongation",
            Self::MadePermanent => "pérennisation",
            Self::Closure => "fermeture",
        }
    }
}

/// A decision on an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The day it was taken, or takes effect.
    pub on: NaiveDate,
    /// Where it was recorded.
    pub recorded_at: Position,
    /// What it was taken on, where it says so.
    pub evidence: Option<&'a Evidence>,
}

/// The decisions on an experiment, in the order they were taken.
#[must_use]
pub fn decisions(experiment: &Experiment) -> Vec<Decision<'_>> {
    let mut found = Vec::new();
    let extensions = experiment.extensions.iter();
    found.extend(extensions.map(|it| taken(Kind::Extension, it, Some(&it.what.evidence))));
    let refusals = experiment.extension_refusals.iter();
    found.extend(refusals.map(|it| taken(Kind::ExtensionRefusal, it, Some(&it.what.evidence))));
    let permanent = experiment.made_permanent.iter();
    found.extend(permanent.map(|it| taken(Kind::MadePermanent, it, Some(&it.what.evidence))));
    let closed = experiment.closed.iter();
    found.extend(closed.map(|it| taken(Kind::Closure, it, it.what.evidence.as_ref())));
    found.sort_by_key(|decision| (decision.on, decision.recorded_at));
    found
}

fn taken<'a, T>(kind: Kind, stated: &Stated<T>, evidence: Option<&'a Evidence>) -> Decision<'a> {
    Decision {
        kind,
        on: stated.valid.from,
        recorded_at: stated.position,
        evidence,
    }
}

/// The period that the figures of a decision are of: from the launch to the day of the decision;
/// nothing where nothing was launched by then.
#[must_use]
pub fn period(experiment: &Experiment, on: NaiveDate) -> Option<Period> {
    let launch = experiment.launch.as_ref()?;
    let from = launch.valid.from;
    (from <= on).then_some(Period { from, until: on })
}

/// Whether a criterion is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is.
    Met,
    /// It is not.
    NotMet,
    /// It cannot be told: fewer observations than the criterion asks for.
    TooFew,
    /// It cannot be told: nothing was measured.
    NothingMeasured,
    /// It cannot be told: no indicator has that code.
    UnknownIndicator,
}

impl Outcome {
    /// Its name, in French.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Met => "atteint",
            Self::NotMet => "non atteint",
            Self::TooFew => "ne peut être dit : trop peu d’observations",
            Self::NothingMeasured => "ne peut être dit : rien n’a été mesuré",
            Self::UnknownIndicator => "ne peut être dit : aucun indicateur n’a ce code",
        }
    }
}

/// A criterion, held against what was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    /// The criterion.
    pub criterion: Criterion,
    /// Where it was fixed, and as which of those that were fixed there: the same may be fixed twice.
    pub fixed: (Position, usize),
    /// Whether it came after the launch.
    pub post_hoc: bool,
    /// The indicator's definition, where there is one.
    pub definition: Option<&'static Definition>,
    /// What was measured.
    pub measure: Option<Measure>,
    /// Whether it is met.
    pub outcome: Outcome,
    /// Whether the whole interval lies on the same side of the threshold; none where there is no
    /// interval, or nothing can be told.
    pub clear: Option<bool>,
}

/// What a decision rests on, as known at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    /// Of what the figures are: the experiment, from its launch to the day of the decision.
    pub of: Selection,
    /// Each criterion, held against what was measured.
    pub criteria: Vec<Assessed>,
    /// How many of those who were asked answered.
    pub response_rate: Option<(&'static Definition, Measure)>,
    /// The figures that the decision cites, computed anew, in the order it cites them; none where no
    /// indicator has such a code.
    pub cited: Vec<Option<(&'static Definition, Measure)>>,
}

/// The code of the figure that tells whether feedback can carry a decision.
const RESPONSE_RATE: &str = "response-rate";

/// What a decision of an experiment rests on, by what is known of it, asked on `on`; nothing where
/// the decision is older than the launch.
#[must_use]
pub fn basis(known: &Known, taken: NaiveDate, cited: &[Figure], on: NaiveDate) -> Option<Basis> {
    let facts = Facts::new(&[known], period(&known.experiment, taken)?, on);
    let response = indicator::of_code(RESPONSE_RATE);
    Some(Basis {
        of: facts.selection(),
        criteria: assess(known, &facts),
        response_rate: response.and_then(|it| {
            let measure = (it.measure)(&facts).into_iter().next()?;
            Some((&it.definition, measure))
        }),
        cited: cited
            .iter()
            .map(|cited| figure(&facts, &cited.indicator))
            .collect(),
    })
}

/// Holds the criteria of one experiment against some facts of it, in the order they were fixed.
#[must_use]
pub fn assess(known: &Known, facts: &Facts<'_>) -> Vec<Assessed> {
    let sets = known.experiment.criteria.iter();
    let criteria = sets.flat_map(|set| {
        let criteria = set.fixed.what.criteria.iter().enumerate();
        criteria.map(|(index, criterion)| (criterion, (set.fixed.position, index), set.post_hoc))
    });
    criteria
        .map(|(criterion, fixed, post_hoc)| {
            let found = figure(facts, &criterion.indicator);
            let (outcome, clear) = found
                .as_ref()
                .map_or((Outcome::UnknownIndicator, None), |(_, measure)| {
                    hold(criterion, measure)
                });
            let (definition, measure) = found.unzip();
            Assessed {
                criterion: criterion.clone(),
                fixed,
                post_hoc,
                definition,
                measure,
                outcome,
                clear,
            }
        })
        .collect()
}

/// The figure of a code: an indicator's first, or one of its parts.
#[must_use]
pub fn figure(facts: &Facts<'_>, code: &Slug) -> Option<(&'static Definition, Measure)> {
    let code = code.as_str();
    let mut indicators = REGISTRY
        .into_iter()
        .filter(|it| code.starts_with(it.definition.code));
    indicators.find_map(|indicator| {
        let definition = &indicator.definition;
        let mut measures = (indicator.measure)(facts).into_iter();
        let found = measures.find(|measure| measure.code(definition) == code)?;
        Some((definition, found))
    })
}

/// Whether a figure that is cited is the one that was computed, to the decimals that are cited.
#[must_use]
pub fn agrees(cited: Decimal, computed: Decimal) -> bool {
    let digits = cited.scale();
    computed.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero) == cited
}

fn hold(criterion: &Criterion, measure: &Measure) -> (Outcome, Option<bool>) {
    if measure.n < u64::from(criterion.minimum_n) {
        return (Outcome::TooFew, None);
    }
    // A norm is met, or it is not: 1 or 0.
    let norm = measure.verdict.and_then(|verdict| match verdict {
        Verdict::Meets => Some(Decimal::ONE),
        Verdict::Fails => Some(Decimal::ZERO),
        Verdict::Undetermined => None,
    });
    let Some(value) = measure.value.or(norm) else {
        return (Outcome::NothingMeasured, None);
    };
    let meets = |value: Decimal| match criterion.comparison {
        Comparison::AtLeast => value >= criterion.threshold,
        Comparison::AtMost => value <= criterion.threshold,
    };
    let met = meets(value);
    let interval = measure.interval.as_ref();
    let clear = interval.map(|it| meets(it.lower) == met && meets(it.upper) == met);
    (if met { Outcome::Met } else { Outcome::NotMet }, clear)
}
