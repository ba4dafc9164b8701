//! What a durable, guarded append costs: the log against tephra, an embedded event store, and
//! against a plain file.
//!
//! All do the same work. An **event** is 256 bytes of payload, handed over whole; what a store
//! adds of its own (names, ids, frames, checksums, chain) comes on top and is printed. A
//! **command** appends one event, or 64 at once, to its writer's own stream, guarded: it fails if
//! that stream was written to since its writer last did. **Writers**, 1, 16 or 64 tasks of one
//! tokio runtime, send the next command when the last one is answered, which is once it survives a
//! power cut. Each store may gather the commands that wait into one batch and one `fdatasync`, and
//! each does.
//!
//! - **carnet**: the log as the program opens it, in two copies.
//! - **carnet, no mirror**: the same in one copy, sled's.
//! - **tephra**: `append_async`, with a condition of two clauses that promise what the log does:
//!   no event of the stream after the last one its writer knows, and no event of the same command
//!   anywhere (a command takes effect once). Segments of 256 MiB, as its documentation has them.
//! - **tephra, guard only**: without the second clause; less than the log promises.
//! - **file**: the bytes of carnet's records appended to a plain file, in the batches that the
//!   log's writer made (told by its own counter), each followed by `fdatasync`. It checks and
//!   indexes nothing: what durability alone costs on this disk.
//! - **file, room made**: the same into a file whose length is reserved 256 MiB ahead, so that
//!   a sync has no new length to make durable. tephra's segments are such files.
//!
//! A disk's speed changes from one second to the next, and with what others do on the machine: all
//! run in turn for a tenth of a second, in many rounds, each in another order. The figures to read
//! are the ratios, each the median of those of the rounds.
//!
//! `cargo bench --bench append` takes about a minute and some 3 GB of disk, with `-- --quick` a
//! tenth of both.
//! Files go to the directory for temporary files: set `TMPDIR` to measure another disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on must stop; it reads a stopwatch and prints a table"
)]

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use carnet::{
    clock::{Clock, SystemClock},
    log::{
        Append, AppendError, EventLog, Guard, NewRecord,
        mirrored::{MirroredLog, Places},
        record::Record,
    },
};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use tephra::{
    AppendCondition, Event, EventType, Query, QueryItem, SegmentConfig, SegmentSet, Tag, Tags,
    WriteCoordinator, WriteHandle, WriterConfig,
};
use uuid::Uuid;

/// Writers, and the events of each of their commands.
/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SHAPES: [Shape; 4] = [
    Shape::new(1, 1),
    Shape::new(16, 1),
    Shape::new(64, 1),
    Shape::new(1, 64),
];
const PAYLOAD_BYTES: usize = 256;
const TEPHRA_SEGMENT_BYTES: usize = 256 * 1024 * 1024;
const FILE_ROOM_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Debug, Clone, Copy)]
struct Shape {
    writers: usize,
    events: usize,
}

impl Shape {
    const fn new(writers: usize, events: usize) -> Self {
        Self { writers, events }
    }
}

/// The sizes of the batches, in order, as the log counts them.
#[derive(Debug, Default)]
struct BatchSizes(Mutex<Vec<usize>>);

impl BatchSizes {
    fn take(&self) -> Vec<usize> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl CounterFn for BatchSizes {
    fn increment(&self, events: u64) {
        let events = usize::try_from(events).unwrap();
        self.0.lock().unwrap().push(events);
    }

    fn absolute(&self, _: u64) {}
}

/// Listens to one counter of the log, and to nothing else.
#[derive(Debug)]
struct Listener(Arc<BatchSizes>);

impl Recorder for Listener {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        if key.name() == "carnet_log_events_total" {
            Counter::from_arc(self.0.clone())
        } else {
            Counter::noop()
        }
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// How long each command waited until it was durable, and how long all took.
#[derive(Debug, Default)]
struct Run {
    waits: Vec<Duration>,
    events: usize,
    elapsed: Duration,
}

impl Run {
    #[expect(clippy::cast_precision_loss, reason = "a rate in a table")]
    fn events_per_second(&self) -> f64 {
        self.events as f64 / self.elapsed.as_secs_f64()
    }

    fn add(&mut self, other: Self) {
        self.waits.extend(other.waits);
        self.events += other.events;
        self.elapsed += other.elapsed;
    }

    /// The wait that `percent` of the commands did not exceed, in milliseconds.
    fn percentile_ms(&mut self, percent: usize) -> f64 {
        self.waits.sort_unstable();
        let at = (self.waits.len() - 1) * percent / 100;
        self.waits[at].as_secs_f64() * 1000.0
    }
}

/// A store that is measured.
#[async_trait]
trait Store: Send + Sync + 'static {
    /// Appends a command of `events` events to `stream`, if nothing was appended to it since
    /// `known`. Answers what is known then; `None` where that is refused.
    async fn append(&self, stream: &str, known: u64, command: Uuid, events: usize) -> Option<u64>;
}

fn payload() -> Vec<u8> {
    let frame = "{\"what\":\"\"}".len();
    format!("{{\"what\":\"{}\"}}", "x".repeat(PAYLOAD_BYTES - frame)).into_bytes()
}

struct Carnet(Arc<dyn EventLog>);

#[async_trait]
impl Store for Carnet {
    /// What is known is the version of the stream.
    async fn append(&self, stream: &str, known: u64, command: Uuid, events: usize) -> Option<u64> {
        let record = NewRecord {
            stream: stream.to_owned(),
            tag: "statement-recorded/1",
            corrects: None,
            meta: b"{}".to_vec(),
            payload: payload(),
        };
        let append = Append {
            command_id: command,
            fingerprint: *command.as_bytes(),
            correlation_id: command,
            causation: None,
            guards: vec![Guard {
                stream: stream.to_owned(),
                version: known,
            }],
            records: vec![record; events],
        };
        match self.0.append(append).await {
            Ok(_) => Some(known + events as u64),
            Err(AppendError::Conflict { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

struct Tephra {
    handle: WriteHandle,
    /// Whether a command takes effect once.
    once: bool,
}

fn having(tag: &Tag) -> Query {
    Query::item(QueryItem::with_tags(Tags::new([tag.clone()]).unwrap()))
}

#[async_trait]
impl Store for Tephra {
    /// What is known is the position of the stream's last event.
    async fn append(&self, stream: &str, known: u64, command: Uuid, events: usize) -> Option<u64> {
        let kind = EventType::new("statement-recorded").unwrap();
        let stream = Tag::new(format!("stream:{stream}")).unwrap();
        let command = Tag::new(format!("command:{command}")).unwrap();
        let known = tephra::Position::new(known);
        let mut guard = AppendCondition::new(having(&stream)).after(known);
        if self.once {
            guard = guard.fail_if_exists(having(&command));
        }
        let tags = [Some(stream), self.once.then_some(command)];
        let tags = Tags::new(tags.into_iter().flatten()).unwrap();
        let event = Event::new(&kind, &tags, &payload()).unwrap();
        let events = vec![event; events];
        match self.handle.append_async(events, Some(guard)).await {
            Ok(range) => Some(range.last.get()),
            Err(tephra::AppendError::Conflict { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Sees that the guards do what they are measured for.
async fn check(store: &Arc<dyn Store>) {
    let first = store.append("guarded", 0, SystemClock.new_id(), 1).await;
    let known = first.expect("the first append holds");
    let late = store.append("guarded", 0, SystemClock.new_id(), 1).await;
    assert_eq!(late, None, "who knows nothing of it is refused");
    let next = store
        .append("guarded", known, SystemClock.new_id(), 1)
        .await;
    assert!(next > first, "who knows of it is not");
}

/// Lets the writers of `shape` append until `time` is over.
async fn run(store: &Arc<dyn Store>, round: usize, shape: Shape, time: Duration) -> Run {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..shape.writers)
        .map(|writer| {
            let store = Arc::clone(store);
            let (writers, events) = (shape.writers, shape.events);
            let stream = format!("bench-{round:02}-{writers:02}-{events:02}-{writer:02}");
            tokio::spawn(async move {
                let mut waits = Vec::new();
                let mut known = 0;
                while begun.elapsed() < time {
                    let command = SystemClock.new_id();
                    let sent = Instant::now();
                    let appended = store.append(&stream, known, command, events).await;
                    waits.push(sent.elapsed());
                    known = appended.expect("nobody else writes to this stream");
                }
                waits
            })
        })
        .collect();
    let mut run = Run::default();
    for task in tasks {
        run.waits.extend(task.await.unwrap());
    }
    run.elapsed = begun.elapsed();
    run.events = run.waits.len() * shape.events;
    run
}

/// A plain file.
struct Plain {
    file: File,
    /// How much its length is reserved ahead; 0 where it grows as it is written.
    room: u64,
    reserved: u64,
    at: u64,
}

impl Plain {
    fn create(path: &Path, room: u64) -> Self {
        let file = File::create_new(path).unwrap();
        let mut plain = Self {
            file,
            room,
            reserved: 0,
            at: 0,
        };
        plain.reserve();
        plain
    }

    fn reserve(&mut self) {
        if self.room > 0 {
            let mode = rustix::fs::FallocateFlags::empty();
            rustix::fs::fallocate(&self.file, mode, self.reserved, self.room).unwrap();
            self.reserved += self.room;
        }
        self.file.sync_all().unwrap();
    }

    /// Writes batches until `time` is over, each made durable.
    fn run(&mut self, batches: &[Batch], shape: Shape, time: Duration) -> Run {
        let mut run = Run::default();
        let begun = Instant::now();
        for batch in batches.iter().cycle() {
            if begun.elapsed() >= time {
                break;
            }
            let end = self.at + batch.bytes.len() as u64;
            if self.room > 0 && end > self.reserved {
                self.reserve();
            }
            let sent = Instant::now();
            self.file.write_all_at(&batch.bytes, self.at).unwrap();
            self.file.sync_data().unwrap();
            let wait = sent.elapsed();
            self.at = end;
            let commands = batch.events / shape.events;
            run.waits.extend(std::iter::repeat_n(wait, commands));
            run.events += batch.events;
        }
        run.elapsed = begun.elapsed();
        run
    }
}

/// What the log's writer made durable at once.
struct Batch {
    bytes: Vec<u8>,
    events: usize,
}

/// The framed bytes of the records, cut as the log's writer cut them.
fn batched(records: &[Record], sizes: &[usize]) -> Vec<Batch> {
    assert_eq!(sizes.iter().sum::<usize>(), records.len());
    let mut rest = records;
    sizes
        .iter()
        .map(|size| {
            let (batch, later) = rest.split_at(*size);
            rest = later;
            let mut bytes = Vec::new();
            for record in batch {
                record.encode(&mut bytes).unwrap();
            }
            let events = *size;
            Batch { bytes, events }
        })
        .collect()
}

/// What is measured, in the order of the table. The stores come first; the files get the bytes of
/// the first of them.
const NAMES: [&str; 6] = [
    "carnet",
    "carnet, no mirror",
    "tephra",
    "tephra, guard only",
    "file",
    "file, room made",
];
const CARNET: usize = 0;
const TEPHRA: usize = 2;
const STORES: usize = 4;
const FILE: usize = STORES;

/// What one shape came to: by what is measured, all rounds together, and events a second of each.
#[derive(Debug, Default)]
struct Tally {
    runs: [Run; NAMES.len()],
    rates: Vec<[f64; NAMES.len()]>,
    batches: usize,
}

impl Tally {
    /// The median over the rounds of how the rates of two compare, with the least and the most.
    fn ratio(&self, of: usize, to: usize) -> String {
        let mut ratios: Vec<f64> = self
            .rates
            .iter()
            .map(|rates| rates[of] / rates[to])
            .collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
        format!("{:.2} ({least:.2}-{most:.2})", ratios[ratios.len() / 2])
    }
}

/// The log as the program opens it. Once it has a mirror, a log without one comes beside it: one
/// more store, with a name of its own in [`NAMES`].
fn open_log(directory: &Path, mirrored: bool) -> Arc<dyn EventLog> {
    let mut places = Places::within(directory);
    if !mirrored {
        places.mirror = None;
    }
    Arc::new(MirroredLog::open(places, Arc::new(SystemClock)).unwrap())
}

fn open_tephra(directory: &Path) -> (WriteCoordinator, WriteHandle) {
    let set = SegmentSet::open(directory, SegmentConfig::new(TEPHRA_SEGMENT_BYTES)).unwrap();
    WriteCoordinator::start(set, WriterConfig::default()).unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "means in a table")]
fn print(tallies: &mut [Tally], rounds: usize, record_bytes: usize) {
    println!(
        "\ndurable guarded appends, in turn, {rounds} rounds; waits of commands in milliseconds\n"
    );
    println!(
        "writers x events  batch | {:18} | events/s      p50      p99 | to tephra         | to file",
        ""
    );
    for (shape, tally) in SHAPES.iter().zip(tallies) {
        let batch = tally.runs[CARNET].events as f64 / tally.batches as f64;
        for (index, name) in NAMES.iter().enumerate() {
            let (to_tephra, to_file) = (tally.ratio(index, TEPHRA), tally.ratio(index, FILE));
            let run = &mut tally.runs[index];
            println!(
                "{:7} x {:6} {batch:6.1} | {name:18} | {:8.0} {:8.3} {:8.3} | {to_tephra:17} | {to_file}",
                shape.writers,
                shape.events,
                run.events_per_second(),
                run.percentile_ms(50),
                run.percentile_ms(99),
            );
        }
    }
    println!(
        "\nEvents of {PAYLOAD_BYTES} bytes of payload; {record_bytes} bytes as carnet's framed records, \
         which is what the file gets.\nbatch: the events of carnet's batches, on the mean. \
         to ...: events/s over theirs, median (range) of the rounds."
    );
}

#[tokio::main]
async fn main() {
    // `cargo bench` says so; `cargo test --benches` does not and only wants to see it run.
    let whole = std::env::args().any(|argument| argument == "--bench")
        && !std::env::args().any(|argument| argument == "--quick");
    let (rounds, time) = if whole {
        (31, Duration::from_millis(100))
    } else {
        (5, Duration::from_millis(40))
    };
    let sizes = Arc::new(BatchSizes::default());
    metrics::set_global_recorder(Listener(sizes.clone())).unwrap();
    let place = tempfile::tempdir().unwrap();
    let log = open_log(&place.path().join("carnet"), true);
    let alone = open_log(&place.path().join("alone"), false);
    let (first, once) = open_tephra(&place.path().join("tephra"));
    let (second, guarded) = open_tephra(&place.path().join("tephra-guarded"));
    let stores: [Arc<dyn Store>; STORES] = [
        Arc::new(Carnet(Arc::clone(&log))),
        Arc::new(Carnet(alone)),
        Arc::new(Tephra {
            handle: once,
            once: true,
        }),
        Arc::new(Tephra {
            handle: guarded,
            once: false,
        }),
    ];

    for store in &stores {
        check(store).await;
    }
    sizes.take();

    let mut files = [
        Plain::create(&place.path().join("file"), 0),
        Plain::create(&place.path().join("file-with-room"), FILE_ROOM_BYTES),
    ];

    let mut tallies: Vec<Tally> = SHAPES.iter().map(|_| Tally::default()).collect();
    let mut record_bytes = 0;
    // The batches of each shape that the log made last: what the files get.
    let mut batches: Vec<Vec<Batch>> = SHAPES.iter().map(|_| Vec::new()).collect();
    // The first round warms up and does not count.
    for round in 0..=rounds {
        for ((shape, tally), batches) in SHAPES.into_iter().zip(&mut tallies).zip(&mut batches) {
            let mut order: Vec<usize> = (0..NAMES.len()).collect();
            if round > 0 {
                order.rotate_left(round % NAMES.len());
            }
            if round % 2 == 1 {
                order.reverse();
            }
            let mut runs: [Run; NAMES.len()] = Default::default();
            for index in order {
                if index >= FILE {
                    let file = &mut files[index - FILE];
                    runs[index] = tokio::task::block_in_place(|| file.run(batches, shape, time));
                    continue;
                }
                let before = log.head().position;
                // What was counted is of a log that ran before.
                sizes.take();
                runs[index] = run(&stores[index], round, shape, time).await;
                if index == CARNET {
                    let records = log.read(before, usize::MAX).await.unwrap();
                    *batches = batched(&records, &sizes.take());
                    let bytes: usize = batches.iter().map(|batch| batch.bytes.len()).sum();
                    record_bytes = bytes / records.len();
                    tally.batches += if round > 0 { batches.len() } else { 0 };
                }
            }
            if round > 0 {
                let rates = std::array::from_fn(|index| runs[index].events_per_second());
                tally.rates.push(rates);
                for (sum, run) in tally.runs.iter_mut().zip(runs) {
                    sum.add(run);
                }
            }
        }
    }
    print(&mut tallies, rounds, record_bytes);
    drop(stores);
    first.shutdown();
    second.shutdown();
}
