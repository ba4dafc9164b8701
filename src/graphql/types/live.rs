//! What is followed: each item with its position, what caused it, and data as of that position.

use async_graphql::{Context, Enum, Object, Result};

use super::{
    activity::{Activity, PeriodInput},
    calendar::{Calendar, Occurrence, TakenOutOccurrence},
    event::Event,
    experiment::{Experiment, ExperimentStatus},
    indicator::{Asked, IndicatorReport, IndicatorScope},
    permanence::Permanence,
};
use crate::{
    domain::{
        self,
        calendar::Occurrence as Dated,
        experiment::Status,
        permanence as permanences,
        terms::{ExperimentId, PermanenceId},
    },
    graphql::{
        api,
        scalars::{Date, Position},
    },
    read::{At, Found, activity::Scope, experiment::Filter},
};

/// Why something is told.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graphql) enum ToldBecause {
    /// It is the beginning: how things stand.
    Beginning,
    /// Something was recorded that concerns it.
    Recorded,
    /// Another day has begun.
    NewDay,
}

/// Of which moment an item is, and what caused it.
#[derive(Debug, Clone, Copy)]
pub(in crate::graphql) struct Occasion {
    pub at: At,
    pub because: ToldBecause,
    /// The event, where it was one and no more.
    pub cause: Option<domain::terms::Position>,
}

impl Occasion {
    async fn cause(self, ctx: &Context<'_>) -> Option<Result<Event>> {
        let api = api(ctx);
        match Event::itself(api, self.at, self.cause?).await {
            Ok(event) => event.map(Ok),
            Err(fault) => Some(Err(fault.into())),
        }
    }
}

/// An event that concerns an experiment, and the experiment after it.
pub(in crate::graphql) struct ExperimentChange {
    pub occasion: Occasion,
    pub id: ExperimentId,
}

/// An event that concerns an experiment, and the experiment after it.
#[Object]
impl ExperimentChange {
    /// The position of the event: what follows goes on after it.
    async fn position(&self) -> Position {
        Position(self.occasion.at.position)
    }

    /// The day that "today" stands for below: that of the recording.
    async fn valid_at(&self) -> Date {
        Date(self.occasion.at.on)
    }

    /// The event; absent where it is not for whoever asks.
    async fn cause(&self, ctx: &Context<'_>) -> Option<Result<Event>> {
        self.occasion.cause(ctx).await
    }

    /// The experiment as it was known after the event; absent where nothing of it stands then.
    async fn experiment(&self, ctx: &Context<'_>) -> Option<Result<Experiment>> {
        Experiment::find(ctx, self.occasion.at, self.id).await
    }
}

/// The permanences of one day.
pub(in crate::graphql) struct PermanencesOfDay {
    pub occasion: Occasion,
    pub zone: Option<&'static str>,
    pub dated: Vec<Dated>,
    pub permanences: Vec<Found<PermanenceId, permanences::Permanence>>,
}

/// The permanences of one day.
#[Object]
impl PermanencesOfDay {
    /// The position that all of it is of: what follows goes on after it.
    async fn position(&self) -> Position {
        Position(self.occasion.at.position)
    }

    /// Why it is told.
    async fn because(&self) -> ToldBecause {
        self.occasion.because
    }

    /// The event that caused it; absent where there were several, none, or it is not for whoever asks.
    async fn cause(&self, ctx: &Context<'_>) -> Option<Result<Event>> {
        self.occasion.cause(ctx).await
    }

    /// The day.
    async fn day(&self) -> Date {
        Date(self.occasion.at.on)
    }

    /// The code of the departement or overseas collectivity; absent where it is of all.
    async fn zone(&self) -> Option<&str> {
        self.zone
    }

    /// The time zone that tells which day it is.
    async fn time_zone(&self) -> &str {
        domain::holiday::zone(self.zone.unwrap_or_default()).name()
    }

    /// What takes place, by time.
    async fn occurrences(&self) -> Vec<Occurrence> {
        Calendar::new(self.dated.clone()).occurrences
    }

    /// What the hours provide and was taken out, by time, with the reason.
    async fn taken_out(&self) -> Vec<TakenOutOccurrence> {
        Calendar::new(self.dated.clone()).taken_out
    }

    /// The permanences of the day, those taken out included, each once, by time.
    async fn permanences(&self) -> Vec<Permanence> {
        let found = self.permanences.iter().cloned();
        found
            .map(|found| Permanence::new(self.occasion.at, found))
            .collect()
    }
}

/// Figures that are followed.
pub(in crate::graphql) struct IndicatorsChange {
    pub occasion: Occasion,
    pub of: IndicatorScope,
    pub asked: Asked,
}

/// Figures that are followed.
#[Object]
impl IndicatorsChange {
    /// The position that all of it is of: what follows goes on after it.
    async fn position(&self) -> Position {
        Position(self.occasion.at.position)
    }

    /// Why it is told.
    async fn because(&self) -> ToldBecause {
        self.occasion.because
    }

    /// The event that caused it; absent where there were several, none, or it is not for whoever asks.
    async fn cause(&self, ctx: &Context<'_>) -> Option<Result<Event>> {
        self.occasion.cause(ctx).await
    }

    /// The figures, of that position.
    async fn report(&self, ctx: &Context<'_>) -> Option<Result<IndicatorReport>> {
        let (of, asked) = (self.of.clone(), self.asked.clone());
        let report = IndicatorReport::read(ctx, self.occasion.at, of, asked);
        Some(Box::pin(report).await)
    }
}

/// The whole programme at a glance.
pub(in crate::graphql) struct ProgrammeSummary {
    pub occasion: Occasion,
}

/// The whole programme at a glance.
#[Object]
impl ProgrammeSummary {
    /// The position that all of it is of: what follows goes on after it.
    async fn position(&self) -> Position {
        Position(self.occasion.at.position)
    }

    /// The day that "today" stands for.
    async fn valid_at(&self) -> Date {
        Date(self.occasion.at.on)
    }

    /// Why it is told.
    async fn because(&self) -> ToldBecause {
        self.occasion.because
    }

    /// The event that caused it; absent where there were several, none, or it is not for whoever asks.
    async fn cause(&self, ctx: &Context<'_>) -> Option<Result<Event>> {
        self.occasion.cause(ctx).await
    }

    /// How many experiments are known.
    async fn experiments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that have this status today.")] status: Option<
            ExperimentStatus,
        >,
    ) -> Result<u64> {
        let api = api(ctx);
        let filter = Filter {
            statuses: status.map(|status| vec![Status::from(status)]),
            ..Filter::default()
        };
        let count = api.reads.count_experiments(self.occasion.at, &filter).await;
        Ok(count.map_err(|error| api.failed_read(&error))?)
    }

    /// What was done in the sessions of the whole programme, counted.
    async fn activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which days; of all unless told.")] period: Option<PeriodInput>,
    ) -> Option<Result<Activity>> {
        let activity = Activity::read(ctx, self.occasion.at, Scope::Programme, period);
        Some(Box::pin(activity).await)
    }
}
