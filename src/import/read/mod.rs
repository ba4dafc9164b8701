//! From bytes to a table: what the file is, its own account of itself left aside, and what it holds.

mod csv;
mod ods;
mod package;
mod text;
mod xlsx;
mod xml;

use package::Package;

use super::{Kind, fault::Fault, heading, table::Table, words::folded};
use crate::{domain::import::ImportFormat, limits};

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Separated values.
    Csv,
    /// Excel from 2007 on.
    Xlsx,
    /// `OpenDocument`.
    Ods,
}

impl Format {
    /// As people name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Xlsx => "XLSX",
            Self::Ods => "ODS",
        }
    }

    /// As the notebook tells it.
    #[must_use]
    pub const fn term(self) -> ImportFormat {
        match self {
            Self::Csv => ImportFormat::Csv,
            Self::Xlsx => ImportFormat::Xlsx,
            Self::Ods => ImportFormat::Ods,
        }
    }
}

/// A table, and how it was found in the file.
#[derive(Debug)]
pub(super) struct Found {
    /// The format of the file.
    pub(super) format: Format,
    /// The sheet, where there are sheets.
    pub(super) sheet: Option<String>,
    /// The table.
    pub(super) table: Table,
}

/// Reads the table of a file.
///
/// # Errors
/// The [`Fault`] for which nothing of it can be taken.
pub(super) fn read(bytes: &[u8], kind: Kind) -> Result<Found, Fault> {
    if bytes.len() > limits::IMPORT_FILE_BYTES_MAX {
        return Err(Fault::FileTooLarge {
            max: limits::IMPORT_FILE_BYTES_MAX,
        });
    }
    match sniffed(bytes)? {
        Sniffed::Zip => zipped(bytes, kind),
        Sniffed::Text => Ok(Found {
            format: Format::Csv,
            sheet: None,
            table: csv::read(bytes, kind)?,
        }),
    }
}

enum Sniffed {
    Zip,
    Text,
}

/// What the first bytes tell.
fn sniffed(bytes: &[u8]) -> Result<Sniffed, Fault> {
    const OTHERS: [(&[u8], &str); 7] = [
        (b"%PDF", "un document PDF"),
        (b"\x1f\x8b", "une archive compressée (gzip)"),
        (b"7z\xbc\xaf", "une archive compressée (7z)"),
        (b"Rar!", "une archive compressée (rar)"),
        (b"\x89PNG", "une image"),
        (b"\xff\xd8\xff", "une image"),
        (b"SQLite format 3", "une base de données"),
    ];
    let start = bytes.trim_ascii_start();
    if start.is_empty() {
        return Err(Fault::EmptyFile);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Sniffed::Zip);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        // An encrypted workbook lies in the same container as an old one, under this name.
        let name: Vec<u8> = "EncryptedPackage"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let encrypted = bytes.windows(name.len()).any(|window| window == name);
        return Err(if encrypted {
            Fault::Password
        } else {
            Fault::OldExcel
        });
    }
    for (magic, what) in OTHERS {
        if bytes.starts_with(magic) {
            return Err(Fault::NotASpreadsheet { what });
        }
    }
    let head: String = start
        .iter()
        .take(64)
        .map(|byte| char::from(*byte).to_ascii_lowercase())
        .collect();
    let head = head.trim_start_matches("ï»¿");
    if ["<!doctype html", "<html", "<table", "<head", "<body"]
        .iter()
        .any(|tag| head.starts_with(tag))
    {
        return Err(Fault::NotASpreadsheet {
            what: "une page HTML, telle que certains logiciels en nomment .xls : l'ouvrir dans un \
                   tableur et l'enregistrer au format XLSX ou ODS",
        });
    }
    if head.starts_with("<?xml") {
        return Err(Fault::NotASpreadsheet {
            what: "un document XML : l'ouvrir dans un tableur et l'enregistrer au format XLSX ou ODS",
        });
    }
    Ok(Sniffed::Text)
}

fn zipped(bytes: &[u8], kind: Kind) -> Result<Found, Fault> {
    let mut package = Package::open(bytes)?;
    if let Some(mimetype) = package.text_of("mimetype")? {
        return match mimetype.trim() {
            "application/vnd.oasis.opendocument.spreadsheet"
            | "application/vnd.oasis.opendocument.spreadsheet-template" => {
                let mut book = ods::Book::open(&mut package)?;
                chosen(&mut book, Format::Ods, kind)
            }
            mimetype if mimetype.starts_with("application/vnd.oasis.opendocument") => {
                Err(Fault::NotASpreadsheet {
                    what: "un document OpenDocument d'un autre genre",
                })
            }
            _ => Err(Fault::NotASpreadsheet {
                what: "une archive compressée (zip)",
            }),
        };
    }
    if package.has("xl/workbook.bin") {
        return Err(Fault::BinaryExcel);
    }
    if package.has("word/document.xml") || package.has("ppt/presentation.xml") {
        return Err(Fault::NotASpreadsheet {
            what: "un document Word ou PowerPoint",
        });
    }
    if !package.has("[Content_Types].xml") && !package.has("_rels/.rels") {
        return Err(Fault::NotASpreadsheet {
            what: "une archive compressée (zip)",
        });
    }
    let mut book = xlsx::Book::open(package)?;
    chosen(&mut book, Format::Xlsx, kind)
}

/// A sheet of a workbook.
#[derive(Debug, Clone)]
struct Sheet {
    name: String,
    visible: bool,
}

/// A workbook, of whatever format.
trait Sheets {
    /// Its sheets, in order.
    fn sheets(&self) -> Vec<Sheet>;
    /// The table of the sheet at `place`.
    fn table(&mut self, place: usize) -> Result<Table, Fault>;
}

/// The one sheet that is meant: the one named after the kind, or else the only one with its
/// headings, or else the only one that holds anything.
fn chosen(book: &mut dyn Sheets, format: Format, kind: Kind) -> Result<Found, Fault> {
    let sheets = book.sheets();
    let visible: Vec<(usize, &Sheet)> = sheets
        .iter()
        .enumerate()
        .filter(|(_, sheet)| sheet.visible)
        .collect();
    if visible.is_empty() {
        return Err(Fault::NoSheet);
    }
    let title = folded(kind.title());
    if let Some((place, sheet)) = visible
        .iter()
        .find(|(_, sheet)| folded(&sheet.name) == title)
    {
        return Ok(Found {
            format,
            sheet: Some(sheet.name.clone()),
            table: book.table(*place)?,
        });
    }
    let others = Kind::ALL.into_iter().filter(|other| *other != kind);
    for other in others {
        let title = folded(other.title());
        if visible
            .iter()
            .any(|(_, sheet)| folded(&sheet.name) == title)
        {
            return Err(Fault::OtherKind { asked: kind, other });
        }
    }
    let mut filled: Vec<String> = Vec::new();
    let mut meant: Vec<String> = Vec::new();
    let mut kept: Option<Found> = None;
    for (place, sheet) in visible {
        let table = book.table(place)?;
        if table.rows.is_empty() {
            continue;
        }
        let is_meant = heading::stands_in(&table.rows, kind);
        if filled.is_empty() || (is_meant && meant.is_empty()) {
            kept = Some(Found {
                format,
                sheet: Some(sheet.name.clone()),
                table,
            });
        }
        filled.push(sheet.name.clone());
        if is_meant {
            meant.push(sheet.name.clone());
        }
    }
    match (kept, meant.len(), filled.len()) {
        (Some(found), 1, _) | (Some(found), 0, 1) => Ok(found),
        (None, ..) => Err(Fault::EmptySheet),
        (Some(_), 0, _) => Err(Fault::SeveralSheets {
            names: filled,
            kind,
        }),
        (Some(_), ..) => Err(Fault::SeveralSheets { names: meant, kind }),
    }
}
