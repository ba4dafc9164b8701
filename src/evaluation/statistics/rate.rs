//! Counts of what happens by chance over a time: their mean, and whether they scatter more.

use super::{
    Interval, Method,
    distribution::{Quantile, chi_squared, gamma},
    float, length, sum,
};

/// Garwood's exact interval of the mean of a Poisson count: from the 2.5 % quantile of the gamma
/// distribution of shape `count` to the 97.5 % quantile of that of shape `count + 1`.
///
/// Source: F. Garwood, "Fiducial limits for the Poisson distribution", *Biometrika* 28 (1936),
/// 437-442.
///
/// In counts: divide by the exposure, or see [`rate`]. The lower end of no count is exactly 0.
#[must_use]
pub fn garwood(count: u64) -> Interval {
    let lower = if count == 0 {
        0.0
    } else {
        gamma(float(count), Quantile::Lower)
    };
    Interval {
        lower,
        upper: gamma(float(count) + 1.0, Quantile::Upper),
        method: Method::ExactPoisson,
    }
}

/// [`garwood`] over an exposure, such as weeks or sessions: in counts per unit of it.
///
/// None where the exposure is not a number above 0.
#[must_use]
pub fn rate(count: u64, exposure: f64) -> Option<Interval> {
    if !exposure.is_finite() || exposure <= 0.0 {
        return None;
    }
    let Interval {
        lower,
        upper,
        method,
    } = garwood(count);
    Some(Interval {
        lower: lower / exposure,
        upper: upper / exposure,
        method,
    })
}

/// Whether the counts scatter more than Poisson's would: the index of dispersion times `n - 1`,
/// `(n - 1) s^2 / mean`, above the 95 % quantile of chi-squared with `n - 1` degrees of freedom.
///
/// Source: R. A. Fisher, H. G. Thornton, W. A. Mackenzie, "The accuracy of the plating method of
/// estimating the density of bacterial populations", *Annals of Applied Biology* 9 (1922),
/// 325-359.
///
/// Not so of fewer than two counts, nor where nothing was counted.
#[must_use]
pub fn overdispersed(counts: &[u64]) -> bool {
    let total = sum(counts.iter().copied());
    if counts.len() < 2 || total <= 0.0 {
        return false;
    }
    let mean = total / length(counts);
    // In order, since the sum of numbers hangs on theirs in its last digits.
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let squares: f64 = sorted
        .iter()
        .map(|&count| (float(count) - mean).powi(2))
        .sum();
    squares / mean > chi_squared(length(counts) - 1.0, Quantile::OneSided)
}
