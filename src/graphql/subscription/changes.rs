//! What happens to one experiment.

use futures_util::{FutureExt, future::BoxFuture};

use super::driver::{Found, Since, Source};
use crate::{
    domain::terms::{ExperimentId, Position},
    graphql::{
        Means,
        fault::Fault,
        types::live::{ExperimentChange, Occasion, ToldBecause},
    },
    limits::SUBSCRIPTION_PAGE,
    read::{
        At,
        touch::{Order, Touching},
    },
};

/// The events that concern an experiment.
pub(super) struct Changes {
    id: ExperimentId,
    touching: Touching,
}

impl Changes {
    pub(super) fn of(id: ExperimentId) -> Self {
        let touching = Touching {
            experiments: Some(vec![id]),
            ..Touching::default()
        };
        Self { id, touching }
    }

    async fn page(
        &self,
        api: Means<'_>,
        at: At,
        after: Position,
    ) -> Result<Found<ExperimentChange>, Fault> {
        let oldest = (Order::Oldest, SUBSCRIPTION_PAGE);
        let touches = api.reads.touches(at, &self.touching, after, oldest).await;
        let touches = touches.map_err(|error| api.failed_read(&error))?;
        let more = touches.len() == SUBSCRIPTION_PAGE as usize;
        let last = touches.last().map(|touch| touch.position);
        let items = touches.into_iter().map(|touch| {
            let occasion = Occasion {
                at: at.when(touch.position, touch.recorded_at),
                because: ToldBecause::Recorded,
                cause: Some(touch.position),
            };
            (
                touch.position,
                ExperimentChange {
                    occasion,
                    id: self.id,
                },
            )
        });
        Ok(Found {
            items: items.collect(),
            upto: last.filter(|_| more).unwrap_or(at.position),
            more,
        })
    }
}

impl<'a> Source<'a> for Changes {
    type Item = ExperimentChange;

    fn read<'s>(
        &'s mut self,
        api: Means<'a>,
        at: At,
        since: Since,
    ) -> BoxFuture<'s, Result<Found<ExperimentChange>, Fault>>
    where
        'a: 's,
    {
        self.page(api, at, since.after).boxed()
    }
}
