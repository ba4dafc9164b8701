//! What a document must be for every format to say it whole.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::{Block, Cell, Chart, Document, Mark, Table, Unit};
use crate::domain::terms::time::{YEARS, in_french};

/// The most characters of a code.
pub const CODE_CHARS_MAX: usize = 60;
/// The most characters of one text; a cell of a spreadsheet holds 32 767.
pub const TEXT_CHARS_MAX: usize = 8_000;
/// The most sections of a document.
pub const SECTIONS_MAX: usize = 100;
/// The most columns of a table.
pub const COLUMNS_MAX: usize = 40;
/// The most rows of a table.
pub const ROWS_MAX: usize = 20_000;
/// The most points of a chart: two years of weeks, and some.
pub const POINTS_MAX: usize = 160;
/// The most values that a chart compares its points with.
pub const THRESHOLDS_MAX: usize = 4;
/// The most digits after a comma.
pub const DIGITS_MAX: u32 = 6;
/// The largest number, either way: larger ones are not exact in a spreadsheet.
const LARGEST: Decimal = Decimal::from_parts(2_764_472_319, 232_830, 0, false, 0);

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "each field is a part of the sentence it appears in"
)]
pub enum Flaw {
    /// A code is empty, too long or of other characters.
    #[error("« {code} » n'est pas un code")]
    Code { code: String },
    /// Two sections, or two tables or charts, share a code.
    #[error("le code « {code} » sert deux fois")]
    CodeTwice { code: String },
    /// A text is too long.
    #[error("un texte dépasse {TEXT_CHARS_MAX} caractères : « {begins}… »")]
    TextTooLong { begins: String },
    /// There is too much of something.
    #[error("« {code} » a plus de {max} {of}")]
    TooMany {
        code: String,
        of: &'static str,
        max: usize,
    },
    /// A row has not one cell to each column.
    #[error("« {code} », ligne {row} : {cells} cellules pour {columns} colonnes")]
    Row {
        code: String,
        row: usize,
        cells: usize,
        columns: usize,
    },
    /// A number is too large, or is shown with too many digits.
    #[error("« {code} » : le nombre {value} ne se montre pas avec {digits} décimales")]
    Number {
        code: String,
        value: Decimal,
        digits: u32,
    },
    /// The ends of an interval are the wrong way round, or its value is not between them.
    #[error("« {code} » : {lower} à {upper} n'est pas un intervalle de ce qui s'y trouve")]
    Interval {
        code: String,
        lower: Decimal,
        upper: Decimal,
    },
    /// A day is in no year that is taken.
    #[error("la date du {} n'est pas de notre temps", in_french(*date))]
    Date { date: NaiveDate },
    /// A chart says nothing to who does not see it.
    #[error("le graphique « {code} » n'a pas de texte de remplacement")]
    NoAlternative { code: String },
}

impl Document {
    /// Whether every format can say it whole.
    ///
    /// # Errors
    /// The first [`Flaw`] that is found.
    pub fn check(&self) -> Result<(), Flaw> {
        code(&self.code)?;
        day(self.dated)?;
        text(&self.title)?;
        text(&self.subtitle)?;
        self.synthetic.as_deref().map_or(Ok(()), text)?;
        for fact in &self.facts {
            text(&fact.label)?;
            text(&fact.text)?;
        }
        few("rapport", "sections", self.sections.len(), SECTIONS_MAX)?;
        let mut sections = BTreeSet::new();
        let mut files = BTreeSet::new();
        for section in &self.sections {
            once(&mut sections, &section.code)?;
            text(&section.title)?;
            for block in &section.blocks {
                self::block(block, &mut files)?;
            }
        }
        Ok(())
    }
}

fn block<'a>(block: &'a Block, files: &mut BTreeSet<&'a str>) -> Result<(), Flaw> {
    match block {
        Block::Heading(words) | Block::Paragraph(words) => text(words),
        Block::List(items) => items.iter().try_for_each(|item| text(item)),
        Block::Terms(terms) => terms.iter().try_for_each(|term| {
            text(&term.term)?;
            text(&term.meaning)
        }),
        Block::Table(table) => {
            once(files, &table.code)?;
            self::table(table)
        }
        Block::Chart(chart) => {
            once(files, &chart.code)?;
            self::chart(chart)
        }
    }
}

fn table(table: &Table) -> Result<(), Flaw> {
    let of = &table.code;
    text(&table.title)?;
    table.notes.iter().try_for_each(|note| text(note))?;
    few(of, "colonnes", table.columns.len(), COLUMNS_MAX)?;
    few(of, "lignes", table.rows.len(), ROWS_MAX)?;
    for column in &table.columns {
        text(&column.title)?;
    }
    for (row, cells) in (1_usize..).zip(&table.rows) {
        if cells.len() != table.columns.len() {
            return Err(Flaw::Row {
                code: of.clone(),
                row,
                cells: cells.len(),
                columns: table.columns.len(),
            });
        }
        cells.iter().try_for_each(|cell| self::cell(of, cell))?;
    }
    Ok(())
}

fn cell(of: &str, cell: &Cell) -> Result<(), Flaw> {
    match cell {
        Cell::Text(words) | Cell::Missing(words) => text(words),
        Cell::Number { value, digits } | Cell::Share { value, digits } => {
            number(of, *value, *digits)
        }
        Cell::Interval {
            lower,
            upper,
            digits,
        }
        | Cell::ShareInterval {
            lower,
            upper,
            digits,
        } => interval(of, *lower, *lower, *upper, *digits),
        Cell::Date(date) => day(*date),
        Cell::Suppressed => Ok(()),
    }
}

fn chart(chart: &Chart) -> Result<(), Flaw> {
    let of = &chart.code;
    if chart.alt.trim().is_empty() {
        return Err(Flaw::NoAlternative { code: of.clone() });
    }
    text(&chart.title)?;
    text(&chart.alt)?;
    chart.note.as_deref().map_or(Ok(()), text)?;
    if let Unit::Of(unit) = &chart.unit {
        text(unit)?;
    }
    few(of, "points", chart.points.len(), POINTS_MAX)?;
    few(of, "seuils", chart.thresholds.len(), THRESHOLDS_MAX)?;
    for threshold in &chart.thresholds {
        text(&threshold.label)?;
        number(of, threshold.value, chart.digits)?;
    }
    for point in &chart.points {
        text(&point.label)?;
        point.note.as_deref().map_or(Ok(()), text)?;
        match &point.mark {
            Mark::Value(value) => number(of, *value, chart.digits)?,
            Mark::Estimate {
                value,
                lower,
                upper,
            } => interval(of, *value, *lower, *upper, chart.digits)?,
            Mark::Bounds { lower, upper } => {
                interval(of, *lower, *lower, *upper, chart.digits)?;
            }
            Mark::Missing(why) => text(why)?,
            Mark::Suppressed => {}
        }
    }
    Ok(())
}

fn interval(
    of: &str,
    value: Decimal,
    lower: Decimal,
    upper: Decimal,
    digits: u32,
) -> Result<(), Flaw> {
    number(of, lower, digits)?;
    number(of, upper, digits)?;
    if lower <= value && value <= upper {
        Ok(())
    } else {
        Err(Flaw::Interval {
            code: of.to_owned(),
            lower,
            upper,
        })
    }
}

fn number(of: &str, value: Decimal, digits: u32) -> Result<(), Flaw> {
    if value.abs() <= LARGEST && digits <= DIGITS_MAX {
        Ok(())
    } else {
        Err(Flaw::Number {
            code: of.to_owned(),
            value,
            digits,
        })
    }
}

fn day(date: NaiveDate) -> Result<(), Flaw> {
    if YEARS.contains(&date.year()) {
        Ok(())
    } else {
        Err(Flaw::Date { date })
    }
}

fn text(words: &str) -> Result<(), Flaw> {
    if words.chars().nth(TEXT_CHARS_MAX).is_none() {
        return Ok(());
    }
    Err(Flaw::TextTooLong {
        begins: words.chars().take(CODE_CHARS_MAX).collect(),
    })
}

fn few(of: &str, what: &'static str, count: usize, max: usize) -> Result<(), Flaw> {
    if count <= max {
        return Ok(());
    }
    Err(Flaw::TooMany {
        code: of.to_owned(),
        of: what,
        max,
    })
}

fn once<'a>(known: &mut BTreeSet<&'a str>, code: &'a str) -> Result<(), Flaw> {
    self::code(code)?;
    if known.insert(code) {
        Ok(())
    } else {
        Err(Flaw::CodeTwice {
            code: code.to_owned(),
        })
    }
}

fn code(code: &str) -> Result<(), Flaw> {
    let plain = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
    };
    if !code.is_empty() && code.len() <= CODE_CHARS_MAX && code.chars().all(plain) {
        Ok(())
    } else {
        Err(Flaw::Code {
            code: code.chars().take(CODE_CHARS_MAX).collect(),
        })
    }
}
