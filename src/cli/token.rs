//! `carnet token`: service tokens, issued, listed and revoked where the server does not run.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use clap::{Args, Subcommand, ValueEnum};
use secrecy::ExposeSecret;

use super::{CliError, existing_log, print, say};
use crate::{
    access::{Grant, Reach, Role},
    app::App,
    clock::Clock,
    command::Commands,
    config::Config,
    domain::{
        event::StreamId,
        sentence,
        terms::{ExperimentId, Label, Title, TokenId, Words, time::in_french},
    },
    identity::{Issuing, Revoking, ServiceToken},
    limits::OPERATION,
};

/// What is recorded as the source.
const SOURCE: &str = "Ligne de commande";

/// What to do with service tokens.
#[derive(Subcommand)]
pub(super) enum Token {
    /// Délivre un jeton, et l'imprime : il ne le sera plus
    Issue(Issue),
    /// Liste les jetons délivrés
    List,
    /// Révoque un jeton
    Revoke(Revoke),
}

/// A token to be issued.
#[derive(Args)]
pub(super) struct Issue {
    /// À quoi il sert : le nom d'un programme, jamais celui d'une personne
    #[arg(value_name = "NOM")]
    name: String,
    /// Le rôle : evaluator, carrier, funder ou administrator
    #[arg(long, value_name = "RÔLE", hide_possible_values = true)]
    role: RoleName,
    /// Seulement sur les expérimentations que porte cette organisation
    #[arg(long, value_name = "NOM", conflicts_with = "experiment")]
    organisation: Option<String>,
    /// Seulement sur cette expérimentation
    #[arg(long, value_name = "IDENTIFIANT")]
    experiment: Option<String>,
    /// Le dernier jour où il est valable (en temps universel) ; si rien n'est dit, dans un an
    #[arg(long, value_name = "DATE")]
    until: Option<NaiveDate>,
}

/// A role on the command line.
#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    Evaluator,
    Carrier,
    Funder,
    Administrator,
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Evaluator => Self::Evaluator,
            RoleName::Carrier => Self::Carrier,
            RoleName::Funder => Self::Funder,
            RoleName::Administrator => Self::Administrator,
        }
    }
}

/// A token to be revoked.
#[derive(Args)]
pub(super) struct Revoke {
    /// Identifiant du jeton, comme token-00000000-0000-0000-0000-000000000000
    id: String,
    /// Motif
    #[arg(long, value_name = "MOTIF")]
    reason: Option<String>,
}

/// How long a token holds where nothing is said.
const DAYS: Days = Days::new(365);

fn other(error: impl std::fmt::Display) -> CliError {
    CliError::Other(error.to_string())
}

impl Token {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        if !matches!(self, Self::Issue(_)) {
            existing_log(config)?;
        }
        let app = App::open(config, Arc::clone(&clock)).await?;
        let done = match self {
            Self::Issue(issue) => issue.carry_out(&app, clock.as_ref()).await,
            Self::List => list(&app, clock.as_ref()).await,
            Self::Revoke(revoke) => revoke.carry_out(&app, clock.as_ref()).await,
        };
        app.close().await;
        done
    }
}

impl Issue {
    async fn carry_out(&self, app: &App, clock: &dyn Clock) -> Result<(), CliError> {
        let on = clock.today();
        let last = match self.until {
            Some(until) => until,
            None => on.checked_add_days(DAYS).unwrap_or(on),
        };
        let end = last.succ_opt().and_then(|day| day.and_hms_opt(0, 0, 0));
        let issuing = Issuing {
            id: clock.new_id(),
            actor: app.caller.actor.clone(),
            source: Label::try_new(SOURCE).map_err(other)?,
            on,
            name: Title::try_new(&self.name).map_err(other)?,
            grants: vec![self.grant()?],
            expires: end.map(|end| end.and_utc()),
        };
        let id = TokenId(issuing.id);
        let token = ServiceToken::draw().map_err(other)?;
        let commands = Commands::new(Arc::clone(&app.log));
        issuing.record(&commands, &token).await.map_err(other)?;
        // The token alone goes where it can be piped to; what is said of it, beside it.
        tracing::info!(token = %id, until = %last, "a token is issued");
        print(&format!("{}\n", token.expose_secret()))
    }

    fn grant(&self) -> Result<Grant, CliError> {
        let over = match (&self.organisation, &self.experiment) {
            (Some(name), _) => Reach::Organisation(Label::try_new(name).map_err(other)?),
            (None, Some(id)) => {
                let id: Option<StreamId> = id.parse().ok();
                let id = id.and_then(|subject| ExperimentId::try_from(subject).ok());
                Reach::Experiment(
                    id.ok_or_else(|| other("Cet identifiant n'est pas d'une expérimentation."))?,
                )
            }
            (None, None) => Reach::Programme,
        };
        Ok(Grant {
            role: self.role.into(),
            over,
        })
    }
}

async fn list(app: &App, clock: &dyn Clock) -> Result<(), CliError> {
    let head = app.log.head().position;
    app.reads.wait_for(head, OPERATION).await.map_err(other)?;
    let mut tokens = app.reads.access().await.map_err(other)?.tokens;
    tokens.sort_by_key(|found| found.state.issued.as_ref().map(|issued| issued.position));
    let now = clock.now();
    for found in &tokens {
        let Some(issued) = &found.state.issued else {
            continue;
        };
        let issue = &issued.what;
        let grants: Vec<String> = issue.grants.iter().map(sentence::grant).collect();
        let state = match (&found.state.revoked, issue.expires) {
            (Some(revoked), _) => format!("révoqué le {}", in_french(revoked.valid.from)),
            (None, Some(end)) if end <= now => {
                format!("expiré le {}", in_french(end.date_naive()))
            }
            (None, Some(end)) => format!("valable jusqu'au {}", in_french(end.date_naive())),
            (None, None) => "valable sans limite".to_owned(),
        };
        say(&format!(
            "{}  « {} »  {}  ({})",
            StreamId::Token(found.id),
            issue.name,
            state,
            grants.join(" ; ")
        ));
    }
    if tokens.is_empty() {
        say("Aucun jeton n'a été délivré.");
    }
    Ok(())
}

impl Revoke {
    async fn carry_out(&self, app: &App, clock: &dyn Clock) -> Result<(), CliError> {
        let subject: Option<StreamId> = self.id.parse().ok();
        let token = subject.and_then(|subject| TokenId::try_from(subject).ok());
        let reason = self.reason.as_deref().map(Words::try_new);
        let revoking = Revoking {
            id: clock.new_id(),
            actor: app.caller.actor.clone(),
            source: Label::try_new(SOURCE).map_err(other)?,
            on: clock.today(),
            token: token.ok_or_else(|| other("Cet identifiant n'est pas d'un jeton."))?,
            reason: reason.transpose().map_err(other)?,
        };
        let commands = Commands::new(Arc::clone(&app.log));
        let done = revoking.record(&commands).await.map_err(other)?;
        say(if done.written.is_empty() {
            "Ce jeton était déjà révoqué."
        } else {
            "Ce jeton est révoqué."
        });
        Ok(())
    }
}
