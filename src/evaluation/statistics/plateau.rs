//! Since when weekly counts no longer grow.

use super::{
    distribution::fisher_one_over,
    length,
    regression::{Fit, fit},
    trend::counted,
};

/// With fewer weeks nothing is left to tell a dispersion from: level, slope and joint take three.
const WEEKS_MIN: usize = 4;
/// Of more weeks no plateau is looked for, since every week is tried: ten years of them.
pub const PLATEAU_WEEKS_MAX: usize = 520;

/// The week, counted from 0, in which growth ends: the joint k of the broken stick
/// `log(mean) = a + b min(week, k)` that has the least Poisson deviance, for k from 1 to `n - 2`;
/// of equal ones, the earliest.
///
/// Source: V. M. R. Muggeo, "Estimating regression models with unknown break-points", *Statistics
/// in Medicine* 22 (2003), 3055-3071, with the second slope held at 0; all joints are tried rather
/// than searched for, since they are whole weeks.
///
/// There is a plateau only where the stick rises (`b > 0`) and is better than the straight line by
/// more than chance: the straight line is the stick whose joint is the last week, so that the
/// joint is one parameter more, at the end of its range (S. G. Self, K.-Y. Liang, *JASA* 82
/// (1987), 605-610). The fall in deviance over the dispersion, Pearson's chi-squared of the stick
/// over `n - 3`, is therefore held against the 95 % quantile of Fisher's F with 1 and `n - 3`
/// degrees of freedom. Chi-squared with 1 would do were the dispersion known; estimated from a
/// dozen weeks it is not, and of counts that grow all along, 7 to 9 % would have passed for a
/// plateau then (simulated, 8 and 12 weeks that grow threefold), against 4 to 6 % with F.
///
/// None also of fewer than four weeks, of more than [`PLATEAU_WEEKS_MAX`], or where nothing was
/// counted. That no plateau is found does not say that growth goes on.
#[must_use]
pub fn plateau(counts: &[u64]) -> Option<usize> {
    let counts: Vec<Option<u64>> = counts.iter().copied().map(Some).collect();
    plateau_with_gaps(&counts)
}

/// The same, of weeks of which some were not counted: they keep their number, tell nothing, and are
/// no joint.
#[must_use]
pub fn plateau_with_gaps(weeks: &[Option<u64>]) -> Option<usize> {
    let (numbers, counts) = counted(weeks);
    let counts = counts.as_slice();
    let n = counts.len();
    if !(WEEKS_MIN..=PLATEAU_WEEKS_MAX).contains(&n) {
        return None;
    }
    let straight = fit(counts, &numbers)?;
    let mut best: Option<(usize, Fit)> = None;
    for (k, &joint) in numbers.iter().enumerate().take(n.saturating_sub(1)).skip(1) {
        let x: Vec<f64> = numbers.iter().map(|week| week.min(joint)).collect();
        let stick = fit(counts, &x)?;
        if best.is_none_or(|(_, least)| stick.deviance < least.deviance) {
            best = Some((k, stick));
        }
    }
    let (k, stick) = best?;
    let degrees = length(counts) - 3.0;
    let dispersion = stick.pearson / degrees;
    let fall = straight.deviance - stick.deviance;
    let enough = fall >= fisher_one_over(degrees)? * dispersion;
    let mut places = weeks
        .iter()
        .enumerate()
        .filter(|(_, count)| count.is_some());
    let week = places.nth(k).map(|(week, _)| week);
    week.filter(|_| stick.slope > 0.0 && enough)
}
