//! Our readers of workbooks, held against `calamine`, which shares no code with them.

use std::io::Cursor;

use calamine::{Data, Reader, open_workbook_auto_from_rs};
use carnet::import::{Kind, read};

use crate::{
    files::{ods_of, xlsx_of},
    good::{of, told},
};

/// Would catch: cells put into other rows or columns, texts cut or joined otherwise.
#[test]
fn another_reader_sees_the_same_cells() {
    for kind in Kind::ALL {
        let text = of(kind);
        for bytes in [xlsx_of("F", &text), ods_of("F", &text)] {
            let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes.clone())).unwrap();
            let range = workbook.worksheet_range("F").unwrap();
            let shown = |cell: &Data| cell.to_string();
            let lines: Vec<String> = range
                .rows()
                .map(|row| row.iter().map(shown).collect::<Vec<_>>().join(";"))
                .collect();
            let again = format!("{}\n", lines.join("\n"));
            let ours = read(&bytes, kind).unwrap();
            let theirs = read(again.as_bytes(), kind).unwrap();
            assert_eq!(told(&ours), told(&theirs));
            assert_eq!(ours.rejects, theirs.rejects);
        }
    }
}
