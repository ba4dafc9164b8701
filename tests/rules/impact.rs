//! What an experiment is compared with: a zone where nothing is tried, and what was counted before.

use carnet::domain::{
    event::Fact,
    experiment::{
        Baseline, BaselinePlace, ComparisonZone, ExperimentCommand, ExperimentEvent, WeekCount,
    },
    refusal::Refusal,
    terms::{Label, Position},
};

use crate::given::{START, criteria, date, given, insee, launch, launched, no_commune, on, words};
use crate::sentence::told;

fn zone(communes: &[&str]) -> ComparisonZone {
    ComparisonZone {
        zone: communes.iter().map(|code| insee(code)).collect(),
        reasons: words("Même canton, même distance au bureau le plus proche"),
    }
}

/// Marines and Magny-en-Vexin.
fn neighbours() -> ComparisonZone {
    zone(&["95370", "95355"])
}

fn designate(zone: ComparisonZone) -> ExperimentCommand {
    ExperimentCommand::DesignateComparisonZone(zone)
}

fn designated(day: &str, zone: ComparisonZone) -> Fact {
    on(day).fact(ExperimentEvent::ComparisonZoneDesignated(zone))
}

fn baseline(place: BaselinePlace, weeks: &[(&str, u32)]) -> Baseline {
    Baseline {
        place,
        unit: Label::try_new("accompagnements, une visite pouvant en compter plusieurs").unwrap(),
        counts: weeks
            .iter()
            .map(|(monday, count)| WeekCount {
                monday: date(monday),
                count: *count,
            })
            .collect(),
    }
}

fn measure(baseline: Baseline) -> ExperimentCommand {
    ExperimentCommand::MeasureBaseline(baseline)
}

/// Catches: a zone that is in force on days before it was designated.
#[test]
fn the_last_zone_designated_is_in_force() {
    let world = given([launched(), designated("2021-04-01", neighbours())])
        .when(on("2021-06-01").entry(designate(zone(&["95370"]))))
        .then_recorded();
    let known = world.experiment(crate::given::VIGNY).unwrap();
    let on_day = |day| {
        let zone = known.comparison_zone_on(date(day))?;
        Some(zone.what.zone.len())
    };
    assert_eq!(on_day("2021-03-31"), None);
    assert_eq!(on_day("2021-05-31"), Some(2));
    assert_eq!(on_day("2021-06-01"), Some(1));
}

#[test]
fn a_zone_has_communes_that_there_are() {
    let asked = |zone| on("2021-04-01").entry(designate(zone));
    given([])
        .when(asked(neighbours()))
        .refused(Refusal::UnknownExperiment);
    given([launched()])
        .when(asked(zone(&[])))
        .refused(Refusal::NoCommune);
    let mut unknown = neighbours();
    unknown.zone.insert(no_commune());
    given([launched()])
        .when(asked(unknown))
        .refused(Refusal::UnknownCommune { code: no_commune() });
    given([launched(), designated("2021-04-01", neighbours())])
        .when(asked(zone(&["95370"])))
        .refused(Refusal::AlreadyCompared {
            on: date("2021-04-01"),
        });
}

/// Catches: an experiment compared with itself, whichever of the two is told first.
#[test]
fn no_commune_is_compared_with_itself() {
    let grisy = || zone(&["95287", "95370"]);
    let commune = insee("95287");
    given([launched()])
        .when(on("2021-04-01").entry(designate(grisy())))
        .refused(Refusal::ComparedWithItself { commune });
    let fixed = || on("2021-03-01").fact(ExperimentEvent::CriteriaFixed(criteria()));
    given([fixed(), designated("2021-04-01", grisy())])
        .when(on(START).entry(ExperimentCommand::Launch(launch())))
        .refused(Refusal::ComparedWithItself { commune });
    let mut wider = launch();
    wider.zone.insert(insee("95370"));
    given([launched(), designated("2021-04-01", neighbours())])
        .when(
            on(START)
                .correcting(1)
                .entry(ExperimentCommand::Launch(wider)),
        )
        .refused(Refusal::Contradicts {
            position: Position(2),
            why: Box::new(Refusal::ComparedWithItself {
                commune: insee("95370"),
            }),
        });
}

#[test]
fn a_baseline_is_measured_at_a_place_there_is() {
    let weeks = [("2021-03-01", 12), ("2021-03-08", 0), ("2021-03-22", 9)];
    let hub = || baseline(BaselinePlace::Hub, &weeks);
    let world = given([launched()])
        .when(on("2021-04-01").entry(measure(hub())))
        .then_recorded();
    let known = world.experiment(crate::given::VIGNY).unwrap();
    assert_eq!(known.baselines[0].what, hub());
    let beyond = || baseline(BaselinePlace::ComparisonZone, &weeks);
    given([launched(), designated("2021-04-02", neighbours())])
        .when(on("2021-04-01").entry(measure(beyond())))
        .refused(Refusal::NoComparisonZone {
            on: date("2021-04-01"),
        });
    given([launched(), designated("2021-04-02", neighbours())])
        .when(on("2021-04-02").entry(measure(beyond())))
        .then_recorded();
    given([])
        .when(on("2021-04-01").entry(measure(hub())))
        .refused(Refusal::UnknownExperiment);
}

/// Catches: a week counted twice, a day taken for a week.
#[test]
fn a_baseline_has_weeks_in_their_order() {
    let counted = |weeks: &[(&str, u32)]| {
        let baseline = baseline(BaselinePlace::Hub, weeks);
        given([launched()]).when(on("2021-04-01").entry(measure(baseline)))
    };
    counted(&[]).refused(Refusal::NoWeek);
    counted(&[("2021-03-02", 1)]).refused(Refusal::NotAMonday {
        date: date("2021-03-02"),
    });
    for second in ["2021-03-08", "2021-03-01"] {
        counted(&[("2021-03-08", 1), (second, 1)]).refused(Refusal::WeeksOutOfOrder {
            monday: date(second),
        });
    }
    counted(&[("1989-12-25", 1)]).refused(Refusal::DateOutOfRange {
        date: date("1989-12-25"),
    });
    let mut long = baseline(BaselinePlace::Hub, &[("2001-01-01", 1)]);
    while long.counts.len() <= 520 {
        let last = long.counts[long.counts.len() - 1];
        long.counts.push(WeekCount {
            monday: last.monday + chrono::TimeDelta::weeks(1),
            ..last
        });
    }
    given([launched()])
        .when(on("2021-04-01").entry(measure(long)))
        .refused(Refusal::TooMany { max: 520 });
}

#[test]
fn a_baseline_is_corrected_in_its_place() {
    let measured = |count| baseline(BaselinePlace::Hub, &[("2021-03-01", count)]);
    let fact = on("2021-04-01").fact(ExperimentEvent::BaselineMeasured(measured(12)));
    let world = given([launched(), fact])
        .when(on("2021-04-01").correcting(2).entry(measure(measured(21))))
        .then_recorded();
    let known = world.experiment(crate::given::VIGNY).unwrap();
    assert_eq!(known.baselines.len(), 1);
    assert_eq!(known.baselines[0].what, measured(21));
}

#[test]
fn zones_and_baselines_are_told_in_french() {
    told(
        &designated("2021-04-01", neighbours()),
        "Zone de comparaison désignée le 1er avril 2021 (2 communes) : Même canton, même distance \
         au bureau le plus proche.",
    );
    let weeks = [("2021-03-01", 12), ("2021-03-08", 9)];
    for (place, french) in [
        (BaselinePlace::Hub, "au bureau"),
        (BaselinePlace::ComparisonZone, "dans la zone de comparaison"),
    ] {
        told(
            &on("2021-04-01").fact(ExperimentEvent::BaselineMeasured(baseline(place, &weeks))),
            &format!(
                "Référence mesurée {french} le 1er avril 2021 : 21 (accompagnements, une visite \
                 pouvant en compter plusieurs) en 2 semaines, de la semaine du 1er mars 2021 à \
                 celle du 8 mars 2021."
            ),
        );
    }
}
