//! `carnet example`: the demonstration, and an activity that it might have had. The log must be
//! empty: what is written is never taken out again, and nothing invented belongs beside the records
//! of those who keep a notebook.

use std::sync::Arc;

use clap::Args;

use super::{CliError, bar, demo, generate::write_page, say};
use crate::{
    app::{App, AppError},
    clock::Clock,
    command::Commands,
    config::Config,
    domain::{
        refusal::Refusal,
        terms::{Label, Position},
    },
    generate,
};

/// What to invent.
#[derive(Args)]
pub(super) struct Example {
    /// Graine : la même donne toujours les mêmes inscriptions
    #[arg(
        long,
        default_value_t = 42,
        hide_default_value = true,
        value_name = "NOMBRE"
    )]
    seed: u64,
}

impl Example {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        let actor = Label::try_new(&config.actor).map_err(AppError::Actor)?;
        let app = App::open(config, clock).await?;
        let played = self.play(&app, &actor).await;
        app.close().await;
        let (real, invented) = played?;
        say(&format!(
            "Exemple joué : {real} événements que disent les sources, et {invented} événements \
             synthétiques (graine {}), marqués comme tels.",
            self.seed
        ));
        Ok(())
    }

    /// Plays it; answers how many events the demonstration has, and how many were invented.
    async fn play(&self, app: &App, actor: &Label) -> Result<(u64, u64), CliError> {
        if app.log.head().position != Position::START {
            return Err(CliError::Other(
                "L'exemple se joue dans un journal neuf, et celui-ci ne l'est pas : choisissez un \
                 autre répertoire (--data-dir)."
                    .to_owned(),
            ));
        }
        let (_, real) = demo::play(app).await?;
        let malformed = |why: Refusal| CliError::Other(why.to_string());
        let pages = generate::example(self.seed).map_err(malformed)?;
        let commands = Commands::new(Arc::clone(&app.log));
        let bar = bar(pages.len() as u64, "Exemple [{bar:30}] {pos}/{len}");
        for page in pages {
            write_page(&commands, actor, page)
                .await
                .map_err(CliError::Other)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok((real, app.log.head().position.0 - real))
    }
}
