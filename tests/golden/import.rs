//! Imports of files.

use carnet::domain::{
    event::Event,
    import::{ImportBatch, ImportEvent, ImportFormat, ImportKey, ImportKind, ImportReject},
    terms::{FileHash, RejectCode},
};

use crate::samples::{Sample, full, plain, text};

pub(crate) fn all() -> Vec<Sample> {
    let least = |kind, format| ImportBatch {
        sha256: FileHash::of([0xc5; 32]),
        kind,
        format,
        rows: 1,
        rejected: 0,
        ignored: 0,
        recorded: 1,
        already: 0,
        rejects: Vec::new(),
        rejects_left_out: 0,
    };
    let reject = |row, column: Option<&str>, code| ImportReject {
        row,
        column: column.map(text),
        code: RejectCode::try_new(code).unwrap(),
    };
    vec![
        full(import(ImportBatch {
            rows: 412,
            rejected: 14,
            ignored: 2,
            recorded: 372,
            already: 5,
            rejects: vec![
                reject(7, Some("Date"), "IMPOSSIBLE_DATE"),
                reject(9, None, "STRAY_CELL"),
            ],
            rejects_left_out: 13,
            ..least(ImportKind::Accompaniments, ImportFormat::Xlsx)
        })),
        plain(import(least(ImportKind::Sessions, ImportFormat::Csv))),
        plain(import(least(ImportKind::Feedback, ImportFormat::Ods))),
    ]
}

fn import(batch: ImportBatch) -> Event {
    let key = ImportKey { import: batch.id() };
    Event::Import(key, ImportEvent::Recorded(batch))
}
