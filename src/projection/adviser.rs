//! Advisers: the document is the domain's own state, whose names are sealed. Who is erased stands
//! in a column, so that the keys to destroy at a start are found without reading any document.

use std::collections::BTreeSet;

use super::{ReadModel, Table, Value};
use crate::domain::{
    adviser::Adviser,
    terms::{AdviserId, ExperimentId},
};

pub(super) struct Advisers;

impl ReadModel for Advisers {
    const NAME: &'static str = "adviser";
    const VERSION: i64 = 3;
    const TABLES: &'static [Table] = &[
        Table {
            name: "adviser",
            columns: &["body", "erased"],
        },
        Table {
            name: "adviser_experiment",
            columns: &["experiment_id"],
        },
    ];
    type Id = AdviserId;
    type Document = Adviser;

    fn rows(document: &Adviser) -> Vec<(usize, Vec<Value>)> {
        let erased = Value::Int(i64::from(document.erased.is_some()));
        let assignments = document.assignments.all().iter();
        let experiments: BTreeSet<ExperimentId> = assignments
            .map(|assignment| assignment.stated.what.experiment)
            .collect();
        let experiments = experiments.into_iter();
        std::iter::once((0, vec![erased]))
            .chain(experiments.map(|id| (1, vec![id.to_string().into()])))
            .collect()
    }
}
