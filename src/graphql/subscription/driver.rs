//! The one driver of every subscription: what was, then what comes.
//!
//! It looks at where the read models stand *before* it reads, and waits only once it has read up to
//! there: what is projected while it reads wakes the next round, so that nothing falls between the
//! two. Whoever is slow is waited for by nobody: each stream holds a position and nothing else.

use std::{future::pending, time::Duration};

use async_graphql::{Context, Result};
use futures_util::{FutureExt, Stream, future::BoxFuture};

use super::following::Following;
use crate::{
    access::Caller,
    domain::terms::Position,
    fault,
    graphql::{Means, api, fault::Fault},
    read::At,
};

/// From where a source is read on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Since {
    /// Only what comes after this position.
    pub after: Position,
    /// Whether nobody named that position: it is where the subscription begins.
    pub fresh: bool,
}

/// What was found after a position.
pub(super) struct Found<T> {
    /// What is yielded, in order, each with its position.
    pub items: Vec<(Position, T)>,
    /// Up to here everything was looked at.
    pub upto: Position,
    /// Whether there may be more right behind.
    pub more: bool,
}

/// What a subscription is made of.
pub(super) trait Source<'a>: Send + Sync + 'a {
    /// What it yields.
    type Item: Send + 'a;

    /// What there is after a position, up to the moment's.
    fn read<'s>(
        &'s mut self,
        api: Means<'a>,
        at: At,
        since: Since,
    ) -> BoxFuture<'s, Result<Found<Self::Item>, Fault>>
    where
        'a: 's;

    /// For how long nothing is looked for after an item: what comes meanwhile becomes one.
    fn rest(&self) -> Duration {
        Duration::ZERO
    }

    /// Resolves once there may be something new although nothing was recorded; never, unless told.
    fn due<'s>(&'s self, _api: Means<'a>) -> BoxFuture<'s, ()>
    where
        'a: 's,
    {
        pending().boxed()
    }
}

/// Follows a source after a position: from now on, where none is told.
pub(super) fn follow<'a, S: Source<'a>>(
    ctx: &Context<'a>,
    after: Option<Position>,
    mut source: S,
) -> Result<impl Stream<Item = Result<S::Item>> + use<'a, S>> {
    let api = api(ctx);
    let caller: Option<&'a Caller> = ctx.data_opt();
    let following = ctx.data_opt::<Following>().cloned().unwrap_or_default();
    let after = following.begin().or(after);
    let mut fresh = after.is_none();
    let mut after = after.unwrap_or_else(|| api.now(caller).position);
    // Of the log, not of the read models: those may be built anew after a start, and who has seen
    // more than they hold waits for them.
    let head = api.commands.head();
    if after > head {
        return Err(Fault::CursorAhead { asked: after, head }.into());
    }
    following.yields(after);
    following.passes(after);
    let mut progress = api.reads.watch();
    Ok(async_stream::stream! {
        loop {
            progress.borrow_and_update();
            let at = api.now(caller);
            let found = match source.read(api, at, Since { after, fresh }).await {
                Ok(found) => found,
                Err(fault) => {
                    yield Err(fault.into());
                    return;
                }
            };
            fresh = false;
            let yields = !found.items.is_empty();
            for (position, item) in found.items {
                following.yields(position);
                yield Ok(item);
                // Only now was it taken.
                after = after.max(position);
                following.passes(after);
            }
            // Whatever was passed over up to here needs no second look.
            after = after.max(found.upto);
            if fault::bug("subscriber-skips") && !found.more {
                after = after.max(api.now(caller).position);
            }
            following.passes(after);
            if yields && !source.rest().is_zero() {
                api.clock.pause(source.rest()).await;
            } else if !found.more {
                tokio::select! {
                    moved = progress.changed() => if moved.is_err() {
                        return;
                    },
                    () = source.due(api) => {}
                }
            }
        }
    })
}
