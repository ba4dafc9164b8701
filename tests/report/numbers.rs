//! Numbers, shares, intervals and days in French.

use carnet::report::{
    document::{Cell, Mark, Unit},
    french,
};
use rust_decimal::Decimal;

use super::sample::{day, decimal, estimate};

/// Would catch: a decimal point, thousands parted by a plain space, halves rounded to even, "−0".
#[test]
fn numbers_are_written_as_in_french() {
    for (value, digits, wanted) in [
        ("0", 0, "0"),
        ("0", 2, "0,00"),
        ("1234.5", 1, "1\u{202f}234,5"),
        ("1234567.891", 2, "1\u{202f}234\u{202f}567,89"),
        ("999.96", 1, "1\u{202f}000,0"),
        ("123", 0, "123"),
        ("0.5", 0, "1"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "\u{2212}3"),
        ("-0.04", 1, "0,0"),
        ("-1234.56", 1, "\u{2212}1\u{202f}234,6"),
        ("19.0689655172413793", 2, "19,07"),
        ("12.3", 3, "12,300"),
    ] {
        assert_eq!(french::number(decimal(value), digits), wanted, "{value}");
    }
    assert_eq!(french::number(Decimal::MAX, 0).chars().count(), 38);
}

/// Would catch: a share taken for a percentage, or the other way round.
#[test]
fn shares_are_percentages() {
    assert_eq!(french::share(decimal("0.9"), 1), "90,0\u{a0}%");
    assert_eq!(french::share(decimal("1"), 0), "100\u{a0}%");
    assert_eq!(french::share(decimal("-0.125"), 1), "\u{2212}12,5\u{a0}%");
    let (lower, upper) = (decimal("0.69899"), decimal("0.97213"));
    assert_eq!(
        french::share_interval(lower, upper, 1),
        "69,9 à 97,2\u{a0}%"
    );
    let (lower, upper) = (decimal("15.1"), decimal("23.77"));
    assert_eq!(french::interval(lower, upper, 2), "15,10 à 23,77");
}

/// Would catch: a cell that is printed otherwise than its kind says.
#[test]
fn cells_are_printed() {
    assert_eq!(
        french::cell(&Cell::Date(day("2021-04-27"))),
        "27 avril 2021"
    );
    assert_eq!(french::cell(&Cell::Date(day("2021-05-01"))), "1er mai 2021");
    assert_eq!(french::cell(&Cell::Suppressed), "s");
    assert_eq!(
        french::cell(&Cell::Missing("sans objet".to_owned())),
        "sans objet"
    );
    let cell = Cell::ShareInterval {
        lower: decimal("0.342"),
        upper: decimal("0.962"),
        digits: 1,
    };
    assert_eq!(french::cell(&cell), "34,2 à 96,2\u{a0}%");
}

/// Would catch: a mark whose interval is in another unit than its value, and a threshold rounded to
/// another value.
#[test]
fn marks_and_thresholds_are_printed() {
    let share = estimate("0.9", "0.699", "0.972");
    assert_eq!(
        french::mark(&Unit::Share, &share, 1),
        "90,0\u{a0}% (69,9 à 97,2)"
    );
    let unit = Unit::Of("par semaine".to_owned());
    let number = estimate("19.07", "15.1", "23.77");
    assert_eq!(french::mark(&unit, &number, 1), "19,1 (15,1 à 23,8)");
    assert_eq!(french::mark(&unit, &Mark::Suppressed, 1), "s");
    assert_eq!(
        french::threshold(&Unit::Share, decimal("0.820")),
        "82\u{a0}%"
    );
    assert_eq!(
        french::threshold(&Unit::Share, decimal("0.825")),
        "82,5\u{a0}%"
    );
    assert_eq!(french::threshold(&unit, decimal("10.5")), "10,5");
}
