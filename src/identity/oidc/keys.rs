//! The keys that a provider signs with: fetched, kept, and fetched again as they change.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock, RwLockWriteGuard},
};

use chrono::{DateTime, Utc};
use hyper::{Request, body::Bytes, header::ACCEPT};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::sync::Mutex;

use super::{ProviderError, Refused};
use crate::{
    limits::{OIDC_KEYS_FRESH, OIDC_KEYS_KEPT, OIDC_KEYS_MAX, OIDC_RETRY},
    outward::{Address, Outward, OutwardError},
};

/// Which key is sought.
#[derive(Debug)]
pub(super) struct Sought {
    /// Its name, where the token tells one.
    pub(super) name: Option<String>,
    /// By which algorithm the token says that it is signed.
    pub(super) algorithm: Algorithm,
}

/// A key, and the one algorithm that it is for.
#[derive(Clone)]
struct Key {
    algorithm: Algorithm,
    decoding: DecodingKey,
}

/// Keys by their name; those without one apart.
#[derive(Default)]
struct KeySet {
    named: BTreeMap<String, Key>,
    nameless: Vec<Key>,
}

impl KeySet {
    /// The key of that name; of a token that names none, the only one for its algorithm.
    fn find(&self, sought: &Sought) -> Option<&Key> {
        if let Some(name) = &sought.name {
            let key = self.named.get(name)?;
            return (key.algorithm == sought.algorithm).then_some(key);
        }
        let keys = self.nameless.iter().chain(self.named.values());
        let mut fitting = keys.filter(|key| key.algorithm == sought.algorithm);
        let only = fitting.next()?;
        fitting.next().is_none().then_some(only)
    }
}

#[derive(Default)]
struct State {
    keys: Arc<KeySet>,
    /// When they were fetched.
    fetched: Option<DateTime<Utc>>,
    /// When it was tried last.
    tried: Option<DateTime<Utc>>,
}

/// The keys of a provider; its copies are one and the same.
#[derive(Clone)]
pub(super) struct Keys(Arc<Shared>);

struct Shared {
    issuer: String,
    discovery: Address,
    outward: Outward,
    state: RwLock<State>,
    /// Held while they are fetched: by one at a time.
    fetching: Mutex<()>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    pub(super) fn new(issuer: String, discovery: Address) -> Result<Self, ProviderError> {
        Ok(Self(Arc::new(Shared {
            issuer,
            discovery,
            outward: Outward::new()?,
            state: RwLock::default(),
            fetching: Mutex::default(),
        })))
    }

    /// The key that is sought. One that is known is answered at once, and where the keys are no
    /// longer fresh they are fetched beside; for one that is not, they are fetched, though not again
    /// and again.
    ///
    /// # Errors
    /// [`Refused::Unauthenticated`] where the provider has no such key, [`Refused::Unavailable`]
    /// where no keys of it are known.
    pub(super) async fn find(
        &self,
        sought: &Sought,
        now: DateTime<Utc>,
    ) -> Result<DecodingKey, Refused> {
        let (known, fresh) = self.0.look(sought, now);
        if let Some(key) = known {
            if !fresh && self.0.may_try(now) {
                let keys = self.clone();
                tokio::spawn(async move { keys.0.refresh(now).await });
            }
            return Ok(key);
        }
        self.0.refresh(now).await;
        let (known, _) = self.0.look(sought, now);
        known.ok_or_else(|| {
            if self.0.standing(now).is_some() {
                Refused::Unauthenticated
            } else {
                Refused::Unavailable
            }
        })
    }
}

impl Shared {
    /// The keys that count at an instant, and whether they are fresh.
    fn standing(&self, now: DateTime<Utc>) -> Option<(Arc<KeySet>, bool)> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let age = now.signed_duration_since(state.fetched?);
        (age < OIDC_KEYS_KEPT).then(|| (Arc::clone(&state.keys), age < OIDC_KEYS_FRESH))
    }

    fn look(&self, sought: &Sought, now: DateTime<Utc>) -> (Option<DecodingKey>, bool) {
        let Some((keys, fresh)) = self.standing(now) else {
            return (None, false);
        };
        (keys.find(sought).map(|key| key.decoding.clone()), fresh)
    }

    /// Whether it was not tried just now. A clock that stepped back is no reason to wait.
    fn may_try(&self, now: DateTime<Utc>) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state
            .tried
            .is_none_or(|tried| now < tried || now - tried >= OIDC_RETRY)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches the keys, unless that was tried just now.
    async fn refresh(&self, now: DateTime<Utc>) {
        let _fetching = self.fetching.lock().await;
        if !self.may_try(now) {
            return;
        }
        self.state_mut().tried = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                let mut state = self.state_mut();
                state.keys = Arc::new(keys);
                state.fetched = Some(now);
            }
            Err(error) => tracing::warn!(
                %error,
                "the keys of the identity provider cannot be fetched; those known still count"
            ),
        }
    }

    /// What is published at an address, as JSON.
    async fn json<T: DeserializeOwned>(&self, address: &Address) -> Result<T, OutwardError> {
        let request = Request::get("/").header(ACCEPT, "application/json");
        let answered = self.outward.ask(address, request.body(Bytes::new())?);
        serde_json::from_slice(&answered.await?)
            .map_err(|_| OutwardError::Answer("it is no such JSON"))
    }

    async fn fetch(&self) -> Result<KeySet, OutwardError> {
        let discovered: Discovered = self.json(&self.discovery).await?;
        if discovered.issuer != self.issuer {
            return Err(OutwardError::Answer("it names another issuer"));
        }
        let address = Address::parse(&discovered.jwks_uri);
        let address = address.ok_or(OutwardError::Answer("its keys are at no address of ours"))?;
        let published: Published = self.json(&address).await?;
        if published.keys.len() > OIDC_KEYS_MAX {
            return Err(OutwardError::Answer("it has too many keys"));
        }
        let mut keys = KeySet::default();
        // Keys for other uses, or of kinds that are not known here, are passed over.
        for published in published.keys {
            let Ok(jwk) = serde_json::from_value::<Jwk>(published) else {
                continue;
            };
            match (jwk.key(), jwk.kid) {
                (Some(key), Some(name)) => {
                    keys.named.insert(name, key);
                }
                (Some(key), None) => keys.nameless.push(key),
                (None, _) => {}
            }
        }
        Ok(keys)
    }
}

/// What discovery tells, as far as it is read.
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

/// A key as it is published (RFC 7517).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwk {
    /// The key, bound to the one algorithm that it is for here; nothing where it is for none, a
    /// secret among them.
    fn key(&self) -> Option<Key> {
        let signs = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self
                .key_ops
                .as_ref()
                .is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        let (algorithm, name, decoding) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (self.n.as_deref()?, self.e.as_deref()?);
                let decoding = DecodingKey::from_rsa_components(n, e);
                (Algorithm::RS256, "RS256", decoding)
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (self.x.as_deref()?, self.y.as_deref()?);
                let decoding = DecodingKey::from_ec_components(x, y);
                (Algorithm::ES256, "ES256", decoding)
            }
            ("OKP", Some("Ed25519")) => {
                let decoding = DecodingKey::from_ed_components(self.x.as_deref()?);
                (Algorithm::EdDSA, "EdDSA", decoding)
            }
            _ => return None,
        };
        let told = self.alg.as_deref().is_none_or(|told| told == name);
        (signs && told).then_some(Key {
            algorithm,
            decoding: decoding.ok()?,
        })
    }
}
