//! A table as it was read, whatever it was read from: rows with their numbers, cells with what
//! they hold. It is bounded while it is filled.

use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;

use super::fault::Fault;
use crate::limits;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number(Decimal),
    /// A date, with the time of day where it is not midnight.
    Date(NaiveDate, Option<NaiveTime>),
    /// A time of day or a duration, in seconds: spreadsheets do not tell them apart.
    Duration(u32),
    /// A yes-or-no.
    Bool(bool),
    /// A formula that the file gives no result of.
    Uncomputed,
    /// What a formula says went wrong: `#REF!`.
    Error(String),
}

impl Cell {
    /// As it is quoted in a report.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Error(text) => text.clone(),
            Self::Number(number) => number.normalize().to_string().replace('.', ","),
            Self::Date(date, None) => date.format("%d/%m/%Y").to_string(),
            Self::Date(date, Some(time)) => {
                format!("{} {}", date.format("%d/%m/%Y"), time.format("%H:%M:%S"))
            }
            Self::Duration(seconds) => {
                let minutes = seconds / 60;
                format!(
                    "{:02}:{:02}:{:02}",
                    minutes / 60,
                    minutes % 60,
                    seconds % 60
                )
            }
            Self::Bool(true) => "VRAI".into(),
            Self::Bool(false) => "FAUX".into(),
            Self::Uncomputed => "formule".into(),
        }
    }
}

/// A row, with its number in the file as a spreadsheet shows it. Only cells that hold something
/// are in it, in the order of their columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Its number, from 1.
    pub(super) number: u32,
    /// Its cells, each with its column, from 0.
    pub(super) cells: Vec<(u32, Cell)>,
}

impl Row {
    /// The cell in a column, if it holds anything.
    pub(super) fn cell(&self, column: u32) -> Option<&Cell> {
        let place = self
            .cells
            .binary_search_by_key(&column, |(column, _)| *column)
            .ok()?;
        self.cells.get(place).map(|(_, cell)| cell)
    }
}

/// A rectangle of cells, all four sides included; from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Area {
    /// The first row.
    pub top: u32,
    /// The first column.
    pub left: u32,
    /// The last row.
    pub bottom: u32,
    /// The last column.
    pub right: u32,
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}:{}{}",
            letters(self.left),
            self.top.saturating_add(1),
            letters(self.right),
            self.bottom.saturating_add(1)
        )
    }
}

/// A column as a spreadsheet names it: A, B ... Z, AA.
pub(super) fn letters(column: u32) -> String {
    let mut name = Vec::new();
    let mut rest = column;
    loop {
        let letter = u8::try_from(rest % 26).unwrap_or_default();
        name.push(char::from(b'A'.saturating_add(letter)));
        match (rest / 26).checked_sub(1) {
            Some(next) => rest = next,
            None => break,
        }
    }
    name.iter().rev().collect()
}

/// From what day a workbook counts days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Epoch {
    /// From the end of 1899, as Excel does.
    From1900,
    /// From the beginning of 1904, as Excel once did on Macintosh.
    From1904,
}

impl Epoch {
    /// The day and the second of it that a serial number means.
    pub(super) fn moment(self, serial: Decimal) -> Option<(NaiveDate, NaiveTime)> {
        let first = match self {
            Self::From1900 => NaiveDate::from_ymd_opt(1899, 12, 30)?,
            Self::From1904 => NaiveDate::from_ymd_opt(1904, 1, 1)?,
        };
        let seconds = seconds(serial)?;
        let day =
            first.checked_add_days(chrono::Days::new(u64::try_from(seconds / 86_400).ok()?))?;
        let second = u32::try_from(seconds % 86_400).ok()?;
        Some((
            day,
            NaiveTime::from_num_seconds_from_midnight_opt(second, 0)?,
        ))
    }
}

/// The seconds of so many days, to the nearest; none where they are negative or beyond reason.
pub(super) fn seconds(days: Decimal) -> Option<i64> {
    let seconds = days.checked_mul(Decimal::from(86_400_u32))?.round();
    let seconds = i64::try_from(seconds).ok()?;
    (0..=400_000 * 86_400).contains(&seconds).then_some(seconds)
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Table {
    /// The rows that hold anything, in order.
    pub(super) rows: Vec<Row>,
    /// The cells that are merged.
    pub(super) merged: Vec<Area>,
    /// From what day plain numbers count days, where the file says so.
    pub(super) epoch: Option<Epoch>,
    cells: usize,
    text: usize,
}

impl Table {
    /// An empty table whose plain numbers may be days.
    pub(super) fn counting_from(epoch: Epoch) -> Self {
        Self {
            epoch: Some(epoch),
            ..Self::default()
        }
    }

    /// Takes a cell; rows come from top to bottom, cells from left to right.
    ///
    /// # Errors
    /// What the table would have too much of, or that the cells come in disorder.
    pub(super) fn push(&mut self, row: u32, column: u32, cell: Cell) -> Result<(), Fault> {
        let mut cell = cell;
        if let Cell::Text(text) | Cell::Error(text) = &mut cell {
            // Of a cell that is too long there remains what shows it.
            if let Some((end, _)) = text
                .char_indices()
                .nth(limits::IMPORT_CELL_CHARS_MAX.saturating_add(1))
            {
                text.truncate(end);
            }
            if text.trim().is_empty() {
                return Ok(());
            }
            self.text = self.text.saturating_add(text.len());
        }
        self.cells = self.cells.saturating_add(1);
        if column >= limits::IMPORT_COLUMNS_MAX {
            return Err(Fault::TooManyColumns {
                max: limits::IMPORT_COLUMNS_MAX,
            });
        }
        if self.cells > limits::IMPORT_CELLS_MAX {
            return Err(Fault::TooManyCells {
                max: limits::IMPORT_CELLS_MAX,
            });
        }
        if self.text > limits::IMPORT_TEXT_BYTES_MAX {
            return Err(Fault::TooMuchText {
                max: limits::IMPORT_TEXT_BYTES_MAX,
            });
        }
        let number = row.saturating_add(1);
        match self.rows.last_mut() {
            Some(last) if last.number == number => {
                if last
                    .cells
                    .last()
                    .is_some_and(|(before, _)| *before >= column)
                {
                    return Err(disorder(number));
                }
                last.cells.push((column, cell));
            }
            Some(last) if last.number > number => return Err(disorder(number)),
            Some(_) | None => {
                if self.rows.len() >= limits::IMPORT_ROWS_MAX {
                    return Err(Fault::TooManyRows {
                        max: limits::IMPORT_ROWS_MAX,
                    });
                }
                self.rows.push(Row {
                    number,
                    cells: vec![(column, cell)],
                });
            }
        }
        Ok(())
    }
}

fn disorder(row: u32) -> Fault {
    Fault::Unreadable {
        what: format!("les cellules de la ligne {row} sont en désordre"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_spreadsheets_do() {
        let names = [0, 25, 26, 51, 52, 701, 702].map(letters);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
