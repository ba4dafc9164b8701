//! Operators: the document is the domain's own state.

use super::{ReadModel, Table, Value};
use crate::domain::{operator::Operator, terms::OperatorId};

pub(super) struct Operators;

impl ReadModel for Operators {
    const NAME: &'static str = "operator";
    const VERSION: i64 = 2;
    const TABLES: &'static [Table] = &[Table {
        name: "operator",
        columns: &["body"],
    }];
    type Id = OperatorId;
    type Document = Operator;

    fn rows(_: &Operator) -> Vec<(usize, Vec<Value>)> {
        vec![(0, Vec::new())]
    }
}
