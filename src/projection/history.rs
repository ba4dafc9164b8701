//! History: every event as it was recorded, by position. Nothing is ever closed.

use super::{
    Projection, Value,
    documents::{Changes, Past, Poison, as_column},
};
use crate::domain::event::Recorded;

pub(super) struct History;

impl Projection for History {
    fn name(&self) -> &'static str {
        "history"
    }

    fn version(&self) -> i64 {
        3
    }

    fn tables(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        vec![(
            "history",
            vec![
                "position",
                "place",
                "recorded_at",
                "experiment_id",
                "subject",
                "body",
            ],
        )]
    }

    fn fold(&mut self, events: &[Recorded], _past: &Past) -> Result<Changes, Poison> {
        let mut changes = Changes::default();
        for event in events {
            let body = serde_json::to_string(event)
                .map_err(|error| Poison(format!("event {}: {error}", event.position)))?;
            let experiment = event.fact.event.experiment().map(|id| id.to_string());
            changes.inserted.push((
                0,
                vec![
                    Value::Int(as_column(event.position)),
                    Value::Int(as_column(event.place)),
                    Value::Int(event.recorded_at.timestamp_micros()),
                    experiment.unwrap_or_default().into(),
                    event.fact.event.stream().to_string().into(),
                    body.into(),
                ],
            ));
        }
        Ok(changes)
    }
}
