//! Bounded texts, and what may stand in them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::refusal::Refusal;

/// A text of 1 to `MAX` characters, trimmed; of one line, unless `LINES`. It holds no control
/// character but tabs and line breaks, and none that shows nothing or turns the writing round, by
/// which one text could pass for another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize, const LINES: bool = false>(String);

/// A name: of an experiment, a venue, an organisation.
pub type Title = Text<200>;
/// A short line: the name of a source, an address, an actor.
pub type Label = Text<300>;
/// A paragraph in somebody's words: a reason, an assertion.
pub type Words = Text<4000, true>;

impl<const MAX: usize, const LINES: bool> Text<MAX, LINES> {
    /// Trims and checks `raw`.
    ///
    /// # Errors
    /// [`Refusal::TextEmpty`], [`Refusal::TextTooLong`] or [`Refusal::TextControlCharacter`].
    pub fn try_new(raw: &str) -> Result<Self, Refusal> {
        // Line breaks of another system are the same line breaks.
        let unified = raw.replace("\r\n", "\n");
        let text = unified.trim();
        if text.is_empty() {
            return Err(Refusal::TextEmpty);
        }
        let length = text.chars().count();
        if length > MAX {
            return Err(Refusal::TextTooLong { max: MAX, length });
        }
        let allowed = |c: char| match c {
            '\n' => LINES,
            '\t' => true,
            '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => false,
            _ => !c.is_control(),
        };
        if !text.chars().all(allowed) {
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

impl<const MAX: usize, const LINES: bool> TryFrom<String> for Text<MAX, LINES> {
    type Error = Refusal;
    fn try_from(raw: String) -> Result<Self, Refusal> {
        Self::try_new(&raw)
    }
}

impl<const MAX: usize, const LINES: bool> From<Text<MAX, LINES>> for String {
    fn from(text: Text<MAX, LINES>) -> Self {
        text.0
    }
}

impl<const MAX: usize, const LINES: bool> fmt::Display for Text<MAX, LINES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of a document on the web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Link(Text<1000>);

impl Link {
    /// Checks `raw`.
    ///
    /// # Errors
    /// [`Refusal::MalformedLink`], or what is wrong with it as a text.
    pub fn try_new(raw: &str) -> Result<Self, Refusal> {
        let text = Text::try_new(raw)?;
        let address = text
            .as_str()
            .strip_prefix("https://")
            .or_else(|| text.as_str().strip_prefix("http://"));
        match address {
            Some(address) if !address.is_empty() && !address.contains(char::is_whitespace) => {
                Ok(Self(text))
            }
            _ => Err(Refusal::MalformedLink),
        }
    }
}

impl TryFrom<String> for Link {
    type Error = Refusal;
    fn try_from(raw: String) -> Result<Self, Refusal> {
        Self::try_new(&raw)
    }
}

impl From<Link> for String {
    fn from(link: Link) -> Self {
        link.0.into()
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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

/// The SHA-256 of a file, or of what could be one: 64 hexadecimal digits, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileHash(String);

impl FileHash {
    /// The hash of those bytes.
    #[must_use]
    pub fn of(hash: [u8; 32]) -> Self {
        let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16));
        Self(digits.collect())
    }

    /// Checks `raw`.
    ///
    /// # Errors
    /// [`Refusal::MalformedFileHash`].
    pub fn try_new(raw: &str) -> Result<Self, Refusal> {
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if raw.len() == 64 && raw.bytes().all(digit) {
            Ok(Self(raw.to_owned()))
        } else {
            Err(Refusal::MalformedFileHash)
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first digits, by which people tell files apart.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl TryFrom<String> for FileHash {
    type Error = Refusal;
    fn try_from(raw: String) -> Result<Self, Refusal> {
        Self::try_new(&raw)
    }
}

impl From<FileHash> for String {
    fn from(hash: FileHash) -> Self {
        hash.0
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The most characters of a [`ContentText`]: with all else that a record may hold, it fits into one.
pub const CONTENT_CHARS_MAX: usize = 40_000;

/// A part of something that is no text, in base64 (RFC 4648, section 4): 4 to
/// [`CONTENT_CHARS_MAX`] characters, in fours, so that each part can be read by itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentText(String);

impl ContentText {
    /// Checks `raw`.
    ///
    /// # Errors
    /// [`Refusal::MalformedContent`].
    pub fn try_new(raw: String) -> Result<Self, Refusal> {
        let digits = raw.trim_end_matches('=');
        let digit = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
        let well_formed = !digits.is_empty()
            && raw.len() <= CONTENT_CHARS_MAX
            && raw.len().is_multiple_of(4)
            && raw.len().abs_diff(digits.len()) <= 2
            && digits.bytes().all(digit);
        if well_formed {
            Ok(Self(raw))
        } else {
            Err(Refusal::MalformedContent {
                max: CONTENT_CHARS_MAX,
            })
        }
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How long it is: what it says nobody reads.
impl fmt::Debug for ContentText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentText({} characters)", self.0.len())
    }
}

impl TryFrom<String> for ContentText {
    type Error = Refusal;
    fn try_from(raw: String) -> Result<Self, Refusal> {
        Self::try_new(raw)
    }
}

impl From<ContentText> for String {
    fn from(text: ContentText) -> Self {
        text.0
    }
}

/// The stable code of why a row was rejected: 1 to 60 characters among `A-Z` and `_`. No more than
/// that can be said in it, so that nothing of a cell can be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RejectCode(String);

impl RejectCode {
    /// Checks `raw`.
    ///
    /// # Errors
    /// [`Refusal::MalformedRejectCode`].
    pub fn try_new(raw: &str) -> Result<Self, Refusal> {
        let letter = |b: u8| b.is_ascii_uppercase() || b == b'_';
        if (1..=60).contains(&raw.len()) && raw.bytes().all(letter) {
            Ok(Self(raw.to_owned()))
        } else {
            Err(Refusal::MalformedRejectCode)
        }
    }

    /// The code itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RejectCode {
    type Error = Refusal;
    fn try_from(raw: String) -> Result<Self, Refusal> {
        Self::try_new(&raw)
    }
}

impl From<RejectCode> for String {
    fn from(code: RejectCode) -> Self {
        code.0
    }
}
