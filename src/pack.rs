//! Beside the steps, pure: what is no text, as texts that each fit into a record, and back.
//!
//! In: the bytes of a content. Out: its hash and its parts: compressed (zlib, RFC 1950), in base64
//! (RFC 4648, section 4), cut where a part is full. And the way back, which believes nothing: no
//! more is inflated than was announced, and what comes out has the hash that was announced.
//!
//! **Deliberately absent.** That the same bytes are cut into the same parts by every release: who
//! compresses otherwise writes other parts, and the same content comes out of them.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::io::{Read, Write};

use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use sha2::{Digest, Sha256};

use crate::domain::{
    refusal::Refusal,
    report::{CONTENT_BYTES_MAX, PARTS_MAX},
    terms::{ContentText, FileHash, text::CONTENT_CHARS_MAX},
};

/// A content as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The SHA-256 of the content.
    pub hash: FileHash,
    /// How many bytes the content has.
    pub bytes: u32,
    /// Its parts, in order.
    pub parts: Vec<ContentText>,
}

/// Why a content cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// It is empty or too large.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It cannot be compressed.
    #[error("le contenu ne se comprime pas : {0}")]
    Compression(#[from] std::io::Error),
}

/// Why parts are not the content that was announced.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// More is announced than any content has.
    #[error("{bytes} bytes are announced, {CONTENT_BYTES_MAX} at most")]
    TooLarge {
        /// How many bytes.
        bytes: u32,
    },
    /// There are too many parts.
    #[error("there are more than {PARTS_MAX} parts")]
    TooManyParts,
    /// A part is not in base64.
    #[error("part {index} is not in base64: {error}")]
    Part {
        /// Which.
        index: usize,
        /// Why.
        error: base64::DecodeError,
    },
    /// It does not inflate.
    #[error("the parts do not inflate: {0}")]
    Inflation(#[from] std::io::Error),
    /// It inflates to another length.
    #[error("the parts do not inflate to {announced} bytes")]
    Length {
        /// How many bytes were announced.
        announced: u32,
    },
    /// It has another hash.
    #[error("the hash is {found}, not {announced}")]
    Hash {
        /// What was announced.
        announced: FileHash,
        /// What it is.
        found: FileHash,
    },
}

fn hash(content: &[u8]) -> FileHash {
    FileHash::of(Sha256::digest(content).into())
}

/// Packs a content.
///
/// # Errors
/// [`PackError::Refused`] where it is empty, too large, or compresses to too much;
/// [`PackError::Compression`], which nothing in memory should cause.
pub fn pack(content: &[u8]) -> Result<Packed, PackError> {
    let bytes = u32::try_from(content.len()).unwrap_or(u32::MAX);
    if !(1..=CONTENT_BYTES_MAX).contains(&bytes) {
        return Err(PackError::Refused(Refusal::ContentOutOfRange {
            bytes,
            max: CONTENT_BYTES_MAX,
        }));
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    let compressed = encoder.finish()?;
    // Whole groups of three bytes, so that each part but the last ends where four characters do.
    let parts = compressed
        .chunks(CONTENT_CHARS_MAX / 4 * 3)
        .map(|part| ContentText::try_new(BASE64_STANDARD.encode(part)))
        .collect::<Result<Vec<_>, _>>()?;
    if parts.len() > usize::try_from(PARTS_MAX).unwrap_or(usize::MAX) {
        return Err(PackError::Refused(Refusal::ContentTooLong {
            max: PARTS_MAX,
        }));
    }
    Ok(Packed {
        hash: hash(content),
        bytes,
        parts,
    })
}

/// Unpacks the content of some parts, which was announced to have so many bytes and that hash.
///
/// # Errors
/// [`UnpackError`].
pub fn unpack<'a>(
    parts: impl IntoIterator<Item = &'a ContentText>,
    bytes: u32,
    announced: &FileHash,
) -> Result<Vec<u8>, UnpackError> {
    if bytes > CONTENT_BYTES_MAX {
        return Err(UnpackError::TooLarge { bytes });
    }
    let mut compressed = Vec::new();
    for (index, part) in parts.into_iter().enumerate() {
        if u32::try_from(index).is_ok_and(|index| index >= PARTS_MAX) {
            return Err(UnpackError::TooManyParts);
        }
        BASE64_STANDARD
            .decode_vec(part.as_str(), &mut compressed)
            .map_err(|error| UnpackError::Part { index, error })?;
    }
    let mut content = Vec::new();
    // One byte more than announced shows that there are more, however many there are.
    ZlibDecoder::new(compressed.as_slice())
        .take(u64::from(bytes).saturating_add(1))
        .read_to_end(&mut content)?;
    if u32::try_from(content.len()) != Ok(bytes) {
        return Err(UnpackError::Length { announced: bytes });
    }
    let found = hash(&content);
    if found != *announced {
        return Err(UnpackError::Hash {
            announced: announced.clone(),
            found,
        });
    }
    Ok(content)
}
