//! Synthetic activity: what is done, week after week, at the permanences of a synthetic experiment.

use std::{collections::BTreeMap, ops::Range};

use chrono::{Datelike, NaiveDate, Weekday};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

use super::{
    Maker, OPERATORS, after,
    session::{Manner, Session, THEMES, slugs},
};
use crate::domain::{
    entry::{Command, Entry},
    event::Correction,
    experiment::ExperimentCommand,
    permanence::PermanenceCommand,
    refusal::Refusal,
    session::SessionRef,
    terms::{CommandId, PermanenceId, Position, Words},
};

/// The hours of a session.
const HOURS: Range<u32> = 9..12;

/// The permanences of a synthetic experiment, and what is done there week after week.
#[derive(Debug, Clone)]
pub struct Activity {
    seed: u64,
    index: u64,
    permanences: Vec<Slot>,
    manner: Manner,
    /// The first day on which no session can be held any more.
    closed: Option<NaiveDate>,
}

/// When a permanence is held.
#[derive(Debug, Clone, Copy)]
struct Slot {
    id: PermanenceId,
    from: NaiveDate,
}

/// What is recorded of one session.
#[derive(Debug, Clone)]
pub struct Page {
    /// Under which identity.
    pub command_id: CommandId,
    /// The entries, in the order they are written.
    pub entries: Vec<Entry>,
    /// Corrections: the index of an entry, and what takes its place.
    pub corrections: Vec<(CommandId, usize, Entry)>,
}

/// An entry as the correction of what was recorded at a position.
///
/// # Errors
/// [`Refusal`] if a term made here were malformed, which the tests exclude.
pub fn correction(mut entry: Entry, position: Position) -> Result<Entry, Refusal> {
    entry.saying.corrects = Some(Correction {
        entry: position,
        reason: Some(Words::try_new("Erreur de saisie (synthétique)")?),
    });
    Ok(entry)
}

/// The activity of the `index`th synthetic experiment of a seed.
///
/// # Errors
/// [`Refusal`] if a term made here were malformed, which the tests exclude.
pub fn activity(seed: u64, index: u64) -> Result<Activity, Refusal> {
    let mut activity = Activity {
        seed,
        index,
        permanences: Vec::new(),
        manner: Manner {
            operators: slugs(OPERATORS.map(|(code, _)| code))?,
            themes: slugs(THEMES)?,
            theme_of: BTreeMap::new(),
            communes: Vec::new(),
            visits: 3,
            visits_beyond: 14,
            cancelled: 16,
            booked: 3,
            satisfaction: 2,
            turned_away: 4,
        },
        closed: None,
    };
    for (_, entry) in super::experiment(seed, index)? {
        let from = entry.saying.valid.from;
        if let Command::Permanence(id, PermanenceCommand::Schedule { .. }) = entry.command {
            activity.permanences.push(Slot { id, from });
        } else if let Command::Experiment(_, command) = entry.command {
            if let ExperimentCommand::Launch(launch) = command {
                activity.manner.communes.extend(launch.zone);
            } else if let ExperimentCommand::Close(_) = command {
                activity.closed = Some(from);
            }
        }
    }
    Ok(activity)
}

impl Activity {
    /// The sessions of a week, counted from the launch; none once the experiment is closed.
    ///
    /// # Errors
    /// [`Refusal`] if a term made here were malformed, which the tests exclude.
    pub fn week(&self, week: u64) -> Result<Vec<Page>, Refusal> {
        let mut pages = Vec::new();
        for (number, slot) in (0..).zip(&self.permanences) {
            let date = workday(after(slot.from, 7 * week + number));
            if self.closed.is_some_and(|closed| closed <= date) {
                continue;
            }
            let mut maker = Maker::new(self.seed, self.index)?;
            // Random numbers of its own for each session, whichever are made before it.
            maker.rng = ChaCha8Rng::seed_from_u64(self.seed ^ self.index.rotate_left(32));
            maker.rng.set_stream(1_000 * (week + 1) + number);
            let of = SessionRef {
                permanence: slot.id,
                date,
            };
            pages.push(Session::new(&mut maker, of, HOURS, &self.manner).live());
        }
        Ok(pages)
    }
}

/// The day itself, or the Monday after it.
fn workday(date: NaiveDate) -> NaiveDate {
    match date.weekday() {
        Weekday::Sat => after(date, 2),
        Weekday::Sun => after(date, 1),
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => date,
    }
}
