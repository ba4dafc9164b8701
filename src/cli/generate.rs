//! `carnet generate`: synthetic experiments, through the same commands as any other.

use std::sync::Arc;

use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{CliError, bar, say};
use crate::{
    app::{AppError, places},
    clock::Clock,
    command::{Commands, Request},
    config::Config,
    domain::terms::Label,
    generate,
    log::{EventLog, mirrored::MirroredLog},
};

/// How many experiments are written at once.
const AT_ONCE: usize = 64;

/// What to make.
#[derive(Args)]
pub(super) struct Generate {
    /// Nombre d'expérimentations synthétiques ; 100 si rien n'est dit
    #[arg(
        long,
        default_value_t = 100,
        hide_default_value = true,
        value_name = "NOMBRE"
    )]
    experiments: u64,
    /// Graine : la même donne toujours les mêmes inscriptions
    #[arg(
        long,
        default_value_t = 42,
        hide_default_value = true,
        value_name = "NOMBRE"
    )]
    seed: u64,
}

impl Generate {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        let actor = Label::try_new(&config.actor).map_err(AppError::Actor)?;
        let log: Arc<dyn EventLog> = Arc::new(MirroredLog::open(places(config), clock)?);
        let before = log.head().position.0;
        let commands = Commands::new(Arc::clone(&log));
        let bar = bar(
            self.experiments,
            "Génération [{bar:30}] {pos}/{len} expérimentations, reste {eta}",
        );
        stream::iter(0..self.experiments)
            .map(|index| one(&commands, &actor, self.seed, index))
            .buffer_unordered(AT_ONCE)
            .try_for_each(|()| {
                bar.inc(1);
                std::future::ready(Ok(()))
            })
            .await?;
        bar.finish_and_clear();
        let written = log.head().position.0 - before;
        say(&format!(
            "{} expérimentations synthétiques (graine {}), {written} événements inscrits.",
            self.experiments, self.seed
        ));
        Ok(())
    }
}

async fn one(commands: &Commands, actor: &Label, seed: u64, index: u64) -> Result<(), CliError> {
    let failed = |why: String| CliError::Other(format!("Expérimentation {index} : {why}"));
    let entries = generate::experiment(seed, index).map_err(|why| failed(why.to_string()))?;
    for (command_id, entry) in entries {
        let request = Request {
            command_id,
            actor: actor.clone(),
            expected_version: None,
            entry,
        };
        commands
            .execute(request)
            .await
            .map_err(|why| failed(why.to_string()))?;
    }
    Ok(())
}
