//! Money: whole cents, never a float.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::refusal::Refusal;

/// An amount of euros, in cents. It is never negative: what reduces an amount corrects the entry
/// that stated it.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct Cents(u64);

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The most that one entry states, ten billion euros: beyond, it is a slip of the pen.
    pub const MAX: Self = Self(1_000_000_000_000);

    /// Checks the amount that an entry states.
    ///
    /// # Errors
    /// [`Refusal::AmountTooLarge`].
    pub fn try_new(cents: u64) -> Result<Self, Refusal> {
        let amount = Self(cents);
        if amount > Self::MAX {
            Err(Refusal::AmountTooLarge { max: Self::MAX })
        } else {
            Ok(amount)
        }
    }

    /// A part of what was added up, whatever its size.
    #[must_use]
    pub const fn of_sum(cents: u64) -> Self {
        Self(cents)
    }

    /// How many cents.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The two together: a sum may exceed what one entry states.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What `parts` of `of` equal parts come to, rounded to the cent, half a cent upwards: of
    /// 100,01 EUR, one half is 50,01 EUR. The whole where there are no parts.
    #[must_use]
    pub fn share(self, parts: u32, of: u32) -> Self {
        let (parts, of) = (u128::from(parts), u128::from(of));
        let twice = u128::from(self.0).saturating_mul(parts).saturating_mul(2);
        let rounded = twice
            .saturating_add(of)
            .checked_div(of.saturating_mul(2))
            .and_then(|share| u64::try_from(share).ok());
        rounded.map_or(self, Self)
    }
}

impl std::iter::Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

impl TryFrom<u64> for Cents {
    type Error = Refusal;
    fn try_from(cents: u64) -> Result<Self, Refusal> {
        Self::try_new(cents)
    }
}

impl From<Cents> for u64 {
    fn from(amount: Cents) -> Self {
        amount.0
    }
}

/// A space that neither breaks nor is wide.
const NARROW: char = '\u{202f}';

/// As French people write it: `300 000,00 €`.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:03}", self.0);
        let (euros, cents) = digits.split_at(digits.len().saturating_sub(2));
        write!(f, "{},{cents}{NARROW}€", grouped(euros))
    }
}

/// Digits in threes, as French people write a large number: `300 000`.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(place);
        if place > 0 && left.is_multiple_of(3) {
            text.push(NARROW);
        }
        text.push(digit);
    }
    text
}
