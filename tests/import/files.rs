//! Files for the tests, made as spreadsheets make them.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{Format, Workbook, Worksheet};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A permanence.
pub(crate) const PERMANENCE: &str = "00000000-0000-7000-8000-000000000121";
/// Another one.
pub(crate) const OTHER: &str = "00000000-0000-7000-8000-000000000122";

/// The headings of sessions.
pub(crate) const SESSIONS: &str = "Permanence;Date;Statut;Heure de début;Heure de fin;Nombre d'agents;Motif d'annulation;Précisions";
/// The headings of accompaniments.
pub(crate) const ACCOMPANIMENTS: &str = "Permanence;Date;Numéro;Durée (minutes);Première visite;\
     Commune de résidence;Tranche d'âge;Opérateur;Thème;Niveau;Résultat";
/// The headings of feedback.
pub(crate) const FEEDBACK: &str = "Permanence;Date;Numéro;Numéro d'accompagnement;Réponse;Satisfaction;\
     Résolu;Sans cette permanence";

/// A file of sessions, whose one row is this, the permanence put before.
pub(crate) fn session(row: &str) -> Vec<u8> {
    format!("{SESSIONS}\n{PERMANENCE};{row}\n").into_bytes()
}

/// A file of accompaniments, likewise.
pub(crate) fn accompaniment(row: &str) -> Vec<u8> {
    format!("{ACCOMPANIMENTS}\n{PERMANENCE};{row}\n").into_bytes()
}

/// A file of feedback, likewise.
pub(crate) fn feedback(row: &str) -> Vec<u8> {
    format!("{FEEDBACK}\n{PERMANENCE};{row}\n").into_bytes()
}

/// A text in Windows-1252.
pub(crate) fn windows(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

/// A text in UTF-16 with its mark.
pub(crate) fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if big_endian {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

/// A workbook of one sheet.
pub(crate) fn xlsx(name: &str, fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(name).unwrap();
    fill(sheet);
    workbook.save_to_buffer().unwrap()
}

/// Writes rows of texts, their cells parted by semicolons.
pub(crate) fn texts(sheet: &mut Worksheet, text: &str) {
    for (row, line) in (0_u32..).zip(text.lines()) {
        for (column, cell) in (0_u16..).zip(line.split(';')) {
            if !cell.is_empty() {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
}

/// A workbook of one sheet of texts.
pub(crate) fn xlsx_of(name: &str, text: &str) -> Vec<u8> {
    xlsx(name, |sheet| texts(sheet, text))
}

/// A format of numbers.
pub(crate) fn format(code: &str) -> Format {
    Format::new().set_num_format(code)
}

/// An archive of parts.
pub(crate) fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook of which one part is another one.
pub(crate) fn with_part(workbook: &[u8], name: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    use std::io::Read;
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let mut found = false;
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).unwrap();
        let part_name = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        if part_name == name {
            found = true;
            content = change(std::str::from_utf8(&content).unwrap()).into_bytes();
        }
        parts.push((part_name, content));
    }
    assert!(found, "no part {name}");
    let parts: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_slice()))
        .collect();
    zip(&parts)
}

/// A workbook that says of its one sheet what is given.
pub(crate) fn with_sheet(workbook: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    with_part(workbook, "xl/worksheets/sheet1.xml", change)
}

const MIMETYPE: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
 <manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
 <manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">ENCRYPTION</manifest:file-entry>
</manifest:manifest>"#;

/// An `OpenDocument` workbook, of which these are the tables, as `LibreOffice` writes them.
pub(crate) fn ods(tables: &str) -> Vec<u8> {
    ods_with(tables, "")
}

/// The same, its content said to be encrypted.
pub(crate) fn ods_encrypted(tables: &str) -> Vec<u8> {
    let data = r#"<manifest:encryption-data manifest:checksum-type="SHA256"/>"#;
    ods_with(tables, data)
}

fn ods_with(tables: &str, encryption: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
 office:version="1.3"><office:automatic-styles>
<style:style style:name="ta1" style:family="table"><style:table-properties table:display="true"/></style:style>
<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"#
    );
    let manifest = MANIFEST.replace("ENCRYPTION", encryption);
    zip(&[
        ("mimetype", MIMETYPE),
        ("META-INF/manifest.xml", manifest.as_bytes()),
        ("content.xml", content.as_bytes()),
    ])
}

/// A table of an `OpenDocument` workbook, of rows as they are written there.
pub(crate) fn table(name: &str, rows: &str) -> String {
    format!(
        r#"<table:table table:name="{name}" table:style-name="ta1"><table:table-column table:number-columns-repeated="16384"/>{rows}<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>"#
    )
}

/// A row of cells as they are written there.
pub(crate) fn row(cells: &str) -> String {
    format!(
        r#"<table:table-row table:style-name="ro1">{cells}<table:table-cell table:number-columns-repeated="16300"/></table:table-row>"#
    )
}

/// Cells of texts, parted by semicolons.
pub(crate) fn cells(text: &str) -> String {
    text.split(';')
        .map(|cell| {
            if cell.is_empty() {
                "<table:table-cell/>".to_owned()
            } else {
                let cell = cell.replace('&', "&amp;").replace('<', "&lt;");
                format!(
                    r#"<table:table-cell office:value-type="string" calcext:value-type="string"><text:p>{cell}</text:p></table:table-cell>"#
                )
            }
        })
        .collect()
}

/// An `OpenDocument` workbook of one sheet of texts.
pub(crate) fn ods_of(name: &str, text: &str) -> Vec<u8> {
    let rows: String = text.lines().map(|line| row(&cells(line))).collect();
    ods(&table(name, &rows))
}
