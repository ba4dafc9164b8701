//! Tallies: what each session adds up to, as it stands now. One row for each session of which
//! anything was ever recorded, put in the place of the one before: versions of it would be as many
//! as events, and figures of the whole programme would read them all.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    Past, Projection, Value,
    documents::{Changes, Kept, Poison, STANDS, as_column},
};
use crate::{
    domain::{
        event::{Event, Recorded, SessionKey, StreamId},
        session::tally::Tally,
        terms::{SessionId, time::day_number},
    },
    limits::PROJECTION_DOCUMENTS_KEPT,
};

#[derive(Default)]
pub(super) struct Tallies {
    known: HashMap<SessionId, Known>,
}

/// What folding on takes: the body of a row.
#[derive(Default, Serialize, Deserialize)]
struct Known {
    /// The position of the session's first entry; none before it.
    first: Option<i64>,
    tally: Tally,
}

impl Projection for Tallies {
    fn name(&self) -> &'static str {
        "tally"
    }

    fn version(&self) -> i64 {
        1
    }

    fn tables(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        vec![(
            "tally",
            vec![
                "experiment",
                "day",
                "id",
                "known_from",
                "known_to",
                "changed",
                "permanence",
                "body",
            ],
        )]
    }

    fn replaces(&self) -> bool {
        true
    }

    fn missing(&self, events: &[Recorded]) -> Vec<String> {
        let sessions = events.iter().filter_map(session);
        let mut keys: Vec<String> = sessions
            .filter(|id| !self.known.contains_key(id))
            .map(|id| id.to_string())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn take(&mut self, documents: Vec<(String, Option<Kept>)>) -> Result<(), Poison> {
        for (key, kept) in documents {
            let malformed = |why: String| Poison(format!("tally {key}: {why}"));
            let id = key
                .parse()
                .map_err(|_| malformed("no session".to_owned()))?;
            let known = kept
                .map(|kept| serde_json::from_str(&kept.body))
                .transpose();
            let known = known.map_err(|error| malformed(error.to_string()))?;
            self.known.insert(id, known.unwrap_or_default());
        }
        Ok(())
    }

    fn fold(&mut self, events: &[Recorded], past: &Past) -> Result<Changes, Poison> {
        let mut touched: BTreeMap<SessionId, (SessionKey, i64)> = BTreeMap::new();
        for event in events {
            let Some(id) = session(event) else {
                continue;
            };
            let poison = |why: &str| Poison(format!("{}, of session {id}: {why}", event.position));
            let known = self
                .known
                .get_mut(&id)
                .ok_or_else(|| poison("was not loaded"))?;
            let mut key = key_of(event);
            if event.fact.saying.corrects.is_some() {
                let journal = past.up_to(StreamId::Session(id), event.position);
                let journal = journal.ok_or_else(|| poison("what it corrects was not read"))?;
                known.tally = Tally::of(journal);
                key = key.or_else(|| journal.iter().find_map(key_of));
            } else {
                known.tally.add(event);
            }
            let position = as_column(event.position);
            known.first.get_or_insert(position);
            let key = key.ok_or_else(|| poison("names no session"))?;
            touched.insert(id, (key, position));
        }
        let mut changes = Changes::default();
        for (id, (key, position)) in touched {
            let known = self.known.get(&id);
            let body = serde_json::to_string(&known).map_err(|error| Poison(error.to_string()))?;
            let first = known.and_then(|known| known.first).unwrap_or(position);
            let row = vec![
                Value::Id(key.experiment.0),
                Value::Int(day_number(key.date)),
                Value::Text(id.to_string()),
                Value::Int(first),
                Value::Int(STANDS),
                Value::Int(position),
                Value::Id(key.permanence.0),
                Value::Text(body),
            ];
            changes.inserted.push((0, row));
        }
        if self.known.len() > PROJECTION_DOCUMENTS_KEPT {
            self.known.clear();
        }
        Ok(changes)
    }

    fn forget(&mut self) {
        self.known.clear();
    }
}

fn session(event: &Recorded) -> Option<SessionId> {
    SessionId::try_from(event.fact.event.stream()).ok()
}

fn key_of(event: &Recorded) -> Option<SessionKey> {
    if let Event::Session(key, _) = &event.fact.event {
        Some(*key)
    } else {
        None
    }
}
