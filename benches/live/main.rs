//! What following costs: carnet beside a bare `WebSocket` broadcast of the same bytes.
//!
//! Each server runs in a process of its own, so that its CPU time is its own. **Carnet**: the whole
//! program, on synthetic experiments; every subscriber shows a token, and all ask for the same events. **Bare**: axum's
//! `WebSocket`, which acknowledges, and sends whatever is posted to it to all, from tokio's broadcast
//! channel: no log, no cursor, no permission; who is slow misses.
//!
//! - **Latency**: from the acknowledgement of a mutation, as its client has it, to each delivery, as the subscriber
//!   has it; one event after another. Below zero where it was delivered before.
//! - **CPU of a delivery**: events at once, to so many subscribers; the CPU time of the server, less that of
//!   as many events without a subscriber, for each delivery. Servers take turns, round by round; the figure to read is
//!   the ratio, the median of those of the rounds.
//! - **Memory**: of the server with so many idle subscribers, less without, for each.
//!
//! `cargo bench --bench live`; with `-- --quick`, fewer of everything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement that cannot go on must stop; it prints a table"
)]

mod bare;
mod followers;
#[path = "../shared/mod.rs"]
mod shared;
mod writer;

use std::path::Path;

use followers::Followers;
use shared::{
    median,
    server::{Server, runtime, serve_carnet},
};
use writer::Writer;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is measured.
struct Much {
    rounds: usize,
    /// Events one after another, for latencies.
    single: usize,
    /// Events at once, for CPU time.
    burst: usize,
    /// Idle subscribers.
    idle: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1).cloned()
    };
    if let Some(directory) = after("--serve-carnet") {
        return serve_carnet(Path::new(&directory));
    }
    if after("--serve-bare").is_some() {
        return bare::serve();
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let much = if quick {
        Much {
            rounds: 2,
            single: 40,
            burst: 120,
            idle: 1_000,
        }
    } else {
        Much {
            rounds: 5,
            single: 200,
            burst: 600,
            idle: 10_000,
        }
    };
    runtime().block_on(measure(&much));
}

/// What idle subscribers take, of a server that had none before.
async fn remember(much: &Much) {
    let directory = tempfile::tempdir().unwrap();
    let carnet = Server::start("--serve-carnet", &directory.path().join("data"));
    let mut writer = Writer::begin(carnet.address()).await;
    let one = Followers::of_carnet(&writer, 1).await;
    writer.one_by_one(20, &one).await;
    let (before, _) = carnet.memory_kib();
    let followers = Followers::of_carnet(&writer, much.idle).await;
    let (with, _) = carnet.memory_kib();
    let each = with.saturating_sub(before) as f64 / much.idle as f64;
    println!(
        "\nmemory of {} idle subscribers: {each:.1} KiB each (aim: under 20)",
        much.idle
    );
    writer.one_by_one(1, &followers).await;
    println!("one event was delivered to each of {}\n", much.idle);
}

async fn measure(much: &Much) {
    remember(much).await;
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let carnet = Server::start("--serve-carnet", &data);
    let mut writer = Writer::begin(carnet.address()).await;
    let message = writer.message().await;
    println!("one event is a message of {} bytes\n", message.len());

    println!(
        "acknowledged to delivered, milliseconds ({} events, one after another)",
        much.single
    );
    println!("subscribers      p50      p99      max");
    for subscribers in [1, 100, 1_000] {
        let followers = Followers::of_carnet(&writer, subscribers).await;
        let mut told = writer.one_by_one(much.single, &followers).await;
        told.sort_by(f64::total_cmp);
        let at = |share: f64| told[((told.len() - 1) as f64 * share) as usize];
        println!(
            "{subscribers:>11} {:>8.2} {:>8.2} {:>8.2}",
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }

    let bare = Server::start("--serve-bare", Path::new("-"));
    println!(
        "\nCPU of a delivery, microseconds ({} events at once)",
        much.burst
    );
    println!("subscribers  round   carnet     bare    ratio");
    for subscribers in [100, 1_000] {
        let mut ratios = Vec::new();
        for round in 1..=much.rounds {
            let ours = carnet_s(&carnet, &mut writer, subscribers, much.burst).await;
            let bare = bare_s(&bare, &message, subscribers, much.burst).await;
            ratios.push(ours / bare);
            println!(
                "{subscribers:>11} {round:>6} {ours:>8.2} {bare:>8.2} {:>8.2}",
                ours / bare
            );
        }
        println!(
            "{subscribers:>11} median {:>26.2} (aim: at most 1.5)",
            median(&mut ratios)
        );
    }
}

/// CPU of a delivery by carnet, in microseconds.
async fn carnet_s(carnet: &Server, writer: &mut Writer, subscribers: usize, events: usize) -> f64 {
    let nobody = Followers::of_carnet(writer, 0).await;
    let before = carnet.cpu_ns();
    writer.at_once(events, &nobody).await;
    let alone = carnet.cpu_ns() - before;
    let followers = Followers::of_carnet(writer, subscribers).await;
    let before = carnet.cpu_ns();
    writer.at_once(events, &followers).await;
    let with = carnet.cpu_ns() - before;
    with.saturating_sub(alone) as f64 / 1e3 / (events * subscribers) as f64
}

/// The same by the bare broadcast.
async fn bare_s(bare: &Server, message: &str, subscribers: usize, events: usize) -> f64 {
    let nobody = Followers::of(bare.address(), 0, None).await;
    let before = bare.cpu_ns();
    bare::publish(bare.address(), message, events, &nobody).await;
    let alone = bare.cpu_ns() - before;
    let followers = Followers::of(bare.address(), subscribers, None).await;
    let before = bare.cpu_ns();
    bare::publish(bare.address(), message, events, &followers).await;
    let with = bare.cpu_ns() - before;
    with.saturating_sub(alone) as f64 / 1e3 / (events * subscribers) as f64
}
