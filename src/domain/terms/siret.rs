//! The number of an establishment in the Sirene register.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::refusal::Refusal;

/// The Siren of La Poste, whose establishments are numbered by another rule.
const LA_POSTE: &str = "356000000";
/// How many digits it has.
const DIGITS: usize = 14;

/// A Siret: 14 digits, the last of which checks the others (Luhn's rule; for the establishments of
/// La Poste, whose numbers ran out, the sum of the digits is a multiple of five).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siret(String);

impl Siret {
    /// Checks `raw`; spaces between digits are passed over.
    ///
    /// # Errors
    /// [`Refusal::MalformedSiret`].
    pub fn try_new(raw: &str) -> Result<Self, Refusal> {
        let spaceless = raw.chars().filter(|c| !c.is_whitespace());
        let text: String = spaceless.take(DIGITS.saturating_add(1)).collect();
        let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
        let digits = digits.ok_or(Refusal::MalformedSiret)?;
        let of_la_poste = text.starts_with(LA_POSTE) && is_multiple(digits.iter().copied(), 5);
        if digits.len() == DIGITS && (of_la_poste || is_multiple(luhn(&digits), 10)) {
            Ok(Self(text))
        } else {
            Err(Refusal::MalformedSiret)
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The digits, every other one from the last but one doubled, and the digits of that added up.
fn luhn(digits: &[u32]) -> impl Iterator<Item = u32> {
    let places = digits.iter().rev().enumerate();
    places.map(
        |(place, digit)| match (place % 2, digit.saturating_mul(2)) {
            (0, _) => *digit,
            (_, doubled) if doubled > 9 => doubled.saturating_sub(9),
            (_, doubled) => doubled,
        },
    )
}

fn is_multiple(digits: impl Iterator<Item = u32>, of: u32) -> bool {
    digits.sum::<u32>().is_multiple_of(of)
}

impl TryFrom<String> for Siret {
    type Error = Refusal;
    fn try_from(raw: String) -> Result<Self, Refusal> {
        Self::try_new(&raw)
    }
}

impl From<Siret> for String {
    fn from(siret: Siret) -> Self {
        siret.0
    }
}

impl fmt::Display for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
