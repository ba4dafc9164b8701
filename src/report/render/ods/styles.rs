//! How the cells of a workbook look, and what is printed above and below every page.

use super::{FO, NUMBER, OF_VERSION, OFFICE, STYLE, TABLE, TEXT};
use crate::report::{
    document::{DIGITS_MAX, Document},
    render::{
        sheets::{Entry, Style},
        xml::Xml,
    },
};

/// What headings stand on: light enough for black letters.
const GREY: &str = "#e6e6e6";

/// The name of the style of the notice that is printed.
const NOTICE: &str = "avertissementimprime";

/// The name of the style of a cell.
pub(super) fn name(entry: &Entry) -> String {
    match entry {
        Entry::Blank => "Default".to_owned(),
        Entry::Said(style, _) => said(*style).to_owned(),
        Entry::Link(_) => "lien".to_owned(),
        Entry::Number(_, digits) => format!("nombre{digits}"),
        Entry::Share(_, digits) => format!("part{digits}"),
        Entry::Date(_) => "jour".to_owned(),
        Entry::Suppressed | Entry::Without(_) => "sans".to_owned(),
    }
}

/// The name of the style of words.
pub(super) const fn said(style: Style) -> &'static str {
    match style {
        Style::Title => "titre",
        Style::Notice => "avertissement",
        Style::Head => "tete",
        Style::HeadOfValues => "tetedroite",
        Style::Label => "libelle",
        Style::Text => "texte",
        Style::Note => "note",
    }
}

/// The part of styles.
pub(super) fn styles(document: &Document) -> String {
    let mut xml = Xml::new();
    let spaces = [OFFICE, STYLE, TABLE, TEXT, FO, NUMBER, OF_VERSION];
    xml.open("office:document-styles", &spaces);
    xml.open("office:styles", &[]);
    default(&mut xml);
    for digits in 0..=DIGITS_MAX {
        numbers(&mut xml, "nombre", digits);
        numbers(&mut xml, "part", digits);
    }
    days(&mut xml);
    let bold = ("fo:font-weight", "bold");
    let italic = ("fo:font-style", "italic");
    cell(
        &mut xml,
        "titre",
        None,
        &[],
        &[bold, ("fo:font-size", "14pt")],
    );
    let frame = ("fo:border", "1.5pt solid #000000");
    cell(&mut xml, "avertissement", None, &[frame], &[bold]);
    let back = ("fo:background-color", GREY);
    let under = ("fo:border-bottom", "0.75pt solid #000000");
    cell(&mut xml, "tete", None, &[back, under], &[bold]);
    cell(&mut xml, "tetedroite", None, &[back, under], &[bold]);
    cell(&mut xml, "libelle", None, &[], &[bold]);
    cell(&mut xml, "texte", None, &[], &[]);
    cell(&mut xml, "note", None, &[], &[italic]);
    let line = ("style:text-underline-style", "solid");
    cell(&mut xml, "lien", None, &[], &[line]);
    cell(&mut xml, "jour", Some("njour"), &[], &[]);
    cell(&mut xml, "sans", None, &[], &[italic]);
    for digits in 0..=DIGITS_MAX {
        for kind in ["nombre", "part"] {
            let (name, format) = (format!("{kind}{digits}"), format!("n{kind}{digits}"));
            cell(&mut xml, &name, Some(&format), &[], &[]);
        }
    }
    xml.close();
    pages(&mut xml, document);
    xml.finish()
}

fn default(xml: &mut Xml) {
    xml.open("style:default-style", &[("style:family", "table-cell")]);
    xml.empty(
        "style:text-properties",
        &[
            ("fo:language", "fr"),
            ("fo:country", "FR"),
            ("fo:font-family", "sans-serif"),
            ("style:font-family-generic", "swiss"),
            ("fo:font-size", "10pt"),
        ],
    );
    xml.close();
    let (name, family) = (("style:name", "Default"), ("style:family", "table-cell"));
    xml.empty("style:style", &[name, family]);
}

/// Whatever the language of the program that opens it.
const FRENCH: [(&str, &str); 2] = [("number:language", "fr"), ("number:country", "FR")];

/// How numbers are written, thousands apart, and percentages.
fn numbers(xml: &mut Xml, kind: &str, digits: u32) {
    let (name, digits) = (format!("n{kind}{digits}"), digits.to_string());
    let mut shape = vec![
        ("number:decimal-places", digits.as_str()),
        ("number:min-decimal-places", &digits),
        ("number:min-integer-digits", "1"),
    ];
    let whole = if kind == "part" {
        "number:percentage-style"
    } else {
        shape.push(("number:grouping", "true"));
        "number:number-style"
    };
    let [language, country] = FRENCH;
    xml.open(whole, &[("style:name", &name), language, country]);
    xml.empty("number:number", &shape);
    if kind == "part" {
        xml.leaf("number:text", &[], "\u{a0}%");
    }
    xml.close();
}

fn days(xml: &mut Xml) {
    let [language, country] = FRENCH;
    let name = ("style:name", "njour");
    xml.open("number:date-style", &[name, language, country]);
    let long = [("number:style", "long")];
    xml.empty("number:day", &long);
    xml.leaf("number:text", &[], "/");
    xml.empty("number:month", &long);
    xml.leaf("number:text", &[], "/");
    xml.empty("number:year", &long);
    xml.close();
}

/// A style of cells: they wrap, and begin at the top; what stands for a value is at the right.
fn cell(
    xml: &mut Xml,
    name: &str,
    format: Option<&str>,
    around: &[(&str, &str)],
    letters: &[(&str, &str)],
) {
    let mut attributes = vec![
        ("style:name", name),
        ("style:family", "table-cell"),
        ("style:parent-style-name", "Default"),
    ];
    attributes.extend(format.map(|format| ("style:data-style-name", format)));
    xml.open("style:style", &attributes);
    let mut properties = vec![
        ("fo:wrap-option", "wrap"),
        ("style:vertical-align", "top"),
        ("fo:padding", "0.8mm"),
    ];
    properties.extend(around);
    xml.empty("style:table-cell-properties", &properties);
    if ["sans", "tetedroite"].contains(&name) {
        xml.empty("style:paragraph-properties", &[("fo:text-align", "end")]);
    }
    if !letters.is_empty() {
        xml.empty("style:text-properties", letters);
    }
    xml.close();
}

/// The notice, as it is printed: bold, in the middle.
fn printed_notice(xml: &mut Xml) {
    let (name, family) = (("style:name", NOTICE), ("style:family", "paragraph"));
    xml.open("style:style", &[name, family]);
    xml.empty("style:paragraph-properties", &[("fo:text-align", "center")]);
    xml.empty("style:text-properties", &[("fo:font-weight", "bold")]);
    xml.close();
}

/// A4 across, no wider than a page; the notice above, the title and the page below.
fn pages(xml: &mut Xml, document: &Document) {
    xml.open("office:automatic-styles", &[]);
    printed_notice(xml);
    xml.open("style:page-layout", &[("style:name", "pl1")]);
    xml.empty(
        "style:page-layout-properties",
        &[
            ("fo:page-width", "29.7cm"),
            ("fo:page-height", "21cm"),
            ("fo:margin", "1.5cm"),
            ("style:print-orientation", "landscape"),
            ("style:scale-to-X", "1"),
            ("style:scale-to-Y", "0"),
        ],
    );
    for part in ["style:header-style", "style:footer-style"] {
        xml.open(part, &[]);
        let high = ("fo:min-height", "0.9cm");
        xml.empty("style:header-footer-properties", &[high]);
        xml.close();
    }
    xml.close();
    xml.close();
    xml.open("office:master-styles", &[]);
    let (name, layout) = (("style:name", "Default"), ("style:page-layout-name", "pl1"));
    xml.open("style:master-page", &[name, layout]);
    if let Some(notice) = &document.synthetic {
        xml.open("style:header", &[]);
        xml.leaf("text:p", &[("text:style-name", NOTICE)], notice);
        xml.close();
    } else {
        xml.empty("style:header", &[("style:display", "false")]);
    }
    xml.open("style:footer", &[]);
    xml.open("style:region-left", &[]);
    xml.leaf("text:p", &[], &document.title);
    xml.close();
    xml.open("style:region-right", &[]);
    xml.open("text:p", &[]);
    xml.words("Page ");
    xml.leaf("text:page-number", &[], "1");
    xml.words(" / ");
    xml.leaf("text:page-count", &[], "1");
    xml.close();
    xml.close();
    xml.close();
    xml.close();
    xml.close();
}
