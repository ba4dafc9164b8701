//! Two sides of a comparison: any two scopes or periods, side by side with their intervals.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::{
    activity::PeriodInput,
    indicator::{Asked, IndicatorDefinition, IndicatorFigure, IndicatorReport, IndicatorScope},
};
use crate::{graphql::scalars::Decimal, read::At};

/// One side of a comparison.
#[derive(InputObject)]
pub(in crate::graphql) struct IndicatorSide {
    /// Of what; of the whole programme unless told.
    of: Option<IndicatorScope>,
    /// Over which days; from the first launch to `validAt` unless told.
    period: Option<PeriodInput>,
}

/// Two scopes or periods side by side, both as known at the same position. With few pilots no
/// ranking is made, and no test.
pub(in crate::graphql) struct IndicatorComparison {
    left: IndicatorReport,
    right: IndicatorReport,
}

impl IndicatorComparison {
    pub(in crate::graphql) async fn read(
        ctx: &Context<'_>,
        at: At,
        sides: [IndicatorSide; 2],
        codes: Option<Vec<String>>,
    ) -> Result<Self> {
        let [left, right] = sides;
        let side = |side: IndicatorSide| {
            let asked = Asked {
                period: side.period,
                by: None,
                codes: codes.clone(),
            };
            IndicatorReport::read(ctx, at, side.of.unwrap_or_default(), asked)
        };
        Ok(Self {
            left: side(left).await?,
            right: side(right).await?,
        })
    }
}

/// Two scopes or periods side by side, both as known at the same position. With few pilots no
/// ranking is made, and no test.
#[Object]
impl IndicatorComparison {
    /// The one side.
    async fn left(&self) -> &IndicatorReport {
        &self.left
    }

    /// The other.
    async fn right(&self) -> &IndicatorReport {
        &self.right
    }

    /// The figures of both sides, by the number of the indicator.
    async fn figures(&self) -> Vec<ComparedFigure> {
        let mut right = self.right.whole_figures();
        let left = self.left.whole_figures().into_iter();
        let mut pairs: Vec<ComparedFigure> = left
            .map(|left| {
                let code = left.full_code();
                let same = right.iter().position(|right| right.full_code() == code);
                let other = same.map(|same| right.remove(same));
                ComparedFigure::of(code, Some(left), other)
            })
            .collect();
        let rest = right.into_iter();
        pairs.extend(rest.map(|right| ComparedFigure::of(right.full_code(), None, Some(right))));
        pairs
    }
}

/// One figure on both sides.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ComparedFigure {
    /// The code of the figure.
    code: String,
    /// What it means.
    definition: Option<IndicatorDefinition>,
    /// On the one side; absent where it is none there.
    left: Option<IndicatorFigure>,
    /// On the other.
    right: Option<IndicatorFigure>,
    /// The left value minus the right one; absent where one of them is.
    difference: Option<Decimal>,
    /// Whether the two intervals have anything in common; absent where one of them has none. That
    /// they overlap does not show that there is no difference.
    intervals_overlap: Option<bool>,
}

impl ComparedFigure {
    fn of(code: String, left: Option<IndicatorFigure>, right: Option<IndicatorFigure>) -> Self {
        let sides = || {
            left.as_ref()
                .map(|it| &it.measure)
                .zip(right.as_ref().map(|it| &it.measure))
        };
        let values = sides().and_then(|(left, right)| left.value.zip(right.value));
        let intervals =
            sides().and_then(|(left, right)| left.interval.as_ref().zip(right.interval.as_ref()));
        let any = left.as_ref().or(right.as_ref());
        Self {
            definition: any.map(|figure| figure.definition.into()),
            difference: values.map(|(left, right)| Decimal(left - right)),
            intervals_overlap: intervals
                .map(|(left, right)| left.lower <= right.upper && right.lower <= left.upper),
            code,
            left,
            right,
        }
    }
}
