//! Words that every section takes: lists, dates, counts, sources, and the pieces of a document.

use chrono::{Datelike, Days, NaiveDate};
use rust_decimal::Decimal;

use crate::{
    domain::{
        event::Source,
        terms::{Certainty, Period, Validity},
    },
    report::{
        document::{Block, Cell, Column, ColumnKind, TEXT_CHARS_MAX, Table},
        french::{self, date},
    },
};

/// Why a cell is empty of which there is nothing to measure.
pub(super) const NOT_APPLICABLE: &str = "sans objet";
/// A text made of a list is cut well before the most that a document takes.
const LIST_CHARS_MAX: usize = TEXT_CHARS_MAX / 2;

/// "1 permanence", "1 234 permanences".
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    let noun = if count < 2 { one } else { many };
    format!("{} {noun}", whole(count))
}

/// A count, as it is written.
pub(super) fn whole(count: u64) -> String {
    french::number(count.into(), 0)
}

/// A decimal with no more digits than it has.
pub(super) fn exactly(value: Decimal) -> String {
    let value = value.normalize();
    french::number(value, value.scale())
}

/// "A", "A et B", "A, B et C".
pub(super) fn all_of(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} et {last}", before.join(", ")),
    }
}

/// Items one after the other; those that make it too long are counted, and are found in `table`.
pub(super) fn enumerated(items: &[String], table: &str) -> String {
    let mut text = String::new();
    let mut left = items.len();
    for item in items {
        let chars = text.chars().count().saturating_add(item.chars().count());
        if chars > LIST_CHARS_MAX {
            return format!("{text} ; {left} autres, à lire dans le tableau « {table} »");
        }
        if !text.is_empty() {
            text.push_str(" ; ");
        }
        text.push_str(item);
        left = left.saturating_sub(1);
    }
    text
}

/// "du 27 avril 2021 au 30 juin 2021".
pub(super) fn during(period: Period) -> String {
    if period.from == period.until {
        format!("le {}", date(period.from))
    } else {
        format!("du {} au {}", date(period.from), date(period.until))
    }
}

/// "le 27 avril 2021", "au plus tard le 27 avril 2021".
pub(super) fn since(valid: Validity) -> String {
    match valid.certainty {
        Certainty::Exact => format!("le {}", date(valid.from)),
        Certainty::NoLaterThan => format!("au plus tard le {}", date(valid.from)),
    }
}

/// A source and the date that it bears.
pub(super) fn source(source: &Source) -> String {
    match source.dated {
        Some(dated) => format!("{}, {}", source.label, date(dated)),
        None => format!("{}, sans date", source.label),
    }
}

/// The first letter as a sentence begins.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The Monday of a day's week.
pub(super) fn monday(day: NaiveDate) -> NaiveDate {
    let after = day.weekday().num_days_from_monday();
    day.checked_sub_days(Days::new(after.into())).unwrap_or(day)
}

/// Sentences.
pub(super) fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(text.into())
}

/// A title within a section.
pub(super) fn heading(text: impl Into<String>) -> Block {
    Block::Heading(text.into())
}

/// A text in a cell.
pub(super) fn text(words: impl Into<String>) -> Cell {
    Cell::Text(words.into())
}

/// A count in a cell.
pub(super) fn count(count: u64) -> Cell {
    Cell::Number {
        value: count.into(),
        digits: 0,
    }
}

/// A cell that has nothing to show.
pub(super) fn without() -> Cell {
    Cell::Missing(NOT_APPLICABLE.to_owned())
}

/// A day, or that there is none.
pub(super) fn day(day: Option<NaiveDate>) -> Cell {
    day.map_or_else(without, Cell::Date)
}

/// A table without notes.
pub(super) fn table(
    code: impl Into<String>,
    title: impl Into<String>,
    columns: &[(&str, ColumnKind)],
    rows: Vec<Vec<Cell>>,
) -> Table {
    let columns = columns.iter().map(|(title, kind)| Column {
        title: (*title).to_owned(),
        kind: *kind,
    });
    Table {
        code: code.into(),
        title: title.into(),
        columns: columns.collect(),
        rows,
        notes: Vec::new(),
    }
}
