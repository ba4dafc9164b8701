//! Personal data: sealed before it becomes an entry, opened on its way into an answer.
//!
//! In: a text of a person, and what it is for ([`Use`]). Out: the [`Sealed`] form, which is all
//! that the domain, the log, the read models and every copy of them ever hold. The keys lie in a
//! directory of their own, one for each person, wrapped by a master key that is replaced from time
//! to time. A person is erased by an event that says so and the destruction of the key: from then
//! on nobody can open what was sealed, wherever it lies, and the chain of the log is what it was.
//!
//! **Invariants.** A key is on disk for good before anything sealed with it is handed out, and gone
//! for good before its erasure is answered. Nobody once erased gets a key again. A person who is
//! known never gets a second key in place of one that is lost. No key and no text shows in `Debug`,
//! in an error or in a message.
//!
//! **Deliberately absent.** Nothing here knows who was erased: that is told by the log. No key is
//! ever derived from another, and none leaves this module.

mod copy;
mod directory;
mod keyring;
mod seal;

pub use copy::{any, copy};
pub use keyring::{Keyring, Rotated, Standing};
pub use seal::{BLOCK, Damage};

use std::{io, path::Path};

/// What a sealed text is for: what is sealed for one use does not open as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// The name of an adviser.
    AdviserName,
    /// The pseudonym of a user of permanences: only ever compared, as it is sealed.
    VisitorPseudonym,
}

impl Use {
    /// Its name, bound to what is sealed for ever.
    const fn name(self) -> &'static [u8] {
        match self {
            Self::AdviserName => b"adviser-name",
            Self::VisitorPseudonym => b"visitor-pseudonym",
        }
    }
}

/// Whether somebody may get a first key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Nothing was ever recorded of that person.
    New,
    /// Something was: the key is there, or lost.
    Known,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file or the directory.
    #[error("Les clés dans {path} : {error}")]
    Io {
        /// Which.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// Another process uses them.
    #[error("Un autre processus tient les clés de {0}.")]
    Locked(String),
    /// They lie with the data.
    #[error(
        "Le répertoire des clés ({keys}) doit être à l'écart du répertoire des données, ni dedans \
         ni autour : une copie des données ne doit contenir aucune clé (réglage « keys_dir »)."
    )]
    NotApart {
        /// Where the keys would lie.
        keys: String,
    },
    /// Their directory holds something else.
    #[error(
        "Le répertoire {keys} contient autre chose que des clés (« {name} ») : les clés en veulent \
         un pour elles seules (réglage « keys_dir »)."
    )]
    Foreign {
        /// Where the keys would lie.
        keys: String,
        /// What lies there.
        name: String,
    },
    /// A master key is damaged.
    #[error(
        "La clé maîtresse {path} ne se lit pas : {damage}. Remettez-en une copie intacte, ou \
         retirez-la du répertoire : ce qu'elle protège restera alors illisible."
    )]
    Damaged {
        /// Which.
        path: String,
        /// How.
        damage: Damage,
    },
    /// The system gives no randomness.
    #[error("Le système ne donne pas d'aléa pour une clé : {0}")]
    Random(String),
    /// A key could not be used.
    #[error("Le chiffrement a échoué.")]
    Cipher,
}

impl KeysError {
    fn io(path: &Path, error: io::Error) -> Self {
        Self::Io {
            path: path.display().to_string(),
            error,
        }
    }
}

/// Why a text was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The person was erased.
    #[error("Cette personne a été effacée.")]
    Erased,
    /// The person is known, but the key is not there, or damaged.
    #[error(
        "La clé de cette personne manque ou est endommagée : rien ne peut être scellé à son sujet \
         tant qu'elle n'est pas remise dans le répertoire des clés."
    )]
    KeyMissing,
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
}
