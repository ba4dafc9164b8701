//! The history that the recorder kept: every change of a directory, and every sync, in order.

use std::{
    collections::HashMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// One thing that happened. Files and directories are numbered in the order of their creation;
/// the root is 0.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    /// An entry appeared: a file, or a directory.
    Created {
        directory: usize,
        name: String,
        node: usize,
        is_directory: bool,
    },
    /// Bytes were written.
    Wrote {
        node: usize,
        offset: usize,
        data: Vec<u8>,
    },
    /// A file was cut, or made longer.
    Sized { node: usize, size: usize },
    /// An entry moved.
    Renamed {
        from: (usize, String),
        to: (usize, String),
    },
    /// An entry went.
    Removed { directory: usize, name: String },
    /// What a file or directory holds was made durable.
    Synced { node: usize },
    /// An acknowledgement was noted.
    Acknowledged(String),
}

/// Reads the history that was recorded under `root`; what was written to `acks` there are
/// acknowledgements.
pub(crate) fn read(recorded: &Path, root: &Path, acks: &Path) -> Vec<Op> {
    let bytes = fs::read(recorded).unwrap();
    let mut reader = Reader {
        rest: &bytes,
        root,
        acks,
        paths: HashMap::from([(root.to_owned(), 0)]),
        inodes: HashMap::from([(fs::metadata(root).unwrap().ino(), 0)]),
        nodes: 1,
        acknowledging: None,
    };
    let mut history = Vec::new();
    while !reader.rest.is_empty() {
        history.extend(reader.op());
    }
    history
}

struct Reader<'a> {
    rest: &'a [u8],
    root: &'a Path,
    acks: &'a Path,
    /// The directories, by their paths.
    paths: HashMap<PathBuf, usize>,
    inodes: HashMap<u64, usize>,
    nodes: usize,
    acknowledging: Option<u64>,
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> Vec<u8> {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken.to_vec()
    }

    fn number(&mut self) -> usize {
        let bytes = self.take(8).try_into().unwrap();
        usize::try_from(u64::from_ne_bytes(bytes)).unwrap()
    }

    fn short(&mut self) -> usize {
        let bytes = self.take(4).try_into().unwrap();
        usize::try_from(u32::from_ne_bytes(bytes)).unwrap()
    }

    fn path(&mut self, length: usize) -> PathBuf {
        PathBuf::from(String::from_utf8(self.take(length)).unwrap())
    }

    /// The directory of a path, and its name there.
    fn entry(&self, path: &Path) -> (usize, String) {
        let parent = path.parent().unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        (self.paths[parent], name.to_owned())
    }

    fn op(&mut self) -> Option<Op> {
        let kind = self.take(8)[0];
        let inode = self.number() as u64;
        let (offset, length) = (self.number(), self.number());
        let (path_length, other_length) = (self.short(), self.short());
        let path = self.path(path_length);
        let other = self.path(other_length);
        let data = self.take(length);
        assert!(path.starts_with(self.root), "{}", path.display());
        if path == self.acks {
            return match kind {
                1 => {
                    self.acknowledging = Some(inode);
                    None
                }
                2 => Some(Op::Acknowledged(String::from_utf8(data).unwrap())),
                _ => None,
            };
        }
        match kind {
            1 | 6 => {
                let (directory, name) = self.entry(&path);
                let node = self.nodes;
                self.nodes += 1;
                self.inodes.insert(inode, node);
                if kind == 6 {
                    self.paths.insert(path, node);
                }
                Some(Op::Created {
                    directory,
                    name,
                    node,
                    is_directory: kind == 6,
                })
            }
            2 => Some(Op::Wrote {
                node: *self.inodes.get(&inode)?,
                offset,
                data,
            }),
            3 => Some(Op::Sized {
                node: *self.inodes.get(&inode)?,
                size: offset,
            }),
            4 => {
                let (from, to) = (self.entry(&path), self.entry(&other));
                assert!(!self.paths.contains_key(&path), "directories stay");
                Some(Op::Renamed { from, to })
            }
            5 | 7 => {
                let (directory, name) = self.entry(&path);
                self.paths.remove(&path);
                Some(Op::Removed { directory, name })
            }
            8 => Some(Op::Synced {
                node: *self.inodes.get(&inode)?,
            }),
            // A hint to the kernel, which makes nothing durable.
            9 => None,
            other => unreachable!("the recorder knows no {other}"),
        }
    }
}
