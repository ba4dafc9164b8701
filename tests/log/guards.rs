//! An append takes place only if every stream it read is still at the version it read.

use carnet::{
    domain::terms::Position,
    log::{AppendError, EventLog},
};

use crate::support::{Place, command, fill, guard, in_one_batch, trace};

/// Catches: guards of which only the first, or only the written stream's, is looked at.
#[tokio::test]
async fn every_guard_is_held_and_the_conflict_says_what_moved() {
    let place = Place::new();
    let log = place.open();
    fill(&log, 5).await;
    let held = [guard("a", 2), guard("b", 2), guard("c", 1), guard("new", 0)];
    let before = trace(&log, &["a", "b", "c", "new"]).await;
    for (moved, actual) in [(0, 2), (1, 2), (2, 1), (3, 0)] {
        for expected in [actual + 1, u64::MAX, actual.saturating_sub(1)] {
            if expected == actual {
                continue;
            }
            let mut append = command(50, "a", 2);
            append.guards = held.to_vec();
            append.guards[moved].version = expected;
            assert_eq!(
                log.append(append.clone()).await,
                Err(AppendError::Conflict {
                    stream: held[moved].stream.clone(),
                    expected,
                    actual,
                })
            );
            assert_eq!(trace(&log, &["a", "b", "c", "new"]).await, before);
            assert_eq!(log.command(append.command_id).await, Ok(None));
        }
    }
    // The same command id is free after every refusal.
    let mut append = command(50, "a", 2);
    append.guards = held.to_vec();
    assert_eq!(log.append(append).await.unwrap().first, Position(6));
}

/// Catches: guards checked against what is stored only, so that two commands of one batch both
/// pass: the lost update.
#[tokio::test]
async fn a_guard_holds_against_a_command_of_the_same_batch() {
    let place = Place::new();
    let mut other = command(3, "b", 0);
    other.guards.push(guard("a", 0));
    let (log, answers) = in_one_batch(
        &place,
        vec![
            command(1, "a", 0),
            command(2, "a", 0),
            other,
            command(4, "a", 1),
        ],
    )
    .await;
    assert_eq!(answers[0].as_ref().unwrap().first, Position(1));
    for lost in &answers[1..3] {
        assert_eq!(
            lost,
            &Err(AppendError::Conflict {
                stream: "a".into(),
                expected: 0,
                actual: 1
            })
        );
    }
    assert_eq!(answers[3].as_ref().unwrap().first, Position(2));
    assert_eq!(trace(&log, &["a", "b"]).await.1, [2, 0]);
}

/// Catches: stream versions that are forgotten by the next life of the log.
#[tokio::test]
async fn guards_hold_after_reopening() {
    let place = Place::new();
    let log = place.open();
    fill(&log, 4).await;
    drop(log);
    let log = place.open();
    assert_eq!(
        log.append(command(50, "a", 1)).await,
        Err(AppendError::Conflict {
            stream: "a".into(),
            expected: 1,
            actual: 2
        })
    );
    log.append(command(50, "a", 2)).await.unwrap();
    assert_eq!(log.read_stream("a").await.unwrap().len(), 3);
}
