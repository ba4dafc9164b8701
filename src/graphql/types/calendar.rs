//! The calendar of an experiment or of a permanence.

use async_graphql::{Enum, ID, SimpleObject};

use crate::{
    domain::{calendar as domain, event::StreamId},
    graphql::{
        id::NodeId,
        scalars::{Date, Instant},
    },
};

/// The dated occurrences of permanences in a period.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Calendar {
    /// What takes place, by time.
    pub occurrences: Vec<Occurrence>,
    /// What the hours provide and was taken out, by time, with the reason.
    pub taken_out: Vec<TakenOutOccurrence>,
}

impl Calendar {
    pub(in crate::graphql) fn new(mut found: Vec<domain::Occurrence>) -> Self {
        found.sort_by_key(|occurrence| (occurrence.starts_at, occurrence.permanence));
        let taken_out = found
            .iter()
            .filter_map(|occurrence| {
                Some(TakenOutOccurrence {
                    reason: occurrence.taken_out?.into(),
                    occurrence: occurrence.into(),
                })
            })
            .collect();
        Self {
            occurrences: found
                .iter()
                .filter(|occurrence| occurrence.taken_out.is_none())
                .map(Into::into)
                .collect(),
            taken_out,
        }
    }
}

/// One dated stretch of a permanence.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Occurrence {
    /// The day it begins on.
    date: Date,
    /// When it begins, with the offset of the venue's time zone.
    starts_at: Instant,
    /// When it ends, with the offset of the venue's time zone.
    ends_at: Instant,
    /// The venue's time zone.
    time_zone: &'static str,
    /// The permanence.
    permanence_id: ID,
    /// The venue of that day.
    venue_id: ID,
}

impl From<&domain::Occurrence> for Occurrence {
    fn from(occurrence: &domain::Occurrence) -> Self {
        Self {
            date: Date(occurrence.date),
            starts_at: occurrence.starts_at.into(),
            ends_at: occurrence.ends_at.into(),
            time_zone: occurrence.starts_at.timezone().name(),
            permanence_id: NodeId::from(StreamId::Permanence(occurrence.permanence)).into(),
            venue_id: NodeId::from(StreamId::Venue(occurrence.venue)).into(),
        }
    }
}

/// An occurrence that does not take place.
#[derive(SimpleObject)]
pub(in crate::graphql) struct TakenOutOccurrence {
    /// Why.
    reason: TakenOutReason,
    /// What the hours provide.
    occurrence: Occurrence,
}

/// Why an occurrence does not take place.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::TakenOut")]
pub(in crate::graphql) enum TakenOutReason {
    /// A public holiday of the venue's departement.
    PublicHoliday,
    /// The experiment is suspended.
    ExperimentSuspended,
    /// The permanence is suspended.
    PermanenceSuspended,
    /// The venue was withdrawn.
    VenueWithdrawn,
}
