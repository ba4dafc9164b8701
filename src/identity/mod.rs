//! Who asks: from what a request shows to the [`Caller`] that it is.
//!
//! In: what stands in `Authorization`. Out: a caller with its grants, as they stand now; a stranger,
//! where nothing is shown; or [`Refused`], where what is shown proves nothing.
//!
//! **Invariants.** What is wrong with a token is told to nobody: unknown, revoked and expired are one
//! answer. What is revoked or at its end proves nothing from then on, neither for a new request nor
//! for what is already open ([`Callers::holds`]). Grants are read of the read models only once they
//! changed: no request costs a statement.
//!
//! **Deliberately absent.** What a caller may; that is for `access` to say. No token is kept here,
//! logged or told: only its hash is looked up.

mod issue;
mod oidc;
mod snapshot;
mod token;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, watch};

use crate::{
    access::Caller,
    clock::Clock,
    domain::{
        access::{holder::Who, token::Issue},
        terms::{FileHash, Label, Position, TokenId},
    },
    limits::{READ_OWN_WRITE, TOKEN_BYTES_MAX},
    read::{ReadError, ReadModels},
};
use oidc::{Provider, Verified};
use snapshot::{Granted, Snapshot};

pub use issue::{Issuing, Revoking};
pub use oidc::{ProviderError, Settings as ProviderSettings};
pub use token::ServiceToken;

/// How many digits of a hash or an identity tell an actor from others.
const ACTOR_DIGITS: usize = 12;

/// What is kept of an account: the SHA-256 of its provider and of its name there.
#[must_use]
pub fn account(issuer: &str, subject: &str) -> FileHash {
    let mut hasher = Sha256::new();
    hasher.update(b"carnet account ");
    for part in [issuer, subject] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    FileHash::of(hasher.finalize().into())
}

/// A caller, and how it was known.
#[derive(Debug, Clone)]
pub struct Known {
    /// Who it is.
    pub caller: Caller,
    proof: Proof,
}

/// What a caller showed, as far as it is kept.
#[derive(Debug, Clone)]
enum Proof {
    /// Nothing.
    None,
    /// A service token of this hash.
    Token(FileHash),
    /// A token of an identity provider.
    Account(Account),
}

/// Who a token of an identity provider says that it is of.
#[derive(Debug, Clone)]
struct Account {
    /// What is kept of it.
    hash: FileHash,
    /// The account, and the organisation it is of, where that is told.
    whose: Vec<Who>,
    /// When the token ends.
    until: DateTime<Utc>,
}

/// Why nobody is known by what was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It proves nothing: malformed, unknown, revoked or at its end.
    Unauthenticated,
    /// It cannot be told now.
    Unavailable,
}

/// Tells who asks; its copies are one and the same.
#[derive(Clone)]
pub struct Callers {
    shared: Arc<Shared>,
    /// Who shows nothing.
    stranger: Arc<Caller>,
}

struct Shared {
    reads: ReadModels,
    clock: Arc<dyn Clock>,
    /// What was recorded before: nobody is known by less than that.
    since: Position,
    /// Whether the read models were seen to hold it.
    caught_up: AtomicBool,
    /// Whose tokens are taken beside our own.
    provider: Option<Provider>,
    /// Who may do what, as it was read last.
    snapshot: watch::Sender<Arc<Snapshot>>,
    /// Held while it is read.
    reading: Mutex<()>,
}

impl std::fmt::Debug for Callers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Callers")
    }
}

impl Callers {
    /// The callers that the read models know, once they hold what the log does at `since`; `stranger`
    /// is who shows nothing, `provider` whose tokens are taken beside our own.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub fn new(
        (reads, since): (ReadModels, Position),
        clock: Arc<dyn Clock>,
        stranger: Caller,
        provider: Option<ProviderSettings>,
    ) -> Result<Self, ProviderError> {
        let (snapshot, _) = watch::channel(Arc::default());
        let shared = Shared {
            reads,
            clock,
            since,
            caught_up: AtomicBool::new(false),
            provider: provider.map(Provider::new).transpose()?,
            snapshot,
            reading: Mutex::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
            stranger: Arc::new(stranger),
        })
    }

    /// The same, with somebody else for who shows nothing.
    #[must_use]
    pub fn taking_strangers_for(self, caller: Caller) -> Self {
        Self {
            stranger: Arc::new(caller),
            ..self
        }
    }

    /// Who asks, by what stands in `Authorization`: a stranger, where nothing does.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn of(&self, authorization: Option<&str>) -> Result<Known, Refused> {
        let Some(authorization) = authorization else {
            return Ok(self.stranger());
        };
        let shown = bearer(authorization).ok_or(Refused::Unauthenticated)?;
        if !self.caught_up().await {
            return Err(Refused::Unavailable);
        }
        let token = ServiceToken::parse(shown);
        let account = match (&token, &self.shared.provider) {
            (Some(_), _) => None,
            (None, Some(provider)) => {
                let now = self.shared.clock.now();
                Some(Account::from(provider.verify(shown, now).await?))
            }
            (None, None) => return Err(Refused::Unauthenticated),
        };
        let snapshot = self.snapshot().await.map_err(|error| {
            tracing::error!(%error, "who may do what cannot be read");
            Refused::Unavailable
        })?;
        match (token, account) {
            (Some(token), _) => self.of_token(&snapshot, token.hash()),
            (None, Some(account)) => self.of_account(&snapshot, account),
            (None, None) => Err(Refused::Unauthenticated),
        }
    }

    /// Whether the read models hold all that was recorded before the start: until they do, a token
    /// that was revoked would pass for one that holds.
    async fn caught_up(&self) -> bool {
        let shared = &self.shared;
        if shared.caught_up.load(Ordering::Relaxed) {
            return true;
        }
        let reached = shared.reads.access_reached(shared.since, READ_OWN_WRITE);
        let reached = reached.await;
        shared.caught_up.store(reached, Ordering::Relaxed);
        reached
    }

    /// Who shows nothing.
    fn stranger(&self) -> Known {
        Known {
            caller: Caller::clone(&self.stranger),
            proof: Proof::None,
        }
    }

    fn of_token(&self, snapshot: &Snapshot, hash: FileHash) -> Result<Known, Refused> {
        let known = snapshot.token(&hash, || self.shared.clock.now());
        let (id, issue) = known.ok_or(Refused::Unauthenticated)?;
        Ok(Known {
            caller: Caller {
                actor: actor_of(id, issue).ok_or(Refused::Unavailable)?,
                grants: issue.grants.iter().cloned().collect(),
                until: issue.expires,
            },
            proof: Proof::Token(hash),
        })
    }

    /// An account that nothing was granted to is known all the same, and may what a stranger may: so
    /// can it say who it is to whoever grants it something.
    fn of_account(&self, snapshot: &Snapshot, account: Account) -> Result<Known, Refused> {
        let granted = account.granted(snapshot, self.shared.clock.now());
        let actor = Label::try_new(&format!("compte-{}", account.hash.short()));
        let until = granted.until.into_iter().chain([account.until]).min();
        Ok(Known {
            caller: Caller {
                actor: actor.map_err(|_| Refused::Unavailable)?,
                grants: granted.grants.into_iter().collect(),
                until,
            },
            proof: Proof::Account(account),
        })
    }

    /// Whether somebody still is who it was, with the same grants: what is open is closed as soon as
    /// it is not. While that cannot be told, it is as it was.
    pub async fn holds(&self, known: &Known) -> bool {
        let now = || self.shared.clock.now();
        if matches!(known.proof, Proof::None) {
            return true;
        }
        let snapshot = match self.snapshot().await {
            Ok(snapshot) => snapshot,
            Err(error) => {
                tracing::error!(%error, "who may do what cannot be read");
                Arc::clone(&self.shared.snapshot.borrow())
            }
        };
        match &known.proof {
            Proof::None => true,
            Proof::Token(hash) => snapshot.token(hash, now).is_some(),
            Proof::Account(account) => {
                let now = now();
                let granted = account.granted(&snapshot, now);
                now < account.until && known.caller.grants.iter().eq(&granted.grants)
            }
        }
    }

    /// Resolves once somebody no longer is who it was; never for a stranger.
    pub async fn lost(self, known: Known) {
        let mut snapshots = self.shared.snapshot.subscribe();
        if matches!(known.proof, Proof::None) {
            return std::future::pending().await;
        }
        loop {
            snapshots.borrow_and_update();
            if !self.holds(&known).await {
                return;
            }
            let changed = snapshots.changed();
            let gone = match known.caller.until {
                Some(until) => {
                    let left = (until - self.shared.clock.now())
                        .to_std()
                        .unwrap_or_default();
                    matches!(tokio::time::timeout(left, changed).await, Ok(Err(_)))
                }
                None => changed.await.is_err(),
            };
            if gone {
                // Nobody is left who could say so: the program ends.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Reads anew what changed of who may do what, as it changes, until `stop` says so: whoever
    /// waits in [`Self::lost`] learns of it even if nobody asks anything.
    pub async fn follow(self, mut stop: watch::Receiver<bool>) {
        let mut progress = self.shared.reads.watch();
        loop {
            progress.borrow_and_update();
            if let Err(error) = self.snapshot().await {
                tracing::error!(%error, "who may do what cannot be read");
            }
            tokio::select! {
                changed = progress.changed() => if changed.is_err() { return },
                stopped = stop.wait_for(|stop| *stop) => {
                    drop(stopped);
                    return;
                }
            }
        }
    }

    /// Whether nothing was ever granted to anybody, nor revoked.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn untouched(&self) -> Result<bool, ReadError> {
        Ok(self.snapshot().await?.untouched)
    }

    /// Who may do what, as it stands.
    async fn snapshot(&self) -> Result<Arc<Snapshot>, ReadError> {
        let shared = &self.shared;
        let fresh = || {
            let known = Arc::clone(&shared.snapshot.borrow());
            let changed = shared.reads.access_changed();
            (known.position >= Some(changed)).then_some(known)
        };
        if let Some(known) = fresh() {
            return Ok(known);
        }
        let _reading = shared.reading.lock().await;
        if let Some(known) = fresh() {
            return Ok(known);
        }
        let read = Arc::new(Snapshot::from(shared.reads.access().await?));
        shared.snapshot.send_replace(Arc::clone(&read));
        Ok(read)
    }
}

impl From<Verified> for Account {
    fn from(verified: Verified) -> Self {
        let organisation = verified.siret.map(Who::Organisation);
        let whose = std::iter::once(Who::Account(verified.account.clone())).chain(organisation);
        Self {
            whose: whose.collect(),
            hash: verified.account,
            until: verified.until,
        }
    }
}

impl Account {
    fn granted(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> Granted {
        snapshot.granted(&self.whose, now)
    }
}

/// What follows `Bearer`.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, shown) = authorization.split_once(' ')?;
    let shown = shown.trim();
    if shown.len() > TOKEN_BYTES_MAX {
        return None;
    }
    (scheme.eq_ignore_ascii_case("bearer") && !shown.is_empty()).then_some(shown)
}

/// Under which name a program records: that of its token, and what tells that from others.
fn actor_of(id: TokenId, issue: &Issue) -> Option<Label> {
    // The last digits: the first ones tell the time.
    let whole = id.0.simple().to_string();
    let digits = whole.get(whole.len().saturating_sub(ACTOR_DIGITS)..)?;
    Label::try_new(&format!("jeton-{digits} ({})", issue.name)).ok()
}
