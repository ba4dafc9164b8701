//! The command line: one file per subcommand. It speaks French.
#![expect(clippy::print_stderr, reason = "a command line says what went wrong")]

mod backup;
mod config;
mod demo;
mod documents;
mod events;
mod example;
mod french;
mod generate;
mod import;
mod log;
mod privacy;
mod rebuild;
mod report;
mod schema;
mod serve;
mod token;

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
    sync::Arc,
};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use tracing_subscriber::EnvFilter;

use crate::{
    app::{AppError, places},
    clock::{Clock, SystemClock},
    config::{Config, ConfigError, Flags, LogFormat},
    log::{LogError, mirrored::Places},
};

#[derive(Parser)]
#[command(
    name = "carnet",
    version,
    about = "Carnet : chaque changement d'une expérimentation France Services « en mobilité », \
             écrit une fois, pour toujours",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand)]
enum Command {
    #[command(about = "Sert l'API et GraphiQL, jusqu'à Ctrl-C")]
    Serve(serve::Serve),
    /// Inscrit les trois expérimentations de 2021, telles que les sources les racontent
    Demo,
    /// Joue la démonstration dans un journal neuf, avec une activité synthétique, marquée comme telle
    Example(example::Example),
    /// Ajoute des expérimentations synthétiques, marquées comme telles
    Generate(generate::Generate),
    /// Importe un tableau de séances, d'accompagnements ou de retours
    Import(import::Import),
    /// Rapports d'évaluation : composer, vérifier
    #[command(subcommand)]
    Report(report::Report),
    /// Reconstruit les vues de lecture à partir du journal
    Rebuild,
    /// Imprime le schéma GraphQL
    Schema(schema::Schema),
    /// Imprime le journal
    Events(events::Events),
    /// Vérifie, prouve, exporte ou importe le journal
    Log(log::Log),
    /// Sauvegarde le journal, y compris pendant que carnet sert
    Backup(backup::Backup),
    /// Ramène une sauvegarde dans un répertoire neuf
    Restore(backup::Restore),
    /// Données personnelles : effacer une personne, remplacer la clé maîtresse
    #[command(subcommand)]
    Privacy(privacy::Privacy),
    /// Jetons de service : délivrer, lister, révoquer
    #[command(subcommand)]
    Token(token::Token),
    /// Documents GraphQL de confiance : lister, vérifier
    #[command(subcommand)]
    Documents(documents::Documents),
    /// Imprime la configuration en vigueur
    Config,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("{0}")]
    Other(String),
}

impl CliError {
    /// What can be done about it.
    fn advice(&self) -> Option<&'static str> {
        match self {
            Self::App(AppError::Log(LogError::Locked(_))) | Self::Log(LogError::Locked(_)) => Some(
                "Un autre processus carnet tient ce journal ouvert : arrêtez-le d'abord, ou \
                     choisissez un autre répertoire (--data-dir).",
            ),
            Self::Config(_) | Self::App(_) | Self::Log(_) | Self::Other(_) => None,
        }
    }
}

/// Runs the program on its command line.
#[must_use]
pub fn main() -> ExitCode {
    let matches = french::command(Cli::command()).try_get_matches();
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        // Help was asked for, or is all there is to say.
        Err(error) if error.context().next().is_none() => error.exit(),
        Err(error) => {
            eprintln!("{}", french::misunderstood(&error));
            return ExitCode::from(2);
        }
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("carnet : {error}");
            if let Some(advice) = error.advice() {
                eprintln!("{advice}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), CliError> {
    if let Command::Schema(schema) = &cli.command {
        return schema.run();
    }
    if let Command::Log(log) = &cli.command
        && let Some(done) = log.run_alone()
    {
        return done;
    }
    let config = Config::load(&cli.flags)?;
    start_logging(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(crate::limits::STACK_BYTES)
        .build()
        .map_err(|error| CliError::Other(format!("Le programme ne démarre pas : {error}")))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    runtime.block_on(async {
        match cli.command {
            Command::Serve(serve) => serve.run(&config, clock).await,
            Command::Demo => demo::run(&config, clock).await,
            Command::Example(example) => example.run(&config, clock).await,
            Command::Generate(generate) => generate.run(&config, clock).await,
            Command::Import(import) => import.run(&config, clock).await,
            Command::Report(report) => report.run(&config, clock).await,
            Command::Rebuild => rebuild::run(&config, clock).await,
            Command::Events(events) => events.run(&config, clock).await,
            Command::Backup(backup) => backup.run(&config).await,
            Command::Restore(restore) => restore.run(&config),
            Command::Log(log) => log.run(&config, clock).await,
            Command::Privacy(privacy) => privacy.run(&config, clock).await,
            Command::Token(token) => token.run(&config, clock).await,
            Command::Documents(documents) => documents.run(&config).await,
            Command::Config => config::run(&config),
            Command::Schema(schema) => schema.run(),
        }
    })
}

/// Prints what a command is asked for. Whoever reads it may stop when he has read enough: that is
/// no failure.
fn print(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::Other(error.to_string()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Where the log lies, for a command that only reads it: a mistyped place is told, not created.
fn existing_log(config: &Config) -> Result<Places, CliError> {
    let places = places(config);
    let mut directories = std::iter::once(&places.store).chain(&places.mirror);
    if directories.any(|directory| directory.is_dir()) {
        Ok(places)
    } else {
        Err(CliError::Other(format!(
            "Il n'y a pas de journal dans {}.",
            config.data_dir.display()
        )))
    }
}

/// A progress bar on the terminal, in the words of its template.
fn bar(length: u64, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style)
}

/// Prints a line of a program that goes on: that nobody can be told is no reason to stop.
fn say(line: &str) {
    if let Err(error) = print(&format!("{line}\n")) {
        tracing::warn!(%error, "nobody could be told");
    }
}

/// Below, the library of sockets would write whole messages, and so the names of persons.
const SOCKETS: &str = "tungstenite=info";

fn start_logging(config: &Config) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(&config.log)
        .and_then(|filter| Ok(filter.add_directive(SOCKETS.parse()?)))
        .map_err(|error| CliError::Other(format!("Le réglage « log » ne se lit pas : {error}")))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Colours are for people; a service manager would keep their codes.
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
