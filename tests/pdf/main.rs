//! Reports as PDF: what is tagged, what is on the pages, and that whatever a report says is set.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod pages;
mod sample;

use std::sync::LazyLock;

use carnet::{
    limits::{REPORT_PRINTED_BYTES_MAX, REPORT_PRINTED_CELLS_MAX},
    report::{
        document::{
            Block, Cell, ColumnKind, Document, Fact, Mark, Section, TEXT_CHARS_MAX, Table, Term,
        },
        render::pdf::{PdfError, Typeset, pdf, typeset},
    },
};
use pages::{Page, pages};
use proptest::prelude::*;
use sample::{NOTICE, column, report};

/// Texts that would do something, were they read as anything but text.
const HOSTILE: [&str; 9] = [
    "#panic(\"lu comme du code\")",
    "#import \"@preview/cetz:0.3.0\"",
    "$x^2$ *gras* _italique_ `code` @renvoi <étiquette>",
    "= Titre - liste + liste / terme: sens",
    "\\u{41} \\ ~ --- ... \"guillemets\" 'apostrophes'",
    "<script>alert(1)</script> &amp; ]]> <!--",
    "https://exemple.invalid/#ancre // commentaire /* non fermé",
    "=cmd|' /C calc'!A0",
    "%PDF-1.7 endobj stream (parenthèse \\",
];

/// The sample, set once for all that is asked of it.
static SET: LazyLock<Typeset> = LazyLock::new(|| typeset(&report(1)).unwrap());

#[test]
fn what_is_set_is_an_accessible_archive_without_a_warning() {
    assert_eq!(SET.warnings, Vec::<String>::new());
    let bytes = SET.pdf().unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7"));
    for said in [
        "<pdfuaid:part>1</pdfuaid:part>",
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<dc:language><rdf:Bag><rdf:li>fr-FR</rdf:li>",
        "<xmp:CreateDate>2022-01-17T00:00:00Z</xmp:CreateDate>",
        "/Lang(fr-FR)",
        "/MarkInfo<</Marked true",
        "/DisplayDocTitle true",
    ] {
        assert!(holds(&bytes, said.as_bytes()), "{said}");
    }
}

#[test]
fn whoever_does_not_see_a_chart_reads_it() {
    let bytes = SET.pdf().unwrap();
    let mut charts = 0;
    for chart in report(1).charts() {
        let alternative = format!("/Alt<FEFF{}>", utf16(&chart.alt));
        assert!(holds(&bytes, alternative.as_bytes()), "{}", chart.alt);
        charts += 1;
    }
    assert_eq!(charts, 20);
    assert_eq!(count(&bytes, b"/S/Figure"), charts, "no picture but charts");
}

#[test]
fn cells_know_their_headings() {
    let mut document = report(1);
    let table = sample::wide(0, 3);
    document.sections = vec![section(vec![Block::Table(table)])];
    let bytes = pdf(&document).unwrap();
    let facts = document.facts.len() + 1;
    assert_eq!(count(&bytes, b"/Scope/Column"), 4);
    assert_eq!(count(&bytes, b"/Scope/Row"), 8 + facts);
    assert_eq!(count(&bytes, b"/S/TH/"), 4 + 8 + facts);
}

#[test]
fn what_is_made_up_says_so_on_every_page() {
    let set = pages(&SET);
    assert!(set.len() > 10);
    assert_eq!(saying(&set, NOTICE), set.len());

    let mut document = report(1);
    document.sections.truncate(1);
    document.synthetic = Some(format!("{NOTICE} {}", "Aucune. ".repeat(100)));
    let set = pages(&typeset(&document).unwrap());
    assert_eq!(
        saying(&set, NOTICE),
        set.len(),
        "of a long notice, its beginning"
    );

    document.synthetic = None;
    let set = pages(&typeset(&document).unwrap());
    assert_eq!(saying(&set, "synthétiques"), 0);
}

#[test]
fn a_page_says_which_it_is_and_of_what() {
    let set = pages(&SET);
    let hash = report(1).hash();
    for (number, page) in (1..).zip(&set) {
        let foot = format!("Carnet – page {number} / {}", set.len());
        assert!(page.says(&foot), "{foot}");
        assert!(page.says(&format!("Empreinte {}", &hash[..12])));
        assert!(page.says("Évaluation de l’expérimentation"));
    }
    assert!(set[0].says(&hash));
    assert!(set[0].says("Position dans le journal"));
    assert!(set[1].says("Sommaire"));
    assert!(set[1].says("10. Limites"));
}

#[test]
fn a_long_table_has_its_headings_on_every_page() {
    let set = pages(&SET);
    let of_the_table = |page: &&Page| page.says("Accompagnements par séance");
    assert!(set.iter().filter(of_the_table).count() >= 3);
    let weeks = (0..104).map(|week| sample::day(2021, 4, 26) + chrono::Days::new(7 * week));
    for week in weeks {
        let day = carnet::report::french::date(week);
        let pages = set.iter().filter(|page| page.says(&day));
        assert!(pages.filter(of_the_table).count() >= 1, "{day}");
    }
}

#[test]
fn a_short_table_stays_together() {
    for lines in (10..40).step_by(3) {
        let mut document = report(1);
        let table = sample::wide(0, 3);
        let filling = Block::List(vec!["Une ligne.".to_owned(); lines]);
        let blocks = vec![filling, Block::Table(table.clone())];
        document.sections = vec![section(blocks)];
        let set = pages(&typeset(&document).unwrap());
        let title = set.iter().position(|page| page.says(&table.title));
        let note = set.iter().position(|page| page.says(&table.notes[0]));
        assert_eq!(title, note, "after {lines} lines");
    }
}

#[test]
fn tables_fit_the_page_however_wide() {
    for columns in [1, 8, 12, 20, 39] {
        let mut document = report(1);
        let table = sample::wide(3, columns);
        document.sections = vec![section(vec![Block::Table(table.clone())])];
        let set = pages(&typeset(&document).unwrap());
        within(&set);
        for row in &table.rows {
            for cell in row {
                let said = carnet::report::french::cell(cell);
                assert!(saying(&set, &said) > 0, "{columns} columns: {said}");
            }
        }
        let parts = set.iter().filter(|page| page.says("(1/")).count();
        assert_eq!(parts > 0, columns >= 20, "{columns} columns");
    }
}

#[test]
fn what_is_said_is_text_and_nothing_else() {
    for text in HOSTILE {
        let set = typeset(&everywhere(text)).unwrap();
        assert_eq!(set.warnings, Vec::<String>::new(), "{text}");
        let set_pages = pages(&set);
        within(&set_pages);
        // Twice on the title page, in two heads, and once in each place of a section.
        let times: usize = set_pages.iter().map(|page| page.times(text)).sum();
        assert!(times >= 12, "{text}: {times}");
        set.pdf().unwrap();
    }
}

#[test]
fn what_no_font_shows_is_a_square_and_no_failure() {
    let shown = |text: &str| {
        let set = typeset(&everywhere(text)).unwrap();
        assert_eq!(set.warnings, Vec::<String>::new(), "{text}");
        set.pdf().unwrap();
        pages(&set)
    };
    let set = shown("Bus 🚌 et 日本");
    assert!(saying(&set, "Bus □ et □□") > 0);
    // What reverses the direction of reading is not obeyed.
    let set = shown("lu \u{202e}0001\u{202c} fois");
    assert!(saying(&set, "lu 0001 fois") > 0);
    shown("\0 \u{1b}[31m \u{e000} \u{10ffff} \u{300}\u{301} \u{fdd0} ﷺ");
    shown("");
    shown(" ");
}

#[test]
fn words_without_end_stay_on_the_page() {
    for word in [
        "a".repeat(400),
        "W".repeat(400),
        "9f86d081884c7d65".repeat(20),
        // A heading of that length would not leave room for a row on any page.
        "mot ".repeat(700),
    ] {
        let set = pages(&typeset(&everywhere(&word)).unwrap());
        within(&set);
        assert!(saying(&set, &word[..8]) > 0);
    }
}

#[test]
fn what_is_copied_from_a_page_is_what_it_says() {
    // No mark of where a word may be broken is in the text: a search finds the word.
    let ordinary = "L’expérimentation, départementalisée";
    for said in [ordinary, "SEANCE_2021_000123456789"] {
        let set = pages(&typeset(&everywhere(said)).unwrap());
        assert!(
            set.iter()
                .all(|page| page.runs().all(|run| !run.contains('\u{200b}')))
        );
        assert!(saying(&set, said) > 0);
    }
    let set = pages(&typeset(&everywhere(ordinary)).unwrap());
    let whole = |run: &str| run.contains("L’expérimentation");
    assert!(set.iter().any(|page| page.runs().any(whole)));
}

#[test]
fn the_same_document_is_the_same_bytes() {
    let document = everywhere("Toujours");
    let bytes = pdf(&document).unwrap();
    let mut other = document.clone();
    other.subtitle.push('.');
    let other = pdf(&other).unwrap();
    assert!(bytes == pdf(&document).unwrap(), "after another one");
    assert!(bytes != other);
    let elsewhere = std::thread::spawn(move || pdf(&document).unwrap());
    assert!(bytes == elsewhere.join().unwrap(), "on another thread");
}

#[test]
fn a_book_of_figures_is_not_printed() {
    let mut document = report(1);
    let row = vec![Cell::Suppressed, Cell::Suppressed];
    let table = Table {
        code: "long".to_owned(),
        title: "Long".to_owned(),
        columns: vec![
            column("a", ColumnKind::Number),
            column("b", ColumnKind::Number),
        ],
        rows: vec![row; REPORT_PRINTED_CELLS_MAX / 2 + 1],
        notes: Vec::new(),
    };
    document.sections = vec![section(vec![Block::Table(table)])];
    let refused = pdf(&document).unwrap_err();
    let count = REPORT_PRINTED_CELLS_MAX + 2;
    assert!(
        matches!(refused, PdfError::TooLong { of: "cellules", count: it, .. } if it == count),
        "{refused}"
    );

    let paragraph = Block::Paragraph("mot ".repeat(TEXT_CHARS_MAX / 4));
    let times = REPORT_PRINTED_BYTES_MAX / TEXT_CHARS_MAX + 1;
    document.sections = vec![section(vec![paragraph; times])];
    let refused = pdf(&document).unwrap_err();
    assert!(
        matches!(refused, PdfError::TooLong { of: "octets", .. }),
        "{refused}"
    );
}

#[test]
fn a_document_without_anything_is_set() {
    let document = Document {
        code: "vide".to_owned(),
        title: String::new(),
        subtitle: String::new(),
        dated: sample::day(2022, 1, 17),
        facts: Vec::new(),
        synthetic: None,
        sections: vec![section(vec![
            Block::List(Vec::new()),
            Block::Terms(Vec::new()),
            Block::Table(Table {
                code: "rien".to_owned(),
                title: "Rien".to_owned(),
                columns: Vec::new(),
                rows: vec![Vec::new()],
                notes: Vec::new(),
            }),
            Block::Table(Table {
                code: "sans-ligne".to_owned(),
                title: "Sans ligne".to_owned(),
                columns: vec![column("a", ColumnKind::Text)],
                rows: Vec::new(),
                notes: Vec::new(),
            }),
        ])],
    };
    let set = typeset(&document).unwrap();
    assert_eq!(set.warnings, Vec::<String>::new());
    set.pdf().unwrap();
    assert!(saying(&pages(&set), "Aucune ligne.") > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_report_says_is_set(text in "\\PC{0,40}|.{0,20}") {
        let set = typeset(&everywhere(&text)).unwrap();
        prop_assert_eq!(&set.warnings, &Vec::<String>::new());
        set.pdf().unwrap();
    }
}

/// A short report that says the text wherever it may say one.
fn everywhere(text: &str) -> Document {
    let mut document = report(1);
    let said = || text.to_owned();
    document.title = said();
    document.subtitle = said();
    document.synthetic = Some(said());
    document.facts = vec![Fact {
        label: said(),
        text: said(),
    }];
    let mut table = sample::wide(0, 2);
    table.title = said();
    table.notes = vec![said()];
    table.columns[0].title = said();
    table.columns[1].title = said();
    for (index, cell) in table.rows.iter_mut().flatten().enumerate() {
        if index.is_multiple_of(5) {
            *cell = Cell::Text(said());
        } else if index.is_multiple_of(7) {
            *cell = Cell::Missing(said());
        }
    }
    let mut charts: Vec<_> = document.charts().take(2).cloned().collect();
    for chart in &mut charts {
        chart.title = said();
        // A chart says something to who does not see it.
        chart.alt = format!("Graphique {text}");
        chart.note = Some(said());
        chart.points[0].label = said();
        chart.points[0].note = Some(said());
        chart.points[1].mark = Mark::Missing(said());
    }
    let blocks = [
        Block::Heading(said()),
        Block::Paragraph(said()),
        Block::List(vec![said()]),
        Block::Terms(vec![Term {
            term: said(),
            meaning: said(),
        }]),
        Block::Table(table),
    ];
    let charts = charts.into_iter().map(Block::Chart);
    let mut section = section(blocks.into_iter().chain(charts).collect());
    section.title = said();
    document.sections = vec![section];
    document
}

fn section(blocks: Vec<Block>) -> Section {
    Section {
        code: "essai".to_owned(),
        title: "Essai".to_owned(),
        blocks,
    }
}

/// How many pages say it.
fn saying(pages: &[Page], text: &str) -> usize {
    pages.iter().filter(|page| page.says(text)).count()
}

/// Nothing is set beyond the margins.
fn within(pages: &[Page]) {
    for page in pages {
        let outside: Vec<_> = page.outside(56.0).collect();
        assert!(outside.is_empty(), "{outside:?}");
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    count(bytes, part) > 0
}

fn count(bytes: &[u8], part: &[u8]) -> usize {
    bytes
        .windows(part.len())
        .filter(|window| *window == part)
        .count()
}

fn utf16(text: &str) -> String {
    let units = text.encode_utf16();
    units.fold(String::new(), |hex, unit| hex + &format!("{unit:04X}"))
}
