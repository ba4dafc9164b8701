//! Funding: agreements, payments, costs, and what costs come to.

use carnet::domain::{
    agreement::{Agreement, AgreementEvent, AgreementKey, Payment, Signature},
    cost::{
        Allocation, CostCategory, CostEvent, CostKey, CostNature, CostOrigin, CostSum, CostTerms,
        sums,
    },
    entry::Command,
    event::{Event, Fact, StreamId},
    experiment::ExperimentEvent,
    refusal::Refusal,
    terms::{AgreementId, Cents, CostId, ExperimentId, Label, PaymentId, Position},
    world::World,
};
use uuid::Uuid;

use crate::given::{NORD, Said, VIGNY, date, given, launch, launched, on, title, words};
use crate::sentence::told;

const AGREEMENT: AgreementId = AgreementId(Uuid::from_u128(0xf1));
const COST: CostId = CostId(Uuid::from_u128(0xc0));
const OTHER: CostId = CostId(Uuid::from_u128(0xc1));

fn cents(cents: u64) -> Cents {
    Cents::try_new(cents).unwrap()
}

fn euros(euros: u64) -> Cents {
    cents(euros * 100)
}

// Agreements.

fn signature() -> Signature {
    Signature {
        title: title("Convention France Services en mobilité"),
        funder: title("Banque des Territoires"),
        beneficiary: title("La Poste"),
        amount: euros(300_000),
        experiments: [].into(),
    }
}

fn paid(number: u128, amount: Cents) -> AgreementEvent {
    AgreementEvent::PaymentMade(Payment {
        payment: PaymentId(Uuid::from_u128(number)),
        amount,
    })
}

fn asked(event: AgreementEvent) -> Command {
    Command::Agreement(AGREEMENT, event)
}

fn fact(said: Said, event: AgreementEvent) -> Fact {
    let key = AgreementKey {
        agreement: AGREEMENT,
    };
    said.fact(Event::Agreement(key, event))
}

fn signed() -> Fact {
    fact(on("2021-05-06"), AgreementEvent::Signed(signature()))
}

fn agreement(world: &World) -> &Agreement {
    world.agreement(AGREEMENT).unwrap()
}

#[test]
fn an_agreement_is_signed_once() {
    let world = given([])
        .when(on("2021-05-06").entry(asked(AgreementEvent::Signed(signature()))))
        .then_recorded();
    assert!(agreement(&world).covers(VIGNY), "the whole programme");
    let other = Signature {
        amount: euros(200_000),
        ..signature()
    };
    given([signed()])
        .when(on("2021-05-06").entry(asked(AgreementEvent::Signed(other))))
        .refused(Refusal::AlreadySigned {
            on: date("2021-05-06"),
        });
    let nothing = Signature {
        amount: Cents::ZERO,
        ..signature()
    };
    given([])
        .when(on("2021-05-06").entry(asked(AgreementEvent::Signed(nothing))))
        .refused(Refusal::AmountZero);
}

/// Catches: money that is said to go where nothing is known of.
#[test]
fn an_agreement_names_experiments_that_are_known() {
    let of = |experiments: &[ExperimentId]| {
        AgreementEvent::Signed(Signature {
            experiments: experiments.iter().copied().collect(),
            ..signature()
        })
    };
    let world = given([launched()])
        .when(on("2021-05-06").entry(asked(of(&[VIGNY]))))
        .then_recorded();
    assert!(agreement(&world).covers(VIGNY));
    assert!(!agreement(&world).covers(NORD));
    given([launched()])
        .when(on("2021-05-06").entry(asked(of(&[VIGNY, NORD]))))
        .refused(Refusal::UnknownExperiment);
    let crowd: Vec<ExperimentId> = (0..101)
        .map(|number| ExperimentId(Uuid::from_u128(number)))
        .collect();
    given([launched()])
        .when(on("2021-05-06").entry(asked(of(&crowd))))
        .refused(Refusal::TooMany { max: 100 });
}

/// Catches: more paid than was agreed, to the cent.
#[test]
fn payments_never_exceed_the_amount() {
    let story = || {
        [
            signed(),
            fact(on("2021-06-01"), paid(1, euros(100_000))),
            fact(on("2021-09-01"), paid(2, euros(100_000))),
        ]
    };
    let world = given(story())
        .when(on("2021-07-01").entry(asked(paid(3, euros(100_000)))))
        .then_recorded();
    assert_eq!(agreement(&world).paid(), euros(300_000));
    let days: Vec<_> = agreement(&world)
        .payments
        .iter()
        .map(|payment| payment.valid.from.to_string())
        .collect();
    assert_eq!(days, ["2021-06-01", "2021-07-01", "2021-09-01"]);
    given(story())
        .when(on("2021-07-01").entry(asked(paid(3, cents(10_000_001)))))
        .refused(Refusal::PaymentsExceedAmount {
            paid: Cents::ZERO.plus(cents(30_000_001)),
            amount: euros(300_000),
        });
}

#[test]
fn a_payment_follows_the_signature() {
    given([signed()])
        .when(on("2021-05-05").entry(asked(paid(1, euros(1)))))
        .refused(Refusal::PaymentBeforeSignature {
            signed: date("2021-05-06"),
        });
    let known_by = on("2021-05-06").at_the_latest();
    given([fact(known_by, AgreementEvent::Signed(signature()))])
        .when(on("2021-05-05").entry(asked(paid(1, euros(1)))))
        .then_recorded();
    given([])
        .when(on("2021-05-07").entry(asked(paid(1, euros(1)))))
        .refused(Refusal::UnknownAgreement);
    given([signed()])
        .when(on("2021-05-07").entry(asked(paid(1, Cents::ZERO))))
        .refused(Refusal::AmountZero);
}

/// Catches: two payments of one day and amount taken for one, or one told twice.
#[test]
fn a_payment_has_its_own_identity() {
    let story = || [signed(), fact(on("2021-06-01"), paid(1, euros(100)))];
    given(story())
        .when(on("2021-06-01").entry(asked(paid(2, euros(100)))))
        .then_recorded();
    given(story())
        .when(on("2021-06-01").entry(asked(paid(1, euros(200)))))
        .refused(Refusal::PaymentAlreadyRecorded);
}

/// Catches: a correction that is weighed beside what it takes the place of.
#[test]
fn a_payment_is_corrected() {
    let story = || [signed(), fact(on("2021-06-01"), paid(1, euros(200_000)))];
    let corrected = |amount| {
        on("2021-06-01")
            .correcting(2)
            .entry(asked(paid(1, euros(amount))))
    };
    let world = given(story()).when(corrected(300_000)).then_recorded();
    assert_eq!(agreement(&world).paid(), euros(300_000));
    given(story())
        .when(corrected(300_001))
        .refused(Refusal::PaymentsExceedAmount {
            paid: euros(300_001),
            amount: euros(300_000),
        });
}

/// Catches: payments left without what they were made under.
#[test]
fn an_agreement_whose_payments_stand_is_neither_retracted_nor_cut_below_them() {
    let story = || [signed(), fact(on("2021-06-01"), paid(1, euros(200_000)))];
    let retraction = Command::Retract(StreamId::Agreement(AGREEMENT));
    given(story())
        .when(on("2021-07-01").correcting(1).entry(retraction))
        .refused(Refusal::Contradicts {
            position: Position(2),
            why: Box::new(Refusal::UnknownAgreement),
        });
    let less = Signature {
        amount: euros(150_000),
        ..signature()
    };
    let corrected = on("2021-05-06").correcting(1);
    given(story())
        .when(corrected.entry(asked(AgreementEvent::Signed(less))))
        .refused(Refusal::Contradicts {
            position: Position(2),
            why: Box::new(Refusal::PaymentsExceedAmount {
                paid: euros(200_000),
                amount: euros(150_000),
            }),
        });
}

// Costs.

fn terms() -> CostTerms {
    CostTerms {
        category: CostCategory::Staff,
        nature: CostNature::Actual,
        origin: CostOrigin::Marginal,
        amount: euros(12_000),
        allocation: Allocation::Direct,
        words: None,
        agreement: None,
        estimate: None,
    }
}

fn share(parts: u32, of: u32) -> Allocation {
    Allocation::Share {
        parts,
        of,
        key: Label::try_new("heures tenues").unwrap(),
    }
}

const fn key(experiment: ExperimentId, cost: CostId) -> CostKey {
    CostKey { experiment, cost }
}

fn spring() -> Said {
    on("2021-04-27").until("2021-07-26")
}

fn recorded(cost: CostId, terms: CostTerms) -> Fact {
    spring().fact(Event::Cost(key(VIGNY, cost), CostEvent::Recorded(terms)))
}

fn record(cost: CostId, terms: CostTerms) -> Command {
    Command::Cost(key(VIGNY, cost), CostEvent::Recorded(terms))
}

#[test]
fn a_cost_is_recorded_once_of_a_closed_period() {
    let world = given([launched()])
        .when(spring().entry(record(COST, terms())))
        .then_recorded();
    assert_eq!(world.cost(COST).unwrap().experiment, Some(VIGNY));
    let other = CostTerms {
        amount: euros(1),
        ..terms()
    };
    given([launched(), recorded(COST, terms())])
        .when(spring().entry(record(COST, other)))
        .refused(Refusal::CostAlreadyRecorded);
    given([launched()])
        .when(on("2021-04-27").entry(record(COST, terms())))
        .refused(Refusal::NoLastDay);
    given([])
        .when(spring().entry(record(COST, terms())))
        .refused(Refusal::UnknownExperiment);
}

/// A room that is lent costs nothing, and that is worth telling.
#[test]
fn a_cost_may_be_nothing() {
    let lent = CostTerms {
        category: CostCategory::Premises,
        amount: Cents::ZERO,
        ..terms()
    };
    given([launched()])
        .when(spring().entry(record(COST, lent)))
        .then_recorded();
}

#[test]
fn a_share_is_some_of_the_whole() {
    for (parts, of) in [(0, 4), (5, 4), (0, 0), (1, 0)] {
        let terms = CostTerms {
            allocation: share(parts, of),
            ..terms()
        };
        given([launched()])
            .when(spring().entry(record(COST, terms)))
            .refused(Refusal::ImpossibleShare { parts, of });
    }
    for (parts, of) in [(1, 4), (4, 4)] {
        let terms = CostTerms {
            allocation: share(parts, of),
            ..terms()
        };
        given([launched()])
            .when(spring().entry(record(COST, terms)))
            .then_recorded();
    }
}

/// Catches: a float, a share that is cut off where it is to be rounded, a product that overflows.
#[test]
fn a_share_is_rounded_to_the_cent_half_upwards() {
    for (amount, parts, of, expected) in [
        (10_001, 1, 2, 5_001),
        (10_000, 1, 3, 3_333),
        (10_000, 2, 3, 6_667),
        (1, 1, 3, 0),
        (1, 1, 2, 1),
        (
            1_000_000_000_000,
            4_294_967_294,
            4_294_967_295,
            999_999_999_767,
        ),
        (1_000_000_000_000, 7, 7, 1_000_000_000_000),
    ] {
        let terms = CostTerms {
            amount: cents(amount),
            allocation: share(parts, of),
            ..terms()
        };
        assert_eq!(
            terms.allotted().get(),
            expected,
            "{amount} x {parts} / {of}"
        );
    }
    assert_eq!(terms().allotted(), terms().amount);
}

/// Catches: a cost said to be paid by what does not pay for it.
#[test]
fn a_cost_is_paid_from_an_agreement_that_pays_for_its_experiment() {
    let funded = || CostTerms {
        agreement: Some(AGREEMENT),
        ..terms()
    };
    given([launched(), signed()])
        .when(spring().entry(record(COST, funded())))
        .then_recorded();
    given([launched()])
        .when(spring().entry(record(COST, funded())))
        .refused(Refusal::UnknownAgreement);
    let elsewhere = fact(
        on("2021-05-06"),
        AgreementEvent::Signed(Signature {
            experiments: [NORD].into(),
            ..signature()
        }),
    );
    given([launched(), elsewhere])
        .when(spring().entry(record(COST, funded())))
        .refused(Refusal::AgreementOfOtherExperiments);
}

/// Catches: an actual cost added to its own estimate, or put in the place of another actual one.
#[test]
fn an_actual_cost_takes_the_place_of_an_estimate() {
    let estimate = || CostTerms {
        nature: CostNature::Estimated,
        ..terms()
    };
    let replacing = || CostTerms {
        estimate: Some(COST),
        ..terms()
    };
    let story = || [launched(), recorded(COST, estimate())];
    given(story())
        .when(spring().entry(record(OTHER, replacing())))
        .then_recorded();
    given([launched()])
        .when(spring().entry(record(OTHER, replacing())))
        .refused(Refusal::UnknownCost);
    given([launched(), recorded(COST, terms())])
        .when(spring().entry(record(OTHER, replacing())))
        .refused(Refusal::NotAnEstimate);
    let again = CostTerms {
        estimate: Some(COST),
        ..estimate()
    };
    given(story())
        .when(spring().entry(record(OTHER, again)))
        .refused(Refusal::EstimateReplacesNothing);
    let nord = on("2021-04-08").fact((NORD, ExperimentEvent::Launched(launch())));
    let [launched, estimated] = story();
    given([launched, nord, estimated])
        .when(spring().entry(Command::Cost(
            key(NORD, OTHER),
            CostEvent::Recorded(replacing()),
        )))
        .refused(Refusal::CostOfAnotherExperiment);
}

/// Catches: estimated and actual added up, a share rounded after the sum, an unknown origin taken
/// for none.
#[test]
fn costs_are_summed_by_nature_and_category() {
    let cost = |number| CostId(Uuid::from_u128(number));
    let third = |nature, origin, estimate| CostTerms {
        nature,
        origin,
        amount: cents(50),
        allocation: share(1, 3),
        estimate,
        ..terms()
    };
    let (actual, estimated) = (CostNature::Actual, CostNature::Estimated);
    let costs = [
        (cost(1), third(estimated, CostOrigin::Marginal, None)),
        (cost(2), third(estimated, CostOrigin::Standing, None)),
        (cost(3), third(actual, CostOrigin::Unknown, Some(cost(1)))),
        (cost(4), third(actual, CostOrigin::Marginal, None)),
        (
            cost(5),
            CostTerms {
                category: CostCategory::Travel,
                ..terms()
            },
        ),
    ];
    let sums = sums(costs.iter().map(|(id, terms)| (*id, terms)));
    assert_eq!(sums.len(), 3);
    let staff = |nature| sums[&(nature, CostCategory::Staff)];
    let expected = CostSum {
        count: 2,
        amount: cents(100),
        allotted: cents(34),
        marginal: cents(17),
        unknown: cents(0),
        replaced: cents(17),
    };
    assert_eq!(staff(estimated), expected);
    let expected = CostSum {
        unknown: cents(17),
        replaced: cents(0),
        ..expected
    };
    assert_eq!(staff(actual), expected);
    assert_eq!(
        sums[&(actual, CostCategory::Travel)].allotted,
        euros(12_000)
    );
}

// Money.

#[test]
fn an_amount_is_bounded() {
    assert_eq!(Cents::try_new(1_000_000_000_000), Ok(Cents::MAX));
    assert_eq!(
        Cents::try_new(1_000_000_000_001),
        Err(Refusal::AmountTooLarge { max: Cents::MAX })
    );
    assert!(serde_json::from_str::<Cents>("1000000000001").is_err());
    assert!(serde_json::from_str::<Cents>("-1").is_err());
}

#[test]
fn an_amount_is_written_as_french_people_write_it() {
    for (amount, told) in [
        (0, "0,00 €"),
        (5, "0,05 €"),
        (100, "1,00 €"),
        (99_999, "999,99 €"),
        (123_456, "1 234,56 €"),
        (30_000_000, "300 000,00 €"),
        (1_000_000_000_000, "10 000 000 000,00 €"),
    ] {
        assert_eq!(cents(amount).to_string(), told.replace(' ', "\u{202f}"));
    }
}

/// The sentence, with the spaces of its amounts.
#[track_caller]
fn told_with_spaces(fact: &Fact, sentence: &str) {
    told(fact, &sentence.replace('~', "\u{202f}"));
}

#[test]
fn agreements_and_payments_are_told_in_french() {
    told_with_spaces(
        &signed(),
        "Convention « Convention France Services en mobilité » signée le 6 mai 2021 : Banque des \
         Territoires verse à La Poste 300~000,00~€ au plus, pour l'ensemble du programme.",
    );
    let of_one = Signature {
        experiments: [VIGNY].into(),
        ..signature()
    };
    told_with_spaces(
        &fact(
            on("2021-05-06").until("2022-05-05").at_the_latest(),
            AgreementEvent::Signed(of_one),
        ),
        "Convention « Convention France Services en mobilité » signée au plus tard le 6 mai 2021, \
         jusqu'au 5 mai 2022 inclus : Banque des Territoires verse à La Poste 300~000,00~€ au \
         plus, pour 1 expérimentation.",
    );
    told_with_spaces(
        &fact(on("2021-06-01"), paid(1, cents(1_234_567))),
        "Versement de 12~345,67~€ le 1er juin 2021.",
    );
}

#[test]
fn costs_are_told_in_french() {
    told_with_spaces(
        &recorded(COST, terms()),
        "Coût réel (personnel, du 27 avril 2021 au 26 juillet 2021 inclus) : 12~000,00~€, propre \
         à l'expérimentation.",
    );
    let estimate = CostTerms {
        category: CostCategory::Premises,
        nature: CostNature::Estimated,
        origin: CostOrigin::Standing,
        allocation: share(1, 4),
        words: Some(words("Salle du conseil")),
        ..terms()
    };
    told_with_spaces(
        &recorded(COST, estimate),
        "Coût estimé (locaux, du 27 avril 2021 au 26 juillet 2021 inclus) : 12~000,00~€, dont \
         3~000,00~€ pour l'expérimentation (1/4 selon « heures tenues »), supporté de toute \
         façon ; Salle du conseil.",
    );
    for (category, french) in [
        (CostCategory::Travel, "déplacements"),
        (CostCategory::Equipment, "matériel"),
        (CostCategory::Training, "formation"),
        (CostCategory::Communication, "communication"),
        (CostCategory::Other, "autre"),
    ] {
        let terms = CostTerms {
            category,
            origin: CostOrigin::Unknown,
            ..terms()
        };
        told_with_spaces(
            &recorded(COST, terms),
            &format!(
                "Coût réel ({french}, du 27 avril 2021 au 26 juillet 2021 inclus) : 12~000,00~€."
            ),
        );
    }
}
