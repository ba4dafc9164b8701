//! What is frozen of a report: the document that people read, and every figure of it with the
//! entries behind it, so that it can be computed again from these alone.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::document::Document;
use crate::{
    domain::{
        report::{Audience, ReportScope},
        terms::{Period, Position},
    },
    evaluation::{Answer, facts::Selection, group::Group, indicator::Definition, measure::Measure},
};

/// The version of this form.
pub const FORMAT: u32 = 1;

/// What is frozen of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The version of its form.
    pub format: u32,
    /// Its name.
    pub title: String,
    /// What was known: the events up to this position.
    pub position: Position,
    /// The hash of the log up to it.
    pub head: String,
    /// Of which experiments it is.
    pub scope: ReportScope,
    /// Whom it is for.
    pub audience: Audience,
    /// Its period.
    pub period: Period,
    /// The day it was asked on.
    pub on: NaiveDate,
    /// What its figures mean.
    pub definitions: Vec<Defined>,
    /// Its figures.
    pub figures: Vec<Frozen>,
    /// What people read.
    pub document: Document,
}

/// What an indicator meant when a report was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defined {
    /// Its code.
    pub code: String,
    /// The version of the definition.
    pub version: u32,
    /// Its name, in French.
    pub name: String,
    /// What it means, in French.
    pub text: String,
    /// Where the formulas come from.
    pub source: String,
}

/// The figures of one indicator for one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// The code of the indicator.
    pub indicator: String,
    /// The version of its definition.
    pub version: u32,
    /// What group; none for the whole scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// Of what it is.
    pub of: Selection,
    /// What was computed.
    pub measures: Vec<Measure>,
    /// The entries behind it; none of a public report, where their number would tell of people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Positions>,
}

impl Content {
    /// The bytes that its hash covers.
    ///
    /// # Errors
    /// What serde says; nothing in it can fail to be written.
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads the bytes again.
    ///
    /// # Errors
    /// What is not such a content.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

/// The hash of some content: SHA-256, in lower-case hexadecimal digits.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a text cannot fail.
            let _written = write!(text, "{byte:02x}");
            text
        })
}

impl From<&Definition> for Defined {
    fn from(definition: &Definition) -> Self {
        Self {
            code: definition.code.to_owned(),
            version: definition.version,
            name: definition.french.name.to_owned(),
            text: definition.french.text.to_owned(),
            source: definition.source.to_owned(),
        }
    }
}

impl Frozen {
    /// The figures of an answer, without the entries behind them.
    pub fn of(answer: &Answer) -> impl Iterator<Item = (&'static Definition, Self)> + '_ {
        answer.figures.iter().map(|figures| {
            let frozen = Self {
                indicator: figures.definition.code.to_owned(),
                version: figures.definition.version,
                group: answer.group.clone(),
                of: answer.of.clone(),
                measures: figures.measures.clone(),
                evidence: None,
            };
            (figures.definition, frozen)
        })
    }
}

/// Positions of the log, in order: `1-5 8 10-12`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Positions(Vec<(u64, u64)>);

impl Positions {
    /// Whether a position is among them.
    #[must_use]
    pub fn has(&self, position: Position) -> bool {
        let before = self.0.partition_point(|(_, last)| *last < position.0);
        self.0
            .get(before)
            .is_some_and(|(first, _)| *first <= position.0)
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Position> + '_ {
        self.0
            .iter()
            .flat_map(|(first, last)| (*first..=*last).map(Position))
    }
}

impl FromIterator<Position> for Positions {
    /// Takes them in order.
    fn from_iter<I: IntoIterator<Item = Position>>(positions: I) -> Self {
        let mut spans: Vec<(u64, u64)> = Vec::new();
        for Position(position) in positions {
            match spans.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(position) => *last = position,
                Some((_, last)) if position <= *last => {}
                Some(_) | None => spans.push((position, position)),
            }
        }
        Self(spans)
    }
}

impl fmt::Display for Positions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (first, last)) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            if first == last {
                write!(f, "{space}{first}")?;
            } else {
                write!(f, "{space}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Positions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl From<Positions> for String {
    fn from(positions: Positions) -> Self {
        positions.to_string()
    }
}

/// A text that names no positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not positions in order")]
pub struct NoPositions;

impl TryFrom<String> for Positions {
    type Error = NoPositions;
    fn try_from(text: String) -> Result<Self, NoPositions> {
        let mut spans: Vec<(u64, u64)> = Vec::new();
        for span in text.split_ascii_whitespace() {
            let (first, last) = span.split_once('-').unwrap_or((span, span));
            let first: u64 = first.parse().map_err(|_| NoPositions)?;
            let last: u64 = last.parse().map_err(|_| NoPositions)?;
            let after = spans.last().is_none_or(|(_, before)| *before < first);
            if !after || last < first {
                return Err(NoPositions);
            }
            spans.push((first, last));
        }
        Ok(Self(spans))
    }
}
