//! `carnet log head`.

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use super::{hand_over, proofs, refused};
use crate::{cli::CliError, log::EventLog};

/// Which head.
#[derive(Args)]
pub(super) struct Head {
    /// Telle qu'elle était à cette position
    #[arg(long, value_name = "POSITION")]
    at: Option<u64>,
    /// Écrit dans ce fichier, qui ne doit pas exister
    #[arg(long, value_name = "FICHIER")]
    output: Option<PathBuf>,
}

impl Head {
    pub(super) async fn run(&self, log: Arc<dyn EventLog>) -> Result<(), CliError> {
        let (proofs, at) = proofs(log, self.at);
        let head = proofs.head(at).await.map_err(refused)?;
        hand_over(&head.to_json(), self.output.as_deref())
    }
}
