//! What lies on the disk of the dead program, looked at on a copy by the library.

use std::{collections::HashMap, path::Path, sync::Arc};

use carnet::{
    clock::{Clock, SystemClock},
    domain::terms::Position,
    log::{EventLog, Head, record::genesis},
    projection::{self, Runner, RunnerError, registry, store},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    follower::Told,
    harness::{
        disk,
        failure::{Checked, Failure, fail, hold},
    },
    ledger::Ledger,
};

/// What was found in the log so far, checked record by record.
#[derive(Debug, Default)]
pub(crate) struct Found {
    head: Option<Head>,
    recorded_at: DateTime<Utc>,
    /// The stream of each record and its version, that of position `n` at `n - 1`.
    streams: Vec<Told>,
    versions: HashMap<String, u64>,
    /// The positions of each command.
    commands: HashMap<Uuid, Vec<u64>>,
    /// How many of the answers were compared with it.
    compared: usize,
}

impl Found {
    pub(crate) fn position(&self) -> u64 {
        self.streams.len() as u64
    }

    /// Where a command lies.
    pub(crate) fn command(&self, id: Uuid) -> Option<&Vec<u64>> {
        self.commands.get(&id)
    }

    /// Reads on from where the last look ended, and compares with what clients know: every
    /// acknowledged command is there once, at its positions, and no refused one.
    pub(crate) async fn look(&mut self, data: &Path, ledger: &Ledger) -> Checked {
        let log = disk::open(data).map_err(|why| Failure(format!("it does not open: {why}")))?;
        let mut head = match self.head {
            Some(head) => head,
            None => Head {
                position: Position::START,
                hash: genesis(log.id()),
            },
        };
        // The last record known is read again, so that it is compared too.
        let again = head.position != Position::START;
        let from = Position(head.position.0 - u64::from(again));
        let records = log
            .read(from, usize::MAX)
            .await
            .map_err(|why| Failure(format!("it does not read: {why}")))?;
        if again {
            let hash = records.first().and_then(|r| r.encode(&mut Vec::new()).ok());
            hold(hash == Some(head.hash), || {
                format!("position {} is not what it was", head.position)
            })?;
        }
        for record in records.iter().skip(usize::from(again)) {
            let position = head.position.next();
            let version = self.versions.entry(record.stream.clone()).or_default();
            *version += 1;
            let whole = record.position == position
                && record.previous == head.hash
                && record.stream_version == *version
                && record.recorded_at >= self.recorded_at;
            hold(whole, || format!("the chain breaks at {position}"))?;
            let of_command = self.commands.entry(record.command_id).or_default();
            of_command.push(position.0);
            hold(
                of_command.len() == usize::from(record.command_index) + 1,
                || format!("the command at {position} took effect twice, or in part"),
            )?;
            self.recorded_at = record.recorded_at;
            self.streams.push((record.stream.clone(), *version));
            head = Head {
                position,
                hash: record
                    .encode(&mut Vec::new())
                    .map_err(|why| Failure(why.to_string()))?,
            };
        }
        hold(log.head() == head, || {
            "the head is not the last record".to_owned()
        })?;
        // A log without events has no history yet; not even an identity, if its making is cut short.
        self.head = (head.position != Position::START).then_some(head);
        for (command, payload, positions) in &ledger.written[self.compared..] {
            let found = self.commands.get(&command.id);
            hold(found == Some(positions), || {
                format!("acknowledged as {payload}, but the log has it at {found:?}")
            })?;
            let known = log.command(command.id).await;
            let first = known.ok().flatten().map(|(appended, _)| appended.first.0);
            hold(first == positions.first().copied(), || {
                format!("the index has the command at {positions:?} at {first:?}")
            })?;
        }
        self.compared = ledger.written.len();
        let kept = ledger
            .refused
            .iter()
            .find(|id| self.commands.contains_key(id));
        hold(kept.is_none(), || {
            format!("what was refused was written: {kept:?}")
        })
    }

    /// That the subscriber saw what lies in the log.
    pub(crate) fn compare_with(&self, seen: &[Told]) -> Checked {
        let differs = seen
            .iter()
            .zip(&self.streams)
            .position(|(one, other)| one != other);
        match differs {
            Some(index) => fail(format!("the subscriber saw another event {}", index + 1)),
            None => hold(seen.len() <= self.streams.len(), || {
                "the subscriber saw more than there is".to_owned()
            }),
        }
    }
}

/// That the read models, carried on to the head, are those of a fresh fold.
pub(crate) async fn fold_afresh(data: &Path) -> Checked {
    let failed = |why: &dyn std::fmt::Display| Failure(format!("the fresh fold: {why}"));
    let log: Arc<dyn EventLog> = Arc::new(disk::open(data).map_err(|why| failed(&why))?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let path = data.join("read.sqlite");
    if !path.exists() || log.head().position == Position::START {
        return Ok(());
    }
    match carried_on(&log, &clock, &path).await {
        Ok(()) => {}
        // A rebuild that a cycle asked for and that was not finished.
        Err(why) if why.asks_for_rebuild() => return Ok(()),
        Err(why) => return Err(failed(&why)),
    }
    let rebuilt = projection::rebuild(log, clock, &path, |_| {})
        .await
        .map_err(|why| failed(&why))?;
    match rebuilt.same.iter().find(|(_, same)| *same != Some(true)) {
        Some((name, same)) => fail(format!("the rows of {name} are not a fresh fold: {same:?}")),
        None => Ok(()),
    }
}

/// Carries the read models on to the head, as the next start would.
async fn carried_on(
    log: &Arc<dyn EventLog>,
    clock: &Arc<dyn Clock>,
    path: &Path,
) -> Result<(), RunnerError> {
    let connection = store::open_writer(path).await?;
    let (log, clock) = (Arc::clone(log), Arc::clone(clock));
    let mut runner = Runner::new(log, clock, connection, registry()).await?;
    runner.catch_up(1000, |_| {}).await
}
