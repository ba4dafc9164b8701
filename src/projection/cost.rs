//! Costs: the document is the domain's own state.

use super::{ReadModel, Table, Value};
use crate::domain::{cost::Cost, terms::CostId};

pub(super) struct Costs;

impl ReadModel for Costs {
    const NAME: &'static str = "cost";
    const VERSION: i64 = 2;
    const TABLES: &'static [Table] = &[Table {
        name: "cost",
        columns: &["body", "experiment_id", "from_on"],
    }];
    type Id = CostId;
    type Document = Cost;

    fn rows(document: &Cost) -> Vec<(usize, Vec<Value>)> {
        let experiment = document.experiment.map(|id| id.to_string());
        let recorded = document.recorded.as_ref();
        let from = recorded.map(|recorded| recorded.valid.from.to_string());
        let own = [experiment, from].map(|column| column.unwrap_or_default().into());
        vec![(0, own.into())]
    }
}
