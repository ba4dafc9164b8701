//! Writing segments: batch after batch at the end of the last file, each durable before the next.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{HEADER_BYTES, Header, path};
use crate::{fault, limits::SEGMENT_BYTES, log::Head};

/// The end of a directory of segments.
#[derive(Debug)]
pub(in crate::log) struct SegmentWriter {
    directory: PathBuf,
    log: Uuid,
    /// The last file and its length; none where there is no file yet.
    last: Option<(File, u64)>,
}

impl SegmentWriter {
    /// Goes on after `end`, the last file and how many of its bytes are to stay; what follows in
    /// it is cut off, durably.
    pub(in crate::log) fn open(
        directory: &Path,
        log: Uuid,
        end: Option<(PathBuf, u64)>,
    ) -> io::Result<Self> {
        let last = end
            .map(|(path, length)| {
                let file = File::options().append(true).open(path)?;
                if file.metadata()?.len() != length {
                    file.set_len(length)?;
                }
                // What a killed process wrote may not be durable yet, and will be served.
                file.sync_all()?;
                Ok::<_, io::Error>((file, length))
            })
            .transpose()?;
        Ok(Self {
            directory: directory.to_owned(),
            log,
            last,
        })
    }

    /// Appends whole records that follow `before`; they are durable once this returns.
    pub(in crate::log) fn append(&mut self, bytes: &[u8], before: Head) -> io::Result<()> {
        let (file, length) = match &mut self.last {
            Some(last) if last.1 < SEGMENT_BYTES => last,
            _ => {
                let file = create(&self.directory, self.log, before)?;
                self.last.insert((file, HEADER_BYTES as u64))
            }
        };
        file.write_all(bytes)?;
        *length += bytes.len() as u64;
        if fault::bug("no-mirror-sync") {
            return Ok(());
        }
        file.sync_data()
    }
}

/// A new file, its header and its name durable.
fn create(directory: &Path, log: Uuid, before: Head) -> io::Result<File> {
    let path = path(directory, before.position.next());
    let mut file = File::options().append(true).create_new(true).open(path)?;
    fault::point("mid-rotation");
    file.write_all(&Header { log, before }.encode())?;
    file.sync_all()?;
    sync(directory)?;
    Ok(file)
}

/// Makes a file, or the names in a directory, durable.
pub(in crate::log) fn sync(path: &Path) -> io::Result<()> {
    if fault::bug("no-directory-sync") {
        return Ok(());
    }
    File::open(path)?.sync_all()
}

/// Creates a directory and those it lies in, all their names durable.
pub(in crate::log) fn create_directory(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for (distance, above) in directory.ancestors().skip(1).enumerate() {
        let above = match above.as_os_str() {
            name if name.is_empty() => Path::new("."),
            _ => above,
        };
        match sync(above) {
            // Further up, what may not be opened was not created here.
            Err(error) if distance == 0 => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Makes a new directory in one, for what is damaged there.
pub(in crate::log) fn aside(directory: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let aside = directory.join(format!("{ASIDE}{number}"));
        match fs::create_dir(&aside) {
            Ok(()) => return Ok(aside),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Moves those files of a directory that are `ours` into a new directory in it; answers that.
pub(in crate::log) fn set_aside(
    directory: &Path,
    ours: impl Fn(&str) -> bool,
) -> io::Result<PathBuf> {
    let aside = aside(directory)?;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if ours(&name.to_string_lossy()) {
            fs::rename(entry.path(), aside.join(name))?;
        }
    }
    sync(&aside)?;
    sync(directory)?;
    Ok(aside)
}

/// How the directories begin in which damaged files are kept.
const ASIDE: &str = "damaged-";
