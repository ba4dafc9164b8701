//! The sheets of a document as ODS: an archive of four texts and a list of them, its first part the
//! media type, not compressed, so that the file can be told from its first bytes.

mod content;
mod styles;

use std::io::{Cursor, Write};

use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{RenderError, sheets::sheets, xml::Xml};
use crate::report::document::Document;

const MEDIA_TYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";
/// The version of the format.
const VERSION: &str = "1.3";
const OFFICE: (&str, &str) = (
    "xmlns:office",
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
);
const TABLE: (&str, &str) = (
    "xmlns:table",
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
);
const TEXT: (&str, &str) = (
    "xmlns:text",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
);
const STYLE: (&str, &str) = (
    "xmlns:style",
    "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
);
const FO: (&str, &str) = (
    "xmlns:fo",
    "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
);
const NUMBER: (&str, &str) = (
    "xmlns:number",
    "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
);
const META: (&str, &str) = (
    "xmlns:meta",
    "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
);
const CONFIG: (&str, &str) = (
    "xmlns:config",
    "urn:oasis:names:tc:opendocument:xmlns:config:1.0",
);
const MANIFEST: (&str, &str) = (
    "xmlns:manifest",
    "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0",
);
const DC: (&str, &str) = ("xmlns:dc", "http://purl.org/dc/elements/1.1/");
const XLINK: (&str, &str) = ("xmlns:xlink", "http://www.w3.org/1999/xlink");
const OF_VERSION: (&str, &str) = ("office:version", VERSION);

/// The workbook of a document.
pub(super) fn ods(document: &Document) -> Result<Vec<u8>, RenderError> {
    let sheets = sheets(document);
    // The first moment that an archive can tell; never the clock.
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    let stored = options.compression_method(CompressionMethod::Stored);
    let deflated = options.compression_method(CompressionMethod::Deflated);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("mimetype", stored)?;
    archive
        .write_all(MEDIA_TYPE.as_bytes())
        .map_err(ZipError::from)?;
    let parts = [
        ("content.xml", content::content(&sheets)),
        ("styles.xml", styles::styles(document)),
        ("meta.xml", meta(document)),
        ("settings.xml", settings(&sheets)),
    ];
    let names = parts.each_ref().map(|(name, _)| *name);
    for (name, text) in parts
        .into_iter()
        .chain([("META-INF/manifest.xml", manifest(&names))])
    {
        archive.start_file(name, deflated)?;
        archive.write_all(text.as_bytes()).map_err(ZipError::from)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn manifest(names: &[&str]) -> String {
    let mut xml = Xml::new();
    let version = ("manifest:version", VERSION);
    xml.open("manifest:manifest", &[MANIFEST, version]);
    let mut entry = |path: &str, media_type: &str| {
        let (path, media_type) = (
            ("manifest:full-path", path),
            ("manifest:media-type", media_type),
        );
        xml.empty("manifest:file-entry", &[path, media_type]);
    };
    entry("/", MEDIA_TYPE);
    for name in names {
        entry(name, "text/xml");
    }
    xml.finish()
}

fn meta(document: &Document) -> String {
    let mut xml = Xml::new();
    xml.open("office:document-meta", &[OFFICE, META, DC, OF_VERSION]);
    xml.open("office:meta", &[]);
    let dated = document.dated.format("%Y-%m-%dT00:00:00").to_string();
    xml.leaf("meta:generator", &[], "Carnet");
    xml.leaf("dc:title", &[], &document.title);
    xml.leaf("dc:subject", &[], &document.subtitle);
    if let Some(notice) = &document.synthetic {
        xml.leaf("dc:description", &[], notice);
    }
    xml.leaf("dc:language", &[], "fr-FR");
    xml.leaf("meta:creation-date", &[], &dated);
    xml.leaf("dc:date", &[], &dated);
    xml.finish()
}

/// Which rows of a sheet stay in sight.
fn settings(sheets: &[super::sheets::Sheet]) -> String {
    let mut xml = Xml::new();
    xml.open("office:document-settings", &[OFFICE, CONFIG, OF_VERSION]);
    xml.open("office:settings", &[]);
    xml.open(
        "config:config-item-set",
        &[("config:name", "ooo:view-settings")],
    );
    xml.open(
        "config:config-item-map-indexed",
        &[("config:name", "Views")],
    );
    xml.open("config:config-item-map-entry", &[]);
    let item = |xml: &mut Xml, name: &str, kind: &str, value: &str| {
        let attributes = [("config:name", name), ("config:type", kind)];
        xml.leaf("config:config-item", &attributes, value);
    };
    item(&mut xml, "ViewId", "string", "view1");
    xml.open("config:config-item-map-named", &[("config:name", "Tables")]);
    for sheet in sheets.iter().filter(|sheet| sheet.frozen > 0) {
        let rows = sheet.frozen.to_string();
        xml.open(
            "config:config-item-map-entry",
            &[("config:name", &sheet.name)],
        );
        // 2 is for rows that stay where they are.
        item(&mut xml, "VerticalSplitMode", "short", "2");
        item(&mut xml, "VerticalSplitPosition", "int", &rows);
        item(&mut xml, "ActiveSplitRange", "short", "2");
        item(&mut xml, "PositionBottom", "int", &rows);
        xml.close();
    }
    xml.close();
    if let Some(first) = sheets.first() {
        item(&mut xml, "ActiveTable", "string", &first.name);
    }
    xml.finish()
}
