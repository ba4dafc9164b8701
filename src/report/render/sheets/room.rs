//! How wide columns are and how high rows, since no spreadsheet says before it shows them.

use super::{Entry, Row, Sheet, Style, entries, headings};
use crate::report::document::{ColumnKind, Table};

/// The narrowest and the widest column, in characters.
const NARROWEST: u16 = 10;
const WIDEST: u16 = 44;
/// The widest column of values.
const WIDEST_VALUE: u16 = 18;
/// What spans a sheet is at least so wide, in characters.
const SPAN: u16 = 90;
/// It takes no more than so many columns beside those of the sheet.
const SPAN_COLUMNS: u16 = 8;
/// The most lines of a row; higher ones no spreadsheet has.
const LINES_MAX: usize = 18;

/// How wide the columns of a table are: as wide as what is in them, within bounds; a heading may
/// take three lines.
pub(super) fn widths(table: &Table) -> Vec<u16> {
    let mut widths = Vec::new();
    for (place, column) in table.columns.iter().enumerate() {
        let widest = match column.kind {
            ColumnKind::Text => WIDEST,
            ColumnKind::Number | ColumnKind::Date | ColumnKind::Interval => WIDEST_VALUE,
        };
        let headings = headings(column);
        let mut wide: Vec<usize> = headings.iter().map(|words| of_heading(words)).collect();
        for cell in table.rows.iter().filter_map(|cells| cells.get(place)) {
            for (wide, entry) in wide.iter_mut().zip(entries(column, cell)) {
                *wide = (*wide).max(entry.words().chars().count());
            }
        }
        widths.extend(wide.into_iter().map(|wide| {
            let wide = u16::try_from(wide.saturating_add(2)).unwrap_or(u16::MAX);
            wide.clamp(NARROWEST, widest)
        }));
    }
    widths
}

/// How wide a heading is: its longest word, or a third of it; bold letters are wider.
fn of_heading(words: &str) -> usize {
    let longest = words.split(' ').map(|word| word.chars().count()).max();
    let third = words.chars().count().div_ceil(3);
    let wide = longest.unwrap_or_default().max(third);
    wide.saturating_mul(6).div_ceil(5)
}

impl Sheet {
    /// On how many lines a row of cells is.
    pub(in super::super) fn lines(&self, entries: &[Entry]) -> u16 {
        let each = self.widths.iter().map(|width| usize::from(*width));
        let each = each.zip(entries).map(|(width, entry)| match entry {
            Entry::Said(Style::Head | Style::HeadOfValues | Style::Label, words) => {
                lines(words, width.saturating_mul(5).div_ceil(6))
            }
            Entry::Said(_, words) | Entry::Without(words) => {
                // A width is counted in digits; most letters are narrower.
                lines(words, width.saturating_mul(11).div_ceil(10))
            }
            Entry::Blank
            | Entry::Link(_)
            | Entry::Number(..)
            | Entry::Share(..)
            | Entry::Date(_)
            | Entry::Suppressed => 1,
        });
        u16::try_from(each.max().unwrap_or(1)).unwrap_or_default()
    }
}

/// Words across all columns, and across others where they are narrow.
pub(super) fn across(style: Style, words: String, widths: &[u16]) -> Row {
    let own = u16::try_from(widths.len()).unwrap_or(u16::MAX).max(1);
    let wide = widths.iter().copied().fold(0, u16::saturating_add);
    // A column that is not set is about as wide as the narrowest.
    let more = SPAN.saturating_sub(wide).div_ceil(NARROWEST);
    let more = more.min(SPAN_COLUMNS);
    let wide = wide.saturating_add(more.saturating_mul(NARROWEST));
    // Larger letters, of which fewer find room.
    let fit = match style {
        Style::Title => usize::from(wide).saturating_mul(2).div_ceil(3),
        Style::Notice
        | Style::Head
        | Style::HeadOfValues
        | Style::Label
        | Style::Text
        | Style::Note => usize::from(wide),
    };
    let lines = lines(&words, fit);
    Row::Across {
        style,
        words,
        columns: own.saturating_add(more),
        lines: u16::try_from(lines).unwrap_or_default(),
    }
}

/// On how many lines words are, so many characters to each.
fn lines(words: &str, fit: usize) -> usize {
    let of = |paragraph: &str| {
        let (mut lines, mut used) = (1_usize, 0_usize);
        for word in paragraph.split(' ') {
            let long = word.chars().count();
            if used.saturating_add(long) <= fit {
                used = used.saturating_add(long).saturating_add(1);
                continue;
            }
            // A word that is longer than a line takes several.
            let more = long.div_ceil(fit.max(1)).max(1);
            let more = if used == 0 {
                more.saturating_sub(1)
            } else {
                more
            };
            lines = lines.saturating_add(more);
            used = long.checked_rem(fit).unwrap_or_default().saturating_add(1);
        }
        lines
    };
    let lines = words.split('\n').map(of);
    lines.fold(0, usize::saturating_add).min(LINES_MAX)
}
