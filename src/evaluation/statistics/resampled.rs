//! Figures of which no distribution is known: their intervals by drawing again, or by
//! linearisation where that would take long.

use super::{
    Interval, Method,
    distribution::z,
    float, length,
    resample::{REPLICATES, drawn, generator, percentiles},
    sum,
};

/// Up to so many sessions are drawn again; the linearised variance is as good of more, and takes
/// no time.
pub const BOOTSTRAP_SESSIONS_MAX: usize = 2_000;

/// The interval of `sum(x) / sum(y)`, a pair `(x, y)` being a session: by drawing sessions again up
/// to [`BOOTSTRAP_SESSIONS_MAX`] of them, with the linearised variance of a ratio beyond.
///
/// In units of x per unit of y. A replicate in which y sums to 0 is left out. None of fewer than
/// two sessions, or where y sums to 0, in what was seen or in every replicate. Where all pairs
/// are alike nothing varies, and the interval is as wide.
#[must_use]
pub fn ratio(pairs: &[(u64, u64)]) -> Option<Interval> {
    if pairs.len() < 2 || pairs.iter().all(|&(_, y)| y == 0) {
        return None;
    }
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    if sorted.len() > BOOTSTRAP_SESSIONS_MAX {
        return Some(linearised(&sorted));
    }
    let mut generator = generator();
    let mut replicates = Vec::with_capacity(REPLICATES);
    for _ in 0..REPLICATES {
        let (mut above, mut below) = (0_u128, 0_u128);
        for &(x, y) in drawn(&sorted, &mut generator) {
            // 2^64 sessions would be needed to overflow; saturating costs half the time here.
            above = above.wrapping_add(u128::from(x));
            below = below.wrapping_add(u128::from(y));
        }
        if below > 0 {
            replicates.push(quotient(above, below));
        }
    }
    percentiles(replicates, Method::BootstrapBySession)
}

/// The linearised variance of a ratio R of two sums over n sessions,
/// `n / (n - 1) * sum((x - R y)^2) / sum(y)^2`, with the normal quantile; never below 0, since no
/// ratio of counts is.
///
/// Source: W. G. Cochran, *Sampling Techniques*, 3rd edition (1977), section 6.4, equation 6.13,
/// without the correction for a finite population.
fn linearised(pairs: &[(u64, u64)]) -> Interval {
    let n = length(pairs);
    let below = sum(pairs.iter().map(|&(_, y)| y));
    let ratio = sum(pairs.iter().map(|&(x, _)| x)) / below;
    let squares: f64 = pairs
        .iter()
        .map(|&(x, y)| (float(x) - ratio * float(y)).powi(2))
        .sum();
    let half = z() * (n / (n - 1.0) * squares).sqrt() / below;
    Interval {
        lower: (ratio - half).max(0.0),
        upper: ratio + half,
        method: Method::LinearisedRatio,
    }
}

/// How much more the hub changed than the zone it is compared with: `mean(hub_after) /
/// mean(hub_before) - mean(zone_after) / mean(zone_before)`, of weekly counts; a difference in
/// differences of relative changes. -0.1 is ten points lost.
///
/// Its interval draws weeks again, in each of the four lists apart, as if weeks did not hang
/// together; a list of a single week has nothing to vary, which an indicator must say. A replicate
/// with a mean before of 0 is left out. None where any list is empty, or where a mean before is 0
/// in what was seen or in every replicate.
#[must_use]
pub fn displacement(
    hub_before: &[u64],
    hub_after: &[u64],
    zone_before: &[u64],
    zone_after: &[u64],
) -> Option<(f64, Interval)> {
    let mut lists = [hub_before, hub_after, zone_before, zone_after].map(<[u64]>::to_vec);
    for list in &mut lists {
        list.sort_unstable();
    }
    let difference = |[hub_before, hub_after, zone_before, zone_after]: [Option<f64>; 4]| {
        Some(change(hub_before?, hub_after?)? - change(zone_before?, zone_after?)?)
    };
    let seen = difference([0, 1, 2, 3].map(|index| {
        let list = lists.get::<usize>(index)?;
        mean(list.len(), list.iter())
    }))?;
    let mut generator = generator();
    let replicates = (0..REPLICATES)
        .filter_map(|_| {
            // All four are drawn before any is looked at: every replicate takes as many numbers.
            difference(
                lists
                    .each_ref()
                    .map(|list| mean(list.len(), drawn(list, &mut generator))),
            )
        })
        .collect();
    Some((seen, percentiles(replicates, Method::Bootstrap)?))
}

/// The relative change from one mean to another, 0 being none; none of a change from 0.
fn change(before: f64, after: f64) -> Option<f64> {
    (before > 0.0).then(|| after / before - 1.0)
}

/// The mean of so many counts; none of none.
fn mean<'a>(length: usize, counts: impl Iterator<Item = &'a u64>) -> Option<f64> {
    let total = sum(counts.copied());
    (length > 0).then(|| total / float(length as u64))
}

/// One sum by another, each rounded once.
#[expect(
    clippy::cast_precision_loss,
    reason = "rounded once, after an exact sum"
)]
fn quotient(above: u128, below: u128) -> f64 {
    above as f64 / below as f64
}
