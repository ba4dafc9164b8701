//! All that Typst may see: one template, what is handed to it, two fonts. No file, no package, no
//! clock; so that what a template could be made to read is what the document says anyway.

use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate};
use typst::{
    Feature, Features, Library, LibraryExt as _, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Dict, Duration},
    syntax::{FileId, Source},
    text::{Font, FontBook},
    utils::LazyHash,
};

/// The template that sets a report in type.
const TEMPLATE: &str = include_str!("template.typ");

/// The fonts, under the SIL Open Font License (`assets/fonts/LICENSE`): the regular one first.
const FONT_FILES: [&[u8]; 2] = [
    include_bytes!("../../../../assets/fonts/SourceSans3-Regular.ttf"),
    include_bytes!("../../../../assets/fonts/SourceSans3-Bold.ttf"),
];

/// The fonts, read once.
pub(super) static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    FONT_FILES
        .into_iter()
        .filter_map(|file| Font::new(Bytes::new(file), 0))
        .collect()
});

static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// What Typst sees of one report.
pub(super) struct ReportWorld {
    library: LazyHash<Library>,
    template: Source,
    today: NaiveDate,
}

impl ReportWorld {
    /// A world where `inputs` is all there is to read, on that day.
    pub(super) fn new(inputs: Dict, today: NaiveDate) -> Self {
        // Row headings of tables: Typst has them, but means to give them other names some day.
        let features = Features::from_iter([Feature::A11yExtras]);
        let library = Library::builder()
            .with_inputs(inputs)
            .with_features(features)
            .build();
        Self {
            library: LazyHash::new(library),
            template: Source::detached(TEMPLATE),
            today,
        }
    }
}

impl World for ReportWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            return Ok(self.template.clone());
        }
        Err(FileError::AccessDenied)
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        let month = self.today.month().try_into().ok()?;
        let day = self.today.day().try_into().ok()?;
        Datetime::from_ymd(self.today.year(), month, day)
    }
}
