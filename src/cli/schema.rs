//! `carnet schema`.

use std::{fs, path::PathBuf};

use clap::Args;

use super::{CliError, print};
use crate::graphql;

/// What to print, or to write.
#[derive(Args)]
pub(super) struct Schema {
    /// Écrit les pages de référence dans ce répertoire, au lieu d'imprimer le schéma
    #[arg(long, value_name = "RÉPERTOIRE")]
    reference: Option<PathBuf>,
}

impl Schema {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let Some(directory) = &self.reference else {
            return print(&graphql::sdl());
        };
        let unread = |error| CliError::Other(format!("Le schéma ne se lit pas : {error}"));
        let pages = graphql::reference::pages().map_err(unread)?;
        let failed = |error| {
            let directory = directory.display();
            CliError::Other(format!("{directory} ne peut être écrit : {error}"))
        };
        fs::create_dir_all(directory).map_err(failed)?;
        for (name, page) in pages {
            fs::write(directory.join(name), page).map_err(failed)?;
        }
        Ok(())
    }
}
