//! What changed between two positions of the log: for each lineage, what stood of it at the one and
//! what stands at the other.

use super::{
    event::{Event, Recorded},
    holiday,
    terms::{Position, time::in_french},
};

/// What became of one entry between two positions. The two differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Where its lineage began.
    pub place: Position,
    /// What stood of it at the first position; nothing where it was not there yet, or retracted.
    pub before: Option<Recorded>,
    /// What stands of it at the second; nothing where it is retracted.
    pub after: Option<Recorded>,
    /// Why it was corrected or retracted last; absent where it was not.
    pub last: Option<Recorded>,
}

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// An entry that did not stand before.
    Added,
    /// Another entry stands in its place.
    Corrected,
    /// Nothing stands in its place any more.
    Retracted,
}

impl Change {
    /// What became of a lineage between two positions, if anything did. `lineage` holds its events,
    /// in the order they were recorded.
    #[must_use]
    pub fn of(lineage: &[Recorded], from: Position, to: Position) -> Option<Self> {
        let place = lineage.first()?.position;
        let stood = |at: Position| {
            let last = lineage.iter().rfind(|event| event.position <= at)?;
            (!is_retraction(last)).then_some(last)
        };
        let (before, after) = (stood(from), stood(to));
        if before.map(|event| event.position) == after.map(|event| event.position) {
            return None;
        }
        let last = lineage.iter().rfind(|event| event.position <= to);
        Some(Self {
            place,
            before: before.cloned(),
            after: after.cloned(),
            last: last
                .filter(|last| last.fact.saying.corrects.is_some())
                .cloned(),
        })
    }

    /// What became of the same entry, later: the two changes are one; nothing where the second
    /// undoes the first.
    #[must_use]
    pub fn then(self, later: Self) -> Option<Self> {
        let change = Self {
            before: self.before,
            ..later
        };
        (change.before.is_some() || change.after.is_some()).then_some(change)
    }

    /// What kind of change it is.
    #[must_use]
    pub const fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (None, _) => ChangeKind::Added,
            (Some(_), Some(_)) => ChangeKind::Corrected,
            (Some(_), None) => ChangeKind::Retracted,
        }
    }

    /// The change in a French sentence; `tell` tells an event by itself.
    #[must_use]
    pub fn tell(&self, tell: impl Fn(&Recorded) -> String) -> String {
        let paris = holiday::zone("");
        let on = |event: &Recorded| in_french(event.recorded_at.with_timezone(&paris).date_naive());
        let why = self.reason().map(|why| format!(" ({why})"));
        let why = why.unwrap_or_default();
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!(
                "Corrigé le {}{why} : « {} » devient « {} »",
                on(after),
                tell(before),
                tell(after)
            ),
            (Some(before), None) => {
                let last = self.last.as_ref().unwrap_or(before);
                format!("Retiré le {}{why} : « {} »", on(last), tell(before))
            }
            (None, Some(after)) => format!("Inscrit le {} : « {} »", on(after), tell(after)),
            (None, None) => String::new(),
        }
    }

    /// Why it was corrected or retracted.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        let corrects = self.last.as_ref()?.fact.saying.corrects.as_ref()?;
        let reason = corrects.reason.as_ref()?;
        Some(reason.as_str().trim_end_matches('.'))
    }
}

const fn is_retraction(recorded: &Recorded) -> bool {
    matches!(recorded.fact.event, Event::Retracted(_))
}
