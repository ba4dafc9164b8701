//! What is no document of which every format can say all.

use carnet::report::{
    document::{
        Block, COLUMNS_MAX, Cell, Chart, Column, ColumnKind, Document, Flaw, Mark, POINTS_MAX,
        ROWS_MAX, SECTIONS_MAX, TEXT_CHARS_MAX, THRESHOLDS_MAX, Table,
    },
    render::{Format, RenderError, render},
};

use super::sample::{day, decimal, sample};

/// What is wrong with the sample once it is changed so.
fn flaw(change: impl FnOnce(&mut Document)) -> Flaw {
    let mut document = sample();
    document.check().unwrap();
    change(&mut document);
    let flaw = document.check().unwrap_err();
    // No format is made of it.
    for format in [Format::Xlsx, Format::Ods, Format::Csv, Format::Json] {
        let error = render(&document, &format).unwrap_err();
        assert!(matches!(error, RenderError::Flawed(_)), "{error}");
    }
    flaw
}

fn table(document: &mut Document) -> &mut Table {
    let blocks = document
        .sections
        .iter_mut()
        .flat_map(|section| &mut section.blocks);
    let mut tables = blocks.filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    tables.next().unwrap()
}

fn chart(document: &mut Document) -> &mut Chart {
    let blocks = document
        .sections
        .iter_mut()
        .flat_map(|section| &mut section.blocks);
    let mut charts = blocks.filter_map(|block| match block {
        Block::Chart(chart) => Some(chart),
        _ => None,
    });
    charts.next().unwrap()
}

/// Would catch: a code that is a path, or that is an attribute of SVG cut short.
#[test]
fn codes_are_plain() {
    for code in ["", "../x", "Majuscule", "é", "a b", "a\"b", &"a".repeat(61)] {
        let found = flaw(|document| code.clone_into(&mut document.code));
        assert!(matches!(found, Flaw::Code { .. }), "{found}");
        let found = flaw(|document| code.clone_into(&mut table(document).code));
        assert!(matches!(found, Flaw::Code { .. }), "{found}");
    }
}

/// Would catch: a table that hides another of the same code.
#[test]
fn codes_serve_once() {
    let found = flaw(|document| {
        let first = document.sections[0].code.clone();
        document.sections[1].code = first;
    });
    assert!(matches!(found, Flaw::CodeTwice { .. }), "{found}");
    let found = flaw(|document| {
        let of_table = table(document).code.clone();
        chart(document).code = of_table;
    });
    assert!(matches!(found, Flaw::CodeTwice { .. }), "{found}");
}

/// Would catch: a row that is cut to the columns, or columns that go without cells.
#[test]
fn rows_have_a_cell_to_each_column() {
    for change in [
        |row: &mut Vec<Cell>| {
            row.pop();
        },
        |row: &mut Vec<Cell>| row.push(Cell::Suppressed),
    ] {
        let found = flaw(|document| change(&mut table(document).rows[2]));
        assert!(
            matches!(
                found,
                Flaw::Row {
                    row: 3,
                    columns: 4,
                    ..
                }
            ),
            "{found}"
        );
    }
}

/// Would catch: a number that a spreadsheet would round, or show with another.
#[test]
fn numbers_are_within_bounds() {
    let cells = [("1000000000000000", 0), ("-1000000000000000", 0), ("1", 7)];
    for (value, digits) in cells {
        let value = decimal(value);
        let found = flaw(|document| {
            table(document).rows[0][1] = Cell::Number { value, digits };
        });
        assert!(matches!(found, Flaw::Number { .. }), "{found}");
    }
    let found = flaw(|document| chart(document).digits = 7);
    assert!(matches!(found, Flaw::Number { .. }), "{found}");
    let found = flaw(|document| {
        chart(document).thresholds[0].value = decimal("1000000000000000");
    });
    assert!(matches!(found, Flaw::Number { .. }), "{found}");
}

/// Would catch: an interval upside down, and one that does not hold its value.
#[test]
fn intervals_hold_their_values() {
    let marks = [
        ("0.5", "0.6", "0.7"),
        ("0.8", "0.6", "0.7"),
        ("0.65", "0.7", "0.6"),
    ];
    for (value, lower, upper) in marks {
        let mark = super::sample::estimate(value, lower, upper);
        let found = flaw(|document| chart(document).points[0].mark = mark);
        assert!(matches!(found, Flaw::Interval { .. }), "{found}");
    }
    let (lower, upper) = (decimal("2"), decimal("1"));
    let found = flaw(|document| {
        table(document).rows[0][2] = Cell::ShareInterval {
            lower,
            upper,
            digits: 1,
        };
    });
    assert!(matches!(found, Flaw::Interval { .. }), "{found}");
    let found = flaw(|document| chart(document).points[0].mark = Mark::Bounds { lower, upper });
    assert!(matches!(found, Flaw::Interval { .. }), "{found}");
}

/// Would catch: a day that a spreadsheet cannot hold.
#[test]
fn days_are_of_our_time() {
    for date in ["1899-12-31", "2200-01-01"] {
        let date = day(date);
        let found = flaw(|document| document.dated = date);
        assert_eq!(found, Flaw::Date { date });
        let found = flaw(|document| table(document).rows[0][3] = Cell::Date(date));
        assert_eq!(found, Flaw::Date { date });
    }
}

/// Would catch: a chart that says nothing to who does not see it.
#[test]
fn charts_have_an_alternative_text() {
    let found = flaw(|document| " \n".clone_into(&mut chart(document).alt));
    assert!(matches!(found, Flaw::NoAlternative { .. }), "{found}");
}

/// Would catch: a limit that does not hold, or is one off.
#[test]
fn there_is_not_too_much_of_anything() {
    let too_long = "é".repeat(TEXT_CHARS_MAX + 1);
    let found = flaw(|document| document.title.clone_from(&too_long));
    assert!(matches!(found, Flaw::TextTooLong { .. }), "{found}");
    let found = flaw(|document| table(document).rows[0][0] = Cell::Text(too_long.clone()));
    assert!(matches!(found, Flaw::TextTooLong { .. }), "{found}");
    let too_many = |found: Flaw, of: &str, most: usize| {
        assert!(
            matches!(&found, Flaw::TooMany { of: what, max, .. } if *what == of && *max == most),
            "{found}"
        );
    };
    let section = sample().sections[0].clone();
    let sections = (0..=SECTIONS_MAX).map(|number| {
        let mut section = section.clone();
        section.code = format!("s{number}");
        section
    });
    let sections: Vec<_> = sections.collect();
    let found = flaw(|document| document.sections = sections);
    too_many(found, "sections", SECTIONS_MAX);
    let column = Column {
        title: "x".to_owned(),
        kind: ColumnKind::Text,
    };
    let found = flaw(|document| table(document).columns = vec![column; COLUMNS_MAX + 1]);
    too_many(found, "colonnes", COLUMNS_MAX);
    let found = flaw(|document| {
        let row = table(document).rows[0].clone();
        table(document).rows = vec![row; ROWS_MAX + 1];
    });
    too_many(found, "lignes", ROWS_MAX);
    let found = flaw(|document| {
        let point = chart(document).points[0].clone();
        chart(document).points = vec![point; POINTS_MAX + 1];
    });
    too_many(found, "points", POINTS_MAX);
    let found = flaw(|document| {
        let threshold = chart(document).thresholds[0].clone();
        chart(document).thresholds = vec![threshold; THRESHOLDS_MAX + 1];
    });
    too_many(found, "seuils", THRESHOLDS_MAX);
}
