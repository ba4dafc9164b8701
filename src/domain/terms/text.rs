//! Bounded texts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::refusal::Refusal;

/// A text of 1 to `MAX` characters, trimmed, without control characters but line breaks and tabs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

/// A name: of an experiment, a venue, an organisation.
pub type Title = Text<200>;
/// A short line: the name of a source, an address, an actor.
pub type Label = Text<300>;
/// A paragraph in somebody's words: a reason, an assertion.
pub type Words = Text<4000>;
/// The address of a document.
pub type Link = Text<1000>;

impl<const MAX: usize> Text<MAX> {
    /// Trims and checks `raw`.
    ///
    /// # Errors
    /// [`Refusal::TextEmpty`], [`Refusal::TextTooLong`] or [`Refusal::TextControlCharacter`].
    pub fn try_new(raw: &str) -> Result<Self, Refusal> {
        let text = raw.trim();
        if text.is_empty() {
            return Err(Refusal::TextEmpty);
        }
        let length = text.chars().count();
        if length > MAX {
            return Err(Refusal::TextTooLong { max: MAX, length });
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
        {
            return Err(Refusal::TextControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = Refusal;
    fn try_from(raw: String) -> Result<Self, Refusal> {
        Self::try_new(&raw)
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stable code of 2 to 60 characters among `a-z`, `0-9` and `-`: an operator, an indicator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// Checks `raw`.
    ///
    /// # Errors
    /// [`Refusal::MalformedCode`].
    pub fn try_new(raw: &str) -> Result<Self, Refusal> {
        let well_formed = (2..=60).contains(&raw.len())
            && raw
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !raw.starts_with('-')
            && !raw.ends_with('-');
        if well_formed {
            Ok(Self(raw.to_owned()))
        } else {
            Err(Refusal::MalformedCode {
                code: raw.chars().take(60).collect(),
            })
        }
    }

    /// The code itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = Refusal;
    fn try_from(raw: String) -> Result<Self, Refusal> {
        Self::try_new(&raw)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
