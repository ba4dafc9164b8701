//! Laws of rebuilding: what is out of date is not served, what takes its place is right, and what
//! was there is kept.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use proptest::prelude::*;
use sqlx::Connection;

use carnet::{
    domain::{entry::Entry, terms::Position},
    projection::{self, Rebuilt, RunnerError, registry, store},
};

use super::{
    histories::histories,
    notebook::{Database, Notebook, Verdict, for_all},
};

/// What makes the rows of a projection those of another program or another log.
const OUTDATED: [&str; 4] = [
    "UPDATE projection SET version = version - 1 WHERE name = $1",
    "UPDATE projection SET version = version + 1 WHERE name = $1",
    "UPDATE projection SET log_id = '00000000-0000-0000-0000-000000000000' WHERE name = $1",
    "UPDATE projection SET position = position + 1 WHERE name = $1",
];

/// Would catch: rows of an older program, of another log or of events that were never recorded,
/// served as if they were of this one; a rebuild that throws away what it replaces.
#[test]
fn what_is_outdated_is_rebuilt_beside() {
    for_all(
        (histories(90), 0..OUTDATED.len(), 0..4_usize),
        async |(entries, how, index): (Vec<Entry>, usize, usize)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            if notebook.head() == Position::START {
                return Ok(());
            }
            let path = notebook.database();
            let first = rebuild(&notebook, &path).await;
            prop_assert_eq!(first.kept, None);
            let right = digests(&notebook, &path).await;
            // What is as it should be is carried on.
            let log = || Arc::clone(&notebook.log);
            let copy = notebook.database();
            std::fs::copy(&path, &copy).unwrap();
            let carried_on = notebook.runner(log(), &copy, registry()).await;
            prop_assert!(carried_on.is_ok());

            let outdated = registry()[index].name();
            tamper(&path, OUTDATED[how], outdated).await;
            let refused = notebook.runner(log(), &path, registry()).await;
            let why = refused.map(|_| ()).unwrap_err();
            prop_assert!(
                match &why {
                    RunnerError::Outdated(why) => how < 2 && why.contains(outdated),
                    RunnerError::Bereft(why) => how >= 2 && why.contains(outdated),
                    RunnerError::Log(_) | RunnerError::Database(_) | RunnerError::Poison(_) =>
                        false,
                },
                "{}: {}",
                OUTDATED[how],
                why
            );

            let rebuilt = rebuild(&notebook, &path).await;
            prop_assert_eq!(rebuilt.position, notebook.head());
            for (name, same) in &rebuilt.same {
                let comparable = *name != outdated;
                prop_assert_eq!(*same, comparable.then_some(true), "{}", name);
            }
            let kept = beside(&path, ".old");
            prop_assert_eq!(rebuilt.kept.as_ref(), Some(&kept));
            prop_assert_eq!(digests(&notebook, &path).await, right.clone());
            prop_assert_eq!(digests(&notebook, &kept).await, right);
            prop_assert!(!beside(&path, ".new").exists());
            let runner = notebook.runner(log(), &path, registry()).await;
            prop_assert!(runner.is_ok(), "what was rebuilt is refused");
            let kept = notebook.runner(log(), &kept, registry()).await;
            prop_assert!(kept.is_err(), "what was kept is not what was there");
            Ok(())
        },
    );
}

/// Would catch: a comparison of digests that says "the same" whatever the rows are.
#[test]
fn a_rebuild_tells_what_differs() {
    let spoil = [
        "UPDATE experiment SET title_key = title_key || 'x'",
        "UPDATE venue SET known_to = known_to - 1",
        "DELETE FROM permanence",
        "UPDATE adviser SET erased = 1 - erased",
        "UPDATE session SET day = day + 1",
        "UPDATE tally SET day = day + 1",
        "UPDATE operator SET body = body || ' '",
        "UPDATE agreement SET signed_on = '2019-01-01'",
        "DELETE FROM cost",
        "UPDATE import SET place = '0'",
        "UPDATE site SET name_key = name_key || 'x'",
        "UPDATE report SET audience = audience || 'x'",
        "UPDATE token SET body = body || ' '",
        "DELETE FROM holder",
        "UPDATE history SET subject = ''",
    ];
    for_all(
        (histories(90), 0..spoil.len()),
        async |(entries, index): (Vec<Entry>, usize)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let path = notebook.database();
            rebuild(&notebook, &path).await;
            let spoilt = tamper(&path, spoil[index], "").await;
            let rebuilt = rebuild(&notebook, &path).await;
            for (known, (name, same)) in rebuilt.same.iter().enumerate() {
                let expected = notebook.head() != Position::START;
                let expected = expected.then_some(known != index || spoilt == 0);
                prop_assert_eq!(*same, expected, "{}", name);
            }
            Ok(())
        },
    );
}

/// Would catch: read models that can no longer be rebuilt once their file is damaged, though the
/// log holds all they need.
#[test]
fn a_damaged_database_is_rebuilt() {
    for_all(
        (histories(30), 0..DAMAGES),
        async |(entries, how): (Vec<Entry>, usize)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let path = notebook.database();
            rebuild(&notebook, &path).await;
            let right = digests(&notebook, &path).await;
            let spoilt = damage(how, std::fs::read(&path).unwrap());
            std::fs::write(&path, &spoilt).unwrap();
            let rebuilt = rebuild(&notebook, &path).await;
            for (name, same) in &rebuilt.same {
                prop_assert_ne!(*same, Some(true), "{} of what cannot be read", name);
            }
            prop_assert_eq!(digests(&notebook, &path).await, right);
            // What was there is kept as it was, for whoever wants to know what happened.
            let kept = std::fs::read(beside(&path, ".old")).unwrap();
            prop_assert!(kept == spoilt);
            Ok(())
        },
    );
}

const DAMAGES: usize = 3;

/// A database after one of the damages: written over, cut off, or spoilt after its first page.
fn damage(how: usize, mut database: Vec<u8>) -> Vec<u8> {
    match how {
        0 => return b"this is no database".to_vec(),
        1 => database.truncate(database.len() / 2),
        _ => database[4096..].fill(0xff),
    }
    database
}

/// Would catch: a half-built database of a rebuild that was killed, taken for a beginning.
#[tokio::test]
async fn what_a_killed_rebuild_left_is_not_built_upon() {
    let notebook = Notebook::new();
    let path = notebook.database();
    std::fs::write(beside(&path, ".new"), "half a database").unwrap();
    std::fs::write(beside(&path, ".new-wal"), "and its log").unwrap();
    let rebuilt = rebuild(&notebook, &path).await;
    assert_eq!(rebuilt.kept, None);
    let runner = notebook
        .runner(Arc::clone(&notebook.log), &path, registry())
        .await;
    assert!(runner.is_ok());
}

async fn rebuild(notebook: &Notebook, path: &Path) -> Rebuilt {
    let (log, clock) = (Arc::clone(&notebook.log), Arc::clone(&notebook.clock));
    projection::rebuild(log, clock, path, |_| {}).await.unwrap()
}

/// The digests of the database at `path`.
async fn digests(notebook: &Notebook, path: &Path) -> Vec<(&'static str, String)> {
    // A copy: a database that was read is not left as it was found.
    let copy = notebook.database();
    std::fs::copy(path, &copy).unwrap();
    let progress = tokio::sync::watch::channel(projection::Progress::default()).1;
    Database::open(&copy, progress).await.digests().await
}

/// Runs `sql` on the database at `path`; answers how many rows it changed.
async fn tamper(path: &Path, sql: &'static str, name: &'static str) -> u64 {
    let mut connection = store::open_writer(path).await.unwrap();
    let mut query = sqlx::query(sql);
    if sql.contains("$1") {
        query = query.bind(name);
    }
    let changed = query.execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    changed.rows_affected()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
