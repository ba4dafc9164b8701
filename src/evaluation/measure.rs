//! What an indicator comes to: a value, what it was computed from, and how sure it is.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    indicator::Definition,
    statistics::{Interval, Method},
};

/// How many decimals a figure is given with: what is beyond is none of what was measured.
pub const DECIMALS: u32 = 6;

/// One figure of an indicator. An indicator may have several, each with a part of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Which of the indicator's figures, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// Its unit.
    pub unit: Unit,
    /// Its value; none where there is nothing to measure.
    pub value: Option<Decimal>,
    /// What it is a share or a mean of, counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numerator: Option<Decimal>,
    /// What that is divided by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Decimal>,
    /// How many observations it rests on.
    pub n: u64,
    /// The interval it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Bounds>,
    /// Of how many the value is not known.
    pub missing: u64,
    /// Of how many it could have been.
    pub expected: u64,
    /// Whether a norm is met, where the figure is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Whether it counts people, so that small counts of it could tell of one.
    pub of_people: bool,
    /// Whether it is withheld from the public: nothing is then left of it but its unit and part.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suppressed: bool,
}

/// One of several figures of an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its code.
    pub code: String,
    /// Its name, in French.
    pub label: String,
}

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A share, in percent.
    Percent,
    /// A difference of changes, in percentage points.
    Points,
    /// Accompaniments to a session.
    AccompanimentsPerSession,
    /// Accompaniments to a week.
    AccompanimentsPerWeek,
    /// Growth from week to week, in percent.
    PercentPerWeek,
    /// The number of a week, the first being 1.
    Week,
    /// Euros to an hour held.
    EurosPerHour,
    /// Euros to an accompaniment.
    EurosPerAccompaniment,
    /// Euros to a request resolved on the spot.
    EurosPerRequest,
    /// Communes.
    Communes,
    /// Cantons.
    Cantons,
    /// Inhabitants.
    Inhabitants,
    /// Hours a week to 1 000 inhabitants.
    HoursPerThousand,
    /// Days a week.
    DaysPerWeek,
    /// Hours a week.
    HoursPerWeek,
    /// People.
    People,
    /// Minutes.
    Minutes,
    /// Days.
    Days,
    /// Whether a norm is met.
    Norm,
}

impl Unit {
    /// Its name, in French.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Percent => "%",
            Self::Points => "points de %",
            Self::AccompanimentsPerSession => "accompagnements par permanence tenue",
            Self::AccompanimentsPerWeek => "accompagnements par semaine",
            Self::PercentPerWeek => "% par semaine",
            Self::Week => "rang de la semaine",
            Self::EurosPerHour => "€ par heure tenue",
            Self::EurosPerAccompaniment => "€ par accompagnement",
            Self::EurosPerRequest => "€ par demande résolue sur place",
            Self::Communes => "communes",
            Self::Cantons => "cantons",
            Self::Inhabitants => "habitants",
            Self::HoursPerThousand => "heures par semaine pour 1 000 habitants",
            Self::DaysPerWeek => "jours par semaine",
            Self::HoursPerWeek => "heures par semaine",
            Self::People => "personnes",
            Self::Minutes => "minutes",
            Self::Days => "jours",
            Self::Norm => "norme",
        }
    }
}

/// An interval, in the unit of its figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Its lower end.
    pub lower: Decimal,
    /// Its upper end; none where it is open.
    pub upper: Decimal,
    /// How it was computed.
    pub method: Method,
}

/// Whether a norm is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is.
    Meets,
    /// It is not.
    Fails,
    /// What is known does not tell.
    Undetermined,
}

impl Verdict {
    /// Its name, in French.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Meets => "respectée",
            Self::Fails => "non respectée",
            Self::Undetermined => "indéterminée",
        }
    }
}

impl Measure {
    /// A figure of which nothing could be measured.
    #[must_use]
    pub const fn nothing(unit: Unit) -> Self {
        Self {
            part: None,
            unit,
            value: None,
            numerator: None,
            denominator: None,
            n: 0,
            interval: None,
            missing: 0,
            expected: 0,
            verdict: None,
            of_people: false,
            suppressed: false,
        }
    }

    /// What is left of it where it is withheld.
    #[must_use]
    pub fn withheld(&self) -> Self {
        Self {
            part: self.part.clone(),
            of_people: self.of_people,
            suppressed: true,
            ..Self::nothing(self.unit)
        }
    }

    /// Its code: its indicator's, and that of its part.
    #[must_use]
    pub fn code(&self, definition: &Definition) -> String {
        match &self.part {
            None => definition.code.to_owned(),
            Some(part) => format!("{}-{}", definition.code, part.code),
        }
    }

    /// A share in percent, with Wilson's interval.
    #[must_use]
    pub fn share(of: u64, among: u64) -> Self {
        Self {
            interval: super::statistics::wilson(of, among).map(|it| Bounds::of(it, 100.0)),
            ..Self::quotient(Unit::Percent, of, among, 100)
        }
    }

    /// A quotient of two counts, times a factor, without interval.
    #[must_use]
    pub fn quotient(unit: Unit, numerator: u64, denominator: u64, factor: u32) -> Self {
        let (of, among) = (Decimal::from(numerator), Decimal::from(denominator));
        Self {
            value: quotient(of.saturating_mul(factor.into()), among),
            numerator: Some(of),
            denominator: Some(among),
            n: denominator,
            expected: denominator,
            ..Self::nothing(unit)
        }
    }

    /// A number that was counted.
    #[must_use]
    pub fn count(unit: Unit, count: u64) -> Self {
        Self {
            value: Some(count.into()),
            n: count,
            expected: count,
            ..Self::nothing(unit)
        }
    }

    /// The same, as one of several figures of its indicator.
    #[must_use]
    pub fn part(mut self, code: impl Into<String>, label: impl Into<String>) -> Self {
        self.part = Some(Part {
            code: code.into(),
            label: label.into(),
        });
        self
    }

    /// The same, of which so many more are not known.
    #[must_use]
    pub const fn missing(mut self, missing: u64) -> Self {
        self.missing = missing;
        self.expected = self.expected.saturating_add(missing);
        self
    }

    /// The same, of which so many among so many are not known.
    #[must_use]
    pub const fn missing_of(mut self, missing: u64, expected: u64) -> Self {
        self.missing = missing;
        self.expected = expected;
        self
    }

    /// The same, a count of people.
    #[must_use]
    pub const fn of_people(mut self) -> Self {
        self.of_people = true;
        self
    }

    /// The same, with an interval in its own unit times `1 / factor`.
    #[must_use]
    pub fn within(mut self, interval: Option<Interval>, factor: f64) -> Self {
        self.interval = interval.map(|it| Bounds::of(it, factor));
        self
    }

    /// The share of what could have been known that is not, in percent; none where there was
    /// nothing to know.
    #[must_use]
    pub fn missing_share(&self) -> Option<Decimal> {
        quotient(
            Decimal::from(self.missing).saturating_mul(100.into()),
            self.expected.into(),
        )
    }
}

impl Bounds {
    /// An interval, each end times a factor.
    #[must_use]
    pub fn of(interval: Interval, factor: f64) -> Self {
        Self {
            lower: rounded(interval.lower * factor),
            upper: rounded(interval.upper * factor),
            method: interval.method,
        }
    }
}

/// A quotient, rounded half to even as a figure is given; none where nothing is divided by.
#[must_use]
pub fn quotient(numerator: Decimal, denominator: Decimal) -> Option<Decimal> {
    let quotient = numerator.checked_div(denominator)?;
    Some(quotient.round_dp(DECIMALS).normalize())
}

/// A number as a figure is given.
#[must_use]
pub fn rounded(number: f64) -> Decimal {
    let exact = Decimal::from_f64_retain(number).unwrap_or_default();
    exact.round_dp(DECIMALS).normalize()
}
