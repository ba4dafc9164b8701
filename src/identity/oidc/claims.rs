//! What a token says, and whether that holds now.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Number, Value};

use super::Settings;
use crate::{domain::terms::Siret, limits::OIDC_SUBJECT_BYTES_MAX};

/// What is read of a token: what it takes to know whose it is, and nothing of a person.
#[derive(Deserialize)]
pub(super) struct Claims {
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    aud: Option<Audience>,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    exp: Option<Number>,
    #[serde(default)]
    nbf: Option<Number>,
    #[serde(default)]
    iat: Option<Number>,
    /// The establishment, as `ProConnect` tells it.
    #[serde(default)]
    siret: Option<Value>,
}

/// Whom a token is for.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Some(Vec<String>),
}

impl Audience {
    /// Whether it is for `us`, and, where it is for others too, asked for by us.
    fn is(&self, us: &str, party: Option<&str>) -> bool {
        match self {
            Self::One(one) => one == us,
            Self::Some(some) => {
                let among = some.iter().any(|one| one == us);
                among && (some.len() == 1 || party.is_none_or(|party| party == us))
            }
        }
    }
}

impl Claims {
    /// The account, and when the token ends; nothing where it does not hold at `now`.
    pub(super) fn check(
        &self,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> Option<(&str, DateTime<Utc>)> {
        let subject = self.sub.as_deref()?;
        let named = (1..=OIDC_SUBJECT_BYTES_MAX).contains(&subject.len());
        let ours = self.iss.as_deref() == Some(settings.issuer.as_str())
            && self
                .aud
                .as_ref()?
                .is(&settings.audience, self.azp.as_deref());
        let until = instant(self.exp.as_ref()?)?.checked_add_signed(settings.skew)?;
        let latest = now.checked_add_signed(settings.skew)?;
        let mut begins = [&self.nbf, &self.iat].into_iter().flatten();
        let begun = begins.all(|from| instant(from).is_some_and(|from| from <= latest));
        (named && ours && begun && now < until).then_some((subject, until))
    }

    /// The establishment, if it is told and is one.
    pub(super) fn siret(&self) -> Option<Siret> {
        Siret::try_new(self.siret.as_ref()?.as_str()?).ok()
    }
}

/// An instant in seconds since 1970, whole or not.
fn instant(seconds: &Number) -> Option<DateTime<Utc>> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what lies beyond saturates"
    )]
    let whole = seconds
        .as_i64()
        .or_else(|| seconds.as_f64().map(|seconds| seconds.floor() as i64))?;
    DateTime::from_timestamp(whole, 0)
}
