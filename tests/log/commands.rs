//! A command id takes effect once, and asking again answers what was answered first.

use carnet::{
    domain::terms::Position,
    log::{AppendError, Appended, EventLog},
};

use crate::support::{Place, all, command, event, fill, fingerprint, in_one_batch, trace};

fn again(first: Appended) -> Appended {
    Appended {
        repeated: true,
        ..first
    }
}

/// Catches: a repetition that is refused because its guards no longer hold, that writes again,
/// or that answers another position; the same id taken for another request's repetition.
#[tokio::test]
async fn a_command_takes_effect_once_also_after_reopening() {
    let place = Place::new();
    let log = place.open();
    fill(&log, 2).await;
    let mut append = command(50, "a", 1);
    append.records.push(event("d"));
    let mut other = append.clone();
    other.fingerprint = fingerprint(51);
    let first = log.append(append.clone()).await.unwrap();
    assert_eq!(
        first,
        Appended {
            first: Position(3),
            count: 2,
            repeated: false
        }
    );
    let before = trace(&log, &["a", "d"]).await;
    assert_eq!(log.append(append.clone()).await, Ok(again(first)));
    assert_eq!(
        log.append(other.clone()).await,
        Err(AppendError::CommandReused)
    );
    assert_eq!(
        log.command(append.command_id).await,
        Ok(Some((again(first), append.fingerprint)))
    );
    assert_eq!(trace(&log, &["a", "d"]).await, before);

    drop(log);
    let log = place.open();
    assert_eq!(log.append(append.clone()).await, Ok(again(first)));
    assert_eq!(log.append(other).await, Err(AppendError::CommandReused));
    assert_eq!(
        log.command(append.command_id).await,
        Ok(Some((again(first), append.fingerprint)))
    );
    assert_eq!(trace(&log, &["a", "d"]).await, before);
}

/// Catches: ids looked up in the store only, so that a command sent twice in a hurry is written
/// twice.
#[tokio::test]
async fn a_command_takes_effect_once_within_one_batch() {
    let place = Place::new();
    let mut other = command(1, "b", 0);
    other.fingerprint = fingerprint(2);
    let (log, answers) = in_one_batch(
        &place,
        vec![
            command(1, "a", 0),
            command(1, "a", 0),
            other,
            command(3, "a", 1),
        ],
    )
    .await;
    let first = answers[0].clone().unwrap();
    assert!(!first.repeated);
    assert_eq!(answers[1], Ok(again(first)));
    assert_eq!(answers[2], Err(AppendError::CommandReused));
    assert_eq!(answers[3].as_ref().unwrap().first, Position(2));
    assert_eq!(trace(&log, &["a", "b"]).await.1, [2, 0]);
}

/// Catches: event ids that differ from one asking to the next, or that two events share.
#[tokio::test]
async fn event_ids_follow_from_the_command_id() {
    let place = Place::new();
    let log = place.open();
    let mut append = command(50, "a", 0);
    append.records = vec![event("a"); 3];
    log.append(append.clone()).await.unwrap();
    log.append(command(51, "a", 3)).await.unwrap();
    let ids: Vec<_> = all(&log).await.iter().map(|r| r.event_id).collect();
    let expected: Vec<_> = [(50, 0), (50, 1), (50, 2), (51, 0)]
        .map(|(n, index)| carnet::log::record::event_id(uuid::Uuid::from_u128(n), index))
        .into();
    assert_eq!(ids, expected);
    assert_eq!(
        ids.iter().collect::<std::collections::HashSet<_>>().len(),
        4
    );
}

/// Catches: a refused command that keeps its id, a position, a stream version or a place in the
/// chain, among others of its batch that are taken.
#[tokio::test]
async fn refusals_within_a_batch_leave_no_trace() {
    let place = Place::new();
    let mut half_large = command(2, "a", 1);
    half_large
        .records
        .push(crate::support::sized_event("b", 70_000));
    let (log, answers) = in_one_batch(
        &place,
        vec![
            command(1, "a", 0),
            half_large,
            command(3, "a", 9),
            command(2, "a", 1),
            command(3, "b", 0),
        ],
    )
    .await;
    assert!(matches!(answers[1], Err(AppendError::DoesNotFit(_))));
    assert!(matches!(answers[2], Err(AppendError::Conflict { .. })));
    let firsts = [0, 3, 4].map(|n: usize| answers[n].clone().unwrap().first.0);
    assert_eq!(firsts, [1, 2, 3]);
    let records = all(&log).await;
    assert_eq!(crate::support::check_chain(log.id(), &records), log.head());
    assert_eq!(trace(&log, &["a", "b"]).await.1, [2, 1]);
}
