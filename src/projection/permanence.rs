//! Permanences: the document is the domain's own state.

use super::{ReadModel, Table, Value};
use crate::domain::{
    event::{Event, Recorded},
    permanence::Permanence,
};

pub(super) struct Permanences;

impl ReadModel for Permanences {
    const NAME: &'static str = "permanence";
    const VERSION: i64 = 1;
    const TABLES: &'static [Table] = &[Table {
        name: "permanence",
        columns: &["body", "experiment_id"],
    }];
    type Document = Permanence;

    fn key(event: &Recorded) -> Option<String> {
        match &event.fact.event {
            Event::Permanence(key, _) => Some(key.permanence.to_string()),
            Event::Experiment(..) | Event::Venue(..) | Event::Adviser(..) => None,
        }
    }

    fn fold(document: &mut Permanence, event: &Recorded) {
        match &event.fact.event {
            Event::Permanence(key, what) => document.evolve(*key, what, event),
            Event::Experiment(..) | Event::Venue(..) | Event::Adviser(..) => {}
        }
    }

    fn rows(document: &Permanence) -> Vec<(usize, Vec<Value>)> {
        let experiment = document.experiment.map(|id| id.to_string());
        vec![(0, vec![experiment.unwrap_or_default().into()])]
    }
}
