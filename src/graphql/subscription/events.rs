//! Every event, in order, or some of them.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{ID, InputObject};
use futures_util::{FutureExt, future::BoxFuture};

use super::driver::{Found, Since, Source};
use crate::{
    domain::{
        event::{Event as Happened, KINDS, Recorded, StreamId},
        terms::{ExperimentId, PermanenceId, Position},
    },
    graphql::{Means, fault::Fault, id::NodeId, types::event::Event},
    limits::{EVENT_KINDS_MAX, SUBSCRIPTION_PAGE},
    read::{At, history::Of},
};

/// Which events. All that is named must be so.
#[derive(InputObject, Default)]
pub(in crate::graphql) struct EventFilter {
    /// What concerns this experiment: its own, and those of its venues, permanences and sessions.
    experiment_id: Option<ID>,
    /// What concerns this permanence: its own, and those of its sessions.
    permanence_id: Option<ID>,
    /// Those of one of these kinds, by their stable codes, at most 100.
    kinds: Option<Vec<String>>,
}

/// The events of the log, or some of them.
pub(super) struct Events {
    of: Of,
    experiments: Vec<ExperimentId>,
    permanence: Option<PermanenceId>,
    kinds: Option<BTreeSet<String>>,
}

impl Events {
    /// Those that a filter tells, and that concern an experiment where one is told.
    pub(super) fn of(experiment: Option<&ID>, filter: EventFilter) -> Result<Self, Fault> {
        let experiments: Vec<ExperimentId> = [experiment, filter.experiment_id.as_ref()]
            .into_iter()
            .flatten()
            .map(|id| NodeId::subject(id).ok_or(Fault::UnknownId))
            .collect::<Result<_, _>>()?;
        let permanence = filter.permanence_id.as_ref();
        let permanence = permanence.map(|id| NodeId::subject(id).ok_or(Fault::UnknownId));
        let kinds = filter.kinds.unwrap_or_default();
        if kinds.len() > EVENT_KINDS_MAX {
            return Err(Fault::TooManyKinds {
                max: EVENT_KINDS_MAX,
            });
        }
        if let Some(unknown) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
            let kind = unknown.chars().take(60).collect();
            return Err(Fault::UnknownKind { kind });
        }
        Ok(Self {
            of: experiments
                .first()
                .map_or(Of::All, |experiment| Of::Experiment(*experiment)),
            experiments,
            permanence: permanence.transpose()?,
            kinds: (!kinds.is_empty()).then(|| kinds.into_iter().collect()),
        })
    }

    async fn page(&self, api: Means<'_>, at: At, after: Position) -> Result<Found<Event>, Fault> {
        let read = api.reads.history(at, self.of, after, SUBSCRIPTION_PAGE);
        let page = read.await.map_err(|error| api.failed_read(&error))?;
        let more = page.len() == SUBSCRIPTION_PAGE as usize;
        let last = page.last().map(|recorded| recorded.position);
        let sessions = self.sessions(api, at, &page).await?;
        let events = page.into_iter().filter(|it| self.has(it, &sessions));
        Ok(Found {
            items: events
                .map(|recorded| (recorded.position, Event::of_itself(at, recorded)))
                .collect(),
            // What was not full was looked at to the end.
            upto: last.filter(|_| more).unwrap_or(at.position),
            more,
        })
    }

    fn has(&self, recorded: &Recorded, sessions: &BTreeMap<Position, PermanenceId>) -> bool {
        let event = &recorded.fact.event;
        let mut experiments = self.experiments.iter();
        experiments.all(|only| event.experiment() == Some(*only))
            && self
                .kinds
                .as_ref()
                .is_none_or(|kinds| kinds.contains(event.kind()))
            && self.permanence.is_none_or(|only| {
                let of = permanence(event).or_else(|| sessions.get(&recorded.place).copied());
                of == Some(only)
            })
    }

    /// The permanences of those sessions of which an entry was retracted, by the place of the entry:
    /// the retraction itself does not name them.
    async fn sessions(
        &self,
        api: Means<'_>,
        at: At,
        page: &[Recorded],
    ) -> Result<BTreeMap<Position, PermanenceId>, Fault> {
        if self.permanence.is_none() {
            return Ok(BTreeMap::new());
        }
        let retracted = page.iter().filter(|recorded| {
            matches!(&recorded.fact.event, Happened::Retracted(retraction)
                if matches!(retraction.subject, StreamId::Session(_)))
        });
        let places: Vec<Position> = retracted.map(|recorded| recorded.place).collect();
        let first = api.reads.at_positions(at, &places).await;
        let first = first.map_err(|error| api.failed_read(&error))?.into_iter();
        Ok(first
            .filter_map(|first| Some((first.position, permanence(&first.fact.event)?)))
            .collect())
    }
}

/// The permanence that an event names.
fn permanence(event: &Happened) -> Option<PermanenceId> {
    match event {
        Happened::Permanence(key, _) => Some(key.permanence),
        Happened::Session(key, _) => Some(key.permanence),
        Happened::Retracted(retraction) => PermanenceId::try_from(retraction.subject).ok(),
        Happened::Experiment(..)
        | Happened::Venue(..)
        | Happened::Adviser(..)
        | Happened::Operator(..)
        | Happened::Agreement(..)
        | Happened::Cost(..)
        | Happened::Import(..)
        | Happened::Site(..)
        | Happened::Report(..)
        | Happened::Token(..)
        | Happened::Holder(..) => None,
    }
}

impl<'a> Source<'a> for Events {
    type Item = Event;

    fn read<'s>(
        &'s mut self,
        api: Means<'a>,
        at: At,
        since: Since,
    ) -> BoxFuture<'s, Result<Found<Event>, Fault>>
    where
        'a: 's,
    {
        self.page(api, at, since.after).boxed()
    }
}
