//! A report as a PDF: set in type by Typst, tagged for who does not see it (PDF/UA-1), and fit to be
//! kept in archives (PDF/A-2a).
//!
//! ```text
//! legible   text that the fonts can show, and how wide it is
//! fit       how a table fits a page
//! view      a document as the strings and measures that the template sets
//! world     all that Typst may see: the template, the view, the pictures, two fonts
//! ```
//!
//! **Invariants.** What a document says goes to the template as strings, which Typst does not read as
//! markup. The same document gives the same bytes: its date is the document's, its identity the
//! document's hash. What is made up says so on every page.

mod fit;
mod legible;
mod view;
mod world;

use typst::{
    diag::SourceDiagnostic,
    foundations::{Array, Bytes, Dict, Smart, Value},
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::svg::{Framing, svg};
use crate::{
    limits::{REPORT_PRINTED_BYTES_MAX, REPORT_PRINTED_CELLS_MAX},
    report::document::{Chart, Document},
};

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// It is too long to be printed.
    #[error("ce rapport a {count} {of} ; un PDF en imprime au plus {max}")]
    TooLong {
        /// Of what there is too much.
        of: &'static str,
        /// How much there is.
        count: usize,
        /// How much there may be.
        max: usize,
    },
    /// Typst could not set it, and why.
    #[error("ce rapport ne se compose pas : {}", .0.join(" ; "))]
    Typeset(Vec<String>),
    /// What is handed to the template could not be written.
    #[error("ce rapport ne se prépare pas : {0}")]
    Prepare(#[from] serde_json::Error),
}

/// A report set in type, page by page.
pub struct Typeset {
    /// Its pages.
    pub pages: PagedDocument,
    /// What Typst found strange in setting it.
    pub warnings: Vec<String>,
    ident: String,
}

/// A report as a PDF.
///
/// # Errors
/// [`PdfError`]: tables that are too long, or what Typst has to say.
pub fn pdf(document: &Document) -> Result<Vec<u8>, PdfError> {
    let bytes = typeset(document).and_then(|typeset| typeset.pdf());
    // What Typst remembers of it would only be of use to the same report again.
    typst::comemo::evict(0);
    bytes
}

/// Sets a report in type.
///
/// # Errors
/// [`PdfError`]: tables that are too long, or what Typst has to say.
pub fn typeset(document: &Document) -> Result<Typeset, PdfError> {
    let cells = document
        .tables()
        .map(|table| table.rows.len().saturating_mul(table.columns.len()))
        .fold(0, usize::saturating_add);
    few("cellules", cells, REPORT_PRINTED_CELLS_MAX)?;
    let pictures = document
        .charts()
        .map(picture)
        .collect::<Result<Array, _>>()?;
    let mut inputs = Dict::new();
    let report = serde_json::to_vec(&view::view(document))?;
    few("octets", report.len(), REPORT_PRINTED_BYTES_MAX)?;
    let report = Bytes::new(report);
    inputs.insert("report".into(), Value::Bytes(report));
    inputs.insert("pictures".into(), Value::Array(pictures));
    let world = world::ReportWorld::new(inputs, document.dated);
    let set = typst::compile::<PagedDocument>(&world);
    Ok(Typeset {
        pages: set
            .output
            .map_err(|found| PdfError::Typeset(said(&found)))?,
        warnings: said(&set.warnings),
        ident: document.hash(),
    })
}

impl Typeset {
    /// Its bytes.
    ///
    /// # Errors
    /// [`PdfError::Typeset`], where it would not be the PDF that it is to be.
    pub fn pdf(&self) -> Result<Vec<u8>, PdfError> {
        let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a])
            .map_err(|why| PdfError::Typeset(vec![why.message().to_string()]))?;
        let options = PdfOptions {
            ident: Smart::Custom(self.ident.clone()),
            creator: Smart::Custom(Some("Carnet".to_owned())),
            timestamp: None,
            page_ranges: None,
            standards,
            tagged: true,
            pretty: false,
        };
        typst_pdf::pdf(&self.pages, &options).map_err(|found| PdfError::Typeset(said(&found)))
    }
}

fn few(of: &'static str, count: usize, max: usize) -> Result<(), PdfError> {
    if count <= max {
        return Ok(());
    }
    Err(PdfError::TooLong { of, count, max })
}

/// A chart as a picture, of characters that the fonts have.
fn picture(chart: &Chart) -> Result<Value, PdfError> {
    let mut texts = serde_json::to_value(chart)?;
    make_legible(&mut texts);
    let chart: Chart = serde_json::from_value(texts)?;
    let picture = svg(&chart, Framing::Within, None);
    Ok(Value::Bytes(Bytes::new(picture.into_bytes())))
}

/// Every text of it, whichever field it stands in.
fn make_legible(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = legible::legible(text),
        serde_json::Value::Array(values) => values.iter_mut().for_each(make_legible),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(make_legible),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

fn said(found: &[SourceDiagnostic]) -> Vec<String> {
    found
        .iter()
        .map(|diagnostic| diagnostic.message.to_string())
        .collect()
}
