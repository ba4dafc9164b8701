//! What an answer costs: a list of 100 experiments with 10 fields each, through GraphQL and SQL,
//! against axum serving the same bytes.
//!
//! Each server runs in a process of its own, so that its CPU time is its own: user and system time
//! of the process, as the kernel counts it, per request. **Carnet**: the whole program on 1 000
//! synthetic experiments: **anew**, each request being another document to it (a comment counts up),
//! so that it parses, validates and executes each; and **again**, the same request at the same
//! position, which it answers from memory. **Raw**: an axum route that answers the bytes Carnet
//! answered. The same client sends to each in turn, round by round, over the same number of
//! connections kept open; the figures to read are the ratios, the medians of those of the rounds.
//!
//! `cargo bench --bench list`; with `-- --quick`, fewer requests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on must stop; it prints a table"
)]

mod shared;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{Router, body::Bytes, http::header, routing::post};
use carnet::{
    clock::SystemClock,
    command::{Commands, Request},
    domain::terms::Label,
    generate,
    log::mirrored::{MirroredLog, Places},
};
use shared::{
    median,
    server::{CONNECTIONS, Server, runtime, serve, serve_carnet},
};

/// How many documents were asked that were not asked before.
static ASKED: AtomicU64 = AtomicU64::new(0);
const EXPERIMENTS: u64 = 1000;
const QUERY: &str = "{ experiments(first: 100) { nodes { id version title status model carrier \
                     startsOn plannedEnd endsOn synthetic } } }";

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
    if let Some(file) = after("--serve-raw") {
        return serve_raw(Path::new(&file));
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let (requests, rounds) = if quick { (400, 3) } else { (2000, 9) };
    measure(requests, rounds);
}

fn measure(requests: usize, rounds: usize) {
    let directory = tempfile::tempdir().unwrap();
    runtime().block_on(fill(&directory.path().join("data")));
    let carnet = Server::start("--serve-carnet", &directory.path().join("data"));
    let answer = carnet.connect().ask(QUERY);
    let nodes = serde_json::from_slice::<serde_json::Value>(&answer).unwrap();
    let nodes = nodes["data"]["experiments"]["nodes"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(nodes, 100, "a full page");
    let file = directory.path().join("answer.json");
    std::fs::write(&file, &answer).unwrap();
    let raw = Server::start("--serve-raw", &file);
    println!(
        "100 experiments of 10 fields, {} bytes; {requests} requests a round over {CONNECTIONS} \
         connections\n",
        answer.len()
    );
    println!("CPU time of the server, microseconds a request");
    println!("round       anew    again      raw   anew/raw  again/raw");
    let another = || format!("{QUERY} # {}", ASKED.fetch_add(1, Ordering::Relaxed));
    let same = || QUERY.to_owned();
    carnet.load(requests, another);
    raw.load(requests, same);
    let (mut anew_ratios, mut again_ratios) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let anew = carnet.load(requests, another);
        let again = carnet.load(requests, same);
        let raw = raw.load(requests, same);
        anew_ratios.push(anew / raw);
        again_ratios.push(again / raw);
        println!(
            "{round:>5} {anew:>10.1} {again:>8.1} {raw:>8.1} {:>10.2} {:>10.2}",
            anew / raw,
            again / raw
        );
    }
    println!(
        "\nmedian of the ratios of CPU time: {:.2} executed anew, {:.2} asked again at the same \
         position (aim now: at most 4; goal: 2.5)",
        median(&mut anew_ratios),
        median(&mut again_ratios)
    );
}

fn serve_raw(file: &Path) {
    let answer = Bytes::from(std::fs::read(file).unwrap());
    let headers = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    let route = post(move |_: Bytes| async move { (headers, answer) });
    runtime().block_on(serve(Router::new().route("/graphql", route)));
}

async fn fill(log: &Path) {
    let log = MirroredLog::open(Places::within(log), Arc::new(SystemClock)).unwrap();
    let commands = Commands::new(Arc::new(log));
    let actor = Label::try_new("banc d'essai").unwrap();
    for index in 0..EXPERIMENTS {
        for (command_id, entry) in generate::experiment(42, index).unwrap() {
            let request = Request {
                command_id,
                actor: actor.clone(),
                expected_version: None,
                entry,
            };
            commands.execute(request).await.unwrap();
        }
    }
}
