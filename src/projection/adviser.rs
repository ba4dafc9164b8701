//! Advisers: the document is the domain's own state, whose names are sealed. Who is erased stands
//! in a column, so that the keys to destroy at a start are found without reading any document.

use super::{ReadModel, Table, Value};
use crate::domain::{adviser::Adviser, terms::AdviserId};

pub(super) struct Advisers;

impl ReadModel for Advisers {
    const NAME: &'static str = "adviser";
    const VERSION: i64 = 2;
    const TABLES: &'static [Table] = &[Table {
        name: "adviser",
        columns: &["body", "erased"],
    }];
    type Id = AdviserId;
    type Document = Adviser;

    fn rows(document: &Adviser) -> Vec<(usize, Vec<Value>)> {
        let erased = Value::Int(i64::from(document.erased.is_some()));
        vec![(0, vec![erased])]
    }
}
