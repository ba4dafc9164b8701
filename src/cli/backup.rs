//! `carnet backup` and `carnet restore`.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    CliError, bar,
    log::{import, tell},
    say,
};
use crate::{app, config::Config, log::mirrored, privacy, projection::store};

/// In a backup, the log's segments.
const LOG: &str = "log";
/// In a backup, the read models.
const READ_MODELS: &str = "read.sqlite";

/// Where to.
#[derive(Args)]
pub(super) struct Backup {
    /// Répertoire de la sauvegarde ; une sauvegarde du même journal y est complétée
    #[arg(value_name = "RÉPERTOIRE")]
    to: PathBuf,
    /// Sauvegarde aussi les vues de lecture, qui se recalculent sinon du journal
    #[arg(long)]
    read_models: bool,
    /// Copie aussi les clés des données personnelles, à part : dans un autre répertoire
    #[arg(long, value_name = "RÉPERTOIRE")]
    keys_to: Option<PathBuf>,
}

impl Backup {
    pub(super) async fn run(&self, config: &Config) -> Result<(), CliError> {
        let Some(mirror) = config.mirror_dir() else {
            return Err(CliError::Other(
                "La sauvegarde copie le miroir, et le réglage « mirror » l'a supprimé : arrêter \
                 carnet et utiliser « carnet log export »."
                    .into(),
            ));
        };
        if !mirror.is_dir() {
            return Err(CliError::Other(format!(
                "La sauvegarde copie le miroir, et il n'est pas dans {} : voir « data_dir » et \
                 « mirror_dir » par « carnet config ».",
                mirror.display()
            )));
        }
        fs::create_dir_all(&self.to).map_err(|error| failed(&self.to, &error))?;
        let own = [config.data_dir.clone(), mirror.clone(), config.keys_dir()];
        apart(&self.to, &own)?;
        if let Some(keys) = &self.keys_to {
            apart(keys, &own)?;
        }
        // First, so that they do not know more than the log that is copied after them.
        let read_models = if self.read_models {
            Some(self.read_models(config).await?)
        } else {
            None
        };
        let bar = bar(0, "Sauvegarde {spinner} à partir de l'événement {pos}");
        let copied = mirrored::backup(&mirror, &self.to.join(LOG), &mut |position| {
            bar.set_position(position.0);
        });
        bar.finish_and_clear();
        let copied = copied?;
        if let Some(new) = read_models {
            put(&new, &self.to.join(READ_MODELS))?;
            say("Vues de lecture sauvegardées.");
        }
        tell("sauvegardés dans", &self.to, &copied);
        match &self.keys_to {
            Some(keys) => keys_kept(&config.keys_dir(), keys, &self.to),
            None => Ok(()),
        }
    }

    /// Copies them beside their place in the backup.
    async fn read_models(&self, config: &Config) -> Result<PathBuf, CliError> {
        let from = config.read_models();
        if !from.exists() {
            return Err(CliError::Other(format!(
                "Il n'y a pas de vues de lecture dans {} : sauvegarder sans --read-models, elles \
                 se recalculent.",
                from.display()
            )));
        }
        let new = beside(&self.to.join(READ_MODELS));
        remove(&new)?;
        store::copy(&from, &new)
            .await
            .map_err(app::AppError::from)?;
        Ok(new)
    }
}

/// Where from.
#[derive(Args)]
pub(super) struct Restore {
    /// Répertoire de la sauvegarde
    #[arg(value_name = "RÉPERTOIRE")]
    from: PathBuf,
    /// Ramène aussi les clés, de ce répertoire
    #[arg(long, value_name = "RÉPERTOIRE")]
    keys_from: Option<PathBuf>,
}

impl Restore {
    pub(super) fn run(&self, config: &Config) -> Result<(), CliError> {
        let read_models = config.read_models();
        let saved = self.from.join(READ_MODELS);
        // What SQLite keeps beside an old database would be taken for part of the new one.
        for suffix in ["", "-wal", "-shm"] {
            let mut there = read_models.clone().into_os_string();
            there.push(suffix);
            let there = PathBuf::from(there);
            if there.exists() {
                return Err(CliError::Other(format!(
                    "{} est déjà là : restaurer dans un répertoire neuf (--data-dir), ou l'écarter \
                     d'abord.",
                    there.display()
                )));
            }
        }
        let keys = config.keys_dir();
        if self.keys_from.is_some() && privacy::any(&keys).map_err(|error| failed(&keys, &error))? {
            return Err(CliError::Other(format!(
                "Il y a déjà des clés dans {} : les écarter d'abord, ou restaurer sans --keys-from.",
                keys.display()
            )));
        }
        let restored = import(&self.from.join(LOG), config)?;
        tell("restaurés de", &self.from, &restored);
        if saved.exists() {
            let new = beside(&read_models);
            remove(&new)?;
            fs::copy(&saved, &new).map_err(|error| failed(&new, &error))?;
            put(&new, &read_models)?;
            say("Vues de lecture restaurées.");
        } else {
            say("Les vues de lecture se recalculent au démarrage.");
        }
        match &self.keys_from {
            Some(from) => keys_kept(from, &keys, &config.data_dir),
            None => Ok(()),
        }
    }
}

/// Copies the keys, apart from the data.
fn keys_kept(from: &Path, to: &Path, data: &Path) -> Result<(), CliError> {
    let kept = privacy::copy(from, to, data).map_err(app::AppError::from)?;
    say(&format!(
        "{kept} fichiers de clés copiés dans {}.",
        to.display()
    ));
    Ok(())
}

/// Where a file is made before it takes its place.
fn beside(path: &Path) -> PathBuf {
    path.with_extension("sqlite.new")
}

fn remove(path: &Path) -> Result<(), CliError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Puts a file in its place once it is durable, and durably.
fn put(new: &Path, place: &Path) -> Result<(), CliError> {
    File::open(new)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(new, place))
        .and_then(|()| match place.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => {
                File::open(directory)?.sync_all()
            }
            Some(_) | None => Ok(()),
        })
        .map_err(|error| failed(place, &error))
}

/// Refuses a place within one of these directories, or around one: a copy must not share their
/// fate, nor they the copy's.
fn apart(place: &Path, own: &[PathBuf]) -> Result<(), CliError> {
    let place = whole(place);
    match own
        .iter()
        .find(|own| place.starts_with(whole(own)) || whole(own).starts_with(&place))
    {
        None => Ok(()),
        Some(own) => Err(CliError::Other(format!(
            "{} n'est pas à l'écart de {} : sauvegarder ailleurs, de préférence sur un autre disque.",
            place.display(),
            own.display()
        ))),
    }
}

/// What a name stands for, links followed as far as it exists.
fn whole(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = path.ancestors().find_map(|above| {
        let rest = path.strip_prefix(above).ok()?;
        Some(above.canonicalize().ok()?.join(rest))
    });
    there.unwrap_or(path)
}

fn failed(path: &Path, error: &io::Error) -> CliError {
    CliError::Other(format!("{} : {error}", path.display()))
}
