//! Host venues: the document is the domain's own state.

use super::{ReadModel, Table, Value};
use crate::domain::{
    event::{Event, Recorded},
    venue::Venue,
};

pub(super) struct Venues;

impl ReadModel for Venues {
    const NAME: &'static str = "venue";
    const VERSION: i64 = 1;
    const TABLES: &'static [Table] = &[Table {
        name: "venue",
        columns: &["body", "experiment_id"],
    }];
    type Document = Venue;

    fn key(event: &Recorded) -> Option<String> {
        match &event.fact.event {
            Event::Venue(key, _) => Some(key.venue.to_string()),
            Event::Experiment(..) | Event::Permanence(..) | Event::Adviser(..) => None,
        }
    }

    fn fold(document: &mut Venue, event: &Recorded) {
        match &event.fact.event {
            Event::Venue(key, what) => document.evolve(*key, what, event),
            Event::Experiment(..) | Event::Permanence(..) | Event::Adviser(..) => {}
        }
    }

    fn rows(document: &Venue) -> Vec<(usize, Vec<Value>)> {
        let experiment = document.experiment.map(|id| id.to_string());
        vec![(0, vec![experiment.unwrap_or_default().into()])]
    }
}
