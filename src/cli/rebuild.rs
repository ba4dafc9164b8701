//! `carnet rebuild`.

use std::{path::Path, sync::Arc};

use super::{CliError, bar, existing_log, say};
use crate::{
    app::AppError,
    clock::Clock,
    config::Config,
    log::{EventLog, mirrored::MirroredLog},
    projection,
};

pub(super) async fn run(config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
    let log: Arc<dyn EventLog> = Arc::new(MirroredLog::open(
        existing_log(config)?,
        Arc::clone(&clock),
    )?);
    let bar = bar(
        log.head().position.0,
        "Reconstruction [{bar:30}] {pos}/{len} événements, {per_sec}, reste {eta}",
    );
    let rebuilt = projection::rebuild(log, clock, &config.read_models(), |position| {
        bar.set_position(position.0);
    })
    .await
    .map_err(AppError::from)?;
    bar.finish_and_clear();
    say(&format!(
        "Vues de lecture reconstruites jusqu'à la position {}.",
        rebuilt.position
    ));
    for (name, same) in &rebuilt.same {
        let verdict = match same {
            Some(true) => "identique à ce qui était servi",
            Some(false) => "DIFFÉRENT de ce qui était servi",
            None => "rien à comparer à cette position",
        };
        say(&format!("  {name} : {verdict}"));
    }
    if let Some(kept) = rebuilt.kept {
        say(&format!("L'ancienne base est gardée : {}", shown(&kept)));
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
