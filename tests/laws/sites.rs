//! Random entries about labelled sites, the hubs that they are, and what sources counted.

use chrono::NaiveDate;
use proptest::{option, prelude::*, sample::select};
use uuid::Uuid;

use carnet::domain::{
    entry::{Command, Entry},
    event::StreamId,
    experiment::{
        AppointmentState, AssertedCount, CountQualifier, CountUnit, DesignatedHub,
        ExperimentCommand,
    },
    site::{Labelling, SiteEvent, SiteFormat, SiteHours, SiteStaff},
    terms::{SiteId, Text},
};

use crate::histories::{
    commune, day, days, early, experiment, hours, late, reason, resumption, saying, words,
};

fn site() -> impl Strategy<Value = SiteId> {
    let number = prop_oneof![5 => Just(1_u128), 1 => Just(2)];
    number.prop_map(|number| SiteId(Uuid::from_u128(0xD000 + number)))
}

fn labelling() -> impl Strategy<Value = SiteEvent> {
    (commune(), select(&["Écouen", "ecouen"][..])).prop_map(|(commune, name)| {
        SiteEvent::Labelled(Labelling {
            name: Text::try_new(name).unwrap(),
            commune,
            format: SiteFormat::Fixed,
            address: None,
            code: None,
        })
    })
}

fn said(id: SiteId, from: NaiveDate, event: SiteEvent) -> impl Strategy<Value = Entry> {
    saying(Just(from), 0.2).prop_map(move |saying| Entry {
        saying,
        command: Command::Site(id, event.clone()),
    })
}

/// What most of the rest needs in order to be accepted.
pub(crate) fn labelled() -> impl Strategy<Value = Entry> {
    (site(), early(), labelling()).prop_flat_map(|(id, from, event)| said(id, from, event))
}

/// What of this can be retracted.
pub(crate) fn subject() -> impl Strategy<Value = StreamId> {
    site().prop_map(StreamId::from)
}

/// Anything that can be said here. Boxed: together they would be too much for a thread's stack.
pub(crate) fn anything() -> impl Strategy<Value = Entry> {
    prop_oneof![
        8 => any_site().boxed(),
        3 => any_hub().boxed(),
        2 => any_count().boxed(),
    ]
}

fn any_site() -> impl Strategy<Value = Entry> {
    let declared = (words(), option::of(hours()))
        .prop_map(|(verbatim, hours)| SiteEvent::HoursDeclared(SiteHours { verbatim, hours }));
    let staffed =
        select(&[0, 2, 51][..]).prop_map(|people| SiteEvent::StaffDeclared(SiteStaff { people }));
    let event = prop_oneof![
        1 => (early(), labelling().boxed()),
        3 => (day(), declared.boxed()),
        2 => (day(), staffed.boxed()),
        4 => (days(300..800), reason().prop_map(SiteEvent::Suspended).boxed()),
        6 => (days(500..1461), resumption().prop_map(SiteEvent::Resumed).boxed()),
        1 => (late(), reason().prop_map(SiteEvent::Withdrawn).boxed()),
    ];
    (site(), event).prop_flat_map(|(id, (from, event))| said(id, from, event))
}

fn any_hub() -> impl Strategy<Value = Entry> {
    (1..=3_u128, site(), saying(day(), 0.2)).prop_map(|(number, site, saying)| {
        let command = ExperimentCommand::DesignateHub(DesignatedHub { site });
        Entry {
            saying,
            command: Command::Experiment(experiment(number), command),
        }
    })
}

/// Mostly of a closed period.
fn any_count() -> impl Strategy<Value = Entry> {
    let unit = select(&[CountUnit::Appointment, CountUnit::Visit][..]);
    let state = option::of(select(
        &[AppointmentState::Booked, AppointmentState::Held][..],
    ));
    let said = (unit, state, 0..3_u32).prop_map(|(unit, state, count)| AssertedCount {
        unit,
        state,
        qualifier: CountQualifier::AtLeast,
        count,
        words: None,
    });
    (1..=3_u128, said, saying(day(), 0.2), 0..6_u64).prop_map(
        |(number, count, mut saying, length)| {
            if length > 0 {
                let last = saying
                    .valid
                    .from
                    .checked_add_days(chrono::Days::new(length));
                saying.valid.until = last;
            }
            Entry {
                saying,
                command: Command::Experiment(
                    experiment(number),
                    ExperimentCommand::AssertCount(count),
                ),
            }
        },
    )
}
