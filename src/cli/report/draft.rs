//! `carnet report draft`: a report of what is known, of which nothing is published.

use std::{path::PathBuf, sync::Arc};

use chrono::NaiveDate;
use clap::Args;

use super::{OutputFormat, format_of, opened, other, write};
use crate::{
    app::App,
    cli::{CliError, bar, say},
    clock::Clock,
    config::Config,
    domain::{
        experiment::DeliveryModel,
        report::Audience,
        terms::{Period, Position},
    },
    evaluation::group::Scope,
    log::proof::Proofs,
    publication::{self, Parameters, Step},
    read::{At, Sight},
    report::{
        content::Content,
        render::{Format, render},
    },
};

/// A report to be made.
#[derive(Args)]
pub(in crate::cli) struct Draft {
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

fn model(code: &str) -> Result<DeliveryModel, String> {
    DeliveryModel::of_code(code).ok_or_else(|| "ce n'est pas un modèle".to_owned())
}

impl Draft {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        let format = self.format()?;
        let app = opened(config, Arc::clone(&clock)).await?;
        let done = self.make(&app, clock.today()).await;
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
        format_of(&self.output, self.format)
    }

    async fn make(&self, app: &App, today: NaiveDate) -> Result<Content, CliError> {
        let reached = app.reads.position();
        let position = self.known_at.map_or(reached, Position);
        if position > reached {
            return Err(other(format!(
                "La position {position} est à venir : le journal finit à {reached}."
            )));
        }
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
