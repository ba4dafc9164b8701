//! A disk as POSIX promises it, and no more: what a file holds and how long it is are durable once
//! the file was synced, what a directory lists once the directory was. All else may survive a
//! power cut or not, each change for itself, in part, and whatever came after it.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use crate::{harness::chance::Chance, history::Op};

/// What a disk writes whole.
const SECTOR: usize = 512;

#[derive(Debug, Default, Clone)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Size(usize),
}

#[derive(Debug, Default, Clone)]
struct Directory {
    durable: BTreeMap<String, usize>,
    pending: Vec<Listing>,
}

#[derive(Debug, Clone)]
enum Listing {
    Add(String, usize),
    Remove(String),
    Move(String, String, usize),
}

/// What survives of what no sync covers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Luck {
    /// Nothing: the power went before the kernel wrote anything of it.
    Nothing,
    /// Everything, as after a kill.
    Everything,
    /// Each change, or not.
    Changes,
    /// Each sector of each change, or not.
    Sectors,
    /// All changes up to one of them, which is torn.
    Prefix,
}

pub(crate) const LUCK: [Luck; 5] = [
    Luck::Nothing,
    Luck::Everything,
    Luck::Changes,
    Luck::Sectors,
    Luck::Prefix,
];

/// All files and directories, with what is durable of them and what is not.
#[derive(Debug, Default, Clone)]
pub(crate) struct Disk {
    files: HashMap<usize, File>,
    directories: HashMap<usize, Directory>,
    /// What the directories list now, synced or not.
    now: HashMap<(usize, String), usize>,
}

impl Disk {
    /// A disk with an empty root, number 0.
    pub(crate) fn new() -> Self {
        let mut disk = Self::default();
        disk.directories.insert(0, Directory::default());
        disk
    }

    /// Lets something happen.
    pub(crate) fn apply(&mut self, op: &Op) {
        match op {
            Op::Created {
                directory,
                name,
                node,
                is_directory,
            } => {
                if *is_directory {
                    self.directories.insert(*node, Directory::default());
                } else {
                    self.files.insert(*node, File::default());
                }
                self.list(*directory, Listing::Add(name.clone(), *node));
                self.now.insert((*directory, name.clone()), *node);
            }
            Op::Wrote { node, offset, data } => {
                if let Some(file) = self.files.get_mut(node) {
                    file.pending.push(Change::Write(*offset, data.clone()));
                }
            }
            Op::Sized { node, size } => {
                if let Some(file) = self.files.get_mut(node) {
                    file.pending.push(Change::Size(*size));
                }
            }
            Op::Renamed { from, to } => {
                let node = self.now.remove(from).unwrap();
                self.now.insert(to.clone(), node);
                if from.0 == to.0 {
                    self.list(from.0, Listing::Move(from.1.clone(), to.1.clone(), node));
                } else {
                    self.list(from.0, Listing::Remove(from.1.clone()));
                    self.list(to.0, Listing::Add(to.1.clone(), node));
                }
            }
            Op::Removed { directory, name } => {
                self.now.remove(&(*directory, name.clone()));
                self.list(*directory, Listing::Remove(name.clone()));
            }
            Op::Synced { node } => {
                if let Some(file) = self.files.get_mut(node) {
                    for change in std::mem::take(&mut file.pending) {
                        carry_out(&mut file.durable, &change);
                    }
                }
                if let Some(directory) = self.directories.get_mut(node) {
                    for listing in std::mem::take(&mut directory.pending) {
                        enter(&mut directory.durable, listing);
                    }
                }
            }
            Op::Acknowledged(_) => {}
        }
    }

    fn list(&mut self, directory: usize, listing: Listing) {
        if let Some(directory) = self.directories.get_mut(&directory) {
            directory.pending.push(listing);
        }
    }

    /// Writes out what a power cut leaves of it.
    pub(crate) fn cut(&self, into: &Path, luck: Luck, chance: &mut Chance) {
        self.cut_directory(0, into, luck, chance);
    }

    fn cut_directory(&self, node: usize, into: &Path, luck: Luck, chance: &mut Chance) {
        let directory = &self.directories[&node];
        let mut entries = directory.durable.clone();
        let all = directory.pending.len();
        let until = chance.index(all + 1);
        for (index, listing) in directory.pending.iter().enumerate() {
            let survives = match luck {
                Luck::Nothing => false,
                Luck::Everything => true,
                Luck::Changes | Luck::Sectors => chance.one_in(2),
                Luck::Prefix => index < until,
            };
            if survives {
                enter(&mut entries, listing.clone());
            }
        }
        for (name, node) in entries {
            let path = into.join(name);
            if self.directories.contains_key(&node) {
                fs::create_dir_all(&path).unwrap();
                self.cut_directory(node, &path, luck, chance);
            } else if let Some(file) = self.files.get(&node) {
                fs::write(path, survivor(file, luck, chance)).unwrap();
            }
        }
    }
}

/// What is left of a file.
fn survivor(file: &File, luck: Luck, chance: &mut Chance) -> Vec<u8> {
    let mut bytes = file.durable.clone();
    let until = chance.index(file.pending.len() + 1);
    for (index, change) in file.pending.iter().enumerate() {
        let whole = match luck {
            Luck::Nothing => false,
            Luck::Everything => true,
            Luck::Changes => chance.one_in(2),
            Luck::Prefix => index < until,
            Luck::Sectors => {
                tear(&mut bytes, change, |_| true, chance);
                false
            }
        };
        if whole {
            carry_out(&mut bytes, change);
        } else if matches!(luck, Luck::Prefix) && index == until {
            let Change::Write(_, data) = change else {
                continue;
            };
            let kept = chance.index(data.len() / SECTOR + 1);
            tear(&mut bytes, change, |sector| sector < kept, chance);
        } else if let (Luck::Changes, Change::Write(offset, data)) = (luck, change)
            && chance.one_in(4)
        {
            // The file grew, but what it grew by was not written.
            let end = offset + data.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
        }
    }
    bytes
}

/// Carries a write out in part: of the sectors that may be `kept`, all or some.
fn tear(bytes: &mut Vec<u8>, torn: &Change, kept: impl Fn(usize) -> bool, chance: &mut Chance) {
    let Change::Write(offset, data) = torn else {
        if chance.one_in(2) {
            carry_out(bytes, torn);
        }
        return;
    };
    let (mut from, mut sector) = (0, 0);
    let all = chance.one_in(2);
    while from < data.len() {
        // Sectors are those of the file, wherever the write begins.
        let to = (from + SECTOR - (offset + from) % SECTOR).min(data.len());
        if kept(sector) && (all || chance.one_in(2)) {
            let part = Change::Write(offset + from, data[from..to].to_vec());
            carry_out(bytes, &part);
        }
        (from, sector) = (to, sector + 1);
    }
}

fn carry_out(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write(offset, data) => {
            let end = offset + data.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*offset..end].copy_from_slice(data);
        }
        Change::Size(size) => bytes.resize(*size, 0),
    }
}

fn enter(entries: &mut BTreeMap<String, usize>, listing: Listing) {
    match listing {
        Listing::Add(name, node) => {
            entries.insert(name, node);
        }
        Listing::Remove(name) => {
            entries.remove(&name);
        }
        Listing::Move(from, to, node) => {
            entries.remove(&from);
            entries.insert(to, node);
        }
    }
}
