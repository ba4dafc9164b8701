//! Separated values, as spreadsheets of French users write them.

use csv::{ReaderBuilder, StringRecord};

use super::text;
use crate::{
    import::{
        Kind,
        fault::Fault,
        heading,
        table::{Cell, Table},
        words::folded,
    },
    limits,
};

/// In the order of preference.
const DELIMITERS: [char; 3] = [';', ',', '\t'];
/// Stands at the end of the text while it is read: if it is not the last record, a quotation mark
/// swallowed it.
const END: &str = "\u{1}end";

/// Reads the text.
///
/// # Errors
/// Why nothing of it can be taken.
pub(super) fn read(bytes: &[u8], kind: Kind) -> Result<Table, Fault> {
    let mut text = text::decoded(bytes)?;
    if text.trim().is_empty() {
        return Err(Fault::EmptyFile);
    }
    let told = told_delimiter(&text);
    let delimiter = told.unwrap_or_else(|| delimiter(&text, kind));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(END);
    text.push('\n');
    let mut reader = ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).unwrap_or(b';'))
        .has_headers(false)
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(text.as_bytes());
    let mut table = Table::default();
    let mut record = StringRecord::new();
    // Lines are counted in the text; a row whose cells hold line breaks is one row all the same.
    let mut within = 0_u64;
    loop {
        let more = reader
            .read_record(&mut record)
            .map_err(|error| Fault::Unreadable {
                what: error.to_string(),
            })?;
        let breaks = breaks(&record);
        let row = reader
            .position()
            .line()
            .saturating_sub(breaks)
            .saturating_sub(within)
            .saturating_sub(2);
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        within = within.saturating_add(breaks);
        if !more {
            return Ok(table);
        }
        if record.iter().any(|field| field.contains(END)) {
            return if record.len() == 1 && record.get(0) == Some(END) {
                Ok(table)
            } else {
                Err(Fault::UnclosedQuote {
                    row: row.saturating_add(1),
                })
            };
        }
        if row == 0 && told.is_some() {
            continue;
        }
        for (column, field) in (0..).zip(&record) {
            if !field.trim().is_empty() {
                table.push(row, column, Cell::Text(field.to_owned()))?;
            }
        }
    }
}

fn breaks(record: &StringRecord) -> u64 {
    let breaks = record.iter().map(|field| field.matches('\n').count());
    u64::try_from(breaks.sum::<usize>()).unwrap_or(u64::MAX)
}

/// What Excel takes for the delimiter when the first line is `sep=;`.
fn told_delimiter(text: &str) -> Option<char> {
    let first = text.lines().next()?.trim_matches('"');
    let told = first.strip_prefix("sep=")?.chars().next();
    told.filter(|told| DELIMITERS.contains(told))
}

/// The delimiter by which the most headings are found among the first lines; where none is found,
/// the one that stands in them most often.
fn delimiter(text: &str, kind: Kind) -> char {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(limits::IMPORT_HEADING_ROWS_MAX)
        .collect();
    let score = |delimiter: char| {
        let headings = lines
            .iter()
            .map(|line| {
                let fields = line.split(delimiter);
                fields
                    .take(usize::try_from(limits::IMPORT_COLUMNS_MAX).unwrap_or(usize::MAX))
                    .filter(|field| heading::is_known(&folded(field), kind))
                    .count()
            })
            .max();
        let parts = lines.iter().map(|line| line.matches(delimiter).count());
        (headings.unwrap_or_default(), parts.sum::<usize>())
    };
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(|delimiter| score(*delimiter))
        .unwrap_or(';')
}
