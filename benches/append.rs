//! What a durable append costs: the log against a plain file.
//!
//! **Log**: commands of one event of about 400 bytes, appended through the log, each under an id
//! of its own and guarded by the version of its writer's stream, by 1, 16 and 64 writers that each
//! wait for the answer before they send the next. **File**: the same framed bytes appended to a
//! plain file, in the batches that the log's writer made (told by its own counter), each followed
//! by `fdatasync`. It is the least that durability costs on this disk; it checks and indexes
//! nothing.
//!
//! A disk's speed changes from one second to the next: both run in turn, round by round, and the
//! figure to read is the ratio, the median of those of the rounds.
//!
//! `cargo bench --bench append` takes about 15 seconds, with `-- --quick` about two. Files go to
//! the directory for temporary files: set `TMPDIR` to measure another disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on must stop; it reads a stopwatch and prints a table"
)]

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use carnet::{
    clock::{Clock, SystemClock},
    log::{
        Append, EventLog, Guard, NewRecord,
        mirrored::{MirroredLog, Places},
        record::Record,
    },
};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

const WRITERS: [usize; 3] = [1, 16, 64];

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

/// How long each event waited until it was durable, and how long all took.
#[derive(Debug, Default)]
struct Run {
    waits: Vec<Duration>,
    elapsed: Duration,
}

impl Run {
    #[expect(clippy::cast_precision_loss, reason = "a rate in a table")]
    fn events_per_second(&self) -> f64 {
        self.waits.len() as f64 / self.elapsed.as_secs_f64()
    }

    fn add(&mut self, other: Self) {
        self.waits.extend(other.waits);
        self.elapsed += other.elapsed;
    }

    /// The wait that `percent` of the events did not exceed, in milliseconds.
    fn percentile_ms(&mut self, percent: usize) -> f64 {
        self.waits.sort_unstable();
        let at = (self.waits.len() - 1) * percent / 100;
        self.waits[at].as_secs_f64() * 1000.0
    }
}

/// What one number of writers came to.
#[derive(Debug, Default)]
struct Tally {
    log: Run,
    file: Run,
    batches: usize,
    bytes: usize,
    ratios: Vec<f64>,
}

fn append(clock: &dyn Clock, stream: &str, version: u64) -> Append {
    let command_id = clock.new_id();
    Append {
        command_id,
        fingerprint: *command_id.as_bytes(),
        correlation_id: command_id,
        causation: None,
        guards: vec![Guard {
            stream: stream.to_owned(),
            version,
        }],
        records: vec![NewRecord {
            stream: stream.to_owned(),
            tag: "statement-recorded/1",
            corrects: None,
            meta: br#"{"valid":{"from":"2021-05-06"},"actor":"porteur","source":{"label":"Note"}}"#
                .to_vec(),
            payload: format!("{{\"what\":\"{}\"}}", "x".repeat(100)).into_bytes(),
        }],
    }
}

/// Lets `writers` append until `time` is over.
async fn through_the_log(
    log: &Arc<MirroredLog>,
    round: &str,
    writers: usize,
    time: Duration,
) -> Run {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let log = log.clone();
            let stream = format!("bench-{round}-{writers:03}-{writer:03}");
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while begun.elapsed() < time {
                    let next = append(&SystemClock, &stream, waits.len() as u64);
                    let sent = Instant::now();
                    log.append(next).await.unwrap();
                    waits.push(sent.elapsed());
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
    run
}

/// Appends the same bytes to a plain file, batch by batch.
fn through_a_file(path: &Path, batches: &[(Vec<u8>, usize)]) -> Run {
    let mut file = File::options()
        .create_new(true)
        .append(true)
        .open(path)
        .unwrap();
    file.sync_all().unwrap();
    let mut run = Run::default();
    let begun = Instant::now();
    for (bytes, events) in batches {
        let sent = Instant::now();
        file.write_all(bytes).unwrap();
        file.sync_data().unwrap();
        let wait = sent.elapsed();
        run.waits.extend(std::iter::repeat_n(wait, *events));
    }
    run.elapsed = begun.elapsed();
    run
}

/// The framed bytes of the records, cut as the log's writer cut them.
fn batched(records: &[Record], sizes: &[usize]) -> Vec<(Vec<u8>, usize)> {
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
            (bytes, *size)
        })
        .collect()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "means in a table")]
fn print(tallies: &mut [Tally], rounds: usize) {
    println!(
        "\ndurable appends, log and plain file in turn, {rounds} rounds; waits in milliseconds\n"
    );
    println!(
        "                 |            log              |           file           | log / file"
    );
    println!(
        "writers    batch | events/s      p50       p99 | events/s      p50    p99 | median (range)"
    );
    let (mut events, mut bytes) = (0, 0);
    for (writers, tally) in WRITERS.iter().zip(tallies) {
        events += tally.log.waits.len();
        bytes += tally.bytes;
        let batch = tally.log.waits.len() as f64 / tally.batches as f64;
        let ratio = median(&mut tally.ratios);
        println!(
            "{writers:7} {batch:8.1} | {:8.0} {:8.3}  {:8.3} | {:8.0} {:8.3} {:6.3} | {ratio:.2} ({:.2}-{:.2})",
            tally.log.events_per_second(),
            tally.log.percentile_ms(50),
            tally.log.percentile_ms(99),
            tally.file.events_per_second(),
            tally.file.percentile_ms(50),
            tally.file.percentile_ms(99),
            tally.ratios[0],
            tally.ratios[tally.ratios.len() - 1],
        );
    }
    println!(
        "\n{events} events of {} bytes each, framed. log / file: events/s of the log over those of a\n\
         plain file that gets the same bytes in the same batches, fdatasync after each.",
        bytes / events
    );
}

#[tokio::main]
async fn main() {
    // `cargo bench` says so; `cargo test --benches` does not and only wants to see it run.
    let whole = std::env::args().any(|argument| argument == "--bench")
        && !std::env::args().any(|argument| argument == "--quick");
    let (rounds, time) = if whole {
        (7, Duration::from_millis(450))
    } else {
        (3, Duration::from_millis(100))
    };
    let sizes = Arc::new(BatchSizes::default());
    metrics::set_global_recorder(Listener(sizes.clone())).unwrap();
    let place = tempfile::tempdir().unwrap();
    let log = MirroredLog::open(Places::within(place.path()), Arc::new(SystemClock)).unwrap();
    let log = Arc::new(log);

    let mut tallies: Vec<Tally> = WRITERS.iter().map(|_| Tally::default()).collect();
    // The first round warms up and does not count.
    for round in 0..=rounds {
        for (writers, tally) in WRITERS.iter().zip(&mut tallies) {
            let before = log.head().position;
            let through_log = through_the_log(&log, &format!("{round:02}"), *writers, time).await;
            let sizes = sizes.take();
            let records = log.read(before, usize::MAX).await.unwrap();
            let batches = batched(&records, &sizes);
            let file = place.path().join(format!("file-{round}-{writers}"));
            let through_file =
                tokio::task::spawn_blocking(move || (through_a_file(&file, &batches), batches))
                    .await
                    .unwrap();
            let (through_file, batches) = through_file;
            if round > 0 {
                tally
                    .ratios
                    .push(through_log.events_per_second() / through_file.events_per_second());
                tally.log.add(through_log);
                tally.file.add(through_file);
                tally.batches += sizes.len();
                tally.bytes += batches.iter().map(|(bytes, _)| bytes.len()).sum::<usize>();
            }
        }
    }
    print(&mut tallies, rounds);
}
