//! It is French that is read, and typeset as such.

use std::collections::BTreeSet;

use carnet::report::{compose::compose, document::Document};

use crate::{all, stage::material};

/// Words that no French sentence has, but those of a code in quotation marks or of a command.
const ENGLISH: [&str; 24] = [
    "the",
    "and",
    "of",
    "with",
    "held",
    "session",
    "sessions",
    "week",
    "weeks",
    "rate",
    "actual",
    "missing",
    "unknown",
    "value",
    "none",
    "some",
    "true",
    "false",
    "null",
    "percent",
    "launch",
    "criteria",
    "running",
    "experiment",
];

/// The document's words, what is in codes apart.
fn words(document: &Document) -> BTreeSet<String> {
    let text = all(document);
    let text: String = text
        .lines()
        .map(|line| {
            let quoted = line.split(['«', '»']).step_by(2);
            quoted.collect::<Vec<_>>().join(" ") + "\n"
        })
        .collect();
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '-')
        .map(str::to_lowercase)
        .collect()
}

/// Catches: a code, a debug name or an English label that reaches the reader.
#[test]
fn no_word_of_it_is_english() {
    let words = words(&compose(&material()));
    let english: Vec<&&str> = ENGLISH
        .iter()
        .filter(|word| words.contains(**word))
        .collect();
    assert!(english.is_empty(), "{english:?}");
}

/// Catches: a colon at the beginning of a line, an apostrophe of the typewriter.
#[test]
fn spaces_before_punctuation_do_not_break() {
    let document = compose(&material());
    let canonical = String::from_utf8(document.canonical()).unwrap();
    for broken in [
        " :",
        " ;",
        " ?",
        " !",
        " %",
        " »",
        "« ",
        "l'",
        "d'",
        "\u{a0}\u{a0}",
        "  ",
    ] {
        assert!(!canonical.contains(broken), "« {broken} » in {canonical}");
    }
    assert!(canonical.contains("95\u{a0}%"));
}

/// Catches: a chart that says nothing to who does not see it: its values are in its words.
#[test]
fn every_chart_says_its_values_in_words() {
    let document = compose(&material());
    let mut charts = 0;
    for chart in document.charts() {
        for point in &chart.points {
            assert!(
                chart.alt.contains(&point.label),
                "{} in {}",
                point.label,
                chart.alt
            );
        }
        charts += 1;
    }
    assert!(charts > 10, "{charts} charts");
}

/// Catches: a row that is short of a cell, a sentence that is put together badly.
#[test]
fn every_row_has_as_many_cells_as_columns() {
    let document = compose(&material());
    for table in document.tables() {
        for row in &table.rows {
            assert_eq!(row.len(), table.columns.len(), "{}", table.code);
        }
    }
    let text = all(&document);
    for slip in ["..", ". .", " .", " ,", "( ", " )", ";.", ":."] {
        let slips = text.replace("...", "");
        assert!(!slips.contains(slip), "« {slip} » in {text}");
    }
}
