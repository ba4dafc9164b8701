//! One execution of what is followed: at first for one subscriber, then for all.
//!
//! It runs in a task of its own, so that a client who takes nothing never stops it in the midst of a
//! read. As soon as what its subscriber still wants is kept in the channel, it ends; where nobody leads
//! there, and it has come near the present, it leads itself.

use std::{
    pin::Pin,
    sync::{Arc, Weak},
};

use async_graphql::Response as Answer;
use futures_util::{Stream, StreamExt};
use tokio::sync::{
    mpsc::{self, Sender},
    oneshot, watch,
};

use super::{
    channel::{Channel, Cursor, Leading, Outdated},
    hub::Shared,
    plan::{Plan, Prepared},
    told::Told,
};
use crate::{
    domain::terms::Position,
    graphql::{self, Following, Schema},
    limits::{FOLLOWED_WAITING_MAX, SUBSCRIPTION_PAGE},
};

/// What an execution hands to its one subscriber.
pub(super) enum Handed {
    /// What it tells, with the position up to which it has told everything.
    Told(Told, Position),
    /// There is nothing up to a position.
    Passed(Position),
    /// The rest is to be had from the channel.
    Joined(Cursor),
}

/// What an execution is made with.
#[derive(Clone)]
pub(super) struct Means {
    pub schema: Schema,
    pub hub: Arc<Shared>,
    pub plan: Arc<Plan>,
    /// Where the rest may be had; nowhere, where nothing is shared.
    pub channel: Weak<Channel>,
}

type Answers = Pin<Box<dyn Stream<Item = Answer> + Send>>;

/// One that runs.
struct Execution {
    means: Means,
    answers: Answers,
    following: Following,
    passed: watch::Receiver<Position>,
    /// How many persons had been erased when it began.
    erasures: u64,
    /// The number of the item that the channel took next when it began.
    began: u64,
    /// What its subscriber has of it, once it has anything.
    told: Option<Position>,
}

/// Begins an execution after a position, or as it was prepared: what hands over what it tells.
pub(super) fn begin(means: Means, prepared: Result<Prepared, Position>) -> mpsc::Receiver<Handed> {
    let (handing, handed) = mpsc::channel(FOLLOWED_WAITING_MAX);
    let span = tracing::Span::current();
    let run = async move {
        let execution = match prepared {
            Ok(prepared) => Execution::new(means, prepared),
            Err(after) => match Execution::after(means, after).await {
                Ok(execution) => execution,
                Err(told) => {
                    let _gone = handing.send(Handed::Told(told, after)).await;
                    return;
                }
            },
        };
        execution.run(handing).await;
    };
    tokio::spawn(tracing::Instrument::instrument(run, span));
    handed
}

impl Execution {
    fn new(means: Means, prepared: Prepared) -> Self {
        let Prepared { request, following } = prepared;
        Self {
            erasures: means.hub.erasures(),
            began: means.channel.upgrade().map_or(0, |it| it.next()),
            passed: following.watch(),
            answers: Box::pin(means.schema.execute_stream(request)),
            following,
            told: None,
            means,
        }
    }

    async fn after(means: Means, after: Position) -> Result<Self, Told> {
        let prepared = means.plan.again(&means.schema, after).await;
        Ok(Self::new(means, prepared?))
    }

    /// Up to where its subscriber is known to have everything; `None` while what was asked is not yet
    /// known to be right, or not yet answered.
    fn reached(&self) -> Option<Position> {
        let by_event = self.means.plan.beginning.as_ref()?.by_event;
        let looks = if by_event { 1 } else { 2 };
        let passed = (self.following.looks() >= looks).then(|| self.following.passed());
        self.told.max(passed)
    }

    /// Whether it has come near the present.
    fn is_near(&self, reached: Position) -> bool {
        let now = graphql::now(&self.means.schema, &self.means.plan.caller);
        now.is_some_and(|now| now.position().0 <= reached.0 + u64::from(SUBSCRIPTION_PAGE))
    }

    async fn run(mut self, handing: Sender<Handed>) {
        let mut passed = None;
        loop {
            if let Some(reached) = self.reached()
                && let Some(channel) = self.means.channel.upgrade()
            {
                if let Some(cursor) = channel.join(reached, self.began) {
                    let _gone = handing.send(Handed::Joined(cursor)).await;
                    return;
                }
                if self.is_near(reached)
                    && let Some((cursor, nobody)) = channel.lead(reached)
                {
                    let leading = Leading(Arc::downgrade(&channel));
                    let _gone = handing.send(Handed::Joined(cursor)).await;
                    drop((handing, channel));
                    self.lead(leading, nobody).await;
                    return;
                }
            }
            tokio::select! {
                biased;
                () = handing.closed() => return,
                answer = self.answers.next() => {
                    let Some(answer) = answer else { return };
                    let first = self.told.is_none();
                    let told = self.told(answer, first);
                    let position = self.following.position();
                    let ends = matches!(told, Told::Failed(_));
                    if handing.send(Handed::Told(told, position)).await.is_err() || ends {
                        return;
                    }
                    self.told = self.told.max(Some(position));
                }
                permit = handing.reserve(), if passed.is_some() => {
                    if let (Ok(permit), Some(position)) = (permit, passed.take()) {
                        permit.send(Handed::Passed(position));
                    }
                }
                moved = self.passed.changed() => {
                    if moved.is_err() { return }
                    passed = Some(*self.passed.borrow_and_update());
                }
            }
        }
    }

    fn told(&self, answer: Answer, first: bool) -> Told {
        self.means.hub.executes();
        Told::of(answer, &self.following, &self.means.plan.caller, first)
    }

    /// Hands in what it tells, until nobody follows any more, or it ends.
    async fn lead(mut self, leading: Leading, mut nobody: oneshot::Receiver<()>) {
        loop {
            let handed_in = tokio::select! {
                biased;
                _ = &mut nobody => return,
                answer = self.answers.next() => {
                    let Some(answer) = answer else { return };
                    let told = self.told(answer, false);
                    let Some(channel) = leading.0.upgrade() else { return };
                    channel.push(told, self.following.position(), self.erasures)
                }
                moved = self.passed.changed() => {
                    let Some(channel) = leading.0.upgrade() else { return };
                    if moved.is_err() { return }
                    channel.pass(*self.passed.borrow_and_update());
                    Ok(())
                }
            };
            // What it has just told may name who was erased meanwhile: told anew, it does not.
            if handed_in == Err(Outdated) {
                let after = leading.0.upgrade().map(|it| it.passed());
                let Some(after) = after else { return };
                let means = self.means.clone();
                self = match Self::after(means, after).await {
                    Ok(again) => again,
                    Err(told) => {
                        let Some(channel) = leading.0.upgrade() else {
                            return;
                        };
                        let erasures = self.means.hub.erasures();
                        // Should another be erased at this very moment, it ends without a word.
                        let _ended = channel.push(told, after, erasures);
                        return;
                    }
                };
            }
        }
    }
}
