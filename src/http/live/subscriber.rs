//! One who follows: a cursor in a channel most of the time, an execution of its own where it must.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};

use super::{
    channel::{Channel, Cursor, Taken},
    execution::{self, Handed, Means},
    told::Told,
};
use crate::domain::terms::Position;

/// One who follows.
pub(in crate::http) struct Subscriber {
    means: Means,
    channel: Option<Arc<Channel>>,
    source: Source,
    standing: Standing,
}

/// Where its items come from.
enum Source {
    /// An execution of its own.
    Own(mpsc::Receiver<Handed>),
    /// The channel.
    Shared(Cursor, watch::Receiver<u64>),
}

/// Up to where everything was handed to one who follows: its copies are one and the same.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct Standing(Arc<Mutex<Place>>);

#[derive(Debug, Default)]
struct Place {
    reached: Option<Position>,
    /// Where it goes on by itself, and the cursor there.
    shared: Option<(std::sync::Weak<Channel>, Cursor)>,
}

impl Standing {
    fn place(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Up to here: what comes next is after it. `None` where that is not told yet.
    pub(in crate::http) fn position(&self) -> Option<Position> {
        let place = self.place();
        match &place.shared {
            // What was looked at meanwhile, if nothing is left to take.
            Some((channel, cursor)) => {
                let channel = channel.upgrade();
                Some(channel.map_or(cursor.position(), |it| it.idle(*cursor)))
            }
            None => place.reached,
        }
    }

    fn own(&self, reached: Option<Position>) {
        *self.place() = Place {
            reached,
            shared: None,
        };
    }

    fn shared(&self, channel: &Arc<Channel>, cursor: Cursor) {
        self.place().shared = Some((Arc::downgrade(channel), cursor));
    }
}

impl Subscriber {
    /// One that takes from a channel at once.
    pub(super) fn joined(means: Means, channel: Arc<Channel>, cursor: Cursor) -> Self {
        let standing = Standing::default();
        standing.shared(&channel, cursor);
        let source = Source::Shared(cursor, channel.watch());
        Self {
            means,
            channel: Some(channel),
            source,
            standing,
        }
    }

    /// One that an execution of its own tells what it follows, at first.
    pub(super) fn alone(
        means: Means,
        channel: Option<Arc<Channel>>,
        handed: mpsc::Receiver<Handed>,
    ) -> Self {
        Self {
            means,
            channel,
            source: Source::Own(handed),
            standing: Standing::default(),
        }
    }

    /// Where it stands, as it goes on.
    pub(in crate::http) fn standing(&self) -> Standing {
        self.standing.clone()
    }

    /// What it is told next; `None` once there is nothing to come. What is let go of before it answers
    /// has taken nothing.
    pub(in crate::http) async fn next(&mut self) -> Option<Told> {
        loop {
            self.source = match &mut self.source {
                Source::Own(handed) => match handed.recv().await? {
                    Handed::Told(told, position) => {
                        self.standing.own(Some(position));
                        return Some(told);
                    }
                    Handed::Passed(position) => {
                        self.standing.own(Some(position));
                        continue;
                    }
                    Handed::Joined(cursor) => {
                        let channel = self.channel.as_ref()?;
                        Source::Shared(cursor, channel.watch())
                    }
                },
                Source::Shared(cursor, moved) => {
                    let channel = self.channel.as_ref()?;
                    moved.borrow_and_update();
                    let taken = channel.take(cursor);
                    self.standing.shared(channel, *cursor);
                    match taken {
                        Taken::Item(told) => return Some(told),
                        Taken::Nothing => {
                            moved.changed().await.ok()?;
                            continue;
                        }
                        Taken::Ended => return None,
                        Taken::Behind => {
                            let after = cursor.position();
                            self.standing.own(Some(after));
                            let own = execution::begin(self.means.clone(), Err(after));
                            Source::Own(own)
                        }
                    }
                }
            };
        }
    }
}
