//! Imports of files: the document is the domain's own state.

use super::{ReadModel, Table, Value};
use crate::domain::{import::Import, terms::ImportId};

pub(super) struct Imports;

impl ReadModel for Imports {
    const NAME: &'static str = "import";
    const VERSION: i64 = 2;
    const TABLES: &'static [Table] = &[Table {
        name: "import",
        columns: &["body", "place"],
    }];
    type Id = ImportId;
    type Document = Import;

    fn rows(document: &Import) -> Vec<(usize, Vec<Value>)> {
        // As wide as any, so that texts sort as the numbers do.
        let recorded = document.recorded.as_ref();
        let place = recorded.map(|recorded| format!("{:020}", recorded.place.0));
        vec![(0, vec![place.unwrap_or_default().into()])]
    }
}
