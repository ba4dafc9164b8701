//! Keys, and what they seal: AES-SIV (RFC 5297) with 512-bit keys, which takes no nonce. The same
//! text of the same person, for the same use, is sealed alike each time: a command that is sent
//! again is the same command, and its fingerprint in the log gives nothing away. Whoever has not
//! the key sees of a text only how many blocks of [`BLOCK`] bytes it fills.
//!
//! `docs/format.md` draws the files and says what is sealed how, for whoever must read them with
//! nothing but that page.

use aes_siv::{KeyInit, siv::Aes256Siv};
use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Use;
use crate::domain::terms::{PersonId, Sealed};

/// The bytes of a key.
const KEY: usize = 64;
/// What a sealed text is filled up to.
pub const BLOCK: usize = 64;

const PERSON_MAGIC: &[u8; 8] = b"carnet-k";
const MASTER_MAGIC: &[u8; 8] = b"carnet-m";
const VERSION: u8 = 1;
const WRAPPING: &[u8] = b"carnet key";
const SEALING: &[u8] = b"carnet sealed";

/// A key; it is wiped where it lay once it is dropped, and never shown.
pub(super) struct Key(SecretBox<[u8; KEY]>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// Why the bytes of a key file are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// They are of another length, kind or version.
    #[error("ce n'est pas un fichier de clé de cette version")]
    Shape,
    /// They were changed, or are of another person.
    #[error("son contenu est altéré")]
    Altered,
    /// The master key that wrapped it is not there.
    #[error("la clé maîtresse de génération {0} manque")]
    NoMaster(u32),
}

/// A sealed text that its key does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unopened;

impl Key {
    /// A new key, from the system's source of randomness.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut key = SecretBox::new(Box::new([0; KEY]));
        getrandom::fill(key.expose_secret_mut())?;
        Ok(Self(key))
    }

    fn copied(from: &[u8]) -> Option<Self> {
        let from: &[u8; KEY] = from.try_into().ok()?;
        let mut key = SecretBox::new(Box::new([0; KEY]));
        key.expose_secret_mut().copy_from_slice(from);
        Some(Self(key))
    }

    fn cipher(&self) -> Aes256Siv {
        Aes256Siv::new(self.0.expose_secret().into())
    }

    /// The file of a master key.
    pub(super) fn master_file(&self, generation: u32) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(128));
        bytes.extend_from_slice(MASTER_MAGIC);
        bytes.push(VERSION);
        bytes.extend_from_slice(&generation.to_le_bytes());
        bytes.extend_from_slice(self.0.expose_secret());
        let check = Sha256::digest(&*bytes);
        bytes.extend_from_slice(&check[..8]);
        bytes
    }

    /// A master key out of its file.
    pub(super) fn of_master_file(bytes: &[u8], generation: u32) -> Result<Self, Damage> {
        let rest = bytes.strip_prefix(MASTER_MAGIC).ok_or(Damage::Shape)?;
        let rest = rest.strip_prefix(&[VERSION]).ok_or(Damage::Shape)?;
        let (body, check) = bytes.split_last_chunk::<8>().ok_or(Damage::Shape)?;
        if Sha256::digest(body)[..8] != check[..] {
            return Err(Damage::Altered);
        }
        let (written, rest) = rest.split_first_chunk().ok_or(Damage::Shape)?;
        if u32::from_le_bytes(*written) != generation {
            return Err(Damage::Altered);
        }
        let key = rest.get(..rest.len().saturating_sub(8));
        key.and_then(Self::copied).ok_or(Damage::Shape)
    }

    /// The file of a person's key, wrapped by this master key.
    pub(super) fn wrap(&self, generation: u32, person: PersonId, key: &Self) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(PERSON_MAGIC);
        bytes.push(VERSION);
        bytes.extend_from_slice(&generation.to_le_bytes());
        bytes.extend_from_slice(person.0.as_bytes());
        let wrapped = self
            .cipher()
            .encrypt([WRAPPING, &bytes], key.0.expose_secret())
            .ok()?;
        bytes.extend_from_slice(&wrapped);
        Some(bytes)
    }

    /// Seals a text; `None` for one that is far longer than any that is to be sealed.
    pub(super) fn seal(&self, person: PersonId, what: Use, text: &str) -> Option<Sealed> {
        let length = u16::try_from(text.len()).ok()?;
        let filled = (text.len() + 2).next_multiple_of(BLOCK);
        let mut clear = Zeroizing::new(Vec::with_capacity(filled));
        clear.extend_from_slice(&length.to_le_bytes());
        clear.extend_from_slice(text.as_bytes());
        clear.resize(filled, 0);
        let sealed = self
            .cipher()
            .encrypt([SEALING, person.0.as_bytes(), what.name()], &clear)
            .ok()?;
        Sealed::try_new(person, BASE64_STANDARD.encode(sealed)).ok()
    }

    /// Opens a sealed text.
    pub(super) fn unseal(&self, sealed: &Sealed, what: Use) -> Result<SecretString, Unopened> {
        let bytes = BASE64_STANDARD.decode(sealed.as_base64());
        let bytes = bytes.map_err(|_| Unopened)?;
        let person = sealed.person();
        let headers = [SEALING, person.0.as_bytes(), what.name()];
        let clear = self.cipher().decrypt(headers, &bytes);
        let clear = Zeroizing::new(clear.map_err(|_| Unopened)?);
        let (length, rest) = clear.split_first_chunk().ok_or(Unopened)?;
        let text = rest.get(..usize::from(u16::from_le_bytes(*length)));
        let text = text.and_then(|text| std::str::from_utf8(text).ok());
        Ok(SecretString::from(text.ok_or(Unopened)?))
    }
}

/// A person's key as it lies in its file, wrapped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wrapped<'a> {
    /// The generation of the master key that opens it.
    pub generation: u32,
    header: &'a [u8],
    person: PersonId,
    key: &'a [u8],
}

impl<'a> Wrapped<'a> {
    /// Reads the file of a person's key.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Damage> {
        let rest = bytes.strip_prefix(PERSON_MAGIC).ok_or(Damage::Shape)?;
        let rest = rest.strip_prefix(&[VERSION]).ok_or(Damage::Shape)?;
        let (generation, rest) = rest.split_first_chunk().ok_or(Damage::Shape)?;
        let (person, key) = rest.split_first_chunk().ok_or(Damage::Shape)?;
        let header = bytes.len().checked_sub(key.len());
        Ok(Self {
            generation: u32::from_le_bytes(*generation),
            header: header.and_then(|end| bytes.get(..end)).unwrap_or_default(),
            person: PersonId(Uuid::from_bytes(*person)),
            key,
        })
    }

    /// The key of `person`, unwrapped by the master key of its generation.
    pub(super) fn unwrap(&self, master: &Key, person: PersonId) -> Result<Key, Damage> {
        if self.person != person {
            return Err(Damage::Altered);
        }
        let key = master.cipher().decrypt([WRAPPING, self.header], self.key);
        let key = Zeroizing::new(key.map_err(|_| Damage::Altered)?);
        Key::copied(&key).ok_or(Damage::Shape)
    }
}
