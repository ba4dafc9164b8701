//! The runner: reads events once, hands them to every projection, commits rows and checkpoint.

use std::{collections::BTreeMap, sync::Arc};

use sqlx::SqliteConnection;
use tokio::{sync::watch, task::JoinHandle};

use super::{
    Projection,
    documents::{Past, Poison},
    store,
};
use crate::{
    clock::Clock,
    domain::{correction, event::Recorded, terms::Position},
    limits::{PROJECTION_BATCH_EVENTS_MAX, PROJECTION_PAUSE, PROJECTION_RETRIES_MAX},
    log::{EventLog, LogError, record::Record, stored},
};

/// Where the projections stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Each projection.
    pub standings: Vec<Standing>,
}

/// Where one projection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub name: &'static str,
    /// The last position whose rows it holds.
    pub position: Position,
    /// The last position that changed any of its rows, or where it stood at the start.
    pub changed: Position,
    /// Why it is paused, if it is.
    pub paused: Option<String>,
}

impl Progress {
    /// The position that every read model has reached: what is asked as known at it is the same
    /// moment everywhere.
    #[must_use]
    pub fn position(&self) -> Position {
        self.standings
            .iter()
            .map(|standing| standing.position)
            .min()
            .unwrap_or_default()
    }

    /// The last position known to have changed who may do what.
    #[must_use]
    pub fn access_changed(&self) -> Position {
        self.access().map(|it| it.changed).max().unwrap_or_default()
    }

    /// The position up to which it is known who may do what.
    #[must_use]
    pub fn access_reached(&self) -> Position {
        let reached = self.access().map(|it| it.position);
        reached.min().unwrap_or_default()
    }

    fn access(&self) -> impl Iterator<Item = &Standing> {
        let standings = self.standings.iter();
        standings.filter(|standing| super::ACCESS.contains(&standing.name))
    }
}

/// Why projections cannot be carried on at all.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The database failed.
    #[error("the read models' database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// An event or document cannot be folded.
    #[error(transparent)]
    Poison(#[from] Poison),
    /// The database holds rows of another version.
    #[error("the read models must be rebuilt: {0}")]
    Outdated(String),
    /// The database knows of events that are not in the log.
    #[error(
        "elles connaissent des inscriptions que le journal n'a pas ({0}). Ou bien « data_dir » ou \
         « mirror_dir » n'est pas le bon, ou bien le journal a perdu des inscriptions : ne rien \
         inscrire, et restaurer la sauvegarde qui va le plus loin. Si c'est voulu : « carnet \
         rebuild »"
    )]
    Bereft(String),
}

impl RunnerError {
    /// Whether building the read models anew mends it: they are of another version, or
    /// nobody can read their database.
    #[must_use]
    pub fn asks_for_rebuild(&self) -> bool {
        match self {
            Self::Outdated(_) => true,
            Self::Database(error) => store::is_damage(error),
            Self::Log(_) | Self::Poison(_) | Self::Bereft(_) => false,
        }
    }
}

/// Carries the projections on.
pub struct Runner {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    connection: SqliteConnection,
    projections: Vec<Box<dyn Projection>>,
    progress: watch::Sender<Progress>,
    /// The next batch, being read and decoded while this one is written.
    ahead: Option<Ahead>,
}

/// A batch that is being read.
struct Ahead {
    after: Position,
    limit: usize,
    reading: JoinHandle<Batch>,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Runner {
    /// A runner of `projections` on a database opened for writing.
    ///
    /// # Errors
    /// [`RunnerError::Outdated`] when the rows there are not of today's version, and
    /// [`RunnerError::Bereft`] when they know more than the log, or another log: they are the
    /// third witness of what was acknowledged.
    pub async fn new(
        log: Arc<dyn EventLog>,
        clock: Arc<dyn Clock>,
        mut connection: SqliteConnection,
        projections: Vec<Box<dyn Projection>>,
    ) -> Result<Self, RunnerError> {
        let standings = match standings(&mut connection, &projections, log.as_ref()).await {
            Ok(standings) => standings,
            Err(error) => {
                // Closed here and now: closed later, in the background, it could take the files
                // of a database that was put in its place.
                sqlx::Connection::close(connection).await?;
                return Err(error);
            }
        };
        let (progress, _) = watch::channel(Progress { standings });
        Ok(Self {
            log,
            clock,
            connection,
            projections,
            progress,
            ahead: None,
        })
    }

    /// Where the projections stand, as it moves.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Carries on until `stop` says so. A projection that fails is paused, and tried again later;
    /// the others go on.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut head = self.log.watch();
        while !*stop.borrow_and_update() {
            head.borrow_and_update();
            if self.step(PROJECTION_BATCH_EVENTS_MAX).await {
                continue;
            }
            tokio::select! {
                _ = tokio::time::timeout(PROJECTION_PAUSE, head.changed()) => {}
                changed = stop.changed() => if changed.is_err() {
                    // Nobody is left who could say so.
                    return;
                },
            }
        }
    }

    /// Carries every projection on to the head, calling `each` after every batch.
    ///
    /// # Errors
    /// The first failure: nothing is paused here.
    pub async fn catch_up(
        &mut self,
        batch: usize,
        mut each: impl FnMut(Position),
    ) -> Result<(), RunnerError> {
        while self.progress.borrow().position() < self.log.head().position {
            self.step(batch).await;
            let paused = self
                .progress
                .borrow()
                .standings
                .iter()
                .find_map(|standing| standing.paused.clone());
            if let Some(why) = paused {
                return Err(RunnerError::Poison(Poison(why)));
            }
            each(self.progress.borrow().position());
        }
        Ok(())
    }

    /// The database and the projections, once there is nothing more to carry on.
    pub(super) fn into_parts(self) -> (SqliteConnection, Vec<Box<dyn Projection>>) {
        (self.connection, self.projections)
    }

    /// One batch for every projection; answers whether there may be more to do.
    async fn step(&mut self, batch: usize) -> bool {
        // Projections mostly stand at one position and share what is read after it. One that is
        // paused stands behind: fed from there, the others would stop a batch further.
        let mut batches = BTreeMap::new();
        let mut moved = false;
        for index in 0..self.projections.len() {
            let after = self.progress.borrow().standings[index].position;
            let read = match batches.remove(&after) {
                Some(read) => read,
                None => self.read(after, batch).await,
            };
            moved |= self.advance(index, &read).await;
            batches.insert(after, read);
        }
        self.measure(&batches);
        moved
    }

    /// A batch, read ahead if it was, and the one after it being read from now on.
    async fn read(&mut self, after: Position, limit: usize) -> Batch {
        let ahead = self.ahead.take();
        let read = match ahead {
            Some(mut ahead) if ahead.after == after && ahead.limit == limit => {
                (&mut ahead.reading).await.ok()
            }
            _ => None,
        };
        let read = match read {
            Some(read) => read,
            None => read_batch(Arc::clone(&self.log), after, limit).await,
        };
        if let Some(last) = read.events.last()
            && read.events.len() == limit
        {
            let after = last.position;
            let reading = tokio::spawn(read_batch(Arc::clone(&self.log), after, limit));
            self.ahead = Some(Ahead {
                after,
                limit,
                reading,
            });
        }
        read
    }

    /// Carries one projection on over a batch that follows its position; answers whether it moved.
    async fn advance(&mut self, index: usize, batch: &Batch) -> bool {
        let standing = self.progress.borrow().standings[index].clone();
        // A projection that paused here first tries the event it stumbled over alone.
        let mut events = match standing.paused {
            Some(_) => batch.events.get(..1).unwrap_or_default(),
            None => &batch.events,
        };
        let mut changed_rows = false;
        let (moved, paused) = loop {
            let Some(last) = events.last() else {
                let unreadable = batch.unreadable.as_ref().map(ToString::to_string);
                break (standing.position, unreadable);
            };
            match self.project(index, events, &batch.past).await {
                Ok(changed) => {
                    changed_rows = changed;
                    break (last.position, None);
                }
                // Less and less, so that it pauses right before the event that fails.
                Err(_) if events.len() > 1 => events = &events[..events.len() / 2],
                Err(error) => break (standing.position, Some(error.to_string())),
            }
        };
        if let Some(why) = &paused
            && standing.paused.as_ref() != Some(why)
        {
            tracing::error!(
                projection = standing.name,
                position = moved.0,
                why,
                "a projection is paused after this position"
            );
        }
        let changed = moved != standing.position;
        if changed || paused != standing.paused {
            self.progress.send_modify(|progress| {
                progress.standings[index].position = moved;
                if changed_rows {
                    progress.standings[index].changed = moved;
                }
                progress.standings[index].paused = paused;
            });
        }
        changed
    }

    async fn project(
        &mut self,
        index: usize,
        events: &[Recorded],
        past: &Past,
    ) -> Result<bool, RunnerError> {
        let mut attempt = 0;
        loop {
            match self.try_project(index, events, past).await {
                Ok(changed) => return Ok(changed),
                Err(error) => {
                    self.projections[index].forget();
                    if attempt == PROJECTION_RETRIES_MAX {
                        return Err(error);
                    }
                    attempt += 1;
                }
            }
        }
    }

    /// Answers whether any row changed.
    async fn try_project(
        &mut self,
        index: usize,
        events: &[Recorded],
        past: &Past,
    ) -> Result<bool, RunnerError> {
        let projection = &mut self.projections[index];
        let missing = projection.missing(events);
        if !missing.is_empty() {
            let table = projection.tables()[0].0;
            let known = store::documents(&mut self.connection, table, missing).await?;
            projection.take(known)?;
        }
        let changes = projection.fold(events, past)?;
        let any = !changes.closed.is_empty() || !changes.inserted.is_empty();
        let last = events
            .last()
            .map_or(Position::START, |event| event.position);
        let to = store::Checkpoint {
            version: projection.version(),
            log_id: self.log.id().to_string(),
            position: last,
        };
        store::commit(&mut self.connection, projection.as_ref(), changes, &to).await?;
        Ok(any)
    }

    /// Lag of each projection, in events and in seconds.
    #[expect(
        clippy::cast_precision_loss,
        reason = "gauges are floats, and a lag is far from 2^52"
    )]
    fn measure(&self, batches: &BTreeMap<Position, Batch>) {
        let events = || batches.values().flat_map(|batch| &batch.events);
        let head = self.log.head().position;
        metrics::gauge!("carnet_log_head").set(head.0 as f64);
        for standing in &self.progress.borrow().standings {
            let lag = head.0.saturating_sub(standing.position.0);
            // While it lags, since when: the record of the first event it has not taken in, as
            // far as what was read reaches.
            let since = events()
                .find(|event| event.position > standing.position)
                .or_else(|| events().last());
            let seconds = match since {
                Some(event) if lag > 0 => (self.clock.now() - event.recorded_at)
                    .as_seconds_f64()
                    .max(0.0),
                _ => 0.0,
            };
            metrics::gauge!("carnet_projection_lag_events", "projection" => standing.name)
                .set(lag as f64);
            metrics::gauge!("carnet_projection_lag_seconds", "projection" => standing.name)
                .set(seconds);
        }
    }
}

/// Where the rows of a database stand, checked against what today's program and log expect.
async fn standings(
    connection: &mut SqliteConnection,
    projections: &[Box<dyn Projection>],
    log: &dyn EventLog,
) -> Result<Vec<Standing>, RunnerError> {
    let mut standings = Vec::new();
    for projection in projections {
        let name = projection.name();
        let position = match store::checkpoint(connection, name).await? {
            None => Position::START,
            Some(known) if known.log_id != log.id().to_string() => {
                let (id, theirs) = (log.id(), known.log_id);
                let why = format!("{name} : journal {theirs}, et non {id}");
                return Err(RunnerError::Bereft(why));
            }
            Some(known) if known.position > log.head().position => {
                let (head, theirs) = (log.head().position, known.position);
                let why = format!("{name} : position {theirs}, le journal s'arrête à {head}");
                return Err(RunnerError::Bereft(why));
            }
            Some(known) if known.version != projection.version() => {
                let (today, theirs) = (projection.version(), known.version);
                let why = format!("the rows of {name} are of version {theirs}, not {today}");
                return Err(RunnerError::Outdated(why));
            }
            Some(known) => known.position,
        };
        standings.push(Standing {
            name,
            position,
            changed: position,
            paused: None,
        });
    }
    Ok(standings)
}

/// What was read of the log at once.
#[derive(Default)]
struct Batch {
    /// Events, in order.
    events: Vec<Recorded>,
    /// What was recorded of the subject of each correction among them.
    past: Past,
    /// What kept more of them from being read.
    unreadable: Option<LogError>,
}

/// Reads and decodes a batch; an event that cannot be read ends it.
async fn read_batch(log: Arc<dyn EventLog>, after: Position, limit: usize) -> Batch {
    let mut batch = Batch::default();
    let records = match log.read(after, limit).await {
        Ok(records) => records,
        Err(error) => {
            batch.unreadable = Some(error);
            return batch;
        }
    };
    for record in records {
        match take(log.as_ref(), &record, &mut batch.past).await {
            Ok(event) => batch.events.push(event),
            Err(error) => {
                batch.unreadable = Some(error);
                break;
            }
        }
    }
    batch
}

/// Decodes a record; of a correction, reads what it takes the place of as well.
async fn take(log: &dyn EventLog, record: &Record, past: &mut Past) -> Result<Recorded, LogError> {
    let mut event = stored::decode(record)?;
    if event.fact.saying.corrects.is_none() {
        return Ok(event);
    }
    let subject = event.fact.event.stream();
    if past.up_to(subject, event.position).is_none() {
        let records = log.read_stream(&record.stream).await?;
        let journal = records.iter().map(stored::decode);
        past.note(subject, journal.collect::<Result<_, _>>()?);
    }
    let journal = past.up_to(subject, event.position);
    if let Some(place) = journal.and_then(correction::place) {
        event.place = place;
    }
    Ok(event)
}
