//! Good files: every format, every encoding, every way of writing the same thing.

use carnet::{
    domain::{
        session::{AgeBand, CancellationCause, RequestOutcome, SessionEvent},
        terms::SessionId,
        venue::Known,
    },
    import::{Item, Kind, Reading, read},
};
use chrono::NaiveDate;

use crate::files::{
    ACCOMPANIMENTS, FEEDBACK, OTHER, PERMANENCE, SESSIONS, cells, format, ods, ods_of, row, table,
    texts, utf16, windows, xlsx, xlsx_of,
};

/// Reads what must be read without a reject.
#[track_caller]
pub(crate) fn whole(bytes: &[u8], kind: Kind) -> Reading {
    let reading = read(bytes, kind).unwrap();
    assert_eq!(reading.rejects, []);
    reading
}

/// What it tells, wherever it stood.
pub(crate) fn told(reading: &Reading) -> Vec<Item> {
    let mut items = reading.items.clone();
    for item in &mut items {
        item.rows.clear();
    }
    items
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2021, 5, day).unwrap()
}

fn sessions() -> String {
    format!(
        "{SESSIONS}\n\
         {PERMANENCE};04/05/2021;tenue;09:00;12:00;2;;\n\
         {PERMANENCE};11/05/2021;annulée;;;;intempéries;Route coupée à l'entrée\n\
         {OTHER};05/05/2021;Tenue;9h;11h45;1;;\n"
    )
}

fn accompaniments() -> String {
    format!(
        "{ACCOMPANIMENTS}\n\
         {PERMANENCE};04/05/2021;A-1;25;oui;95658;65-79 ans;CAF;Aide au logement;accompagnement;résolu\n\
         {PERMANENCE};04/05/2021;A-1;25;oui;95658;65-79 ans;Impôts;;information;à finir seul\n\
         {PERMANENCE};04/05/2021;;10;non;;;hors bouquet;;réorientation;réorienté\n\
         {PERMANENCE};04/05/2021;;10;non;;;hors bouquet;;réorientation;réorienté\n"
    )
}

fn feedback() -> String {
    format!(
        "{FEEDBACK}\n\
         {PERMANENCE};04/05/2021;R-1;A-1;reçue;4;oui;renoncé\n\
         {PERMANENCE};04/05/2021;R-2;;refusée;;;\n\
         {PERMANENCE};04/05/2021;;;sans réponse;;;\n"
    )
}

/// The text of each kind.
pub(crate) fn of(kind: Kind) -> String {
    match kind {
        Kind::Sessions => sessions(),
        Kind::Accompaniments => accompaniments(),
        Kind::Feedback => feedback(),
    }
}

/// Would catch: a format or an encoding in which a file says something else.
#[test]
fn the_same_table_is_the_same_in_every_format() {
    for kind in Kind::ALL {
        let text = of(kind);
        let expected = told(&whole(text.as_bytes(), kind));
        let with_breaks = text.replace('\n', "\r\n");
        let files: Vec<(&str, Vec<u8>)> = vec![
            (
                "UTF-8 with its mark",
                [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            ),
            ("CRLF", with_breaks.clone().into_bytes()),
            ("CR", text.replace('\n', "\r").into_bytes()),
            ("Windows-1252", windows(&text)),
            ("UTF-16, little end first", utf16(&with_breaks, false)),
            ("UTF-16, big end first", utf16(&with_breaks, true)),
            ("commas", text.replace(';', ",").into_bytes()),
            ("tabs", text.replace(';', "\t").into_bytes()),
            (
                "told commas",
                format!("sep=,\n{}", text.replace(';', ",")).into_bytes(),
            ),
            (
                "quotes",
                format!(
                    "\"{}\"\n",
                    text.trim().replace(';', "\";\"").replace('\n', "\"\n\"")
                )
                .into_bytes(),
            ),
            ("no last line break", text.trim_end().as_bytes().to_vec()),
            ("decomposed", decomposed(&text).into_bytes()),
            ("capitals", text.to_uppercase().into_bytes()),
            (
                "no-break spaces",
                text.replace(';', "\u{a0};\u{202f}").into_bytes(),
            ),
            ("XLSX", xlsx_of("Feuil1", &text)),
            ("ODS", ods_of("Feuille1", &text)),
        ];
        for (name, bytes) in files {
            let reading = read(&bytes, kind).unwrap();
            assert_eq!(reading.rejects, [], "{name}");
            let mut expected = expected.clone();
            if name == "capitals" {
                // What somebody wrote in words stays as it was written.
                for item in &mut expected {
                    for event in &mut item.events {
                        if let SessionEvent::Cancelled(cancelled) = event {
                            cancelled.words = None;
                        }
                    }
                }
                let mut told = told(&reading);
                for item in &mut told {
                    for event in &mut item.events {
                        if let SessionEvent::Cancelled(cancelled) = event {
                            cancelled.words = None;
                        }
                    }
                }
                assert_eq!(told, expected, "{name}");
            } else {
                assert_eq!(told(&reading), expected, "{name}");
            }
        }
    }
}

fn decomposed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    // Free words are kept as they were written, and are none of this test's business.
    text.replace("Route coupée à l'entrée", "Route coupée à l'entrée\u{0}")
        .split('\u{0}')
        .map(|part| match part.split_once("Route") {
            Some((before, words)) => format!("{}Route{words}", before.nfd().collect::<String>()),
            None => part.nfd().collect(),
        })
        .collect()
}

#[test]
fn sessions_are_held_or_cancelled() {
    let reading = whole(sessions().as_bytes(), Kind::Sessions);
    assert_eq!(reading.rows, 3);
    let [first, second, third] = reading.items.as_slice() else {
        panic!("{:?}", reading.items);
    };
    let permanence = PERMANENCE.parse().unwrap();
    assert_eq!(first.session, (permanence, day(4)));
    assert_eq!(first.identity, SessionId::of(permanence, day(4)).0);
    assert_eq!(first.rows, [2]);
    let [SessionEvent::Held(held)] = first.events.as_slice() else {
        panic!("{:?}", first.events);
    };
    assert_eq!(held.starts.to_string(), "09:00:00");
    assert_eq!(held.ends.to_string(), "12:00:00");
    assert_eq!(held.adviser_count, 2);
    let [SessionEvent::Cancelled(cancelled)] = second.events.as_slice() else {
        panic!("{:?}", second.events);
    };
    assert_eq!(cancelled.cause, CancellationCause::Weather);
    assert_eq!(
        cancelled.words.as_ref().unwrap().as_str(),
        "Route coupée à l'entrée"
    );
    assert_eq!(third.session, (OTHER.parse().unwrap(), day(5)));
}

/// Would catch: requests of one visit counted as visits, and visits without a number taken for one.
#[test]
fn requests_of_one_number_are_one_accompaniment() {
    let reading = whole(accompaniments().as_bytes(), Kind::Accompaniments);
    assert_eq!(reading.rows, 4);
    assert_eq!(reading.items.len(), 3);
    let numbered = reading
        .items
        .iter()
        .find(|item| item.rows.len() == 2)
        .unwrap();
    assert_eq!(numbered.rows, [2, 3]);
    let [SessionEvent::Accompanied(accompanied)] = numbered.events.as_slice() else {
        panic!("{:?}", numbered.events);
    };
    assert_eq!(accompanied.accompaniment.0, numbered.identity);
    assert_eq!(accompanied.minutes, Some(25));
    assert_eq!(accompanied.first_visit, Known::Yes);
    assert_eq!(accompanied.residence.unwrap().as_str(), "95658");
    assert_eq!(accompanied.age_band, Some(AgeBand::From65To79));
    let operators: Vec<_> = accompanied
        .requests
        .iter()
        .map(|request| request.operator.as_ref().unwrap().as_str())
        .collect();
    assert_eq!(operators, ["caf", "dgfip"]);
    assert_eq!(
        accompanied.requests[1].outcome,
        RequestOutcome::ToFinishAlone
    );
    let theme = accompanied.requests[0].theme.as_ref().unwrap();
    assert_eq!(theme.as_str(), "aide-au-logement");
}

/// Would catch: feedback that is not of the accompaniment it names.
#[test]
fn feedback_names_its_accompaniment() {
    let accompaniments = whole(accompaniments().as_bytes(), Kind::Accompaniments);
    let numbered = accompaniments
        .items
        .iter()
        .find(|item| item.rows.len() == 2)
        .unwrap();
    let reading = whole(feedback().as_bytes(), Kind::Feedback);
    let first = reading.items.iter().find(|item| item.rows == [2]).unwrap();
    let [
        SessionEvent::FeedbackOffered(offered),
        SessionEvent::FeedbackReceived(received),
    ] = first.events.as_slice()
    else {
        panic!("{:?}", first.events);
    };
    assert_eq!(offered.accompaniment.unwrap().0, numbered.identity);
    assert_eq!(received.satisfaction, Some(4));
    assert_eq!(received.resolved, Known::Yes);
    let kinds = |row: u32| -> Vec<_> {
        let item = reading
            .items
            .iter()
            .find(|item| item.rows == [row])
            .unwrap();
        item.events.iter().map(SessionEvent::kind).collect()
    };
    assert_eq!(kinds(3), ["feedback-offered", "feedback-declined"]);
    assert_eq!(kinds(4), ["feedback-offered"]);
}

/// Would catch: dates, times and numbers that a spreadsheet keeps as such read as something else.
#[test]
fn typed_cells_say_what_typed_words_say() {
    let text = format!("{SESSIONS}\n{PERMANENCE};04/05/2021;tenue;09:30;12:15;2;;\n");
    let expected = told(&whole(text.as_bytes(), Kind::Sessions));
    let typed = |date: &'static str, epoch_1904: bool| {
        let bytes = xlsx("Séances", |sheet| {
            texts(sheet, SESSIONS);
            sheet.write_string(1, 0, PERMANENCE).unwrap();
            let serial = if epoch_1904 { 42_858.0 } else { 44_320.0 };
            sheet
                .write_number_with_format(1, 1, serial, &format(date))
                .unwrap();
            sheet.write_string(1, 2, "tenue").unwrap();
            sheet
                .write_number_with_format(1, 3, 9.5 / 24.0, &format("hh:mm"))
                .unwrap();
            sheet.write_number(1, 4, 12.25 / 24.0).unwrap();
            sheet.write_number(1, 5, 2.0).unwrap();
        });
        if epoch_1904 {
            crate::files::with_part(&bytes, "xl/workbook.xml", |text| {
                text.replace("<workbookPr", "<workbookPr date1904=\"1\"")
            })
        } else {
            bytes
        }
    };
    for (date, epoch) in [
        ("dd/mm/yyyy", false),
        ("[$-40C]dddd d mmmm yyyy;@", false),
        ("General", false),
        ("dd/mm/yyyy", true),
    ] {
        let reading = whole(&typed(date, epoch), Kind::Sessions);
        assert_eq!(told(&reading), expected, "{date}");
        assert_eq!(reading.sheet.as_deref(), Some("Séances"));
    }
    let cells = format!(
        r#"{}<table:table-cell office:value-type="date" office:date-value="2021-05-04" calcext:value-type="date"><text:p>04/05/21</text:p></table:table-cell>{}<table:table-cell office:value-type="time" office:time-value="PT09H30M00S" calcext:value-type="time"><text:p>09:30</text:p></table:table-cell><table:table-cell office:value-type="time" office:time-value="PT12H15M00S"><text:p>12:15</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="2"><text:p>2</text:p></table:table-cell>"#,
        cells(PERMANENCE),
        cells("tenue"),
    );
    let rows = format!("{}{}", row(&cells_of_headings()), row(&cells));
    let reading = whole(&ods(&table("Feuille1", &rows)), Kind::Sessions);
    assert_eq!(told(&reading), expected);
}

fn cells_of_headings() -> String {
    cells(SESSIONS)
}

/// Would catch: formulas taken for empty, or their results lost.
#[test]
fn the_results_of_formulas_are_taken() {
    let bytes = xlsx("Retours", |sheet| {
        texts(
            sheet,
            &format!("{FEEDBACK}\n{PERMANENCE};04/05/2021;R-1;;reçue"),
        );
        let formula = rust_xlsxwriter::Formula::new("=2+2").set_result("4");
        sheet.write_formula(1, 5, formula).unwrap();
        let formula = rust_xlsxwriter::Formula::new("=IF(A1=1,\"non\",\"oui\")").set_result("oui");
        sheet.write_formula(1, 6, formula).unwrap();
    });
    let reading = whole(&bytes, Kind::Feedback);
    let SessionEvent::FeedbackReceived(received) = &reading.items[0].events[1] else {
        panic!("{:?}", reading.items);
    };
    assert_eq!(received.satisfaction, Some(4));
    assert_eq!(received.resolved, Known::Yes);
}

/// Would catch: row numbers that are not those a spreadsheet shows.
#[test]
fn rows_bear_the_numbers_of_the_spreadsheet() {
    let bad = |row: &str| format!("{PERMANENCE};31/02/2021;{row}\n");
    let good = "annulée;;;;neige;";
    let text = format!(
        "Bilan de mai;;\n\n{SESSIONS}\n{PERMANENCE};04/05/2021;annulée;;;;autre;\"deux\nlignes\"\n;;;;;;;\n\n{}{PERMANENCE};06/05/2021;{good}\n\n{}",
        bad(good),
        bad(good)
    );
    let reading = read(text.as_bytes(), Kind::Sessions).unwrap();
    let rows: Vec<u32> = reading.rejects.iter().map(|reject| reject.row).collect();
    assert_eq!(rows, [7, 10]);
    let rows: Vec<u32> = reading
        .items
        .iter()
        .flat_map(|item| item.rows.clone())
        .collect();
    assert_eq!(rows, [4, 8]);
    assert_eq!(reading.rows, 4);
    let bytes = xlsx_of(
        "Feuil1",
        &format!("\n\n{SESSIONS}\n\n\n{PERMANENCE};31/02/2021;{good}\n"),
    );
    let reading = read(&bytes, Kind::Sessions).unwrap();
    assert_eq!(reading.rejects[0].row, 6);
    let repeated = r#"<table:table-row table:number-rows-repeated="40"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#;
    let rows = format!(
        "{repeated}{}{repeated}{}",
        row(&cells(SESSIONS)),
        row(&cells(&format!("{PERMANENCE};31/02/2021;{good}")))
    );
    let reading = read(&ods(&table("F", &rows)), Kind::Sessions).unwrap();
    assert_eq!(reading.rejects[0].row, 82);
}

/// Would catch: totals, repeated headings and duplicates taken for data or held against the file.
#[test]
fn rows_that_tell_nothing_are_passed_over() {
    let first = format!("{PERMANENCE};04/05/2021;tenue;09:00;12:00;2;;");
    let text = format!(
        "{SESSIONS}\nEXEMPLE;04/05/2021;tenue;09:00;12:00;2;;\n{first}\n{SESSIONS}\n{first}\n;;;;Total;2;;\nTOTAL GÉNÉRAL;;;;;2;;\n"
    );
    let reading = whole(text.as_bytes(), Kind::Sessions);
    assert_eq!(reading.items.len(), 1);
    assert_eq!(reading.items[0].rows, [3, 5]);
    let ignored = reading.ignored;
    let counts = (
        ignored.examples,
        ignored.totals,
        ignored.headings,
        ignored.duplicates,
    );
    assert_eq!(counts, (1, 2, 1, 1));
}

/// Would catch: the wrong sheet read, without a word.
#[test]
fn the_sheet_that_is_meant_is_read() {
    let text = sessions();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    texts(
        workbook.add_worksheet().set_name("Notes").unwrap(),
        "Ceci;cela\n1;2",
    );
    texts(workbook.add_worksheet().set_name("Mai").unwrap(), &text);
    workbook.add_worksheet().set_name("Vide").unwrap();
    let hidden = workbook.add_worksheet().set_name("Brouillon").unwrap();
    texts(hidden.set_hidden(true), &text);
    let reading = whole(&workbook.save_to_buffer().unwrap(), Kind::Sessions);
    assert_eq!(reading.sheet.as_deref(), Some("Mai"));
    assert_eq!(reading.items.len(), 3);
    let rows: String = text.lines().map(|line| row(&cells(line))).collect();
    let tables = format!(
        "{}{}",
        table("Brouillon", &rows).replace("\"ta1\"", "\"ta2\""),
        table("Seances", &rows)
    );
    let reading = whole(&ods(&tables), Kind::Sessions);
    assert_eq!(reading.sheet.as_deref(), Some("Seances"));
}

/// Would catch: notes, drawings and rich texts of cells mixed up with what the cells say.
#[test]
fn notes_are_no_part_of_a_cell() {
    let noted = r#"<table:table-cell office:value-type="string"><office:annotation><text:p>06 12 34 56 78</text:p></office:annotation><text:p>an<text:span>nul</text:span>ée<text:s text:c="3"/></text:p></table:table-cell>"#;
    let cells_before = cells(&format!("{PERMANENCE};04/05/2021"));
    let cells_after = cells(";;;neige;");
    let rows = format!(
        "{}{}",
        row(&cells(SESSIONS)),
        row(&format!("{cells_before}{noted}{cells_after}"))
    );
    whole(&ods(&table("F", &rows)), Kind::Sessions);
    let bytes = xlsx("F", |sheet| {
        texts(sheet, SESSIONS);
        texts_at(sheet, &format!("{PERMANENCE};04/05/2021;;;;;neige"));
        let bold = rust_xlsxwriter::Format::new().set_bold();
        let plain = rust_xlsxwriter::Format::new();
        sheet
            .write_rich_string(1, 2, &[(&plain, "an"), (&bold, "nulée")])
            .unwrap();
        sheet
            .insert_note(1, 2, &rust_xlsxwriter::Note::new("06 12 34 56 78"))
            .unwrap();
    });
    whole(&bytes, Kind::Sessions);
}

fn texts_at(sheet: &mut rust_xlsxwriter::Worksheet, text: &str) {
    for (column, cell) in (0_u16..).zip(text.split(';')) {
        if !cell.is_empty() {
            sheet.write_string(1, column, cell).unwrap();
        }
    }
}

/// Would catch: headings that people write otherwise, refused.
#[test]
fn headings_go_by_many_names() {
    let text = format!(
        "PERMANENCE (identifiant);Jour;état;DÉBUT;  Fin ;Nb agents;motif;Commentaires\n\
         permanence-{PERMANENCE};mardi 4 mai 2021;réalisée;9h;12h;2,0;-;\n"
    );
    whole(text.as_bytes(), Kind::Sessions);
}
