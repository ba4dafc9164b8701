//! Worked by hand, or printed where they come from.

use carnet::evaluation::statistics::{
    COUNT_MAX, Interval, Method, displacement, garwood, median, overdispersed, plateau, rate,
    ratio, trend, wilson, worst_case,
};

/// In percent, or in whatever unit, to so many decimals.
#[track_caller]
fn reads(interval: Interval, factor: f64, decimals: usize, ends: &str) {
    let (lower, upper) = (interval.lower * factor, interval.upper * factor);
    assert_eq!(format!("{lower:.decimals$} to {upper:.decimals$}"), ends);
}

#[test]
fn the_worked_values_of_the_indicators() {
    reads(wilson(18, 20).unwrap(), 100.0, 1, "69.9 to 97.2");
    reads(rate(79, 29.0 / 7.0).unwrap(), 1.0, 2, "15.10 to 23.77");
    reads(worst_case(27, 30, 79).unwrap(), 100.0, 1, "34.2 to 96.2");
}

/// Garwood's table, as reprinted in Pearson and Hartley's *Biometrika Tables for Statisticians*.
#[test]
fn garwoods_own_table() {
    reads(garwood(0), 1.0, 3, "0.000 to 3.689");
    reads(garwood(1), 1.0, 4, "0.0253 to 5.5716");
    reads(garwood(10), 1.0, 3, "4.795 to 18.390");
}

#[test]
fn of_nothing_nothing_is_said() {
    assert_eq!(wilson(0, 0), None);
    assert_eq!(worst_case(0, 0, 0), None);
    assert_eq!(rate(3, 0.0), None);
    assert_eq!(ratio(&[]), None);
    assert_eq!(ratio(&[(1, 0), (2, 0)]), None);
    assert_eq!(displacement(&[], &[1], &[1], &[1]), None);
    assert_eq!(trend(&[0, 0, 0, 0]), None);
    assert_eq!(plateau(&[0, 0, 0, 0]), None);
    assert_eq!(median(&[]), None);
    assert!(!overdispersed(&[]));
}

/// Would catch: an arithmetic that overflows, and a quantile that takes seconds.
#[test]
fn the_largest_counts_are_taken() {
    let most = u64::MAX;
    for count in [COUNT_MAX, most] {
        let share = wilson(count, count).unwrap();
        assert!(share.lower > 0.999_999 && share.upper >= 1.0);
        let mean = garwood(count);
        assert!(mean.lower <= count as f64 && mean.upper >= count as f64);
        assert!(trend(&[count, count, count - 1]).is_some());
        assert!(ratio(&[(count, count), (count, count)]).is_some());
        assert!(displacement(&[count], &[count; 3], &[count], &[count]).is_some());
        assert!(worst_case(0, 0, count).is_some());
        assert!(plateau(&[count, count, count, count]).is_none());
    }
    assert_eq!(median(&[i64::MAX, i64::MAX]), Some(i64::MAX as f64));
    assert_eq!(median(&[i64::MIN, i64::MAX]), Some(-0.5));
}

/// A stick that rises to week 3 and is flat from there, exactly; one that starts from nothing; and
/// what is no plateau: growth all along, none at all, a fall.
#[test]
fn a_plateau_is_where_growth_ends() {
    assert_eq!(plateau(&[1, 2, 4, 8, 8, 8, 8, 8]), Some(3));
    assert_eq!(plateau(&[0, 0, 5, 5, 5, 5]), Some(2));
    assert_eq!(plateau(&[0, 5, 5, 5, 5, 5]), Some(1));
    assert_eq!(plateau(&[1, 2, 4, 8, 16, 32]), None);
    assert_eq!(plateau(&[7; 12]), None);
    assert_eq!(plateau(&[8, 4, 2, 1, 1, 1, 1, 1]), None);
}

/// Everything counted in the first week, or in the last: the slope is as steep as one likes.
#[test]
fn a_slope_that_no_value_fits_best_is_none() {
    assert_eq!(trend(&[5, 0, 0, 0]), None);
    assert_eq!(trend(&[0, 0, 0, 5]), None);
    assert!(trend(&[0, 0, 5, 0]).is_some());
}

/// Too much for statsmodels, which gives up; the law of reversed time tells whether it is right.
#[test]
fn a_slope_is_found_between_extremes() {
    let mut counts = vec![0; 320];
    counts[0] = COUNT_MAX;
    counts[318] = 1_000_000;
    let down = trend(&counts).unwrap();
    counts.reverse();
    let up = trend(&counts).unwrap();
    assert!(up.slope > 0.0 && (up.slope + down.slope).abs() < 1e-9);
}

#[test]
fn a_method_has_one_code() {
    for method in Method::ALL {
        let json = serde_json::to_string(&method).unwrap();
        assert_eq!(json, format!("{:?}", method.code()));
    }
}
