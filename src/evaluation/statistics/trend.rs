//! By how much weekly counts grow.

use super::{Interval, Method, distribution::z, length, regression::fit};

/// Fewer weeks than this tell nothing of a slope's error.
const WEEKS_MIN: usize = 3;

/// A log-linear trend of weekly counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// What is added to the logarithm of the mean each week: 0.1 is some 10.5 % more a week.
    pub slope: f64,
    /// The slope's interval.
    pub interval: Interval,
}

/// The slope of a Poisson regression of the counts on the week's number 0, 1, 2, ..., with a
/// logarithmic link; its standard error is scaled by the dispersion, Pearson's chi-squared over
/// `n - 2`, with no floor.
///
/// Sources: R. W. M. Wedderburn, "Quasi-likelihood functions, generalized linear models, and the
/// Gauss-Newton method", *Biometrika* 61 (1974), 439-447; P. `McCullagh`, J. A. Nelder,
/// *Generalized Linear Models* (1989), section 6.2.
///
/// Per week, on the logarithm. None of fewer than three weeks, where nothing was counted, or where
/// no slope fits best: all that was counted, was in the first week, or in the last.
#[must_use]
pub fn trend(counts: &[u64]) -> Option<Trend> {
    let counts: Vec<Option<u64>> = counts.iter().copied().map(Some).collect();
    trend_with_gaps(&counts)
}

/// The same, of weeks of which some were not counted: they keep their number, and tell nothing.
#[must_use]
pub fn trend_with_gaps(weeks: &[Option<u64>]) -> Option<Trend> {
    let (weeks, counts) = counted(weeks);
    let counts = counts.as_slice();
    if counts.len() < WEEKS_MIN {
        return None;
    }
    let fit = fit(counts, &weeks)?;
    if !fit.slope.is_finite() {
        return None;
    }
    let dispersion = fit.pearson / (length(counts) - 2.0);
    let half = z() * fit.unit_error * dispersion.sqrt();
    Some(Trend {
        slope: fit.slope,
        interval: Interval {
            lower: fit.slope - half,
            upper: fit.slope + half,
            method: Method::QuasiPoissonSlope,
        },
    })
}

/// The numbers of the weeks that were counted, and their counts.
pub(super) fn counted(weeks: &[Option<u64>]) -> (Vec<f64>, Vec<u64>) {
    let mut number = 0.0;
    let numbered = weeks.iter().map(|count| {
        let week = number;
        number += 1.0;
        count.map(|count| (week, count))
    });
    numbered.flatten().unzip()
}
