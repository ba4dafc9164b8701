//! `carnet log prove`.

use std::{path::PathBuf, sync::Arc};

use clap::{ArgGroup, Args};

use super::{hand_over, proofs, refused};
use crate::{
    cli::CliError,
    domain::terms::Position,
    log::{EventLog, proof::Proof},
};

/// What to prove.
#[derive(Args)]
#[command(group = ArgGroup::new("what").required(true).args(["event", "from"]))]
pub(super) struct Prove {
    /// Prouve que l'événement de cette position est au journal
    #[arg(long, value_name = "POSITION")]
    event: Option<u64>,
    /// Pour le journal tel qu'il était à cette position
    #[arg(long, value_name = "POSITION", requires = "event")]
    at: Option<u64>,
    /// Prouve que le journal prolonge ce qu'il était à cette position
    #[arg(long, value_name = "POSITION")]
    from: Option<u64>,
    /// Jusqu'à cette position
    #[arg(long, value_name = "POSITION", requires = "from")]
    to: Option<u64>,
    /// Écrit dans ce fichier, qui ne doit pas exister
    #[arg(long, value_name = "FICHIER")]
    output: Option<PathBuf>,
}

impl Prove {
    pub(super) async fn run(&self, log: Arc<dyn EventLog>) -> Result<(), CliError> {
        let (proofs, head) = proofs(log, self.at.or(self.to));
        let proof = if let Some(event) = self.event {
            let proof = proofs.inclusion_with_record(Position(event), head).await;
            proof.map(Proof::Inclusion)
        } else {
            let from = Position(self.from.unwrap_or_default());
            proofs.consistency(from, head).await.map(Proof::Consistency)
        };
        hand_over(&proof.map_err(refused)?.to_json(), self.output.as_deref())
    }
}
