//! Host venues: agreed, withdrawn, confidential.

use carnet::domain::{
    experiment::ExperimentEvent,
    refusal::Refusal,
    terms::ExperimentId,
    venue::{Known, VenueCommand, VenueTerms},
};

use crate::given::{
    CORMEILLES, GRISY, NORD, START, VIGNY, cormeilles_agreed, criteria, date, given, grisy_agreed,
    grisy_withdrawn, launched, no_commune, on, postal_agency, reason, town_hall,
};

fn agree(experiment: ExperimentId, terms: VenueTerms) -> VenueCommand {
    VenueCommand::Agree { experiment, terms }
}

fn withdraw() -> VenueCommand {
    VenueCommand::Withdraw(reason("Travaux à la mairie"))
}

#[test]
fn a_venue_agrees() {
    let world = given([launched()])
        .when(on(START).entry((GRISY, agree(VIGNY, town_hall()))))
        .then([grisy_agreed()]);
    assert_eq!(world.venue(GRISY).unwrap().experiment, Some(VIGNY));
}

/// The bug it catches: "unknown" counted as "no", which would refuse most venues of 2021.
#[test]
fn a_venue_allows_a_confidential_talk_or_does_not_say() {
    given([launched()])
        .when(on(START).entry((CORMEILLES, agree(VIGNY, postal_agency()))))
        .then([cormeilles_agreed()]);
    let open_plan = VenueTerms {
        confidential_space: Known::No,
        ..town_hall()
    };
    given([launched()])
        .when(on(START).entry((GRISY, agree(VIGNY, open_plan))))
        .refused(Refusal::VenueNotConfidential);
}

/// The bug it catches: venues cannot be agreed while the experiment is being prepared.
#[test]
fn a_venue_may_agree_before_the_launch() {
    let fixed = on("2021-04-01").fact(ExperimentEvent::CriteriaFixed(criteria()));
    given([fixed])
        .when(on("2021-04-10").entry((GRISY, agree(VIGNY, town_hall()))))
        .then_recorded();
    given([])
        .when(on("2021-04-10").entry((GRISY, agree(VIGNY, town_hall()))))
        .refused(Refusal::UnknownExperiment);
}

#[test]
fn a_venue_does_not_agree_to_what_is_over() {
    let history = || [launched(), crate::course::closed("2021-07-28")];
    given(history())
        .when(on("2021-07-28").entry((GRISY, agree(VIGNY, town_hall()))))
        .refused(Refusal::ExperimentClosed {
            on: date("2021-07-28"),
        });
    given(history())
        .when(on("2021-07-27").entry((GRISY, agree(VIGNY, town_hall()))))
        .then_recorded();
}

#[test]
fn a_venue_agrees_once() {
    let mut renamed = town_hall();
    renamed.name = crate::given::title("Salle des fêtes");
    given([launched(), grisy_agreed()])
        .when(on(START).entry((GRISY, agree(VIGNY, renamed))))
        .refused(Refusal::VenueAlreadyAgreed);
    let nord = on(START).fact((NORD, ExperimentEvent::Launched(crate::given::launch())));
    given([launched(), nord, grisy_agreed()])
        .when(on(START).entry((GRISY, agree(NORD, town_hall()))))
        .refused(Refusal::VenueAlreadyAgreed);
}

#[test]
fn a_venue_stands_in_a_commune() {
    let nowhere = VenueTerms {
        commune: no_commune(),
        ..town_hall()
    };
    given([launched()])
        .when(on(START).entry((GRISY, agree(VIGNY, nowhere))))
        .refused(Refusal::UnknownCommune { code: no_commune() });
}

#[test]
fn a_venue_withdraws_once_and_after_agreeing() {
    let history = || [launched(), grisy_agreed()];
    let world = given(history())
        .when(on("2021-06-01").entry((GRISY, withdraw())))
        .then([grisy_withdrawn("2021-06-01")]);
    let venue = world.venue(GRISY).unwrap();
    assert_eq!(venue.usable(Some(VIGNY), date("2021-05-31")), Ok(()));
    assert_eq!(
        venue.usable(Some(VIGNY), date("2021-06-01")),
        Err(Refusal::VenueWithdrawn {
            on: date("2021-06-01")
        })
    );
    given(history())
        .when(on("2021-04-26").entry((GRISY, withdraw())))
        .refused(Refusal::WithdrawnBeforeAgreed {
            agreed: date(START),
        });
    given([launched(), grisy_agreed(), grisy_withdrawn("2021-06-01")])
        .when(on("2021-06-02").entry((GRISY, withdraw())))
        .refused(Refusal::VenueWithdrawn {
            on: date("2021-06-01"),
        });
    given([launched()])
        .when(on("2021-06-01").entry((GRISY, withdraw())))
        .refused(Refusal::UnknownVenue);
}
