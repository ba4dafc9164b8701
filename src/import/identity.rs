//! Identities of what a file tells. They follow from the session and from the number that the
//! carrier gave, or else from the content: so that the order of rows never matters, and the same
//! row is the same thing in whatever file it comes again.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::terms::{PermanenceId, SessionId};

/// The session of a row: its permanence and its day.
pub(super) type Day = (PermanenceId, NaiveDate);

/// What the carrier numbered.
pub(super) fn numbered(day: Day, what: &str, number: &str) -> Uuid {
    under(day, &format!("import {what} number {number}"))
}

/// What has no number, by its content, and its ordinal among those of the same content.
pub(super) fn told(day: Day, what: &str, content: &str, ordinal: u32) -> Uuid {
    under(day, &format!("import {what} {ordinal} {content}"))
}

fn under((permanence, date): Day, name: &str) -> Uuid {
    Uuid::new_v5(&SessionId::of(permanence, date).0, name.as_bytes())
}

/// Counts what has the same content on the same day.
#[derive(Debug, Default)]
pub(super) struct Ordinals(BTreeMap<(Day, String), u32>);

impl Ordinals {
    /// The next ordinal of a content.
    pub(super) fn next(&mut self, day: Day, content: &str) -> u32 {
        let ordinal = self.0.entry((day, content.to_owned())).or_default();
        *ordinal = ordinal.saturating_add(1);
        *ordinal
    }
}

/// A value as it is stored, which never changes: what identities are made of.
pub(super) fn stored(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
