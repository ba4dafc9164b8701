//! What can happen to a directory that nobody has open.

use std::{
    fs,
    path::{Path, PathBuf},
};

use carnet::log::record::Record;

use crate::harness::{chance::Chance, disk};

/// What a disk reads and writes at once.
const PAGE: usize = 4096;

/// What was done, in words.
pub(crate) type Done = String;

/// Does one thing to the files of the log, or of its second copy. `older` is the same directory
/// at an earlier time.
pub(crate) fn to_files(data: &Path, older: &Path, chance: &mut Chance) -> Done {
    let mut files: Vec<PathBuf> = disk::files(data)
        .into_iter()
        .filter(|file| file.starts_with("log") || file.starts_with("mirror"))
        .filter(|file| !file.ends_with("lock"))
        .collect();
    // Most of it lies in a few files.
    let heavy: Vec<PathBuf> = files
        .iter()
        .filter(|file| file.ends_with("db") || file.starts_with("mirror"))
        .cloned()
        .collect();
    if !chance.one_in(4) {
        files = heavy;
    }
    let file = chance.pick(&files).clone();
    let path = data.join(&file);
    let mut bytes = fs::read(&path).unwrap();
    let used = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    let name = file.display().to_string();
    let what = match chance.below(9) {
        0 | 1 => {
            let bits = chance.within(1, 3);
            for _ in 0..bits {
                if used > 0 {
                    let at = chance.index(used);
                    bytes[at] ^= 1 << chance.below(8);
                }
            }
            "bits flipped"
        }
        2 => {
            let page = page(used, chance);
            let end = bytes.len().min(page + PAGE);
            bytes[page..end].fill(0);
            "a page zeroed"
        }
        3 => {
            let page = page(used, chance);
            let end = bytes.len().min(page + PAGE);
            for byte in &mut bytes[page..end] {
                *byte = u8::try_from(chance.below(256)).unwrap();
            }
            "a page of noise"
        }
        4 => {
            let (from, to) = (page(used, chance), page(used, chance));
            let end = bytes
                .len()
                .min(from + PAGE)
                .min(bytes.len().min(to + PAGE) - to + from);
            let copied = bytes[from..end].to_vec();
            bytes[to..to + copied.len()].copy_from_slice(&copied);
            "a page written elsewhere"
        }
        5 => {
            bytes.truncate(chance.index(used + 1));
            "cut short"
        }
        6 => {
            bytes.truncate(used.saturating_sub(chance.index(400)));
            "its end cut off"
        }
        7 => {
            fs::remove_file(&path).unwrap();
            return format!("{}: gone", kind(&name));
        }
        _ => {
            let other = older.join(&file);
            let another = chance.pick(&files).clone();
            if another != file {
                bytes = fs::read(data.join(another)).unwrap();
                "another file in its place"
            } else if other.exists() {
                bytes = fs::read(other).unwrap();
                "an older one in its place"
            } else {
                bytes.clear();
                "emptied"
            }
        }
    };
    fs::write(&path, bytes).unwrap();
    format!("{}: {what}", kind(&name))
}

fn page(used: usize, chance: &mut Chance) -> usize {
    chance.index(used / PAGE + 1) * PAGE.min(used)
}

/// Which file, without what is in its name by chance.
fn kind(name: &str) -> String {
    match name {
        name if name.starts_with("log/snap.") => "log/snap.*".into(),
        name if name.starts_with("mirror/") => "mirror/*".into(),
        name => name.into(),
    }
}

/// Does one thing to what sled stores, behind its own checksums; `alone` where the mirror stays as
/// it is.
pub(crate) fn to_store(data: &Path, alone: bool, chance: &mut Chance) -> Done {
    let directory = disk::log(data);
    let db = sled::Config::new()
        .path(&directory)
        .segment_size(8 * 1024 * 1024)
        .flush_every_ms(None)
        .open()
        .unwrap();
    let keys = |prefix: &[u8]| -> Vec<sled::IVec> {
        db.scan_prefix(prefix).keys().map(Result::unwrap).collect()
    };
    let entries = keys(b"e");
    let chosen = chance.pick(&entries).clone();
    let bytes = db.get(&chosen).unwrap().unwrap().to_vec();
    let what = match chance.below(6) {
        0 => {
            let mut flipped = bytes;
            let at = chance.index(flipped.len());
            flipped[at] ^= 1 << chance.below(8);
            db.insert(chosen, flipped).unwrap();
            "a bit of a record flipped"
        }
        1 => {
            // Its checksum is right: only the chain tells.
            let records = records(&bytes);
            let (at, record, length) = chance.pick(&records);
            let forged = [&bytes[..*at], &forged(record), &bytes[at + length..]].concat();
            db.insert(chosen, forged).unwrap();
            "a record forged"
        }
        // With the mirror damaged too, nothing but the read models would tell.
        2 if alone => {
            // The store as it was some batches ago, in every detail.
            let kept = chance.index(entries.len());
            for key in &entries[kept..] {
                db.remove(key).unwrap();
            }
            match entries[..kept].last() {
                None => db.remove("mhead").unwrap(),
                Some(last) => {
                    let bytes = db.get(last).unwrap().unwrap();
                    let (at, last, _) = records(&bytes).pop().unwrap();
                    let (_, hash, _) = Record::decode(&bytes[at..]).unwrap();
                    let head = [last.position.0.to_be_bytes().as_slice(), &hash.0].concat();
                    db.insert("mhead", head).unwrap()
                }
            };
            "the last records rolled back"
        }
        3 => {
            let mut head = db.get("mhead").unwrap().unwrap().to_vec();
            let at = chance.index(head.len());
            head[at] ^= 1 << chance.below(8);
            db.insert("mhead", head).unwrap();
            "the head changed"
        }
        4 => {
            db.insert("mid", &[7; 16]).unwrap();
            "the identity changed"
        }
        _ => {
            db.remove(chosen).unwrap();
            "records gone"
        }
    };
    db.flush().unwrap();
    drop(db);
    // sled's threads keep the file a moment longer.
    let file = fs::File::open(directory.join("db")).unwrap();
    file.lock().unwrap();
    format!("in the store: {what}")
}

/// Does one thing to the records of a segment of the second copy, behind their checksums; `None`
/// where there is no such copy.
pub(crate) fn to_mirror(data: &Path, chance: &mut Chance) -> Option<Done> {
    let mirror = disk::mirror(data);
    let segments = segments(&mirror);
    if segments.is_empty() {
        return None;
    }
    let path = mirror.join(chance.pick(&segments));
    let bytes = fs::read(&path).unwrap();
    // Whatever a segment begins with, records follow it.
    let begin = (0..bytes.len().min(4096)).find(|at| Record::decode(&bytes[*at..]).is_ok())?;
    let records = records(&bytes[begin..]);
    let chosen = chance.index(records.len());
    let (at, record, length) = &records[chosen];
    let at = begin + at;
    let mut changed = bytes.clone();
    let what = match chance.below(3) {
        0 => {
            changed[at..at + length].copy_from_slice(&forged(record));
            "a record forged"
        }
        1 => {
            changed.truncate(at);
            "the last records rolled back"
        }
        _ => {
            changed.drain(at..at + length);
            "a record gone"
        }
    };
    fs::write(path, changed).unwrap();
    Some(format!("in the mirror: {what}"))
}

/// The last batch of the store gone, and in the mirror the last record forged.
pub(crate) fn to_both_ends(data: &Path) {
    let directory = disk::log(data);
    let db = sled::Config::new()
        .path(&directory)
        .segment_size(8 * 1024 * 1024)
        .flush_every_ms(None)
        .open()
        .unwrap();
    let last = db.scan_prefix(b"e").next_back().unwrap().unwrap().0;
    db.remove(last).unwrap();
    db.flush().unwrap();
    drop(db);
    let file = fs::File::open(directory.join("db")).unwrap();
    file.lock().unwrap();

    let mirror = disk::mirror(data);
    let segments = segments(&mirror);
    let path = mirror.join(segments.last().unwrap());
    let mut bytes = fs::read(&path).unwrap();
    let begin = (0..bytes.len())
        .find(|at| Record::decode(&bytes[*at..]).is_ok())
        .unwrap();
    let (at, record, length) = records(&bytes[begin..]).pop().unwrap();
    bytes[begin + at..begin + at + length].copy_from_slice(&forged(&record));
    fs::write(path, bytes).unwrap();
}

/// The files of a mirror that hold records.
fn segments(mirror: &Path) -> Vec<PathBuf> {
    let mut files = disk::files(mirror);
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "segment")
    });
    files
}

/// The records that lie one after the other in some bytes: where, which, and how long.
fn records(bytes: &[u8]) -> Vec<(usize, Record, usize)> {
    let mut records = Vec::new();
    let mut at = 0;
    while let Ok((record, _, length)) = Record::decode(&bytes[at..]) {
        records.push((at, record, length));
        at += length;
    }
    records
}

/// Another record of the same length, its checksum right.
fn forged(record: &Record) -> Vec<u8> {
    let mut forged = record.clone();
    let middle = forged.payload.len() / 2;
    forged.payload[middle] ^= 1;
    let mut bytes = Vec::new();
    forged.encode(&mut bytes).unwrap();
    bytes
}
