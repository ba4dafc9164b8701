//! The moment a question is asked of: what was known, and when things are to be so.

use async_graphql::OneofObject;
use chrono::{Datelike, NaiveDate};

use crate::{
    domain::{holiday, terms},
    graphql::{
        Means,
        fault::Fault,
        scalars::{Date, Instant, Position},
    },
    limits::READ_OWN_WRITE,
    read::At,
};

/// Nothing was recorded before this year, and dates before it are none of ours.
const FIRST_YEAR: i32 = 1990;

/// What was known: as of a position of the log, or as of an instant.
#[derive(OneofObject, Clone, Copy)]
pub(in crate::graphql) enum KnownAt {
    /// All events up to this position; 0 for none.
    Position(Position),
    /// All events recorded at this instant or before it; it is not in the future.
    Instant(Instant),
}

impl KnownAt {
    /// The position it comes to, and its civil date in metropolitan France.
    pub(in crate::graphql) async fn resolve(
        self,
        api: Means<'_>,
        at: At,
    ) -> Result<(terms::Position, NaiveDate), Fault> {
        let civil = |instant: chrono::DateTime<chrono::Utc>| {
            instant.with_timezone(&holiday::zone("")).date_naive()
        };
        match self {
            // Under an earlier moment, what came later is not known.
            Self::Position(Position(asked))
                if asked > at.position && at.position < api.reads.position() =>
            {
                Err(Fault::PositionAhead {
                    asked,
                    head: at.position,
                })
            }
            Self::Position(Position(position)) => {
                api.reach(position).await?;
                let recorded_at = api.reads.recorded_at(position).await;
                let recorded_at = recorded_at.map_err(|error| api.failed_read(&error))?;
                Ok((position, recorded_at.map_or(at.on, civil)))
            }
            Self::Instant(Instant(instant)) => {
                let instant = instant.to_utc();
                if instant > api.clock.now() {
                    return Err(Fault::InstantAhead { asked: instant });
                }
                if instant.year() < FIRST_YEAR {
                    return Ok((terms::Position::START, at.on));
                }
                // What was recorded by then must be there to be found, unless the moment it is asked
                // of is before all that is still to come.
                let head = api.commands.head();
                let mut now = at;
                if at.position == api.reads.position() && head > at.position {
                    api.reads.wait_for(head, READ_OWN_WRITE).await?;
                    now.position = head;
                }
                let position = api.reads.position_at(now, instant).await;
                let position = position.map_err(|error| api.failed_read(&error))?;
                Ok((position, civil(instant)))
            }
        }
    }
}

/// The moment that a question names, where it names one: what was known at `known_at`, and what was
/// so on `valid_at`, which is the civil date of `known_at` unless told.
pub(in crate::graphql) async fn moment(
    api: Means<'_>,
    at: At,
    known_at: Option<KnownAt>,
    valid_at: Option<Date>,
) -> Result<At, Fault> {
    let (position, on) = match known_at {
        None => (at.position, at.on),
        Some(known_at) => known_at.resolve(api, at).await?,
    };
    Ok(At {
        position,
        on: valid_at.map_or(on, |date| date.0),
        ..at
    })
}
