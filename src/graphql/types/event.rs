//! Events: the history, as it was recorded.

use async_graphql::{Context, ID, Object, Result};

use super::{
    common::{Source, ValidPeriod},
    experiment::Experiment,
};
use crate::{
    domain::{
        event::{self as domain, Recorded, StreamId},
        sentence,
        terms::Text,
    },
    graphql::{
        Means, api,
        fault::Fault,
        id::NodeId,
        scalars::{Instant, Position},
    },
    read::{At, history::Of},
};

/// Something that was recorded.
pub(in crate::graphql) struct Event {
    at: At,
    recorded: Recorded,
    /// Where it was told already, with others.
    sentence: Option<String>,
    /// What took its place since, if anything did.
    since: Option<Since>,
}

/// What took the place of an event.
#[derive(Clone, Copy)]
struct Since {
    position: crate::domain::terms::Position,
    /// Whether its lineage now ends with a retraction.
    retracted: bool,
}

/// Whether an entry still stands.
#[derive(async_graphql::Enum, Clone, Copy, PartialEq, Eq)]
pub(in crate::graphql) enum EntryStanding {
    /// It stands, or is itself the last word in its place.
    Stands,
    /// A later entry took its place.
    Superseded,
    /// It was retracted, by itself or once corrected.
    Retracted,
}

impl Event {
    /// Up to `limit` events after a position, told in French.
    pub(in crate::graphql) async fn page(
        api: Means<'_>,
        at: At,
        of: Of,
        after: crate::domain::terms::Position,
        limit: u32,
    ) -> Result<Vec<Self>, Fault> {
        let read = api.reads.history(at, of, after, limit).await;
        let events = read.map_err(|error| api.failed_read(&error))?;
        Self::told(api, at, events).await
    }

    /// The events at some positions, told in French.
    pub(in crate::graphql) async fn at(
        api: Means<'_>,
        at: At,
        positions: &[crate::domain::terms::Position],
    ) -> Result<Vec<Self>, Fault> {
        let read = api.reads.at_positions(at, positions).await;
        let events = read.map_err(|error| api.failed_read(&error))?;
        Self::told(api, at, events).await
    }

    /// One event, told in French.
    pub(in crate::graphql) async fn one(
        api: Means<'_>,
        at: At,
        event: Option<Recorded>,
    ) -> Result<Option<Self>, Fault> {
        Ok(Self::told(api, at, event.into_iter().collect())
            .await?
            .pop())
    }

    /// Some events, told in French, each with what took its place since.
    async fn told(api: Means<'_>, at: At, events: Vec<Recorded>) -> Result<Vec<Self>, Fault> {
        let subjects: Vec<StreamId> = events
            .iter()
            .filter_map(|it| sentence::named(&it.fact))
            .collect();
        let read = async {
            let names = api.reads.names(at, subjects).await?;
            let places = events.iter().map(|event| event.place);
            Ok((names, api.reads.corrections(at, places).await?))
        };
        let (names, corrections) = read.await.map_err(|error| api.failed_read(&error))?;
        Ok(events
            .into_iter()
            .map(|recorded| Self {
                at,
                sentence: Some(sentence::tell(&recorded.fact, |named| {
                    names.get(&named).cloned()
                })),
                since: since(&recorded, &corrections),
                recorded,
            })
            .collect())
    }

    /// An event as it was when it was recorded: what is asked of it is of its own position, and of the
    /// civil date of that moment, whoever asks and whenever.
    pub(in crate::graphql) fn of_itself(at: At, recorded: Recorded) -> Self {
        Self {
            at: at.when(recorded.position, recorded.recorded_at),
            recorded,
            sentence: None,
            since: None,
        }
    }

    /// The event at a position, as it was when it was recorded; `None` where it is not seen.
    pub(in crate::graphql) async fn itself(
        api: Means<'_>,
        at: At,
        position: crate::domain::terms::Position,
    ) -> Result<Option<Self>, Fault> {
        let read = api.reads.at_positions(at, &[position]).await;
        let mut events = read.map_err(|error| api.failed_read(&error))?;
        Ok(events.pop().map(|recorded| Self::of_itself(at, recorded)))
    }

    /// Where a page goes on after it.
    pub(in crate::graphql) fn cursor(&self) -> String {
        self.recorded.position.to_string()
    }
}

/// What took the place of an event, among the corrections of its lineage.
fn since(event: &Recorded, corrections: &[Recorded]) -> Option<Since> {
    let mut later = corrections
        .iter()
        .filter(|known| known.place == event.place && known.position > event.position);
    let next = later.next()?;
    let last = later.next_back().unwrap_or(next);
    Some(Since {
        position: next.position,
        retracted: matches!(last.fact.event, domain::Event::Retracted(_)),
    })
}

/// Something that was recorded: what, when it is so, when the log learnt it, by whom, on what
/// source.
#[Object]
impl Event {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::Event(self.recorded.position).into()
    }

    /// Its place in the log: 1, 2, 3 ... without a gap.
    async fn position(&self) -> Position {
        Position(self.recorded.position)
    }

    /// What kind of event it is, in a stable code.
    async fn kind(&self) -> &'static str {
        self.recorded.fact.event.kind()
    }

    /// What happened, in a French sentence.
    async fn sentence(&self, ctx: &Context<'_>) -> Result<String> {
        if let Some(told) = &self.sentence {
            return Ok(told.clone());
        }
        let api = api(ctx);
        let fact = &self.recorded.fact;
        let names = api.reads.names(self.at, sentence::named(fact)).await;
        let names = names.map_err(|error| api.failed_read(&error))?;
        Ok(sentence::tell(fact, |named| names.get(&named).cloned()))
    }

    /// When it is so in the world.
    async fn valid(&self) -> ValidPeriod {
        self.recorded.fact.saying.valid.into()
    }

    /// When the log learnt it.
    async fn recorded_at(&self) -> Instant {
        self.recorded.recorded_at.into()
    }

    /// Who recorded it.
    async fn actor(&self) -> &str {
        self.recorded.actor.as_str()
    }

    /// On what source.
    async fn source(&self) -> Source {
        (&self.recorded.fact.saying).into()
    }

    /// The position of the earlier event that it corrects, if it corrects one.
    async fn corrects(&self) -> Option<Position> {
        let corrects = self.recorded.fact.saying.corrects.as_ref()?;
        Some(Position(corrects.entry))
    }

    /// Why it corrects that one.
    async fn correction_reason(&self) -> Option<&str> {
        let corrects = self.recorded.fact.saying.corrects.as_ref()?;
        corrects.reason.as_ref().map(Text::as_str)
    }

    /// The position of the later event that corrects or retracts it, if one does by the moment of
    /// this answer.
    async fn corrected_by(&self) -> Option<Position> {
        self.since.map(|since| Position(since.position))
    }

    /// Whether what it says still stands at the moment of this answer.
    async fn standing(&self) -> EntryStanding {
        match self.since {
            None => EntryStanding::Stands,
            Some(Since {
                retracted: true, ..
            }) => EntryStanding::Retracted,
            Some(_) => EntryStanding::Superseded,
        }
    }

    /// Its lineage: the entry that was there first, and every correction of it, in the order they
    /// were recorded, itself included.
    async fn lineage(&self, ctx: &Context<'_>) -> Result<Vec<Self>> {
        let api = api(ctx);
        let place = self.recorded.place;
        let read = async {
            let mut events = api.reads.at_positions(self.at, &[place]).await?;
            events.extend(api.reads.corrections(self.at, [place]).await?);
            Ok(events)
        };
        let events = read.await.map_err(|error| api.failed_read(&error))?;
        Ok(Self::told(api, self.at, events).await?)
    }

    /// Whether it was invented, for tests or demonstration.
    async fn synthetic(&self) -> bool {
        self.recorded.fact.saying.synthetic
    }

    /// The id of the subject it happened to: an experiment, a venue, a permanence, an adviser, a
    /// session, an operator, a funding agreement, a cost, an import, a labelled site, a report, a
    /// service token or a holder of grants.
    async fn subject_id(&self) -> ID {
        NodeId::from(self.recorded.fact.event.stream()).into()
    }

    /// The version of the subject after it.
    async fn subject_version(&self) -> u64 {
        self.recorded.version
    }

    /// The experiment it concerns, if it concerns one.
    async fn experiment(&self, ctx: &Context<'_>) -> Option<Result<Experiment>> {
        let id = self.recorded.fact.event.experiment()?;
        Experiment::find(ctx, self.at, id).await
    }
}
