//! `carnet report`: reports of an evaluation, drafted, read back and verified.

mod draft;
mod published;
mod verify;

use std::{path::Path, sync::Arc};

use clap::{Subcommand, ValueEnum};

use super::{CliError, existing_log};
use crate::{app::App, clock::Clock, config::Config, limits::OPERATION, report::render::Format};

/// What to do with reports.
#[derive(Subcommand)]
pub(super) enum Report {
    /// Compose un rapport, sans rien publier
    Draft(draft::Draft),
    /// Énumère les rapports publiés
    List,
    /// Écrit un rapport publié dans un fichier
    Export(published::Export),
    /// Recalcule chaque chiffre d'un rapport à partir des seules inscriptions qu'il cite
    Verify(verify::Verify),
}

impl Report {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        match self {
            Self::Draft(draft) => draft.run(config, clock).await,
            Self::List => published::list(config, clock).await,
            Self::Export(export) => export.run(config, clock).await,
            Self::Verify(verify) => verify.run(config, clock).await,
        }
    }
}

/// A format of reports.
#[derive(Clone, Copy, ValueEnum)]
enum OutputFormat {
    Pdf,
    Xlsx,
    Ods,
    Csv,
    Json,
    Contenu,
}

impl OutputFormat {
    const fn document(self) -> Option<Format> {
        match self {
            Self::Pdf => Some(Format::Pdf),
            Self::Xlsx => Some(Format::Xlsx),
            Self::Ods => Some(Format::Ods),
            Self::Csv => Some(Format::Csv),
            Self::Json => Some(Format::Json),
            Self::Contenu => None,
        }
    }
}

/// The format that is asked for, or else that a file is named after; none for the content itself.
fn format_of(file: &Path, asked: Option<OutputFormat>) -> Result<Option<Format>, CliError> {
    let named = file.extension().and_then(|extension| extension.to_str());
    let named = named.and_then(|name| OutputFormat::from_str(name, true).ok());
    let format = asked.or(named);
    let format = format.ok_or_else(|| other("Dites le format du rapport (--format)."))?;
    Ok(format.document())
}

/// The program, open on its data, and caught up with its log.
async fn opened(config: &Config, clock: Arc<dyn Clock>) -> Result<App, CliError> {
    existing_log(config)?;
    let app = App::open(config, clock).await?;
    let head = app.log.head().position;
    match app.reads.wait_for(head, OPERATION).await {
        Ok(()) => Ok(app),
        Err(stale) => {
            app.close().await;
            Err(other(stale))
        }
    }
}

fn other(error: impl std::fmt::Display) -> CliError {
    CliError::Other(error.to_string())
}

/// Writes a file whole, or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let told = |error: std::io::Error| other(format!("{} : {error}", path.display()));
    let beside = path.with_extension("part");
    std::fs::write(&beside, bytes).map_err(told)?;
    std::fs::rename(&beside, path).map_err(told)
}
