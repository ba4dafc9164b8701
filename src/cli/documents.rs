//! `carnet documents`: the trusted documents, by what they are asked for.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, print};
use crate::{
    app::documents::{checked, files},
    config::Config,
    graphql::Operation,
    http::Checked,
    limits::COST_BUDGET,
};

/// What to do with trusted documents.
#[derive(Subcommand)]
pub(super) enum Documents {
    #[command(about = "Liste ceux que connaîtrait le service (réglage « trusted_documents »)")]
    List,
    /// Vérifie des fichiers, comme le ferait le service à son démarrage
    Check(Check),
}

/// Files to check.
#[derive(Args)]
pub(super) struct Check {
    /// Documents (.graphql) et manifestes (.json)
    #[arg(value_name = "FICHIER", required = true)]
    files: Vec<PathBuf>,
}

impl Documents {
    pub(super) async fn run(&self, config: &Config) -> Result<(), CliError> {
        let files = match (self, &config.trusted_documents) {
            (Self::Check(check), _) => check.files.clone(),
            (Self::List, Some(directory)) => files(directory)?,
            (Self::List, None) => {
                return print(
                    "Aucun document de confiance : le réglage « trusted_documents » n'est pas donné.\n",
                );
            }
        };
        let documents = checked(&files).await?;
        let lines: String = documents.iter().map(line).collect();
        let count = match documents.len() {
            0 => "Aucun document de confiance.".to_owned(),
            1 => "1 document de confiance.".to_owned(),
            several => format!("{several} documents de confiance."),
        };
        print(&format!("{lines}{count}\n"))
    }
}

/// A document: what it is asked for by, what it does, what it costs, where it stands.
fn line(document: &Checked) -> String {
    let operations: Vec<String> = document.operations.iter().map(operation).collect();
    format!(
        "{}  {}  ({})\n",
        document.id(),
        operations.join(" ; "),
        document.file
    )
}

/// Its cost is one without variables; `explainCost` tells it with them.
fn operation(operation: &Operation) -> String {
    let kind = operation.kind;
    let name = operation.name.as_deref().unwrap_or("(sans nom)");
    let over = if operation.cost > COST_BUDGET {
        format!(", plus que les {COST_BUDGET} d'une opération")
    } else {
        String::new()
    };
    format!("{kind} {name}, coût {}{over}", operation.cost)
}
