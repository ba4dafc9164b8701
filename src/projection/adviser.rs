//! Advisers: the document is the domain's own state, whose names are sealed. Who is erased stands
//! in a column, so that the keys to destroy at a start are found without reading any document.

use super::{ReadModel, Table, Value};
use crate::domain::{
    adviser::Adviser,
    event::{Event, Recorded},
};

pub(super) struct Advisers;

impl ReadModel for Advisers {
    const NAME: &'static str = "adviser";
    const VERSION: i64 = 1;
    const TABLES: &'static [Table] = &[Table {
        name: "adviser",
        columns: &["body", "erased"],
    }];
    type Document = Adviser;

    fn key(event: &Recorded) -> Option<String> {
        match &event.fact.event {
            Event::Adviser(key, _) => Some(key.adviser.to_string()),
            Event::Experiment(..) | Event::Venue(..) | Event::Permanence(..) => None,
        }
    }

    fn fold(document: &mut Adviser, event: &Recorded) {
        match &event.fact.event {
            Event::Adviser(_, what) => document.evolve(what, event),
            Event::Experiment(..) | Event::Venue(..) | Event::Permanence(..) => {}
        }
    }

    fn rows(document: &Adviser) -> Vec<(usize, Vec<Value>)> {
        let erased = Value::Int(i64::from(document.erased.is_some()));
        vec![(0, vec![erased])]
    }
}
