//! The percentile bootstrap: what else might have been seen, had chance drawn again from the same.
//!
//! Source: B. Efron, "Bootstrap methods: another look at the jackknife", *Annals of Statistics* 7
//! (1979), 1-26; B. Efron, R. J. Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 13.

use rand_pcg::{Pcg64, rand_core::RngCore};

use super::{Interval, LEVEL, Method, TAIL};

/// How many times is drawn again.
pub(super) const REPLICATES: usize = 2_000;
/// Where the generator starts, and which of its streams it follows: the ones of its authors'
/// example, so that nobody chose them for what they yield.
const SEED_STATE: u128 = 0xcafe_f00d_d15e_a5e5;
const SEED_STREAM: u128 = 0x0a02_bdbf_7bb3_c0a7_ac28_fa16_a64a_bf96;

/// The generator, always at its start.
pub(super) fn generator() -> Pcg64 {
    Pcg64::new(SEED_STATE, SEED_STREAM)
}

/// Draws as many as there are from the list, with replacement.
///
/// The index is the high word of a product (D. Lemire, "Fast random integer generation in an
/// interval", 2019), without its rejection step: of a list of n, no item is likelier than another
/// by more than n in 2^64.
pub(super) fn drawn<'a, T>(
    list: &'a [T],
    generator: &'a mut Pcg64,
) -> impl Iterator<Item = &'a T> + 'a {
    let n = list.len() as u128;
    list.iter().filter_map(move |_| {
        let high = u128::from(generator.next_u64()).wrapping_mul(n) >> 64;
        list.get(usize::try_from(high).ok()?)
    })
}

/// The interval between the two quantiles of the replicates; none of no replicate.
pub(super) fn percentiles(mut replicates: Vec<f64>, method: Method) -> Option<Interval> {
    replicates.sort_unstable_by(f64::total_cmp);
    Some(Interval {
        lower: quantile(&replicates, TAIL)?,
        upper: quantile(&replicates, TAIL + LEVEL)?,
        method,
    })
}

/// The quantile by linear interpolation: type 7 of R. J. Hyndman, Y. Fan, "Sample quantiles in
/// statistical packages", *American Statistician* 50 (1996), 361-365, as numpy's is.
fn quantile(sorted: &[f64], probability: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = probability * super::length(sorted.get(1..)?);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last index, and the fraction is what is cut off"
    )]
    let below = (place as usize).min(last);
    let above = below.saturating_add(1).min(last);
    let (low, high) = (*sorted.get(below)?, *sorted.get(above)?);
    Some(place.fract().mul_add(high - low, low))
}
