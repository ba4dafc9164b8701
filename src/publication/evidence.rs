//! The entries behind the figures of a report.

use std::collections::BTreeMap;

use super::{Progress, PublicationError, Step};
use crate::{
    domain::terms::Position,
    evaluation::indicator::{Definition, Evidence},
    limits::EVIDENCE_READ_POSITIONS,
    read::{At, ReadModels},
    report::content::{Frozen, Positions},
};

/// Names the entries behind each figure. Figures of one selection and of the same kinds of entries
/// share them: each is read once.
pub(super) async fn cite(
    reads: &ReadModels,
    at: At,
    figures: &mut [(&'static Definition, Frozen)],
    progress: Progress<'_>,
) -> Result<(), PublicationError> {
    let mut known: BTreeMap<(String, &'static [Evidence]), Positions> = BTreeMap::new();
    let count = figures.len();
    for (index, (definition, frozen)) in figures.iter_mut().enumerate() {
        progress(Step::Evidence, index, count);
        let key = (serde_json::to_string(&frozen.of)?, definition.evidence);
        if let Some(positions) = known.get(&key) {
            frozen.evidence = Some(positions.clone());
            continue;
        }
        let mut found: Vec<Position> = Vec::new();
        loop {
            let after = found.last().copied().unwrap_or_default();
            let limit = EVIDENCE_READ_POSITIONS;
            let page = reads.evidence(at, &frozen.of, definition.evidence, after, limit);
            let page = page.await?;
            let whole = page.len() == limit as usize;
            found.extend(page);
            if !whole {
                break;
            }
        }
        let positions: Positions = found.into_iter().collect();
        frozen.evidence = Some(positions.clone());
        known.insert(key, positions);
    }
    progress(Step::Evidence, count, count);
    Ok(())
}
