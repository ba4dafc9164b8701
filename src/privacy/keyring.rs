//! The keyring: one key for each person, all of them wrapped by the master key.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use secrecy::SecretString;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Damage, KeysError, Person, SealError, Use,
    directory::Directory,
    seal::{Key, Wrapped},
};
use crate::{
    domain::terms::{PersonId, Sealed},
    limits::KEYS_KEPT,
};

/// Far more generations of the master key than there ever are.
const GENERATION_MAX: u32 = 1_000_000;

/// What is done once a person is erased, whatever else may still hold what was opened.
type Hook = Box<dyn Fn() + Send + Sync>;

/// The keyring; its copies are one and the same.
#[derive(Clone)]
pub struct Keyring(Arc<Shared>);

struct Shared {
    directory: Directory,
    /// Held while files are read or written.
    files: Mutex<()>,
    state: RwLock<State>,
    hooks: Mutex<Vec<Hook>>,
}

#[derive(Default)]
struct State {
    /// The master keys, by generation: one, or more while keys wrapped by an older one are left.
    masters: BTreeMap<u32, Arc<Key>>,
    /// Keys opened lately.
    keys: HashMap<PersonId, Arc<Key>>,
    /// Who was erased: no key of theirs is used, or made, any more.
    erased: HashSet<PersonId>,
    /// Whose key was missed: said once.
    missed: HashSet<PersonId>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

/// What replacing the master key came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// The generation of the new master key.
    pub generation: u32,
    /// How many keys are wrapped by it now.
    pub wrapped: usize,
    /// How many key files could not be read, and stay as they are.
    pub unreadable: usize,
}

/// What there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The generation of the master key, if there is one yet.
    pub generation: Option<u32>,
    /// Whose key lies there.
    pub persons: Vec<PersonId>,
}

impl Keyring {
    /// Opens the keyring of a directory, creating it; it must lie apart from `data`. A replacement
    /// of the master key that was cut short is brought to its end.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn open(directory: &Path, data: &Path) -> Result<Self, KeysError> {
        let directory = Directory::open(directory, data)?;
        let mut state = State::default();
        for name in directory.names()? {
            let Some(generation) = generation_of(&name) else {
                continue;
            };
            let bytes = Zeroizing::new(directory.read(&name)?.unwrap_or_default());
            let master = Key::of_master_file(&bytes, generation).map_err(|damage| {
                let path = directory.place(&name).display().to_string();
                KeysError::Damaged { path, damage }
            })?;
            state.masters.insert(generation, Arc::new(master));
        }
        let cut_short = state.masters.len() > 1;
        let keyring = Self(Arc::new(Shared {
            directory,
            files: Mutex::default(),
            state: RwLock::new(state),
            hooks: Mutex::default(),
        }));
        if cut_short {
            let shared = &keyring.0;
            let rotated = shared.retire(&shared.files())?;
            tracing::info!(
                generation = rotated.generation,
                "a replacement of the master key that was cut short is done"
            );
        }
        Ok(keyring)
    }

    /// Seals a text of a person, who gets a key if nothing was ever recorded of that person. The
    /// key is on disk for good before this answers.
    ///
    /// # Errors
    /// [`SealError`].
    pub async fn seal(
        &self,
        whose: PersonId,
        person: Person,
        what: Use,
        text: SecretString,
    ) -> Result<Sealed, SealError> {
        self.blocking(move |shared| {
            let key = {
                let files = shared.files();
                match shared.key(&files, whose)? {
                    Ok(key) => key,
                    Err(Lack::Erased) => return Err(SealError::Erased),
                    Err(Lack::None) if person == Person::New => shared.create(&files, whose)?,
                    Err(Lack::None | Lack::Damaged(_)) => return Err(SealError::KeyMissing),
                }
            };
            let text = secrecy::ExposeSecret::expose_secret(&text);
            Ok(key.seal(whose, what, text).ok_or(KeysError::Cipher)?)
        })
        .await
    }

    /// Opens a sealed text; `None` if the person was erased, or the key is lost or damaged, which
    /// is told to the operator once.
    #[must_use]
    pub fn unseal(&self, sealed: &Sealed, what: Use) -> Option<SecretString> {
        let shared = &self.0;
        let person = sealed.person();
        let known = {
            let state = shared.state();
            if state.erased.contains(&person) {
                return None;
            }
            state.keys.get(&person).cloned()
        };
        let key = match known {
            Some(key) => Ok(Ok(key)),
            None => shared.key(&shared.files(), person),
        };
        let why = match key {
            Ok(Ok(key)) => match key.unseal(sealed, what) {
                Ok(text) => return Some(text),
                Err(_) => "the key does not open what was sealed".to_owned(),
            },
            Ok(Err(Lack::Erased)) => return None,
            Ok(Err(Lack::None)) => "there is no key".to_owned(),
            Ok(Err(Lack::Damaged(damage))) => damage.to_string(),
            Err(error) => error.to_string(),
        };
        if shared.state_mut().missed.insert(person) {
            tracing::warn!(%person, why, "what is sealed of a person cannot be read");
        }
        None
    }

    /// Destroys the key of a person, whose erasure is recorded. It is gone for good once this
    /// answers; asked again, it is looked for again.
    ///
    /// # Errors
    /// [`KeysError`]; even so, the key is not used any more.
    pub async fn erase(&self, person: PersonId) -> Result<(), KeysError> {
        self.blocking(move |shared| shared.erase(person).map(|_| ()))
            .await
    }

    /// Destroys what keys there are of persons whose erasure is recorded: it was cut short, or an
    /// old copy of the keys was put back. Answers how many there were.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn sweep(&self, erased: Vec<PersonId>) -> Result<usize, KeysError> {
        self.blocking(move |shared| {
            let mut found = 0;
            for person in erased {
                found += usize::from(shared.erase(person)?);
            }
            Ok(found)
        })
        .await
    }

    /// Replaces the master key: every key is wrapped by the new one, and the old one destroyed.
    ///
    /// # Errors
    /// [`KeysError`]; whatever was done by then is brought to its end by the next opening.
    pub fn rotate(&self) -> Result<Rotated, KeysError> {
        let shared = &self.0;
        let files = shared.files();
        shared.new_master(&files)?;
        shared.retire(&files)
    }

    /// What there is.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn standing(&self) -> Result<Standing, KeysError> {
        let shared = &self.0;
        let last = shared.state().masters.keys().next_back().copied();
        Ok(Standing {
            generation: last,
            persons: shared.persons()?,
        })
    }

    /// Leaves a token of the administrator beside the keys, for the owner of the directory alone;
    /// answers where. It is there for good once this answers.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn leave_token(&self, token: SecretString) -> Result<PathBuf, KeysError> {
        self.blocking(move |shared| {
            let _files = shared.files();
            let token = secrecy::ExposeSecret::expose_secret(&token);
            shared.directory.leave_token(token)
        })
        .await
    }

    /// Has `hook` called at each erasure.
    pub fn on_erasure(&self, hook: impl Fn() + Send + Sync + 'static) {
        lock(&self.0.hooks).push(Box::new(hook));
    }

    /// Does what waits for the disk where waiting holds nobody else up. It is carried to its end
    /// even if whoever asked is gone.
    async fn blocking<T, E>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<KeysError> + Send + 'static,
    {
        let shared = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&shared)).await;
        done.unwrap_or_else(|_| Err(KeysError::Cipher.into()))
    }
}

/// Why a person has no key.
enum Lack {
    Erased,
    None,
    Damaged(Damage),
}

/// That the files are held.
type Files<'a> = MutexGuard<'a, ()>;

impl Shared {
    fn files(&self) -> Files<'_> {
        lock(&self.files)
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of a person, as it lies in its file.
    fn key(
        &self,
        files: &Files<'_>,
        person: PersonId,
    ) -> Result<Result<Arc<Key>, Lack>, KeysError> {
        {
            let state = self.state();
            if state.erased.contains(&person) {
                return Ok(Err(Lack::Erased));
            }
            if let Some(key) = state.keys.get(&person) {
                return Ok(Ok(Arc::clone(key)));
            }
        }
        let Some(bytes) = self.directory.read(&file_of(person))? else {
            return Ok(Err(Lack::None));
        };
        Ok(match self.unwrap(files, person, &bytes) {
            Ok(key) => Ok(self.keep(person, key)),
            Err(damage) => Err(Lack::Damaged(damage)),
        })
    }

    fn unwrap(&self, _: &Files<'_>, person: PersonId, bytes: &[u8]) -> Result<Key, Damage> {
        let wrapped = Wrapped::read(bytes)?;
        let master = self.state().masters.get(&wrapped.generation).cloned();
        let master = master.ok_or(Damage::NoMaster(wrapped.generation))?;
        wrapped.unwrap(&master, person)
    }

    fn keep(&self, person: PersonId, key: Key) -> Arc<Key> {
        let key = Arc::new(key);
        let mut state = self.state_mut();
        if state.keys.len() >= KEYS_KEPT {
            state.keys.clear();
        }
        state.keys.insert(person, Arc::clone(&key));
        state.missed.remove(&person);
        key
    }

    /// Makes a key for a person who has none.
    fn create(&self, files: &Files<'_>, person: PersonId) -> Result<Arc<Key>, KeysError> {
        let (generation, master) = match self.last_master() {
            Some(last) => last,
            None => self.new_master(files)?,
        };
        let key = random()?;
        let bytes = master.wrap(generation, person, &key);
        let bytes = bytes.ok_or(KeysError::Cipher)?;
        self.directory.write(&file_of(person), &bytes)?;
        Ok(self.keep(person, key))
    }

    fn last_master(&self) -> Option<(u32, Arc<Key>)> {
        let state = self.state();
        let (generation, master) = state.masters.last_key_value()?;
        Some((*generation, Arc::clone(master)))
    }

    /// Makes a master key. Its generation is one that no key file speaks of: another master key,
    /// which is lost, bore those.
    fn new_master(&self, _: &Files<'_>) -> Result<(u32, Arc<Key>), KeysError> {
        let mut last = self.last_master().map_or(0, |(generation, _)| generation);
        for person in self.persons()? {
            let bytes = self.directory.read(&file_of(person))?.unwrap_or_default();
            // A file that is damaged may speak of one that no keyring ever comes to.
            if let Ok(wrapped) = Wrapped::read(&bytes)
                && wrapped.generation < GENERATION_MAX
            {
                last = last.max(wrapped.generation);
            }
        }
        let generation = last.checked_add(1).ok_or(KeysError::Cipher)?;
        let master = Arc::new(random()?);
        let bytes = master.master_file(generation);
        self.directory.write(&master_file(generation), &bytes)?;
        let mut state = self.state_mut();
        state.masters.insert(generation, Arc::clone(&master));
        Ok((generation, master))
    }

    /// Wraps every key by the last master key, and destroys the others.
    fn retire(&self, files: &Files<'_>) -> Result<Rotated, KeysError> {
        let (generation, master) = self.last_master().ok_or(KeysError::Cipher)?;
        let mut rotated = Rotated {
            generation,
            wrapped: 0,
            unreadable: 0,
        };
        for person in self.persons()? {
            let name = file_of(person);
            let bytes = self.directory.read(&name)?.unwrap_or_default();
            let Ok(key) = self.unwrap(files, person, &bytes) else {
                tracing::warn!(%person, "the key of a person cannot be read and stays as it is");
                rotated.unreadable += 1;
                continue;
            };
            let wrapped = master.wrap(generation, person, &key);
            self.directory
                .write(&name, &wrapped.ok_or(KeysError::Cipher)?)?;
            rotated.wrapped += 1;
        }
        let old: Vec<u32> = self.state().masters.keys().copied().collect();
        for old in old.into_iter().filter(|old| *old != generation) {
            self.directory.destroy(&master_file(old))?;
            self.state_mut().masters.remove(&old);
        }
        Ok(rotated)
    }

    /// Destroys the key of a person; answers whether there was one.
    fn erase(&self, person: PersonId) -> Result<bool, KeysError> {
        let _files = self.files();
        {
            let mut state = self.state_mut();
            state.erased.insert(person);
            state.keys.remove(&person);
            state.missed.remove(&person);
        }
        for hook in lock(&self.hooks).iter() {
            hook();
        }
        self.directory.destroy(&file_of(person))
    }

    /// Whose key lies here.
    fn persons(&self) -> Result<Vec<PersonId>, KeysError> {
        let names = self.directory.names()?;
        Ok(names.iter().filter_map(|name| person_of(name)).collect())
    }
}

fn random() -> Result<Key, KeysError> {
    Key::random().map_err(|error| KeysError::Random(error.to_string()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn file_of(person: PersonId) -> String {
    format!("{person}.key")
}

fn person_of(file: &str) -> Option<PersonId> {
    let id = Uuid::try_parse(file.strip_suffix(".key")?).ok()?;
    Some(PersonId(id)).filter(|person| file_of(*person) == file)
}

fn master_file(generation: u32) -> String {
    format!("master-{generation}.key")
}

fn generation_of(file: &str) -> Option<u32> {
    let generation = file.strip_prefix("master-")?.strip_suffix(".key")?;
    let generation = generation.parse().ok()?;
    Some(generation).filter(|generation| master_file(*generation) == file)
}
