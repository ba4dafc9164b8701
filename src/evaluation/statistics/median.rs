//! The middle of what was measured.

/// The median: the middle value, or the mean of the two in the middle; in the values' own unit.
///
/// None of nothing.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "rounded once, after an exact sum"
)]
pub fn median(values: &[i64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get(sorted.len().checked_sub(1)? / 2)?;
    Some(i128::from(lower).saturating_add(i128::from(upper)) as f64 / 2.0)
}
