//! Host venues: the document is the domain's own state.

use super::{ReadModel, Table, Value};
use crate::domain::{terms::VenueId, venue::Venue};

pub(super) struct Venues;

impl ReadModel for Venues {
    const NAME: &'static str = "venue";
    const VERSION: i64 = 3;
    const TABLES: &'static [Table] = &[Table {
        name: "venue",
        columns: &["body", "experiment_id"],
    }];
    type Id = VenueId;
    type Document = Venue;

    fn rows(document: &Venue) -> Vec<(usize, Vec<Value>)> {
        let experiment = document.experiment.map(|id| id.to_string());
        vec![(0, vec![experiment.unwrap_or_default().into()])]
    }
}
