//! Events: the history, as it was recorded.

use async_graphql::{Context, ID, Object, Result};

use super::{
    common::{Source, ValidPeriod},
    experiment::Experiment,
};
use crate::{
    domain::{
        event::{self as domain, Recorded},
        permanence::PermanenceEvent,
        sentence,
        terms::VenueId,
    },
    graphql::{
        Api,
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
    sentence: String,
}

impl Event {
    /// Up to `limit` events after a position, told in French.
    pub(in crate::graphql) async fn page(
        api: &Api,
        at: At,
        of: Of,
        after: crate::domain::terms::Position,
        limit: u32,
    ) -> Result<Vec<Self>, Fault> {
        let read = async {
            let events = api.reads.history(at, of, after, limit).await?;
            let venues = events.iter().filter_map(named_venue);
            let names = api.reads.venue_names(at, venues).await?;
            Ok((events, names))
        };
        let (events, names) = read.await.map_err(|error| api.failed_read(&error))?;
        Ok(events
            .into_iter()
            .map(|recorded| Self {
                at,
                sentence: sentence::tell(&recorded.fact, |venue| names.get(&venue).cloned()),
                recorded,
            })
            .collect())
    }

    /// Where a page or a subscription goes on after it.
    pub(in crate::graphql) fn cursor(&self) -> String {
        self.recorded.position.to_string()
    }

    pub(in crate::graphql) const fn place(&self) -> crate::domain::terms::Position {
        self.recorded.position
    }
}

/// The venue that the sentence of an event names.
fn named_venue(recorded: &Recorded) -> Option<VenueId> {
    let domain::Event::Permanence(_, event) = &recorded.fact.event else {
        return None;
    };
    match event {
        PermanenceEvent::Scheduled(terms) => Some(terms.venue),
        PermanenceEvent::Rescheduled(change) => change.venue,
        PermanenceEvent::Suspended(_)
        | PermanenceEvent::Resumed(_)
        | PermanenceEvent::Closed(_) => None,
    }
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
    async fn sentence(&self) -> &str {
        &self.sentence
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

    /// Whether it was invented, for tests or demonstration.
    async fn synthetic(&self) -> bool {
        self.recorded.fact.saying.synthetic
    }

    /// The id of the subject it happened to: an experiment, a venue, a
    /// permanence, an adviser or a session.
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
