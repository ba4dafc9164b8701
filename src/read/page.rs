//! Pages by key: a page begins after a cursor, and is read as known at the position the first
//! page was, so that turning pages neither skips nor repeats.

use serde::{Deserialize, Serialize};

use crate::domain::terms::Position;

/// Where a page begins or ends: a sort key, the tiebreak, and the position it was read at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor {
    /// The order of the list it is a place in.
    pub order: String,
    /// The sort key.
    pub key: String,
    /// The identity that breaks ties.
    pub id: String,
    /// The position of the page.
    pub position: Position,
}

impl Cursor {
    /// The place in the order of the list.
    pub(super) fn place(&self) -> (&str, &str) {
        (&self.key, &self.id)
    }
}

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Window {
    /// Only what comes after this.
    pub after: Option<Cursor>,
    /// Only what comes before this.
    pub before: Option<Cursor>,
    /// How many, at most.
    pub limit: u32,
    /// Whether the last ones are asked for, not the first.
    pub from_end: bool,
}

impl Window {
    /// Where the page goes on, if it is not the first one.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// Its items, in the list's order.
    pub items: Vec<(Cursor, T)>,
    /// Whether the list goes on after it.
    pub has_next: bool,
    /// Whether the list goes on before it.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// A page from rows read in the direction of `window`, one more than its limit where there
    /// are more.
    pub(super) fn cut(mut rows: Vec<(Cursor, T)>, window: &Window) -> Self {
        let limit = window.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        if window.from_end {
            rows.reverse();
            Self {
                items: rows,
                has_next: window.before.is_some(),
                has_previous: more,
            }
        } else {
            Self {
                items: rows,
                has_next: more,
                has_previous: window.after.is_some(),
            }
        }
    }
}
