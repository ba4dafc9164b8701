//! Reading a whole directory of segments and believing nothing.

use std::{
    io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{Header, list, reader::Reader};
use crate::{
    domain::terms::Position,
    limits::{COMMAND_EVENTS_MAX, LOG_BATCH_EVENTS},
    log::{
        record::{RecordError, View},
        scan::{Scan, Trouble, Wrong},
    },
};

/// A directory of segments, read from beginning to end.
#[derive(Debug)]
pub(in crate::log) struct SegmentScan {
    /// How far it is whole.
    pub scan: Scan,
    /// Where writing goes on: the last whole file, and how many bytes of it are whole up to the
    /// end of the last complete command.
    pub end: Option<(PathBuf, u64)>,
    /// Whether the trouble is in the last file.
    last: bool,
}

impl SegmentScan {
    /// Whether the trouble is no more than a cut leaves behind the last whole command: part of one
    /// batch, of which nobody was told.
    pub(in crate::log) fn is_torn(&self) -> bool {
        let batch = (LOG_BATCH_EVENTS + COMMAND_EVENTS_MAX) as u64;
        self.last && self.scan.reaches.0 <= self.scan.complete.position.0 + batch
    }

    /// Whether the trouble is no more than that the end of what is being written was not read:
    /// nothing is wrong with any byte there is.
    pub(in crate::log) fn is_cut(&self) -> bool {
        let cut = |trouble: &Trouble| match trouble.wrong {
            Wrong::Header | Wrong::Frame(RecordError::Cut) => true,
            Wrong::Frame(_)
            | Wrong::Position(_)
            | Wrong::Chain
            | Wrong::Version
            | Wrong::Command
            | Wrong::Unfinished
            | Wrong::Clock
            | Wrong::Full
            | Wrong::Missing
            | Wrong::End
            | Wrong::Event(_)
            | Wrong::Unreadable(_) => false,
        };
        self.is_torn()
            && self.scan.reaches <= self.scan.head.position
            && self.scan.trouble.as_ref().is_some_and(cut)
    }
}

/// The identity that the segments tell; none if there is none to be read.
pub(in crate::log) fn identity(directory: &Path) -> io::Result<Option<Uuid>> {
    for (_, path) in list(directory)? {
        if let Some(header) = Reader::open(&path)?.1 {
            return Ok(Some(header.log));
        }
    }
    Ok(None)
}

/// Reads them all, into a scan that has seen nothing yet.
pub(in crate::log) fn scan(directory: &Path, log: Uuid, scan: Scan) -> io::Result<SegmentScan> {
    let mut result = SegmentScan {
        scan,
        end: None,
        last: false,
    };
    let files = list(directory)?;
    for (number, (first, path)) in files.iter().enumerate() {
        // Its name says that what comes before it was there.
        result.scan.sign_of(Position(first.0.saturating_sub(1)));
        let (mut reader, header) = match Reader::open(path) {
            Ok(opened) => opened,
            Err(error) => {
                let place = Some((path.clone(), 0));
                result
                    .scan
                    .stop(Wrong::Unreadable(error.to_string()), place);
                continue;
            }
        };
        let due = Header {
            log,
            before: result.scan.head,
        };
        if result.scan.trouble.is_none() && header != Some(due) {
            let last = number + 1 == files.len();
            let bare = path
                .metadata()
                .is_ok_and(|of| of.len() <= super::HEADER_BYTES as u64);
            result.last = last && bare && *first == due.before.position.next();
            result.scan.stop(Wrong::Header, Some((path.clone(), 0)));
        }
        if result.scan.trouble.is_none() {
            result.end = Some((path.clone(), reader.offset()));
            follow(&mut result, &mut reader, path)?;
            if result.scan.trouble.is_some() {
                result.last = number + 1 == files.len();
            }
        }
        if result.scan.trouble.is_some() {
            salvage(&mut result.scan, &mut reader)?;
        }
    }
    Ok(result)
}

/// Follows the records of one file up to its end or the first trouble.
fn follow(result: &mut SegmentScan, reader: &mut Reader, path: &Path) -> io::Result<()> {
    loop {
        let offset = reader.offset();
        let rest = reader.rest()?;
        if rest.is_empty() {
            return Ok(());
        }
        let taken = View::decode(rest)
            .map_err(Wrong::from)
            .and_then(|view| result.scan.follow(&view).map(|()| view));
        match taken {
            Ok(view) => {
                let (whole, ends) = (view.whole(), view.ends_command());
                reader.skip(whole);
                if ends {
                    result.end = Some((path.to_owned(), reader.offset()));
                }
            }
            Err(wrong) => {
                result.scan.stop(wrong, Some((path.to_owned(), offset)));
                return Ok(());
            }
        }
    }
}

/// Looks for whole records behind trouble: they are signs of how far the copy once reached.
fn salvage(scan: &mut Scan, reader: &mut Reader) -> io::Result<()> {
    loop {
        let rest = reader.rest()?;
        if rest.is_empty() {
            return Ok(());
        }
        let step = match View::decode(rest) {
            Ok(view) => {
                scan.sign_of(view.position);
                view.whole()
            }
            Err(_) => 1,
        };
        reader.skip(step);
    }
}
