//! What a report says, as a plain value: the one source of every format.

mod check;

use std::fmt::Write as _;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use check::{
    CODE_CHARS_MAX, COLUMNS_MAX, DIGITS_MAX, Flaw, POINTS_MAX, ROWS_MAX, SECTIONS_MAX,
    TEXT_CHARS_MAX, THRESHOLDS_MAX,
};

/// A report.
///
/// The names of its fields and their order are what the hash of a frozen report rests on: they change
/// no more than a stored event does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Document {
    /// What files are named after: lower-case ASCII letters, digits and hyphens.
    pub code: String,
    /// What it is about.
    pub title: String,
    /// Of what, or of when.
    pub subtitle: String,
    /// The day it was drawn up; the date that files bear.
    pub dated: NaiveDate,
    /// What it was drawn up from: the position in the log, the dates, the hash, the definitions.
    pub facts: Vec<Fact>,
    /// Where what is told is made up, the notice that says so: it is on every page and sheet, in every
    /// picture and file.
    pub synthetic: Option<String>,
    /// What it says, in order.
    pub sections: Vec<Section>,
}

/// One thing that is so of the whole document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What is so.
    pub text: String,
}

/// A part of a document, under a title of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Section {
    /// Where it is found: lower-case ASCII letters, digits and hyphens; no two sections share one.
    pub code: String,
    /// Its title, without a number.
    pub title: String,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Block {
    /// A title within a section.
    Heading(String),
    /// Sentences.
    Paragraph(String),
    /// Sentences, one to an item.
    List(Vec<String>),
    /// Terms and what they mean.
    Terms(Vec<Term>),
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Chart),
}

/// A term and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Term {
    /// The term.
    pub term: String,
    /// Its meaning.
    pub meaning: String,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Table {
    /// What its file is named after: lower-case ASCII letters, digits and hyphens; no two tables or
    /// charts of a document share one.
    pub code: String,
    /// What it shows.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// What must be known in reading it.
    pub notes: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Column {
    /// Its heading.
    pub title: String,
    /// What its cells hold.
    pub kind: ColumnKind,
}

/// What the cells of a column hold; any of them may also be suppressed, missing, or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ColumnKind {
    /// Texts.
    Text,
    /// Numbers and shares.
    Number,
    /// Days.
    Date,
    /// Intervals; in a spreadsheet two columns, one for each end.
    Interval,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number {
        /// Its value.
        #[serde(with = "exact")]
        value: Decimal,
        /// How many digits are shown after the comma.
        digits: u32,
    },
    /// A part of a whole, shown as a percentage.
    Share {
        /// Its value, 1 for the whole.
        #[serde(with = "exact")]
        value: Decimal,
        /// How many digits of the percentage are shown after the comma.
        digits: u32,
    },
    /// A day.
    Date(NaiveDate),
    /// From a number to a number.
    Interval {
        /// Its lower end.
        #[serde(with = "exact")]
        lower: Decimal,
        /// Its upper end.
        #[serde(with = "exact")]
        upper: Decimal,
        /// How many digits are shown after the comma.
        digits: u32,
    },
    /// From a share to a share.
    ShareInterval {
        /// Its lower end, 1 for the whole.
        #[serde(with = "exact")]
        lower: Decimal,
        /// Its upper end, 1 for the whole.
        #[serde(with = "exact")]
        upper: Decimal,
        /// How many digits of the percentages are shown after the comma.
        digits: u32,
    },
    /// Not told, since too few people are behind it: shown as "s".
    Suppressed,
    /// There is nothing to show, and why: "sans objet", "non mesuré".
    Missing(String),
}

/// A chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chart {
    /// What its file is named after: lower-case ASCII letters, digits and hyphens; no two tables or
    /// charts of a document share one.
    pub code: String,
    /// What it shows.
    pub title: String,
    /// What it shows, in words, for who does not see it.
    pub alt: String,
    /// How it is drawn.
    pub kind: ChartKind,
    /// What its values are.
    pub unit: Unit,
    /// How many digits of its values are shown after the comma.
    pub digits: u32,
    /// Its points, in order.
    pub points: Vec<Point>,
    /// Values to compare them with.
    pub thresholds: Vec<Threshold>,
    /// What must be known in reading it.
    pub note: Option<String>,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChartKind {
    /// A row to each point, with its interval.
    Dots,
    /// A series over weeks, one after another.
    Weeks,
}

/// What the values of a chart are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Unit {
    /// Parts of a whole, 1 for the whole, shown as percentages.
    Share,
    /// Numbers of what is named: "accompagnements par séance".
    Of(String),
}

/// A point of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Point {
    /// What it is of.
    pub label: String,
    /// What is shown of it.
    pub mark: Mark,
    /// What must be known of it.
    pub note: Option<String>,
}

/// What is shown of a point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Mark {
    /// A value.
    Value(#[serde(with = "exact")] Decimal),
    /// A value and its interval.
    Estimate {
        /// The value.
        #[serde(with = "exact")]
        value: Decimal,
        /// The lower end of its interval.
        #[serde(with = "exact")]
        lower: Decimal,
        /// The upper end of its interval.
        #[serde(with = "exact")]
        upper: Decimal,
    },
    /// Bounds without a value between them.
    Bounds {
        /// The lower one.
        #[serde(with = "exact")]
        lower: Decimal,
        /// The upper one.
        #[serde(with = "exact")]
        upper: Decimal,
    },
    /// Not told, since too few people are behind it: shown as "s".
    Suppressed,
    /// There is nothing to show, and why: "sans objet", "non mesuré".
    Missing(String),
}

/// A value to compare points with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Threshold {
    /// What it is.
    pub label: String,
    /// Where it is.
    #[serde(with = "exact")]
    pub value: Decimal,
}

impl Document {
    /// The bytes that stand for the document: its JSON, the fields in the order they are declared
    /// in, without a space, numbers as texts without zeros that say nothing. Equal documents have
    /// equal bytes.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        // What JSON cannot say is a map with keys that are no texts; a document holds no map.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The SHA-256 of [`Self::canonical`], in lower-case hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        let digest = Sha256::digest(self.canonical());
        digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Reads what [`Self::canonical`] wrote. What it holds besides is refused.
    ///
    /// # Errors
    /// Why the bytes are none of a document.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// Its tables, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks().filter_map(Block::as_table)
    }

    /// Its charts, in order.
    pub fn charts(&self) -> impl Iterator<Item = &Chart> {
        self.blocks().filter_map(Block::as_chart)
    }

    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.sections.iter().flat_map(|section| &section.blocks)
    }
}

impl Block {
    /// The table, if it is one.
    #[must_use]
    pub const fn as_table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            Self::Heading(_)
            | Self::Paragraph(_)
            | Self::List(_)
            | Self::Terms(_)
            | Self::Chart(_) => None,
        }
    }

    /// The chart, if it is one.
    #[must_use]
    pub const fn as_chart(&self) -> Option<&Chart> {
        match self {
            Self::Chart(chart) => Some(chart),
            Self::Heading(_)
            | Self::Paragraph(_)
            | Self::List(_)
            | Self::Terms(_)
            | Self::Table(_) => None,
        }
    }
}

/// Decimals in the one way they are written: "0.9", never "0.90", so that equal ones look equal.
mod exact {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        value: &Decimal,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&value.normalize())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::from_str_exact(&text).map_err(Error::custom)
    }
}
