//! Personal data, sealed: what the log may hold of it. The domain can neither seal nor unseal.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::PersonId;

/// A text sealed with the key of a person. Whoever has not that key learns nothing from it but
/// about how long it is; once the key is destroyed, nobody ever does.
///
/// Two are equal only if they seal the same text, of the same person, for the same use.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Sealed {
    /// Whose key opens it.
    person: PersonId,
    /// The sealed text, in base64.
    sealed: String,
}

/// A sealed text as it is stored.
#[derive(Deserialize)]
struct Stored {
    person: PersonId,
    sealed: String,
}

/// A sealed text that cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSealed;

impl fmt::Display for NotSealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a sealed text")
    }
}

impl std::error::Error for NotSealed {}

impl Sealed {
    /// The most characters of a sealed text.
    pub const CHARACTERS_MAX: usize = 2_000;

    /// Takes what was sealed, in base64.
    ///
    /// # Errors
    /// [`NotSealed`] where it is empty, too long, or not of that alphabet.
    pub fn try_new(person: PersonId, sealed: String) -> Result<Self, NotSealed> {
        let of_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let text = sealed.trim_end_matches('=');
        if text.is_empty() || sealed.len() > Self::CHARACTERS_MAX || !text.bytes().all(of_base64) {
            return Err(NotSealed);
        }
        Ok(Self { person, sealed })
    }

    /// Whose key opens it.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// The sealed text, in base64.
    #[must_use]
    pub fn as_base64(&self) -> &str {
        &self.sealed
    }
}

impl TryFrom<Stored> for Sealed {
    type Error = NotSealed;
    fn try_from(stored: Stored) -> Result<Self, NotSealed> {
        Self::try_new(stored.person, stored.sealed)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, {})", self.person, self.sealed)
    }
}
