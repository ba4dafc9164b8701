//! A subscriber: it follows, is cut or cuts, comes back with the last position it saw, and is told
//! exactly what there was to tell.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use crate::{
    ask::pause,
    harness::{
        chance::Chance,
        failure::{Checked, fail, hold},
    },
    notes::Truth,
    server::{Lives, PATIENCE},
    stream::{Connection, To, Told, Transport},
    world::{Filter, Of},
};

/// How often what happened.
pub(crate) type Counts = Arc<Mutex<BTreeMap<String, u64>>>;

/// What is followed, and what was told of it.
#[derive(Debug)]
pub(crate) struct Followed {
    pub(crate) filter: Filter,
    /// From after this position.
    pub(crate) begun: u64,
    cursor: u64,
    seen: Vec<u64>,
}

/// Who follows.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) transport: Transport,
    pub(crate) token: String,
    /// The experiments that it is shown are those below this number.
    pub(crate) shown: u16,
    /// The bad link; nothing for who is connected to the program itself.
    pub(crate) proxy: Option<SocketAddr>,
    pub(crate) lives: Lives,
    pub(crate) followed: Vec<Followed>,
    /// Whether it goes on from where it was told that nothing else was, too.
    pub(crate) trusts_heartbeats: bool,
    pub(crate) chance: Chance,
    pub(crate) counts: Counts,
    pub(crate) http: reqwest::Client,
}

impl Followed {
    pub(crate) fn new(filter: Filter, begun: u64) -> Self {
        Self {
            filter,
            begun,
            cursor: begun,
            seen: Vec::new(),
        }
    }

    fn take(&mut self, position: u64) -> Checked {
        let last = self.seen.last().copied().unwrap_or(self.begun);
        hold(position > last && position > self.cursor, || {
            format!(
                "{:?} after {}: told {position} after {last}, going on from {}",
                self.filter, self.begun, self.cursor
            )
        })?;
        self.seen.push(position);
        self.cursor = position;
        Ok(())
    }
}

impl Subscriber {
    /// Follows until it was told all that there is.
    pub(crate) async fn run(
        mut self,
        mut truth: watch::Receiver<Option<Arc<Truth>>>,
    ) -> Checked<u64> {
        let mut expected: Option<Vec<Vec<u64>>> = None;
        let mut patience = None;
        loop {
            let Some(mut connection) = self.connect().await else {
                let wait = Duration::from_micros(self.chance.below(30_000));
                pause(wait).await;
                if let Some(patience) = patience
                    && Instant::now() > patience
                {
                    return self.stalls(expected.as_deref());
                }
                continue;
            };
            // Some hold for as long as they can.
            let mut left = match self.chance.below(3) {
                0 => u64::MAX,
                _ => self.chance.within(1, 200),
            };
            loop {
                if let Some(expected) = &expected
                    && self.has_all(expected)
                {
                    return self.compared(expected);
                }
                let told = tokio::select! {
                    told = connection.next() => told,
                    known = truth.wait_for(Option::is_some), if expected.is_none() => {
                        let truth = known.unwrap().clone().unwrap();
                        expected = Some(self.expects(&truth));
                        patience = Some(Instant::now() + PATIENCE);
                        continue;
                    }
                    Ok(()) = until(patience), if patience.is_some() => {
                        return self.stalls(expected.as_deref());
                    }
                };
                match told.map_err(|failure| failure.at(format!("{:?}", self.transport)))? {
                    Told::Item(stream, position) => {
                        let followed = &mut self.followed[stream];
                        followed
                            .take(position)
                            .map_err(|it| it.at(format!("{:?}", self.transport)))?;
                        patience = patience.map(|_| Instant::now() + PATIENCE);
                    }
                    Told::Passed(position) => {
                        self.count("heartbeats");
                        if self.trusts_heartbeats {
                            for followed in &mut self.followed {
                                followed.cursor = followed.cursor.max(position);
                            }
                        }
                    }
                    Told::Nothing => {}
                    Told::Gone(how) => {
                        self.count(&format!("gone: {how}"));
                        break;
                    }
                }
                left -= 1;
                if left == 0 {
                    self.count("cut by the subscriber");
                    break;
                }
            }
        }
    }

    async fn connect(&mut self) -> Option<Connection> {
        let listens = self.lives.listening().await;
        let to = To {
            address: self.proxy.unwrap_or(listens),
            token: &self.token,
            http: &self.http,
        };
        // Where `Last-Event-ID` says after what, the document says what it said at first.
        let by_id = self.transport == Transport::Events;
        let requests: Vec<_> = self
            .followed
            .iter()
            .map(|it| it.filter.request(if by_id { it.begun } else { it.cursor }))
            .collect();
        let first = &self.followed[0];
        let last = (first.cursor > first.begun).then_some(first.cursor);
        let by = Instant::now() + PATIENCE;
        timeout_at(by, Connection::open(self.transport, &to, &requests, last))
            .await
            .ok()
            .flatten()
    }

    fn expects(&self, truth: &Truth) -> Vec<Vec<u64>> {
        let shown = self.shown;
        let expected = |it: &Followed| {
            let filter = it.filter;
            truth.positions(it.begun, |of: Of| of.experiment < shown && filter.takes(of))
        };
        self.followed.iter().map(expected).collect()
    }

    fn has_all(&self, expected: &[Vec<u64>]) -> bool {
        let mut both = self.followed.iter().zip(expected);
        both.all(|(it, expected)| it.seen.last() >= expected.last())
    }

    /// How many items it was told, if they are those.
    fn compared(&self, expected: &[Vec<u64>]) -> Checked<u64> {
        for (it, expected) in self.followed.iter().zip(expected) {
            let differs = it
                .seen
                .iter()
                .zip(expected)
                .find(|(seen, expected)| seen != expected);
            hold(it.seen == *expected, || {
                format!(
                    "{:?}, {:?} after {}: {} items for {}; told, and to be told: {differs:?}",
                    self.transport,
                    it.filter,
                    it.begun,
                    it.seen.len(),
                    expected.len()
                )
            })?;
        }
        Ok(expected.iter().map(|expected| expected.len() as u64).sum())
    }

    fn stalls(&self, expected: Option<&[Vec<u64>]>) -> Checked<u64> {
        let all = self.followed.iter().zip(expected.unwrap_or_default());
        let missing = all.filter(|(it, expected)| it.seen.last() < expected.last());
        let missing: Vec<_> = missing
            .map(|(it, expected)| (it.filter, it.seen.last(), it.seen.len(), expected.len()))
            .collect();
        fail(format!("{:?} stalls: {missing:?}", self.transport))
    }

    fn count(&self, what: &str) {
        *self
            .counts
            .lock()
            .unwrap()
            .entry(what.to_owned())
            .or_default() += 1;
    }
}

async fn until(deadline: Option<Instant>) -> Result<(), ()> {
    match deadline {
        Some(deadline) => {
            let never = std::future::pending::<()>();
            let _elapsed = timeout_at(deadline, never).await;
            Ok(())
        }
        None => Err(()),
    }
}
