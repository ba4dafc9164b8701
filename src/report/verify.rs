//! Computing the figures of a frozen report again, from the entries behind them alone.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::content::{Content, Frozen};
use crate::{
    domain::{
        cost::Cost,
        event::{Event, Recorded, SessionKey, StreamId},
        experiment::Experiment,
        permanence::Permanence,
        session::tally::Tally,
        site::Site,
        subject::Subject,
        terms::{ExperimentId, SessionId},
        venue::Venue,
    },
    evaluation::{
        disclosure,
        facts::{Facts, Known, Observation, Selection},
        indicator,
        measure::Measure,
    },
};

/// Whether the figures of an indicator come out as they were frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// To the last digit.
    Same,
    /// They do not.
    Differs,
    /// The definition has another version today, so that they cannot be computed as they were.
    OtherVersion,
    /// No indicator has that code today.
    UnknownIndicator,
    /// All of them are withheld.
    Withheld,
}

/// Computes the figures of one indicator and group again. `events` are the entries behind them, and
/// no others; where a report for the public names none, all of its experiments up to its position.
#[must_use]
pub fn verify(frozen: &Frozen, events: &[Recorded]) -> (Verdict, Vec<Measure>) {
    let Some(indicator) = indicator::of_code(&frozen.indicator) else {
        return (Verdict::UnknownIndicator, Vec::new());
    };
    if indicator.definition.version != frozen.version {
        return (Verdict::OtherVersion, Vec::new());
    }
    let known = known(&frozen.of, events);
    let facts = Facts::of_selection(&known, &frozen.of);
    let computed = (indicator.measure)(&facts);
    if frozen.measures.iter().all(|it| it.suppressed) {
        return (Verdict::Withheld, computed);
    }
    let computed: Vec<Measure> = match &frozen.evidence {
        Some(_) => computed,
        None => computed.iter().map(disclosure::coarsened).collect(),
    };
    let same = computed.len() == frozen.measures.len()
        && computed
            .iter()
            .zip(&frozen.measures)
            .all(|(computed, frozen)| frozen.suppressed || computed == frozen);
    let verdict = if same {
        Verdict::Same
    } else {
        Verdict::Differs
    };
    (verdict, computed)
}

/// The experiments of a selection, as some entries tell them.
fn known(of: &Selection, events: &[Recorded]) -> Vec<Known> {
    let mut journals: BTreeMap<StreamId, Vec<Recorded>> = BTreeMap::new();
    for event in events {
        let journal = journals.entry(event.fact.event.stream()).or_default();
        journal.push(event.clone());
    }
    // In whatever order they were found, they are told in the one they were recorded in.
    for journal in journals.values_mut() {
        journal.sort_by_key(|event| event.position);
    }
    let mut known: BTreeMap<ExperimentId, Known> = BTreeMap::new();
    for id in &of.experiments {
        let journal = journals.remove(&StreamId::Experiment(*id));
        let experiment = Experiment::of(&journal.unwrap_or_default());
        known.insert(*id, Known::new(*id, Arc::new(experiment)));
    }
    let mut sites: HashMap<_, Site> = HashMap::new();
    for (stream, journal) in journals {
        if let StreamId::Site(id) = stream {
            sites.insert(id, Site::of(&journal));
            continue;
        }
        let experiment = journal
            .iter()
            .find_map(|event| event.fact.event.experiment());
        if let Some(known) = experiment.and_then(|id| known.get_mut(&id)) {
            take(known, stream, &journal);
        }
    }
    let mut known: Vec<Known> = known.into_values().collect();
    for known in &mut known {
        let hubs: BTreeSet<_> = known
            .experiment
            .hubs
            .iter()
            .map(|hub| hub.what.site)
            .collect();
        let own = hubs
            .into_iter()
            .filter_map(|id| Some((id, sites.get(&id)?.clone())));
        known.sites = Arc::new(own.collect());
        known
            .sessions
            .sort_by_key(|session| (session.day, session.session));
        // Hours that cannot be read plan nothing: the figures then differ, and it is seen.
        known.planned = Arc::new(known.plan(of.period).unwrap_or_default());
    }
    known
}

fn take(known: &mut Known, stream: StreamId, journal: &[Recorded]) {
    if let StreamId::Permanence(id) = stream {
        Arc::make_mut(&mut known.permanences).insert(id, Permanence::of(journal));
    } else if let StreamId::Venue(id) = stream {
        Arc::make_mut(&mut known.venues).insert(id, Venue::of(journal));
    } else if let StreamId::Cost(id) = stream {
        Arc::make_mut(&mut known.costs).insert(id, Cost::of(journal));
    } else if let StreamId::Session(id) = stream {
        known.sessions.extend(observation(id, journal));
    }
}

fn observation(session: SessionId, journal: &[Recorded]) -> Option<Observation> {
    let key = |event: &Recorded| -> Option<SessionKey> {
        if let Event::Session(key, _) = &event.fact.event {
            Some(*key)
        } else {
            None
        }
    };
    let key = journal.iter().find_map(key)?;
    Some(Observation {
        session,
        permanence: key.permanence,
        day: key.date,
        tally: Tally::of(journal),
    })
}

/// A figure that two versions of a report do not agree on.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed<'a> {
    /// The figures of the older one; none where it has none such.
    pub before: Option<&'a Frozen>,
    /// The figures of the newer one; none where it has none such.
    pub after: Option<&'a Frozen>,
}

/// What changed in the figures from one version of a report to the next, in their order.
#[must_use]
pub fn diff<'a>(before: &'a Content, after: &'a Content) -> Vec<Changed<'a>> {
    // No two figures of a report are of the same indicator and group.
    let same = |a: &Frozen, b: &Frozen| {
        let key = |it: &Frozen| it.group.as_ref().map(|group| group.key.clone());
        a.indicator == b.indicator && key(a) == key(b)
    };
    let mut changed = Vec::new();
    for older in &before.figures {
        let newer = after.figures.iter().find(|newer| same(older, newer));
        if newer.is_none_or(|newer| newer.measures != older.measures) {
            changed.push(Changed {
                before: Some(older),
                after: newer,
            });
        }
    }
    let added = after.figures.iter();
    let added = added.filter(|newer| !before.figures.iter().any(|older| same(older, newer)));
    changed.extend(added.map(|newer| Changed {
        before: None,
        after: Some(newer),
    }));
    changed
}
