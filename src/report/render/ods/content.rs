//! The cells of a workbook.

use std::collections::BTreeSet;

use super::{FO, OF_VERSION, OFFICE, STYLE, TABLE, TEXT, XLINK, styles};
use crate::report::render::{
    sheets::{Entry, Row, Sheet, Style},
    xml::Xml,
};

/// How wide a character is, in tenths of a millimetre.
const CHARACTER: u32 = 22;
/// How high a line is, in tenths of a millimetre.
const LINE: u32 = 60;
/// How high a line of a title is.
const TITLE_LINE: u32 = 80;

/// The part of what there is.
pub(super) fn content(sheets: &[Sheet]) -> String {
    let mut xml = Xml::new();
    let spaces = [OFFICE, STYLE, TABLE, TEXT, FO, XLINK, OF_VERSION];
    xml.open("office:document-content", &spaces);
    xml.open("office:automatic-styles", &[]);
    let widths: BTreeSet<u16> = sheets
        .iter()
        .flat_map(|sheet| &sheet.widths)
        .copied()
        .collect();
    for width in widths {
        let name = column(width);
        let wide = millimetres(u32::from(width).saturating_mul(CHARACTER));
        let (name, family) = (("style:name", &*name), ("style:family", "table-column"));
        xml.open("style:style", &[name, family]);
        xml.empty(
            "style:table-column-properties",
            &[("style:column-width", &wide)],
        );
        xml.close();
    }
    let heights: BTreeSet<u32> = sheets
        .iter()
        .flat_map(|sheet| &sheet.rows)
        .filter_map(height)
        .collect();
    for height in heights {
        let (name, high) = (format!("ro{height}"), millimetres(height));
        let (name, family) = (("style:name", &*name), ("style:family", "table-row"));
        xml.open("style:style", &[name, family]);
        xml.empty(
            "style:table-row-properties",
            &[
                ("style:row-height", &high),
                ("style:use-optimal-row-height", "false"),
            ],
        );
        xml.close();
    }
    free(&mut xml);
    xml.open(
        "style:style",
        &[
            ("style:name", "ta1"),
            ("style:family", "table"),
            ("style:master-page-name", "Default"),
        ],
    );
    xml.close();
    xml.close();
    xml.open("office:body", &[]);
    xml.open("office:spreadsheet", &[]);
    for sheet in sheets {
        table(&mut xml, sheet);
    }
    xml.finish()
}

/// The style of rows that are as high as what is in them.
fn free(xml: &mut Xml) {
    let (name, family) = (("style:name", "ro"), ("style:family", "table-row"));
    xml.open("style:style", &[name, family]);
    xml.empty(
        "style:table-row-properties",
        &[("style:use-optimal-row-height", "true")],
    );
    xml.close();
}

fn table(xml: &mut Xml, sheet: &Sheet) {
    let style = ("table:style-name", "ta1");
    xml.open("table:table", &[("table:name", &sheet.name), style]);
    if sheet.widths.is_empty() {
        // A sheet has a column, even where there is nothing to put in it.
        xml.empty("table:table-column", &[]);
    }
    for width in &sheet.widths {
        let (style, cells) = (
            ("table:style-name", &*column(*width)),
            ("table:default-cell-style-name", "Default"),
        );
        xml.empty("table:table-column", &[style, cells]);
    }
    let frozen = usize::try_from(sheet.frozen).unwrap_or_default();
    let (heads, rest) = sheet
        .rows
        .split_at_checked(frozen)
        .unwrap_or((&[], &sheet.rows));
    if !heads.is_empty() {
        xml.open("table:table-header-rows", &[]);
        for head in heads {
            row(xml, head);
        }
        xml.close();
    }
    for other in rest {
        row(xml, other);
    }
    xml.close();
}

fn row(xml: &mut Xml, row: &Row) {
    let style = height(row).map_or_else(|| "ro".to_owned(), |height| format!("ro{height}"));
    xml.open("table:table-row", &[("table:style-name", &style)]);
    match row {
        Row::Cells(entries) if entries.is_empty() => xml.empty("table:table-cell", &[]),
        Row::Cells(entries) => {
            for entry in entries {
                cell(xml, entry);
            }
        }
        Row::Across {
            style,
            words,
            columns,
            ..
        } => {
            xml.open(
                "table:table-cell",
                &[
                    ("table:style-name", styles::said(*style)),
                    ("table:number-columns-spanned", &columns.to_string()),
                    ("table:number-rows-spanned", "1"),
                    ("office:value-type", "string"),
                ],
            );
            paragraphs(xml, words);
            xml.close();
            for _ in 1..*columns {
                xml.empty("table:covered-table-cell", &[]);
            }
        }
    }
    xml.close();
}

fn cell(xml: &mut Xml, entry: &Entry) {
    let style = styles::name(entry);
    let mut attributes = vec![("table:style-name", style.as_str())];
    let value;
    match entry {
        Entry::Blank => {
            xml.empty("table:table-cell", &attributes);
            return;
        }
        Entry::Number(number, _) => {
            value = number.normalize().to_string();
            attributes.push(("office:value-type", "float"));
            attributes.push(("office:value", &value));
        }
        Entry::Share(share, _) => {
            value = share.normalize().to_string();
            attributes.push(("office:value-type", "percentage"));
            attributes.push(("office:value", &value));
        }
        Entry::Date(date) => {
            value = date.format("%Y-%m-%d").to_string();
            attributes.push(("office:value-type", "date"));
            attributes.push(("office:date-value", &value));
        }
        Entry::Said(..) | Entry::Link(_) | Entry::Suppressed | Entry::Without(_) => {
            attributes.push(("office:value-type", "string"));
        }
    }
    xml.open("table:table-cell", &attributes);
    if let Entry::Link(name) = entry {
        let (href, kind) = (format!("#'{name}'.A1"), ("xlink:type", "simple"));
        xml.open("text:p", &[]);
        xml.open("text:a", &[("xlink:href", &href), kind]);
        spaced(xml, name);
        xml.close();
        xml.close();
    } else {
        paragraphs(xml, &entry.words());
    }
    xml.close();
}

fn paragraphs(xml: &mut Xml, words: &str) {
    for paragraph in words.split('\n') {
        xml.open("text:p", &[]);
        spaced(xml, paragraph);
        xml.close();
    }
}

/// Words, every space of them: only the first of many is one in a text, and none at its beginning
/// or end.
fn spaced(xml: &mut Xml, words: &str) {
    let mut plain = String::new();
    let mut rest = words.chars().peekable();
    let mut after_word = false;
    while let Some(character) = rest.next() {
        let counts = after_word && rest.peek().is_some();
        match character {
            '\t' => {
                xml.words(&std::mem::take(&mut plain));
                xml.empty("text:tab", &[]);
                after_word = false;
            }
            ' ' if !counts => {
                xml.words(&std::mem::take(&mut plain));
                xml.empty("text:s", &[]);
                after_word = false;
            }
            ' ' => {
                plain.push(' ');
                after_word = false;
            }
            _ => {
                plain.push(character);
                after_word = true;
            }
        }
    }
    xml.words(&plain);
}

/// The name of the style of columns so wide.
fn column(width: u16) -> String {
    format!("co{width}")
}

/// How high a row is, where that is set, in tenths of a millimetre.
fn height(row: &Row) -> Option<u32> {
    match row {
        Row::Cells(_) => None,
        Row::Across { style, lines, .. } => {
            let line = if *style == Style::Title {
                TITLE_LINE
            } else {
                LINE
            };
            Some(line.saturating_mul(u32::from(*lines)))
        }
    }
}

fn millimetres(tenths: u32) -> String {
    let (whole, rest) = (tenths.checked_div(10), tenths.checked_rem(10));
    format!(
        "{}.{}mm",
        whole.unwrap_or_default(),
        rest.unwrap_or_default()
    )
}
