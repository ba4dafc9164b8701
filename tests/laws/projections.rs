//! Laws of projections: rows are the fold of the events, however they got there.

use std::{collections::BTreeMap, sync::Arc};

use proptest::{collection::vec, prelude::*};
use sqlx::AssertSqlSafe;

use carnet::{
    domain::{
        correction,
        entry::Entry,
        event::{Recorded, StreamId},
        terms::Position,
    },
    log::stored,
    projection::{documents::STANDS, registry},
};

use super::{
    histories::histories,
    notebook::{Database, Notebook, Verdict, for_all},
};

/// Would catch: a projection whose rows depend on what it happened to have in memory, on how
/// often the program was restarted, or on a document that is not read back as it was written.
#[test]
fn replaying_gives_what_following_gave() {
    let steps = vec((1..8_usize, 1..5_usize, any::<bool>()), 1..6);
    for_all(
        (histories(90), steps),
        async |(entries, steps): (Vec<Entry>, Vec<(usize, usize, bool)>)| -> Verdict {
            let notebook = Notebook::new();
            let path = notebook.database();
            let log = || Arc::clone(&notebook.log);
            let mut runner = notebook.runner(log(), &path, registry()).await.unwrap();
            let mut left = entries.as_slice();
            for (number, (length, batch, restart)) in (0..).zip(steps.iter().cycle()) {
                if left.is_empty() {
                    break;
                }
                let (now, later) = left.split_at(left.len().min(*length));
                for (index, entry) in (0..).zip(now) {
                    notebook.ask(100 * number + index, entry).await.ok();
                }
                left = later;
                if *restart {
                    drop(runner);
                    runner = notebook.runner(log(), &path, registry()).await.unwrap();
                }
                runner.catch_up(*batch, |_| {}).await.unwrap();
            }
            let followed = Database::open(&path, runner.watch()).await;
            prop_assert_eq!(followed.reads.position(), notebook.head());
            let replayed = notebook.projected(log(), 1000).await;
            prop_assert_eq!(followed.digests().await, replayed.digests().await);
            Ok(())
        },
    );
}

/// Where the documents of subjects are.
const TABLES: [&str; 12] = [
    "experiment",
    "venue",
    "permanence",
    "adviser",
    "operator",
    "agreement",
    "cost",
    "import",
    "site",
    "report",
    "token",
    "holder",
];

/// Would catch: a row of a batch that a later event of the same batch should have closed, or one
/// that only the first event of a batch closes.
#[test]
fn any_split_into_batches_gives_the_same_rows() {
    for_all(
        (histories(90), vec(1..9_usize, 1..6)),
        async |(entries, portions): (Vec<Entry>, Vec<usize>)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let log = || Arc::clone(&notebook.log);
            let whole = notebook.projected(log(), 1000).await.digests().await;
            for batch in [1, 2, 3, 7] {
                let split = notebook.projected(log(), batch).await;
                prop_assert_eq!(&split.digests().await, &whole, "batches of {}", batch);
            }
            let log = notebook.in_portions(portions);
            let split = notebook.projected(log, 1000).await;
            prop_assert_eq!(&split.digests().await, &whole, "as the log hands them out");
            Ok(())
        },
    );
}

/// Would catch: two versions of one subject known at the same position, or none, so that an
/// answer "as known at N" shows a subject twice or not at all.
#[test]
fn known_periods_follow_one_another() {
    for_all(histories(90), async |entries: Vec<Entry>| -> Verdict {
        let notebook = Notebook::of(&entries).await;
        let database = notebook.projected(Arc::clone(&notebook.log), 7).await;
        let mut told: BTreeMap<(&str, String), Vec<Recorded>> = BTreeMap::new();
        let records = notebook.log.read(Position::START, 1000).await.unwrap();
        for record in &records {
            let event = stored::decode(record).unwrap();
            if let Some(subject) = subject(&event) {
                told.entry(subject).or_default().push(event);
            }
        }
        told.retain(|_, journal| !versions(journal).is_empty());
        let mut known = 0;
        for table in TABLES {
            let rows: Vec<(String, i64, i64)> = rows(&database, table).await;
            let mut periods: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
            for (id, from, to) in &rows {
                periods.entry(id).or_default().push((*from, *to));
            }
            known += periods.len();
            for (id, periods) in periods {
                let expected = versions(&told[&(table, id.to_owned())]);
                prop_assert_eq!(periods, expected, "{} {}", table, id);
            }
        }
        prop_assert_eq!(known, told.len(), "a subject has no row");
        parts_follow_the_whole(&database).await?;
        let positions: Vec<i64> =
            sqlx::query_scalar("SELECT position FROM history ORDER BY position")
                .fetch_all(&database.pool)
                .await
                .unwrap();
        let dense: Vec<i64> = (1..=column(notebook.head())).collect();
        prop_assert_eq!(positions, dense);
        Ok(())
    });
}

/// A version from each event of a subject to the next, the last one standing; none while all that
/// was said of it is retracted.
fn versions(journal: &[Recorded]) -> Vec<(i64, i64)> {
    (0..journal.len())
        .filter(|index| !correction::standing(&journal[..=*index]).is_empty())
        .map(|index| {
            let next = journal.get(index + 1).map(|next| column(next.position));
            (column(journal[index].position), next.unwrap_or(STANDS))
        })
        .collect()
}

/// The rows of an experiment's parts are known exactly as long as the version they are a part of,
/// and its phases cover all days, each once.
async fn parts_follow_the_whole(database: &Database) -> Verdict {
    let mut versions = rows(database, "experiment").await;
    versions.sort_unstable();
    for part in ["experiment_departement", "experiment_hub"] {
        for (id, from, to) in rows(database, part).await {
            prop_assert!(versions.binary_search(&(id, from, to)).is_ok(), "{part}");
        }
    }
    let mut advisers = rows(database, "adviser").await;
    advisers.sort_unstable();
    for (id, from, to) in rows(database, "adviser_experiment").await {
        prop_assert!(advisers.binary_search(&(id, from, to)).is_ok());
    }
    let phases: Vec<(String, i64, i64, String, String)> = sqlx::query_as(
        "SELECT id, known_from, known_to, valid_from, valid_to FROM experiment_phase \
         ORDER BY id, known_from, valid_from",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    let mut covered = Vec::new();
    for phases in phases.chunk_by(|one, next| (&one.0, one.1) == (&next.0, next.1)) {
        let (first, last) = (&phases[0], &phases[phases.len() - 1]);
        covered.push((first.0.clone(), first.1, first.2));
        prop_assert_eq!(&first.3, "0000-01-01");
        prop_assert_eq!(&last.4, "9999-12-31");
        for pair in phases.windows(2) {
            prop_assert_eq!(&pair[0].4, &pair[1].3, "phases have a gap or overlap");
            prop_assert_eq!(pair[0].2, pair[1].2);
        }
    }
    prop_assert_eq!(covered, versions, "a version has no phases");
    Ok(())
}

/// The rows of a table that were so at some position; others keep what was retracted.
async fn rows(database: &Database, table: &str) -> Vec<(String, i64, i64)> {
    let sql = AssertSqlSafe(format!(
        "SELECT id, known_from, known_to FROM {table} WHERE known_from < known_to ORDER BY id, known_from"
    ));
    sqlx::query_as(sql).fetch_all(&database.pool).await.unwrap()
}

/// The table and id of the subject of an event; of a session there is no document.
fn subject(event: &Recorded) -> Option<(&'static str, String)> {
    let stream = event.fact.event.stream();
    let table = match stream {
        StreamId::Experiment(_) => "experiment",
        StreamId::Venue(_) => "venue",
        StreamId::Permanence(_) => "permanence",
        StreamId::Adviser(_) => "adviser",
        StreamId::Operator(_) => "operator",
        StreamId::Agreement(_) => "agreement",
        StreamId::Cost(_) => "cost",
        StreamId::Import(_) => "import",
        StreamId::Site(_) => "site",
        StreamId::Report(_) => "report",
        StreamId::Token(_) => "token",
        StreamId::Holder(_) => "holder",
        StreamId::Session(_) => return None,
    };
    let stream = stream.to_string();
    let (_, id) = stream.split_once('-').unwrap();
    Some((table, id.to_owned()))
}

fn column(position: Position) -> i64 {
    i64::try_from(position.0).unwrap()
}
