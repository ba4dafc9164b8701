//! What a file may record: what its sender may.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    access::{Caller, policy::Capability},
    command::Commands,
    domain::terms::PermanenceId,
    import::Reading,
    limits,
    read::{At, ReadError, ReadModels},
};

/// Turns whatever a file tells of sessions that its sender does not record for into what is told of a
/// permanence that never was: so that it is refused as unknown.
pub(super) async fn keep_within(
    reads: &ReadModels,
    commands: &Commands,
    caller: &Caller,
    on: chrono::NaiveDate,
    reading: &mut Reading,
) -> Result<(), ReadError> {
    let sight = reads.sight(caller);
    if sight.is_whole(Capability::Record) {
        return Ok(());
    }
    // What was recorded a moment ago is to be seen.
    let read = reads.wait_for(commands.head(), limits::READ_OWN_WRITE);
    if let Err(stale) = read.await {
        tracing::warn!(%stale, "an import is held against what was known earlier");
    }
    let at = At {
        position: reads.position(),
        on,
        sight,
    };
    let mut known: BTreeMap<PermanenceId, bool> = BTreeMap::new();
    for item in &mut reading.items {
        let (permanence, _) = &mut item.session;
        let within = if let Some(within) = known.get(permanence) {
            *within
        } else {
            let within = reads.sees(at, Capability::Record, (*permanence).into());
            let within = within.await?;
            known.insert(*permanence, within);
            within
        };
        if !within {
            // Of another identity too: what another's import wrote of it is not found again.
            *permanence = PermanenceId(Uuid::new_v5(&permanence.0, b"nowhere"));
            item.identity = Uuid::new_v5(&item.identity, b"nowhere");
        }
    }
    Ok(())
}
