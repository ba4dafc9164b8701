//! What the template sets: a document as strings that are legible, tables with their measures, and
//! the pictures apart. `template.typ` reads these names.

use serde::Serialize;

use super::{
    fit::{Fit, Need, Width, fit},
    legible::{breakable, legible, longest_word, width},
};
use crate::report::{
    document::{Block, Cell, Chart, Column, ColumnKind, Document, Table},
    french,
};

/// The most characters of a title that runs at the head of every page.
const RUNNING_TITLE_CHARS_MAX: usize = 90;
/// The most characters of a notice that stands at the head of every page; the title page has all of it.
const RUNNING_NOTICE_CHARS_MAX: usize = 125;
/// The most characters of a heading that stands over a column on every page; a note has all of it.
const HEADING_CHARS_MAX: usize = 100;
/// A table of at most so many rows, its cells, its title and its notes of at most so many characters,
/// fits one page: three lines to a row, nine to the headings.
const SHORT_ROWS_MAX: usize = 12;
const SHORT_CELL_CHARS_MAX: usize = 32;
const SHORT_TITLE_CHARS_MAX: usize = 160;
const SHORT_NOTES_CHARS_MAX: usize = 300;
/// How many characters of a hash tell one printed report from another.
const SHORT_HASH_CHARS: usize = 12;

/// A report as the template sees it.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct View {
    title: String,
    subtitle: String,
    running_title: String,
    dated: String,
    date: Dated,
    notice: Option<String>,
    running_notice: Option<String>,
    facts: Vec<Pair>,
    footer: String,
    sections: Vec<SectionView>,
}

#[derive(Serialize)]
struct Dated {
    year: i32,
    month: u32,
    day: u32,
}

#[derive(Serialize)]
struct Pair {
    term: String,
    meaning: String,
}

#[derive(Serialize)]
struct SectionView {
    title: String,
    blocks: Vec<BlockView>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
enum BlockView {
    Heading { text: String },
    Paragraphs { lines: Vec<String> },
    List { items: Vec<String> },
    Terms { terms: Vec<Pair> },
    Table(TableView),
    Chart(ChartView),
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct TableView {
    title: String,
    size: f64,
    turned: bool,
    together: bool,
    row_headings: bool,
    columns: Vec<ColumnView>,
    rows: Vec<Vec<CellView>>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct ColumnView {
    title: String,
    left: bool,
    width: Option<f64>,
    share: f64,
}

/// A cell: a value, or what stands in its place.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum CellView {
    Value(String),
    Instead { instead: String },
}

#[derive(Serialize)]
struct ChartView {
    title: String,
    alt: String,
    note: Option<String>,
    /// Which of the pictures it is.
    picture: usize,
}

/// A document as the template sees it. Charts are pictured in order, by who calls.
pub(super) fn view(document: &Document) -> View {
    let hash = document.hash();
    let title = line_of_words(&document.title).unwrap_or_else(|| document.code.clone());
    let notice = document.synthetic.as_deref().map(line);
    let mut facts: Vec<Pair> = document
        .facts
        .iter()
        .map(|fact| pair(&fact.label, &fact.text))
        .collect();
    // Whole, for who copies it.
    facts.push(Pair {
        term: legible("Empreinte du document (SHA-256)"),
        meaning: hash.clone(),
    });
    let mut pictures = 0..;
    let sections = document.sections.iter().map(|section| SectionView {
        title: line_of_words(&section.title).unwrap_or_else(|| section.code.clone()),
        blocks: section
            .blocks
            .iter()
            .flat_map(|block| blocks(block, &mut pictures))
            .collect(),
    });
    View {
        running_title: short(&title, RUNNING_TITLE_CHARS_MAX),
        title,
        subtitle: line(&document.subtitle),
        dated: french::date(document.dated),
        date: Dated::of(document),
        running_notice: notice
            .as_deref()
            .map(|notice| short(first_sentence(notice), RUNNING_NOTICE_CHARS_MAX)),
        notice,
        facts,
        footer: format!(
            "Empreinte {}",
            hash.chars().take(SHORT_HASH_CHARS).collect::<String>()
        ),
        sections: sections.collect(),
    }
}

impl Dated {
    fn of(document: &Document) -> Self {
        use chrono::Datelike as _;
        Self {
            year: document.dated.year(),
            month: document.dated.month(),
            day: document.dated.day(),
        }
    }
}

fn blocks(block: &Block, pictures: &mut impl Iterator<Item = usize>) -> Vec<BlockView> {
    match block {
        // A heading that says nothing is none, to PDF/UA either.
        Block::Heading(text) => line_of_words(text)
            .map(|text| BlockView::Heading { text })
            .into_iter()
            .collect(),
        Block::Paragraph(text) => vec![BlockView::Paragraphs { lines: lines(text) }],
        Block::List(items) => vec![BlockView::List {
            items: items.iter().map(|item| line(item)).collect(),
        }],
        Block::Terms(terms) => vec![BlockView::Terms {
            terms: terms
                .iter()
                .map(|term| pair(&term.term, &term.meaning))
                .collect(),
        }],
        Block::Table(table) => tables(table),
        Block::Chart(chart) => vec![BlockView::Chart(ChartView::of(
            chart,
            pictures.next().unwrap_or_default(),
        ))],
    }
}

impl ChartView {
    fn of(chart: &Chart, picture: usize) -> Self {
        Self {
            title: line(&chart.title),
            alt: legible(&chart.alt),
            note: chart.note.as_deref().map(line),
            picture,
        }
    }
}

/// A table, in as many parts as it takes.
fn tables(table: &Table) -> Vec<BlockView> {
    if table.columns.is_empty() {
        return vec![BlockView::Paragraphs {
            lines: vec![line(&table.title)],
        }];
    }
    let rows: Vec<Vec<CellView>> = table
        .rows
        .iter()
        .map(|row| row.iter().map(CellView::of).collect())
        .collect();
    let needs: Vec<Need> = table
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| need(column, rows.iter().filter_map(|row| row.get(index))))
        .collect();
    let fit = fit(&needs, table.rows.len() <= SHORT_ROWS_MAX);
    let count = fit.parts.len();
    fit.parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            let of = (count > 1).then(|| format!(" ({}/{count})", index.saturating_add(1)));
            BlockView::Table(TableView {
                title: line(&table.title) + &of.unwrap_or_default(),
                size: fit.size,
                turned: fit.turned,
                together: is_short(table, &rows),
                row_headings: has_row_headings(table),
                columns: columns(table, part, &fit),
                rows: rows.iter().map(|row| cells(row, part)).collect(),
                notes: notes(table),
            })
        })
        .collect()
}

/// Whether a table surely fits one page, and is better not begun on one and ended on the next.
fn is_short(table: &Table, rows: &[Vec<CellView>]) -> bool {
    let chars = |text: &String| text.chars().count();
    rows.len() <= SHORT_ROWS_MAX
        && chars(&table.title) <= SHORT_TITLE_CHARS_MAX
        && table.notes.iter().map(chars).sum::<usize>() <= SHORT_NOTES_CHARS_MAX
        && rows
            .iter()
            .flatten()
            .all(|cell| chars(cell.text()) <= SHORT_CELL_CHARS_MAX)
}

/// Whether the first cell of a row says what the row is of.
fn has_row_headings(table: &Table) -> bool {
    let kind = table.columns.first().map(|column| column.kind);
    table.columns.len() > 1 && matches!(kind, Some(ColumnKind::Text | ColumnKind::Date))
}

fn columns(table: &Table, part: &[usize], fit: &Fit) -> Vec<ColumnView> {
    let column = |index: &usize| {
        let column = table.columns.get(*index)?;
        let (width, share) = match fit.widths.get(*index)? {
            Width::Em(width) => (Some(*width), 0.0),
            Width::Share(share) => (None, *share),
        };
        Some(ColumnView {
            title: heading(column),
            // The column that rows are read from begins where they begin.
            left: column.kind == ColumnKind::Text || (*index == 0 && has_row_headings(table)),
            width,
            share,
        })
    };
    part.iter().filter_map(column).collect()
}

fn cells(row: &[CellView], part: &[usize]) -> Vec<CellView> {
    part.iter()
        .filter_map(|index| row.get(*index).cloned())
        .collect()
}

/// The heading of a column, as far as there is room for it on every page.
fn heading(column: &Column) -> String {
    breakable(&short(&legible(&column.title), HEADING_CHARS_MAX))
}

/// The notes of a table: its own, headings that were cut short, and what the "s" means.
fn notes(table: &Table) -> Vec<String> {
    let mut notes: Vec<String> = table.notes.iter().map(|note| line(note)).collect();
    for (number, column) in (1..).zip(&table.columns) {
        if column.title.chars().nth(HEADING_CHARS_MAX).is_some() {
            let whole = line(&column.title);
            notes.push(format!("Colonne {number}\u{a0}: {whole}"));
        }
    }
    let suppressed = table
        .rows
        .iter()
        .flatten()
        .any(|cell| *cell == Cell::Suppressed);
    let told = || {
        table
            .notes
            .iter()
            .any(|note| note.contains("secret statistique"))
    };
    if suppressed && !told() {
        notes.push(format!("{}.", french::SUPPRESSED_MEANS));
    }
    notes
}

fn need<'a>(column: &Column, cells: impl Iterator<Item = &'a CellView>) -> Need {
    let heading = heading(column);
    let mut need = Need {
        text: column.kind == ColumnKind::Text,
        word: longest_word(&heading),
        cell: 0.0,
        heading: width(&heading),
    };
    for cell in cells {
        let text = cell.text();
        need.cell = need.cell.max(width(text));
        if need.text {
            need.word = need.word.max(longest_word(text));
        }
    }
    need
}

impl CellView {
    fn of(cell: &Cell) -> Self {
        let text = breakable(&legible(&french::cell(cell)));
        match cell {
            Cell::Suppressed | Cell::Missing(_) => Self::Instead { instead: text },
            Cell::Text(_)
            | Cell::Number { .. }
            | Cell::Share { .. }
            | Cell::Date(_)
            | Cell::Interval { .. }
            | Cell::ShareInterval { .. } => Self::Value(text),
        }
    }

    const fn text(&self) -> &String {
        match self {
            Self::Value(text) | Self::Instead { instead: text } => text,
        }
    }
}

fn pair(term: &str, meaning: &str) -> Pair {
    Pair {
        term: line(term),
        meaning: line(meaning),
    }
}

/// A text on one line, as far as the page is wide.
fn line(text: &str) -> String {
    breakable(&legible(text))
}

/// A text on one line, if it says anything.
fn line_of_words(text: &str) -> Option<String> {
    let line = line(text);
    (!line.trim().is_empty()).then_some(line)
}

/// A text with its own lines.
fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(line);
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// What a text says first, up to its point.
fn first_sentence(text: &str) -> &str {
    let first = text.split_inclusive(". ").next();
    first.unwrap_or(text).trim_end()
}

/// What of a text there is room for at the head of a page.
fn short(text: &str, chars_max: usize) -> String {
    if text.chars().nth(chars_max).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
