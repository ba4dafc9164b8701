//! What one socket carries out: its operations, each by its id, and who asks for them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{AbortHandle, BoxStream, SelectAll, abortable},
};

use super::{
    super::{
        Server,
        live::{Outcome, Place, Standing, carry_out},
        operation::span,
        traced::{Origin, Traced},
        trusted::Sent,
    },
    protocol::{Closing, Payload, heading},
};
use crate::{
    domain::terms::Position,
    identity::{Known, Refused},
    limits,
};

/// An operation that runs.
struct Running {
    number: u64,
    abort: AbortHandle,
    /// Where it stands, once it is known to go on.
    standing: Option<Standing>,
}

/// What an operation of the socket has come to.
pub(super) struct Came {
    pub id: Arc<str>,
    /// What begins its answers.
    pub heading: Arc<str>,
    number: u64,
    pub outcome: Outcome,
}

/// What happens to a session.
pub(super) enum Happened {
    /// Who asks no longer is who it was.
    Lost,
    Came(Came),
}

/// What one socket carries out, for whom.
pub(super) struct Session {
    server: Arc<Server>,
    /// Who asks.
    known: Known,
    /// From where.
    from: Option<IpAddr>,
    /// Of which trace.
    origin: Origin,
    /// Resolves once that is no longer so.
    lost: BoxFuture<'static, ()>,
    /// Whoever has one may have this socket.
    place: Place,
    running: HashMap<Arc<str>, Running>,
    /// Takes its turns among them: whichever told something last is asked again last.
    operations: SelectAll<BoxStream<'static, Came>>,
    started: u64,
}

impl Session {
    /// Of who upgraded; none, where there is no place for another.
    pub(super) fn open(
        server: Arc<Server>,
        (known, from, origin): (Known, Option<IpAddr>, Origin),
    ) -> Option<Self> {
        let place = server.live.places().take(&known.caller, from)?;
        Some(Self {
            lost: server.callers.clone().lost(known.clone()).boxed(),
            known,
            from,
            origin: origin.socket(),
            server,
            place,
            running: HashMap::new(),
            operations: SelectAll::new(),
            started: 0,
        })
    }

    /// Whether who asks still is who it was.
    pub(super) fn holds(&self) -> impl Future<Output = bool> + Send {
        self.server.callers.holds(&self.known)
    }

    /// Whether nothing runs.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// Takes what the first message shows of who asks, if it shows anything: a browser sets no
    /// header on an upgrade.
    pub(super) async fn identify(&mut self, payload: Option<&Payload>) -> Result<(), Closing> {
        // In any case of letters: GraphiQL hands on what stands in its headers editor.
        let fields = payload.into_iter().flatten();
        let mut named = fields.filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let shown = match (named.next(), named.next()) {
            (None, _) => return Ok(()),
            (Some((_, serde_json::Value::String(shown))), None) => shown,
            (Some(_), _) => return Err(Closing::Forbidden),
        };
        let callers = &self.server.callers;
        self.known = match callers.of(Some(shown)).await {
            Ok(known) => known,
            Err(Refused::Unauthenticated) => return Err(Closing::Forbidden),
            Err(Refused::Unavailable) => return Err(Closing::Later),
        };
        let places = self.server.live.places();
        let place = places.take(&self.known.caller, self.from);
        self.place = place.ok_or(Closing::Full)?;
        self.lost = callers.clone().lost(self.known.clone()).boxed();
        Ok(())
    }

    /// Begins an operation.
    pub(super) async fn start(&mut self, id: String, sent: Sent) -> Result<(), Closing> {
        if !self.holds().await {
            return Err(Closing::Forbidden);
        }
        if self.running.contains_key(id.as_str()) {
            return Err(Closing::DuplicateId);
        }
        if self.running.len() >= limits::SUBSCRIPTIONS_MAX {
            return Err(Closing::TooMany);
        }
        self.started += 1;
        let number = self.started;
        let caller = self.known.caller.clone();
        let purse = self.server.rates.purse(&caller, self.from);
        let traced = Traced::begin(self.server.traces.as_ref(), &caller, &self.origin);
        let parameters = self.server.trusted.find(sent, &caller);
        let operation = parameters.as_ref().map(span);
        let operation = operation.unwrap_or_else(|_| tracing::Span::current());
        let server = Arc::clone(&self.server);
        let outcomes = carry_out(server, (caller, purse, traced), parameters, operation);
        let (outcomes, abort) = abortable(outcomes);
        let heading: Arc<str> = heading(&id).into();
        let id: Arc<str> = id.into();
        let named = Arc::clone(&id);
        let came = outcomes.map(move |outcome| Came {
            id: Arc::clone(&named),
            heading: Arc::clone(&heading),
            number,
            outcome,
        });
        self.operations.push(came.boxed());
        let standing = None;
        let running = Running {
            number,
            abort,
            standing,
        };
        self.running.insert(id, running);
        Ok(())
    }

    /// Ends an operation that its client has enough of.
    pub(super) fn complete(&mut self, id: &str) {
        if let Some(running) = self.running.remove(id) {
            running.abort.abort();
        }
    }

    /// Takes in what an operation has come to: whether that is for the client to know.
    pub(super) fn take_in(&mut self, came: &Came) -> bool {
        let running = self.running.get_mut(&came.id);
        let Some(running) = running.filter(|running| running.number == came.number) else {
            return false;
        };
        match &came.outcome {
            Outcome::Follows(standing) => {
                running.standing = Some(standing.clone());
                false
            }
            Outcome::Told(told) => {
                // The id is free for the client once it reads this: so it is freed here first.
                if told.is_last() {
                    self.running.remove(&came.id);
                }
                true
            }
            Outcome::Complete => self.running.remove(&came.id).is_some(),
            Outcome::Cut => {
                // Nothing is completed: the client goes on elsewhere.
                self.running.remove(&came.id);
                false
            }
        }
    }

    /// Up to where everything that is followed was told; none, where nothing is.
    pub(super) fn reached(&self) -> Option<Position> {
        let standing = self.running.values().filter_map(|it| it.standing.as_ref());
        let reached = standing.map(Standing::position);
        // Where one of them does not say yet, nothing is said of all.
        reached.min().flatten()
    }

    /// What happens next to any of it; pending while nothing does.
    pub(super) async fn happened(&mut self) -> Happened {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Happened> {
        if self.lost.poll_unpin(context).is_ready() {
            return Poll::Ready(Happened::Lost);
        }
        match self.operations.poll_next_unpin(context) {
            Poll::Ready(Some(came)) => Poll::Ready(Happened::Came(came)),
            // None: there is no operation, until one is begun by whoever polls this.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}
