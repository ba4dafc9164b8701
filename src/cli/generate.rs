//! `carnet generate`: synthetic experiments, through the same commands as any other.

use std::sync::Arc;

use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{CliError, bar, say};
use crate::{
    app::{AppError, places},
    clock::Clock,
    command::{Commands, Page, Request, Verdict},
    config::Config,
    domain::{
        entry::Entry,
        refusal::Refusal,
        terms::{CommandId, Label},
    },
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
    /// Semaines d'activité synthétique de chaque expérimentation (séances, accompagnements, avis) ;
    /// aucune si rien n'est dit
    #[arg(
        long,
        default_value_t = 0,
        hide_default_value = true,
        value_name = "NOMBRE"
    )]
    weeks: u64,
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
            .map(|index| self.one(&commands, &actor, index))
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

impl Generate {
    /// One experiment, with the activity asked for.
    async fn one(&self, commands: &Commands, actor: &Label, index: u64) -> Result<(), CliError> {
        let failed = |why: String| CliError::Other(format!("Expérimentation {index} : {why}"));
        let malformed = |why: Refusal| failed(why.to_string());
        for (command_id, entry) in generate::experiment(self.seed, index).map_err(malformed)? {
            write(commands, actor, command_id, entry)
                .await
                .map_err(failed)?;
        }
        let activity = generate::activity(self.seed, index).map_err(malformed)?;
        for week in 0..self.weeks {
            for page in activity.week(week).map_err(malformed)? {
                write_page(commands, actor, page).await.map_err(failed)?;
            }
        }
        Ok(())
    }
}

async fn write(
    commands: &Commands,
    actor: &Label,
    command_id: CommandId,
    entry: Entry,
) -> Result<(), String> {
    let request = Request {
        command_id,
        actor: actor.clone(),
        expected_version: None,
        entry,
    };
    let written = commands.execute(request).await;
    written.map(|_| ()).map_err(|why| why.to_string())
}

/// What is recorded of one session, and the corrections of it.
pub(super) async fn write_page(
    commands: &Commands,
    actor: &Label,
    page: generate::Page,
) -> Result<(), String> {
    let asked = Page {
        command_id: page.command_id,
        actor: actor.clone(),
        entries: page.entries,
    };
    let written = commands.write_page(&asked).await;
    let written = written.map_err(|why| why.to_string())?;
    if let Some(refusal) = written.verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Refused(refusal) => Some(refusal),
        Verdict::Recorded | Verdict::Already => None,
    }) {
        return Err(refusal.to_string());
    }
    for (command_id, index, entry) in page.corrections {
        if let Some(position) = written.outcome.written.get(index) {
            let entry = generate::correction(entry, *position).map_err(|why| why.to_string())?;
            write(commands, actor, command_id, entry).await?;
        }
    }
    Ok(())
}
