//! Tokens of an identity provider (`OpenID` Connect), among them those of `ProConnect`.
//!
//! In: a signed token, and the instant it is shown at. Out: whose it is ([`Verified`]), as far as
//! that is kept: a hash of the provider and of the account, and the Siret of the organisation.
//!
//! **Invariants.** A token is only looked into once its signature holds, by a key that the provider
//! publishes, and by the one algorithm that the key is for: never `none`, never a secret. What the
//! provider answers is bounded in bytes and in time; while it is away, the keys it published last
//! still count, for a day. Names and addresses of persons are not even read.
//!
//! **Deliberately absent.** Nobody is logged in here: whoever asks brings a token. A userinfo that is
//! itself a signed token is not fetched, so that the Siret counts where it is in the token.

mod claims;
mod keys;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Validation, decode, decode_header};

use super::{Refused, account};
use crate::{
    domain::terms::{FileHash, Siret},
    outward::{Address, CertificatesError},
};
use claims::Claims;
use keys::{Keys, Sought};

/// The types of tokens that are taken: those of no type, and of access.
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// Which provider, and what its tokens are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The provider, as it names itself.
    pub issuer: String,
    /// Whom its tokens are for: this program, as the provider names it.
    pub audience: String,
    /// By how much clocks may differ.
    pub skew: TimeDelta,
}

/// Why a provider cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Its address is none.
    #[error(
        "« {0} » n'est pas l'adresse d'un fournisseur d'identité : il la faut en https:// (en \
         http:// sur la boucle locale seulement)"
    )]
    Issuer(String),
    /// Nothing says whom its tokens are for.
    #[error("il faut dire à qui ses jetons s'adressent (réglage « oidc_audience »)")]
    Audience,
    /// The certificates that it is trusted by cannot be read.
    #[error(transparent)]
    Certificates(#[from] CertificatesError),
}

/// A provider.
#[derive(Debug)]
pub(super) struct Provider {
    settings: Settings,
    keys: Keys,
}

/// Whose a token is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verified {
    /// What is kept of the account.
    pub(super) account: FileHash,
    /// The organisation it is of, where the token tells.
    pub(super) siret: Option<Siret>,
    /// When it ends.
    pub(super) until: DateTime<Utc>,
}

impl Provider {
    pub(super) fn new(settings: Settings) -> Result<Self, ProviderError> {
        let wrong = || ProviderError::Issuer(settings.issuer.clone());
        let root = settings.issuer.trim_end_matches('/');
        let discovery = format!("{root}/.well-known/openid-configuration");
        let discovery = Address::parse(&discovery).ok_or_else(wrong)?;
        if settings.audience.is_empty() {
            return Err(ProviderError::Audience);
        }
        Ok(Self {
            keys: Keys::new(settings.issuer.clone(), discovery)?,
            settings,
        })
    }

    /// Whose a token is that is shown now.
    ///
    /// # Errors
    /// [`Refused`]: whatever is wrong with it is one answer.
    pub(super) async fn verify(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Verified, Refused> {
        let wrong = |_| Refused::Unauthenticated;
        let header = decode_header(token).map_err(wrong)?;
        let kind = header.typ.as_deref().map(str::to_ascii_lowercase);
        let kind = kind
            .as_deref()
            .map(|kind| kind.trim_start_matches("application/"));
        if kind.is_some_and(|kind| !TYPES.contains(&kind)) || header.crit.is_some() {
            return Err(Refused::Unauthenticated);
        }
        let sought = Sought {
            name: header.kid,
            algorithm: header.alg,
        };
        let key = self.keys.find(&sought, now).await?;
        let mut validation = Validation::new(header.alg);
        // The signature here; what it says by the injected clock, and the rules below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let told = decode::<Claims>(token, &key, &validation).map_err(wrong)?;
        let held = told.claims.check(&self.settings, now);
        let (subject, until) = held.ok_or(Refused::Unauthenticated)?;
        Ok(Verified {
            account: account(&self.settings.issuer, subject),
            siret: told.claims.siret(),
            until,
        })
    }
}
