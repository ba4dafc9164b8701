//! All SQL that writes, and the opening of the database: the one place to swap for another.

use std::{path::Path, str::FromStr};

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection, QueryBuilder, Row, Sqlite, SqliteConnection,
    SqlitePool, TypeInfo, ValueRef,
    migrate::MigrateError,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};

use super::{
    Projection, Value,
    documents::{Changes, Kept, STANDS, as_column},
};
use crate::domain::terms::Position;
use crate::fault;
use crate::limits::{BUILDING_CACHE_KIB, DATABASE_BUSY, INSERT_ROWS, INSERT_ROWS_MAX};

/// Rows handed over at once by a connection's thread.
const ROW_BUFFER: usize = 1000;

fn options(path: &Path) -> Result<SqliteConnectOptions, sqlx::Error> {
    Ok(SqliteConnectOptions::from_str("sqlite://")?
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(DATABASE_BUSY)
        .row_buffer_size(ROW_BUFFER))
}

/// Opens the database for writing, creating it and bringing its tables up to date.
///
/// # Errors
/// What the database says.
pub async fn open_writer(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = options(path)?.create_if_missing(true).connect().await?;
    match sqlx::migrate!().run(&mut connection).await {
        Ok(()) => Ok(connection),
        Err(error) => {
            // Closed here and now, for the reason that `Runner::new` gives.
            connection.close().await?;
            Err(error.into())
        }
    }
}

/// Creates a database to build read models in that nobody reads yet: what is lost with the machine
/// is built again, so that nothing is waited for. [`finish`] makes it one like any other.
///
/// # Errors
/// What the database says.
pub(super) async fn create(
    path: &Path,
    projections: &[Box<dyn Projection>],
) -> Result<(SqliteConnection, Vec<String>), sqlx::Error> {
    let options = options(path)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off)
        .locking_mode(SqliteLockingMode::Exclusive)
        .pragma("cache_size", format!("-{BUILDING_CACHE_KIB}"));
    let mut connection = options.connect().await?;
    sqlx::migrate!().run(&mut connection).await?;
    let mut indexes = Vec::new();
    let names = projections.iter().flat_map(|it| it.indexes_for_reading());
    for name in names {
        let made: String = sqlx::query_scalar("SELECT sql FROM sqlite_master WHERE name = $1")
            .bind(*name)
            .fetch_one(&mut connection)
            .await?;
        let drop = format!("DROP INDEX {name}");
        sqlx::query(AssertSqlSafe(drop))
            .execute(&mut connection)
            .await?;
        indexes.push(made);
    }
    Ok((connection, indexes))
}

/// Makes the indexes that were left out, and what was built durable.
///
/// # Errors
/// What the database, or the disk, says.
pub(super) async fn finish(
    path: &Path,
    mut connection: SqliteConnection,
    indexes: Vec<String>,
) -> Result<(), sqlx::Error> {
    for index in indexes {
        sqlx::query(AssertSqlSafe(index))
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    std::fs::File::open(path)?.sync_all()?;
    Ok(())
}

/// Opens the database for reading.
///
/// # Errors
/// What the database says.
pub async fn open_readers(path: &Path, count: u32) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(count)
        .connect_with(options(path)?.read_only(true))
        .await
}

/// Writes a copy of the read models at `from`, which may be in use, to a file that is not there;
/// it is of one moment.
///
/// # Errors
/// The database's.
pub async fn copy(from: &Path, to: &Path) -> Result<(), sqlx::Error> {
    let mut connection = options(from)?.read_only(true).connect().await?;
    sqlx::query("VACUUM INTO $1")
        .bind(to.to_string_lossy().into_owned())
        .execute(&mut connection)
        .await?;
    sqlx::Connection::close(connection).await
}

/// Whether an error says that nobody can read the database, rather than not now: it is damaged
/// (`SQLITE_CORRUPT`), no database at all (`SQLITE_NOTADB`), or has tables of another making.
pub(super) fn is_damage(error: &sqlx::Error) -> bool {
    if let sqlx::Error::Migrate(migration) = error {
        if let MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) =
            migration.as_ref()
        {
            return is_damage(error);
        }
        return matches!(
            **migration,
            MigrateError::VersionMissing(_)
                | MigrateError::VersionMismatch(_)
                | MigrateError::Dirty(_)
        );
    }
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .and_then(|code| code.parse::<u32>().ok())
        // The low byte of an extended code is its kind.
        .is_some_and(|code| matches!(code & 0xff, 11 | 26))
}

/// Where the rows of a projection stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// The version of the rows.
    pub version: i64,
    /// The log they were folded from.
    pub log_id: String,
    /// The last position they hold.
    pub position: Position,
}

/// The checkpoint of a projection; `None` before its first batch.
pub(super) async fn checkpoint(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    let row: Option<(i64, String, i64)> =
        sqlx::query_as("SELECT version, log_id, position FROM projection WHERE name = $1")
            .bind(name)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(version, log_id, position)| Checkpoint {
        version,
        log_id,
        position: Position(u64::try_from(position).unwrap_or(0)),
    }))
}

/// The documents of some keys: those that stand, and of those of which nothing stands any more what
/// was kept of them.
pub(super) async fn documents(
    connection: &mut SqliteConnection,
    table: &str,
    keys: Vec<String>,
) -> Result<Vec<(String, Option<Kept>)>, sqlx::Error> {
    let mut found = Vec::with_capacity(keys.len());
    for chunk in keys.chunks(INSERT_ROWS_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new(format!(
            "SELECT id, body, known_to FROM {table} \
             WHERE (known_to = {STANDS} OR known_to = known_from) AND id IN ("
        ));
        let mut ids = query.separated(", ");
        for key in chunk {
            ids.push_bind(key.clone());
        }
        // The last of each is what counts.
        query.push(") ORDER BY known_from");
        let rows: Vec<(String, String, i64)> =
            query.build_query_as().fetch_all(&mut *connection).await?;
        let mut last: std::collections::HashMap<String, Kept> = std::collections::HashMap::new();
        for (id, body, known_to) in rows {
            let stands = known_to == STANDS;
            last.insert(id, Kept { body, stands });
        }
        found.extend(chunk.iter().map(|key| (key.clone(), last.remove(key))));
    }
    Ok(found)
}

/// Carries out a batch of changes and moves the checkpoint, in one transaction.
pub(super) async fn commit(
    connection: &mut SqliteConnection,
    projection: &dyn Projection,
    changes: Changes,
    to: &Checkpoint,
) -> Result<(), sqlx::Error> {
    let tables = projection.tables();
    if fault::bug("checkpoint-before-rows") {
        move_checkpoint(connection, projection, to).await?;
        fault::point("between-rows-and-checkpoint");
    }
    let mut transaction = connection.begin().await?;
    for (table, _) in &tables {
        close(
            &mut transaction,
            table,
            projection.closed_by(),
            &changes.closed,
        )
        .await?;
    }
    let mut by_table: Vec<Vec<Vec<Value>>> = tables.iter().map(|_| Vec::new()).collect();
    for (table, columns) in changes.inserted {
        if let Some(rows) = by_table.get_mut(table) {
            rows.push(columns);
        }
    }
    for ((table, columns), rows) in tables.iter().zip(by_table) {
        let verb = if projection.replaces() {
            "INSERT OR REPLACE"
        } else {
            "INSERT"
        };
        insert(&mut transaction, verb, table, columns, rows).await?;
    }
    fault::point("between-rows-and-checkpoint");
    move_checkpoint(&mut transaction, projection, to).await?;
    transaction.commit().await
}

/// Closes standing rows of a table.
async fn close(
    connection: &mut SqliteConnection,
    table: &str,
    columns: &[&str],
    closed: &[(Vec<Value>, Position)],
) -> Result<(), sqlx::Error> {
    let names = columns.join(", ");
    let same: Vec<String> = columns
        .iter()
        .map(|column| format!("{table}.{column} = closed.{column}"))
        .collect();
    let same = same.join(" AND ");
    for chunk in closed.chunks(INSERT_ROWS_MAX) {
        let mut query =
            QueryBuilder::<Sqlite>::new(format!("WITH closed ({names}, position) AS ("));
        query.push_values(chunk, |mut row, (key, position)| {
            for value in key {
                match value {
                    Value::Text(text) => row.push_bind(text.clone()),
                    Value::Code(code) => row.push_bind(*code),
                    Value::Id(id) => row.push_bind(id.as_bytes().to_vec()),
                    Value::Bytes(bytes) => row.push_bind(bytes.clone()),
                    Value::Int(number) => row.push_bind(*number),
                    Value::Null => row.push_bind(None::<String>),
                };
            }
            row.push_bind(as_column(*position));
        });
        query.push(format!(
            ") UPDATE {table} SET known_to = closed.position FROM closed \
             WHERE {same} AND {table}.known_to = {STANDS}"
        ));
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Inserts rows into a table.
async fn insert(
    connection: &mut SqliteConnection,
    verb: &str,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<(), sqlx::Error> {
    // Statements of few lengths are prepared once: the largest that fits, then the next.
    let mut rows = rows.into_iter();
    for size in INSERT_ROWS {
        if rows.len() < size {
            continue;
        }
        let row = format!("({}), ", vec!["?"; columns.len()].join(", "));
        let values = row.repeat(size);
        let statement = format!(
            "{verb} INTO {table} ({}) VALUES {}",
            columns.join(", "),
            values.trim_end_matches(", ")
        );
        while rows.len() >= size {
            let mut query = sqlx::query(AssertSqlSafe(statement.as_str()));
            for value in rows.by_ref().take(size).flatten() {
                query = match value {
                    Value::Text(text) => query.bind(text),
                    Value::Code(code) => query.bind(code),
                    Value::Id(id) => query.bind(id.as_bytes().to_vec()),
                    Value::Bytes(bytes) => query.bind(bytes),
                    Value::Int(number) => query.bind(number),
                    Value::Null => query.bind(None::<String>),
                };
            }
            query.execute(&mut *connection).await?;
        }
    }
    Ok(())
}

async fn move_checkpoint(
    connection: &mut SqliteConnection,
    projection: &dyn Projection,
    to: &Checkpoint,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO projection (name, version, log_id, position) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name) DO UPDATE SET position = excluded.position",
    )
    .bind(projection.name())
    .bind(to.version)
    .bind(to.log_id.as_str())
    .bind(as_column(to.position))
    .execute(connection)
    .await?;
    Ok(())
}

/// A digest of all rows of a projection: two databases that answer alike have the same.
///
/// # Errors
/// What the database says.
pub async fn digest(
    connection: &mut SqliteConnection,
    projection: &dyn Projection,
) -> Result<String, sqlx::Error> {
    let mut hasher = Sha256::new();
    for (table, columns) in projection.tables() {
        let columns = columns.join(", ");
        let sql = AssertSqlSafe(format!("SELECT {columns} FROM {table} ORDER BY {columns}"));
        hasher.update(table);
        let mut rows = sqlx::query(sql).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            for column in row.columns() {
                let raw = row.try_get_raw(column.ordinal())?;
                let kind = raw.type_info();
                let value = match (raw.is_null(), kind.name()) {
                    (true, _) => b"null".to_vec(),
                    (false, "INTEGER") => {
                        let number: i64 = row.try_get(column.ordinal())?;
                        number.to_string().into_bytes()
                    }
                    (false, "BLOB") => row.try_get(column.ordinal())?,
                    (false, _) => row.try_get::<String, _>(column.ordinal())?.into_bytes(),
                };
                hasher.update((value.len() as u64).to_le_bytes());
                hasher.update(value);
            }
        }
    }
    Ok(crate::log::record::Hash(hasher.finalize().into()).to_string())
}
