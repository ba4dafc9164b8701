//! The interval of a share.

use super::{Interval, Method, distribution::z, float};

/// Wilson's score interval of a share: the shares `p` for which
/// `|successes / trials - p| <= z * sqrt(p (1 - p) / trials)`, `z` being the normal quantile.
///
/// Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
/// *JASA* 22 (1927), 209-212; recommended by L. D. Brown, T. T. Cai, A. `DasGupta`, "Interval
/// estimation for a binomial proportion", *Statistical Science* 16 (2001), 101-133. No correction
/// for continuity.
///
/// Shares, 0 to 1; exactly 0 below none, exactly 1 above all. None of no trial, or where there are
/// more successes than trials.
#[must_use]
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    let failures = trials.checked_sub(successes)?;
    if trials == 0 {
        return None;
    }
    let (s, f, n) = (float(successes), float(failures), float(trials));
    let z = z();
    let spread = z * z.mul_add(z, 4.0 * s * (f / n)).sqrt();
    let centre = z.mul_add(z, 2.0 * s);
    // The roots of (n + z^2) p^2 - (2 s + z^2) p + s^2 / n; the smaller by their product, which is
    // exactly 0 without a success.
    let lower = 2.0 * s * (s / n) / (centre + spread);
    let upper = (centre + spread) / (2.0 * z.mul_add(z, n));
    Some(Interval {
        lower: lower.clamp(0.0, 1.0),
        upper: if failures == 0 { 1.0 } else { upper.min(1.0) },
        method: Method::Wilson,
    })
}
