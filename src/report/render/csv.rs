//! Tables as CSV, as the programs of French offices open them and `read_csv2` of R reads them: UTF-8
//! with its mark, semicolons, a decimal comma, days as 2021-04-27.
//!
//! Numbers are what they are, not what is shown of them. A share is a percentage with its sign in the
//! file of one table ("90%", which a spreadsheet takes for 0,9), and a part of 1 in the file of all
//! figures, which says of each cell what it is.
//!
//! A text that a spreadsheet would take for a formula is kept from it by an apostrophe before it.

use csv::{Terminator, Writer, WriterBuilder};
use rust_decimal::Decimal;

use super::{
    RenderError,
    figures::figures,
    sheets::{Entry, entries, headings},
};
use crate::report::{
    document::{Document, Table},
    french,
};

/// Without it Excel takes the file for another encoding.
const MARK: &str = "\u{feff}";
const NOTICE: &str = "Avertissement";

/// One table, or what one chart shows. Where what is told is made up, a last column says so on every
/// row.
pub(super) fn one(document: &Document, code: &str) -> Result<Vec<u8>, RenderError> {
    let figures = figures(document);
    let table = figures
        .iter()
        .find(|table| table.code == code)
        .ok_or_else(|| RenderError::NotInIt(code.to_owned()))?;
    let notice = document.synthetic.as_deref();
    let mut writer = writer();
    let heading = table.columns.iter().flat_map(headings);
    let heading = heading.chain(notice.map(|_| NOTICE.to_owned()));
    writer.write_record(heading.map(|words| harmless(&words)))?;
    for row in entries_of(table) {
        let row = row.iter().map(plain).chain(notice.map(harmless));
        writer.write_record(row)?;
    }
    if let Some(notice) = notice.filter(|_| table.rows.is_empty()) {
        let blanks = table
            .columns
            .iter()
            .flat_map(headings)
            .map(|_| String::new());
        writer.write_record(blanks.chain([harmless(notice)]))?;
    }
    finished(writer)
}

/// All figures, a cell to a line, with what they are of, and what is so of the whole document.
pub(super) fn all(document: &Document) -> Result<Vec<u8>, RenderError> {
    let mut writer = writer();
    writer.write_record(["Tableau", "Titre", "Ligne", "Colonne", "Nature", "Valeur"])?;
    let notice = document.synthetic.iter().map(|notice| (NOTICE, notice));
    let facts = document.facts.iter();
    let facts = facts.map(|fact| (fact.label.as_str(), &fact.text));
    for (label, text) in notice.chain(facts) {
        let (title, label) = (harmless(&document.title), harmless(label));
        writer.write_record(["", &title, "", &label, "document", &harmless(text)])?;
    }
    for table in figures(document) {
        let title = harmless(&table.title);
        let columns = table.columns.iter().flat_map(headings);
        let columns: Vec<String> = columns.map(|words| harmless(&words)).collect();
        for (number, row) in (1_usize..).zip(entries_of(&table)) {
            let number = number.to_string();
            for (column, entry) in columns.iter().zip(&row) {
                let (nature, value) = natural(entry);
                writer.write_record([&table.code, &title, &number, column, nature, &value])?;
            }
        }
        for note in &table.notes {
            writer.write_record([&table.code, &title, "", "", "note", &harmless(note)])?;
        }
    }
    finished(writer)
}

fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .delimiter(b';')
        .terminator(Terminator::CRLF)
        .from_writer(MARK.as_bytes().to_vec())
}

fn finished(writer: Writer<Vec<u8>>) -> Result<Vec<u8>, RenderError> {
    let whole = writer.into_inner().map_err(csv::IntoInnerError::into_error);
    Ok(whole.map_err(csv::Error::from)?)
}

fn entries_of(table: &Table) -> impl Iterator<Item = Vec<Entry>> {
    table.rows.iter().map(|cells| {
        let cells = table.columns.iter().zip(cells);
        cells
            .flat_map(|(column, cell)| entries(column, cell))
            .collect()
    })
}

/// A cell of the file of one table.
fn plain(entry: &Entry) -> String {
    match entry {
        Entry::Share(value, _) => format!("{}%", exact(french::percent(*value))),
        Entry::Blank
        | Entry::Said(..)
        | Entry::Link(_)
        | Entry::Number(..)
        | Entry::Date(_)
        | Entry::Suppressed
        | Entry::Without(_) => natural(entry).1,
    }
}

/// What a cell is, and what is in it.
fn natural(entry: &Entry) -> (&'static str, String) {
    match entry {
        Entry::Blank => ("vide", String::new()),
        Entry::Said(_, words) | Entry::Link(words) => ("texte", harmless(words)),
        Entry::Number(value, _) => ("nombre", exact(*value)),
        Entry::Share(value, _) => ("part", exact(*value)),
        Entry::Date(day) => ("date", day.format("%Y-%m-%d").to_string()),
        Entry::Suppressed => ("secret statistique", french::SUPPRESSED.to_owned()),
        Entry::Without(words) => ("sans valeur", harmless(words)),
    }
}

/// A number, whole, with a decimal comma.
fn exact(value: Decimal) -> String {
    value.normalize().to_string().replace('.', ",")
}

/// A text that no spreadsheet takes for a formula.
fn harmless(words: &str) -> String {
    let first = words.trim_start_matches(char::is_whitespace).chars().next();
    let formula = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\u{2212}')
    );
    if formula || words.starts_with(['\t', '\r', '\n']) {
        format!("'{words}")
    } else {
        words.to_owned()
    }
}
