//! Service tokens, as whoever has one shows it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::domain::terms::FileHash;

/// How a service token begins, so that whoever finds one knows what it is.
const PREFIX: &str = "carnet_";
/// How many random bytes it holds.
const RANDOM_BYTES: usize = 32;

/// A service token: `carnet_` and 256 random bits in base64url. It prints nowhere.
pub struct ServiceToken(SecretString);

impl std::fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServiceToken")
    }
}

impl ExposeSecret<str> for ServiceToken {
    fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl ServiceToken {
    /// A new one.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn draw() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        getrandom::fill(bytes.as_mut())?;
        let text = format!(
            "{PREFIX}{}",
            BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice())
        );
        Ok(Self(text.into()))
    }

    /// What somebody shows, if that is the form of one.
    #[must_use]
    pub fn parse(shown: &str) -> Option<Self> {
        let random = shown.strip_prefix(PREFIX)?;
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(random).ok()?);
        (bytes.len() == RANDOM_BYTES).then(|| Self(shown.to_owned().into()))
    }

    /// The text of it, to be left where only its owner reads it.
    #[must_use]
    pub fn to_secret(&self) -> SecretString {
        self.0.clone()
    }

    /// What is kept of it: its SHA-256. It is 256 random bits that are hashed, which nobody guesses,
    /// however fast the hash; and what is looked up is the hash, whose bytes tell nothing of how
    /// near a guess came.
    #[must_use]
    pub fn hash(&self) -> FileHash {
        FileHash::of(Sha256::digest(self.expose_secret()).into())
    }
}
