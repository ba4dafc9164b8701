//! The calendar of permanences: the dated occurrences of a period, and what was taken out of it.
//!
//! An occurrence is a stretch of opening that the terms in force on its day provide. It is taken
//! out, with a reason, on a public holiday of the venue's département (unless the hours
//! themselves say what happens then), while the experiment or the permanence is suspended, and
//! once the venue is withdrawn. A permanence has no occurrence outside the life of its experiment
//! nor after it was closed.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::{
    experiment::{Experiment, Status},
    holiday,
    permanence::Permanence,
    refusal::Refusal,
    terms::{
        Period, PermanenceId, VenueId,
        hours::{ParsedHours, Slot},
    },
    venue::Venue,
};

/// The longest period of which a calendar is drawn, in days.
pub const CALENDAR_DAYS_MAX: i64 = 400;

/// One dated stretch of a permanence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The permanence.
    pub permanence: PermanenceId,
    /// The venue of that day.
    pub venue: VenueId,
    /// The day it begins on.
    pub date: NaiveDate,
    /// When it begins, in the venue's zone.
    pub starts_at: DateTime<Tz>,
    /// When it ends, in the venue's zone.
    pub ends_at: DateTime<Tz>,
    /// Why it is taken out; `None` where it stands.
    pub taken_out: Option<TakenOut>,
}

/// Why an occurrence is taken out of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TakenOut {
    /// A public holiday.
    PublicHoliday,
    /// The experiment is suspended.
    ExperimentSuspended,
    /// The permanence is suspended.
    PermanenceSuspended,
    /// The venue was withdrawn.
    VenueWithdrawn,
}

/// The occurrences of one permanence in `period`, in order, those taken out included.
///
/// `venue` finds the venues its terms name.
///
/// # Errors
/// [`Refusal::PeriodTooLong`]; [`Refusal::HoursUnreadable`] for hours that today's reader no
/// longer reads.
pub fn occurrences<'a>(
    id: PermanenceId,
    permanence: &Permanence,
    experiment: &Experiment,
    venue: impl Fn(VenueId) -> Option<&'a Venue>,
    period: Period,
) -> Result<Vec<Occurrence>, Refusal> {
    let days = period.days();
    if days > CALENDAR_DAYS_MAX {
        return Err(Refusal::PeriodTooLong {
            max_days: CALENDAR_DAYS_MAX,
            days,
        });
    }
    let departement_of = |host: Option<&'a Venue>| {
        host.and_then(|host| host.agreed.as_ref())
            .map_or("", |agreed| agreed.what.commune.departement())
    };
    let schedule = permanence.schedule();
    let hours: Vec<ParsedHours> = schedule
        .iter()
        .map(|terms| {
            let departement = departement_of(venue(terms.what.venue));
            Ok(terms.what.hours.parsed()?.in_departement(departement))
        })
        .collect::<Result<_, Refusal>>()?;
    let mut found = Vec::new();
    for date in period.iter() {
        if permanence
            .closed
            .as_ref()
            .is_some_and(|closed| closed.valid.from <= date)
        {
            break;
        }
        let status = experiment.status_on(date);
        if matches!(
            status,
            Status::Planned | Status::TermReached | Status::Closed
        ) {
            continue;
        }
        let in_force = schedule
            .iter()
            .zip(&hours)
            .rev()
            .find(|(terms, _)| terms.valid.from <= date);
        let Some((terms, hours)) = in_force else {
            continue;
        };
        let host = venue(terms.what.venue);
        let departement = departement_of(host);
        let taken_out = if !hours.names_holidays() && holiday::is_public(date, departement) {
            Some(TakenOut::PublicHoliday)
        } else if status == Status::Suspended {
            Some(TakenOut::ExperimentSuspended)
        } else if permanence.suspensions.covering(date).is_some() {
            Some(TakenOut::PermanenceSuspended)
        } else if host
            .and_then(|host| host.withdrawn.as_ref())
            .is_some_and(|withdrawn| withdrawn.valid.from <= date)
        {
            Some(TakenOut::VenueWithdrawn)
        } else {
            None
        };
        let zone = holiday::zone(departement);
        found.extend(hours.slots(date).into_iter().filter_map(|slot| {
            let (starts_at, ends_at) = zoned(slot, zone)?;
            Some(Occurrence {
                permanence: id,
                venue: terms.what.venue,
                date,
                starts_at,
                ends_at,
                taken_out,
            })
        }));
    }
    Ok(found)
}

/// The longest gap the clocks leave in spring, in minutes; in French territories it is an hour.
const GAP_MINUTES_MAX: i64 = 180;

/// Local times in a zone. A time the clocks skip has no instant: the first one after the gap
/// stands for it, and a slot that lies in the gap is not held. A time they repeat is the first of
/// the two. Both only ever concern the small hours of a Sunday.
fn zoned(slot: Slot, zone: Tz) -> Option<(DateTime<Tz>, DateTime<Tz>)> {
    let at = |local| shown(local, zone);
    Some((at(slot.start)?, at(slot.end)?)).filter(|(starts_at, ends_at)| starts_at < ends_at)
}

/// The first instant at which clocks of the zone show a local time or a later one.
fn shown(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Tz>> {
    (0..=GAP_MINUTES_MAX).find_map(|minutes| {
        let later = local.checked_add_signed(TimeDelta::minutes(minutes))?;
        zone.from_local_datetime(&later).earliest()
    })
}

/// The instant of a local time of a day in a département of code `departement`.
#[must_use]
pub fn instant(date: NaiveDate, at: NaiveTime, departement: &str) -> DateTime<Tz> {
    let (local, zone) = (date.and_time(at), holiday::zone(departement));
    shown(local, zone).unwrap_or_else(|| zone.from_utc_datetime(&local))
}
