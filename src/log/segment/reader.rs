//! Reading segments: one file frame by frame, and a whole directory by position.

use std::{
    fs::File,
    io::{self, Read},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Mutex,
};

use super::{HEADER_BYTES, Header, list};
use crate::{
    domain::terms::Position,
    log::record::{RECORD_BYTES_MAX, View},
};

/// How much is read from a file at once.
const READ_BYTES: usize = 1024 * 1024;

/// One segment, read from its beginning to its end.
#[derive(Debug)]
pub(super) struct Reader {
    file: File,
    /// Where in the file `buffer[start..]` begins.
    offset: u64,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
}

impl Reader {
    /// Opens a file and reads its header; none if it is cut short or damaged.
    pub(in crate::log) fn open(path: &Path) -> io::Result<(Self, Option<Header>)> {
        let mut reader = Self::over(File::open(path)?);
        let header = Header::decode(reader.rest()?);
        if header.is_some() {
            reader.skip(HEADER_BYTES);
        }
        Ok((reader, header))
    }

    fn over(file: File) -> Self {
        Self {
            file,
            offset: 0,
            buffer: Vec::new(),
            start: 0,
            ended: false,
        }
    }

    /// Where it stands, in bytes from the beginning of the file.
    pub(in crate::log) fn offset(&self) -> u64 {
        self.offset
    }

    /// What comes next: a record's worth of bytes, or all there is.
    pub(in crate::log) fn rest(&mut self) -> io::Result<&[u8]> {
        if self.buffer.len() - self.start < RECORD_BYTES_MAX && !self.ended {
            self.buffer.drain(..self.start);
            self.start = 0;
            let wanted = READ_BYTES as u64;
            let read = (&mut self.file)
                .take(wanted)
                .read_to_end(&mut self.buffer)?;
            self.ended = (read as u64) < wanted;
        }
        Ok(self.buffer.get(self.start..).unwrap_or_default())
    }

    /// Goes on by so many bytes of what [`Self::rest`] showed.
    pub(in crate::log) fn skip(&mut self, bytes: usize) {
        let bytes = bytes.min(self.buffer.len() - self.start);
        self.start += bytes;
        self.offset += bytes as u64;
    }
}

/// The records of a directory, by position: what is read while the first copy cannot be.
#[derive(Debug)]
pub(in crate::log) struct Segments {
    files: Vec<(Position, PathBuf)>,
    /// Where the last reading ended, which is where the next mostly goes on: the position that
    /// comes there, the file's number, and the file.
    left: Mutex<Option<(Position, usize, Reader)>>,
}

impl Segments {
    pub(in crate::log) fn open(directory: &Path) -> io::Result<Self> {
        Ok(Self {
            files: list(directory)?,
            left: Mutex::new(None),
        })
    }

    /// Shows `take` each frame from `from` on, until it breaks or there is no whole one more.
    pub(in crate::log) fn frames(
        &self,
        from: Position,
        take: &mut dyn FnMut(View<'_>) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let left = self.left.lock().ok().and_then(|mut left| left.take());
        let (mut number, mut reader) = match left {
            Some((next, number, reader)) if next == from => (number, reader),
            _ => {
                let after = self.files.partition_point(|(first, _)| *first <= from);
                let number = after.saturating_sub(1);
                let Some((_, path)) = self.files.get(number) else {
                    return Ok(());
                };
                (number, Reader::open(path)?.0)
            }
        };
        loop {
            if let Ok(view) = View::decode(reader.rest()?) {
                let (at, whole) = (view.position, view.whole());
                let enough = at >= from && take(view).is_break();
                reader.skip(whole);
                if enough {
                    if let Ok(mut left) = self.left.lock() {
                        *left = Some((at.next(), number, reader));
                    }
                    return Ok(());
                }
            } else {
                number += 1;
                let Some((_, path)) = self.files.get(number) else {
                    return Ok(());
                };
                reader = Reader::open(path)?.0;
            }
        }
    }
}

/// The file that holds a position, and the byte at which its frame begins there.
pub(in crate::log) fn place(directory: &Path, at: Position) -> io::Result<Option<(PathBuf, u64)>> {
    let files = list(directory)?;
    let after = files.partition_point(|(first, _)| *first <= at);
    let Some((_, path)) = after.checked_sub(1).and_then(|number| files.get(number)) else {
        return Ok(None);
    };
    let mut reader = Reader::open(path)?.0;
    loop {
        let offset = reader.offset();
        let Ok((position, whole)) =
            View::decode(reader.rest()?).map(|view| (view.position, view.whole()))
        else {
            return Ok(None);
        };
        if position == at {
            return Ok(Some((path.clone(), offset)));
        }
        reader.skip(whole);
    }
}
