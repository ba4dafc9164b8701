//! The document itself: its canonical bytes, and every format made of it twice.

use std::collections::BTreeSet;

use carnet::report::{
    document::{Cell, Document},
    render::{Format, RenderError, render},
};

use super::sample::{decimal, sample};

fn formats(document: &Document) -> Vec<Format> {
    let tables = document
        .tables()
        .map(|table| Format::Table(table.code.clone()));
    let charts = document
        .charts()
        .map(|chart| Format::Svg(chart.code.clone()));
    [Format::Xlsx, Format::Ods, Format::Csv, Format::Json]
        .into_iter()
        .chain(tables)
        .chain(charts)
        .collect()
}

/// Would catch: a field that is not written, or not read again.
#[test]
fn what_is_written_is_read_again() {
    let document = sample();
    let bytes = document.canonical();
    assert_eq!(Document::from_canonical(&bytes).unwrap(), document);
    assert_eq!(Document::from_canonical(&bytes).unwrap().canonical(), bytes);
    assert_eq!(render(&document, &Format::Json).unwrap(), bytes);
}

/// Would catch: a field that is renamed or moved, which would change the hash of every report that is
/// frozen.
#[test]
fn the_hash_of_the_sample_is_what_it_was() {
    let mut document = sample();
    document.sections.truncate(3);
    let begin = "{\"code\":\"rapport-2021-08\",\"title\":\"Rapport d'évaluation";
    let text = String::from_utf8(document.canonical()).unwrap();
    assert!(text.starts_with(begin), "{text}");
    let row = "[{\"text\":\"Taux de tenue\"},{\"share\":{\"value\":\"0.9\",\"digits\":1}},\
               {\"shareInterval\":{\"lower\":\"0.699\",\"upper\":\"0.972\",\"digits\":1}},\
               {\"date\":\"2021-04-27\"}]";
    assert!(text.contains(row), "{text}");
    assert_eq!(
        document.hash(),
        "9d85dd301f3f2418227cc9ea42c79d7417de6422de4b09e169d64da2945cc50e"
    );
}

/// Would catch: two documents that are equal and have two hashes.
#[test]
fn equal_numbers_are_written_alike() {
    let number = |value: &str| Cell::Number {
        value: decimal(value),
        digits: 1,
    };
    let written = |cell: &Cell| serde_json::to_string(cell).unwrap();
    for (one, other) in [("0.9", "0.900"), ("0", "-0.00"), ("100", "100.0")] {
        assert_eq!(number(one), number(other));
        assert_eq!(written(&number(one)), written(&number(other)));
    }
}

/// Would catch: bytes of something else that are taken for a document.
#[test]
fn what_is_no_document_is_refused() {
    let text = String::from_utf8(sample().canonical()).unwrap();
    let spoiled = [
        text.replacen("\"code\"", "\"extra\":1,\"code\"", 1),
        text.replacen("{\"share\":{", "{\"share\":{\"extra\":1,", 1),
        text.replacen("\"value\":\"0.9\"", "\"value\":0.9", 1),
        text.replacen("\"value\":\"0.9\"", "\"value\":\"0,9\"", 1),
        text.replacen("\"suppressed\"", "\"hidden\"", 1),
        text.replacen("2021-08-31", "31/08/2021", 1),
        text[..text.len() - 1].to_owned(),
    ];
    for spoiled in spoiled {
        assert_ne!(spoiled, text);
        assert!(
            Document::from_canonical(spoiled.as_bytes()).is_err(),
            "{spoiled}"
        );
    }
}

/// Would catch: a clock, a random number or the order of a hash map in any format.
#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = sample();
    for format in formats(&document) {
        let once = render(&document, &format).unwrap();
        let again = render(&document.clone(), &format).unwrap();
        assert!(!once.is_empty());
        assert!(once == again, "{format:?}");
    }
}

/// Would catch: two files of one report that would overwrite each other, and a name that is a path.
#[test]
fn every_file_has_its_own_name() {
    let document = sample();
    let names = formats(&document)
        .into_iter()
        .map(|format| format.file_name(&document));
    let names: Vec<String> = names.collect();
    let distinct: BTreeSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    for name in names {
        assert!(
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)),
            "{name}"
        );
    }
}

/// Would catch: an empty file for a table that does not exist.
#[test]
fn what_is_not_in_it_is_not_rendered() {
    let document = sample();
    for format in [
        Format::Table("satisfactions".to_owned()),
        Format::Svg("indicateurs".to_owned()),
    ] {
        let error = render(&document, &format).unwrap_err();
        assert!(matches!(error, RenderError::NotInIt(_)), "{error}");
    }
}

/// Would catch: a file without the notice that what it tells is made up.
#[test]
fn the_notice_is_in_every_text() {
    let document = sample();
    let notice = "Données synthétiques : rien de ce qui est dit ici n'a eu lieu.";
    let escaped = notice.replace('\'', "&apos;");
    for format in formats(&document) {
        if matches!(format, Format::Xlsx | Format::Ods) {
            continue;
        }
        let text = String::from_utf8(render(&document, &format).unwrap()).unwrap();
        assert!(
            text.contains(notice) || text.contains(&escaped),
            "{format:?} {text}"
        );
    }
}
