//! Labelled sites, told in French.

use super::{counted_as, day, ended, interrupted, over, resumed};
use crate::domain::{
    event::StreamId,
    experiment::DesignatedHub,
    site::{SiteEvent, SiteFormat, SiteHours},
    terms::Validity,
};

pub(super) fn site(event: &SiteEvent, valid: Validity) -> String {
    match event {
        SiteEvent::Labelled(labelling) => format!(
            "Espace « {} » ({}, à {}) labellisé France Services {}.",
            labelling.name,
            format_in_french(labelling.format),
            labelling.commune.name(),
            over(valid)
        ),
        SiteEvent::HoursDeclared(SiteHours { verbatim, hours }) => {
            let read = match hours {
                Some(hours) => format!("lus {hours}"),
                None => "sans lecture sûre".to_owned(),
            };
            format!(
                "Horaires déclarés {} : « {} » ({read}).",
                over(valid),
                verbatim.as_str().trim_end_matches('.')
            )
        }
        SiteEvent::StaffDeclared(staff) => format!(
            "Effectif déclaré {} : {} en permanence.",
            over(valid),
            counted_as(
                staff.people.into(),
                "agent polyvalent présent",
                "agents polyvalents présents"
            )
        ),
        SiteEvent::Suspended(reason) => {
            interrupted("Label France Services suspendu", valid, &reason.reason)
        }
        SiteEvent::Resumed(resumption) => resumed(
            "Label France Services rétabli",
            valid,
            resumption.remark.as_ref(),
        ),
        SiteEvent::Withdrawn(reason) => format!(
            "Label France Services retiré à compter du {} : {}",
            day(valid.from),
            ended(&reason.reason)
        ),
    }
}

pub(super) fn hub(
    hub: DesignatedHub,
    valid: Validity,
    name_of: impl Fn(StreamId) -> Option<String>,
) -> String {
    let site = name_of(hub.site.into()).map_or_else(
        || format!("Espace France Services {}", hub.site),
        |name| format!("Espace France Services « {name} »"),
    );
    format!(
        "{site} désigné comme bureau de l'expérimentation, {}.",
        over(valid)
    )
}

const fn format_in_french(format: SiteFormat) -> &'static str {
    match format {
        SiteFormat::Fixed => "fixe",
        SiteFormat::MultiSite => "multisite",
        SiteFormat::Itinerant => "itinérant",
        SiteFormat::BusEquivalent => "bus équivalent",
    }
}
