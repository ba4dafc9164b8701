//! Subscriptions.
//!
//! Each field names a [`Source`](driver::Source); one [`driver`] follows them all. There are two
//! sorts. What is told event by event ([`events`], [`changes`]) is of each event's own position: the
//! same item for whoever asks, whenever. What stands ([`state`], [`permanences`]) is told as it is at
//! the position that is read, and again when that may be otherwise.

mod beginning;
mod changes;
mod driver;
mod events;
mod following;
mod permanences;
mod state;

use std::time::Duration;

use async_graphql::{Context, ID, Result, Subscription as Subscribing};
use futures_util::Stream;

use super::{
    fault::Fault,
    id::NodeId,
    scalars::Position,
    types::{
        activity::PeriodInput,
        event::Event,
        indicator::{Asked, IndicatorGrouping, IndicatorScope},
        live::{ExperimentChange, IndicatorsChange, Occasion, PermanencesOfDay, ProgrammeSummary},
    },
};
use crate::{
    domain::terms::place::departement,
    limits::{EVERY_SECONDS, EVERY_SECONDS_DEFAULT},
    read::touch::Touching,
};
use changes::Changes;
use events::{EventFilter, Events};
use permanences::Permanences;
use state::{Standing, Watch};

pub use beginning::{Beginning, beginning};
pub use following::Following;

/// What can be followed.
#[derive(Debug, Default, Clone, Copy)]
pub struct Subscription;

/// The kinds of subjects that figures are computed from.
const COUNTED: &[&str] = &["experiment", "venue", "permanence", "session", "cost"];

/// How long an item rests, of what a client asks for.
fn every(asked: Option<i32>) -> Result<Duration, Fault> {
    let asked = asked.unwrap_or(EVERY_SECONDS_DEFAULT);
    let granted = Some(asked).filter(|asked| EVERY_SECONDS.contains(asked));
    let granted = granted.and_then(|asked| u64::try_from(asked).ok());
    granted.map(Duration::from_secs).ok_or(Fault::Every {
        asked,
        min: *EVERY_SECONDS.start(),
        max: *EVERY_SECONDS.end(),
    })
}

/// What can be followed.
#[Subscribing]
impl Subscription {
    /// Every event, in order, each once: first those after a position, then those to come. Goes
    /// on from any position without a gap. Each is as it was when it was recorded: what is asked of it
    /// is of its own position.
    #[expect(clippy::unused_async, reason = "the library asks for it")]
    async fn events<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Only what comes after this position; from now on unless told.")]
        after: Option<Position>,
        #[graphql(desc = "Only what concerns the experiment of this id.")] experiment_id: Option<
            ID,
        >,
        #[graphql(desc = "Which ones.")] filter: Option<EventFilter>,
    ) -> Result<impl Stream<Item = Result<Event>> + use<'a>> {
        let events = Events::of(experiment_id.as_ref(), filter.unwrap_or_default())?;
        driver::follow(ctx, after.map(|after| after.0), events)
    }

    /// Each event that concerns an experiment, its venues, permanences and sessions included, with the
    /// experiment as it was known after it.
    #[expect(clippy::unused_async, reason = "the library asks for it")]
    async fn experiment_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Its opaque id.")] id: ID,
        #[graphql(desc = "Only what comes after this position; from now on unless told.")]
        after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<ExperimentChange>> + use<'a>> {
        let id = NodeId::subject(&id).ok_or(Fault::UnknownId)?;
        driver::follow(ctx, after.map(|after| after.0), Changes::of(id))
    }

    /// The permanences of the day: at once, and anew when an event touches what decides on them, and
    /// when another day begins.
    #[expect(clippy::unused_async, reason = "the library asks for it")]
    async fn permanences_today<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(
            desc = "The code of a departement or overseas collectivity: its permanences, and its \
                    day. All of them, on the day of metropolitan France, unless told."
        )]
        zone: Option<String>,
        #[graphql(
            desc = "Nothing at once, unless something came after this position or another day began."
        )]
        after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<PermanencesOfDay>> + use<'a>> {
        let zone = zone.as_deref().map(|code| {
            departement(code).ok_or_else(|| Fault::UnknownDepartement {
                code: code.chars().take(60).collect(),
            })
        });
        let zone = zone.transpose()?.map(|known| known.code);
        driver::follow(ctx, after.map(|after| after.0), Permanences::of(zone))
    }

    /// The figures of a scope, the whole programme unless told: at once, and computed anew when
    /// something was recorded that they may rest on, and when another day begins. What comes within
    /// `every` seconds is told together; the last change is always told.
    #[expect(clippy::too_many_arguments, reason = "those of the query, and two")]
    #[expect(clippy::unused_async, reason = "the library asks for it")]
    async fn indicators<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Of what; of the whole programme unless told.")] of: Option<
            IndicatorScope,
        >,
        #[graphql(desc = "Over which days; from the first launch to today unless told.")]
        period: Option<PeriodInput>,
        #[graphql(desc = "Broken down by what.")] by: Option<IndicatorGrouping>,
        #[graphql(desc = "The codes of the indicators; all of them unless told.")] codes: Option<
            Vec<String>,
        >,
        #[graphql(
            desc = "How many seconds lie between two items at least, 1 to 3600; 5 unless told."
        )]
        every: Option<i32>,
        #[graphql(
            desc = "Nothing at once, unless something came after this position or another day began."
        )]
        after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<IndicatorsChange>> + use<'a>> {
        let of = of.unwrap_or_default();
        let asked = Asked { period, by, codes };
        asked.check()?;
        let experiment = of.clone().parse()?.experiment;
        let touching = Touching {
            experiments: experiment.map(|id| vec![id]),
            kinds: COUNTED,
            open: true,
        };
        let standing = Standing {
            watch: Watch::new(touching, None),
            rest: self::every(every)?,
            tell: move |occasion: Occasion| IndicatorsChange {
                occasion,
                of: of.clone(),
                asked: asked.clone(),
            },
        };
        driver::follow(ctx, after.map(|after| after.0), standing)
    }

    /// The whole programme at a glance: at once, and anew when something was recorded that it may rest
    /// on, and when another day begins. What comes within `every` seconds is told together.
    #[expect(clippy::unused_async, reason = "the library asks for it")]
    async fn programme_summary<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(
            desc = "How many seconds lie between two items at least, 1 to 3600; 5 unless told."
        )]
        every: Option<i32>,
        #[graphql(
            desc = "Nothing at once, unless something came after this position or another day began."
        )]
        after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<ProgrammeSummary>> + use<'a>> {
        let touching = Touching {
            kinds: COUNTED,
            ..Touching::default()
        };
        let standing = Standing {
            watch: Watch::new(touching, None),
            rest: self::every(every)?,
            tell: |occasion| ProgrammeSummary { occasion },
        };
        driver::follow(ctx, after.map(|after| after.0), standing)
    }
}
