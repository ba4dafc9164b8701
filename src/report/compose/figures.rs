//! Figures in the cells of tables, in the points of charts, and in words: the one place where a
//! measure becomes something to read.

use rust_decimal::Decimal;

use super::wording::{self, NOT_APPLICABLE};
use crate::{
    evaluation::{
        Answer, Figures,
        measure::{Bounds, Measure, Unit},
        statistics::Method,
    },
    report::{
        document::{self, Cell, Mark},
        french,
    },
};

/// Why there is no figure where something was left out of all that was recorded.
const NOT_MEASURED: &str = "non mesuré";
/// Why there is no figure where what was recorded gives none.
const NOT_COMPUTABLE: &str = "non calculable";
/// The same, of what is looked for and need not be there.
const NOT_FOUND: &str = "non décelé";
/// The only figure is an interval.
const BOUNDS_ONLY: &str = "bornes seules";
/// What stands for a suppressed figure in a sentence.
pub(super) const WITHHELD: &str = "non communiqué (secret statistique)";

/// How many digits of a figure are shown after the comma.
pub(super) const fn digits(unit: Unit) -> u32 {
    match unit {
        Unit::Percent
        | Unit::Points
        | Unit::AccompanimentsPerSession
        | Unit::AccompanimentsPerWeek
        | Unit::PercentPerWeek
        | Unit::HoursPerWeek
        | Unit::Days => 1,
        Unit::EurosPerHour
        | Unit::EurosPerAccompaniment
        | Unit::EurosPerRequest
        | Unit::HoursPerThousand => 2,
        Unit::Week
        | Unit::Communes
        | Unit::Cantons
        | Unit::Inhabitants
        | Unit::DaysPerWeek
        | Unit::People
        | Unit::Minutes
        | Unit::Norm => 0,
    }
}

/// A figure of an indicator: its first, where it has no parts.
pub(super) fn main<'a>(answer: &'a Answer, code: &str) -> Option<&'a Measure> {
    of(answer, code)?
        .measures
        .iter()
        .find(|measure| measure.part.is_none())
}

/// A part of an indicator.
pub(super) fn part<'a>(answer: &'a Answer, code: &str, part: &str) -> Option<&'a Measure> {
    let mut measures = of(answer, code)?.measures.iter();
    measures.find(|measure| measure.part.as_ref().is_some_and(|it| it.code == part))
}

/// The figures of an indicator.
pub(super) fn of<'a>(answer: &'a Answer, code: &str) -> Option<&'a Figures> {
    answer.figures.iter().find(|it| it.definition.code == code)
}

/// A share of one of a figure in per cent.
fn of_one(percent: Decimal) -> Decimal {
    percent
        .checked_div(Decimal::ONE_HUNDRED)
        .unwrap_or_default()
}

/// Why a measure has no value; none where it has one, or is suppressed.
fn absence(measure: &Measure) -> &'static str {
    if measure.interval.is_some() {
        BOUNDS_ONLY
    } else if measure.n > 0 && measure.unit == Unit::Week {
        NOT_FOUND
    } else if measure.n > 0 {
        NOT_COMPUTABLE
    } else if measure.missing > 0 {
        NOT_MEASURED
    } else {
        NOT_APPLICABLE
    }
}

/// The value of a measure.
pub(super) fn value(measure: &Measure) -> Cell {
    let digits = digits(measure.unit);
    match (measure.suppressed, measure.verdict, measure.value) {
        (true, ..) => Cell::Suppressed,
        (false, Some(verdict), _) => wording::text(verdict.label()),
        (false, None, Some(value)) if measure.unit == Unit::Percent => Cell::Share {
            value: of_one(value),
            digits,
        },
        (false, None, Some(value)) => Cell::Number { value, digits },
        (false, None, None) => Cell::Missing(absence(measure).to_owned()),
    }
}

/// The interval of a measure.
pub(super) fn interval(measure: &Measure) -> Cell {
    let digits = digits(measure.unit);
    match &measure.interval {
        _ if measure.suppressed => Cell::Suppressed,
        None => wording::without(),
        Some(within) if measure.unit == Unit::Percent => Cell::ShareInterval {
            lower: of_one(within.lower),
            upper: of_one(within.upper),
            digits,
        },
        Some(within) => Cell::Interval {
            lower: within.lower,
            upper: within.upper,
            digits,
        },
    }
}

/// How the interval was computed.
pub(super) fn method(measure: &Measure) -> Cell {
    match &measure.interval {
        _ if measure.suppressed => Cell::Suppressed,
        None => wording::without(),
        Some(within) => wording::text(within.method.label()),
    }
}

/// What a measure was divided from, or by.
pub(super) fn counted(measure: &Measure, number: Option<Decimal>) -> Cell {
    match number {
        _ if measure.suppressed => Cell::Suppressed,
        _ if is_nothing(measure) => wording::without(),
        None => wording::without(),
        Some(value) => Cell::Number {
            value,
            digits: value.normalize().scale().min(2),
        },
    }
}

/// How many observations it rests on.
pub(super) fn n(measure: &Measure) -> Cell {
    if measure.suppressed {
        Cell::Suppressed
    } else {
        wording::count(measure.n)
    }
}

/// The share of what could have been known that is not.
pub(super) fn missing(measure: &Measure) -> Cell {
    match measure.missing_share() {
        _ if measure.suppressed => Cell::Suppressed,
        None => wording::without(),
        Some(share) => Cell::Share {
            value: of_one(share),
            digits: 1,
        },
    }
}

/// A measure as a point of a chart.
pub(super) fn mark(measure: &Measure) -> Mark {
    let scaled = |number: Decimal| {
        if measure.unit == Unit::Percent {
            of_one(number)
        } else {
            number
        }
    };
    if measure.suppressed {
        return Mark::Suppressed;
    }
    match (measure.value, &measure.interval) {
        // An interval that was drawn by chance may miss the value, though hardly ever: the table
        // has both.
        (Some(value), Some(within)) if holds(within, value) => Mark::Estimate {
            value: scaled(value),
            lower: scaled(within.lower),
            upper: scaled(within.upper),
        },
        (Some(value), _) => Mark::Value(scaled(value)),
        (None, Some(within)) => Mark::Bounds {
            lower: scaled(within.lower),
            upper: scaled(within.upper),
        },
        (None, None) => Mark::Missing(absence(measure).to_owned()),
    }
}

/// The unit of a chart's values.
pub(super) fn unit(unit: Unit) -> document::Unit {
    if unit == Unit::Percent {
        document::Unit::Share
    } else {
        document::Unit::Of(unit.label().to_owned())
    }
}

/// A point of a chart in words: "90,0 % (69,9 à 97,2)".
pub(super) fn marked(of: Unit, mark: &Mark) -> String {
    if *mark == Mark::Suppressed {
        return WITHHELD.to_owned();
    }
    french::mark(&unit(of), mark, digits(of))
}

/// The value alone: "90,0 %", "3,2 accompagnements par permanence tenue", "sans objet".
pub(super) fn plain(measure: &Measure) -> String {
    let shown = value(measure);
    match shown {
        Cell::Suppressed => WITHHELD.to_owned(),
        Cell::Number { .. } => format!("{} {}", french::cell(&shown), measure.unit.label()),
        Cell::Text(_)
        | Cell::Share { .. }
        | Cell::Date(_)
        | Cell::Interval { .. }
        | Cell::ShareInterval { .. }
        | Cell::Missing(_) => french::cell(&shown),
    }
}

/// The value, its interval and what it rests on: "90,0 % (intervalle à 95 % : 69,9 à 97,2 %, n = 20)".
pub(super) fn told(measure: &Measure) -> String {
    let value = plain(measure);
    if measure.suppressed || (measure.value.is_none() && measure.interval.is_none()) {
        return value;
    }
    let n = wording::whole(measure.n);
    let Some(within) = &measure.interval else {
        return format!("{value} (n = {n})");
    };
    let ends = french::cell(&interval(measure));
    match (within.method, measure.value) {
        (Method::WorstCaseBounds, None) => format!("de {ends} (bornes du pire cas, n = {n})"),
        (Method::Range, _) => format!("{value} (fourchette de l’inconnu : {ends}, n = {n})"),
        _ => format!("{value} (intervalle à 95 % : {ends}, n = {n})"),
    }
}

/// The value and its interval, as in a cell: "90,0 % (69,9 à 97,2)".
pub(super) fn brief(measure: &Measure) -> Cell {
    if measure.suppressed {
        return Cell::Suppressed;
    }
    let shown = value(measure);
    match shown {
        Cell::Missing(_) | Cell::Text(_) | Cell::Suppressed => shown,
        Cell::Number { .. }
        | Cell::Share { .. }
        | Cell::Date(_)
        | Cell::Interval { .. }
        | Cell::ShareInterval { .. } => wording::text(marked(measure.unit, &mark(measure))),
    }
}

/// Whether nothing at all was measured.
pub(super) fn is_nothing(measure: &Measure) -> bool {
    !measure.suppressed
        && measure.n == 0
        && measure.value.is_none()
        && measure.interval.is_none()
        && measure.verdict.is_none()
}

/// Whether the interval is one of chance, so that two of them can be compared.
pub(super) fn of_chance(measure: &Measure) -> Option<&Bounds> {
    let within = measure.interval.as_ref().filter(|_| !measure.suppressed)?;
    let chance = !matches!(within.method, Method::WorstCaseBounds | Method::Range);
    (chance && measure.value.is_some()).then_some(within)
}

/// Whether two intervals have a value in common.
pub(super) fn overlap(one: &Bounds, other: &Bounds) -> bool {
    one.lower <= other.upper && other.lower <= one.upper
}

fn holds(within: &Bounds, value: Decimal) -> bool {
    within.lower <= value && value <= within.upper
}
