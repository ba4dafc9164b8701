//! The report that is composed from figures: it says what it must, nothing that it must not, and in
//! French.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing"
)]

mod french;
mod sections;
mod stage;
mod withheld;

use carnet::report::{
    document::{Block, Document, Section},
    french as written,
};

/// All the words of a section, in order, each piece on a line; ordinary spaces and apostrophes.
pub(crate) fn words(section: &Section) -> String {
    let mut lines = vec![section.title.clone()];
    for block in &section.blocks {
        match block {
            Block::Heading(text) | Block::Paragraph(text) => lines.push(text.clone()),
            Block::List(items) => lines.extend(items.iter().cloned()),
            Block::Terms(terms) => {
                let terms = terms.iter();
                lines.extend(terms.map(|term| format!("{} : {}", term.term, term.meaning)));
            }
            Block::Table(table) => {
                lines.push(table.title.clone());
                let titles: Vec<&str> = table.columns.iter().map(|it| it.title.as_str()).collect();
                lines.push(titles.join(" | "));
                for row in &table.rows {
                    let cells: Vec<String> = row.iter().map(written::cell).collect();
                    lines.push(cells.join(" | "));
                }
                lines.extend(table.notes.iter().cloned());
            }
            Block::Chart(chart) => {
                lines.push(chart.title.clone());
                lines.push(chart.alt.clone());
                lines.extend(chart.note.clone());
            }
        }
    }
    lines.join("\n").replace(['\u{a0}', '\u{202f}'], " ")
}

/// The words of the section of that code.
#[track_caller]
pub(crate) fn of(document: &Document, code: &str) -> String {
    let mut sections = document.sections.iter();
    words(sections.find(|section| section.code == code).unwrap())
}

/// All words of a document.
pub(crate) fn all(document: &Document) -> String {
    let facts = document
        .facts
        .iter()
        .map(|fact| format!("{} : {}", fact.label, fact.text));
    let sections = document.sections.iter().map(words);
    let all: Vec<String> = facts
        .chain(document.synthetic.clone())
        .chain(sections)
        .collect();
    all.join("\n\n").replace(['\u{a0}', '\u{202f}'], " ")
}
