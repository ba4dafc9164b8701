//! Bounds that assume nothing of those who did not answer.

use super::{Interval, Method, float};

/// The share of all who were asked that would have succeeded, if none of the silent had, and if
/// all of them had: `successes / asked` to `(successes + asked - answers) / asked`.
///
/// Source: C. F. Manski, "Anatomy of the selection problem", *Journal of Human Resources* 24
/// (1989), 343-360. The bounds are of what is not known, not of chance: they are wide by the share
/// of silence, however many were asked.
///
/// Shares, 0 to 1. None where nobody was asked, or where there are more successes than answers, or
/// more answers than asked.
#[must_use]
pub fn worst_case(successes: u64, answers: u64, asked: u64) -> Option<Interval> {
    let failures = answers.checked_sub(successes)?;
    if asked == 0 || answers > asked {
        return None;
    }
    Some(Interval {
        lower: float(successes) / float(asked),
        upper: float(asked.checked_sub(failures)?) / float(asked),
        method: Method::WorstCaseBounds,
    })
}
