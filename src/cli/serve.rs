//! `carnet serve`.

use std::sync::Arc;

use clap::Args;
use tokio::{net::TcpListener, signal};

use super::{CliError, demo, say};
use crate::{
    app::{App, AppError},
    clock::Clock,
    config::Config,
    domain::{event::StreamId, terms::Position},
};

/// How to serve.
#[derive(Args)]
pub(super) struct Serve {
    /// Joue la démonstration si rien n'est inscrit d'aucune expérimentation
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|error| AppError::Io {
                what: format!("Le serveur ne peut écouter sur {}", config.listen),
                error,
            })?;
        let app = App::open(config, clock).await?;
        let served = self.serve(config, &app, listener).await;
        app.close().await;
        served?;
        say("Carnet est arrêté.");
        Ok(())
    }

    async fn serve(
        &self,
        config: &Config,
        app: &App,
        listener: TcpListener,
    ) -> Result<(), CliError> {
        if self.demo && nothing_recorded(app).await? {
            let (commands, written) = demo::play(app).await?;
            say(&format!(
                "Démonstration jouée : {commands} commandes, {written} événements."
            ));
        }
        let token = Self::first_token(config, app).await;
        let stop = stop_signal();
        let address = listener.local_addr().unwrap_or(config.listen);
        let head = app.log.head();
        let scheme = if config.tls_cert.is_some() {
            "https"
        } else {
            "http"
        };
        say(&format!(
            "\nCarnet sert {} événements ; empreinte du journal : {}\n\n  \
             Explorer : {scheme}://{address}/graphiql\n  \
             API      : {scheme}://{address}/graphql (HTTP et WebSocket)\n  \
             État     : {scheme}://{address}/health/ready et /metrics\n{token}\n\
             Trois requêtes à coller :\n\n{QUERIES}\n\
             Ctrl-C arrête le serveur, après ce qui est en cours.",
            head.position, head.hash
        ));
        Ok(app.serve(listener, stop).await?)
    }
}

impl Serve {
    /// Makes the token of the first run, and says where it is.
    async fn first_token(config: &Config, app: &App) -> String {
        if !config.first_token {
            return String::new();
        }
        match app.first_token().await {
            Ok(None) => String::new(),
            Ok(Some(left)) => format!("  Jeton    : {} (administrateur)\n", left.display()),
            Err(error) => {
                tracing::error!(%error, "the first run could not make the administrator's token");
                String::new()
            }
        }
    }
}

/// Whether the log holds nothing but who may do what.
async fn nothing_recorded(app: &App) -> Result<bool, CliError> {
    let mut at = Position::START;
    loop {
        let records = app.log.read(at, PAGE).await?;
        let Some(last) = records.last() else {
            return Ok(true);
        };
        at = last.position;
        let is_access =
            |stream: &str| matches!(stream.parse(), Ok(StreamId::Token(_) | StreamId::Holder(_)));
        if !records.iter().all(|record| is_access(&record.stream)) {
            return Ok(false);
        }
    }
}

/// Events read at once.
const PAGE: usize = 1000;

/// What the first run offers to paste; the README gives their answers.
const QUERIES: &str = include_str!("../../demo/trois-requetes.graphql");

/// Resolves on Ctrl-C or SIGTERM, from this call on: who is told to stop before anybody waits for
/// it stops as well.
fn stop_signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminated = {
        let heard = signal::unix::signal(signal::unix::SignalKind::terminate());
        async {
            match heard {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending::<()>().await,
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    let interrupted = async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    async {
        tokio::select! {
            () = interrupted => {}
            () = terminated => {}
        }
    }
}
