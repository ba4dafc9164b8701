//! Wiring, and the lifetimes of what runs: the one file that may name everyone.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, OnceLock},
};

use axum::Router;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    clock::Clock,
    command::Commands,
    config::Config,
    domain::{
        refusal::Refusal,
        terms::{Label, PersonId, Position},
    },
    graphql::{self, Api, Caller, Schema},
    http::{self, Server},
    limits,
    log::{EventLog, LogError, sled::SledLog},
    privacy::{Keyring, KeysError},
    projection::{self, Runner, RunnerError, store},
    read::{ReadError, ReadModels},
};

/// The program, open on its data.
pub struct App {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// The read models.
    pub reads: ReadModels,
    /// The keys of personal data.
    pub keys: Keyring,
    /// The schema.
    pub schema: Schema,
    /// Who acts.
    pub caller: Caller,
    /// Answers kept by moment.
    answers: http::Answers,
    /// Tells the server and its sockets to stop.
    stop: watch::Sender<bool>,
    /// Tells the projections to stop, once no mutation waits for them any more.
    halt: watch::Sender<bool>,
    runner: JoinHandle<()>,
    pool: sqlx::SqlitePool,
}

/// Why the program cannot run.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The log cannot be opened.
    #[error("Le journal ne s'ouvre pas : {0}")]
    Log(#[from] LogError),
    /// The read models cannot be opened.
    #[error("Les vues de lecture ne s'ouvrent pas : {0}")]
    ReadModels(#[from] RunnerError),
    /// The keys of personal data cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Their database cannot be opened.
    #[error("La base des vues de lecture ne s'ouvre pas : {0}")]
    Database(#[from] sqlx::Error),
    /// The address cannot be listened on, or a directory cannot be used.
    #[error("{what} : {error}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system says.
        error: io::Error,
    },
    /// The actor of the settings is not a name.
    #[error("Le réglage « actor » : {0}")]
    Actor(Refusal),
}

impl App {
    /// Opens the log, brings the read models of the data directory to life, and puts the schema
    /// over both. Read models of another version, or of another log, are built anew. No key of an
    /// erased person is left once this answers.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, AppError> {
        metrics_handle();
        let actor = Label::try_new(&config.actor).map_err(AppError::Actor)?;
        let log: Arc<dyn EventLog> =
            Arc::new(SledLog::open(&config.log_dir(), Arc::clone(&clock))?);
        let keys = Keyring::open(&config.keys_dir(), &config.data_dir)?;
        let path = config.read_models();
        let runner = match open_runner(config, &log, &clock).await {
            Err(error) if error.asks_for_rebuild() => {
                tracing::warn!(%error, "the read models are built anew");
                projection::rebuild(Arc::clone(&log), Arc::clone(&clock), &path, |_| {}).await?;
                open_runner(config, &log, &clock).await?
            }
            opened => opened?,
        };
        let pool = store::open_readers(&path, limits::READERS).await?;
        let reads = ReadModels::new(pool.clone(), runner.watch());
        let commands = Commands::new(Arc::clone(&log));
        sweep(&keys, &reads, &commands).await?;
        let answers = http::Answers::default();
        let forgetful = answers.clone();
        keys.on_erasure(move || forgetful.forget());
        let schema = graphql::schema(Api {
            commands,
            reads: reads.clone(),
            keys: keys.clone(),
            clock,
        });
        let (stop, _) = watch::channel(false);
        let (halt, halted) = watch::channel(false);
        let runner = tokio::spawn(runner.run(halted));
        Ok(Self {
            log,
            reads,
            keys,
            schema,
            caller: Caller(actor),
            answers,
            stop,
            halt,
            runner,
            pool,
        })
    }

    /// The routes, and what waits for the sockets they opened.
    pub fn router(&self) -> (Router, mpsc::Receiver<()>) {
        let (sockets, open_sockets) = mpsc::channel(1);
        let log = Arc::clone(&self.log);
        let server = Server {
            schema: self.schema.clone(),
            caller: self.caller.clone(),
            progress: self.reads.watch(),
            caught_up: Arc::default(),
            log: Arc::new(move || (log.head().position.0, log.read_only().is_some())),
            stop: self.stop.subscribe(),
            sockets,
            answers: self.answers.clone(),
            metrics: Arc::new(|| metrics_handle().render()),
        };
        (http::router(server), open_sockets)
    }

    /// Serves on `listener` until `until` resolves, then finishes what is in flight.
    ///
    /// # Errors
    /// [`AppError::Io`].
    pub async fn serve(
        &self,
        listener: TcpListener,
        until: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), AppError> {
        let (router, mut open_sockets) = self.router();
        let stop = self.stop.clone();
        let mut stopped = self.stop.subscribe();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
            until.await;
            stop.send_replace(true);
        });
        let mut serving = tokio::spawn(serving.into_future());
        let drained = async {
            let _gone = stopped.wait_for(|stop| *stop).await.is_err();
            tokio::time::timeout(limits::SHUTDOWN, async {
                let served = (&mut serving).await;
                while open_sockets.recv().await.is_some() {}
                served
            })
            .await
        };
        match drained.await {
            Ok(Ok(served)) => served.map_err(|error| AppError::Io {
                what: "Le serveur s'est arrêté".to_owned(),
                error,
            }),
            Ok(Err(panicked)) => Err(AppError::Io {
                what: "Le serveur s'est arrêté".to_owned(),
                error: io::Error::other(panicked),
            }),
            Err(_) => {
                tracing::warn!("some connections did not end in time and are cut");
                serving.abort();
                Ok(())
            }
        }
    }

    /// Stops the projections and lets go of the data directory.
    pub async fn close(self) {
        self.stop.send_replace(true);
        self.halt.send_replace(true);
        if self.runner.await.is_err() {
            tracing::error!("the projections' task had panicked");
        }
        self.pool.close().await;
    }
}

/// Destroys every key whose person is recorded as erased: the erasure was cut short after it was
/// recorded, or an old copy of the keys was put back. The read models tell most of them, the log
/// those that came after; all of them, where the read models cannot be read.
async fn sweep(keys: &Keyring, reads: &ReadModels, commands: &Commands) -> Result<(), KeysError> {
    let told = async { Ok((reads.persons(true).await?, reads.persons(false).await?)) };
    let told: Result<_, ReadError> = told.await;
    let (mut erased, known, after) = match told {
        Ok((erased, known)) => (erased, known, reads.position()),
        Err(error) => {
            tracing::warn!(%error, "the whole log is read for who was erased");
            (Vec::new(), Vec::new(), Position::START)
        }
    };
    let (later, unread) = commands.erased_after(after).await;
    if let Some(error) = unread {
        tracing::error!(%error, "erasures after this cannot be read, and their keys may be left");
    }
    erased.extend(later);
    let swept = keys.sweep(erased).await?;
    if swept > 0 {
        tracing::warn!(
            keys = swept,
            "keys of erased persons were found, and destroyed"
        );
    }
    let there: BTreeSet<PersonId> = keys.standing()?.persons.into_iter().collect();
    let missing = known.iter().filter(|person| !there.contains(person));
    let missing = missing.count();
    if missing > 0 {
        tracing::warn!(
            keys = missing,
            "keys of persons are missing: what is sealed of them cannot be read"
        );
    }
    Ok(())
}

async fn open_runner(
    config: &Config,
    log: &Arc<dyn EventLog>,
    clock: &Arc<dyn Clock>,
) -> Result<Runner, RunnerError> {
    let connection = store::open_writer(&config.read_models()).await?;
    let registry = projection::registry();
    Runner::new(Arc::clone(log), Arc::clone(clock), connection, registry).await
}

/// The metrics of the whole process: there is one recorder.
fn metrics_handle() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("metrics are recorded elsewhere");
        }
        handle
    })
}
