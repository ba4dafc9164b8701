//! Communes and départements: the official geographic code, embedded.

use std::{fmt, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::domain::refusal::Refusal;

/// A commune's code in the official geographic code (five characters, `2A` and `2B` for Corsica).
///
/// A code read back from the log is only known to be well formed: communes merge, and what was
/// recorded stays readable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InseeCode([u8; 5]);

impl InseeCode {
    /// Checks that `raw` is the code of a commune of the embedded table.
    ///
    /// # Errors
    /// [`Refusal::MalformedInseeCode`] or [`Refusal::UnknownCommune`].
    pub fn try_new(raw: &str) -> Result<Self, Refusal> {
        let code = Self::well_formed(raw)?;
        code.check()?;
        Ok(code)
    }

    fn well_formed(raw: &str) -> Result<Self, Refusal> {
        let malformed = || Refusal::MalformedInseeCode {
            code: raw.chars().take(20).collect(),
        };
        let bytes: [u8; 5] = raw.as_bytes().try_into().map_err(|_| malformed())?;
        let [first, second, rest @ ..] = bytes;
        let corsica = first == b'2' && matches!(second, b'A' | b'B');
        let head = first.is_ascii_digit() && (second.is_ascii_digit() || corsica);
        if head && rest.iter().all(u8::is_ascii_digit) {
            Ok(Self(bytes))
        } else {
            Err(malformed())
        }
    }

    /// Checks that the code is in the embedded table.
    ///
    /// # Errors
    /// [`Refusal::UnknownCommune`].
    pub fn check(&self) -> Result<(), Refusal> {
        match self.commune() {
            Some(_) => Ok(()),
            None => Err(Refusal::UnknownCommune { code: *self }),
        }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The commune, if the embedded table has it.
    #[must_use]
    pub fn commune(&self) -> Option<&'static Commune> {
        let index = COMMUNES
            .binary_search_by(|commune| commune.code.cmp(self.as_str()))
            .ok()?;
        COMMUNES.get(index)
    }

    /// The commune's name, or the bare code where the table does not know it.
    #[must_use]
    pub fn name(&self) -> String {
        self.commune()
            .map_or_else(|| self.as_str().to_owned(), |c| c.name.to_owned())
    }

    /// The code of the département: the first two characters, three where they are 97 or 98.
    #[must_use]
    pub fn departement(&self) -> &str {
        let length = match self.as_str().get(..2) {
            Some("97" | "98") => 3,
            _ => 2,
        };
        self.as_str().get(..length).unwrap_or_default()
    }
}

impl TryFrom<String> for InseeCode {
    type Error = Refusal;
    fn try_from(raw: String) -> Result<Self, Refusal> {
        Self::well_formed(&raw)
    }
}

impl From<InseeCode> for String {
    fn from(code: InseeCode) -> Self {
        code.as_str().to_owned()
    }
}

impl fmt::Display for InseeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for InseeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A commune of the embedded table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commune {
    /// Its code, five characters.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The code of its département, or of its overseas collectivity.
    pub departement: &'static str,
    /// Its municipal population, where it is published.
    pub population: Option<u32>,
}

/// A département, or an overseas collectivity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departement {
    /// Its code: two characters, three overseas.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
}

static COMMUNES: LazyLock<Vec<Commune>> = LazyLock::new(|| {
    rows(include_str!("../../../data/communes.tsv"))
        .filter_map(|mut cells| {
            Some(Commune {
                code: cells.next()?,
                name: cells.next()?,
                departement: cells.next()?,
                population: {
                    let _region = cells.next()?;
                    cells.next()?.parse().ok()
                },
            })
        })
        .collect()
});

static DEPARTEMENTS: LazyLock<Vec<Departement>> = LazyLock::new(|| {
    rows(include_str!("../../../data/departements.tsv"))
        .filter_map(|mut cells| {
            Some(Departement {
                code: cells.next()?,
                name: cells.next()?,
            })
        })
        .collect()
});

fn rows(table: &'static str) -> impl Iterator<Item = std::str::Split<'static, char>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t'))
}

/// Every commune of the embedded table, by code.
#[must_use]
pub fn communes() -> &'static [Commune] {
    &COMMUNES
}

/// A département or an overseas collectivity, if the embedded table has it.
#[must_use]
pub fn departement(code: &str) -> Option<&'static Departement> {
    DEPARTEMENTS
        .iter()
        .find(|departement| departement.code == code)
}

/// The name of a département, if the embedded table has it.
#[must_use]
pub fn departement_name(code: &str) -> Option<&'static str> {
    departement(code).map(|departement| departement.name)
}
