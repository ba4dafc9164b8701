//! What a source counted as a whole: a number, its unit, how sure it is, and the period it is of.
//! Most of what was said in public of these experiments is known in this way alone. Such a count
//! stands beside what was recorded of sessions, and beside what other sources counted: it is never
//! added to either.

use serde::{Deserialize, Serialize};

use super::{
    decide::{launched, unless_said},
    event::ExperimentEvent,
    state::Experiment,
};
use crate::domain::{event::Saying, refusal::Refusal, terms::Words};

/// A count, as a source gives it. Its validity is the period counted, both days included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertedCount {
    /// What one of it is.
    pub unit: CountUnit,
    /// Of appointments: whether they were booked or held; absent where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<AppointmentState>,
    /// What the source says of the number.
    pub qualifier: CountQualifier,
    /// The number.
    pub count: u32,
    /// How the source puts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
}

/// What is counted: units that are never merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountUnit {
    /// Rendez-vous.
    Appointment,
    /// Accompagnement: what was done for one user in one visit.
    Accompaniment,
    /// Demande: an accompaniment may have several.
    Request,
    /// Visite.
    Visit,
}

/// What became of the appointments counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppointmentState {
    /// They were booked, for days of the period; whether anybody came is not said.
    Booked,
    /// They took place.
    Held,
}

/// What a source says of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountQualifier {
    /// That many.
    Exactly,
    /// That many or more.
    AtLeast,
    /// About that many.
    About,
}

pub(super) fn assert(
    known: &Experiment,
    asked: &AssertedCount,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    launched(known)?;
    if !unless_said(known.asserted_counts.iter(), asked, saying) {
        return Ok(None);
    }
    if saying.valid.until.is_none() {
        return Err(Refusal::NoLastDay);
    }
    if asked.state.is_some() && asked.unit != CountUnit::Appointment {
        return Err(Refusal::StateOfAppointments);
    }
    Ok(Some(ExperimentEvent::CountAsserted(asked.clone())))
}
