//! What is told of an import.

use carnet::import::{Done, Kind, Report, Tally, read};

use crate::{
    files::{PERMANENCE, SESSIONS, session},
    good::of,
};

#[test]
fn a_report_names_row_column_and_reason() {
    let text = format!(
        "{SESSIONS}\n{PERMANENCE};31/02/2021;tenue;09:00;12:00;2;;\n{PERMANENCE};04/05/2021;tenue;09:00;12:00;2;;\n"
    );
    let reading = read(text.as_bytes(), Kind::Sessions).unwrap();
    let report = Report {
        file_name: Some("mai.csv"),
        read: Ok(&reading),
        done: Done::Rehearsed(Tally {
            recorded: 1,
            already: 0,
        }),
    };
    let french = report.in_french();
    let expected = format!(
        "mai.csv (CSV)\n  empreinte SHA-256 {}\n  2 lignes lues, 1 rejetées\n  \
         1 séance : 1 à inscrire, 0 déjà inscrits ; à blanc, rien n'est écrit\nRejets :\n  \
         ligne 2, colonne « Date » : « 31/02/2021 » : Ce jour n'existe pas au calendrier. \
         [IMPOSSIBLE_DATE]\n",
        reading.sha256
    );
    assert_eq!(french, expected);
    let json = report.to_json();
    assert_eq!(json["state"], "rehearsed");
    assert_eq!(json["rejects"][0]["row"], 2);
    assert_eq!(json["rejects"][0]["column"], "Date");
    assert_eq!(json["rejects"][0]["code"], "IMPOSSIBLE_DATE");
    assert_eq!(json["recorded"], 1);
}

#[test]
fn a_refusal_says_why() {
    let refused = read(b"", Kind::Feedback).unwrap_err();
    let report = Report {
        file_name: None,
        read: Err(&refused),
        done: Done::Read,
    };
    assert!(report.in_french().contains("[EMPTY_FILE]"));
    assert_eq!(report.to_json()["faults"][0]["code"], "EMPTY_FILE");
    assert_eq!(report.to_json()["state"], "refused");
}

/// Would catch: a hash that is not that of the file.
#[test]
fn the_hash_is_the_files() {
    let reading = read(of(Kind::Sessions).as_bytes(), Kind::Sessions).unwrap();
    assert_eq!(reading.sha256.as_str().len(), 64);
    let refused = read(b"", Kind::Sessions).unwrap_err();
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(refused.sha256.as_str(), empty);
}

/// Would catch: a terminal made to obey what a cell holds.
#[test]
fn a_report_is_harmless_to_terminals() {
    let bytes = session("04/05/2021;te\u{202e}nue;09:00;12:00;2;;");
    let reading = read(&bytes, Kind::Sessions).unwrap();
    let report = Report {
        file_name: None,
        read: Ok(&reading),
        done: Done::Read,
    };
    assert!(!report.in_french().contains('\u{202e}'));
    assert!(report.in_french().contains("te·nue"));
}
