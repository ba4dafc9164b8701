//! Corrections: an entry takes the place of an earlier one of its subject, or retracts it. What
//! stands is what was said last in each place; nothing that was recorded is ever changed.
//!
//! A subject's history is a list of **lineages**: an entry, and the corrections of it, each naming
//! the one before. A correction is folded in the place of the entry its lineage began with, so that
//! what follows from the order of entries follows as if it had been said rightly at once.

use std::collections::HashMap;

use super::{
    access,
    entry::{Command, Entry, fact},
    event::{Correction, Event, Fact, Recorded, Retraction, Saying, StreamId},
    refusal::Refusal,
    terms::Position,
    world::World,
};

/// An entry, and what was said in its place since, in the order it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Lineage<'a>(Vec<&'a Recorded>);

impl<'a> Lineage<'a> {
    /// Every event of it.
    #[must_use]
    pub fn events(&self) -> &[&'a Recorded] {
        &self.0
    }

    /// Where it began.
    #[must_use]
    pub fn place(&self) -> Position {
        self.0
            .first()
            .map_or(Position::START, |first| first.position)
    }

    /// Whether its last word is the event at a position.
    fn ends_at(&self, position: Position) -> bool {
        self.0.last().is_some_and(|last| last.position == position)
    }

    /// What stands of it, in its place; nothing once it is retracted.
    #[must_use]
    pub fn standing(&self) -> Option<Recorded> {
        let last = self.0.last()?;
        if is_retracted(last) {
            return None;
        }
        Some(Recorded {
            place: self.place(),
            ..(*last).clone()
        })
    }

    /// Whether a command says another thing of the same kind, or retracts it.
    fn is_corrected_by(&self, command: &Command) -> bool {
        let first = self.0.first();
        let first = first.and_then(|first| Command::of(&first.fact.event));
        matches!(command, Command::Retract(_)) || first.is_some_and(|first| first.is_like(command))
    }
}

/// The lineages of a subject's history, in the order they began. `journal` holds the events of its
/// stream, in the order they were recorded.
#[must_use]
pub fn lineages(journal: &[Recorded]) -> Vec<Lineage<'_>> {
    let mut lineages: Vec<Lineage<'_>> = Vec::new();
    let mut of: HashMap<Position, usize> = HashMap::new();
    for recorded in journal {
        let corrected = recorded.fact.saying.corrects.as_ref();
        let earlier = corrected.and_then(|correction| of.get(&correction.entry).copied());
        let index = earlier.unwrap_or(lineages.len());
        of.insert(recorded.position, index);
        match lineages.get_mut(index) {
            Some(lineage) => lineage.0.push(recorded),
            None => lineages.push(Lineage(vec![recorded])),
        }
    }
    lineages
}

impl Lineage<'_> {
    fn has(&self, position: Position) -> bool {
        self.0.iter().any(|known| known.position == position)
    }
}

/// What stands of a subject's history, each entry in its place.
#[must_use]
pub fn standing(journal: &[Recorded]) -> Vec<Recorded> {
    let lineages = lineages(journal);
    lineages.iter().filter_map(Lineage::standing).collect()
}

/// The entry that a correction took the place of: the last of its lineage before it; nothing where
/// that was a retraction, or where the event corrects nothing. `journal` ends with the correction.
#[must_use]
pub fn replaced(journal: &[Recorded]) -> Option<Recorded> {
    let (correction, before) = journal.split_last()?;
    let entry = correction.fact.saying.corrects.as_ref()?.entry;
    let lineages = lineages(before);
    let lineage = lineages.iter().find(|lineage| lineage.has(entry))?;
    lineage.standing()
}

/// Where the lineage of the last event of a journal began.
#[must_use]
pub fn place(journal: &[Recorded]) -> Option<Position> {
    let last = journal.last()?;
    let lineages = lineages(journal);
    let mut lineages = lineages.iter();
    let own = lineages.find(|lineage| lineage.ends_at(last.position))?;
    Some(own.place())
}

/// Decides an entry that corrects another: by the same rules, against what stood before the entry
/// it takes the place of; and refuses it where something recorded since could then not have been.
///
/// # Errors
/// [`Refusal::NotCorrectable`], [`Refusal::AlreadyCorrected`], [`Refusal::AlreadyRetracted`],
/// [`Refusal::CorrectsAnotherKind`], [`Refusal::MovesElsewhere`], [`Refusal::SaidElsewhere`], [`Refusal::Contradicts`],
/// [`Refusal::PersonErased`], [`Refusal::ReportFrozen`], [`Refusal::AccessNotCorrectable`], or what refuses the entry itself.
pub(super) fn decide(
    world: &World,
    entry: &Entry,
    correction: &Correction,
    head: Position,
) -> Result<Option<Fact>, Refusal> {
    let subject = entry.command.subject();
    let journal = world.journal(subject);
    let lineages = lineages(journal);
    let Some(index) = lineages
        .iter()
        .position(|lineage| lineage.has(correction.entry))
    else {
        return Err(Refusal::NotCorrectable {
            position: correction.entry,
        });
    };
    if matches!(subject, StreamId::Report(_)) {
        return Err(Refusal::ReportFrozen);
    }
    if access::is_access(subject) {
        return Err(Refusal::AccessNotCorrectable);
    }
    if world.is_erased(subject) {
        return Err(Refusal::PersonErased);
    }
    let (before, rest) = lineages.split_at(index);
    let Some((lineage, after)) = rest.split_first() else {
        return Ok(None);
    };
    if !lineage.is_corrected_by(&entry.command) {
        return Err(Refusal::CorrectsAnotherKind {
            position: correction.entry,
        });
    }
    let before: Vec<Recorded> = before.iter().filter_map(Lineage::standing).collect();
    let mut corrected = world.with(subject, &before);
    let said = said(&corrected, subject, lineage, entry, head);
    if let Some(since) = lineage.since(correction.entry) {
        // The same correction again is already so, whatever became of it since.
        return match said {
            Ok(Some(said)) if said == since.fact => Ok(None),
            _ => Err(Refusal::AlreadyCorrected {
                position: correction.entry,
                by: since.position,
            }),
        };
    }
    let Some(last) = lineage.events().last() else {
        return Ok(None);
    };
    let Some(said) = said? else {
        return Err(Refusal::SaidElsewhere);
    };
    if is_retracted(last) && is_retraction(&said) {
        return Err(Refusal::AlreadyRetracted {
            position: last.position,
        });
    }
    if said.event.experiment() != last.fact.event.experiment() {
        return Err(Refusal::MovesElsewhere {
            position: correction.entry,
        });
    }
    if says(&last.fact, &said) {
        return Ok(None);
    }
    let after: Vec<Recorded> = after.iter().filter_map(Lineage::standing).collect();
    if after.iter().any(|later| says(&later.fact, &said)) {
        return Err(Refusal::SaidElsewhere);
    }
    let mut as_was = corrected.clone();
    if let Some(stood) = lineage.standing() {
        as_was.refold(&stood);
    }
    if !is_retraction(&said) {
        corrected.refold(&Recorded {
            position: head.next(),
            place: lineage.place(),
            fact: said.clone(),
            ..(*last).clone()
        });
    }
    still_hold(&after, as_was, corrected, head)?;
    Ok(Some(said))
}

/// What a correction says, decided against what stood before the entry it corrects.
fn said(
    before: &World,
    subject: StreamId,
    lineage: &Lineage<'_>,
    entry: &Entry,
    head: Position,
) -> Result<Option<Fact>, Refusal> {
    if !matches!(entry.command, Command::Retract(_)) {
        return fact(before, entry, head);
    }
    let first = lineage.events().first();
    Ok(Some(Fact {
        saying: entry.saying.clone(),
        event: Event::Retracted(Retraction {
            subject,
            experiment: first.and_then(|first| first.fact.event.experiment()),
        }),
    }))
}

impl<'a> Lineage<'a> {
    /// What took the place of one of its events.
    fn since(&self, position: Position) -> Option<&'a Recorded> {
        let mut later = self.0.iter().skip_while(|known| known.position != position);
        later.nth(1).copied()
    }
}

/// Refuses where an entry that was rightly recorded after the corrected one could not have been.
fn still_hold(
    after: &[Recorded],
    mut as_was: World,
    mut corrected: World,
    head: Position,
) -> Result<(), Refusal> {
    for later in after {
        if let Some(command) = Command::of(&later.fact.event) {
            let entry = Entry {
                saying: Saying {
                    corrects: None,
                    ..later.fact.saying.clone()
                },
                command,
            };
            if let Err(why) = fact(&corrected, &entry, head)
                && fact(&as_was, &entry, head).is_ok()
            {
                return Err(Refusal::Contradicts {
                    position: later.position,
                    why: Box::new(why),
                });
            }
        }
        as_was.refold(later);
        corrected.refold(later);
    }
    Ok(())
}

const fn is_retraction(fact: &Fact) -> bool {
    matches!(fact.event, Event::Retracted(_))
}

const fn is_retracted(recorded: &Recorded) -> bool {
    is_retraction(&recorded.fact)
}

/// Whether two facts say the same thing, of the same time, on the same source.
fn says(one: &Fact, other: &Fact) -> bool {
    one.event == other.event
        && one.saying.valid == other.saying.valid
        && one.saying.source == other.saying.source
}
