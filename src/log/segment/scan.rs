//! Reading a whole directory of segments and believing nothing.

use std::{
    io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{Header, list, reader::Reader};
use crate::{
    domain::terms::Position,
    log::{
        record::View,
        scan::{Scan, Wrong},
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
    /// Whether the trouble is at the very end: what a cut leaves of a batch nobody was told of.
    pub torn: bool,
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

/// Reads them all; `watch` is told each position as it passes.
pub(in crate::log) fn scan(
    directory: &Path,
    log: Uuid,
    watch: &mut dyn FnMut(&View<'_>),
) -> io::Result<SegmentScan> {
    let mut result = SegmentScan {
        scan: Scan::new(log),
        end: None,
        torn: false,
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
            result.torn = last && bare && *first == due.before.position.next();
            result.scan.stop(Wrong::Header, Some((path.clone(), 0)));
        }
        if result.scan.trouble.is_none() {
            result.end = Some((path.clone(), reader.offset()));
            follow(&mut result, &mut reader, path, watch)?;
            if result.scan.trouble.is_some() {
                result.torn = number + 1 == files.len();
            }
        }
        if result.scan.trouble.is_some() {
            salvage(&mut result.scan, log, &mut reader)?;
        }
    }
    Ok(result)
}

/// Follows the records of one file up to its end or the first trouble.
fn follow(
    result: &mut SegmentScan,
    reader: &mut Reader,
    path: &Path,
    watch: &mut dyn FnMut(&View<'_>),
) -> io::Result<()> {
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
                watch(&view);
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
fn salvage(scan: &mut Scan, log: Uuid, reader: &mut Reader) -> io::Result<()> {
    let _ = log;
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
