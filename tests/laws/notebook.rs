//! What laws are tried on: a real log in a directory of its own, its commands, and databases
//! projected from it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use sqlx::SqliteConnection;
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;

use carnet::{
    clock::{Clock, FixedClock},
    command::{CommandError, Commands, Outcome, Request},
    domain::{
        entry::Entry,
        event::Recorded,
        refusal::Refusal,
        terms::{CommandId, Label, Position},
    },
    log::{
        Append, AppendError, Appended, EventLog, Head, LogError,
        mirrored::{MirroredLog, Places},
        record::Record,
        stored,
    },
    projection::{Projection, Runner, RunnerError, registry, store},
    read::ReadModels,
};

use super::histories::aimed;

/// What a law says of one history.
pub(crate) type Verdict = Result<(), TestCaseError>;

/// Tries `law` on random values: `CARNET_LAW_CASES` of them, or 16.
pub(crate) fn for_all<S: Strategy>(values: S, law: impl AsyncFn(S::Value) -> Verdict) {
    let asked = std::env::var("CARNET_LAW_CASES").ok();
    let mut runner = TestRunner::new(Config {
        cases: asked.map_or(16, |cases| cases.parse().unwrap()),
        max_shrink_iters: 500,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&values, |value| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(law(value))
    });
    if let Err(broken) = outcome {
        panic!("{broken}");
    }
}

/// A log, with the directory that holds it and its read models.
pub(crate) struct Notebook {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) clock: Arc<dyn Clock>,
    directory: TempDir,
    databases: AtomicUsize,
    /// Corrections, by what they were made as.
    aimed: Mutex<HashMap<String, Entry>>,
}

impl Notebook {
    pub(crate) fn new() -> Self {
        let start = DateTime::<Utc>::from_timestamp_secs(1_600_000_000).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(start));
        let directory = tempfile::tempdir().unwrap();
        let log = MirroredLog::open(Places::within(directory.path()), Arc::clone(&clock)).unwrap();
        Self {
            log: Arc::new(log),
            clock,
            directory,
            databases: AtomicUsize::new(0),
            aimed: Mutex::default(),
        }
    }

    /// A notebook in which `entries` were written, as far as the rules accept them.
    pub(crate) async fn of(entries: &[Entry]) -> Self {
        let notebook = Self::new();
        for (number, entry) in (0..).zip(entries) {
            notebook.ask(number, entry).await.ok();
        }
        notebook
    }

    /// Closes the log and opens it again.
    pub(crate) fn reopened(self) -> Self {
        drop(self.log);
        let places = Places::within(self.directory.path());
        let log = MirroredLog::open(places, Arc::clone(&self.clock)).unwrap();
        Self {
            log: Arc::new(log),
            ..self
        }
    }

    /// Asks for an entry under the command id of that number. A fault is no answer.
    pub(crate) async fn ask(&self, number: u128, entry: &Entry) -> Result<Outcome, Refusal> {
        match self.try_ask(number, entry).await {
            Ok(outcome) => Ok(outcome),
            Err(CommandError::Refused(refusal)) => Err(refusal),
            Err(fault) => panic!("{fault}"),
        }
    }

    /// Asks for an entry under the command id of that number.
    pub(crate) async fn try_ask(
        &self,
        number: u128,
        entry: &Entry,
    ) -> Result<Outcome, CommandError> {
        let entry = self.aim(entry).await;
        let request = Request {
            command_id: CommandId(Uuid::from_u128(0xC000_0000 + number)),
            actor: Label::try_new("Une agente").unwrap(),
            expected_version: None,
            entry,
        };
        Commands::new(Arc::clone(&self.log)).execute(request).await
    }

    /// The entry, a correction pointed at something; asked for again, at the same.
    async fn aim(&self, entry: &Entry) -> Entry {
        let name = serde_json::to_string(entry).unwrap();
        let known = self.aimed.lock().unwrap().get(&name).cloned();
        if let Some(known) = known {
            return known;
        }
        let subject = entry.command.subject().to_string();
        let records = self.log.read_stream(&subject).await.unwrap();
        let journal: Vec<Recorded> = records
            .iter()
            .map(|record| stored::decode(record).unwrap())
            .collect();
        let entry = aimed(entry, &journal);
        self.aimed.lock().unwrap().insert(name, entry.clone());
        entry
    }

    pub(crate) fn head(&self) -> Position {
        self.log.head().position
    }

    /// The log as it was at `position`.
    pub(crate) fn up_to(&self, position: Position) -> Arc<dyn EventLog> {
        Arc::new(Part::new(&self.log, position, Vec::new()))
    }

    /// The log, of which a reader gets so many records at a time, over and over.
    pub(crate) fn in_portions(&self, portions: Vec<usize>) -> Arc<dyn EventLog> {
        Arc::new(Part::new(&self.log, self.head(), portions))
    }

    /// Where another database may be.
    pub(crate) fn database(&self) -> PathBuf {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        self.directory.path().join(format!("read-{number}.sqlite"))
    }

    /// A database projected from `log` to its head in batches of `batch`.
    pub(crate) async fn projected(&self, log: Arc<dyn EventLog>, batch: usize) -> Database {
        let path = self.database();
        let mut runner = self.runner(log, &path, registry()).await.unwrap();
        runner.catch_up(batch, |_| {}).await.unwrap();
        Database::open(&path, runner.watch()).await
    }

    /// A runner on the database at `path`.
    pub(crate) async fn runner(
        &self,
        log: Arc<dyn EventLog>,
        path: &Path,
        projections: Vec<Box<dyn Projection>>,
    ) -> Result<Runner, RunnerError> {
        let connection = store::open_writer(path).await.unwrap();
        Runner::new(log, Arc::clone(&self.clock), connection, projections).await
    }
}

/// A database of read models, open for questions.
pub(crate) struct Database {
    pub(crate) reads: ReadModels,
    pub(crate) pool: sqlx::SqlitePool,
}

impl Database {
    pub(crate) async fn open(
        path: &Path,
        progress: watch::Receiver<carnet::projection::Progress>,
    ) -> Self {
        let pool = store::open_readers(path, 1).await.unwrap();
        Self {
            reads: ReadModels::new(pool.clone(), progress),
            pool,
        }
    }

    /// The digest of the rows of every projection.
    pub(crate) async fn digests(&self) -> Vec<(&'static str, String)> {
        let mut digests = Vec::new();
        for projection in registry() {
            digests.push((projection.name(), self.digest(projection.as_ref()).await));
        }
        digests
    }

    /// The digest of the rows of a projection.
    pub(crate) async fn digest(&self, projection: &dyn Projection) -> String {
        let mut connection = self.pool.acquire().await.unwrap();
        let connection: &mut SqliteConnection = &mut connection;
        store::digest(connection, projection).await.unwrap()
    }

    /// The position that the rows of a projection claim to hold.
    pub(crate) async fn checkpoint(&self, name: &str) -> Position {
        let position: Option<i64> =
            sqlx::query_scalar("SELECT position FROM projection WHERE name = $1")
                .bind(name)
                .fetch_optional(&self.pool)
                .await
                .unwrap();
        Position(position.unwrap_or(0).unsigned_abs())
    }
}

/// A part of a log: it ends at a position, and hands out what it holds in portions.
#[derive(Debug)]
struct Part {
    whole: Arc<dyn EventLog>,
    head: watch::Receiver<Head>,
    portions: Vec<usize>,
    reads: AtomicUsize,
}

impl Part {
    fn new(whole: &Arc<dyn EventLog>, position: Position, portions: Vec<usize>) -> Self {
        let hash = whole.head().hash;
        let (_, head) = watch::channel(Head { position, hash });
        Self {
            whole: Arc::clone(whole),
            head,
            portions,
            reads: AtomicUsize::new(0),
        }
    }
}

#[async_trait]
impl EventLog for Part {
    fn id(&self) -> Uuid {
        self.whole.id()
    }

    fn watch(&self) -> watch::Receiver<Head> {
        self.head.clone()
    }

    async fn append(&self, _: Append) -> Result<Appended, AppendError> {
        Err(AppendError::ReadOnly("this is a part of a log".to_owned()))
    }

    async fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
        self.whole.command(id).await
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Record>, LogError> {
        let left = self.head().position.0.saturating_sub(after.0);
        let mut limit = limit.min(usize::try_from(left).unwrap());
        if !self.portions.is_empty() {
            let turn = self.reads.fetch_add(1, Ordering::Relaxed);
            limit = limit.min(self.portions[turn % self.portions.len()]);
        }
        self.whole.read(after, limit).await
    }

    async fn read_stream(&self, stream: &str) -> Result<Vec<Record>, LogError> {
        let mut records = self.whole.read_stream(stream).await?;
        records.retain(|record| record.position <= self.head().position);
        Ok(records)
    }
}
