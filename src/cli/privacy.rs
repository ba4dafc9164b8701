//! `carnet privacy`: what is done about personal data beside the API.

use std::{collections::BTreeSet, sync::Arc};

use async_graphql::{Request, Variables, value};
use clap::{Args, Subcommand};

use super::{CliError, existing_log, say};
use crate::{
    app::{App, AppError},
    clock::Clock,
    config::Config,
    domain::terms::PersonId,
    limits::READ_OWN_WRITE,
    log::{LogError, mirrored::MirroredLog},
    privacy::Keyring,
    read::{At, ReadError, Sight},
};

/// The erasure, as any client asks for it.
const ERASE: &str = "mutation Erase($input: ErasePersonInput!) {
  erasePerson(input: $input) { userErrors { message } position eventIds }
}";

/// What is to be done.
#[derive(Subcommand)]
pub(super) enum Privacy {
    /// Efface une personne : inscrit l'effacement, puis détruit sa clé
    Erase(Erase),
    /// Remplace la clé maîtresse et détruit l'ancienne
    Rotate,
    /// Compte les clés, les personnes effacées, et celles dont la clé manque
    Status,
}

/// Whom to erase, and why.
#[derive(Args)]
pub(super) struct Erase {
    /// Identifiant de la personne, comme adviser-00000000-0000-0000-0000-000000000000
    id: String,
    /// Motif, sans nommer la personne : il reste lisible
    #[arg(long, value_name = "MOTIF")]
    reason: String,
    /// Sur quelle source
    #[arg(
        long,
        value_name = "SOURCE",
        default_value = "Demande d'effacement (RGPD, article 17)",
        hide_default_value = true
    )]
    source: String,
}

impl Privacy {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        existing_log(config)?;
        match self {
            Self::Erase(erase) => {
                let app = open(config, &clock, HELD_ERASE).await?;
                let erased = erase.carry_out(&app, clock.as_ref()).await;
                app.close().await;
                erased
            }
            Self::Rotate => {
                // Held, so that no server goes on with keys wrapped by the old one.
                let log = MirroredLog::open(existing_log(config)?, clock);
                let _held = log.map_err(|error| held(AppError::Log(error), HELD))?;
                rotate(config)
            }
            Self::Status => {
                let app = open(config, &clock, HELD).await?;
                let told = status(&app, clock.as_ref()).await;
                app.close().await;
                told
            }
        }
    }
}

/// What to do about a server that is running.
const HELD: &str = "Un serveur carnet tient ces données : arrêtez-le d'abord.";
const HELD_ERASE: &str = "Un serveur carnet tient ces données : demandez-lui l'effacement par la \
                          mutation « erasePerson », ou arrêtez-le d'abord.";

async fn open(config: &Config, clock: &Arc<dyn Clock>, advice: &str) -> Result<App, CliError> {
    let opened = App::open(config, Arc::clone(clock)).await;
    let app = opened.map_err(|error| held(error, advice))?;
    let head = app.log.head().position;
    if let Err(stale) = app.reads.wait_for(head, READ_OWN_WRITE).await {
        app.close().await;
        return Err(CliError::Other(format!(
            "Les vues de lecture n'en sont qu'à la position {} sur {head} ; reconstruisez-les \
             (carnet rebuild).",
            stale.reached
        )));
    }
    Ok(app)
}

fn held(error: AppError, advice: &str) -> CliError {
    if matches!(error, AppError::Log(LogError::Locked(_))) {
        CliError::Other(advice.to_owned())
    } else {
        error.into()
    }
}

impl Erase {
    async fn carry_out(&self, app: &App, clock: &dyn Clock) -> Result<(), CliError> {
        let input = value!({
            "input": {
                "commandId": (clock.new_id().to_string()),
                "personId": (self.id.clone()),
                "on": (clock.today().to_string()),
                "reason": (self.reason.clone()),
                "source": { "label": (self.source.clone()) },
            }
        });
        let request = Request::new(ERASE)
            .variables(Variables::from_value(input))
            .data(app.caller.clone());
        let answer = app.schema.execute(request).await;
        if let Some(error) = answer.errors.first() {
            return Err(CliError::Other(error.message.clone()));
        }
        let payload = answer.data.into_json().unwrap_or_default();
        let payload = &payload["erasePerson"];
        if let Some(message) = payload["userErrors"][0]["message"].as_str() {
            return Err(CliError::Other(message.to_owned()));
        }
        say(&format!(
            "{} : personne effacée (position {}). Ce qui était scellé à son sujet ne peut plus être \
             lu, ni ici ni dans aucune copie du journal.\n\
             Les copies du répertoire des clés faites avant ce jour sont à détruire.",
            self.id,
            payload["position"].as_str().unwrap_or_default()
        ));
        Ok(())
    }
}

fn rotate(config: &Config) -> Result<(), CliError> {
    let keys = Keyring::open(&config.keys_dir(), &config.data_dir).map_err(AppError::from)?;
    let rotated = keys.rotate().map_err(AppError::from)?;
    say(&format!(
        "Clé maîtresse remplacée (génération {}) ; {} clés de personnes protégées par elle.",
        rotated.generation, rotated.wrapped
    ));
    if rotated.unreadable > 0 {
        say(&format!(
            "{} clés ne se lisent pas et sont restées telles quelles.",
            rotated.unreadable
        ));
    }
    Ok(())
}

async fn status(app: &App, clock: &dyn Clock) -> Result<(), CliError> {
    let standing = app.keys.standing().map_err(AppError::from)?;
    let mut keys: BTreeSet<PersonId> = standing.persons.into_iter().collect();
    // Pseudonyms are sealed with a key of their experiment, which is no person's.
    let (mut pseudonyms, mut missing_pseudonyms) = (0, 0);
    let at = At {
        position: app.reads.position(),
        on: clock.today(),
        sight: Sight::ALL,
    };
    let read = async {
        for experiment in app.reads.experiment_ids().await? {
            if keys.remove(&experiment.visitors()) {
                pseudonyms += 1;
            } else if app.reads.has_pseudonyms(at, experiment).await? {
                missing_pseudonyms += 1;
            }
        }
        let known = app.reads.persons(false).await?;
        Ok((known, app.reads.persons(true).await?))
    };
    let (known, erased) = read.await.map_err(|error: ReadError| {
        CliError::Other(format!("Les vues de lecture ne se lisent pas : {error}"))
    })?;
    let missing = known.iter().filter(|person| !keys.contains(person));
    let generation = standing
        .generation
        .map_or_else(|| "aucune".to_owned(), |generation| generation.to_string());
    say(&format!(
        "Clé maîtresse : génération {generation}\n\
         Clés de personnes : {}\n\
         Personnes connues : {}\n\
         Personnes dont la clé manque : {}\n\
         Personnes effacées : {}\n\
         Clés de pseudonymes, une par expérimentation : {pseudonyms}\n\
         Expérimentations dont la clé de pseudonymes manque : {missing_pseudonyms}",
        keys.len(),
        known.len(),
        missing.count(),
        erased.len()
    ));
    Ok(())
}
