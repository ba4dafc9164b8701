//! Operators, agreements, payments, costs, assignments, comparison zones and baselines.

use carnet::domain::{
    adviser::{Absence, AdviserEvent, Assignment, Place},
    agreement::{AgreementEvent, AgreementKey, Payment, Signature},
    cost::{Allocation, CostCategory, CostEvent, CostKey, CostNature, CostOrigin, CostTerms},
    event::{AdviserKey, Event},
    experiment::{Baseline, BaselinePlace, ComparisonZone, ExperimentEvent, WeekCount},
    operator::{Departure, Joining, NameChange, OperatorEvent, OperatorKey},
    terms::{AgreementId, Cents, CostId, OperatorId, PaymentId},
};
use uuid::Uuid;

use crate::samples::{
    ADVISER, EXPERIMENT, PERMANENCE, Sample, commune, day, experiment, full, plain, slug, text,
};

const AGREEMENT: AgreementId = AgreementId(Uuid::from_u128(0xf001));
const COST: CostId = CostId(Uuid::from_u128(0xf101));
const ESTIMATE: CostId = CostId(Uuid::from_u128(0xf102));

fn operator(event: OperatorEvent) -> Event {
    let key = OperatorKey {
        operator: OperatorId::of(&slug("pole-emploi")),
    };
    Event::Operator(key, event)
}

fn agreement(event: AgreementEvent) -> Event {
    let key = AgreementKey {
        agreement: AGREEMENT,
    };
    Event::Agreement(key, event)
}

fn cost(cost: CostId, terms: CostTerms) -> Event {
    let key = CostKey {
        experiment: EXPERIMENT,
        cost,
    };
    Event::Cost(key, CostEvent::Recorded(terms))
}

fn adviser(event: AdviserEvent) -> Event {
    Event::Adviser(AdviserKey { adviser: ADVISER }, event)
}

fn cents(cents: u64) -> Cents {
    Cents::try_new(cents).unwrap()
}

pub(crate) fn all() -> Vec<Sample> {
    let mut all = of_operators();
    all.extend(of_agreements());
    all.extend(of_costs());
    all.extend(of_advisers());
    all.extend(of_comparison());
    all
}

fn of_operators() -> Vec<Sample> {
    vec![
        full(operator(OperatorEvent::Joined(Joining {
            code: slug("pole-emploi"),
            name: text("Pôle emploi"),
        }))),
        plain(operator(OperatorEvent::Renamed(NameChange {
            name: text("France Travail"),
        }))),
        plain(operator(OperatorEvent::Left(Departure {
            reason: Some(text("Fin de la convention nationale")),
        }))),
        plain(operator(OperatorEvent::Left(Departure { reason: None }))),
    ]
}

fn of_agreements() -> Vec<Sample> {
    let signature = || Signature {
        title: text("Convention France Services en mobilité"),
        funder: text("Banque des Territoires"),
        beneficiary: text("La Poste"),
        amount: cents(30_000_000),
        experiments: [].into(),
    };
    vec![
        full(agreement(AgreementEvent::Signed(Signature {
            experiments: [EXPERIMENT].into(),
            ..signature()
        }))),
        plain(agreement(AgreementEvent::Signed(signature()))),
        plain(agreement(AgreementEvent::PaymentMade(Payment {
            payment: PaymentId(Uuid::from_u128(0xf201)),
            amount: cents(10_000_050),
        }))),
    ]
}

fn of_costs() -> Vec<Sample> {
    let terms = |category, nature, origin| CostTerms {
        category,
        nature,
        origin,
        amount: cents(1_200_000),
        allocation: Allocation::Direct,
        words: None,
        agreement: None,
        estimate: None,
    };
    let (actual, estimated) = (CostNature::Actual, CostNature::Estimated);
    let mut all = vec![
        full(cost(
            COST,
            CostTerms {
                allocation: Allocation::Share {
                    parts: 6,
                    of: 70,
                    key: text("heures tenues"),
                },
                words: Some(text("Deux chargées de clientèle, une matinée chacune")),
                agreement: Some(AGREEMENT),
                estimate: Some(ESTIMATE),
                ..terms(CostCategory::Staff, actual, CostOrigin::Standing)
            },
        )),
        plain(cost(
            ESTIMATE,
            terms(CostCategory::Staff, estimated, CostOrigin::Marginal),
        )),
    ];
    for category in [
        CostCategory::Travel,
        CostCategory::Premises,
        CostCategory::Equipment,
        CostCategory::Training,
        CostCategory::Communication,
        CostCategory::Other,
    ] {
        let terms = terms(category, actual, CostOrigin::Unknown);
        all.push(plain(cost(COST, terms)));
    }
    all
}

fn of_advisers() -> Vec<Sample> {
    let at = |place| Assignment {
        experiment: EXPERIMENT,
        place,
    };
    vec![
        full(adviser(AdviserEvent::Assigned(at(Place::Permanence(
            PERMANENCE,
        ))))),
        plain(adviser(AdviserEvent::Assigned(at(Place::Hub)))),
        plain(adviser(AdviserEvent::Unassigned(at(Place::Hub)))),
        full(adviser(AdviserEvent::Absent(Absence {}))),
    ]
}

fn of_comparison() -> Vec<Sample> {
    let baseline = |place| Baseline {
        place,
        unit: text("accompagnements, une visite pouvant en compter plusieurs"),
        counts: [("2021-03-01", 12), ("2021-03-08", 0)]
            .map(|(monday, count)| WeekCount {
                monday: day(monday),
                count,
            })
            .into(),
    };
    vec![
        plain(experiment(ExperimentEvent::ComparisonZoneDesignated(
            ComparisonZone {
                zone: [commune("95370"), commune("95355")].into(),
                reasons: text("Même canton, même distance au bureau le plus proche"),
            },
        ))),
        plain(experiment(ExperimentEvent::BaselineMeasured(baseline(
            BaselinePlace::Hub,
        )))),
        full(experiment(ExperimentEvent::BaselineMeasured(baseline(
            BaselinePlace::ComparisonZone,
        )))),
    ]
}
