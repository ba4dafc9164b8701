//! `carnet log export` and `carnet log import`.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use crate::{
    app::places,
    cli::{CliError, bar, events, existing_log, say},
    clock::Clock,
    config::Config,
    domain::terms::Position,
    log::{
        EventLog,
        mirrored::{self, MirroredLog, Transferred},
    },
};

/// How many records are read at once.
const PAGE: usize = 1_000;

/// Where to.
#[derive(Args)]
pub(super) struct Export {
    /// Répertoire, vide ou à créer ; avec --jsonl, fichier à créer
    #[arg(value_name = "DESTINATION")]
    to: PathBuf,
    /// Une ligne JSON par événement, pour les personnes et d'autres outils ; ne se réimporte pas
    #[arg(long)]
    jsonl: bool,
}

impl Export {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        let log = MirroredLog::open(existing_log(config)?, clock)?;
        let bar = bar(
            log.head().position.0,
            "Exportation [{bar:30}] {pos}/{len} événements, reste {eta}",
        );
        let mut watch = |position: Position| bar.set_position(position.0);
        if self.jsonl {
            let written = lines(&log, &self.to, &mut watch).await?;
            bar.finish_and_clear();
            say(&format!("{written} événements dans {}.", self.to.display()));
            return Ok(());
        }
        let exported = mirrored::export(&log, &self.to, &mut watch)?;
        bar.finish_and_clear();
        tell("exportés vers", &self.to, &exported);
        Ok(())
    }
}

/// Writes a line for each event into a new file; answers how many.
async fn lines(
    log: &MirroredLog,
    path: &Path,
    watch: &mut impl FnMut(Position),
) -> Result<u64, CliError> {
    let failed = |error: std::io::Error| {
        CliError::Other(if error.kind() == std::io::ErrorKind::AlreadyExists {
            format!("{} existe déjà : rien n'est écrit.", path.display())
        } else {
            format!("{} ne peut être écrit : {error}", path.display())
        })
    };
    let mut out = BufWriter::new(File::create_new(path).map_err(failed)?);
    let mut at = Position::START;
    loop {
        let records = log.read(at, PAGE).await?;
        let Some(last) = records.last() else { break };
        at = last.position;
        for record in &records {
            writeln!(out, "{}", events::as_json(record)).map_err(failed)?;
        }
        watch(at);
    }
    let file = out
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(at.0)
}

/// Where from.
#[derive(Args)]
pub(super) struct Import {
    /// Répertoire de segments : un export, le « log » d'une sauvegarde, ou un miroir
    #[arg(value_name = "RÉPERTOIRE")]
    from: PathBuf,
}

impl Import {
    pub(super) fn run(&self, config: &Config) -> Result<(), CliError> {
        let imported = import(&self.from, config)?;
        tell("importés de", &self.from, &imported);
        Ok(())
    }
}

/// Imports with a bar.
pub(in crate::cli) fn import(from: &Path, config: &Config) -> Result<Transferred, CliError> {
    let bar = bar(0, "Importation {spinner} {pos} événements, {per_sec}");
    let imported = mirrored::import(from, places(config), &mut |position| {
        bar.set_position(position.0);
    });
    bar.finish_and_clear();
    Ok(imported?)
}

/// Says what was transferred.
pub(in crate::cli) fn tell(how: &str, place: &Path, transferred: &Transferred) {
    say(&format!(
        "{} événements du journal {} {how} {} ; empreinte {}.",
        transferred.head.position,
        transferred.id,
        place.display(),
        transferred.head.hash
    ));
}
