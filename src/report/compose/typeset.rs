//! French typography, once, over all that a document says: spaces that do not break before high
//! punctuation and within quotation marks, and the apostrophe of print.

use crate::report::document::{Block, Cell, Chart, Document, Mark, Table, Unit};

const NO_BREAK: char = '\u{a0}';
const THIN: char = '\u{202f}';

/// Sets all that a document says.
pub(super) fn typeset(document: &mut Document) {
    set(&mut document.title);
    set(&mut document.subtitle);
    document.synthetic.iter_mut().for_each(set);
    for fact in &mut document.facts {
        set(&mut fact.label);
        set(&mut fact.text);
    }
    for section in &mut document.sections {
        set(&mut section.title);
        section.blocks.iter_mut().for_each(block);
    }
}

fn block(block: &mut Block) {
    match block {
        Block::Heading(text) | Block::Paragraph(text) => set(text),
        Block::List(items) => items.iter_mut().for_each(set),
        Block::Terms(terms) => {
            for term in terms {
                set(&mut term.term);
                set(&mut term.meaning);
            }
        }
        Block::Table(table) => self::table(table),
        Block::Chart(chart) => self::chart(chart),
    }
}

fn table(table: &mut Table) {
    set(&mut table.title);
    for column in &mut table.columns {
        set(&mut column.title);
    }
    for cell in table.rows.iter_mut().flatten() {
        match cell {
            Cell::Text(text) | Cell::Missing(text) => set(text),
            Cell::Number { .. }
            | Cell::Share { .. }
            | Cell::Date(_)
            | Cell::Interval { .. }
            | Cell::ShareInterval { .. }
            | Cell::Suppressed => {}
        }
    }
    table.notes.iter_mut().for_each(set);
}

fn chart(chart: &mut Chart) {
    set(&mut chart.title);
    set(&mut chart.alt);
    chart.note.iter_mut().for_each(set);
    if let Unit::Of(unit) = &mut chart.unit {
        set(unit);
    }
    for threshold in &mut chart.thresholds {
        set(&mut threshold.label);
    }
    for point in &mut chart.points {
        set(&mut point.label);
        point.note.iter_mut().for_each(set);
        if let Mark::Missing(why) = &mut point.mark {
            set(why);
        }
    }
}

/// Sets one text.
fn set(text: &mut String) {
    let mut set = String::with_capacity(text.len());
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        let shown = match letter {
            ' ' if before == '«' || matches!(next, '»' | ':' | '%' | '€') => NO_BREAK,
            ' ' if matches!(next, ';' | '!' | '?') => THIN,
            '\'' if before.is_alphabetic() && (next.is_alphanumeric() || next == '«') => '’',
            _ => letter,
        };
        set.push(shown);
        before = letter;
    }
    *text = set;
}
