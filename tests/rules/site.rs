//! Labelled sites: their label, their hours, their staff, and the experiments whose hub they are.

use carnet::domain::{
    entry::Command,
    event::{Event, Fact, StreamId},
    experiment::{DesignatedHub, ExperimentCommand, ExperimentEvent},
    refusal::{Refusal, Subject},
    site::{
        FloorVerdict, LabelFloor, LabelStatus, Labelling, PEOPLE_MAX, Site, SiteEvent, SiteFormat,
        SiteHours, SiteKey, SiteStaff,
    },
    terms::{Position, SiteId},
    world::World,
};
use uuid::Uuid;

use crate::given::{
    OFFICE, Said, VIGNY, date, given, hours, insee, labelled, launched, no_commune, office, on,
    reason, resumption, words, world,
};
use crate::sentence::told;

const LABEL: &str = "2020-01-31";
/// As the press release of 6 May 2021 gives them: 32.5 hours a week.
const RELEASE: &str =
    "Mo-We,Fr 09:00-12:00,14:30-17:30; Th 09:00-12:00,15:00-17:30; Sa 09:00-12:00";
/// As the national list of 2020 gives them: 31.5 hours a week.
const LIST: &str = "Mo-We,Fr 09:00-12:00,14:30-17:30; Th 09:00-12:00,14:30-16:00; Sa 09:00-12:00";

fn declared(text: &str) -> SiteEvent {
    SiteEvent::HoursDeclared(SiteHours {
        verbatim: words(text),
        hours: Some(hours(text)),
    })
}

fn unread() -> SiteEvent {
    SiteEvent::HoursDeclared(SiteHours {
        verbatim: words("Horaires non communiqués"),
        hours: None,
    })
}

const fn staffed(people: u8) -> SiteEvent {
    SiteEvent::StaffDeclared(SiteStaff { people })
}

fn suspended() -> SiteEvent {
    SiteEvent::Suspended(reason("Audit défavorable"))
}

fn resumed() -> SiteEvent {
    SiteEvent::Resumed(resumption())
}

fn withdrawn() -> SiteEvent {
    SiteEvent::Withdrawn(reason("Fermeture du bureau"))
}

fn site(world: &World) -> &Site {
    world.site(OFFICE).unwrap()
}

fn status(world: &World, day: &str) -> LabelStatus {
    site(world).label_on(date(day))
}

/// What is known of the floor, of a site labelled in 2020 with these declarations.
fn floor(declared: impl IntoIterator<Item = (&'static str, SiteEvent)>, day: &str) -> LabelFloor {
    let declared = declared.into_iter().map(|(day, event)| on(day).fact(event));
    let facts: Vec<Fact> = [labelled(LABEL)].into_iter().chain(declared).collect();
    site(&world(&facts)).label_floor(date(day))
}

/// Catches: a label that begins or ends a day off, or that can never be given back.
#[test]
fn a_site_is_labelled_and_loses_its_label() {
    let story = || [labelled(LABEL), on("2023-01-31").fact(withdrawn())];
    let world = given([labelled(LABEL)])
        .when(on("2023-01-31").entry(withdrawn()))
        .then_recorded();
    for (day, expected) in [
        ("2020-01-30", LabelStatus::NotYet),
        ("2020-01-31", LabelStatus::Labelled),
        ("2023-01-30", LabelStatus::Labelled),
        ("2023-01-31", LabelStatus::Ended),
    ] {
        assert_eq!(status(&world, day), expected, "{day}");
    }
    let again = SiteEvent::Labelled(Labelling {
        format: SiteFormat::MultiSite,
        ..office()
    });
    let world = given(story())
        .when(on("2024-01-01").entry(again.clone()))
        .then_recorded();
    assert_eq!(status(&world, "2023-12-31"), LabelStatus::Ended);
    assert_eq!(status(&world, "2024-01-01"), LabelStatus::Labelled);
    let format = |day| site(&world).labelling_on(date(day)).unwrap().what.format;
    assert_eq!(format("2019-01-01"), SiteFormat::Fixed);
    assert_eq!(format("2023-12-31"), SiteFormat::Fixed);
    assert_eq!(format("2024-01-01"), SiteFormat::MultiSite);
    given(story())
        .when(on("2022-01-01").entry(again))
        .refused(Refusal::AlreadyLabelled { since: date(LABEL) });
    given(story())
        .when(on("2023-06-01").entry(withdrawn()))
        .refused(Refusal::NotLabelled {
            on: date("2023-05-31"),
        });
    given([])
        .when(on(LABEL).entry(SiteEvent::Labelled(Labelling {
            commune: no_commune(),
            ..office()
        })))
        .refused(Refusal::UnknownCommune { code: no_commune() });
}

/// Catches: a suspension that stays for ever, or one of a label that there is not.
#[test]
fn a_label_is_suspended_and_given_back() {
    let story = || [labelled(LABEL), on("2021-03-01").fact(suspended())];
    let world = given(story())
        .when(on("2021-04-01").entry(resumed()))
        .then_recorded();
    for (day, expected) in [
        ("2021-02-28", LabelStatus::Labelled),
        ("2021-03-01", LabelStatus::Suspended),
        ("2021-03-31", LabelStatus::Suspended),
        ("2021-04-01", LabelStatus::Labelled),
    ] {
        assert_eq!(status(&world, day), expected, "{day}");
    }
    given(story())
        .when(on("2021-05-01").entry(suspended()))
        .refused(Refusal::AlreadySuspended {
            subject: Subject::Label,
            since: date("2021-03-01"),
        });
    given([labelled(LABEL)])
        .when(on("2021-04-01").entry(resumed()))
        .refused(Refusal::NotSuspended {
            subject: Subject::Label,
            on: date("2021-04-01"),
        });
    given([labelled(LABEL)])
        .when(on("2020-01-30").entry(suspended()))
        .refused(Refusal::NotLabelled {
            on: date("2020-01-30"),
        });
    given([labelled(LABEL), on("2021-01-01").fact(withdrawn())])
        .when(on("2021-01-01").entry(suspended()))
        .refused(Refusal::NotLabelled {
            on: date("2021-01-01"),
        });
}

/// "01/2020" only tells that it was labelled by the end of that month.
#[test]
fn a_label_that_is_only_known_to_be_no_later_bounds_nothing() {
    let month = on(LABEL)
        .at_the_latest()
        .fact(SiteEvent::Labelled(office()));
    given([month])
        .when(on("2020-01-15").entry(suspended()))
        .then_recorded();
}

/// Catches: something said of a site of which nothing is known.
#[test]
fn a_site_is_labelled_before_anything_is_said_of_it() {
    for event in [
        declared(LIST),
        staffed(2),
        suspended(),
        resumed(),
        withdrawn(),
    ] {
        given([])
            .when(on("2021-05-06").entry(event))
            .refused(Refusal::UnknownSite);
    }
    let hub = DesignatedHub { site: OFFICE };
    given([launched()])
        .when(on("2021-04-27").entry(ExperimentCommand::DesignateHub(hub)))
        .refused(Refusal::UnknownSite);
}

/// The two sources on the hours of Vigny. Catches: one of them lost, or an hour off.
#[test]
fn hours_that_sources_declare_stand_side_by_side() {
    let story = [
        labelled(LABEL),
        on("2020-12-31").at_the_latest().fact(declared(LIST)),
    ];
    let world = given(story)
        .when(on("2021-05-06").entry(declared(RELEASE)))
        .then_recorded();
    assert_eq!(site(&world).hours.len(), 2);
    for (day, minutes) in [
        ("2020-12-30", None),
        ("2020-12-31", Some(1890)),
        ("2021-05-05", Some(1890)),
        ("2021-05-06", Some(1950)),
    ] {
        let floor = site(&world).label_floor(date(day));
        assert_eq!(floor.minutes_a_week, minutes, "{day}");
        assert_eq!(floor.days_a_week, minutes.map(|_| 6), "{day}");
        assert_eq!(floor.people, None);
        assert_eq!(floor.verdict(), FloorVerdict::Undetermined);
    }
    // Of one day, both stay; the last one told is in force.
    let same_day = given([labelled(LABEL), on("2021-05-06").fact(declared(RELEASE))])
        .when(
            on("2021-05-06")
                .source("Affichette", "2021-05-06")
                .entry(declared(LIST)),
        )
        .then_recorded();
    assert_eq!(site(&same_day).hours.len(), 2);
    let floor = site(&same_day).label_floor(date("2021-05-06"));
    assert_eq!(floor.minutes_a_week, Some(1890));
}

/// Catches: summer hours that stay in autumn, or that hide those of the rest of the year.
#[test]
fn hours_of_a_season_give_way_when_it_ends() {
    let summer = on("2021-07-01").until("2021-08-31");
    let facts = [
        labelled(LABEL),
        on("2021-05-06").fact(declared(RELEASE)),
        summer.fact(declared("Mo-Fr 09:00-12:00")),
    ];
    let world = world(&facts);
    for (day, minutes) in [
        ("2021-06-30", 1950),
        ("2021-07-01", 900),
        ("2021-08-31", 900),
        ("2021-09-01", 1950),
    ] {
        let floor = site(&world).label_floor(date(day));
        assert_eq!(floor.minutes_a_week, Some(minutes), "{day}");
    }
}

/// Catches: hours that nobody can read, dropped or taken for none; unknown taken for enough.
#[test]
fn what_cannot_be_read_is_kept_and_unknown() {
    let world = given([labelled(LABEL)])
        .when(on("2020-12-31").entry(unread()))
        .then_recorded();
    let known = site(&world);
    assert_eq!(
        known.hours[0].what.verbatim.as_str(),
        "Horaires non communiqués"
    );
    assert_eq!(known.hours_on(date("2021-01-04")), None);
    let floor = known.label_floor(date("2021-01-04"));
    assert_eq!((floor.days_a_week, floor.minutes_a_week), (None, None));
    assert_eq!(floor.verdict(), FloorVerdict::Undetermined);
    // Nor is what the hours themselves leave open.
    let unsure = given([labelled(LABEL)])
        .when(on("2021-01-01").entry(declared("Mo-Fr 09:00-17:00; Sa 09:00-12:00 unknown")))
        .then_recorded();
    let known = site(&unsure);
    assert_eq!(known.label_floor(date("2021-01-04")).minutes_a_week, None);
    assert_eq!(known.hours_on(date("2021-01-09")), None);
    assert_eq!(known.hours_on(date("2021-01-08")).unwrap().len(), 1);
}

/// Catches: a floor that is a day, a minute or a person off; what is known to fall short told as
/// undetermined, or what is unknown as met.
#[test]
fn the_floor_of_the_label() {
    const DAY: &str = "2021-06-02";
    let at = "2021-05-06";
    let five = "Mo-Fr 09:00-13:48";
    let short = "Mo-Fr 09:00-13:47";
    let four = "Mo-Th 09:00-19:00";
    for (hours, people, expected) in [
        (Some(five), Some(2), FloorVerdict::Meets),
        (Some(five), Some(1), FloorVerdict::Fails),
        (Some(five), None, FloorVerdict::Undetermined),
        (Some(short), Some(2), FloorVerdict::Fails),
        (Some(short), None, FloorVerdict::Fails),
        (Some(four), Some(3), FloorVerdict::Fails),
        (None, Some(2), FloorVerdict::Undetermined),
        (None, Some(0), FloorVerdict::Fails),
        (None, None, FloorVerdict::Undetermined),
    ] {
        let told = hours.map(|hours| (at, declared(hours)));
        let told = told.into_iter().chain(people.map(|n| (at, staffed(n))));
        let floor = floor(told, DAY);
        assert_eq!(floor.verdict(), expected, "{hours:?} {people:?}");
    }
    let exact = floor([(at, declared(five)), (at, staffed(2))], DAY);
    let known = LabelFloor {
        days_a_week: Some(5),
        minutes_a_week: Some(1440),
        people: Some(2),
    };
    assert_eq!(exact, known);
}

/// An ordinary week has no public holiday. Catches: a week of May that fails because of Ascension,
/// and hours that open on it.
#[test]
fn public_holidays_take_openings_out_but_not_of_the_floor() {
    // Thursday 13 May 2021 is Ascension.
    let ascension = "2021-05-13";
    let at = "2021-05-06";
    for hours in [RELEASE, &format!("{RELEASE}; PH off")] {
        let floor = floor([(at, declared(hours))], ascension);
        assert_eq!(floor.minutes_a_week, Some(1950), "{hours}");
        let facts = [labelled(LABEL), on(at).fact(declared(hours))];
        let slots = |day| site(&world(&facts)).hours_on(date(day)).unwrap().len();
        assert_eq!(slots(ascension), 0, "{hours}");
        assert_eq!(slots("2021-05-14"), 2, "{hours}");
        assert_eq!(slots("2021-05-16"), 0, "{hours}");
    }
    let on_it = "Mo-Fr 09:00-17:00; PH 10:00-11:00";
    let facts = [labelled(LABEL), on(at).fact(declared(on_it))];
    let slots = site(&world(&facts)).hours_on(date(ascension)).unwrap();
    assert_eq!(
        slots
            .iter()
            .map(carnet::domain::terms::hours::Slot::minutes)
            .sum::<u32>(),
        60
    );
    // Good Friday is one in the Moselle, not in the Val-d'Oise: 2 April 2021.
    let moselle = SiteEvent::Labelled(Labelling {
        commune: insee("57715"),
        ..office()
    });
    for (labelling, expected) in [(SiteEvent::Labelled(office()), 1), (moselle, 0)] {
        let facts = [
            on(LABEL).fact(labelling),
            on("2021-01-01").fact(declared("Mo-Fr 09:00-17:00")),
        ];
        let slots = site(&world(&facts)).hours_on(date("2021-04-02")).unwrap();
        assert_eq!(slots.len(), expected);
    }
}

#[test]
fn no_site_has_a_crowd() {
    given([labelled(LABEL)])
        .when(on("2021-05-06").entry(staffed(PEOPLE_MAX)))
        .then_recorded();
    given([labelled(LABEL)])
        .when(on("2021-05-06").entry(staffed(PEOPLE_MAX + 1)))
        .refused(Refusal::PeopleOutOfRange {
            people: i64::from(PEOPLE_MAX) + 1,
            max: PEOPLE_MAX,
        });
}

/// Corrections come with the engine. Catches: a label retracted from under what was said since.
#[test]
fn what_is_said_of_a_site_is_corrected_and_retracted() {
    let story = || [labelled(LABEL), on("2021-05-06").fact(declared(RELEASE))];
    let world = given(story())
        .when(on("2021-05-06").correcting(2).entry(declared(LIST)))
        .then_recorded();
    let floor = site(&world).label_floor(date("2021-05-06"));
    assert_eq!(floor.minutes_a_week, Some(1890));
    assert_eq!(site(&world).hours.len(), 1);
    let retract = || Command::Retract(StreamId::Site(OFFICE));
    let world = given(story())
        .when(on("2021-06-01").correcting(2).entry(retract()))
        .then_recorded();
    assert_eq!(site(&world).hours.len(), 0);
    given(story())
        .when(on("2021-06-01").correcting(1).entry(retract()))
        .refused(Refusal::Contradicts {
            position: Position(2),
            why: Box::new(Refusal::UnknownSite),
        });
}

fn designated(day: &str, site: SiteId) -> Fact {
    on(day).fact(ExperimentEvent::HubDesignated(DesignatedHub { site }))
}

fn designate(site: SiteId) -> ExperimentCommand {
    ExperimentCommand::DesignateHub(DesignatedHub { site })
}

/// Catches: a hub that is one before its first day, or two of them on one.
#[test]
fn the_hub_of_an_experiment_is_a_labelled_site() {
    let other = SiteId(Uuid::from_u128(554));
    let beside = on(LABEL).fact(Event::Site(
        SiteKey { site: other },
        SiteEvent::Labelled(Labelling {
            commune: insee("95177"),
            ..office()
        }),
    ));
    let story = || {
        [
            launched(),
            labelled(LABEL),
            beside.clone(),
            designated("2021-04-27", OFFICE),
        ]
    };
    let world = given(story())
        .when(on("2021-06-01").entry(designate(other)))
        .then_recorded();
    let hub = |day| {
        let hub = world.experiment(VIGNY).unwrap().hub_on(date(day))?;
        Some(hub.what.site)
    };
    assert_eq!(hub("2021-04-26"), None);
    assert_eq!(hub("2021-05-31"), Some(OFFICE));
    assert_eq!(hub("2021-06-01"), Some(other));
    given(story())
        .when(on("2021-04-27").entry(designate(other)))
        .refused(Refusal::HubAlreadyDesignated {
            on: date("2021-04-27"),
        });
    given([labelled(LABEL)])
        .when(on("2021-04-27").entry(designate(OFFICE)))
        .refused(Refusal::UnknownExperiment);
    let agen = insee("47001");
    let far = on(LABEL).fact(SiteEvent::Labelled(Labelling {
        commune: agen,
        ..office()
    }));
    given([launched(), far])
        .when(on("2021-04-27").entry(designate(OFFICE)))
        .refused(Refusal::HubOutsideZone { commune: agen });
}

#[test]
fn sites_are_told_in_french() {
    for (format, french) in [
        (SiteFormat::Fixed, "fixe"),
        (SiteFormat::MultiSite, "multisite"),
        (SiteFormat::Itinerant, "itinérant"),
        (SiteFormat::BusEquivalent, "bus équivalent"),
    ] {
        told(
            &on(LABEL)
                .at_the_latest()
                .fact(SiteEvent::Labelled(Labelling { format, ..office() })),
            &format!(
                "Espace « Vigny » ({french}, à Vigny) labellisé France Services au plus tard le 31 \
                 janvier 2020."
            ),
        );
    }
    told(
        &on("2021-05-06").fact(declared("Mo-Fr 09:00-12:00")),
        "Horaires déclarés à compter du 6 mai 2021 : « Mo-Fr 09:00-12:00 » (lus Mo-Fr \
         09:00-12:00).",
    );
    told(
        &on("2020-12-31").at_the_latest().fact(unread()),
        "Horaires déclarés au plus tard le 31 décembre 2020 : « Horaires non communiqués » (sans \
         lecture sûre).",
    );
    for (people, french) in [
        (0, "0 agent polyvalent présent"),
        (1, "1 agent polyvalent présent"),
        (2, "2 agents polyvalents présents"),
    ] {
        told(
            &on("2021-05-06").fact(staffed(people)),
            &format!("Effectif déclaré à compter du 6 mai 2021 : {french} en permanence."),
        );
    }
    told(
        &on("2021-03-01").until("2021-03-31").fact(suspended()),
        "Label France Services suspendu du 1er mars 2021 au 31 mars 2021 inclus : Audit \
         défavorable.",
    );
    told(
        &on("2021-04-01").fact(resumed()),
        "Label France Services rétabli à compter du 1er avril 2021.",
    );
    told(
        &on("2023-01-31").fact(withdrawn()),
        "Label France Services retiré à compter du 31 janvier 2023 : Fermeture du bureau.",
    );
    told(
        &designated("2021-04-27", OFFICE),
        "Espace France Services « Vigny » désigné comme bureau de l'expérimentation, à compter du \
         27 avril 2021.",
    );
    let nameless = SiteId(Uuid::from_u128(554));
    told(
        &designated("2021-04-27", nameless),
        &format!(
            "Espace France Services {nameless} désigné comme bureau de l'expérimentation, à compter \
             du 27 avril 2021."
        ),
    );
}

/// Catches: a name of a stream that is not read back.
#[test]
fn a_site_has_a_stream_of_its_own() {
    let stream = StreamId::Site(OFFICE);
    assert_eq!(stream.to_string(), format!("site-{OFFICE}"));
    assert_eq!(stream.to_string().parse(), Ok(stream));
    let fact: Fact = Said::fact(on(LABEL), staffed(2));
    assert_eq!(fact.event.kind(), "site-staff-declared");
    assert_eq!(fact.event.experiment(), None);
}
