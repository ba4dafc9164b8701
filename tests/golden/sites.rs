//! Labelled sites, the hubs that they are, and what sources counted.

use carnet::domain::{
    event::Event,
    experiment::{
        AppointmentState, AssertedCount, CountQualifier, CountUnit, DesignatedHub, ExperimentEvent,
    },
    site::{Labelling, SiteEvent, SiteFormat, SiteHours, SiteKey, SiteStaff},
    terms::{SiteId, WeeklyHours},
};
use uuid::Uuid;

use crate::samples::{Sample, commune, experiment, full, plain, reason, remark, text};

const SITE: SiteId = SiteId(Uuid::from_u128(0xd001));

fn site(event: SiteEvent) -> Event {
    Event::Site(SiteKey { site: SITE }, event)
}

fn labelling(format: SiteFormat) -> Labelling {
    Labelling {
        name: text("Vigny"),
        commune: commune("95658"),
        format,
        address: None,
        code: None,
    }
}

pub(crate) fn all() -> Vec<Sample> {
    let read = "Mo-We,Fr 09:00-12:00,14:30-17:30; Th 09:00-12:00,15:00-17:30; Sa 09:00-12:00";
    let mut all = vec![
        full(site(SiteEvent::Labelled(Labelling {
            address: Some(text("1 rue du Général Leclerc")),
            code: Some(text("553")),
            ..labelling(SiteFormat::Fixed)
        }))),
        full(site(SiteEvent::HoursDeclared(SiteHours {
            verbatim: text(
                "lundi-mardi-mercredi et vendredi de 09h à 12h puis de 14h30 à 17h30\njeudi de 09h \
                 à 12h puis de 15h à 17h30\nsamedi de 09h à 12h",
            ),
            hours: Some(WeeklyHours::try_new(read).unwrap()),
        }))),
        plain(site(SiteEvent::HoursDeclared(SiteHours {
            verbatim: text("Horaires non communiqués"),
            hours: None,
        }))),
        plain(site(SiteEvent::StaffDeclared(SiteStaff { people: 2 }))),
        full(site(SiteEvent::Suspended(reason("Audit défavorable")))),
        plain(site(SiteEvent::Resumed(remark(Some("Second audit"))))),
        plain(site(SiteEvent::Resumed(remark(None)))),
        plain(site(SiteEvent::Withdrawn(reason("Fermeture du bureau")))),
        plain(experiment(ExperimentEvent::HubDesignated(DesignatedHub {
            site: SITE,
        }))),
        full(experiment(ExperimentEvent::CountAsserted(AssertedCount {
            unit: CountUnit::Appointment,
            state: Some(AppointmentState::Held),
            qualifier: CountQualifier::AtLeast,
            count: 79,
            words: Some(text("plus de 79 rendez-vous")),
        }))),
    ];
    for format in [
        SiteFormat::Fixed,
        SiteFormat::MultiSite,
        SiteFormat::Itinerant,
        SiteFormat::BusEquivalent,
    ] {
        all.push(plain(site(SiteEvent::Labelled(labelling(format)))));
    }
    for (unit, state, qualifier) in [
        (
            CountUnit::Appointment,
            Some(AppointmentState::Booked),
            CountQualifier::Exactly,
        ),
        (CountUnit::Accompaniment, None, CountQualifier::About),
        (CountUnit::Request, None, CountQualifier::About),
        (CountUnit::Visit, None, CountQualifier::About),
    ] {
        all.push(full(experiment(ExperimentEvent::CountAsserted(
            AssertedCount {
                unit,
                state,
                qualifier,
                count: 40,
                words: None,
            },
        ))));
    }
    all
}
