//! Subscriptions.

use async_graphql::{Context, ID, Result, Subscription as Subscribing};
use futures_util::Stream;

use super::{api, fault::Fault, id::NodeId, scalars::Position, types::event::Event};
use crate::{access::Caller, fault, limits::SUBSCRIPTION_PAGE, read::history::Of};

/// What can be followed.
#[derive(Debug, Default, Clone, Copy)]
pub struct Subscription;

/// What can be followed.
#[Subscribing]
impl Subscription {
    /// Every event, in order, each once: first those after a position, then those to come. Goes
    /// on from any position without a gap.
    #[expect(clippy::unused_async, reason = "the library asks for it")]
    async fn events<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Only what comes after this position; from now on unless told.")]
        after: Option<Position>,
        #[graphql(desc = "Only what concerns the experiment of this id.")] experiment_id: Option<
            ID,
        >,
    ) -> Result<impl Stream<Item = Result<Event>> + use<'a>> {
        let api = api(ctx);
        let caller: Option<&'a Caller> = ctx.data_opt();
        let of = match experiment_id {
            Some(id) => Of::Experiment(NodeId::subject(&id).ok_or(Fault::UnknownId)?),
            None => Of::All,
        };
        let after = after.map_or_else(|| api.now(caller).position, |after| after.0);
        // Of the log, not of the read models: those may be built anew after a start, and who has
        // seen more than they hold waits for them.
        let head = api.commands.head();
        if after > head {
            return Err(Fault::CursorAhead { asked: after, head }.into());
        }
        let mut progress = api.reads.watch();
        let mut after = after;
        Ok(async_stream::stream! {
            loop {
                // Looked at before reading: what is projected while a page is read wakes the next
                // round, so nothing can fall between the page and the wait.
                progress.borrow_and_update();
                let at = api.now(caller);
                let page = match Event::page(api, at, of, after, SUBSCRIPTION_PAGE).await {
                    Ok(page) => page,
                    Err(fault) => {
                        yield Err(fault.into());
                        return;
                    }
                };
                let full = page.len() == SUBSCRIPTION_PAGE as usize;
                for event in page {
                    after = event.log_position();
                    yield Ok(event);
                }
                if !full {
                    // Whatever the filter passed over up to here needs no second look.
                    after = after.max(at.position);
                    if fault::bug("subscriber-skips") {
                        after = after.max(api.now(caller).position);
                    }
                    if progress.changed().await.is_err() {
                        return;
                    }
                }
            }
        })
    }
}
