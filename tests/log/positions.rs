//! Positions are dense, in order, chained, and published only once durable.

use std::{collections::HashSet, sync::Arc};

use carnet::{
    domain::terms::Position,
    limits::COMMAND_EVENTS_MAX,
    log::{AppendError, EventLog, record::RECORD_BYTES_MAX},
};
use chrono::TimeDelta;

use crate::support::{Place, all, check_chain, command, event, fill, noon, sized_event, trace};

/// Catches: a position or stream version given twice or left out when commands come together, an
/// answer that names another's events, events of two commands mingled.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn positions_are_dense_under_concurrent_appends() {
    const TASKS: u128 = 64;
    const COMMANDS: u128 = 6;
    let place = Place::new();
    let log = Arc::new(place.open());
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut answers = Vec::new();
                for n in 0..COMMANDS {
                    let mut append = command(
                        task * 1000 + n,
                        &format!("own-{task}"),
                        u64::try_from(n).unwrap(),
                    );
                    append.records.push(event("shared"));
                    append.records.push(event("shared"));
                    answers.push((append.command_id, log.append(append).await.unwrap()));
                }
                answers
            })
        })
        .collect();
    let mut firsts = HashSet::new();
    let records_expected = TASKS * COMMANDS * 3;
    let mut answers = Vec::new();
    for task in tasks {
        answers.extend(task.await.unwrap());
    }
    let records = all(&log).await;
    assert_eq!(records.len() as u128, records_expected);
    assert_eq!(check_chain(log.id(), &records), log.head());
    for (id, answer) in answers {
        assert!(
            firsts.insert(answer.first),
            "{:?} given twice",
            answer.first
        );
        let from = usize::try_from(answer.first.0).unwrap() - 1;
        for (index, record) in (0..3).zip(&records[from..]) {
            assert_eq!((record.command_id, record.command_index), (id, index));
            assert_eq!(record.command_count, 3);
        }
    }
    let shared = log.read_stream("shared").await.unwrap();
    assert_eq!(shared.len() as u128, TASKS * COMMANDS * 2);
    for (record, version) in shared.iter().zip(1..) {
        assert_eq!(record.stream_version, version);
    }
    assert!(shared.is_sorted_by_key(|record| record.position));
}

/// Catches: reading by pages that skips, repeats or reorders at the border of two pages.
#[tokio::test]
async fn pages_join_without_gap_or_overlap() {
    let place = Place::new();
    let log = place.open();
    fill(&log, 20).await;
    let whole = all(&log).await;
    for limit in [1, 3, 7, 19, 20, 21] {
        let mut pages = Vec::new();
        loop {
            let page = log.read(Position(pages.len() as u64), limit).await.unwrap();
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= limit);
            pages.extend(page);
        }
        assert_eq!(pages, whole, "by {limit}");
    }
    assert_eq!(log.read(Position(20), 5).await, Ok(vec![]));
    assert_eq!(log.read(Position(u64::MAX), 5).await, Ok(vec![]));
}

/// Catches: a head published before its records can be read, or not published at all.
#[tokio::test]
async fn the_watch_delivers_the_head_after_an_append() {
    let place = Place::new();
    let log = place.open();
    let mut watch = log.watch();
    let before = *watch.borrow_and_update();
    assert_eq!(before.position, Position::START);
    let answer = log.append(command(1, "a", 0)).await.unwrap();
    watch.changed().await.unwrap();
    let head = *watch.borrow_and_update();
    assert_eq!(head.position, answer.last());
    assert_eq!(check_chain(log.id(), &all(&log).await), head);
    assert_eq!(head, log.head());
}

/// Catches: a machine's clock set back that makes later events older than earlier ones, in the
/// same life of the log or in the next.
#[tokio::test]
async fn recorded_at_never_steps_back() {
    let place = Place::new();
    let log = place.open();
    log.append(command(1, "a", 0)).await.unwrap();
    place.clock.set(noon() - TimeDelta::days(400));
    log.append(command(2, "a", 1)).await.unwrap();
    drop(log);
    place.clock.set(noon() - TimeDelta::days(800));
    let log = place.open();
    log.append(command(3, "a", 2)).await.unwrap();
    place.clock.set(noon() + TimeDelta::hours(1));
    log.append(command(4, "a", 3)).await.unwrap();
    let times: Vec<_> = all(&log).await.iter().map(|r| r.recorded_at).collect();
    assert_eq!(
        times,
        [noon(), noon(), noon(), noon() + TimeDelta::hours(1)],
    );
}

/// Catches: a command of no event (whose answer would name a position that is not its own), and a
/// limit that is off by one.
#[tokio::test]
async fn a_command_has_one_event_to_the_limit() {
    let place = Place::new();
    let log = place.open();
    let mut append = command(1, "a", 0);
    append.records.clear();
    let refused = log.append(append.clone()).await;
    assert!(
        matches!(refused, Err(AppendError::DoesNotFit(_))),
        "{refused:?}"
    );
    append.records = vec![event("a"); COMMAND_EVENTS_MAX + 1];
    let refused = log.append(append.clone()).await;
    assert!(
        matches!(refused, Err(AppendError::DoesNotFit(_))),
        "{refused:?}"
    );
    assert_eq!(log.head().position, Position::START);
    append.records.pop();
    assert_eq!(
        log.append(append).await.unwrap().last(),
        Position(COMMAND_EVENTS_MAX as u64)
    );
}

/// Catches: a command of which the events before an oversized one were written; an oversized
/// record, which sled would keep in a file it never syncs.
#[tokio::test]
async fn an_oversized_record_does_not_fit_and_nothing_is_written() {
    let place = Place::new();
    let log = place.open();
    fill(&log, 3).await;
    let before = trace(&log, &["a", "b", "c", "d"]).await;
    let mut append = command(9, "a", 1);
    append.records = vec![event("a"), event("d"), sized_event("b", RECORD_BYTES_MAX)];
    let refused = log.append(append.clone()).await;
    assert!(
        matches!(refused, Err(AppendError::DoesNotFit(_))),
        "{refused:?}"
    );
    assert_eq!(trace(&log, &["a", "b", "c", "d"]).await, before);
    assert_eq!(log.command(append.command_id).await, Ok(None));
    append.records.pop();
    assert_eq!(log.append(append).await.unwrap().first, Position(4));
    assert_eq!(check_chain(log.id(), &all(&log).await), log.head());
}

/// Catches: a name that would lie among another stream's keys.
#[tokio::test]
async fn a_stream_name_that_blurs_the_keys_does_not_fit() {
    let place = Place::new();
    let log = place.open();
    for name in ["", "a\0", "a\0\0\0\0\0\0\0\0\u{1}"] {
        let refused = log.append(command(1, name, 0)).await;
        assert!(
            matches!(refused, Err(AppendError::DoesNotFit(_))),
            "{refused:?}"
        );
    }
    log.append(command(1, "ab", 0)).await.unwrap();
    assert_eq!(log.read_stream("a").await, Ok(vec![]));
}
