//! Laws: what holds of whatever is counted.

use carnet::evaluation::statistics::{
    COUNT_MAX, Interval, displacement, garwood, median, overdispersed, plateau, ratio, trend,
    wilson, worst_case,
};
use proptest::prelude::*;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

fn bits(interval: Option<Interval>) -> Option<(u64, u64)> {
    interval.map(|i| (i.lower.to_bits(), i.upper.to_bits()))
}

/// Successes among trials, few and many.
fn share() -> impl Strategy<Value = (u64, u64)> {
    prop_oneof![1..60_u64, 1..=COUNT_MAX].prop_flat_map(|trials| {
        prop_oneof![
            0..=trials,
            0..=trials.min(20),
            trials - trials.min(20)..=trials
        ]
        .prop_map(move |successes| (successes, trials))
    })
}

fn pairs() -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((0..40_u64, 0..5_u64), 2..30)
}

fn weeks() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![0..4_u64, 0..200_u64], 3..30)
}

proptest! {
    /// Would catch: bounds that cross, or leave what a share can be.
    #[test]
    fn a_share_lies_in_its_interval((successes, trials) in share()) {
        let Interval { lower, upper, .. } = wilson(successes, trials).unwrap();
        let share = successes as f64 / trials as f64;
        prop_assert!(0.0 <= lower && lower <= share && share <= upper && upper <= 1.0);
        prop_assert!(lower < upper);
    }

    /// Would catch: successes taken for failures at one end only.
    #[test]
    fn failures_are_the_mirror_of_successes((successes, trials) in share()) {
        let ours = wilson(successes, trials).unwrap();
        let mirrored = wilson(trials - successes, trials).unwrap();
        prop_assert!(near(ours.lower, 1.0 - mirrored.upper) && near(ours.upper, 1.0 - mirrored.lower));
    }

    #[test]
    fn one_success_more_raises_both_ends((successes, trials) in share()) {
        prop_assume!(successes < trials);
        let (less, more) = (wilson(successes, trials).unwrap(), wilson(successes + 1, trials).unwrap());
        prop_assert!(less.lower < more.lower && less.upper <= more.upper);
    }

    #[test]
    fn more_trials_of_the_same_share_narrow_it((successes, trials) in share()) {
        prop_assume!(trials < COUNT_MAX / 2);
        let (few, many) = (wilson(successes, trials).unwrap(), wilson(2 * successes, 2 * trials).unwrap());
        prop_assert!(many.upper - many.lower < few.upper - few.lower);
    }

    /// Also where one way of computing the quantile gives over to the other.
    #[test]
    fn a_count_lies_in_its_interval(count in prop_oneof![0..50_u64, 9_990..10_010_u64, 0..COUNT_MAX]) {
        let (here, next) = (garwood(count), garwood(count + 1));
        let mean = count as f64;
        prop_assert!(here.lower <= mean && mean < here.upper);
        prop_assert!(here.lower < next.lower && here.upper < next.upper);
    }

    /// Would catch: the silent left out of one bound.
    #[test]
    fn silence_widens_the_worst_case((answers, asked) in share(), failures in 0..20_u64) {
        let successes = answers.saturating_sub(failures);
        let bounds = worst_case(successes, answers, asked).unwrap();
        prop_assert!(0.0 <= bounds.lower && bounds.lower <= bounds.upper && bounds.upper <= 1.0);
        prop_assert!(near(bounds.upper - bounds.lower, (asked - answers) as f64 / asked as f64));
        if answers > 0 {
            let seen = successes as f64 / answers as f64;
            prop_assert!(bounds.lower <= seen && seen <= bounds.upper + 1e-15);
        }
    }

    /// Would catch: weeks counted backwards, an intercept that leans on where weeks begin.
    #[test]
    fn time_reversed_turns_the_slope(counts in weeks()) {
        let reversed: Vec<u64> = counts.iter().rev().copied().collect();
        match (trend(&counts), trend(&reversed)) {
            (Some(one), Some(other)) => {
                prop_assert!(near(one.slope, -other.slope));
                prop_assert!(near(one.interval.lower, -other.interval.upper));
                prop_assert!(one.interval.lower <= one.slope && one.slope <= one.interval.upper);
            }
            (one, other) => prop_assert_eq!(one, other),
        }
    }

    /// Pairs of persons instead of persons: the dispersion doubles, and the errors stay.
    #[test]
    fn another_unit_leaves_slope_and_plateau(counts in weeks()) {
        let scaled: Vec<u64> = counts.iter().map(|count| 2 * count).collect();
        match (trend(&counts), trend(&scaled)) {
            (Some(one), Some(other)) => {
                prop_assert!(near(one.slope, other.slope));
                prop_assert!(near(one.interval.upper, other.interval.upper));
            }
            (one, other) => prop_assert_eq!(one, other),
        }
        prop_assert_eq!(plateau(&counts), plateau(&scaled));
    }

    /// A plateau follows a rise and is a week among the weeks.
    #[test]
    fn a_plateau_is_a_week_before_the_last(counts in weeks()) {
        if let Some(week) = plateau(&counts) {
            prop_assert!(0 < week && week < counts.len() - 1);
            let mean = |weeks: &[u64]| weeks.iter().sum::<u64>() as f64 / weeks.len() as f64;
            prop_assert!(mean(&counts[..week]) < mean(&counts[week..]));
        }
    }

    /// Would catch: rounding taken for growth.
    #[test]
    fn what_is_even_neither_scatters_nor_grows(
        count in prop_oneof![0..1_000_u64, 0..COUNT_MAX],
        weeks in 0..50_usize,
    ) {
        let even = vec![count; weeks];
        prop_assert!(!overdispersed(&even));
        prop_assert_eq!(plateau(&even), None);
    }

    #[test]
    fn half_are_below_the_median_and_half_above(values in prop::collection::vec(-50..50_i64, 1..40)) {
        let middle = median(&values).unwrap();
        let below = values.iter().filter(|&&value| (value as f64) < middle).count();
        let above = values.iter().filter(|&&value| (value as f64) > middle).count();
        prop_assert!(2 * below <= values.len() && 2 * above <= values.len());
    }
}

proptest! {
    // Each draws some hundred thousand times, a case.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Would catch: resampling in the order in which sessions came in.
    #[test]
    fn the_order_of_sessions_changes_nothing(pairs in pairs(), turn in 0..30_usize) {
        let mut turned = pairs.clone();
        turned.rotate_left(turn % pairs.len());
        turned.reverse();
        prop_assert_eq!(bits(ratio(&pairs)), bits(ratio(&turned)));
    }

    /// Between the least and the greatest of the sessions' own ratios, where each has one.
    #[test]
    fn a_ratio_lies_among_those_of_its_sessions(pairs in pairs()) {
        let pairs: Vec<(u64, u64)> = pairs.into_iter().map(|(x, y)| (x, y + 1)).collect();
        let own = || pairs.iter().map(|&(x, y)| x as f64 / y as f64);
        let Interval { lower, upper, .. } = ratio(&pairs).unwrap();
        prop_assert!(lower <= upper);
        prop_assert!(own().fold(f64::INFINITY, f64::min) <= lower + 1e-12);
        prop_assert!(own().fold(0.0, f64::max) >= upper - 1e-12);
    }

    /// Minutes instead of hours.
    #[test]
    fn another_unit_scales_a_ratio(pairs in pairs()) {
        let scaled: Vec<(u64, u64)> = pairs.iter().map(|&(x, y)| (60 * x, y)).collect();
        match (ratio(&pairs), ratio(&scaled)) {
            (Some(one), Some(other)) => {
                prop_assert!(near(60.0 * one.lower, other.lower) && near(60.0 * one.upper, other.upper));
            }
            (one, other) => prop_assert_eq!(one, other),
        }
    }

    #[test]
    fn the_order_of_weeks_changes_no_displacement(lists in prop::array::uniform4(weeks())) {
        let told = |[a, b, c, d]: &[Vec<u64>; 4]| {
            displacement(a, b, c, d).map(|(change, interval)| (change.to_bits(), bits(Some(interval))))
        };
        let mut turned = lists.clone();
        for list in &mut turned {
            list.reverse();
        }
        prop_assert_eq!(told(&lists), told(&turned));
    }

    /// Would catch: hub and zone, or before and after, taken for each other.
    #[test]
    fn the_hub_that_gains_has_the_greater_change(counts in weeks()) {
        prop_assume!(counts.iter().any(|&count| count > 0));
        let doubled: Vec<u64> = counts.iter().map(|count| 2 * count).collect();
        let change = |a: &[u64], b: &[u64], c: &[u64], d: &[u64]| displacement(a, b, c, d).unwrap().0;
        prop_assert!(near(change(&counts, &doubled, &counts, &counts), 1.0));
        prop_assert!(near(change(&doubled, &counts, &counts, &counts), -0.5));
        prop_assert!(near(change(&counts, &counts, &counts, &doubled), -1.0));
        prop_assert!(near(change(&counts, &counts, &doubled, &counts), 0.5));
    }
}
