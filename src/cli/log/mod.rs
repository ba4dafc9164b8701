//! `carnet log`: the log itself, one file per subcommand.

mod check_proof;
mod head;
mod prove;
mod transfer;
mod verify;

pub(super) use transfer::{import, tell};

use std::{fs::File, io::Write, path::Path, sync::Arc};

use clap::{Args, Subcommand};

use super::{CliError, existing_log, print};
use crate::{
    clock::Clock,
    config::Config,
    domain::terms::Position,
    log::{
        EventLog,
        mirrored::MirroredLog,
        proof::{ProofError, Proofs},
    },
};

/// What to do with the log.
#[derive(Args)]
pub(super) struct Log {
    #[command(subcommand)]
    command: LogCommand,
}

#[derive(Subcommand)]
enum LogCommand {
    /// Imprime la tête du journal, à noter là où le journal n'est pas
    Head(head::Head),
    /// Prouve qu'un événement est au journal, ou qu'une tête plus récente en prolonge une autre
    Prove(prove::Prove),
    /// Vérifie les deux copies de bout en bout, sans rien réparer
    Verify,
    /// Écrit le journal entier ailleurs : en segments, ou en lignes JSON
    Export(transfer::Export),
    /// Ramène un journal exporté : mêmes positions, mêmes empreintes
    Import(transfer::Import),
    /// Vérifie une preuve, sans journal ni données
    CheckProof(check_proof::CheckProof),
}

impl Log {
    /// What needs neither settings nor data, and is therefore done without.
    pub(super) fn run_alone(&self) -> Option<Result<(), CliError>> {
        match &self.command {
            LogCommand::CheckProof(check) => Some(check.run()),
            LogCommand::Head(_)
            | LogCommand::Prove(_)
            | LogCommand::Verify
            | LogCommand::Export(_)
            | LogCommand::Import(_) => None,
        }
    }

    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        match &self.command {
            LogCommand::Head(head) => head.run(open(config, clock)?).await,
            LogCommand::Prove(prove) => prove.run(open(config, clock)?).await,
            LogCommand::Verify => verify::run(config),
            LogCommand::Export(export) => export.run(config, clock).await,
            LogCommand::Import(import) => import.run(config),
            LogCommand::CheckProof(check) => check.run(),
        }
    }
}

/// The log, which must be there.
fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Arc<dyn EventLog>, CliError> {
    Ok(Arc::new(MirroredLog::open(existing_log(config)?, clock)?))
}

/// What proves, and the position that is asked of: the last one unless told.
fn proofs(log: Arc<dyn EventLog>, at: Option<u64>) -> (Proofs, Position) {
    let at = at.map_or_else(|| log.head().position, Position);
    (Proofs::new(log), at)
}

/// Writes what was made to a file that is not there yet, or prints it.
fn hand_over(text: &str, output: Option<&Path>) -> Result<(), CliError> {
    let Some(path) = output else {
        return print(text);
    };
    let written = File::create_new(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| {
        CliError::Other(if error.kind() == std::io::ErrorKind::AlreadyExists {
            format!("{} existe déjà : rien n'est écrit.", path.display())
        } else {
            format!("{} ne peut être écrit : {error}", path.display())
        })
    })
}

/// Why there is no proof, in French.
fn refused(error: ProofError) -> CliError {
    CliError::Other(match error {
        ProofError::Log(error) => return error.into(),
        ProofError::Ahead { asked, head } => {
            format!("Le journal n'en est qu'à la position {head}, non {asked}.")
        }
        ProofError::Outside { event, head } => {
            format!("Il n'y a pas d'événement {event} au journal jusqu'à la position {head}.")
        }
        ProofError::Reversed { from, to } => {
            format!("La tête la plus ancienne est à la position {from}, après {to}.")
        }
    })
}
