//! Where a value stands on its axis, and which values are written along it.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::report::{
    document::{Chart, Mark, Unit},
    french,
};

/// An axis is parted into no more than so many steps.
const STEPS_MAX: u32 = 6;

/// An axis: from where to where, and the values along it.
pub(super) struct Scale {
    low: f64,
    high: f64,
    /// Values along it, and how they are written.
    pub(super) ticks: Vec<(Decimal, String)>,
}

impl Scale {
    /// The axis on which everything of a chart finds its place, 0 too: from a round value to a
    /// round value, in round steps.
    pub(super) fn of(chart: &Chart) -> Self {
        let shown = chart.points.iter().flat_map(|point| values(&point.mark));
        let compared = chart.thresholds.iter().map(|threshold| threshold.value);
        let (mut least, mut most) = (Decimal::ZERO, Decimal::ZERO);
        for value in shown.chain(compared) {
            least = least.min(value);
            most = most.max(value);
        }
        // Where all is 0, or too small to be told from it, up to one of what is shown last.
        let extra = match chart.unit {
            Unit::Share => 2,
            Unit::Of(_) => 0,
        };
        let smallest = Decimal::new(1, chart.digits.saturating_add(extra));
        if most.saturating_sub(least) < smallest {
            most = least.saturating_add(smallest);
        }
        // Nothing is shown in finer steps than values are.
        let step = step(most.saturating_sub(least)).max(smallest);
        let mut at = round(least, step, Decimal::floor);
        let end = round(most, step, Decimal::ceil);
        let digits = match chart.unit {
            Unit::Share => step.normalize().scale().saturating_sub(2),
            Unit::Of(_) => step.normalize().scale(),
        };
        let mut ticks = Vec::new();
        // One more at either end than there are steps.
        for _ in 0..=STEPS_MAX.saturating_add(2) {
            if at > end {
                break;
            }
            ticks.push((at, french::value(&chart.unit, at, digits)));
            at = at.saturating_add(step);
        }
        let end_of = |tick: Option<&(Decimal, String)>| tick.map_or(0.0, |(at, _)| measure(*at));
        Self {
            low: end_of(ticks.first()),
            high: end_of(ticks.last()),
            ticks,
        }
    }

    /// Where a value stands between two places, those of the axis's ends.
    pub(super) fn place(&self, value: Decimal, low: f64, high: f64) -> f64 {
        let span = self.high - self.low;
        if span <= 0.0 {
            return low;
        }
        low + (measure(value) - self.low) / span * (high - low)
    }
}

/// The values that a mark shows.
pub(super) fn values(mark: &Mark) -> Vec<Decimal> {
    match mark {
        Mark::Value(value) => vec![*value],
        Mark::Estimate {
            value,
            lower,
            upper,
        } => vec![*value, *lower, *upper],
        Mark::Bounds { lower, upper } => vec![*lower, *upper],
        Mark::Suppressed | Mark::Missing(_) => Vec::new(),
    }
}

/// A value as a measure; what is drawn is no finer than that.
fn measure(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

/// The least of 1, 2 and 5 times a power of ten that parts `span` into few enough steps.
fn step(span: Decimal) -> Decimal {
    let mut ten = Decimal::ONE;
    while too_many(span, ten) {
        ten = ten.saturating_mul(Decimal::TEN);
    }
    loop {
        let smaller = ten.checked_div(Decimal::TEN).unwrap_or_default();
        if smaller.is_zero() || too_many(span, smaller) {
            break;
        }
        ten = smaller;
    }
    // The power is just large enough, or a half or a fifth of it is.
    [Decimal::from(5), Decimal::TWO]
        .into_iter()
        .filter_map(|parts| ten.checked_div(parts))
        .find(|part| !too_many(span, *part))
        .unwrap_or(ten)
}

fn too_many(span: Decimal, step: Decimal) -> bool {
    step.saturating_mul(Decimal::from(STEPS_MAX)) < span
}

fn round(value: Decimal, step: Decimal, towards: fn(&Decimal) -> Decimal) -> Decimal {
    let steps = value.checked_div(step).unwrap_or_default();
    towards(&steps).saturating_mul(step)
}
