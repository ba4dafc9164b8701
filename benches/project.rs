//! What projecting costs: events into read models, against bare prepared inserts of the same rows.
//!
//! **Project**: the runner carries every projection from an empty database to the head of a log of
//! 300 000 synthetic events, activity included: reads, checks and decodes records, folds them, writes rows and
//! checkpoints. **Bare**: the very rows that made, inserted one by one by a prepared statement, in
//! the same batches and as many transactions, with nothing read, decoded or folded. **Bulk**: the
//! same rows by inserts of many rows, which is how the projections write. **Rebuild**: as `carnet
//! rebuild` does it, from the same log into a database that nobody reads yet.
//!
//! They run in turn, round by round; the figures to read are the ratios, the medians of those
//! of the rounds. `cargo bench --bench project`; with `-- --quick`, 10 000 events.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on must stop; it reads a stopwatch and prints a table"
)]

mod shared;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use carnet::{
    clock::SystemClock,
    log::{
        EventLog,
        mirrored::{MirroredLog, Places},
    },
    projection::{self, Runner, store},
};
use sqlx::{
    AssertSqlSafe, Connection, QueryBuilder, Row, Sqlite, SqliteConnection, TypeInfo, ValueRef,
};

use shared::{fill, median};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 1000;
/// Weeks of activity of each experiment.
const WEEKS: u64 = 13;
const ROWS_OF_BULK: usize = 250;

type Cells = Vec<Cell>;

#[derive(Clone)]
enum Cell {
    Text(String),
    Bytes(Vec<u8>),
    Int(i64),
    Null,
}

/// The rows of one table that one batch of events made.
struct Batch {
    insert: String,
    columns: usize,
    rows: Vec<Cells>,
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (events, rounds) = if quick { (20_000, 2) } else { (300_000, 3) };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure(events, rounds));
}

async fn measure(events: u64, rounds: usize) {
    let directory = tempfile::tempdir().unwrap();
    let log: Arc<dyn EventLog> = Arc::new(
        MirroredLog::open(Places::within(directory.path()), Arc::new(SystemClock)).unwrap(),
    );
    let begun = Instant::now();
    fill(&log, events, WEEKS).await;
    println!("filled in {:.0} s", begun.elapsed().as_secs_f64());
    let events = log.head().position.0;

    let first = directory.path().join("first.sqlite");
    rebuild(&log, &first).await;
    let batches = rows_of(&first, events).await;
    let rows: usize = batches.iter().map(|batch| batch.rows.len()).sum();
    println!("{events} synthetic events make {rows} rows, in batches of {BATCH} events\n");
    println!(
        "round    project    rebuild       bare       bulk  project/bare  rebuild/bare  rebuild/bulk"
    );

    let (mut to_bare, mut from_nothing) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let at = |name: &str| directory.path().join(format!("{round}-{name}.sqlite"));
        let projected = project(&log, &at("project")).await;
        let rebuilt = rebuild(&log, &at("rebuild")).await;
        let bare = insert(&at("bare"), &batches, 1).await;
        let bulk = insert(&at("bulk"), &batches, ROWS_OF_BULK).await;
        let rate = |took: Duration| events as f64 / took.as_secs_f64();
        to_bare.push(rate(projected) / rate(bare));
        from_nothing.push(rate(rebuilt) / rate(bare));
        println!(
            "{round:>5} {:>8.0}/s {:>8.0}/s {:>8.0}/s {:>8.0}/s {:>13.2} {:>13.2} {:>13.2}",
            rate(projected),
            rate(rebuilt),
            rate(bare),
            rate(bulk),
            to_bare.last().unwrap(),
            from_nothing.last().unwrap(),
            rate(rebuilt) / rate(bulk),
        );
    }
    println!(
        "\nmedian of the ratios of speed to bare prepared inserts: {:.2} following, {:.2} rebuilding",
        median(&mut to_bare),
        median(&mut from_nothing)
    );
}

async fn project(log: &Arc<dyn EventLog>, path: &Path) -> Duration {
    let connection = store::open_writer(path).await.unwrap();
    let begun = Instant::now();
    let mut runner = Runner::new(
        Arc::clone(log),
        Arc::new(SystemClock),
        connection,
        projection::registry(),
    )
    .await
    .unwrap();
    runner.catch_up(BATCH, |_| {}).await.unwrap();
    begun.elapsed()
}

async fn rebuild(log: &Arc<dyn EventLog>, path: &Path) -> Duration {
    let begun = Instant::now();
    projection::rebuild(Arc::clone(log), Arc::new(SystemClock), path, |_| {})
        .await
        .unwrap();
    begun.elapsed()
}

/// The rows of a database, table by table, in the batches they were made in.
async fn rows_of(path: &Path, events: u64) -> Vec<Batch> {
    let mut connection = store::open_writer(path).await.unwrap();
    let mut batches = Vec::new();
    for projection in projection::registry() {
        for (table, columns) in projection.tables() {
            let order = if columns.contains(&"known_from") {
                "known_from"
            } else {
                "position"
            };
            let at = columns.iter().position(|column| *column == order).unwrap();
            let list = columns.join(", ");
            let select = format!("SELECT {list} FROM {table} ORDER BY {order}");
            let rows = sqlx::query(AssertSqlSafe(select))
                .fetch_all(&mut connection)
                .await
                .unwrap();
            let mut by_batch: Vec<Vec<Cells>> = Vec::new();
            by_batch.resize_with(usize::try_from(events).unwrap() / BATCH + 1, Vec::new);
            for row in &rows {
                let position: i64 = row.get(at);
                let batch = usize::try_from(position - 1).unwrap() / BATCH;
                by_batch[batch].push((0..columns.len()).map(|i| cell(row, i)).collect());
            }
            for rows in by_batch {
                batches.push(Batch {
                    insert: format!("INSERT INTO {table} ({list})"),
                    columns: columns.len(),
                    rows,
                });
            }
        }
    }
    batches
}

fn cell(row: &sqlx::sqlite::SqliteRow, index: usize) -> Cell {
    let raw = row.try_get_raw(index).unwrap();
    if raw.is_null() {
        return Cell::Null;
    }
    match raw.type_info().name() {
        "INTEGER" => Cell::Int(row.get(index)),
        "BLOB" => Cell::Bytes(row.get(index)),
        _ => Cell::Text(row.get(index)),
    }
}

async fn insert(path: &Path, batches: &[Batch], rows_at_once: usize) -> Duration {
    let mut connection = store::open_writer(path).await.unwrap();
    let begun = Instant::now();
    for batch in batches {
        let mut transaction = connection.begin().await.unwrap();
        if rows_at_once == 1 {
            one_by_one(&mut transaction, batch).await;
        } else {
            for rows in batch.rows.chunks(rows_at_once) {
                let mut query = QueryBuilder::<Sqlite>::new(format!("{} ", batch.insert));
                query.push_values(rows, |mut row, cells| {
                    for cell in cells {
                        match cell {
                            Cell::Text(text) => row.push_bind(text.clone()),
                            Cell::Bytes(bytes) => row.push_bind(bytes.clone()),
                            Cell::Int(number) => row.push_bind(*number),
                            Cell::Null => row.push_bind(None::<String>),
                        };
                    }
                });
                query.build().execute(&mut *transaction).await.unwrap();
            }
        }
        transaction.commit().await.unwrap();
    }
    begun.elapsed()
}

async fn one_by_one(connection: &mut SqliteConnection, batch: &Batch) {
    let places: Vec<String> = (1..=batch.columns)
        .map(|place| format!("${place}"))
        .collect();
    let sql = format!("{} VALUES ({})", batch.insert, places.join(", "));
    for row in &batch.rows {
        let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
        for cell in row {
            query = match cell {
                Cell::Text(text) => query.bind(text.clone()),
                Cell::Bytes(bytes) => query.bind(bytes.clone()),
                Cell::Int(number) => query.bind(*number),
                Cell::Null => query.bind(None::<String>),
            };
        }
        query.execute(&mut *connection).await.unwrap();
    }
}
