//! What a national programme costs: a million synthetic events, with the activity of thousands of
//! permanences.
//!
//! **Rebuild**: the read models built from nothing. **List**: 100 experiments of 10 fields, as they
//! are known now and as they were known at a position in the middle; each request asks of another day,
//! so that no page of it is kept, and both do the same work. **History**: the whole history of one
//! experiment, page by page. **Activity**: what was done at one experiment, and in all of them.
//! **Memory**: of the server, once it is up and after all that.
//!
//! The server runs in a process of its own; CPU times are its own, as the kernel counts them. The
//! figure to read is the ratio of the two lists, round by round.
//!
//! `cargo bench --bench volume`; `-- --events N` for another size, `-- --quick` for a small one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on must stop; it reads a stopwatch and prints a table"
)]

mod shared;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use carnet::{
    clock::SystemClock,
    config::Config,
    log::{
        EventLog,
        mirrored::{MirroredLog, Places},
    },
    projection,
};
use shared::{
    fill, median,
    server::{Server, runtime, serve_carnet},
};

const FIELDS: &str = "nodes { id version title status model carrier startsOn plannedEnd endsOn \
                      synthetic }";
/// Weeks of activity of each experiment.
const WEEKS: u64 = 13;

/// How many lists were asked.
static ASKED: AtomicU64 = AtomicU64::new(0);

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1).cloned()
    };
    if let Some(directory) = after("--serve-carnet") {
        return serve_carnet(Path::new(&directory));
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let events = after("--events").map_or(if quick { 20_000 } else { 1_000_000 }, |events| {
        events.parse().unwrap()
    });
    let (requests, rounds) = if quick { (80, 2) } else { (400, 7) };
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let head = runtime().block_on(build(&data, events));
    let server = Server::start("--serve-carnet", &data);
    let (up, _) = server.memory_mib();
    lists(&server, head, requests, rounds);
    histories(&server);
    activity(&server, head);
    let (now, most) = server.memory_mib();
    println!("\nmemory: {up} MiB once up, {now} MiB now, {most} MiB at most (aim: under 300)");
}

/// Writes the programme and builds its read models.
async fn build(data: &Path, events: u64) -> u64 {
    let config = Config {
        data_dir: data.to_owned(),
        ..Config::default()
    };
    let places = Places::within(data);
    let log: Arc<dyn EventLog> =
        Arc::new(MirroredLog::open(places, Arc::new(SystemClock)).unwrap());
    let begun = Instant::now();
    fill(&log, events, WEEKS).await;
    let head = log.head().position.0;
    println!(
        "{head} events written in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    drop(log);
    let places = Places::within(data);
    let log = Arc::new(MirroredLog::open(places, Arc::new(SystemClock)).unwrap());
    let begun = Instant::now();
    let path = config.read_models();
    projection::rebuild(log, Arc::new(SystemClock), &path, |_| {})
        .await
        .unwrap();
    let took = begun.elapsed().as_secs_f64();
    println!(
        "read models built in {took:.1} s: {:.0} events a second (aim: 100 000)\n",
        head as f64 / took
    );
    head
}

fn lists(server: &Server, head: u64, requests: usize, rounds: usize) {
    let list = || {
        let number = ASKED.fetch_add(1, Ordering::Relaxed);
        let (year, month, day) = (
            2021 + number / 336 % 5,
            1 + number / 28 % 12,
            1 + number % 28,
        );
        let filter = format!("filter: {{ runningOn: \"{year}-{month:02}-{day:02}\" }}");
        format!("experiments(first: 100, {filter}) {{ {FIELDS} }} # {number}\n")
    };
    let now = || format!("{{ {} }}", list());
    let middle = head / 2;
    let then = || {
        format!(
            "{{ asOf(knownAt: {{ position: \"{middle}\" }}) {{ {} }} }}",
            list()
        )
    };
    println!("CPU time of the server for a list, microseconds a request");
    println!("round        now   knownAt     ratio");
    server.load(requests, now);
    server.load(requests, then);
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        let (now, then) = (server.load(requests, now), server.load(requests, then));
        ratios.push(then / now);
        println!("{round:>5} {now:>10.0} {then:>9.0} {:>9.2}", then / now);
    }
    println!(
        "median of the ratios: {:.2} (aim: at most 1.5)\n",
        median(&mut ratios)
    );
}

/// The ids of some experiments.
fn experiments(server: &Server) -> Vec<String> {
    let answer = server
        .connect()
        .ask("{ experiments(first: 20) { nodes { id } } }");
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    let nodes = answer["data"]["experiments"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["id"].as_str().unwrap().to_owned())
        .collect()
}

fn histories(server: &Server) {
    let mut connection = server.connect();
    let (mut events, begun) = (0, Instant::now());
    let ids = experiments(server);
    for id in &ids {
        let mut after = "0".to_owned();
        loop {
            let asked = format!(
                "{{ experiment(id: \"{id}\") {{ history(first: 100, after: \"{after}\") {{ edges \
                 {{ node {{ position kind sentence standing }} }} pageInfo {{ hasNextPage endCursor \
                 }} }} }} }}"
            );
            let answer: serde_json::Value =
                serde_json::from_slice(&connection.ask(&asked)).unwrap();
            let history = &answer["data"]["experiment"]["history"];
            events += history["edges"].as_array().unwrap().len();
            if history["pageInfo"]["hasNextPage"] == serde_json::json!(false) {
                break;
            }
            let cursor = history["pageInfo"]["endCursor"].as_str().unwrap();
            cursor.clone_into(&mut after);
        }
    }
    let took = begun.elapsed().as_secs_f64();
    println!(
        "whole history of an experiment: {} events in {:.1} ms ({:.0} us an event)",
        events / ids.len(),
        1e3 * took / ids.len() as f64,
        1e6 * took / events as f64
    );
}

fn activity(server: &Server, head: u64) {
    let counts = "sessionsHeld accompaniments requests feedbackReceived requestsByOperator { operator \
                  outcome requests }";
    let timed = |what: &str, document: &dyn Fn(u64) -> String| {
        let mut connection = server.connect();
        let mut times: Vec<f64> = (0..9)
            .map(|number| {
                let document = document(number);
                let begun = Instant::now();
                connection.ask(&document);
                1e3 * begun.elapsed().as_secs_f64()
            })
            .collect();
        println!("{what}: {:.1} ms (median of 9)", median(&mut times));
    };
    let ids = experiments(server);
    timed("activity of an experiment", &|number| {
        let id = &ids[usize::try_from(number).unwrap() % ids.len()];
        format!("{{ experiment(id: \"{id}\") {{ activity {{ {counts} }} }} }}")
    });
    timed("activity of the programme, now", &|number| {
        format!("{{ activity {{ {counts} }} }} # {number}\n")
    });
    let middle = head / 2;
    timed("activity of the programme, knownAt the middle", &|number| {
        format!(
            "{{ asOf(knownAt: {{ position: \"{middle}\" }}) {{ activity {{ {counts} }} }} }} # {number}\n"
        )
    });
}
