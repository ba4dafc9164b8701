//! What the twenty indicators cost, at a million requests: for one experiment over a year and for
//! the whole programme, next to the bare SQL aggregates over the rows of activity that count the same
//! things, in one run, turn by turn.
//!
//! The bare aggregates count and sum, no more: no calendar, no interval, no follow-up of users. Both
//! read the same database by the same connections, warm.
//!
//! `cargo bench --bench figures`; `-- --events N` for another size, `-- --quick` for a small one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on must stop; it reads a stopwatch and prints a table"
)]

mod shared;

use std::{path::Path, sync::Arc, time::Instant};

use carnet::{
    clock::SystemClock,
    domain::terms::{ExperimentId, Period, time::day_number},
    evaluation::{Question, group::Scope},
    log::{
        EventLog,
        mirrored::{MirroredLog, Places},
    },
    projection::{self, Runner, registry, store},
    read::{At, ReadModels},
};
use chrono::NaiveDate;
use shared::{fill, median, server::runtime};
use sqlx::{AssertSqlSafe, Row, SqlitePool};

/// Weeks of activity of each experiment: one year.
const WEEKS: u64 = 52;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1).cloned()
    };
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let events = after("--events").map_or(if quick { 40_000 } else { 1_700_000 }, |events| {
        events.parse().unwrap()
    });
    let rounds = if quick { 3 } else { 9 };
    let directory = tempfile::tempdir().unwrap();
    runtime().block_on(measure(directory.path(), events, rounds));
}

async fn measure(data: &Path, events: u64, rounds: usize) {
    let path = data.join("read.sqlite");
    let log: Arc<dyn EventLog> = {
        let places = Places::within(data);
        Arc::new(MirroredLog::open(places, Arc::new(SystemClock)).unwrap())
    };
    fill(&log, events, WEEKS).await;
    projection::rebuild(Arc::clone(&log), Arc::new(SystemClock), &path, |_| {})
        .await
        .unwrap();
    let writer = store::open_writer(&path).await.unwrap();
    let runner = Runner::new(Arc::clone(&log), Arc::new(SystemClock), writer, registry())
        .await
        .unwrap();
    let pool = store::open_readers(&path, 4).await.unwrap();
    let reads = ReadModels::new(pool.clone(), runner.watch());
    let at = At {
        position: log.head().position,
        on: NaiveDate::from_ymd_opt(2031, 1, 1).unwrap(),
    };
    let requests = count(&pool, "SELECT count(*) FROM request").await;
    let sessions = count(&pool, "SELECT count(*) FROM tally").await;
    println!(
        "{} events, {requests} requests in {sessions} sessions\n",
        at.position
    );
    let whole = reads.whole_period(at, None, None).await.unwrap().unwrap();
    let one: String = sqlx::query_scalar("SELECT min(id) FROM experiment")
        .fetch_one(&pool)
        .await
        .unwrap();
    let one: ExperimentId = one.parse().unwrap();
    let own = reads
        .whole_period(at, Some(one), None)
        .await
        .unwrap()
        .unwrap();
    let year = Period {
        from: own.from,
        until: own.from + chrono::Days::new(364),
    };
    let scope = Scope {
        experiment: Some(one),
        ..Scope::default()
    };
    let only = one
        .0
        .as_bytes()
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let only = format!("experiment = x'{only}' AND ");
    compare(
        &reads,
        &pool,
        at,
        (scope, year, &only),
        rounds,
        "an experiment, a year (aim: 50 ms)",
    )
    .await;
    let all = (Scope::default(), whole, "");
    compare(
        &reads,
        &pool,
        at,
        all,
        rounds,
        "the whole programme (aim: 500 ms)",
    )
    .await;
}

async fn compare(
    reads: &ReadModels,
    pool: &SqlitePool,
    at: At,
    (scope, period, only): (Scope, Period, &str),
    rounds: usize,
    what: &str,
) {
    let question = Question {
        scope,
        period,
        by: None,
        codes: Vec::new(),
    };
    println!("{what}\nround  indicators   bare SQL   ratio");
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let begun = Instant::now();
        let answers = reads.figures(at, question.clone()).await.unwrap();
        let figures = 1e3 * begun.elapsed().as_secs_f64();
        assert_eq!(answers.len(), 1);
        let begun = Instant::now();
        aggregates(pool, at, period, only).await;
        let bare = 1e3 * begun.elapsed().as_secs_f64();
        if round == 0 {
            println!(" cold {figures:>8.1} ms {bare:>7.1} ms");
            continue;
        }
        println!(
            "{round:>5} {figures:>8.1} ms {bare:>7.1} ms {:>7.2}",
            figures / bare
        );
        ours.push(figures);
        theirs.push(bare);
        ratios.push(figures / bare);
    }
    println!(
        "median {:.1} ms, {:.1} ms; of the ratios {:.2} (aim: at most 1.5)\n",
        median(&mut ours),
        median(&mut theirs),
        median(&mut ratios)
    );
}

/// The counts behind the indicators, straight from the rows.
async fn aggregates(pool: &SqlitePool, at: At, period: Period, only: &str) {
    let known = at.position.0;
    let rows = format!(
        "WHERE {only}known_from <= {known} AND known_to > {known} AND day BETWEEN {} AND {}",
        day_number(period.from),
        day_number(period.until)
    );
    let statements = [
        format!(
            "SELECT state, count(*), sum(minutes), sum(minutes * advisers) FROM session {rows} GROUP BY state"
        ),
        format!(
            "SELECT session, count(*), sum(minutes), count(minutes) FROM accompaniment {rows} GROUP BY session"
        ),
        format!("SELECT first_visit, count(*) FROM accompaniment {rows} GROUP BY first_visit"),
        format!(
            "SELECT operator, outcome, count(*) FROM request {rows} GROUP BY operator, outcome"
        ),
        format!("SELECT state, count(*) FROM appointment {rows} GROUP BY state"),
        format!("SELECT sum(users) FROM turning_away {rows}"),
        format!(
            "SELECT state, satisfaction, otherwise, count(*) FROM feedback {rows} GROUP BY state, satisfaction, otherwise"
        ),
        format!("SELECT avg(recorded_at) FROM accompaniment {rows}"),
    ];
    for statement in statements {
        let rows = sqlx::query(AssertSqlSafe(statement))
            .fetch_all(pool)
            .await
            .unwrap();
        std::hint::black_box(rows.len());
    }
}

async fn count(pool: &SqlitePool, statement: &'static str) -> i64 {
    sqlx::query(statement).fetch_one(pool).await.unwrap().get(0)
}
