//! The permanences of the day.

use std::{collections::BTreeSet, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    driver::{Found, Since, Source},
    state::{Caused, Watch, caused, found},
};
use crate::{
    domain::{
        calendar::{Occurrence, occurrences},
        permanence::Permanence,
        terms::{ExperimentId, Period, PermanenceId, VenueId},
    },
    evaluation::facts::Known,
    graphql::{
        Means,
        fault::Fault,
        types::live::{PermanencesOfDay, ToldBecause},
    },
    read::{At, Found as Subject, touch::Touching},
};

/// What decides which permanences a day has.
const KINDS: &[&str] = &["experiment", "venue", "permanence"];

/// The permanences of the day, of one departement or of all.
pub(super) struct Permanences {
    watch: Watch,
    zone: Option<&'static str>,
    /// The experiments that had a venue there when it was looked last.
    here: Option<BTreeSet<ExperimentId>>,
}

impl Permanences {
    /// Of the departement or overseas collectivity of that code; of all, where none is told.
    pub(super) fn of(zone: Option<&'static str>) -> Self {
        let touching = Touching {
            kinds: KINDS,
            ..Touching::default()
        };
        Self {
            watch: Watch::new(touching, zone),
            zone,
            here: None,
        }
    }

    async fn look(
        &mut self,
        api: Means<'_>,
        at: At,
        since: Since,
    ) -> Result<Found<PermanencesOfDay>, Fault> {
        let Some(mut occasion) = self.watch.look(api, at, since).await? else {
            return Ok(found(at, None));
        };
        let (at, day) = (occasion.at, occasion.at.on);
        let known = self.known(api, at).await?;
        let here: BTreeSet<ExperimentId> = known.iter().map(|known| known.id).collect();
        if self.zone.is_some() && occasion.because == ToldBecause::Recorded {
            // What was recorded elsewhere touches nothing here, unless it was here before.
            let before = if let Some(before) = self.here.take() {
                before
            } else {
                let position = since.after;
                let before = self.known(api, At { position, ..at }).await?;
                before.into_iter().map(|known| known.id).collect()
            };
            let touching = Touching {
                experiments: Some(here.union(&before).copied().collect()),
                ..self.watch.touching.clone()
            };
            match caused(api, at, &touching, since.after).await? {
                Caused::By(cause) => occasion.cause = cause,
                Caused::Nothing if self.watch.new_day => {
                    occasion.because = ToldBecause::NewDay;
                    occasion.cause = None;
                }
                Caused::Nothing => {
                    self.here = Some(here);
                    return Ok(found(at, None));
                }
            }
        }
        self.here = Some(here);
        let (mut dated, mut permanences) = (Vec::new(), Vec::new());
        for known in &known {
            for (id, state) in known.permanences.iter() {
                let of_day = self.of_day(known, (*id, state), day)?;
                if let Some(begins) = of_day.iter().map(|it| it.starts_at).min() {
                    let state = Arc::new(state.clone());
                    permanences.push((begins, Subject { id: *id, state }));
                    dated.extend(of_day);
                }
            }
        }
        permanences.sort_by_key(|(begins, permanence)| (*begins, permanence.id));
        let permanences = permanences.into_iter();
        let item = PermanencesOfDay {
            occasion,
            zone: self.zone,
            dated,
            permanences: permanences.map(|(_, permanence)| permanence).collect(),
        };
        Ok(found(at, Some(item)))
    }

    /// The experiments that are seen, and have a venue in the departement.
    async fn known(&self, api: Means<'_>, at: At) -> Result<Vec<Known>, Fault> {
        let known = api.reads.on_day(at, at.on).await;
        let mut known = known.map_err(|error| api.failed_read(&error))?;
        known.retain(|known| {
            let mut venues = known.venues.keys();
            self.zone.is_none() || venues.any(|venue| self.is_here(known, *venue))
        });
        Ok(known)
    }

    /// Whether a venue lies in the departement.
    fn is_here(&self, known: &Known, venue: VenueId) -> bool {
        self.zone.is_none_or(|zone| {
            let venue = known.venues.get(&venue);
            let agreed = venue.and_then(|venue| venue.agreed.as_ref());
            agreed.is_some_and(|agreed| agreed.what.commune.departement() == zone)
        })
    }

    fn of_day(
        &self,
        known: &Known,
        (id, state): (PermanenceId, &Permanence),
        day: chrono::NaiveDate,
    ) -> Result<Vec<Occurrence>, Fault> {
        let period = Period {
            from: day,
            until: day,
        };
        let venue = |id| known.venues.get(&id);
        let mut of_day = occurrences(id, state, &known.experiment, venue, period)?;
        of_day.retain(|occurrence| self.is_here(known, occurrence.venue));
        Ok(of_day)
    }
}

impl<'a> Source<'a> for Permanences {
    type Item = PermanencesOfDay;

    fn read<'s>(
        &'s mut self,
        api: Means<'a>,
        at: At,
        since: Since,
    ) -> BoxFuture<'s, Result<Found<PermanencesOfDay>, Fault>>
    where
        'a: 's,
    {
        self.look(api, at, since).boxed()
    }

    fn due<'s>(&'s self, api: Means<'a>) -> BoxFuture<'s, ()>
    where
        'a: 's,
    {
        self.watch.new_day(api).boxed()
    }
}
