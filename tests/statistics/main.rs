//! The statistical functions, held against scipy, statsmodels and numpy: the tables beside this
//! file, which `make.py` makes (its head says how) without any code of ours; and their laws.
//!
//! Everything agrees to 1e-9 of the value, or of 1 where the value is smaller; the ends of Wilson's
//! and Garwood's intervals to 1e-12 of themselves, however small.

#![expect(
    clippy::cast_precision_loss,
    reason = "counts are far below 2^53, or it does not matter"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod laws;
mod worked;

use std::{fmt::Debug, fs, path::Path, str::FromStr};

use carnet::evaluation::statistics::{
    BOOTSTRAP_SESSIONS_MAX, Interval, Method, displacement, garwood, median, overdispersed,
    plateau, rate, ratio, trend, wilson, worst_case,
};

const TOLERANCE: f64 = 1e-9;
/// For what is held by its own measure: more than is needed, so that no digit there is gets lost.
const TIGHT: f64 = 1e-12;

/// A table of `make.py`, one row after another.
fn table(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/statistics")
        .join(name)
        .with_extension("csv");
    let text = fs::read_to_string(path).unwrap();
    csv::Reader::from_reader(text.as_bytes())
        .into_records()
        .map(|record| Row(record.unwrap()))
        .collect()
}

struct Row(csv::StringRecord);

impl Row {
    fn cell<T: FromStr<Err: Debug>>(&self, column: usize) -> T {
        self.0[column].parse().unwrap()
    }

    /// Empty is "nothing can be said".
    fn maybe<T: FromStr<Err: Debug>>(&self, column: usize) -> Option<T> {
        (!self.0[column].is_empty()).then(|| self.cell(column))
    }

    fn list<T: FromStr<Err: Debug>>(&self, column: usize) -> Vec<T> {
        self.0[column]
            .split_whitespace()
            .map(|item| item.parse().unwrap())
            .collect()
    }

    fn pairs(&self, column: usize) -> Vec<(u64, u64)> {
        self.0[column]
            .split_whitespace()
            .map(|pair| {
                let (x, y) = pair.split_once(':').unwrap();
                (x.parse().unwrap(), y.parse().unwrap())
            })
            .collect()
    }

    /// The ends of an interval in that column and the next.
    #[track_caller]
    fn holds(&self, column: usize, method: Method, ours: Option<Interval>) {
        let theirs = self.maybe(column).zip(self.maybe(column + 1));
        match (ours, theirs) {
            (None, None) => {}
            (Some(ours), Some((lower, upper))) => {
                assert_eq!(ours.method, method, "{:?}", self.0);
                self.near(ours.lower, lower);
                self.near(ours.upper, upper);
            }
            _ => panic!("{ours:?}, but {:?}", self.0),
        }
    }

    #[track_caller]
    fn near(&self, ours: f64, theirs: f64) {
        let off = (ours - theirs).abs();
        assert!(
            off <= TOLERANCE * theirs.abs().max(1.0),
            "{ours:?} is not {theirs:?}: {:?}",
            self.0
        );
    }

    /// Near by its own measure, however small.
    #[track_caller]
    fn near_relatively(&self, ours: f64, theirs: f64) {
        let off = (ours - theirs).abs();
        assert!(
            off <= TIGHT * theirs.abs(),
            "{ours:?} is not {theirs:?}: {:?}",
            self.0
        );
    }
}

#[test]
fn shares_agree_with_statsmodels() {
    let rows = table("wilson");
    assert!(rows.len() >= 1_000);
    for row in rows {
        let (successes, trials) = (row.cell(0), row.cell(1));
        let ours = wilson(successes, trials);
        row.holds(2, Method::Wilson, ours);
        if let Some(ours) = ours {
            if successes == 0 {
                assert_eq!(ours.lower.to_bits(), 0, "{:?}", row.0);
            } else {
                row.near_relatively(ours.lower, row.cell(2));
            }
            if successes == trials {
                assert_eq!(ours.upper.to_bits(), 1_f64.to_bits(), "{:?}", row.0);
            }
            row.near_relatively(ours.upper, row.cell(3));
        }
    }
}

#[test]
fn counts_agree_with_scipy() {
    let rows = table("garwood");
    assert!(rows.len() >= 1_000);
    for row in rows {
        let ours = garwood(row.cell(0));
        row.holds(1, Method::ExactPoisson, Some(ours));
        row.near_relatively(ours.lower, row.cell(1));
        row.near_relatively(ours.upper, row.cell(2));
    }
}

#[test]
fn rates_agree_with_scipy() {
    for row in table("rate") {
        row.holds(2, Method::ExactPoisson, rate(row.cell(0), row.cell(1)));
    }
}

#[test]
fn overdispersion_agrees_with_scipy() {
    let mut seen = [0, 0];
    for row in table("overdispersed") {
        let theirs: bool = row.cell(1);
        assert_eq!(overdispersed(&row.list(0)), theirs, "{:?}", row.0);
        seen[usize::from(theirs)] += 1;
    }
    assert!(seen.iter().all(|&times| times > 20), "{seen:?}");
}

/// Would catch: another generator, another seed, another index, another quantile, replicates that
/// are kept though they divide by 0.
#[test]
fn ratios_agree_with_the_bootstrap_of_numpy() {
    for row in table("ratio") {
        row.holds(1, Method::BootstrapBySession, ratio(&row.pairs(0)));
    }
}

/// Up to the last list that is resampled, and the first that is not.
#[test]
fn ratios_of_many_sessions_agree_with_numpy() {
    for row in table("ratio-long") {
        let [sessions, square, line, top, bottom] =
            [0, 1, 2, 3, 4].map(|column| row.cell::<u64>(column));
        let pairs: Vec<(u64, u64)> = (0..sessions)
            .map(|i| ((i * i * square + i * line) % top, i % bottom))
            .collect();
        let method = if pairs.len() > BOOTSTRAP_SESSIONS_MAX {
            Method::LinearisedRatio
        } else {
            Method::BootstrapBySession
        };
        row.holds(5, method, ratio(&pairs));
    }
}

#[test]
fn displacements_agree_with_the_bootstrap_of_numpy() {
    for row in table("displacement") {
        let [hub_before, hub_after, zone_before, zone_after] =
            [0, 1, 2, 3].map(|column| row.list(column));
        let ours = displacement(&hub_before, &hub_after, &zone_before, &zone_after);
        row.holds(5, Method::Bootstrap, ours.map(|(_, interval)| interval));
        if let Some((change, _)) = ours {
            row.near(change, row.cell(4));
        }
    }
}

#[test]
fn worst_cases_agree_with_fractions() {
    for row in table("worst-case") {
        let ours = worst_case(row.cell(0), row.cell(1), row.cell(2));
        row.holds(3, Method::WorstCaseBounds, ours);
    }
}

#[test]
fn trends_agree_with_statsmodels() {
    for row in table("trend") {
        let ours = trend(&row.list(0));
        row.holds(
            2,
            Method::QuasiPoissonSlope,
            ours.map(|trend| trend.interval),
        );
        if let Some(trend) = ours {
            row.near(trend.slope, row.cell(1));
        }
    }
}

#[test]
fn plateaus_agree_with_statsmodels() {
    let mut found = 0;
    for row in table("plateau") {
        let theirs: Option<usize> = row.maybe(1);
        assert_eq!(plateau(&row.list(0)), theirs, "{:?}", row.0);
        found += usize::from(theirs.is_some());
    }
    assert!(found > 20, "{found}");
}

#[test]
fn medians_agree_with_numpy() {
    for row in table("median") {
        let (ours, theirs) = (median(&row.list(0)), row.maybe::<f64>(1));
        assert_eq!(
            ours.map(f64::to_bits),
            theirs.map(f64::to_bits),
            "{:?}",
            row.0
        );
    }
}
