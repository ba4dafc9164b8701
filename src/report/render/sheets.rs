//! The sheets of a workbook, the same for both formats of workbooks: what there is, what is in it,
//! definitions and positions, and one sheet to a table and to what a chart shows.

mod room;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use room::{across, widths};

use super::figures::figures;
use crate::report::{
    document::{Block, Cell, Column, ColumnKind, Document, Table},
    french,
};

/// The most characters of the name of a sheet, as spreadsheets count them.
const NAME_UNITS_MAX: usize = 31;
const SUMMARY: &str = "Sommaire";
const DEFINITIONS: &str = "Définitions et positions";

/// A sheet.
pub(super) struct Sheet {
    /// Its name; no two of a workbook share one.
    pub(super) name: String,
    /// How wide its columns are, in characters.
    pub(super) widths: Vec<u16>,
    /// Its rows.
    pub(super) rows: Vec<Row>,
    /// So many of its first rows stay in sight, and are printed on every page.
    pub(super) frozen: u32,
}

/// A row of a sheet.
pub(super) enum Row {
    /// A cell to each column.
    Cells(Vec<Entry>),
    /// Words across so many columns, on so many lines.
    Across {
        /// What they are.
        style: Style,
        /// What they say.
        words: String,
        /// Across so many columns.
        columns: u16,
        /// On so many lines.
        lines: u16,
    },
}

/// A cell of a sheet.
pub(super) enum Entry {
    /// Nothing.
    Blank,
    /// Words.
    Said(Style, String),
    /// The name of another sheet, which leads there.
    Link(String),
    /// A number, with so many digits after the comma.
    Number(Decimal, u32),
    /// A share, 1 for the whole, shown as a percentage with so many digits after the comma.
    Share(Decimal, u32),
    /// A day.
    Date(NaiveDate),
    /// What is not told.
    Suppressed,
    /// Why there is nothing.
    Without(String),
}

/// What words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// What the workbook or a sheet is about.
    Title,
    /// The notice that what is told is made up.
    Notice,
    /// A heading of a column of texts.
    Head,
    /// A heading of a column of values, which stand at the right.
    HeadOfValues,
    /// What is said beside it.
    Label,
    /// A text.
    Text,
    /// What must be known in reading a table.
    Note,
}

/// The sheets of a document.
pub(super) fn sheets(document: &Document) -> Vec<Sheet> {
    let figures = figures(document);
    let names: Vec<String> = (1_usize..)
        .zip(&figures)
        .map(|(number, table)| name(number, &table.title))
        .collect();
    let notice = document.synthetic.as_deref();
    let listed = figures.iter().map(AsRef::as_ref).zip(&names);
    let mut sheets = vec![summary(document, listed), definitions(document)];
    for (table, name) in figures.iter().zip(&names) {
        sheets.push(of_table(table, name.clone(), notice));
    }
    sheets
}

/// The name of a sheet: the number makes it another than any other.
fn name(number: usize, title: &str) -> String {
    let mut name = format!("{number} ");
    let mut units = name.len();
    for character in title.chars() {
        let character = match character {
            // What a name must not have, and what is read otherwise where a link leads to it.
            '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'' | '#' | '%' => ' ',
            _ if character.is_control() => ' ',
            '\u{fffe}' | '\u{ffff}' => ' ',
            _ => character,
        };
        units = units.saturating_add(character.len_utf16());
        if units > NAME_UNITS_MAX {
            break;
        }
        name.push(character);
    }
    name.trim_end().to_owned()
}

fn summary<'a>(
    document: &Document,
    listed: impl Iterator<Item = (&'a Table, &'a String)>,
) -> Sheet {
    let widths = vec![32, 76, 10];
    let across = |style, words| across(style, words, &widths);
    let cells = |first, second, third| Row::Cells(vec![first, second, third]);
    let mut rows = vec![
        across(Style::Title, document.title.clone()),
        across(Style::Text, document.subtitle.clone()),
    ];
    rows.extend(
        document
            .synthetic
            .clone()
            .map(|notice| across(Style::Notice, notice)),
    );
    rows.push(cells(Entry::Blank, Entry::Blank, Entry::Blank));
    for fact in &document.facts {
        let (label, text) = (fact.label.clone(), fact.text.clone());
        rows.push(cells(
            Entry::Said(Style::Label, label),
            Entry::Said(Style::Text, text),
            Entry::Blank,
        ));
    }
    rows.push(cells(Entry::Blank, Entry::Blank, Entry::Blank));
    let head = |words: &str| Entry::Said(Style::Head, words.to_owned());
    let lines = Entry::Said(Style::HeadOfValues, "Lignes".to_owned());
    rows.push(cells(head("Feuille"), head("Contenu"), lines));
    let link = Entry::Link(DEFINITIONS.to_owned());
    let what = "Ce que veulent dire les termes, et d'où viennent les chiffres".to_owned();
    rows.push(cells(link, Entry::Said(Style::Text, what), Entry::Blank));
    for (table, name) in listed {
        let title = Entry::Said(Style::Text, table.title.clone());
        let count = Entry::Number(Decimal::from(table.rows.len()), 0);
        rows.push(cells(Entry::Link(name.clone()), title, count));
    }
    Sheet {
        name: SUMMARY.to_owned(),
        widths,
        rows,
        frozen: 0,
    }
}

fn definitions(document: &Document) -> Sheet {
    let widths = vec![28, 36, 86];
    let notice = document.synthetic.as_deref();
    let mut rows = head(DEFINITIONS, notice, &widths);
    let heading = ["Rubrique", "Terme", "Ce qu'il veut dire"];
    rows.push(Row::Cells(
        heading
            .iter()
            .map(|words| Entry::Said(Style::Head, (*words).to_owned()))
            .collect(),
    ));
    let frozen = count(rows.len());
    let mut row = |part: &str, term: &str, meaning: &str| {
        rows.push(Row::Cells(vec![
            Entry::Said(Style::Text, part.to_owned()),
            Entry::Said(Style::Label, term.to_owned()),
            Entry::Said(Style::Text, meaning.to_owned()),
        ]));
    };
    for fact in &document.facts {
        row("Document", &fact.label, &fact.text);
    }
    row(
        "Document",
        french::SUPPRESSED,
        "secret statistique : trop peu de personnes",
    );
    for section in &document.sections {
        for block in &section.blocks {
            if let Block::Terms(terms) = block {
                for term in terms {
                    row(&section.title, &term.term, &term.meaning);
                }
            }
        }
    }
    Sheet {
        name: DEFINITIONS.to_owned(),
        widths,
        rows,
        frozen,
    }
}

fn of_table(table: &Table, name: String, notice: Option<&str>) -> Sheet {
    let widths = widths(table);
    let mut rows = head(&table.title, notice, &widths);
    rows.push(Row::Cells(table.columns.iter().flat_map(heads).collect()));
    let frozen = count(rows.len());
    for cells in &table.rows {
        let cells = table.columns.iter().zip(cells);
        rows.push(Row::Cells(
            cells
                .flat_map(|(column, cell)| entries(column, cell))
                .collect(),
        ));
    }
    if !table.notes.is_empty() {
        rows.push(Row::Cells(Vec::new()));
    }
    for note in &table.notes {
        rows.push(across(Style::Note, note.clone(), &widths));
    }
    Sheet {
        name,
        widths,
        rows,
        frozen,
    }
}

/// What a sheet begins with.
fn head(title: &str, notice: Option<&str>, widths: &[u16]) -> Vec<Row> {
    let mut rows = vec![across(Style::Title, title.to_owned(), widths)];
    rows.extend(notice.map(|notice| across(Style::Notice, notice.to_owned(), widths)));
    rows
}

/// The headings of a column, as cells.
fn heads(column: &Column) -> impl Iterator<Item = Entry> {
    let style = match column.kind {
        ColumnKind::Number | ColumnKind::Date | ColumnKind::Interval => Style::HeadOfValues,
        ColumnKind::Text => Style::Head,
    };
    let headings = headings(column).into_iter();
    headings.map(move |words| Entry::Said(style, words))
}

/// The headings of a column: one, or of intervals two.
pub(super) fn headings(column: &Column) -> Vec<String> {
    match column.kind {
        ColumnKind::Interval => vec![
            format!("{} – borne inférieure", column.title),
            format!("{} – borne supérieure", column.title),
        ],
        ColumnKind::Text | ColumnKind::Number | ColumnKind::Date => vec![column.title.clone()],
    }
}

/// What a cell is in a sheet: one entry, or of intervals two. What is no interval stands in both.
pub(super) fn entries(column: &Column, cell: &Cell) -> Vec<Entry> {
    match (column.kind, cell) {
        (
            ColumnKind::Interval,
            Cell::Interval {
                lower,
                upper,
                digits,
            },
        ) => {
            vec![
                Entry::Number(*lower, *digits),
                Entry::Number(*upper, *digits),
            ]
        }
        (
            ColumnKind::Interval,
            Cell::ShareInterval {
                lower,
                upper,
                digits,
            },
        ) => {
            vec![Entry::Share(*lower, *digits), Entry::Share(*upper, *digits)]
        }
        (ColumnKind::Interval, cell) => vec![entry(cell), entry(cell)],
        (ColumnKind::Text | ColumnKind::Number | ColumnKind::Date, cell) => vec![entry(cell)],
    }
}

fn entry(cell: &Cell) -> Entry {
    match cell {
        Cell::Text(text) if text.is_empty() => Entry::Blank,
        Cell::Text(text) => Entry::Said(Style::Text, text.clone()),
        Cell::Number { value, digits } => Entry::Number(*value, *digits),
        Cell::Share { value, digits } => Entry::Share(*value, *digits),
        Cell::Date(day) => Entry::Date(*day),
        Cell::Suppressed => Entry::Suppressed,
        Cell::Missing(why) => Entry::Without(why.clone()),
        Cell::Interval { .. } | Cell::ShareInterval { .. } => {
            Entry::Said(Style::Text, french::cell(cell))
        }
    }
}

impl Entry {
    /// What is seen of it.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Said(_, words) | Self::Link(words) | Self::Without(words) => words.clone(),
            Self::Suppressed => french::SUPPRESSED.to_owned(),
            Self::Number(value, digits) => french::number(*value, *digits),
            Self::Share(value, digits) => french::share(*value, *digits),
            Self::Date(day) => day.format("%d/%m/%Y").to_string(),
        }
    }
}

/// A count of rows.
fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
