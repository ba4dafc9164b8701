//! Laws of failing projections: a failure stops one projection, loses nothing and leaves no trace.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use proptest::{prelude::*, sample::Index};
use tokio::sync::watch;

use carnet::{
    domain::{
        entry::Entry,
        event::{Event, ExperimentKey, Fact, Recorded, Saying, Source},
        experiment::{ExperimentEvent, Statement, Topic},
        terms::{ExperimentId, Label, Position, Text, Validity},
    },
    log::{Append, stored},
    projection::{
        Progress, Projection, RunnerError, Value,
        documents::{Changes, Kept, Past, Poison},
        registry,
    },
};

use super::{
    histories::{histories, on},
    notebook::{Database, Notebook, Verdict, for_all},
};

/// How a projection fails.
#[derive(Debug, Clone, Copy)]
enum How {
    /// Before it folds the batch.
    Before,
    /// After it folded the batch, of which its memory then knows.
    After,
    /// With rows that the database refuses, after others that it takes.
    Rows,
}

fn hows() -> impl Strategy<Value = How> {
    prop_oneof![Just(How::Before), Just(How::After), Just(How::Rows)]
}

/// A projection that fails at an event, so many times.
struct Stumbling {
    inner: Box<dyn Projection>,
    at: Position,
    how: How,
    times: Arc<AtomicUsize>,
}

impl Stumbling {
    /// Every projection there is, the one of that index stumbling.
    fn among(
        index: usize,
        at: Position,
        how: How,
        times: &Arc<AtomicUsize>,
    ) -> Vec<Box<dyn Projection>> {
        let stumbling = |inner| -> Box<dyn Projection> {
            Box::new(Self {
                inner,
                at,
                how,
                times: Arc::clone(times),
            })
        };
        let mut projections = registry();
        let inner = projections.remove(index);
        projections.insert(index, stumbling(inner));
        projections
    }
}

impl Projection for Stumbling {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn version(&self) -> i64 {
        self.inner.version()
    }

    fn tables(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        self.inner.tables()
    }

    fn missing(&self, events: &[Recorded]) -> Vec<String> {
        self.inner.missing(events)
    }

    fn replaces(&self) -> bool {
        self.inner.replaces()
    }

    fn take(&mut self, documents: Vec<(String, Option<Kept>)>) -> Result<(), Poison> {
        self.inner.take(documents)
    }

    fn fold(&mut self, events: &[Recorded], past: &Past) -> Result<Changes, Poison> {
        let reached = events.iter().any(|event| event.position == self.at);
        let times = self.times.load(Ordering::Relaxed);
        if !reached || times == 0 {
            return self.inner.fold(events, past);
        }
        self.times.store(times - 1, Ordering::Relaxed);
        let poison = || Poison(format!("stumbled at {}", self.at));
        match self.how {
            How::Before => Err(poison()),
            How::After => {
                self.inner.fold(events, past)?;
                Err(poison())
            }
            How::Rows => {
                let mut changes = self.inner.fold(events, past)?;
                let tables = self.inner.tables();
                let (_, columns) = tables.last().ok_or_else(poison)?;
                let nothing = columns.iter().map(|_| Value::Null).collect();
                changes.inserted.push((tables.len() - 1, nothing));
                Ok(changes)
            }
        }
    }

    fn forget(&mut self) {
        self.inner.forget();
    }
}

/// Would catch: rows or a checkpoint of a batch that failed; a checkpoint that passes an event
/// which was never folded, or stays before others that could be; a projection that stops because
/// another one fails.
#[test]
fn a_failing_batch_leaves_neither_rows_nor_checkpoint() {
    for_all(
        (histories(90), any::<Index>(), 0..4_usize, hows(), 1..12_usize),
        async |(entries, event, index, how, batch): (Vec<Entry>, Index, usize, How, usize)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let Some(at) = any_event(event, notebook.head()) else {
                return Ok(());
            };
            let always = Arc::new(AtomicUsize::new(usize::MAX));
            let path = notebook.database();
            let log = || Arc::clone(&notebook.log);
            let projections = Stumbling::among(index, at, how, &always);
            let mut runner = notebook.runner(log(), &path, projections).await.unwrap();
            let failed = runner.catch_up(batch, |_| {}).await;
            prop_assert!(matches!(failed, Err(RunnerError::Poison(_))), "{:?}", failed);
            let progress = runner.watch().borrow().clone();
            drop(runner);
            let database = Database::open(&path, watch::channel(progress.clone()).1).await;
            for (known, projection) in registry().iter().enumerate() {
                let standing = &progress.standings[known];
                prop_assert_eq!(standing.name, projection.name());
                prop_assert_eq!(standing.paused.is_some(), known == index);
                let position = standing.position;
                if known == index {
                    prop_assert_eq!(position.next(), at);
                } else {
                    prop_assert!(position >= at, "{} stopped too", standing.name);
                }
                prop_assert_eq!(database.checkpoint(standing.name).await, position);
                let rebuilt = notebook.projected(notebook.up_to(position), 1000).await;
                prop_assert_eq!(
                    database.digest(projection.as_ref()).await,
                    rebuilt.digest(projection.as_ref()).await,
                    "{} at {}", standing.name, position
                );
            }
            // Once the cause is gone, the rest follows as if nothing had been.
            let mut runner = notebook.runner(log(), &path, registry()).await.unwrap();
            runner.catch_up(batch, |_| {}).await.unwrap();
            let whole = notebook.projected(log(), 1000).await;
            prop_assert_eq!(database.digests().await, whole.digests().await);
            Ok(())
        },
    );
}

/// Would catch: a second attempt that folds onto what the first, rolled back, left in memory.
#[test]
fn a_batch_that_is_tried_again_is_folded_afresh() {
    for_all(
        (
            histories(90),
            any::<Index>(),
            0..4_usize,
            hows(),
            (1..12_usize, 1..=2_usize),
        ),
        async |(entries, event, index, how, (batch, times)): (
            Vec<Entry>,
            Index,
            usize,
            How,
            (usize, usize),
        )|
               -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let Some(at) = any_event(event, notebook.head()) else {
                return Ok(());
            };
            let times = Arc::new(AtomicUsize::new(times));
            let path = notebook.database();
            let log = || Arc::clone(&notebook.log);
            let projections = Stumbling::among(index, at, how, &times);
            let mut runner = notebook.runner(log(), &path, projections).await.unwrap();
            runner.catch_up(batch, |_| {}).await.unwrap();
            prop_assert_eq!(times.load(Ordering::Relaxed), 0, "it never stumbled");
            let database = Database::open(&path, runner.watch()).await;
            let whole = notebook.projected(log(), 1000).await;
            prop_assert_eq!(database.digests().await, whole.digests().await);
            Ok(())
        },
    );
}

fn any_event(event: Index, head: Position) -> Option<Position> {
    let count = usize::try_from(head.0).unwrap();
    (count > 0).then(|| Position(event.index(count) as u64 + 1))
}

/// Would catch: a paused projection that holds the others back, as soon as more events follow the
/// poisoned one than fit in a batch; a pause that nobody is told of, or that nothing ever ends.
#[tokio::test]
async fn a_paused_projection_holds_nobody_back() {
    let notebook = Notebook::new();
    let statements = 1300;
    write_statements(&notebook, statements).await;
    let (index, at) = (2, Position(5));
    let paused = registry()[index].name();
    let times = Arc::new(AtomicUsize::new(usize::MAX));
    let path = notebook.database();
    let projections = Stumbling::among(index, at, How::Before, &times);
    let log = Arc::clone(&notebook.log);
    let runner = notebook.runner(log, &path, projections).await.unwrap();
    let mut progress = runner.watch();
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(runner.run(stopped));

    let why = Some("stumbled at 5".to_owned());
    let all_but_one = |progress: &Progress| {
        progress.standings.iter().all(|one| {
            if one.name == paused {
                one.paused == why && one.position.next() == at
            } else {
                one.paused.is_none() && one.position == Position(statements)
            }
        })
    };
    reached(&mut progress, all_but_one).await;

    // The cause gone, whatever is recorded next wakes the paused projection.
    times.store(0, Ordering::Relaxed);
    write_statements(&notebook, 1).await;
    let caught_up = |progress: &Progress| {
        let mut all = progress.standings.iter();
        all.all(|one| one.paused.is_none() && one.position == Position(statements + 1))
    };
    reached(&mut progress, caught_up).await;

    stop.send_replace(true);
    running.await.unwrap();
    let database = Database::open(&path, progress).await;
    let whole = notebook.projected(Arc::clone(&notebook.log), 1000).await;
    assert_eq!(database.digests().await, whole.digests().await);
}

/// Waits until the projections stand as asked.
async fn reached(progress: &mut watch::Receiver<Progress>, there: impl FnMut(&Progress) -> bool) {
    let deadline = std::time::Duration::from_secs(30);
    let reached = tokio::time::timeout(deadline, progress.wait_for(there)).await;
    let reached = reached.is_ok_and(|open| open.is_ok());
    assert!(reached, "they stay where they are: {:?}", progress.borrow());
}

/// Writes statements straight into the log, each about another experiment, many to a
/// command: no rule is tried here.
async fn write_statements(notebook: &Notebook, count: u64) {
    let fact = |experiment| Fact {
        saying: Saying {
            valid: Validity::from(on(0)),
            source: Source {
                label: Label::try_new("Page du site").unwrap(),
                dated: None,
                url: None,
            },
            synthetic: true,
            corrects: None,
        },
        event: Event::Experiment(
            ExperimentKey { experiment },
            ExperimentEvent::StatementRecorded(Statement {
                topic: Topic::Other,
                words: Text::try_new("Une assertion").unwrap(),
            }),
        ),
    };
    let actor = Label::try_new("Une agente").unwrap();
    let mut left = usize::try_from(count).unwrap();
    while left > 0 {
        let several = left.min(carnet::limits::COMMAND_EVENTS_MAX);
        left -= several;
        let command_id = notebook.clock.new_id();
        let append = Append {
            command_id,
            fingerprint: [0; 16],
            correlation_id: command_id,
            causation: None,
            guards: Vec::new(),
            records: (0..several)
                .map(|_| ExperimentId(notebook.clock.new_id()))
                .map(|experiment| stored::encode(&fact(experiment), &actor).unwrap())
                .collect(),
        };
        notebook.log.append(append).await.unwrap();
    }
}
