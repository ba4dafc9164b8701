//! `carnet import`: what carriers keep in spreadsheets, recorded like any other entry.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};

use super::{CliError, bar, print};
use crate::{
    app::{AppError, places},
    clock::Clock,
    command::{Commands, Importing},
    config::Config,
    domain::terms::Label,
    import::{self, Done, Reading, Report, csv_template, xlsx_template},
    limits,
    log::{EventLog, mirrored::MirroredLog},
};

/// What to import.
#[derive(Args)]
pub(super) struct Import {
    /// Fichier CSV, XLSX ou ODS ; avec --template, le fichier à créer
    #[arg(value_name = "FICHIER")]
    file: PathBuf,
    /// Ce que le fichier contient : seances, accompagnements ou retours
    #[arg(long, value_name = "GENRE", hide_possible_values = true)]
    kind: Kind,
    /// Vérifie tout, et n'écrit rien
    #[arg(long)]
    dry_run: bool,
    /// Rend compte en JSON
    #[arg(long)]
    json: bool,
    /// La source de ces inscriptions ; si rien n'est dit, l'empreinte du fichier, jamais son nom
    #[arg(long, value_name = "TEXTE")]
    source: Option<String>,
    /// Marque ces inscriptions comme synthétiques
    #[arg(long)]
    synthetic: bool,
    /// Crée un modèle à remplir, au lieu d'importer : csv ou xlsx
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    template: Option<TemplateFormat>,
}

/// A kind of file.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Seances,
    Accompagnements,
    Retours,
}

impl From<Kind> for import::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Seances => Self::Sessions,
            Kind::Accompagnements => Self::Accompaniments,
            Kind::Retours => Self::Feedback,
        }
    }
}

/// A format of templates.
#[derive(Clone, Copy, ValueEnum)]
enum TemplateFormat {
    Csv,
    Xlsx,
}

impl Import {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        let kind = self.kind.into();
        if let Some(format) = self.template {
            return self.write_template(kind, format);
        }
        let bytes = read(&self.file)?;
        let name = self.file.file_name().map(|name| name.to_string_lossy());
        let file_name = name.as_deref();
        let mut reading = match import::read(&bytes, kind) {
            Ok(reading) => reading,
            Err(refused) => {
                self.tell(&Report {
                    file_name,
                    read: Err(&refused),
                    done: Done::Read,
                })?;
                return Err(CliError::Other("Rien n'est importé.".into()));
            }
        };
        drop(bytes);
        let done = self.carry_out(config, clock, &mut reading).await?;
        self.tell(&Report {
            file_name,
            read: Ok(&reading),
            done,
        })
    }

    async fn carry_out(
        &self,
        config: &Config,
        clock: Arc<dyn Clock>,
        reading: &mut Reading,
    ) -> Result<Done, CliError> {
        let refused = |refusal| CliError::Other(format!("--source : {refusal}"));
        let source = self.source.as_deref().map(Label::try_new);
        let asked = Importing {
            source: source.transpose().map_err(refused)?,
            synthetic: self.synthetic,
            actor: Label::try_new(&config.actor).map_err(AppError::Actor)?,
            on: clock.today(),
        };
        let log: Arc<dyn EventLog> = Arc::new(MirroredLog::open(places(config), clock)?);
        let commands = Commands::new(log);
        let items = u64::try_from(reading.items.len()).unwrap_or(u64::MAX);
        let bar = bar(items, "Import [{bar:30}] {pos}/{len}, reste {eta}");
        let progress = || bar.inc(1);
        let done = commands
            .import_file(reading, &asked, self.dry_run, &progress)
            .await;
        bar.finish_and_clear();
        done.map_err(|error| CliError::Other(error.to_string()))
    }

    fn tell(&self, report: &Report<'_>) -> Result<(), CliError> {
        if self.json {
            print(&format!("{:#}\n", report.to_json()))
        } else {
            print(&report.in_french())
        }
    }

    fn write_template(&self, kind: import::Kind, format: TemplateFormat) -> Result<(), CliError> {
        use std::io::Write;
        let bytes = match format {
            TemplateFormat::Csv => csv_template(kind),
            TemplateFormat::Xlsx => {
                xlsx_template(kind).map_err(|error| CliError::Other(error.to_string()))?
            }
        };
        // What somebody filled in must not be lost to an empty one.
        File::create_new(&self.file)
            .and_then(|mut file| file.write_all(&bytes))
            .map_err(|error| failed(&self.file, &error))?;
        super::say(&format!("Modèle créé : {}", self.file.display()));
        Ok(())
    }
}

/// Reads a file, no further than shows that it is too large.
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let limit = u64::try_from(limits::IMPORT_FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| failed(path, &error))?;
    Ok(bytes)
}

fn failed(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Other(format!("{} : {error}.", path.display()))
}
