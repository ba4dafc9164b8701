//! Templates: as they are they tell nothing; filled in they are read.

use std::io::Cursor;

use calamine::Reader;
use carnet::import::{Kind, csv_template, read, xlsx_template};

use crate::files::{PERMANENCE, with_sheet};

/// Would catch: an example of a template that ends in the notebook, or is held against its user.
#[test]
fn a_template_tells_nothing() {
    for kind in Kind::ALL {
        for bytes in [csv_template(kind), xlsx_template(kind).unwrap()] {
            let reading = read(&bytes, kind).unwrap();
            assert_eq!(reading.items, []);
            assert_eq!(reading.rejects, []);
            assert_eq!((reading.rows, reading.ignored.examples), (2, 2));
        }
    }
}

/// Would catch: an example that would be rejected if somebody wrote it.
#[test]
fn the_examples_are_right() {
    for kind in Kind::ALL {
        let text = String::from_utf8(csv_template(kind)).unwrap();
        let text = text.replace("EXEMPLE à remplacer", PERMANENCE);
        let reading = read(text.as_bytes(), kind).unwrap();
        assert_eq!(reading.rejects, []);
        assert!(!reading.items.is_empty());
        let bytes = with_sheet(&xlsx_template(kind).unwrap(), |sheet| {
            let example = r#"<c r="A2" s="#;
            assert!(sheet.contains(example), "{sheet}");
            sheet.to_owned()
        });
        let bytes = crate::files::with_part(&bytes, "xl/sharedStrings.xml", |strings| {
            strings.replace("EXEMPLE à remplacer", PERMANENCE)
        });
        let filled = read(&bytes, kind).unwrap();
        assert_eq!(filled.rejects, []);
        assert_eq!(filled.items, reading.items);
    }
}

/// Would catch: a template that other programs cannot open, or that is another one each time.
#[test]
fn other_programs_open_the_template() {
    for kind in Kind::ALL {
        let bytes = xlsx_template(kind).unwrap();
        assert_eq!(bytes, xlsx_template(kind).unwrap());
        let workbook: calamine::Xlsx<_> =
            calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        assert_eq!(
            workbook.sheet_names(),
            [kind.title(), "Mode d'emploi", "Listes"]
        );
    }
}

/// Would catch: a template in CSV that French Excel opens with broken accents or in one column.
#[test]
fn the_csv_template_is_for_french_excel() {
    let bytes = csv_template(Kind::Sessions);
    assert!(bytes.starts_with(b"\xef\xbb\xbfPermanence;Date;Statut;"));
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches("\r\n").count(), text.matches('\n').count());
}

/// Would catch: a heading that two columns of a kind claim, or a word that means two things.
#[test]
fn no_heading_is_of_two_columns() {
    for kind in Kind::ALL {
        let mut names: Vec<String> = kind
            .columns()
            .iter()
            .flat_map(|column| std::iter::once(&column.heading).chain(column.synonyms))
            .map(|name| name.to_lowercase())
            .collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(all, names.len(), "{kind:?}");
    }
}
