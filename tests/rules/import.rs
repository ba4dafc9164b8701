//! Imports of files: recorded once, under the identity of the file.

use carnet::domain::{
    entry::Command,
    event::{Event, Fact},
    import::{
        ImportBatch, ImportEvent, ImportFormat, ImportKey, ImportKind, ImportReject, REJECTS_MAX,
    },
    refusal::Refusal,
    terms::{FileHash, ImportId, RejectCode},
};

use crate::given::{Said, given, on};
use crate::sentence::told;

const DAY: &str = "2021-06-01";

fn hash(byte: u8) -> FileHash {
    FileHash::of([byte; 32])
}

fn reject(row: u32) -> ImportReject {
    ImportReject {
        row,
        column: None,
        code: RejectCode::try_new("NOT_A_DATE").unwrap(),
    }
}

fn batch() -> ImportBatch {
    ImportBatch {
        sha256: hash(0xab),
        kind: ImportKind::Accompaniments,
        format: ImportFormat::Xlsx,
        rows: 412,
        rejected: 14,
        ignored: 0,
        recorded: 390,
        already: 0,
        rejects: vec![reject(2), reject(2), reject(7)],
        rejects_left_out: 13,
    }
}

fn asked(batch: ImportBatch) -> Command {
    Command::Import(
        ImportBatch::id(&self::batch()),
        ImportEvent::Recorded(batch),
    )
}

fn fact(said: Said, batch: ImportBatch) -> Fact {
    let key = ImportKey { import: batch.id() };
    said.fact(Event::Import(key, ImportEvent::Recorded(batch)))
}

/// Catches: a run of the same file that is recorded once more, because it came to other numbers,
/// on another day.
#[test]
fn a_file_is_imported_once() {
    let world = given([])
        .when(on(DAY).entry(asked(batch())))
        .then_recorded();
    let import = world.import(batch().id()).unwrap();
    assert_eq!(import.recorded.as_ref().unwrap().what, batch());
    let again = ImportBatch {
        recorded: 0,
        already: 390,
        rejects: Vec::new(),
        ..batch()
    };
    given([fact(on(DAY), batch())])
        .when(on("2021-07-01").entry(asked(again)))
        .then_nothing();
}

/// Catches: an import recorded under an identity that its file does not have.
#[test]
fn an_import_is_of_its_file() {
    for other in [
        ImportBatch {
            sha256: hash(0xac),
            ..batch()
        },
        ImportBatch {
            kind: ImportKind::Sessions,
            ..batch()
        },
    ] {
        assert_ne!(other.id(), batch().id());
        for before in [Vec::new(), vec![fact(on(DAY), batch())]] {
            given(before)
                .when(on(DAY).entry(asked(other.clone())))
                .refused(Refusal::ImportOfAnotherFile);
        }
    }
    // What commands of imports were named under since the first of them.
    let known = ImportId::of(ImportKind::Feedback, &hash(0));
    assert_eq!(known.to_string(), "f3c8c331-1618-5c54-9e11-0ba83e8534f5");
}

/// Catches: numbers that contradict one another, and a list without bounds.
#[test]
fn an_import_counts_rightly() {
    let wrong = |change: fn(&mut ImportBatch)| {
        let mut batch = batch();
        change(&mut batch);
        given([]).when(on(DAY).entry(asked(batch)))
    };
    wrong(|batch| batch.rejected = 413).refused(Refusal::ImportMiscounted);
    wrong(|batch| batch.ignored = 399).refused(Refusal::ImportMiscounted);
    wrong(|batch| batch.ignored = u32::MAX).refused(Refusal::ImportMiscounted);
    wrong(|batch| batch.rejected = 1).refused(Refusal::ImportMiscounted);
    wrong(|batch| batch.ignored = 398).then_recorded();
    let max = REJECTS_MAX;
    wrong(|batch| batch.rejects = vec![reject(2); REJECTS_MAX + 1])
        .refused(Refusal::TooMany { max });
    wrong(|batch| batch.rejects = vec![reject(2); REJECTS_MAX]).then_recorded();
}

/// Catches: a hash that is none, and a code in which something of a cell could be said.
#[test]
fn hashes_and_codes_are_well_formed() {
    let good = hash(0xab);
    assert_eq!(FileHash::try_new(good.as_str()), Ok(good.clone()));
    assert_eq!(good.as_str(), "ab".repeat(32));
    for raw in [
        "",
        "ab",
        &"AB".repeat(32),
        &"ag".repeat(32),
        &"ab".repeat(33),
    ] {
        assert_eq!(FileHash::try_new(raw), Err(Refusal::MalformedFileHash));
    }
    for raw in ["", "Durand", "RUE 7", "A-B", &"A".repeat(61)] {
        assert_eq!(RejectCode::try_new(raw), Err(Refusal::MalformedRejectCode));
    }
    assert!(RejectCode::try_new(&"A".repeat(60)).is_ok());
}

#[test]
fn imports_are_told_in_french() {
    told(
        &fact(on(DAY), batch()),
        "Fichier importé le 1er juin 2021 : 412 lignes d'accompagnements ; 390 accompagnements \
         inscrits, 14 lignes rejetées (sha256 abababababab).",
    );
    let few = ImportBatch {
        kind: ImportKind::Sessions,
        rows: 3,
        rejected: 1,
        ignored: 1,
        recorded: 1,
        already: 1,
        ..batch()
    };
    told(
        &fact(on(DAY), few),
        "Fichier importé le 1er juin 2021 : 3 lignes de séances ; 1 séance inscrite, 1 déjà \
         inscrite, 1 ligne rejetée, 1 ligne ignorée (sha256 abababababab).",
    );
    let none = ImportBatch {
        kind: ImportKind::Feedback,
        rows: 1,
        rejected: 0,
        recorded: 0,
        already: 2,
        ..batch()
    };
    told(
        &fact(on(DAY), none),
        "Fichier importé le 1er juin 2021 : 1 ligne de retours ; 0 retour inscrit, 2 déjà \
         inscrits, 0 ligne rejetée (sha256 abababababab).",
    );
}
