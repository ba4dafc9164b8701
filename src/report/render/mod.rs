//! From a document to the bytes of a file.
//!
//! ```text
//! svg/      a chart, as a picture
//! figures   all that a document has of figures, as tables
//! sheets    the sheets of a workbook, the same for XLSX and ODS
//! xlsx, ods their bytes
//! csv       a table, or all that there is of figures
//! pdf/      the whole of it, to print (feature `pdf`)
//! xml       marked-up text that is well formed whatever it says
//! ```

mod csv;
mod figures;
mod ods;
#[cfg(feature = "pdf")]
pub mod pdf;
mod sheets;
mod svg;
mod xlsx;
mod xml;

use super::document::{Document, Flaw};

pub use svg::{Framing, svg};

/// What a document may be rendered as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// The whole of it, to print.
    Pdf,
    /// Its tables, the figures of its charts and its definitions, as a workbook.
    Xlsx,
    /// The same, in the open format.
    Ods,
    /// All its figures in one table, one to a line.
    Csv,
    /// One of its tables, or the figures of one of its charts, by its code.
    Table(String),
    /// One of its charts, by its code.
    Svg(String),
    /// The bytes that its hash covers.
    Json,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The document is not what a document must be.
    #[error(transparent)]
    Flawed(#[from] Flaw),
    /// No table or chart of that code is in it.
    #[error("ce rapport n'a ni tableau ni graphique « {0} »")]
    NotInIt(String),
    /// The program was built without what writes this format.
    #[error("ce programme a été construit sans le format {0}")]
    NotBuilt(&'static str),
    /// It could not be set in type.
    #[cfg(feature = "pdf")]
    #[error(transparent)]
    Pdf(#[from] pdf::PdfError),
    /// A workbook could not be put together.
    #[error("le classeur XLSX ne s'écrit pas : {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// An archive could not be put together.
    #[error("le classeur ODS ne s'écrit pas : {0}")]
    Ods(#[from] zip::result::ZipError),
    /// A table could not be put together.
    #[error("le fichier CSV ne s'écrit pas : {0}")]
    Csv(#[from] ::csv::Error),
}

impl Format {
    /// The media type, for HTTP.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Csv | Self::Table(_) => "text/csv; charset=utf-8",
            Self::Svg(_) => "image/svg+xml",
            Self::Json => "application/json",
        }
    }

    /// What the file of a document is called.
    #[must_use]
    pub fn file_name(&self, document: &Document) -> String {
        let code = &document.code;
        match self {
            Self::Pdf => format!("{code}.pdf"),
            Self::Xlsx => format!("{code}.xlsx"),
            Self::Ods => format!("{code}.ods"),
            Self::Csv => format!("{code}.csv"),
            Self::Table(table) => format!("{code}-{table}.csv"),
            Self::Svg(chart) => format!("{code}-{chart}.svg"),
            Self::Json => format!("{code}.json"),
        }
    }
}

/// The bytes of a document in a format. The same document always gives the same bytes.
///
/// # Errors
/// [`RenderError`]: a document that is none, a table or chart that is not in it, a format that this
/// program does not write.
pub fn render(document: &Document, format: &Format) -> Result<Vec<u8>, RenderError> {
    document.check()?;
    match format {
        #[cfg(feature = "pdf")]
        Format::Pdf => Ok(pdf::pdf(document)?),
        #[cfg(not(feature = "pdf"))]
        Format::Pdf => Err(RenderError::NotBuilt("PDF")),
        Format::Xlsx => xlsx::xlsx(document),
        Format::Ods => ods::ods(document),
        Format::Csv => csv::all(document),
        Format::Table(code) => csv::one(document, code),
        Format::Svg(code) => document
            .charts()
            .find(|chart| chart.code == *code)
            .map(|chart| svg(chart, Framing::Alone, document.synthetic.as_deref()).into_bytes())
            .ok_or_else(|| RenderError::NotInIt(code.clone())),
        Format::Json => Ok(document.canonical()),
    }
}
