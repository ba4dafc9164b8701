//! Workbooks, read again by another reader: every cell is what the document says.

use std::io::{Cursor, Read};

use calamine::{Data, Ods, Reader, Xlsx};
use carnet::report::{
    document::{Cell, ColumnKind, Document},
    render::{Format, render},
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use zip::{CompressionMethod, ZipArchive};

use super::sample::{HOSTILE, sample};

type Sheets = Vec<(String, Vec<Vec<Data>>)>;

fn sheets(document: &Document, format: &Format) -> Sheets {
    let bytes = Cursor::new(render(document, format).unwrap());
    match format {
        Format::Xlsx => all(Xlsx::new(bytes).unwrap()),
        Format::Ods => all(Ods::new(bytes).unwrap()),
        other => panic!("{other:?}"),
    }
}

/// The sheets in their order.
fn all<R: Reader<Cursor<Vec<u8>>>>(mut workbook: R) -> Sheets {
    let names = workbook.sheet_names();
    let sheets = names.into_iter().map(|name| {
        let range = workbook.worksheet_range(&name).ok().unwrap();
        assert_eq!(range.start().unwrap(), (0, 0));
        (name, range.rows().map(<[Data]>::to_vec).collect())
    });
    sheets.collect()
}

fn both(document: &Document) -> [Sheets; 2] {
    [Format::Xlsx, Format::Ods].map(|format| sheets(document, &format))
}

/// The sheet whose first cell is a title.
fn titled<'a>(sheets: &'a Sheets, title: &str) -> &'a [Vec<Data>] {
    let is = |rows: &[Vec<Data>]| rows[0][0] == Data::String(title.to_owned());
    let found = sheets.iter().find(|(_, rows)| is(rows));
    &found.unwrap().1
}

fn nearest(value: Decimal) -> f64 {
    value.to_string().parse().unwrap()
}

fn is_text(found: &Data, wanted: &str) {
    match found {
        Data::String(text) => assert_eq!(text, wanted),
        Data::Empty => assert_eq!("", wanted),
        other => panic!("{other:?} {wanted}"),
    }
}

fn is_number(found: &Data, wanted: Decimal) {
    match found {
        Data::Float(value) => assert_eq!(value.to_bits(), nearest(wanted).to_bits()),
        Data::Int(value) => assert_eq!(Decimal::from(*value), wanted),
        other => panic!("{other:?} {wanted}"),
    }
}

fn is_day(found: &Data, wanted: NaiveDate) {
    match found {
        Data::DateTime(day) => {
            let from = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
            let days = f64::from(i32::try_from((wanted - from).num_days()).unwrap());
            assert_eq!(day.as_f64().to_bits(), days.to_bits());
        }
        Data::DateTimeIso(text) => assert_eq!(*text, wanted.to_string()),
        other => panic!("{other:?} {wanted}"),
    }
}

fn is_cell(found: &Data, cell: &Cell) {
    match cell {
        Cell::Text(text) | Cell::Missing(text) => is_text(found, text),
        Cell::Suppressed => is_text(found, "s"),
        Cell::Number { value, .. } | Cell::Share { value, .. } => is_number(found, *value),
        Cell::Date(day) => is_day(found, *day),
        other => panic!("{other:?}"),
    }
}

/// Would catch: a cell that is lost, shifted, rounded, or a text where a number or a day is; a sheet
/// without its notice; a text that is changed.
#[test]
fn every_cell_is_what_the_document_says() {
    let document = sample();
    let notice = document.synthetic.as_deref().unwrap();
    for sheets in both(&document) {
        for table in document.tables().filter(|table| !table.rows.is_empty()) {
            let rows = titled(&sheets, &table.title);
            is_text(&rows[1][0], notice);
            for (row, cells) in rows[3..].iter().zip(&table.rows) {
                let mut found = row.iter();
                for (column, cell) in table.columns.iter().zip(cells) {
                    let first = found.next().unwrap();
                    match (column.kind, cell) {
                        (
                            ColumnKind::Interval,
                            Cell::Interval { lower, upper, .. }
                            | Cell::ShareInterval { lower, upper, .. },
                        ) => {
                            is_number(first, *lower);
                            is_number(found.next().unwrap(), *upper);
                        }
                        (ColumnKind::Interval, cell) => {
                            is_cell(first, cell);
                            is_cell(found.next().unwrap(), cell);
                        }
                        _ => is_cell(first, cell),
                    }
                }
            }
            let notes = &rows[3 + table.rows.len() + 1..];
            assert_eq!(notes.len(), table.notes.len());
            for (row, note) in notes.iter().zip(&table.notes) {
                is_text(&row[0], note);
            }
        }
    }
}

/// Would catch: headings without the two ends of an interval.
#[test]
fn intervals_have_two_columns() {
    for sheets in both(&sample()) {
        let rows = titled(
            &sheets,
            "Indicateurs : valeurs, intervalles [95 %] et dates de début",
        );
        let wanted = [
            "Indicateur",
            "Valeur",
            "Intervalle – borne inférieure",
            "Intervalle – borne supérieure",
            "Depuis",
        ];
        for (found, wanted) in rows[2].iter().zip(wanted) {
            is_text(found, wanted);
        }
    }
}

/// Would catch: two sheets of one name, a name that Excel refuses, a sheet that is not listed.
#[test]
fn sheets_have_names_of_their_own_and_are_listed() {
    for sheets in both(&sample()) {
        let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[..2], ["Sommaire", "Définitions et positions"]);
        assert_eq!(names.len(), 2 + 3 + 5);
        for (place, name) in names.iter().enumerate() {
            assert!(name.encode_utf16().count() <= 31, "{name}");
            assert!(
                !name.contains(['[', ']', ':', '*', '?', '/', '\\', '\'']),
                "{name}"
            );
            assert!(
                !names[..place]
                    .iter()
                    .any(|other| other.eq_ignore_ascii_case(name))
            );
        }
        let listed: Vec<String> = sheets[0].1.iter().map(|row| row[0].to_string()).collect();
        for name in &names[1..] {
            assert!(
                listed.iter().any(|listed| listed == name),
                "{name} {listed:?}"
            );
        }
    }
}

/// Would catch: a fact or a definition that is not told.
#[test]
fn facts_and_definitions_are_there() {
    let document = sample();
    for sheets in both(&document) {
        for (at, rows) in [(0, &sheets[0].1), (1, &sheets[1].1)] {
            for fact in &document.facts {
                let told = rows.iter().any(|row| {
                    row[at] == Data::String(fact.label.clone())
                        && row[at + 1] == Data::String(fact.text.clone())
                });
                assert!(told, "{fact:?}");
            }
        }
        let told = sheets[1].1.iter().any(|row| {
            row[0] == Data::String("Résumé".to_owned())
                && row[1] == Data::String("=Accompagnement".to_owned())
                && row[2]
                    == Data::String("Une personne reçue,\nune ou plusieurs demandes.".to_owned())
        });
        assert!(told);
        is_text(&sheets[0].1[0][0], &document.title);
    }
}

/// Would catch: what a chart shows left out of the workbook.
#[test]
fn what_charts_show_is_there() {
    let document = sample();
    for sheets in both(&document) {
        for chart in document.charts() {
            let title = format!("{} (données du graphique)", chart.title);
            let rows = titled(&sheets, &title);
            for (row, point) in rows[3..].iter().zip(&chart.points) {
                is_text(&row[0], &point.label);
                is_text(&row[4], point.note.as_deref().unwrap_or_default());
            }
        }
    }
}

fn parts(bytes: Vec<u8>) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let parts = (0..archive.len()).map(|place| {
        let mut part = archive.by_index(place).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        (part.name().unwrap().into_owned(), text)
    });
    parts.collect()
}

/// Would catch: a text that is a formula, in either format.
#[test]
fn there_is_no_formula() {
    let document = sample();
    for format in [Format::Xlsx, Format::Ods] {
        for (name, text) in parts(render(&document, &format).unwrap()) {
            assert!(
                !text.contains("<f>") && !text.contains("table:formula"),
                "{name}"
            );
            assert!(!text.contains("<script"), "{name}");
        }
    }
    assert!(HOSTILE.iter().any(|words| words.starts_with('=')));
}

/// Would catch: a notice that is not printed, or that turns into marks of the header.
#[test]
fn the_notice_is_printed_on_every_page() {
    let mut document = sample();
    document.title = "A & B &P".to_owned();
    let xlsx = parts(render(&document, &Format::Xlsx).unwrap());
    let sheets: Vec<_> = xlsx
        .iter()
        .filter(|(name, _)| name.contains("/sheet"))
        .collect();
    assert_eq!(sheets.len(), 10);
    for (name, text) in &sheets {
        assert!(
            text.contains("<oddHeader>&amp;C&amp;BDonnées synthétiques : rien"),
            "{name}"
        );
        assert!(
            text.contains("&lt;b&gt;&amp;&amp;&lt;/b&gt;</oddHeader>"),
            "{name}"
        );
        assert!(
            text.contains("<oddFooter>&amp;LA &amp;&amp; B &amp;&amp;P&amp;R"),
            "{name} {text}"
        );
        let frozen = text.contains("state=\"frozen\"");
        assert_eq!(frozen, !name.ends_with("/sheet1.xml"), "{name}");
    }
    let ods = parts(render(&document, &Format::Ods).unwrap());
    let styles = &ods.iter().find(|(name, _)| name == "styles.xml").unwrap().1;
    let (_, header) = styles.split_once("<style:header>").unwrap();
    let (_, header) = header.split_once('>').unwrap();
    assert!(header.starts_with("Données synthétiques"), "{header}");
}

/// Would catch: spaces that the format takes for one, or for none.
#[test]
fn an_ods_says_every_space() {
    let ods = parts(render(&sample(), &Format::Ods).unwrap());
    let content = &ods
        .iter()
        .find(|(name, _)| name == "content.xml")
        .unwrap()
        .1;
    for words in [
        "<text:p>deux <text:s/>espaces, une tabulation<text:tab/>et",
        "<text:p><text:s/>au bord<text:s/></text:p>",
        "<text:p>une ligne</text:p><text:p>une autre</text:p>",
    ] {
        assert!(content.contains(words), "{words}");
    }
}

/// Would catch: a clock in the archive, and a file that is not told by its first bytes.
#[test]
fn an_ods_begins_with_its_media_type() {
    let bytes = render(&sample(), &Format::Ods).unwrap();
    assert_eq!(&bytes[30..38], b"mimetype");
    assert_eq!(&bytes[38..84], Format::Ods.media_type().as_bytes());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let first = archive.by_index(0).unwrap();
    assert_eq!(first.compression(), CompressionMethod::Stored);
    drop(first);
    for place in 0..archive.len() {
        let part = archive.by_index(place).unwrap();
        assert_eq!(part.last_modified().unwrap(), zip::DateTime::default());
    }
    let names: Vec<_> = archive.file_names().collect();
    assert_eq!(names.len(), 6);
}

/// Would catch: a table with no column, or with nothing to say, that cannot be written.
#[test]
fn a_document_of_nothing_is_written() {
    let mut document = sample();
    document.synthetic = None;
    document.facts.clear();
    document.title.clear();
    document.subtitle.clear();
    for section in &mut document.sections {
        for block in &mut section.blocks {
            if let carnet::report::document::Block::Table(table) = block {
                table.title.clear();
                table.columns.clear();
                table.rows = vec![Vec::new(); 2];
            }
        }
    }
    for format in [Format::Xlsx, Format::Ods] {
        let bytes = render(&document, &format).unwrap();
        assert!(parts(bytes).len() >= 6, "{format:?}");
    }
}
