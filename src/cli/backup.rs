//! `carnet backup` and `carnet restore`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    CliError, bar,
    log::{import, tell},
    say,
};
use crate::{app, config::Config, log::mirrored, projection::store};

/// In a backup, the log's segments.
const LOG: &str = "log";
/// In a backup, the read models.
const READ_MODELS: &str = "read.sqlite";

/// Where to.
#[derive(Args)]
pub(super) struct Backup {
    /// Répertoire de la sauvegarde ; une sauvegarde du même journal y est complétée
    to: PathBuf,
    /// Sauvegarde aussi les vues de lecture, qui se recalculent sinon du journal
    #[arg(long)]
    read_models: bool,
}

impl Backup {
    pub(super) async fn run(&self, config: &Config) -> Result<(), CliError> {
        let Some(mirror) = config.mirror_dir().filter(|mirror| mirror.is_dir()) else {
            return Err(CliError::Other(
                "La sauvegarde se fait à partir du miroir, et il n'y en a pas ; arrêter carnet et \
                 utiliser « carnet log export »."
                    .into(),
            ));
        };
        fs::create_dir_all(&self.to).map_err(|error| failed(&self.to, &error))?;
        // First, so that they do not know more than the log that is copied after them.
        if self.read_models {
            self.read_models(config).await?;
        }
        let bar = bar(0, "Sauvegarde {spinner} à partir de l'événement {pos}");
        let copied = mirrored::backup(&mirror, &self.to.join(LOG), &mut |position| {
            bar.set_position(position.0);
        })?;
        bar.finish_and_clear();
        tell("sauvegardés dans", &self.to, &copied);
        Ok(())
    }

    async fn read_models(&self, config: &Config) -> Result<(), CliError> {
        let to = self.to.join(READ_MODELS);
        let new = self.to.join(format!("{READ_MODELS}.new"));
        match fs::remove_file(&new) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(&new, &error));
            }
            Ok(()) | Err(_) => {}
        }
        store::copy(&config.read_models(), &new)
            .await
            .map_err(app::AppError::from)?;
        fs::rename(&new, &to).map_err(|error| failed(&to, &error))?;
        say("Vues de lecture sauvegardées.");
        Ok(())
    }
}

/// Where from.
#[derive(Args)]
pub(super) struct Restore {
    /// Répertoire de la sauvegarde
    from: PathBuf,
}

impl Restore {
    pub(super) fn run(&self, config: &Config) -> Result<(), CliError> {
        let read_models = config.read_models();
        let saved = self.from.join(READ_MODELS);
        if read_models.exists() {
            return Err(CliError::Other(format!(
                "{} est déjà là : restaurer dans un répertoire neuf (--data-dir), ou l'écarter \
                 d'abord.",
                read_models.display()
            )));
        }
        let restored = import(&self.from.join(LOG), config)?;
        tell("restaurés de", &self.from, &restored);
        if saved.exists() {
            fs::copy(&saved, &read_models).map_err(|error| failed(&read_models, &error))?;
            say("Vues de lecture restaurées.");
        } else {
            say("Les vues de lecture se recalculent au démarrage.");
        }
        Ok(())
    }
}

fn failed(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Other(format!("{} : {error}", path.display()))
}
