//! Segment files: framed records in plain files that are only ever appended to. The second copy,
//! the backup and the export are all of this one format.
//!
//! A file is named after its first position, `00000000000000000001.segment`, and begins with:
//!
//! ```text
//! offset  size  field (integers are little endian)
//!      0     8  "CARNETSG"
//!      8     4  version of this format: 1
//!     12     4  CRC32C of what follows, up to offset 80
//!     16    16  identity of the log
//!     32     8  position of the first record
//!     40    32  hash of the record before it; of the genesis for the first
//!     72     8  reserved: 0
//!     80        records, framed as everywhere, one after the other
//! ```
//!
//! **Invariants.** A file never changes but at its end. What follows the last whole record of the
//! last file is what a cut left of a batch that nobody was told of.

mod reader;
mod scan;
mod writer;

pub(super) use reader::{Segments, place};
pub(super) use scan::{SegmentScan, identity, scan};
pub(super) use writer::{SegmentWriter, aside, create_directory, set_aside, sync};

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{Head, record::Hash};
use crate::domain::terms::Position;

const MAGIC: [u8; 8] = *b"CARNETSG";
const FORMAT: u32 = 1;
/// The bytes before the first record.
pub(super) const HEADER_BYTES: usize = 80;
const EXTENSION: &str = "segment";

/// How a segment file begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The identity of the log.
    pub log: Uuid,
    /// The head before its first record.
    pub before: Head,
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut rest = Vec::with_capacity(HEADER_BYTES);
        rest.extend(self.log.as_bytes());
        rest.extend(self.before.position.next().0.to_le_bytes());
        rest.extend(self.before.hash.0);
        rest.extend([0; 8]);
        let mut bytes = MAGIC.to_vec();
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(crc32c::crc32c(&rest).to_le_bytes());
        bytes.extend(rest);
        bytes
    }

    /// Reads the beginning of a file.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<8>()?;
        let (format, rest) = rest.split_first_chunk::<4>()?;
        let (crc, rest) = rest.split_first_chunk::<4>()?;
        let rest = rest.get(..HEADER_BYTES - 16)?;
        if *magic != MAGIC
            || u32::from_le_bytes(*format) != FORMAT
            || u32::from_le_bytes(*crc) != crc32c::crc32c(rest)
        {
            return None;
        }
        let (log, rest) = rest.split_first_chunk::<16>()?;
        let (first, rest) = rest.split_first_chunk::<8>()?;
        let (hash, reserved) = rest.split_first_chunk::<32>()?;
        let before = u64::from_le_bytes(*first).checked_sub(1)?;
        reserved.iter().all(|byte| *byte == 0).then_some(Self {
            log: Uuid::from_bytes(*log),
            before: Head {
                position: Position(before),
                hash: Hash(*hash),
            },
        })
    }
}

/// Whether a file of that name is a segment.
pub(super) fn is_segment(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|is| is == EXTENSION)
}

/// The path of the segment whose first record has this position.
pub(super) fn path(directory: &Path, first: Position) -> PathBuf {
    directory.join(format!("{:020}.{EXTENSION}", first.0))
}

/// The segments of a directory by the first positions their names tell, in order.
pub(super) fn list(directory: &Path) -> io::Result<Vec<(Position, PathBuf)>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|is| is == EXTENSION)
            && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
            && let Ok(first) = stem.parse()
        {
            segments.push((Position(first), path));
        }
    }
    segments.sort();
    Ok(segments)
}
