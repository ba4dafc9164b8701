//! Decisions with what they were taken on: as it was known then, and as it is known now.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, Result, SimpleObject};

use super::{
    common::Evidence,
    decision::Criterion,
    indicator::{IndicatorFigure, Period},
};
use crate::{
    domain::{
        experiment as domain,
        terms::{self, ExperimentId},
    },
    evaluation::{
        decision::{self, Assessed, Basis},
        facts::Selection,
        indicator::Definition,
        measure::Measure,
    },
    graphql::{
        api,
        scalars::{Date, Position},
    },
    read::At,
};

/// What was decided.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "decision::Kind")]
pub(in crate::graphql) enum DecisionKind {
    /// An extension (prolongation).
    Extension,
    /// The refusal of one.
    ExtensionRefusal,
    /// It was made permanent (perennisation).
    MadePermanent,
    /// It was closed.
    Closure,
}

/// A decision on an experiment.
pub(in crate::graphql) struct Decision {
    at: At,
    experiment: ExperimentId,
    kind: decision::Kind,
    on: chrono::NaiveDate,
    recorded: crate::domain::terms::Position,
    evidence: Option<domain::Evidence>,
}

impl Decision {
    pub(in crate::graphql) fn new(
        at: At,
        experiment: ExperimentId,
        taken: &decision::Decision<'_>,
    ) -> Self {
        Self {
            at,
            experiment,
            kind: taken.kind,
            on: taken.on,
            recorded: taken.recorded_at,
            evidence: taken.evidence.cloned(),
        }
    }
}

/// A decision on an experiment, with what it was taken on.
#[Object]
impl Decision {
    /// What was decided.
    async fn kind(&self) -> DecisionKind {
        self.kind.into()
    }

    /// The day it was taken; of a closure or of what was made permanent, the first day it is so.
    async fn on(&self) -> Date {
        Date(self.on)
    }

    /// The event that recorded it.
    async fn position(&self) -> Position {
        Position(self.recorded)
    }

    /// What it cites; absent where it cites nothing.
    async fn evidence(&self) -> Option<Evidence> {
        self.evidence.as_ref().map(Into::into)
    }

    /// What it rests on: the criteria and the figures from the launch to that day, as they were known
    /// at the position that it cites, and as they are known now; absent where it cites nothing, or is
    /// older than the launch.
    async fn basis(&self, ctx: &Context<'_>) -> Option<Result<DecisionBasis>> {
        Box::pin(self.read_basis(ctx)).await.transpose()
    }
}

impl Decision {
    async fn read_basis(&self, ctx: &Context<'_>) -> Result<Option<DecisionBasis>> {
        let api = api(ctx);
        let Some(evidence) = &self.evidence else {
            return Ok(None);
        };
        let then = At {
            position: evidence.position.min(self.at.position),
            on: self.on,
            ..self.at
        };
        // The day of the decision was over when it was taken, whatever day the answer is of.
        let now = At {
            on: self.at.on.max(self.on),
            ..self.at
        };
        let mut sides = Vec::new();
        for at in [then, now] {
            let read = api
                .reads
                .basis(at, self.experiment, self.on, &evidence.figures);
            let read = read.await.map_err(|error| api.failed_read(&error))?;
            sides.push((at, read));
        }
        let mut sides = sides.into_iter();
        let (Some((then_at, Some(then))), Some((now_at, Some(now)))) = (sides.next(), sides.next())
        else {
            return Ok(None);
        };
        Ok(Some(DecisionBasis {
            evidence: evidence.clone(),
            then: Side {
                at: then_at,
                of: Arc::new(then.of.clone()),
                basis: then,
            },
            now: Side {
                at: now_at,
                of: Arc::new(now.of.clone()),
                basis: now,
            },
        }))
    }
}

/// What is known of a basis at one moment.
struct Side {
    at: At,
    of: Arc<Selection>,
    basis: Basis,
}

impl Side {
    fn figure(&self, found: Option<(&'static Definition, &Measure)>) -> Option<IndicatorFigure> {
        let (definition, measure) = found?;
        Some(IndicatorFigure {
            at: self.at,
            of: Arc::clone(&self.of),
            definition,
            measure: measure.clone(),
        })
    }

    fn criterion(&self, fixed: (terms::Position, usize)) -> Option<&Assessed> {
        let mut criteria = self.basis.criteria.iter();
        criteria.find(|known| known.fixed == fixed)
    }

    fn assessment(&self, assessed: &Assessed) -> CriterionAssessment {
        CriterionAssessment {
            outcome: assessed.outcome.into(),
            label: assessed.outcome.label(),
            clear: assessed.clear,
            figure: self.figure(assessed.definition.zip(assessed.measure.as_ref())),
        }
    }

    fn of_pair(&self, found: Option<&(&'static Definition, Measure)>) -> Option<IndicatorFigure> {
        self.figure(found.map(|(definition, measure)| (*definition, measure)))
    }
}

/// What a decision rests on, then and now.
pub(in crate::graphql) struct DecisionBasis {
    evidence: domain::Evidence,
    then: Side,
    now: Side,
}

/// What a decision rests on: as it was known at the position that it cites, and as it is known at
/// the position of the answer.
#[Object]
impl DecisionBasis {
    /// The period that its figures are of: from the launch to the day of the decision.
    async fn period(&self) -> Period {
        self.then.of.period.into()
    }

    /// The position that was known when it was taken.
    async fn known_at(&self) -> Position {
        Position(self.then.at.position)
    }

    /// The criteria as they are fixed now, in the order they were fixed; those that were not known at
    /// that position have no `then`.
    async fn criteria(&self) -> Vec<DecisionCriterion> {
        let now = self.now.basis.criteria.iter();
        let mut criteria: Vec<DecisionCriterion> = now
            .map(|assessed| DecisionCriterion {
                criterion: (&assessed.criterion).into(),
                post_hoc: assessed.post_hoc,
                then: self
                    .then
                    .criterion(assessed.fixed)
                    .map(|then| self.then.assessment(then)),
                now: Some(self.now.assessment(assessed)),
            })
            .collect();
        let dropped = self.then.basis.criteria.iter();
        let dropped = dropped.filter(|it| self.now.criterion(it.fixed).is_none());
        criteria.extend(dropped.map(|assessed| DecisionCriterion {
            criterion: (&assessed.criterion).into(),
            post_hoc: assessed.post_hoc,
            then: Some(self.then.assessment(assessed)),
            now: None,
        }));
        criteria
    }

    /// How many of those who were asked for feedback gave it: whether first feedback can carry it.
    async fn response_rate(&self) -> FigureThenAndNow {
        let of = |side: &Side| side.of_pair(side.basis.response_rate.as_ref());
        FigureThenAndNow::of(None, of(&self.then), of(&self.now))
    }

    /// The figures that it cites, each computed anew as of the position it cites, and as of now.
    async fn cited(&self) -> Vec<FigureThenAndNow> {
        let figures = self.evidence.figures.iter().enumerate();
        figures
            .map(|(index, cited)| {
                let of = |side: &Side| {
                    let found = side.basis.cited.get(index).and_then(Option::as_ref);
                    side.of_pair(found)
                };
                FigureThenAndNow::of(Some(cited), of(&self.then), of(&self.now))
            })
            .collect()
    }
}

/// A criterion, held against what was measured.
#[derive(SimpleObject)]
pub(in crate::graphql) struct DecisionCriterion {
    /// The criterion.
    criterion: Criterion,
    /// Whether it came after the launch.
    post_hoc: bool,
    /// As known when it was decided; absent where the criterion was not known then.
    then: Option<CriterionAssessment>,
    /// As known now; absent where the criterion no longer stands.
    now: Option<CriterionAssessment>,
}

/// Whether a criterion is met.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CriterionAssessment {
    /// Whether it is.
    outcome: CriterionOutcome,
    /// The same, in French.
    label: &'static str,
    /// Whether the whole interval lies on the same side of the threshold; absent where there is none,
    /// or nothing can be told.
    clear: Option<bool>,
    /// What was measured; absent where no indicator has that code.
    figure: Option<IndicatorFigure>,
}

/// Whether a criterion is met.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "decision::Outcome")]
pub(in crate::graphql) enum CriterionOutcome {
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

/// A figure as known when it was decided, and as known now.
#[derive(SimpleObject)]
pub(in crate::graphql) struct FigureThenAndNow {
    /// The code of the indicator that the decision cites; absent where it cites none.
    cited_indicator: Option<String>,
    /// The value that the decision cites.
    cited_value: Option<crate::graphql::scalars::Decimal>,
    /// Whether that is the value computed anew, to the decimals that are cited; absent where nothing
    /// is cited, or could be computed.
    agrees: Option<bool>,
    /// As known then.
    then: Option<IndicatorFigure>,
    /// As known now.
    now: Option<IndicatorFigure>,
    /// Whether the two differ.
    changed: bool,
}

impl FigureThenAndNow {
    fn of(
        cited: Option<&domain::Figure>,
        then: Option<IndicatorFigure>,
        now: Option<IndicatorFigure>,
    ) -> Self {
        let measure =
            |figure: &Option<IndicatorFigure>| figure.as_ref().map(|it| it.measure.clone());
        let computed = then.as_ref().and_then(|it| it.measure.value);
        let agrees = cited.zip(computed);
        let agrees = agrees.map(|(cited, computed)| decision::agrees(cited.value, computed));
        Self {
            cited_indicator: cited.map(|cited| cited.indicator.to_string()),
            cited_value: cited.map(|cited| crate::graphql::scalars::Decimal(cited.value)),
            agrees,
            changed: measure(&then) != measure(&now),
            then,
            now,
        }
    }
}
