//! What opening a log of a million events takes: time, and memory at its highest.
//!
//! Opening reads both copies whole, checks every record and makes the index. The log is written
//! once: 384-byte payloads like those of real events, by 64 writers, half of the events in commands
//! of one, half in commands of 16, over 100 000 streams. Each opening is a process of its own;
//! the files are in the page cache from the second one on.
//!
//! `cargo bench --bench start` takes some minutes; `-- --events 100000` less.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on must stop; it reads a stopwatch and prints"
)]

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use carnet::{
    clock::{Clock, SystemClock},
    log::{
        Append, EventLog, Guard, NewRecord,
        mirrored::{MirroredLog, Places},
    },
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EVENTS: u64 = 1_000_000;
const WRITERS: u64 = 64;
const STREAMS: u64 = 100_000;
const PAYLOAD_BYTES: usize = 384;
const OPENINGS: usize = 5;

fn open(directory: &Path) -> MirroredLog {
    MirroredLog::open(Places::within(directory), Arc::new(SystemClock)).unwrap()
}

/// Opens a log and tells how long that took, how far it goes, and the process's memory.
fn opened(directory: &Path) {
    let begun = Instant::now();
    let log = open(directory);
    let took = begun.elapsed();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!(
        "{:6.2} s to open {} events, {} at the highest",
        took.as_secs_f64(),
        log.head().position,
        kib.unwrap_or_default().trim()
    );
}

/// One writer's share: its own streams, one after the other.
async fn write(log: Arc<MirroredLog>, writer: u64, events: u64, written: Arc<AtomicU64>) {
    let streams = STREAMS / WRITERS;
    let mut versions = vec![0_u64; usize::try_from(streams).unwrap()];
    let payload = vec![b'x'; PAYLOAD_BYTES];
    let mut round = 0;
    while written.load(Ordering::Relaxed) < events {
        // As many events in commands of one as in commands of sixteen.
        let count: u64 = if round % 17 == 0 { 16 } else { 1 };
        let own = usize::try_from(round % streams).unwrap();
        let stream = format!("experiment-{writer:08}-{own:027}");
        let record = NewRecord {
            stream: stream.clone(),
            tag: "statement-recorded/1",
            corrects: None,
            meta: b"{}".to_vec(),
            payload: payload.clone(),
        };
        let append = Append {
            command_id: SystemClock.new_id(),
            fingerprint: [1; 16],
            correlation_id: SystemClock.new_id(),
            causation: None,
            guards: vec![Guard {
                stream,
                version: versions[own],
            }],
            records: vec![record; usize::try_from(count).unwrap()],
        };
        log.append(append).await.unwrap();
        versions[own] += count;
        written.fetch_add(count, Ordering::Relaxed);
        round += 1;
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let told = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    if let Some(directory) = told("--open") {
        return opened(Path::new(directory));
    }
    let whole = arguments.iter().any(|argument| argument == "--bench");
    let events = told("--events").map_or(if whole { EVENTS } else { 1_000 }, |events| {
        events.parse().unwrap()
    });
    let place = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let log = Arc::new(open(place.path()));
        let written = Arc::new(AtomicU64::new(0));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                tokio::spawn(write(
                    Arc::clone(&log),
                    writer,
                    events,
                    Arc::clone(&written),
                ))
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
    println!("{:6.1} s to write them", begun.elapsed().as_secs_f64());
    for _ in 0..OPENINGS {
        let child = Command::new(std::env::current_exe().unwrap())
            .arg("--open")
            .arg(place.path())
            .output()
            .unwrap();
        print!("{}", String::from_utf8(child.stdout).unwrap());
    }
}
