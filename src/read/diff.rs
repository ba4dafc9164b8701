//! What changed between two positions.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, ReadError, ReadModels,
    history::{Of, as_column},
};
use crate::access::policy::Capability;
use crate::domain::{diff::Change, event::Recorded, terms::Position};

impl ReadModels {
    /// Up to `limit` changes from the position `from` to that of the moment, in the order their
    /// lineages began, of those that began after the position `after`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn changes(
        &self,
        from: Position,
        to: At,
        of: Of,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Change>, ReadError> {
        let mut changes = Vec::new();
        let mut after = after;
        // What was both recorded and retracted in between changed nothing: a page may take several
        // readings.
        while changes.len() < limit as usize {
            let places = self.touched(from, to, of, after, limit).await?;
            let Some(last) = places.last() else {
                break;
            };
            after = *last;
            for lineage in self.lineages(to, &places).await?.values() {
                changes.extend(Change::of(lineage, from, to.position));
            }
        }
        changes.truncate(limit as usize);
        Ok(changes)
    }

    /// Where some lineages began that have an event between two positions, in order.
    async fn touched(
        &self,
        from: Position,
        to: At,
        of: Of,
        after: Position,
        limit: u32,
    ) -> Result<Vec<Position>, ReadError> {
        let witnessed = self.witnessed(to, Capability::Journal).await?;
        let mut places = BTreeSet::new();
        for own in ["place = position", "place < position"] {
            let mut query = QueryBuilder::<Sqlite>::new(format!(
                "SELECT DISTINCT place FROM history WHERE {own} AND position > "
            ));
            query.push_bind(as_column(from)).push(" AND position <= ");
            query.push_bind(to.known()).push(" AND place > ");
            query.push_bind(as_column(after));
            if own == "place = position" {
                // Said twice, so that the table is entered where the page begins.
                query.push(" AND position > ").push_bind(as_column(after));
            }
            witnessed.narrow(&mut query);
            of.among(&mut query);
            query.push(" ORDER BY place LIMIT ");
            query.push_bind(i64::from(limit));
            let found: Vec<i64> = query
                .build_query_scalar()
                .fetch_all(self.database.of(&witnessed.seen))
                .await?;
            places.extend(
                found
                    .into_iter()
                    .map(|place| Position(place.unsigned_abs())),
            );
        }
        Ok(places.into_iter().take(limit as usize).collect())
    }

    /// The events of some lineages up to a moment, by where each began.
    async fn lineages(
        &self,
        at: At,
        places: &[Position],
    ) -> Result<BTreeMap<Position, Vec<Recorded>>, ReadError> {
        let mut lineages: BTreeMap<Position, Vec<Recorded>> = BTreeMap::new();
        let firsts = self.at_positions(at, places).await?;
        let corrections = self.corrections(at, places.iter().copied()).await?;
        for event in firsts.into_iter().chain(corrections) {
            lineages.entry(event.place).or_default().push(event);
        }
        Ok(lineages)
    }
}
