//! `carnet report`: reports of an evaluation, drafted, read back and verified.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

use super::{CliError, bar, existing_log, print, say};
use crate::{
    app::App,
    clock::Clock,
    config::Config,
    domain::{
        event::Recorded,
        experiment::DeliveryModel,
        report::Audience,
        terms::{Period, Position},
    },
    evaluation::group::Scope,
    log::{EventLog, mirrored::MirroredLog, proof::Proofs, stored},
    publication::{self, Parameters, Step},
    read::{At, Sight},
    report::{
        content::{Content, Frozen, hash},
        render::{Format, render},
        verify::{Verdict, verify},
    },
};

/// Events read at once.
const PAGE: usize = 1000;

/// What to do with reports.
#[derive(Subcommand)]
pub(super) enum Report {
    /// Compose un rapport, sans rien publier
    Draft(Draft),
    /// Recalcule chaque chiffre d'un rapport à partir des seules inscriptions qu'il cite
    Verify(Verify),
}

/// A report to be made.
#[derive(Args)]
pub(super) struct Draft {
    /// Le fichier à écrire
    #[arg(value_name = "FICHIER")]
    output: PathBuf,
    /// pdf, xlsx, ods, csv, json, ou contenu : le document et chaque chiffre, avec les inscriptions
    /// qu'il cite ; si rien n'est dit, d'après le nom du fichier
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<OutputFormat>,
    /// Seulement ce graphique, en SVG
    #[arg(long, value_name = "CODE", conflicts_with = "format")]
    chart: Option<String>,
    /// Seulement cette expérimentation
    #[arg(long, value_name = "IDENTIFIANT")]
    experiment: Option<String>,
    /// Seulement les expérimentations de ce modèle : weekly-permanences, postal-service-expert,
    /// roving-desk ou other
    #[arg(long, value_name = "MODÈLE", value_parser = model)]
    model: Option<DeliveryModel>,
    /// Seulement celles dont le site de rattachement est dans ce département
    #[arg(long, value_name = "CODE")]
    departement: Option<String>,
    /// Premier jour ; si rien n'est dit, celui du premier lancement
    #[arg(long, value_name = "DATE", requires = "until")]
    from: Option<NaiveDate>,
    /// Dernier jour
    #[arg(long, value_name = "DATE", requires = "from")]
    until: Option<NaiveDate>,
    /// Ce qui était connu à cette position ; si rien n'est dit, tout ce qui l'est
    #[arg(long, value_name = "POSITION")]
    known_at: Option<u64>,
    /// Le jour tenu pour aujourd'hui
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Le titre
    #[arg(long, value_name = "TEXTE")]
    title: Option<String>,
    /// Pour le public : le secret statistique est appliqué
    #[arg(long)]
    public: bool,
}

/// A format of reports.
#[derive(Clone, Copy, ValueEnum)]
enum OutputFormat {
    Pdf,
    Xlsx,
    Ods,
    Csv,
    Json,
    Contenu,
}

impl OutputFormat {
    const fn document(self) -> Option<Format> {
        match self {
            Self::Pdf => Some(Format::Pdf),
            Self::Xlsx => Some(Format::Xlsx),
            Self::Ods => Some(Format::Ods),
            Self::Csv => Some(Format::Csv),
            Self::Json => Some(Format::Json),
            Self::Contenu => None,
        }
    }
}

/// A report to be verified.
#[derive(Args)]
pub(super) struct Verify {
    /// Le contenu d'un rapport (« carnet report draft --format contenu »)
    #[arg(value_name = "FICHIER")]
    file: PathBuf,
}

fn model(code: &str) -> Result<DeliveryModel, String> {
    DeliveryModel::of_code(code).ok_or_else(|| "ce n'est pas un modèle".to_owned())
}

fn other(error: impl std::fmt::Display) -> CliError {
    CliError::Other(error.to_string())
}

impl Report {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        match self {
            Self::Draft(draft) => draft.run(config, clock).await,
            Self::Verify(verify) => verify.run(config, clock).await,
        }
    }
}

impl Draft {
    async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        existing_log(config)?;
        let format = self.format()?;
        let app = App::open(config, Arc::clone(&clock)).await?;
        let head = app.log.head().position;
        let caught_up = app.reads.wait_for(head, crate::limits::OPERATION).await;
        let done = match caught_up {
            Ok(()) => self.make(&app, clock.today()).await,
            Err(stale) => Err(other(stale)),
        };
        app.close().await;
        let content = done?;
        let bytes = match &format {
            Some(format) => render(&content.document, format).map_err(other)?,
            None => content.canonical().map_err(other)?,
        };
        write(&self.output, &bytes)?;
        say(&format!(
            "{} : {} octets, arrêté à la position {}.",
            self.output.display(),
            bytes.len(),
            content.position
        ));
        Ok(())
    }

    fn format(&self) -> Result<Option<Format>, CliError> {
        if let Some(chart) = &self.chart {
            return Ok(Some(Format::Svg(chart.clone())));
        }
        let named = self
            .output
            .extension()
            .and_then(|extension| extension.to_str());
        let named = named.and_then(|name| OutputFormat::from_str(name, true).ok());
        let format = self.format.or(named);
        let format = format.ok_or_else(|| other("Dites le format du rapport (--format)."))?;
        Ok(format.document())
    }

    async fn make(&self, app: &App, today: NaiveDate) -> Result<Content, CliError> {
        let reached = app.reads.position();
        let position = self.known_at.map_or(reached, Position).min(reached);
        let at = At {
            position,
            on: self.on.unwrap_or(today),
            sight: Sight::ALL,
        };
        let experiment = self.experiment.as_deref().map(|id| {
            let id = id.strip_prefix("experiment-").unwrap_or(id);
            id.parse()
                .map_err(|_| other(format!("« {id} » n'est pas un identifiant.")))
        });
        let period = self.from.zip(self.until);
        let period = period.map(|(from, until)| Period::try_new(from, until));
        let parameters = Parameters {
            title: self.title.clone(),
            scope: Scope {
                experiment: experiment.transpose()?,
                model: self.model,
                departement: self.departement.clone(),
                ..Scope::default()
            },
            period: period.transpose().map_err(other)?,
            audience: if self.public {
                Audience::Public
            } else {
                Audience::Evaluator
            },
        };
        let bar = bar(1, "{msg} {bar:40} {pos}/{len}");
        let progress = |step: Step, done: usize, of: usize| {
            bar.set_message(match step {
                Step::Figures => "Chiffres",
                Step::Experiments => "Expérimentations",
                Step::Evidence => "Inscriptions citées",
                Step::Document => "Document",
            });
            bar.set_length(of as u64);
            bar.set_position(done as u64);
        };
        let proofs = Proofs::new(Arc::clone(&app.log));
        let made = publication::draft(&app.reads, &proofs, at, &parameters, &[], &progress).await;
        bar.finish_and_clear();
        Ok(made.map_err(other)?.0)
    }
}

/// Writes a file whole, or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let told = |error: std::io::Error| other(format!("{} : {error}", path.display()));
    let beside = path.with_extension("part");
    std::fs::write(&beside, bytes).map_err(told)?;
    std::fs::rename(&beside, path).map_err(told)
}

impl Verify {
    async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        let bytes = std::fs::read(&self.file);
        let bytes = bytes.map_err(|error| other(format!("{} : {error}", self.file.display())))?;
        let content = Content::from_canonical(&bytes)
            .map_err(|error| other(format!("Ce n'est pas le contenu d'un rapport : {error}")))?;
        let log = Arc::new(MirroredLog::open(existing_log(config)?, clock)?);
        let found = examine(log, &content).await?;
        print(&told(&content, &hash(&bytes), &found))?;
        if found.wrong.is_empty() && found.head_is_same {
            Ok(())
        } else {
            Err(other("Ce rapport ne se vérifie pas."))
        }
    }
}

/// What a verification found.
pub(super) struct Found {
    /// Whether the log up to its position is the one that it names.
    head_is_same: bool,
    /// How many figures came out the same.
    same: usize,
    /// How many are withheld.
    withheld: usize,
    /// How many entries they were computed from.
    entries: usize,
    /// Those that did not come out, each told.
    wrong: Vec<String>,
}

/// Computes every figure of a report again.
async fn examine(log: Arc<dyn EventLog>, content: &Content) -> Result<Found, CliError> {
    if content.position > log.head().position {
        let (asked, head) = (content.position, log.head().position);
        return Err(other(format!(
            "Ce rapport est arrêté à la position {asked}, et le journal finit à {head}."
        )));
    }
    let head = Proofs::new(Arc::clone(&log)).head(content.position).await;
    let head = head.map_err(other)?.hash.to_string();
    let events = cited(log.as_ref(), content).await?;
    let mut found = Found {
        head_is_same: head == content.head,
        same: 0,
        withheld: 0,
        entries: events.len(),
        wrong: Vec::new(),
    };
    let bar = bar(
        content.figures.len() as u64,
        "Chiffres {bar:40} {pos}/{len}",
    );
    for frozen in &content.figures {
        bar.inc(1);
        let (verdict, _) = verify(frozen, &behind(frozen, &events));
        let why = match verdict {
            Verdict::Same => {
                found.same += frozen.measures.len();
                continue;
            }
            Verdict::Withheld => {
                found.withheld += frozen.measures.len();
                continue;
            }
            Verdict::Differs => "ne se retrouve pas".to_owned(),
            Verdict::OtherVersion => format!("suit la version {} de sa définition", frozen.version),
            Verdict::UnknownIndicator => "suit une définition que ce programme n'a pas".to_owned(),
        };
        let group = frozen
            .group
            .as_ref()
            .map_or("ensemble", |group| group.label.as_str());
        found
            .wrong
            .push(format!("{} ({group}) {why}", frozen.indicator));
    }
    bar.finish_and_clear();
    Ok(found)
}

/// The entries that a report cites; all up to its position, where it cites none.
async fn cited(
    log: &dyn EventLog,
    content: &Content,
) -> Result<BTreeMap<Position, Recorded>, CliError> {
    let mut events = BTreeMap::new();
    let mut at = Position::START;
    while at < content.position {
        let records = log.read(at, PAGE).await?;
        let Some(last) = records.last() else { break };
        at = last.position;
        for record in &records {
            let wanted = record.position <= content.position
                && content.figures.iter().any(|frozen| match &frozen.evidence {
                    Some(positions) => positions.has(record.position),
                    None => true,
                });
            if wanted {
                events.insert(record.position, stored::decode(record)?);
            }
        }
    }
    Ok(events)
}

/// The entries behind a figure, and no others.
fn behind(frozen: &Frozen, events: &BTreeMap<Position, Recorded>) -> Vec<Recorded> {
    match &frozen.evidence {
        Some(positions) => {
            let cited = positions
                .iter()
                .filter_map(|position| events.get(&position));
            cited.cloned().collect()
        }
        None => events.values().cloned().collect(),
    }
}

fn told(content: &Content, hash: &str, found: &Found) -> String {
    let mut lines = vec![
        format!("Rapport : {}", content.title),
        format!("Empreinte du contenu : {hash}"),
        format!(
            "Arrêté à la position {} ; le journal y a {} empreinte.",
            content.position,
            if found.head_is_same {
                "la même"
            } else {
                "une autre"
            }
        ),
        format!(
            "{} chiffres recalculés à l'identique à partir de {} inscriptions ; {} non publiés.",
            found.same, found.entries, found.withheld
        ),
    ];
    lines.extend(found.wrong.iter().map(|wrong| format!("ÉCART : {wrong}")));
    lines.push(String::new());
    lines.join("\n")
}
