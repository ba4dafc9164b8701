//! The framed record: how one event lies in the log, byte by byte.
//!
//! ```text
//! offset  size  field (integers are little endian)
//!      0     4  length of the body, which begins at offset 8
//!      4     4  CRC32C of the body
//!      8     1  format version: 1
//!      9     1  codec of meta and payload: 1 = JSON in UTF-8
//!     10     2  index of the event within its command, from 0
//!     12     2  number of events of its command
//!     14     2  length of the stream name
//!     16     2  length of the tag
//!     18     2  reserved: 0
//!     20     4  length of the meta
//!     24     4  length of the payload
//!     28     8  position: 1, 2, 3 ...
//!     36     8  version within the stream: 1, 2, 3 ...
//!     44     8  recorded at, microseconds since 1970-01-01T00:00:00Z, signed
//!     52     8  position of the event it corrects, 0 for none
//!     60     8  position of the event that caused it, 0 for none
//!     68    16  event id
//!     84    16  command id
//!    100    16  correlation id
//!    116    16  fingerprint of the command
//!    132    32  hash of the previous record
//!    164        stream name, tag, meta, payload, one after the other
//! ```
//!
//! The hash of a record is the SHA-256 of its body. The body holds the previous record's hash, so
//! the hash of the last record names the state of the whole log. The first record's "previous" is
//! the SHA-256 of the log's identity, see [`genesis`].
//!
//! **Invariants.** A decoder never panics and never reads beyond its input; whatever it accepts,
//! it encodes again to the same bytes.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{domain::terms::Position, fault};

/// The format written today.
pub const FORMAT: u8 = 1;
/// Meta and payload are JSON in UTF-8.
pub const CODEC_JSON: u8 = 1;
/// The largest whole record, in bytes: what sled still keeps out of its unsynced blobs.
pub const RECORD_BYTES_MAX: usize = 64 * 1024;
/// Length and CRC.
pub const FRAME_BYTES: usize = 8;
const FIXED_BYTES: usize = 156;

/// A SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// What stands for the hash before the first record of the log of that identity.
#[must_use]
pub fn genesis(log_id: Uuid) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(b"carnet log ");
    hasher.update(log_id.as_bytes());
    Hash(hasher.finalize().into())
}

/// One event as it lies in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the log.
    pub position: Position,
    /// The stream it belongs to.
    pub stream: String,
    /// Its place in the stream.
    pub stream_version: u64,
    /// What kind of event it is, with the version of its payload's shape.
    pub tag: String,
    /// Its identity.
    pub event_id: Uuid,
    /// The command that made it.
    pub command_id: Uuid,
    /// Its index within the command, from 0.
    pub command_index: u16,
    /// How many events the command made.
    pub command_count: u16,
    /// What belongs together across commands.
    pub correlation_id: Uuid,
    /// The event that caused the command.
    pub causation: Option<Position>,
    /// A digest of what was asked.
    pub fingerprint: [u8; 16],
    /// When it was recorded, to the microsecond.
    pub recorded_at: DateTime<Utc>,
    /// The event it corrects.
    pub corrects: Option<Position>,
    /// The hash of the record before it.
    pub previous: Hash,
    /// The circumstances, as JSON.
    pub meta: Vec<u8>,
    /// The event, as JSON.
    pub payload: Vec<u8>,
}

/// Why bytes are not a record, or a record cannot be bytes; told in French, to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The bytes end too early.
    #[error("il est coupé")]
    Cut,
    /// The length cannot be one of a record.
    #[error("un enregistrement de {0} octets ne peut être")]
    Length(usize),
    /// The checksum does not match.
    #[error("somme de contrôle écrite {stored:08x}, calculée {computed:08x}")]
    Checksum {
        /// As stored.
        stored: u32,
        /// As computed.
        computed: u32,
    },
    /// Another format version or codec.
    #[error("version de format {format} ou codage {codec} inconnus")]
    Format {
        /// The version.
        format: u8,
        /// The codec.
        codec: u8,
    },
    /// A field holds what it cannot.
    #[error("le champ « {0} » est mal formé")]
    Field(&'static str),
}

impl Record {
    /// Appends the frame and the body to `out`; answers the record's hash.
    ///
    /// # Errors
    /// [`RecordError::Length`] when the whole exceeds [`RECORD_BYTES_MAX`], and
    /// [`RecordError::Field`] when a name is too long.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<Hash, RecordError> {
        let variable = [
            self.stream.as_bytes(),
            self.tag.as_bytes(),
            self.meta.as_slice(),
            self.payload.as_slice(),
        ];
        let body_bytes = variable
            .iter()
            .fold(FIXED_BYTES, |sum, part| sum.saturating_add(part.len()));
        let whole = body_bytes.saturating_add(FRAME_BYTES);
        if whole > RECORD_BYTES_MAX {
            return Err(RecordError::Length(whole));
        }
        let short =
            |length: usize, field| u16::try_from(length).map_err(|_| RecordError::Field(field));
        let long = |length: usize| u32::try_from(length).map_err(|_| RecordError::Length(length));

        let lengths = (
            short(self.stream.len(), "stream")?,
            short(self.tag.len(), "tag")?,
            long(self.meta.len())?,
            long(self.payload.len())?,
        );
        let length = long(body_bytes)?;

        // From here on nothing fails: `out` has the whole frame, or nothing of it.
        let start = out.len();
        out.reserve(whole);
        out.extend(length.to_le_bytes());
        out.extend([0; 4]);
        out.extend([FORMAT, CODEC_JSON]);
        out.extend(self.command_index.to_le_bytes());
        out.extend(self.command_count.to_le_bytes());
        out.extend(lengths.0.to_le_bytes());
        out.extend(lengths.1.to_le_bytes());
        out.extend([0, 0]);
        out.extend(lengths.2.to_le_bytes());
        out.extend(lengths.3.to_le_bytes());
        out.extend(self.position.0.to_le_bytes());
        out.extend(self.stream_version.to_le_bytes());
        out.extend(self.recorded_at.timestamp_micros().to_le_bytes());
        out.extend(self.corrects.unwrap_or_default().0.to_le_bytes());
        out.extend(self.causation.unwrap_or_default().0.to_le_bytes());
        out.extend(self.event_id.as_bytes());
        out.extend(self.command_id.as_bytes());
        out.extend(self.correlation_id.as_bytes());
        out.extend(self.fingerprint);
        out.extend(self.previous.0);
        for part in variable {
            out.extend_from_slice(part);
        }
        let (_, frame) = out.split_at_mut_checked(start).unwrap_or_default();
        let (head, body) = frame.split_at_mut_checked(FRAME_BYTES).unwrap_or_default();
        if let Some((_, checksum)) = head.split_last_chunk_mut::<4>() {
            *checksum = crc32c::crc32c(body).to_le_bytes();
        }
        Ok(hash(body))
    }

    /// Reads the record at the beginning of `bytes`; answers it, its hash, and its whole length.
    ///
    /// # Errors
    /// The [`RecordError`] that says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<(Self, Hash, usize), RecordError> {
        let view = View::decode(bytes)?;
        Ok((view.to_record(), view.hash(), view.whole()))
    }
}

/// One event as it lies in the log, read in place: its strings and bytes are those of the frame.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// See [`Record::position`].
    pub position: Position,
    /// See [`Record::stream`].
    pub stream: &'a str,
    /// See [`Record::stream_version`].
    pub stream_version: u64,
    /// See [`Record::tag`].
    pub tag: &'a str,
    /// See [`Record::event_id`].
    pub event_id: Uuid,
    /// See [`Record::command_id`].
    pub command_id: Uuid,
    /// See [`Record::command_index`].
    pub command_index: u16,
    /// See [`Record::command_count`].
    pub command_count: u16,
    /// See [`Record::correlation_id`].
    pub correlation_id: Uuid,
    /// See [`Record::causation`].
    pub causation: Option<Position>,
    /// See [`Record::fingerprint`].
    pub fingerprint: [u8; 16],
    /// See [`Record::recorded_at`].
    pub recorded_at: DateTime<Utc>,
    /// See [`Record::corrects`].
    pub corrects: Option<Position>,
    /// See [`Record::previous`].
    pub previous: Hash,
    /// See [`Record::meta`].
    pub meta: &'a [u8],
    /// See [`Record::payload`].
    pub payload: &'a [u8],
    frame: &'a [u8],
    body: &'a [u8],
}

impl<'a> View<'a> {
    /// Reads the record at the beginning of `bytes`.
    ///
    /// # Errors
    /// The [`RecordError`] that says what is wrong.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let whole = Self::length(bytes)?;
        let length = whole.saturating_sub(FRAME_BYTES);
        let mut frame = Cursor(bytes);
        frame.u32()?;
        let stored = frame.u32()?;
        let body = frame.take(length)?;
        let computed = crc32c::crc32c(body);
        if stored != computed && !fault::bug("ignore-crc") {
            return Err(RecordError::Checksum { stored, computed });
        }
        let mut rest = Cursor(body);
        let [format, codec] = rest.array()?;
        if format != FORMAT || codec != CODEC_JSON {
            return Err(RecordError::Format { format, codec });
        }
        let command_index = rest.u16()?;
        let command_count = rest.u16()?;
        let stream_length = usize::from(rest.u16()?);
        let tag_length = usize::from(rest.u16()?);
        if rest.u16()? != 0 {
            return Err(RecordError::Field("reserved"));
        }
        let meta_length = usize::try_from(rest.u32()?).map_err(|_| RecordError::Cut)?;
        let payload_length = usize::try_from(rest.u32()?).map_err(|_| RecordError::Cut)?;
        let position = Position(rest.u64()?);
        let stream_version = rest.u64()?;
        let recorded_at = DateTime::from_timestamp_micros(i64::from_le_bytes(rest.array()?))
            .ok_or(RecordError::Field("recorded at"))?;
        let view = Self {
            position,
            stream_version,
            recorded_at,
            command_index,
            command_count,
            corrects: optional(rest.u64()?),
            causation: optional(rest.u64()?),
            event_id: Uuid::from_bytes(rest.array()?),
            command_id: Uuid::from_bytes(rest.array()?),
            correlation_id: Uuid::from_bytes(rest.array()?),
            fingerprint: rest.array()?,
            previous: Hash(rest.array()?),
            stream: text(rest.take(stream_length)?, "stream")?,
            tag: text(rest.take(tag_length)?, "tag")?,
            meta: rest.take(meta_length)?,
            payload: rest.take(payload_length)?,
            frame: bytes.get(..whole).ok_or(RecordError::Cut)?,
            body,
        };
        if !rest.0.is_empty() {
            return Err(RecordError::Field("length"));
        }
        if position == Position::START || stream_version == 0 {
            return Err(RecordError::Field("position"));
        }
        if command_index >= command_count {
            return Err(RecordError::Field("command index"));
        }
        Ok(view)
    }

    /// How many bytes the frame at the beginning of `bytes` has by its own account.
    ///
    /// # Errors
    /// [`RecordError::Cut`] and [`RecordError::Length`].
    pub fn length(bytes: &[u8]) -> Result<usize, RecordError> {
        let length = usize::try_from(Cursor(bytes).u32()?).map_err(|_| RecordError::Cut)?;
        let whole = length.saturating_add(FRAME_BYTES);
        if length < FIXED_BYTES || whole > RECORD_BYTES_MAX {
            return Err(RecordError::Length(whole));
        }
        Ok(whole)
    }

    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> Hash {
        hash(self.body)
    }

    /// Its frame.
    #[must_use]
    pub fn frame(&self) -> &'a [u8] {
        self.frame
    }

    /// How many bytes its frame has.
    #[must_use]
    pub fn whole(&self) -> usize {
        self.body.len().saturating_add(FRAME_BYTES)
    }

    /// Whether it is the last event of its command.
    #[must_use]
    pub fn ends_command(&self) -> bool {
        self.command_index.saturating_add(1) == self.command_count
    }

    /// A copy that stands alone.
    #[must_use]
    pub fn to_record(&self) -> Record {
        Record {
            position: self.position,
            stream: self.stream.to_owned(),
            stream_version: self.stream_version,
            tag: self.tag.to_owned(),
            event_id: self.event_id,
            command_id: self.command_id,
            command_index: self.command_index,
            command_count: self.command_count,
            correlation_id: self.correlation_id,
            causation: self.causation,
            fingerprint: self.fingerprint,
            recorded_at: self.recorded_at,
            corrects: self.corrects,
            previous: self.previous,
            meta: self.meta.to_vec(),
            payload: self.payload.to_vec(),
        }
    }
}

/// The identity of the `index`th event of a command: a UUID (version 8) made from both, so that
/// the same command always names its events alike.
#[must_use]
pub fn event_id(command_id: Uuid, index: u16) -> Uuid {
    let mut hasher = Sha256::new();
    hasher.update(b"carnet event ");
    hasher.update(command_id.as_bytes());
    hasher.update(index.to_le_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    uuid::Builder::from_custom_bytes(first_half(&digest)).into_uuid()
}

/// The first sixteen bytes of a SHA-256.
#[must_use]
pub fn first_half(digest: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = *from);
    half
}

fn hash(body: &[u8]) -> Hash {
    Hash(Sha256::digest(body).into())
}

fn optional(position: u64) -> Option<Position> {
    (position != 0).then_some(Position(position))
}

fn text<'a>(bytes: &'a [u8], field: &'static str) -> Result<&'a str, RecordError> {
    std::str::from_utf8(bytes).map_err(|_| RecordError::Field(field))
}

/// Bytes still to be read.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], RecordError> {
        let (head, rest) = self.0.split_at_checked(length).ok_or(RecordError::Cut)?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        self.take(N)?.try_into().map_err(|_| RecordError::Cut)
    }

    fn u16(&mut self) -> Result<u16, RecordError> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, RecordError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, RecordError> {
        self.array().map(u64::from_le_bytes)
    }
}
