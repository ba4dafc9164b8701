//! Spoiled files: each is told why, by its code, and nothing of it is taken.

use std::{collections::BTreeSet, sync::LazyLock};

use carnet::import::{Fault, Kind, Reason, read};
use rust_xlsxwriter::{Formula, Workbook};

use crate::files::{
    ACCOMPANIMENTS, FEEDBACK, PERMANENCE, SESSIONS, accompaniment, cells, feedback, format, ods,
    ods_encrypted, ods_of, row, session, table, texts, utf16, windows, with_part, with_sheet, xlsx,
    xlsx_of, zip,
};

/// A file, and the codes it is told.
struct Spoiled {
    name: &'static str,
    kind: Kind,
    bytes: Vec<u8>,
    codes: Vec<&'static str>,
}

fn spoiled(name: &'static str, kind: Kind, bytes: Vec<u8>, codes: &[&'static str]) -> Spoiled {
    Spoiled {
        name,
        kind,
        bytes,
        codes: codes.to_vec(),
    }
}

/// A row of a kind whose one fault is this.
fn rows(kind: Kind, faults: &'static [(&str, &str, &str)]) -> Vec<Spoiled> {
    let file = |row: &str| match kind {
        Kind::Sessions => session(row),
        Kind::Accompaniments => accompaniment(row),
        Kind::Feedback => feedback(row),
    };
    faults
        .iter()
        .map(|(name, row, code)| spoiled(name, kind, file(row), &[code]))
        .collect()
}

const GOOD: &str = "04/05/2021;tenue;09:00;12:00;2;;";

fn good() -> String {
    format!("{SESSIONS}\n{PERMANENCE};{GOOD}\n")
}

/// A good workbook in XLSX.
fn good_xlsx() -> Vec<u8> {
    xlsx_of("Séances", &good())
}

/// What is no spreadsheet, or is damaged.
fn containers() -> Vec<Spoiled> {
    let ole = |content: &[u8]| {
        [
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(),
            &[0; 600],
            content,
        ]
        .concat()
    };
    let encrypted: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let odt = zip(&[("mimetype", b"application/vnd.oasis.opendocument.text")]);
    let of =
        |name, bytes: Vec<u8>, code: &'static str| spoiled(name, Kind::Sessions, bytes, &[code]);
    vec![
        of("nothing at all", Vec::new(), "EMPTY_FILE"),
        of("blank lines", b"\r\n \r\n\t\r\n".to_vec(), "EMPTY_FILE"),
        of("a mark and nothing", b"\xef\xbb\xbf".to_vec(), "EMPTY_FILE"),
        of("a PDF", b"%PDF-1.7 ...".to_vec(), "NOT_A_SPREADSHEET"),
        of(
            "a picture",
            b"\x89PNG\r\n\x1a\n...".to_vec(),
            "NOT_A_SPREADSHEET",
        ),
        of(
            "a gzip",
            b"\x1f\x8b\x08\x00...".to_vec(),
            "NOT_A_SPREADSHEET",
        ),
        of(
            "a page named .xls",
            b"<html><table><tr><td>Permanence".to_vec(),
            "NOT_A_SPREADSHEET",
        ),
        of(
            "an XML",
            b"<?xml version=\"1.0\"?><Workbook/>".to_vec(),
            "NOT_A_SPREADSHEET",
        ),
        of(
            "a zip of a CSV",
            zip(&[("mai.csv", good().as_bytes())]),
            "NOT_A_SPREADSHEET",
        ),
        of("an empty zip", zip(&[]), "NOT_A_SPREADSHEET"),
        of("a text document", odt, "NOT_A_SPREADSHEET"),
        of(
            "a Word document",
            zip(&[
                ("[Content_Types].xml", b"<Types/>"),
                ("word/document.xml", b"<w/>"),
            ]),
            "NOT_A_SPREADSHEET",
        ),
        of(
            "a binary workbook",
            zip(&[
                ("[Content_Types].xml", b"<Types/>"),
                ("xl/workbook.bin", b"\0"),
            ]),
            "BINARY_EXCEL",
        ),
        of("an old Excel", ole(b"Workbook"), "OLD_EXCEL"),
        of("a password in Excel", ole(&encrypted), "PASSWORD"),
        of(
            "a password in LibreOffice",
            ods_encrypted(&table("F", &row(&cells(&good())))),
            "PASSWORD",
        ),
        of(
            "a password of a newer LibreOffice",
            zip(&[
                (
                    "mimetype",
                    b"application/vnd.oasis.opendocument.spreadsheet",
                ),
                ("encrypted-package", b"\x01\x02"),
            ]),
            "PASSWORD",
        ),
    ]
}

/// What is damaged.
fn damaged() -> Vec<Spoiled> {
    let of =
        |name, bytes: Vec<u8>, code: &'static str| spoiled(name, Kind::Sessions, bytes, &[code]);
    let whole = good_xlsx();
    let mut broken = whole.clone();
    let name = b"xl/worksheets/sheet1.xml";
    let sheet = broken
        .windows(name.len())
        .position(|window| window == name)
        .unwrap();
    broken[sheet + 60..sheet + 100].fill(0xaa);
    vec![
        of(
            "cut in the middle",
            whole[..whole.len() / 2].to_vec(),
            "UNREADABLE",
        ),
        of("its beginning alone", whole[..30].to_vec(), "UNREADABLE"),
        of("damaged in the middle", broken, "UNREADABLE"),
        of(
            "no workbook in it",
            zip(&[("[Content_Types].xml", b"<Types/>")]),
            "UNREADABLE",
        ),
        of(
            "no content in it",
            zip(&[(
                "mimetype",
                b"application/vnd.oasis.opendocument.spreadsheet",
            )]),
            "UNREADABLE",
        ),
        of(
            "XML cut off",
            with_sheet(&whole, |sheet| sheet[..sheet.len() / 2].to_owned()),
            "UNREADABLE",
        ),
        of(
            "tags crossed",
            with_sheet(&whole, |sheet| sheet.replacen("</c>", "</d>", 1)),
            "UNREADABLE",
        ),
        of(
            "entities of its own",
            with_sheet(&whole, |sheet| {
                sheet.replacen(
                    "<worksheet",
                    "<!DOCTYPE a [<!ENTITY b \"cc\">]><worksheet",
                    1,
                )
            }),
            "UNREADABLE",
        ),
        of(
            "an unknown entity",
            with_part(&whole, "xl/sharedStrings.xml", |text| {
                text.replacen("tenue", "&b;", 1)
            }),
            "UNREADABLE",
        ),
        of(
            "a string that is not there",
            with_sheet(&whole, |sheet| sheet.replacen("<v>0</v>", "<v>999</v>", 1)),
            "UNREADABLE",
        ),
        of(
            "rows in disorder",
            with_sheet(&whole, |sheet| sheet.replacen("r=\"A2\"", "r=\"A1\"", 1)),
            "UNREADABLE",
        ),
        of(
            "a reference that is none",
            with_sheet(&whole, |sheet| sheet.replacen("r=\"A2\"", "r=\"2A\"", 1)),
            "UNREADABLE",
        ),
    ]
}

/// What is too much.
fn excesses() -> Vec<Spoiled> {
    let of =
        |name, bytes: Vec<u8>, code: &'static str| spoiled(name, Kind::Sessions, bytes, &[code]);
    let zeros = vec![b' '; 8 * 1024 * 1024];
    let bomb_row = zeros.as_slice().repeat(13);
    let whole = good_xlsx();
    let bomb = with_sheet(&whole, |sheet| {
        let spaces = std::str::from_utf8(&bomb_row).unwrap();
        sheet.replacen("<sheetData>", &format!("{spaces}<sheetData>"), 1)
    });
    assert!(
        bomb.len() < 1024 * 1024,
        "the bomb is small: {}",
        bomb.len()
    );
    let names: Vec<String> = (0..2_100).map(|number| format!("p{number}")).collect();
    let parts: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), b"".as_slice()))
        .collect();
    let repeated = |rows: u32, columns: u32, text: &str| {
        let cell = format!(
            r#"<table:table-row table:number-rows-repeated="{rows}"><table:table-cell office:value-type="string" table:number-columns-repeated="{columns}"><text:p>{text}</text:p></table:table-cell></table:table-row>"#
        );
        ods(&table("F", &format!("{}{cell}", row(&cells(SESSIONS)))))
    };
    let lines = format!("{PERMANENCE};{GOOD}\n").repeat(50_001);
    let long = "x".repeat(3_900);
    let claimed = with_part(&whole, "xl/sharedStrings.xml", |text| {
        let (before, after) = text.split_once("uniqueCount=\"").unwrap();
        let (_, after) = after.split_once('"').unwrap();
        format!("{before}uniqueCount=\"9999999999999999\"{after}")
    });
    // It says that it holds more than the world has, and holds one row, which is good.
    assert_eq!(read(&claimed, Kind::Sessions).unwrap().items.len(), 1);
    vec![
        of("200 MB", vec![b';'; 200 * 1024 * 1024], "FILE_TOO_LARGE"),
        of("a zip bomb", bomb, "INFLATES_TOO_MUCH"),
        of("an archive of thousands", zip(&parts), "TOO_MANY_PARTS"),
        of(
            "a row a million times",
            repeated(1_000_000, 1, "a"),
            "TOO_MANY_ROWS",
        ),
        of(
            "a cell sixteen thousand times",
            repeated(1, 16_384, "a"),
            "TOO_MANY_COLUMNS",
        ),
        of(
            "a row and a cell, many times",
            repeated(40_000, 60, "a"),
            "TOO_MANY_CELLS",
        ),
        of(
            "a long text, many times",
            repeated(1_000, 60, &long),
            "TOO_MUCH_TEXT",
        ),
        of(
            "too many rows",
            format!("{SESSIONS}\n{lines}").into_bytes(),
            "TOO_MANY_ROWS",
        ),
        of(
            "too many columns",
            format!("{SESSIONS}{};x\n{PERMANENCE};{GOOD}\n", ";".repeat(60)).into_bytes(),
            "TOO_MANY_COLUMNS",
        ),
        of(
            "a cell in the last column",
            xlsx("F", |sheet| {
                texts(sheet, &good());
                sheet.write_string(1, 16_383, "x").unwrap();
            }),
            "TOO_MANY_COLUMNS",
        ),
        of(
            "a cell too long",
            session(&format!(
                "04/05/2021;annulée;;;;autre;{}",
                "x".repeat(4_001)
            )),
            "TOO_LONG",
        ),
        of(
            "more people than there are",
            session("04/05/2021;tenue;09:00;12:00;99999999999999999999;;"),
            "OUT_OF_RANGE",
        ),
    ]
}

/// What is written in a wrong way.
fn encodings() -> Vec<Spoiled> {
    let of =
        |name, bytes: Vec<u8>, code: &'static str| spoiled(name, Kind::Sessions, bytes, &[code]);
    let garbled = windows_again(&good());
    let mixed = [
        SESSIONS.as_bytes(),
        b"\n",
        PERMANENCE.as_bytes(),
        b";04/05/2021;annul\xe9e;;;;neige;\n",
    ]
    .concat();
    vec![
        of("accents read twice", garbled.clone().into_bytes(), "GARBLED"),
        of("UTF-8 and Windows-1252 in one", mixed, "GARBLED"),
        of("accents lost", good().replace('é', "\u{fffd}").into_bytes(), "GARBLED"),
        of("accents read twice, in a workbook", xlsx_of("F", &format!("{SESSIONS}\n{PERMANENCE};04/05/2021;annulée;;;;autre;{}", windows_again("Fermé"))), "GARBLED_CELL"),
        of("a NUL", good().replacen("tenue", "ten\0ue", 1).into_bytes(), "NOT_TEXT"),
        of("UTF-16 without its mark", utf16(&good(), false)[2..].to_vec(), "NOT_TEXT"),
        of("half a UTF-16", [b"\xff\xfe".as_slice(), &[0x50, 0, 0, 0xd8, 0x50]].concat(), "NOT_TEXT"),
        of("a control character", good().replacen("tenue", "tenue\u{1b}", 1).into_bytes(), "NOT_TEXT"),
        of("any bytes", (0..=255).collect(), "NOT_TEXT"),
        of("a quotation mark left open", format!("{SESSIONS}\n{PERMANENCE};04/05/2021;annulée;;;;autre;\"ouvert\n{PERMANENCE};{GOOD}\n").into_bytes(), "UNCLOSED_QUOTE"),
        of("accents of old Macintosh", session("04/05/2021;annul\u{17d}e;;;;neige;"), "NOT_A_CHOICE"),
        of("an unseen character", session("04/05/2021;annulée;;;;autre;a\u{202e}b"), "INVISIBLE_CHARACTER"),
    ]
}

/// A text in UTF-8, read as Windows-1252.
fn windows_again(text: &str) -> String {
    encoding_rs::WINDOWS_1252
        .decode(text.as_bytes())
        .0
        .into_owned()
}

/// What is wrong with headings.
fn headings() -> Vec<Spoiled> {
    let of = |name, text: String, codes: &[&'static str]| {
        spoiled(name, Kind::Sessions, text.into_bytes(), codes)
    };
    let with = |heading: &str| good().replacen("Précisions", heading, 1);
    let mut files = vec![
        of(
            "no headings",
            format!("{PERMANENCE};{GOOD}\n"),
            &["NO_HEADINGS"],
        ),
        of(
            "prose",
            "Bonjour,\nvoici le bilan.\n".into(),
            &["NO_HEADINGS"],
        ),
        of(
            "headings and nothing else",
            format!("{SESSIONS}\n"),
            &["NO_ROWS"],
        ),
        of(
            "a heading misspelt",
            with("Présisions"),
            &["UNKNOWN_HEADING"],
        ),
        of(
            "a heading of nobody",
            with("Température"),
            &["UNKNOWN_HEADING"],
        ),
        of(
            "a heading missing",
            good().replacen("Statut", "", 1),
            &["MISSING_HEADING"],
        ),
        of(
            "two headings missing",
            good().replacen("Statut;Heure de début", ";", 1),
            &["MISSING_HEADING", "MISSING_HEADING"],
        ),
        of("a heading twice", with("Statut"), &["DUPLICATE_HEADING"]),
        of(
            "a heading twice in other words",
            with("DEBUT"),
            &["DUPLICATE_HEADING"],
        ),
        of(
            "a file of another kind",
            format!(
                "{ACCOMPANIMENTS}\n{PERMANENCE};04/05/2021;A-1;25;oui;95658;;CAF;;information;résolu\n"
            ),
            &["OTHER_KIND"],
        ),
        of(
            "a file of feedback",
            format!("{FEEDBACK}\n{PERMANENCE};04/05/2021;;;reçue;4;;\n"),
            &["OTHER_KIND"],
        ),
        of(
            "a column without a heading",
            format!(
                "{SESSIONS}\n{PERMANENCE};{GOOD};a\n{PERMANENCE};{};b\n",
                GOOD.replace("04/", "05/")
            ),
            &["UNNAMED_COLUMN"],
        ),
        of(
            "headings too far below",
            format!("{}{}", "note\n".repeat(12), good()),
            &["NO_HEADINGS"],
        ),
    ];
    for (name, heading) in [
        ("a name", "Nom de l'usager"),
        ("a first name", "PRÉNOM"),
        ("a telephone", "N° de téléphone"),
        ("an e-mail", "E-mail"),
        ("an address", "Adresse"),
        ("a birth", "Date de naissance"),
        ("a national number", "N° sécurité sociale"),
        ("a NIR", "NIR"),
        ("a name and nothing more", "nom"),
    ] {
        files.push(of(name, with(heading), &["PERSONAL_HEADING"]));
    }
    files
}

/// What spreadsheets do.
fn workbooks() -> Vec<Spoiled> {
    let of =
        |name, bytes: Vec<u8>, code: &'static str| spoiled(name, Kind::Sessions, bytes, &[code]);
    let merged = |text: &str, top, left, bottom, right| {
        xlsx("F", |sheet| {
            texts(
                sheet,
                &format!("{}{PERMANENCE};{}\n", good(), GOOD.replace("04/", "11/")),
            );
            sheet
                .merge_range(top, left, bottom, right, text, &format("@"))
                .unwrap();
        })
    };
    let spanned = cells(&format!("{PERMANENCE};04/05/2021")).replacen(
        "<table:table-cell ",
        "<table:table-cell table:number-rows-spanned=\"2\" table:number-columns-spanned=\"1\" ",
        1,
    );
    let mut several = Workbook::new();
    texts(several.add_worksheet(), &good());
    texts(several.add_worksheet(), &good());
    let mut unrelated = Workbook::new();
    texts(unrelated.add_worksheet(), "a;b");
    texts(unrelated.add_worksheet(), "c;d");
    let hidden = table("F", &row(&cells(SESSIONS))).replace("\"ta1\"", "\"ta2\"");
    vec![
        of(
            "dates merged",
            merged("04/05/2021", 1, 1, 2, 1),
            "MERGED_CELLS",
        ),
        of(
            "headings merged",
            merged("Motif d'annulation", 0, 6, 0, 7),
            "MERGED_CELLS",
        ),
        of(
            "cells merged in LibreOffice",
            ods(&table(
                "F",
                &format!("{}{}", row(&cells(SESSIONS)), row(&spanned)),
            )),
            "MERGED_CELLS",
        ),
        of("no sheet shown", ods(&hidden), "NO_SHEET"),
        of("sheets without rows", xlsx("F", |_| {}), "EMPTY_SHEET"),
        of("an empty table", ods_of("F", ""), "EMPTY_SHEET"),
        of(
            "two sheets that could be meant",
            several.save_to_buffer().unwrap(),
            "SEVERAL_SHEETS",
        ),
        of(
            "two sheets that could not",
            unrelated.save_to_buffer().unwrap(),
            "SEVERAL_SHEETS",
        ),
        of(
            "a sheet of the name, empty",
            xlsx("Séances", |_| {}),
            "EMPTY_SHEET",
        ),
        of(
            "a time of day as a date",
            xlsx("F", |sheet| {
                texts(sheet, &good());
                sheet
                    .write_number_with_format(1, 1, 0.5, &format("hh:mm"))
                    .unwrap();
            }),
            "NOT_A_DATE",
        ),
        of(
            "the moment of the entry",
            xlsx("F", |sheet| {
                texts(sheet, &good());
                sheet
                    .write_number_with_format(1, 1, 44_320.6, &format("dd/mm/yyyy hh:mm"))
                    .unwrap();
            }),
            "DATE_WITH_TIME",
        ),
        of(
            "a number as a date in LibreOffice",
            ods(&table(
                "F",
                &format!(
                    "{}{}",
                    row(&cells(SESSIONS)),
                    row(&format!(
                        "{}<table:table-cell office:value-type=\"float\" office:value=\"44320\"><text:p>44320</text:p></table:table-cell>{}",
                        cells(PERMANENCE),
                        cells("tenue;09:00;12:00;2")
                    ))
                ),
            )),
            "SERIAL_DATE",
        ),
    ]
}

/// Formulas that say nothing.
fn formulas() -> Vec<Spoiled> {
    let of =
        |name, bytes: Vec<u8>, code: &'static str| spoiled(name, Kind::Sessions, bytes, &[code]);
    let formula = |formula: Formula, column: u16| {
        xlsx("F", |sheet| {
            texts(sheet, &good());
            sheet.write_formula(1, column, formula).unwrap();
        })
    };
    let uncomputed = with_sheet(
        &formula(Formula::new("=1+1").set_result("77"), 5),
        |sheet| sheet.replacen("<v>77</v>", "", 1),
    );
    let ods_cell = |cell: &str| {
        let before = cells(&format!("{PERMANENCE};04/05/2021;tenue;09:00;12:00"));
        ods(&table(
            "F",
            &format!(
                "{}{}",
                row(&cells(SESSIONS)),
                row(&format!("{before}{cell}"))
            ),
        ))
    };
    vec![
        of(
            "a formula in error",
            formula(Formula::new("=A99").set_result("#REF!"), 5),
            "FORMULA_ERROR",
        ),
        of(
            "a formula that knows nothing",
            formula(Formula::new("=NA()").set_result("#N/A"), 1),
            "FORMULA_ERROR",
        ),
        of(
            "an error told as one",
            with_sheet(
                &formula(Formula::new("=1/0").set_result("77"), 5),
                |sheet| {
                    sheet.replacen("r=\"F2\"", "r=\"F2\" t=\"e\"", 1).replacen(
                        "<v>77</v>",
                        "<v>#DIV/0!</v>",
                        1,
                    )
                },
            ),
            "FORMULA_ERROR",
        ),
        of(
            "an error unknown to Excel 2007",
            with_sheet(&formula(Formula::new("=1").set_result("77"), 5), |sheet| {
                sheet.replacen("r=\"F2\"", "r=\"F2\" t=\"e\"", 1).replacen(
                    "<v>77</v>",
                    "<v>#SPILL!</v>",
                    1,
                )
            }),
            "FORMULA_ERROR",
        ),
        of(
            "a formula not computed",
            uncomputed,
            "FORMULA_WITHOUT_VALUE",
        ),
        of(
            "an error in LibreOffice",
            ods_cell(
                r#"<table:table-cell table:formula="of:=[.#REF!]" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>"#,
            ),
            "FORMULA_ERROR",
        ),
        of(
            "a formula not computed in LibreOffice",
            ods_cell(r#"<table:table-cell table:formula="of:=1+1"/>"#),
            "FORMULA_WITHOUT_VALUE",
        ),
        of(
            "an error in a CSV",
            session("04/05/2021;tenue;09:00;12:00;#VALEUR!;;"),
            "FORMULA_ERROR",
        ),
    ]
}

/// Rows whose one fault is this, with its code.
const SESSION_ROWS: &[(&str, &str, &str)] = &[
    (
        "the 31st of February",
        "31/02/2021;tenue;09:00;12:00;2;;",
        "IMPOSSIBLE_DATE",
    ),
    (
        "the month first",
        "05/31/2021;tenue;09:00;12:00;2;;",
        "IMPOSSIBLE_DATE",
    ),
    (
        "29 February of no leap year",
        "29/02/2021;tenue;09:00;12:00;2;;",
        "IMPOSSIBLE_DATE",
    ),
    (
        "a year of two digits",
        "04/05/21;tenue;09:00;12:00;2;;",
        "TWO_DIGIT_YEAR",
    ),
    (
        "a year long ago",
        "04/05/1021;tenue;09:00;12:00;2;;",
        "DATE_OUT_OF_RANGE",
    ),
    (
        "a year far ahead",
        "04/05/2921;tenue;09:00;12:00;2;;",
        "DATE_OUT_OF_RANGE",
    ),
    (
        "another day of the week",
        "lundi 4 mai 2021;tenue;09:00;12:00;2;;",
        "WRONG_WEEKDAY",
    ),
    (
        "a date and an hour",
        "04/05/2021 14:32;tenue;09:00;12:00;2;;",
        "DATE_WITH_TIME",
    ),
    (
        "a date as a number",
        "44320;tenue;09:00;12:00;2;;",
        "SERIAL_DATE",
    ),
    (
        "a date in words",
        "mardi dernier;tenue;09:00;12:00;2;;",
        "NOT_A_DATE",
    ),
    ("no date", ";tenue;09:00;12:00;2;;", "EMPTY_CELL"),
    ("no status", "04/05/2021;;;;;;", "EMPTY_CELL"),
    (
        "a status of nobody",
        "04/05/2021;peut-être;09:00;12:00;2;;",
        "NOT_A_CHOICE",
    ),
    (
        "an hour that is none",
        "04/05/2021;tenue;25:00;12:00;2;;",
        "NOT_A_TIME",
    ),
    (
        "an hour with a comma",
        "04/05/2021;tenue;9,30;12:00;2;;",
        "NOT_A_TIME",
    ),
    (
        "an end before the beginning",
        "04/05/2021;tenue;12:00;09:00;2;;",
        "ENDS_BEFORE_START",
    ),
    (
        "an end at the beginning",
        "04/05/2021;tenue;09:00;09:00;2;;",
        "ENDS_BEFORE_START",
    ),
    (
        "held by nobody",
        "04/05/2021;tenue;09:00;12:00;0;;",
        "OUT_OF_RANGE",
    ),
    (
        "held by a crowd",
        "04/05/2021;tenue;09:00;12:00;300;;",
        "OUT_OF_RANGE",
    ),
    (
        "held by a half",
        "04/05/2021;tenue;09:00;12:00;1,5;;",
        "NOT_WHOLE",
    ),
    (
        "held by words",
        "04/05/2021;tenue;09:00;12:00;deux;;",
        "NOT_A_NUMBER",
    ),
    (
        "held, at no hour",
        "04/05/2021;tenue;;12:00;2;;",
        "MISSING_WHEN_HELD",
    ),
    (
        "held, and cancelled for a cause",
        "04/05/2021;tenue;09:00;12:00;2;météo;",
        "NOT_WHEN_HELD",
    ),
    (
        "cancelled, for no cause",
        "04/05/2021;annulée;;;;;",
        "MISSING_WHEN_CANCELLED",
    ),
    (
        "cancelled, for another cause, in no words",
        "04/05/2021;annulée;;;;autre;",
        "MISSING_FOR_OTHER",
    ),
    (
        "cancelled, at an hour",
        "04/05/2021;annulée;09:00;;;neige;",
        "NOT_WHEN_CANCELLED",
    ),
    (
        "a telephone in the words",
        "04/05/2021;annulée;;;;autre;rappeler le 06 12 34 56 78",
        "PERSONAL_DATA",
    ),
    (
        "an address in the words",
        "04/05/2021;annulée;;;;autre;écrire à m.d@example.org",
        "PERSONAL_DATA",
    ),
    (
        "a semicolon in the words",
        "04/05/2021;annulée;;;;autre;neige ; verglas",
        "STRAY_CELL",
    ),
];

/// Rows whose one fault is this, with its code.
const ACCOMPANIMENT_ROWS: &[(&str, &str, &str)] = &[
    (
        "an operator of nobody",
        "04/05/2021;;25;;;;CAFF;;information;résolu",
        "UNKNOWN_OPERATOR",
    ),
    (
        "no operator",
        "04/05/2021;;25;;;;;;information;résolu",
        "EMPTY_CELL",
    ),
    (
        "an exact age",
        "04/05/2021;;25;;;47 ans;CAF;;information;résolu",
        "EXACT_AGE",
    ),
    (
        "a band of nobody",
        "04/05/2021;;25;;;40-50;CAF;;information;résolu",
        "NOT_A_CHOICE",
    ),
    (
        "a postal code",
        "04/05/2021;;25;;75000;;CAF;;information;résolu",
        "UNKNOWN_COMMUNE",
    ),
    (
        "the name of a commune",
        "04/05/2021;;25;;Vigny;;CAF;;information;résolu",
        "COMMUNE_NAME",
    ),
    (
        "a commune of nobody",
        "04/05/2021;;25;;Lutèce;;CAF;;information;résolu",
        "NOT_A_COMMUNE",
    ),
    (
        "a duration of nothing",
        "04/05/2021;;0;;;;CAF;;information;résolu",
        "OUT_OF_RANGE",
    ),
    (
        "a duration of days",
        "04/05/2021;;2000;;;;CAF;;information;résolu",
        "OUT_OF_RANGE",
    ),
    (
        "a duration below nothing",
        "04/05/2021;;-5;;;;CAF;;information;résolu",
        "OUT_OF_RANGE",
    ),
    (
        "a thousand, or one",
        "04/05/2021;;1.000;;;;CAF;;information;résolu",
        "NOT_A_NUMBER",
    ),
    (
        "a level of nobody",
        "04/05/2021;;25;;;;CAF;;moyen;résolu",
        "NOT_A_CHOICE",
    ),
    (
        "an outcome of nobody",
        "04/05/2021;;25;;;;CAF;;information;bien",
        "NOT_A_CHOICE",
    ),
    (
        "neither yes nor no",
        "04/05/2021;;25;1;;;CAF;;information;résolu",
        "NOT_A_CHOICE",
    ),
    (
        "a telephone as a number",
        "04/05/2021;06 12 34 56 78;25;;;;CAF;;information;résolu",
        "PERSONAL_DATA",
    ),
    (
        "a national number as a number",
        "04/05/2021;1850578006084;25;;;;CAF;;information;résolu",
        "PERSONAL_DATA",
    ),
    (
        "an e-mail as a theme",
        "04/05/2021;;25;;;;CAF;a.b@example.org;information;résolu",
        "PERSONAL_DATA",
    ),
    (
        "a theme of a line",
        "04/05/2021;;25;;;;CAF;aide à la déclaration de ressources trimestrielle de la prime;information;résolu",
        "NOT_A_THEME",
    ),
];

/// Rows whose one fault is this, with its code.
const FEEDBACK_ROWS: &[(&str, &str, &str)] = &[
    ("a note of zero", "04/05/2021;;;reçue;0;;", "OUT_OF_RANGE"),
    ("a note of six", "04/05/2021;;;reçue;6;;", "OUT_OF_RANGE"),
    ("a note between", "04/05/2021;;;reçue;3,5;;", "NOT_WHOLE"),
    (
        "a note in words",
        "04/05/2021;;;reçue;très bien;;",
        "NOT_A_NUMBER",
    ),
    (
        "a note that was declined",
        "04/05/2021;;;refusée;4;;",
        "NOT_WHEN_UNANSWERED",
    ),
    ("an answer of nobody", "04/05/2021;;;bof;;;", "NOT_A_CHOICE"),
    ("no answer told", "04/05/2021;;;;4;;", "EMPTY_CELL"),
    (
        "an alternative of nobody",
        "04/05/2021;;;reçue;4;oui;dormi",
        "NOT_A_CHOICE",
    ),
];

fn session_rows() -> Vec<Spoiled> {
    let mut files = rows(Kind::Sessions, SESSION_ROWS);
    let with = |permanence: &str| format!("{SESSIONS}\n{permanence};{GOOD}\n").into_bytes();
    for (name, permanence, code) in [
        ("no permanence", "", "EMPTY_CELL"),
        (
            "the name of a permanence",
            "Mairie de Vigny",
            "NOT_A_PERMANENCE",
        ),
        (
            "an id of a venue",
            "venue-00000000-0000-7000-8000-000000000121",
            "NOT_A_PERMANENCE",
        ),
        (
            "an id cut short",
            "00000000-0000-7000-8000-0000000001",
            "NOT_A_PERMANENCE",
        ),
    ] {
        files.push(spoiled(name, Kind::Sessions, with(permanence), &[code]));
    }
    let twice = format!("{}{PERMANENCE};04/05/2021;annulée;;;;neige;\n", good());
    files.push(spoiled(
        "held and cancelled",
        Kind::Sessions,
        twice.into_bytes(),
        &["CONTRADICTS_ROW", "CONTRADICTS_ROW"],
    ));
    files
}

fn other_rows() -> Vec<Spoiled> {
    let mut files = rows(Kind::Accompaniments, ACCOMPANIMENT_ROWS);
    files.extend(rows(Kind::Feedback, FEEDBACK_ROWS));
    let two = |kind: &str, first: &str, second: &str| {
        format!("{kind}\n{PERMANENCE};{first}\n{PERMANENCE};{second}\n").into_bytes()
    };
    let request = "04/05/2021;A-1;25;;;;CAF;;information;résolu";
    files.push(spoiled(
        "one number, two durations",
        Kind::Accompaniments,
        two(ACCOMPANIMENTS, request, &request.replace("25", "30")),
        &["CONTRADICTS_ROW", "CONTRADICTS_ROW"],
    ));
    files.push(spoiled(
        "half of an accompaniment",
        Kind::Accompaniments,
        two(ACCOMPANIMENTS, request, &request.replace("CAF", "CAFF")),
        &["SAME_NUMBER_REJECTED", "UNKNOWN_OPERATOR"],
    ));
    files.push(spoiled(
        "half of an accompaniment, its date lost",
        Kind::Accompaniments,
        two(ACCOMPANIMENTS, request, &request.replace("04/05", "31/02")),
        &["SAME_NUMBER_REJECTED", "IMPOSSIBLE_DATE"],
    ));
    files.push(spoiled(
        "one number, two answers",
        Kind::Feedback,
        two(
            FEEDBACK,
            "04/05/2021;R-1;;reçue;4;;",
            "04/05/2021;R-1;;reçue;5;;",
        ),
        &["CONTRADICTS_ROW", "CONTRADICTS_ROW"],
    ));
    let crowd = format!("{PERMANENCE};{request}\n").repeat(21);
    files.push(spoiled(
        "one number for everybody",
        Kind::Accompaniments,
        format!("{ACCOMPANIMENTS}\n{crowd}").into_bytes(),
        &["TOO_MANY_REQUESTS"; 21],
    ));
    files.push(spoiled(
        "one number for everybody, in Windows-1252",
        Kind::Accompaniments,
        windows(&format!("{ACCOMPANIMENTS}\n{crowd}")),
        &["TOO_MANY_REQUESTS"; 21],
    ));
    files
}

/// All of them, made once.
static ALL: LazyLock<Vec<Spoiled>> = LazyLock::new(|| {
    [
        containers(),
        damaged(),
        formulas(),
        excesses(),
        encodings(),
        headings(),
        workbooks(),
        session_rows(),
        other_rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
});

/// Would catch: a spoiled file that is taken, be it in part, or refused for another reason.
#[test]
fn every_spoiled_file_is_told_why() {
    let files = &*ALL;
    assert!(files.len() >= 100, "{}", files.len());
    let names: BTreeSet<&str> = files.iter().map(|file| file.name).collect();
    assert_eq!(names.len(), files.len(), "each has its name");
    let mut wrong = Vec::new();
    for file in files {
        let (codes, taken): (Vec<&str>, usize) = match read(&file.bytes, file.kind) {
            Ok(reading) => {
                let codes = reading.rejects.iter().map(carnet::import::Reject::code);
                (codes.collect(), reading.items.len())
            }
            Err(refused) => (refused.faults.iter().map(Fault::code).collect(), 0),
        };
        if codes != file.codes || taken > 0 {
            wrong.push(format!(
                "{}: {codes:?} and {taken} taken, not {:?}",
                file.name, file.codes
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Would catch: a reason that no file shows, and so nobody has seen.
#[test]
fn every_code_is_seen() {
    let seen: BTreeSet<&str> = ALL.iter().flat_map(|file| file.codes.clone()).collect();
    let unseen: Vec<&str> = Fault::CODES
        .iter()
        .chain(Reason::CODES)
        .copied()
        .filter(|code| !seen.contains(code))
        // The one is the notebook's to say; the other takes a workbook that no writer writes.
        .filter(|code| !["REFUSED", "TIME_WITH_DATE"].contains(code))
        .collect();
    assert_eq!(unseen, [""; 0]);
}

/// Would catch: a good row that is lost because of a bad one, and a bad one that goes unseen.
#[test]
fn a_bad_row_leaves_the_others_alone() {
    let text = format!("{}{PERMANENCE};31/02/2021;tenue;09:00;12:00;2;;\n", good());
    let reading = read(text.as_bytes(), Kind::Sessions).unwrap();
    assert_eq!(reading.items.len(), 1);
    assert_eq!((reading.rows, reading.rows_rejected), (2, 1));
}

/// Would catch: a row with two faults told of one, so that its sender has to come back twice.
#[test]
fn every_fault_of_a_row_is_told() {
    let bytes = session("31/02/2021;tenue;25:00;12:00;zéro;;");
    let reading = read(&bytes, Kind::Sessions).unwrap();
    let columns: Vec<_> = reading
        .rejects
        .iter()
        .map(|reject| reject.column.unwrap())
        .collect();
    assert_eq!(columns, ["Date", "Heure de début", "Nombre d'agents"]);
    assert_eq!(reading.rows_rejected, 1);
}

/// Would catch: a report that grows with the file.
#[test]
fn rejects_are_counted_beyond_those_that_are_told() {
    let lines = format!("{PERMANENCE};31/02/2021;tenue;09:00;12:00;2;;\n").repeat(1_500);
    let reading = read(format!("{SESSIONS}\n{lines}").as_bytes(), Kind::Sessions).unwrap();
    assert_eq!(
        (reading.rejects.len(), reading.rejects_total),
        (1_000, 1_500)
    );
    assert_eq!(reading.rows_rejected, 1_500);
}
