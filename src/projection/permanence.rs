//! Permanences: the document is the domain's own state.

use super::{ReadModel, Table, Value};
use crate::domain::{permanence::Permanence, terms::PermanenceId};

pub(super) struct Permanences;

impl ReadModel for Permanences {
    const NAME: &'static str = "permanence";
    const VERSION: i64 = 3;
    const TABLES: &'static [Table] = &[Table {
        name: "permanence",
        columns: &["body", "experiment_id"],
    }];
    type Id = PermanenceId;
    type Document = Permanence;

    fn rows(document: &Permanence) -> Vec<(usize, Vec<Value>)> {
        let experiment = document.experiment.map(|id| id.to_string());
        vec![(0, vec![experiment.unwrap_or_default().into()])]
    }
}
