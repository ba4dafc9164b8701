//! How sure a figure is: the intervals, and what else an indicator computes from counts.
//!
//! In: counts. Out: an [`Interval`], or `None` where nothing can be said; `None` is never 0.
//!
//! **Invariants.** Total functions, deterministic to the last bit on one machine: what is
//! resampled is sorted first and drawn with a fixed seed, so that the order in which counts came
//! in changes nothing. Counts up to [`COUNT_MAX`] are exact; larger ones are taken as the nearest
//! `f64`. Every interval is one of [`LEVEL`].
//!
//! `tests/statistics` holds them against scipy, statsmodels and numpy.

#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

pub mod bounds;
mod distribution;
pub mod median;
pub mod plateau;
pub mod proportion;
pub mod rate;
mod regression;
mod resample;
pub mod resampled;
pub mod trend;

use serde::{Deserialize, Serialize};

pub use bounds::worst_case;
pub use median::median;
pub use plateau::{PLATEAU_WEEKS_MAX, plateau, plateau_with_gaps};
pub use proportion::wilson;
pub use rate::{garwood, overdispersed, rate};
pub use resampled::{BOOTSTRAP_SESSIONS_MAX, displacement, ratio};
pub use trend::{Trend, trend, trend_with_gaps};

/// The level of every interval: 95 %.
pub const LEVEL: f64 = 0.95;
/// What lies below a two-sided interval of [`LEVEL`], and as much above it.
const TAIL: f64 = (1.0 - LEVEL) / 2.0;
/// Every count up to this one is taken exactly: far more than there are accompaniments.
pub const COUNT_MAX: u64 = 1_000_000_000_000;

/// An interval of [`LEVEL`] around a figure, in the figure's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub lower: f64,
    /// Its upper end, at least the lower.
    pub upper: f64,
    /// How it was computed.
    pub method: Method,
}

impl Interval {
    /// The same of a mean over so many.
    #[must_use]
    pub fn divided_by(self, over: u64) -> Self {
        self.map(|end| end / float(over))
    }

    /// The same of an increasing function of the figure.
    #[must_use]
    pub fn map(self, of: impl Fn(f64) -> f64) -> Self {
        Self {
            lower: of(self.lower),
            upper: of(self.upper),
            method: self.method,
        }
    }
}

/// How an interval was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Wilson's score interval of a share (1927).
    Wilson,
    /// Garwood's exact interval of a Poisson mean (1936).
    ExactPoisson,
    /// The percentile bootstrap (Efron 1979), sessions drawn anew.
    BootstrapBySession,
    /// The linearised variance of a ratio estimator (Cochran 1977).
    LinearisedRatio,
    /// The percentile bootstrap, weeks drawn anew.
    Bootstrap,
    /// Worst-case bounds under non-response (Manski 1989): not of chance, but of what is not known.
    WorstCaseBounds,
    /// The slope of a quasi-Poisson regression (Wedderburn 1974).
    QuasiPoissonSlope,
    /// From leaving out to counting what no source tells: not of chance either.
    Range,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 8] = [
        Self::Wilson,
        Self::ExactPoisson,
        Self::BootstrapBySession,
        Self::LinearisedRatio,
        Self::Bootstrap,
        Self::WorstCaseBounds,
        Self::QuasiPoissonSlope,
        Self::Range,
    ];

    /// Its code, which does not change; the same as in JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wilson => "wilson",
            Self::ExactPoisson => "exact-poisson",
            Self::BootstrapBySession => "bootstrap-by-session",
            Self::LinearisedRatio => "linearised-ratio",
            Self::Bootstrap => "bootstrap",
            Self::WorstCaseBounds => "worst-case-bounds",
            Self::QuasiPoissonSlope => "quasi-poisson-slope",
            Self::Range => "range",
        }
    }

    /// Its name, in French.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson",
            Self::ExactPoisson => "exact de Poisson",
            Self::BootstrapBySession => "rééchantillonnage par permanence",
            Self::LinearisedRatio => "variance linéarisée d’un rapport",
            Self::Bootstrap => "rééchantillonnage par semaine",
            Self::WorstCaseBounds => "bornes du pire cas",
            Self::QuasiPoissonSlope => "pente quasi-Poisson",
            Self::Range => "fourchette de l’inconnu",
        }
    }
}

/// A count as the nearest number; itself up to 2^53, far above [`COUNT_MAX`].
#[expect(
    clippy::cast_precision_loss,
    reason = "exact for every count there can be"
)]
const fn float(count: u64) -> f64 {
    count as f64
}

/// How many there are, as a number.
const fn length<T>(list: &[T]) -> f64 {
    // No machine has addresses of more than 64 bits.
    float(list.len() as u64)
}

/// A sum of counts, which cannot overflow, as the nearest number.
#[expect(
    clippy::cast_precision_loss,
    reason = "rounded once, after an exact sum"
)]
fn sum(counts: impl IntoIterator<Item = u64>) -> f64 {
    counts.into_iter().map(u128::from).sum::<u128>() as f64
}
