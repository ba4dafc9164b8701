//! Which labelled site the hub of an experiment is. A launch tells but a name and an address: what
//! the site declares of its hours and of its staff, and whether it keeps its label, is the site's
//! own history.

use serde::{Deserialize, Serialize};

use super::{
    decide::{launched, unless_said},
    event::ExperimentEvent,
    state::Experiment,
};
use crate::domain::{event::Saying, refusal::Refusal, site, terms::SiteId, world::World};

/// Which labelled site the hub is. Its validity begins on the first day it is so; the last one
/// designated is the one in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignatedHub {
    /// The site.
    pub site: SiteId,
}

pub(super) fn designate(
    world: &World,
    known: &Experiment,
    asked: DesignatedHub,
    saying: &Saying,
) -> Result<Option<ExperimentEvent>, Refusal> {
    launched(known)?;
    if !unless_said(known.hubs.iter(), &asked, saying) {
        return Ok(None);
    }
    let labelled = site::known(world, asked.site)?;
    let day = saying.valid.from;
    let mut same_day = known.hubs.iter().filter(|hub| hub.valid.from == day);
    if same_day.any(|hub| hub.what != asked) {
        return Err(Refusal::HubAlreadyDesignated { on: day });
    }
    if let (Some(launch), Some(labelling)) = (&known.launch, labelled.labelling_on(day)) {
        let commune = labelling.what.commune;
        if !launch.what.zone.contains(&commune) {
            return Err(Refusal::HubOutsideZone { commune });
        }
    }
    Ok(Some(ExperimentEvent::HubDesignated(asked)))
}
