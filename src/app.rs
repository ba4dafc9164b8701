//! Wiring, and the lifetimes of what runs: the one file that may name everyone.

pub mod documents;
mod reach;

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::Router;
use chrono::TimeDelta;
use futures_util::FutureExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};
use uuid::Uuid;

use crate::{
    access::Caller,
    clock::Clock,
    command::{CommandError, Commands, Importing},
    config::Config,
    domain::{
        event::StreamId,
        refusal::Refusal,
        terms::{Label, PersonId, Position, ReportId, Title},
    },
    graphql::{self, Api, Schema},
    http::{self, Patience, Patient, Server, Tls, TlsError, TlsListener, Trusted, TrustedError},
    identity::{Callers, Issuing, ProviderError, ProviderSettings, ServiceToken},
    limits,
    log::{
        EventLog, LogError,
        mirrored::{MirroredLog, Places},
        proof::Proofs,
    },
    privacy::{Keyring, KeysError},
    projection::{self, Runner, RunnerError, store},
    read::{At, ReadError, ReadModels, Stale},
    trace::{self, Handing, Traces, TracesError},
};

/// Under which name somebody asks of whom nothing is known.
const STRANGER: &str = "anonyme";

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
    /// Who acts where nobody asks: whoever runs the program.
    pub caller: Caller,
    /// Tells who asks.
    pub callers: Callers,
    /// The names it answers to, beside those of its own machine.
    hosts: Arc<[String]>,
    /// Whether another program, before it, does TLS.
    proxied: bool,
    /// What callers spend.
    rates: http::Rates,
    /// Documents that are known beforehand.
    trusted: Trusted,
    /// What it shakes hands by, where it does TLS itself.
    tls: Option<Tls>,
    /// Tells the day of an import.
    clock: Arc<dyn Clock>,
    /// Answers kept by moment.
    answers: http::Answers,
    /// What is followed.
    pub live: http::Live,
    /// How long lies between two signs of life of it.
    heartbeat: Duration,
    /// Tells the server and its sockets to stop.
    stop: watch::Sender<bool>,
    /// Tells the projections to stop, once no mutation waits for them any more.
    halt: watch::Sender<bool>,
    runner: JoinHandle<()>,
    /// Begins traces, where there is a collector, and hands them to it.
    traces: Option<(Traces, Handing)>,
    /// Follows who may do what.
    following: JoinHandle<()>,
    pool: sqlx::SqlitePool,
    /// Let go of once nothing reads there any more.
    _refuge: Option<Refuge>,
}

/// Why the program cannot run.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The log cannot be opened.
    #[error("Le journal ne s'ouvre pas : {0}.")]
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
    /// The identity provider of the settings cannot be used.
    #[error("Le fournisseur d'identité : {0}.")]
    Provider(#[from] ProviderError),
    /// The certificate of the settings cannot be used.
    #[error("TLS : {0}.")]
    Tls(#[from] TlsError),
    /// The trusted documents of the settings cannot be used.
    #[error("Documents de confiance : {0}.")]
    Trusted(#[from] TrustedError),
    /// The collector of traces of the settings cannot be used.
    #[error("Le réglage « otlp_endpoint » : {0}.")]
    Traces(#[from] TracesError),
    /// The actor of the settings is not a name.
    #[error("Le réglage « actor » : {0}")]
    Actor(Refusal),
}

/// Why the first run makes no token.
#[derive(Debug, thiserror::Error)]
pub enum FirstTokenError {
    /// The read models lag behind.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// They cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The system gives no randomness.
    #[error("no randomness: {0}")]
    Random(#[from] getrandom::Error),
    /// A name of ours is none.
    #[error(transparent)]
    Name(#[from] Refusal),
    /// It cannot be left anywhere.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// It cannot be recorded.
    #[error(transparent)]
    Command(#[from] CommandError),
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
        let trusted = documents::trusted(config).await?;
        let log: Arc<dyn EventLog> =
            Arc::new(MirroredLog::open(places(config), Arc::clone(&clock))?);
        let keys = Keyring::open(&config.keys_dir(), &config.data_dir)?;
        let (runner, pool, refuge) = match read_models(&config.read_models(), &log, &clock).await {
            Err(error) if no_room(&config.data_dir) => {
                let refuge = Refuge::take(clock.new_id()).map_err(|refused| {
                    tracing::error!(%refused, "there is no other place for the read models");
                    error
                })?;
                tracing::error!(
                    refuge = %refuge.0.display(),
                    "the disk is full: the read models are built anew elsewhere, for this run"
                );
                let path = refuge.0.join("read.sqlite");
                let (runner, pool) = read_models(&path, &log, &clock).await?;
                (runner, pool, Some(refuge))
            }
            opened => {
                let (runner, pool) = opened?;
                (runner, pool, None)
            }
        };
        let reads = ReadModels::new(pool.clone(), runner.watch());
        let commands = Commands::new(Arc::clone(&log));
        sweep(&keys, &reads, &commands).await?;
        let answers = http::Answers::default();
        let each = config.sockets_per_caller as usize;
        let live = http::Live::new(config.sockets as usize, each);
        let forgetful = (answers.clone(), live.clone());
        keys.on_erasure(move || {
            forgetful.0.forget();
            forgetful.1.forget();
        });
        let schema = graphql::schema(Api {
            commands,
            reads: reads.clone(),
            proofs: Proofs::new(Arc::clone(&log)),
            keys: keys.clone(),
            clock: Arc::clone(&clock),
        });
        let provider = provider(config);
        let stranger = Caller::stranger(Label::try_new(STRANGER).map_err(AppError::Actor)?);
        let reading = (reads.clone(), log.head().position);
        let timing = Arc::clone(&clock);
        let callers = Callers::new(reading, timing, stranger, provider)?;
        let tls = match (&config.tls_cert, &config.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::load(certificate, key)?),
            _ => None,
        };
        let traces = config.otlp_endpoint.as_deref();
        let traces = traces.map(trace::start).transpose()?;
        let (stop, _) = watch::channel(false);
        let (halt, halted) = watch::channel(false);
        let runner = tokio::spawn(runner.run(halted));
        let following = tokio::spawn(callers.clone().follow(stop.subscribe()));
        Ok(Self {
            log,
            reads,
            keys,
            schema,
            caller: Caller::operator(actor),
            callers,
            hosts: config.public_hosts().into(),
            proxied: config.behind_proxy,
            rates: http::Rates::new(config.cost_per_minute),
            trusted,
            tls,
            clock,
            answers,
            live,
            heartbeat: Duration::from_secs(config.heartbeat_seconds.into()),
            stop,
            halt,
            runner,
            traces,
            following,
            pool,
            _refuge: refuge,
        })
    }

    /// Where nothing was ever granted to anybody, makes a token for the administrator, who else could
    /// not begin; answers where it was left. The file comes first: a token that is recorded and was
    /// left nowhere would be of no use to anybody, and keep another from being made.
    ///
    /// # Errors
    /// What keeps it from being made.
    pub async fn first_token(&self) -> Result<Option<PathBuf>, FirstTokenError> {
        let head = self.log.head().position;
        self.reads.wait_for(head, limits::OPERATION).await?;
        if !self.callers.untouched().await? {
            return Ok(None);
        }
        let token = ServiceToken::draw()?;
        let issuing = Issuing {
            id: self.clock.new_id(),
            actor: self.caller.actor.clone(),
            source: Label::try_new("Premier démarrage de carnet")?,
            on: self.clock.today(),
            name: Title::try_new("administrateur")?,
            grants: self.caller.grants.clone(),
            expires: None,
        };
        let left = self.keys.leave_token(token.to_secret()).await?;
        let commands = Commands::new(Arc::clone(&self.log));
        let recorded = issuing.record(&commands, &token).await?;
        let reached = self.reads.wait_for(recorded.position, limits::OPERATION);
        reached.await?;
        Ok(Some(left))
    }

    /// The routes, and what waits for the sockets they opened.
    pub fn router(&self) -> (Router, mpsc::Receiver<()>) {
        let (sockets, open_sockets) = mpsc::channel(1);
        let log = Arc::clone(&self.log);
        let server = Server {
            schema: self.schema.clone(),
            callers: self.callers.clone(),
            hosts: Arc::clone(&self.hosts),
            secure: self.tls.is_some(),
            proxied: self.proxied,
            documents: graphql::Documents::default(),
            trusted: self.trusted.clone(),
            rates: self.rates.clone(),
            progress: self.reads.watch(),
            caught_up: Arc::default(),
            log: Arc::new(move || (log.head().position.0, log.read_only())),
            heartbeat: self.heartbeat,
            live: self.live.clone(),
            stop: self.stop.subscribe(),
            sockets,
            answers: self.answers.clone(),
            import: self.importer(),
            reports: self.reports(),
            traces: self.traces.as_ref().map(|(traces, _)| traces.clone()),
            metrics: Arc::new(|| {
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    let tasks = runtime.metrics().num_alive_tasks();
                    let tasks = u32::try_from(tasks).unwrap_or(u32::MAX);
                    metrics::gauge!("carnet_tasks").set(tasks);
                }
                metrics_handle().render()
            }),
        };
        (http::router(server), open_sockets)
    }

    /// What finds published reports, as they are known now.
    fn reports(&self) -> http::Reports {
        let (reads, clock) = (self.reads.clone(), Arc::clone(&self.clock));
        let find = move |caller: &Caller, id: &str| {
            let id: Option<StreamId> = id.parse().ok();
            let id = id.and_then(|subject| ReportId::try_from(subject).ok());
            let at = At {
                position: reads.position(),
                on: clock.today(),
                sight: reads.sight(caller),
            };
            let reads = reads.clone();
            let found = async move {
                let Some(id) = id else { return Ok(None) };
                reads.report_content(at, id).await.map_err(|error| {
                    tracing::error!(%error, "what a report said cannot be read");
                })
            };
            found.boxed()
        };
        http::Reports::new(Arc::new(find))
    }

    /// What carries out the imports that come over HTTP. Each goes on to its end, whether or not
    /// its sender still waits, who is answered once what was written can be read.
    fn importer(&self) -> http::Import {
        let commands = Commands::new(Arc::clone(&self.log));
        let (reads, clock) = (self.reads.clone(), Arc::clone(&self.clock));
        let carry_out = move |asked: http::ImportAsked| {
            let (commands, reads) = (commands.clone(), reads.clone());
            let importing = Importing {
                source: asked.source,
                synthetic: asked.synthetic,
                actor: asked.caller.actor.clone(),
                on: clock.today(),
            };
            let carried = tokio::spawn(async move {
                let mut reading = asked.reading;
                reach::keep_within(&reads, &commands, &asked.caller, importing.on, &mut reading)
                    .await
                    .map_err(|error| {
                        tracing::error!(%error, "it cannot be told what an import may record");
                        http::ImportFailed::Internal
                    })?;
                let done = commands
                    .import_file(&mut reading, &importing, asked.dry_run, &|| {})
                    .await;
                let done = done.map_err(|error| match error {
                    CommandError::ReadOnly(_) | CommandError::Contended => {
                        http::ImportFailed::Later(error.to_string())
                    }
                    CommandError::Refused(_)
                    | CommandError::VersionConflict { .. }
                    | CommandError::CommandReused
                    | CommandError::TooLarge(_)
                    | CommandError::Log(_) => {
                        tracing::error!(%error, "an import could not go on");
                        http::ImportFailed::Internal
                    }
                })?;
                // All of it is recorded: what is not read yet is no reason to have it sent again.
                let read = reads.wait_for(commands.head(), limits::READ_OWN_WRITE);
                if let Err(stale) = read.await {
                    tracing::warn!(%stale, "an import cannot be read yet");
                }
                Ok((reading, done))
            });
            let answered = async move {
                carried.await.unwrap_or_else(|error| {
                    tracing::error!(%error, "an import had panicked");
                    Err(http::ImportFailed::Internal)
                })
            };
            answered.boxed()
        };
        http::Import::new(Arc::new(carry_out))
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
        let router = router.into_make_service_with_connect_info::<http::Peer>();
        let stop = self.stop.clone();
        let mut stopped = self.stop.subscribe();
        let patience = Patience {
            wait: self.heartbeat,
            stop: self.stop.subscribe(),
        };
        let told = async move {
            until.await;
            stop.send_replace(true);
        };
        let mut serving = match self.tls.clone() {
            None => {
                let listener = Patient::new(listener, patience);
                let serving = axum::serve(listener, router).with_graceful_shutdown(told);
                tokio::spawn(serving.into_future())
            }
            Some(tls) => {
                let listener = TlsListener::new(listener, tls).map_err(|error| AppError::Io {
                    what: "Le serveur ne peut écouter".to_owned(),
                    error,
                })?;
                let listener = Patient::new(listener, patience);
                let serving = axum::serve(listener, router).with_graceful_shutdown(told);
                tokio::spawn(serving.into_future())
            }
        };
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
        if self.following.await.is_err() {
            tracing::error!("the task that follows who may do what had panicked");
        }
        if let Some((_, handing)) = self.traces {
            handing.close().await;
        }
        self.pool.close().await;
    }
}

/// The identity provider of the settings, if there is one.
fn provider(config: &Config) -> Option<ProviderSettings> {
    let issuer = config.oidc_issuer.clone()?;
    Some(ProviderSettings {
        issuer,
        audience: config.oidc_audience.clone().unwrap_or_default(),
        skew: TimeDelta::seconds(config.oidc_skew_seconds.into()),
    })
}

/// Where the log lies by the settings.
#[must_use]
pub fn places(config: &Config) -> Places {
    Places {
        store: config.log_dir(),
        mirror: config.mirror_dir(),
        unused: config.unused_mirror_dir(),
        free_bytes: config.free_mib.saturating_mul(1024 * 1024),
    }
}

/// Opens the read models at that path; those of another version, or of another log, are built
/// anew.
async fn read_models(
    path: &Path,
    log: &Arc<dyn EventLog>,
    clock: &Arc<dyn Clock>,
) -> Result<(Runner, sqlx::SqlitePool), AppError> {
    let runner = match open_runner(path, log, clock).await {
        Err(error) if error.asks_for_rebuild() => {
            tracing::warn!(%error, "the read models are built anew");
            projection::rebuild(Arc::clone(log), Arc::clone(clock), path, |_| {}).await?;
            open_runner(path, log, clock).await?
        }
        opened => opened?,
    };
    let pool = store::open_readers(path, limits::READERS).await?;
    Ok((runner, pool))
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
    path: &Path,
    log: &Arc<dyn EventLog>,
    clock: &Arc<dyn Clock>,
) -> Result<Runner, RunnerError> {
    let connection = store::open_writer(path).await?;
    let registry = projection::registry();
    Runner::new(Arc::clone(log), Arc::clone(clock), connection, registry).await
}

/// Whether a directory's disk has no room for the files that opening a database makes.
fn no_room(directory: &Path) -> bool {
    rustix::fs::statvfs(directory)
        .is_ok_and(|space| space.f_bavail.saturating_mul(space.f_frsize) < limits::DATABASE_ROOM)
}

/// A directory elsewhere, for read models that have no room where they belong: nothing that can be
/// folded again from the log must keep the program from starting.
struct Refuge(PathBuf);

impl Refuge {
    fn take(id: Uuid) -> io::Result<Self> {
        let places = [std::env::temp_dir(), PathBuf::from("/dev/shm")];
        let place = places.into_iter().find(|place| !no_room(place));
        let place = place.ok_or(io::ErrorKind::StorageFull)?;
        let directory = place.join(format!("carnet-{id}"));
        fs::DirBuilder::new().mode(0o700).create(&directory)?;
        Ok(Self(directory))
    }
}

impl Drop for Refuge {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the read models' refuge is left behind");
        }
    }
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
