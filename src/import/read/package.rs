//! A zipped workbook: its parts, inflated within bounds. What the archive says of their sizes is
//! not believed.

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

use crate::{import::fault::Fault, limits};

/// How an entry of the archive's directory begins.
const ENTRY: &[u8] = b"PK\x01\x02";

/// An archive.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    left: usize,
}

impl<'a> Package<'a> {
    /// Opens the archive.
    ///
    /// # Errors
    /// [`Fault::TooManyParts`] or [`Fault::Unreadable`].
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Fault> {
        // Counted before the directory is read: reading it takes room for each entry.
        let entries = bytes
            .windows(ENTRY.len())
            .filter(|window| *window == ENTRY)
            .take(limits::IMPORT_PARTS_MAX.saturating_add(1))
            .count();
        if entries > limits::IMPORT_PARTS_MAX {
            return Err(Fault::TooManyParts {
                max: limits::IMPORT_PARTS_MAX,
            });
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged("archive"))?;
        let names = (0..archive.len())
            .filter_map(|place| archive.name_for_index(place))
            .map(|name| name.map_or_else(|_| String::new(), |name| name.replace('\\', "/")))
            .collect();
        Ok(Self {
            archive,
            names,
            left: limits::IMPORT_INFLATED_BYTES_MAX,
        })
    }

    /// Whether there is a part of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    fn place(&self, name: &str) -> Option<usize> {
        let exact = self.names.iter().position(|known| known == name);
        exact.or_else(|| {
            self.names
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name))
        })
    }

    /// A part's text, if there is such a part.
    ///
    /// # Errors
    /// [`Fault::InflatesTooMuch`], [`Fault::Password`] or [`Fault::Unreadable`].
    pub(super) fn text_of(&mut self, name: &str) -> Result<Option<String>, Fault> {
        let Some(place) = self.place(name) else {
            return Ok(None);
        };
        let part = self.archive.by_index(place).map_err(|error| {
            let locked = matches!(
                error,
                ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)
                    | ZipError::InvalidPassword
            );
            if locked {
                Fault::Password
            } else {
                damaged(name)
            }
        })?;
        let mut bytes = Vec::new();
        let limit = u64::try_from(self.left).unwrap_or(u64::MAX);
        part.take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|_| damaged(name))?;
        self.left = self
            .left
            .checked_sub(bytes.len())
            .ok_or(Fault::InflatesTooMuch {
                max: limits::IMPORT_INFLATED_BYTES_MAX,
            })?;
        let text = String::from_utf8(bytes).map_err(|_| damaged(name))?;
        Ok(Some(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        }))
    }

    /// A part's text, which there must be.
    ///
    /// # Errors
    /// As [`Self::text_of`].
    pub(super) fn required(&mut self, name: &str) -> Result<String, Fault> {
        self.text_of(name)?.ok_or_else(|| Fault::Unreadable {
            what: format!("« {} » y manque", super::super::words::quoted(name)),
        })
    }
}

/// A part that cannot be read.
pub(super) fn damaged(name: &str) -> Fault {
    Fault::Unreadable {
        what: format!("« {} » ne se lit pas", super::super::words::quoted(name)),
    }
}
