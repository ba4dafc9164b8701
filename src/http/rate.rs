//! What callers may spend: so much a minute, by who they are; strangers by where they come from too.
//!
//! Every request costs something, whatever comes of it, and an operation what it costs by the model
//! of `graphql::cost`, before it is executed. Of whoever spent nothing for a minute nothing has to be
//! known: all of it is there again. So what is kept is bounded, and may be let go of.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    http::{HeaderMap, request::Parts},
    serve::{IncomingStream, Listener},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};
use moka::sync::Cache;

use super::patience::Patient;
use crate::{
    access::Caller,
    graphql::Allowance,
    limits::{SPENDERS_KEPT, STRANGER_COST_PER_MINUTE},
};

const MINUTE: Duration = Duration::from_mins(1);
/// Under which header whoever does TLS before carnet says who came.
const FORWARDED: &str = "x-forwarded-for";

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(SocketAddr);

impl<L: Listener<Addr = SocketAddr>> Connected<IncomingStream<'_, Patient<L>>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Patient<L>>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Where a request comes from, as far as it is told; whoever does TLS before carnet tells it.
pub(super) fn origin(parts: &Parts, proxied: bool) -> Option<IpAddr> {
    let forwarded = if proxied {
        forwarded(&parts.headers)
    } else {
        None
    };
    let peer = parts
        .extensions
        .get::<axum::extract::ConnectInfo<Peer>>()
        .map(|peer| peer.0.0.ip());
    forwarded.or(peer).map(network)
}

/// The last one that is named: what stands before it, anybody may have written.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let named = headers.get_all(FORWARDED).iter().next_back()?;
    let named = named.to_str().ok()?.rsplit(',').next()?;
    named.trim().parse().ok()
}

/// Who has one address of version 6 has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Who spends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Spender {
    actor: String,
    /// A stranger has no name of its own.
    from: Option<IpAddr>,
}

type Spent = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// What callers spent; its copies are one and the same.
#[derive(Debug, Clone)]
pub struct Rates {
    kept: Cache<Spender, Arc<Spent>>,
    known: Option<NonZeroU32>,
    stranger: Option<NonZeroU32>,
}

impl Rates {
    /// Callers who may spend so much a minute, strangers less; 0 for as much as they like.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self {
            kept: Cache::builder()
                .max_capacity(SPENDERS_KEPT)
                .time_to_idle(MINUTE)
                .build(),
            known: NonZeroU32::new(per_minute),
            stranger: NonZeroU32::new(per_minute.min(STRANGER_COST_PER_MINUTE)),
        }
    }

    /// What a caller who comes from there may spend.
    pub(super) fn purse(&self, caller: &Caller, from: Option<IpAddr>) -> Purse {
        let stranger = caller.is_stranger();
        let limit = if stranger { self.stranger } else { self.known };
        let spender = || Spender {
            actor: caller.actor.as_str().to_owned(),
            from: from.filter(|_| stranger),
        };
        let spent = limit.map(|limit| {
            let quota = Quota::per_minute(limit);
            let begin = || Arc::new(RateLimiter::direct(quota).with_middleware());
            (limit, self.kept.get_with(spender(), begin))
        });
        Purse(spent)
    }
}

/// What one caller may spend.
#[derive(Debug, Clone)]
pub(super) struct Purse(Option<(NonZeroU32, Arc<Spent>)>);

/// How long it takes until so much can be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait(pub Duration);

impl Wait {
    /// In whole seconds, as `Retry-After` has it.
    pub(super) fn seconds(self) -> u64 {
        self.0.as_secs().saturating_add(1)
    }
}

impl Purse {
    /// Spends so much, and says what is left, where anything limits it.
    pub(super) fn spend(&self, cost: u64) -> Result<Option<Allowance>, Wait> {
        let Some((limit, spent)) = &self.0 else {
            return Ok(None);
        };
        let Ok(Some(cost)) = u32::try_from(cost).map(NonZeroU32::new) else {
            return if cost == 0 {
                Ok(None)
            } else {
                Err(Wait(MINUTE))
            };
        };
        match spent.check_n(cost) {
            Ok(Ok(left)) => {
                let remaining = left.remaining_burst_capacity();
                let gone = limit.get().saturating_sub(remaining);
                Ok(Some(Allowance {
                    limit: limit.get(),
                    remaining,
                    resets_in: left.quota().replenish_interval().saturating_mul(gone),
                }))
            }
            Ok(Err(later)) => Err(Wait(later.wait_time_from(DefaultClock::default().now()))),
            // More than there is in a minute.
            Err(_) => Err(Wait(MINUTE)),
        }
    }
}
