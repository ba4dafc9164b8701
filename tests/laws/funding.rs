//! Random entries about operators, funding, assignments, what is compared and what is imported.

use proptest::{collection::vec, option, prelude::*, sample::select};
use uuid::Uuid;

use carnet::domain::{
    adviser::{Absence, AdviserCommand, Assignment, Place},
    agreement::{AgreementEvent, Payment, Signature},
    cost::{Allocation, CostCategory, CostEvent, CostKey, CostNature, CostOrigin, CostTerms},
    entry::{Command, Entry},
    event::StreamId,
    experiment::{Baseline, BaselinePlace, ComparisonZone, ExperimentCommand, WeekCount},
    import::{ImportBatch, ImportEvent, ImportFormat, ImportKind, ImportReject},
    operator::{Departure, Joining, NameChange, OperatorEvent},
    terms::{
        AgreementId, Cents, CostId, FileHash, ImportId, Label, OperatorId, PaymentId, RejectCode,
        Slug, Title, Words,
    },
};

use crate::histories::{adviser, commune, day, early, experiment, late, on, permanence, saying};

fn operator() -> impl Strategy<Value = Slug> {
    select(&["la-poste", "pole-emploi"][..]).prop_map(|code| Slug::try_new(code).unwrap())
}

fn agreement() -> impl Strategy<Value = AgreementId> {
    (1..=2_u128).prop_map(|number| AgreementId(Uuid::from_u128(0xF000 + number)))
}

fn cost() -> impl Strategy<Value = CostId> {
    (1..=4_u128).prop_map(|number| CostId(Uuid::from_u128(0xF100 + number)))
}

fn title() -> impl Strategy<Value = Title> {
    select(&["Pôle emploi", "France Travail"][..]).prop_map(|name| Title::try_new(name).unwrap())
}

fn cents() -> impl Strategy<Value = Cents> {
    (0..1_000_u64).prop_map(|cents| Cents::try_new(cents).unwrap())
}

/// Anything that can be said here. Boxed: together they would be too much for a thread's stack.
pub(crate) fn anything() -> impl Strategy<Value = Entry> {
    prop_oneof![
        4 => any_operator().boxed(),
        4 => any_agreement().boxed(),
        4 => any_cost().boxed(),
        8 => any_assignment().boxed(),
        2 => any_comparison().boxed(),
        1 => any_import().boxed(),
    ]
}

/// What of this can be retracted.
pub(crate) fn subject() -> impl Strategy<Value = StreamId> {
    prop_oneof![
        operator().prop_map(|code| StreamId::from(OperatorId::of(&code))),
        agreement().prop_map(StreamId::from),
        cost().prop_map(StreamId::from),
        file().prop_map(|(kind, hash)| StreamId::from(ImportId::of(kind, &hash))),
    ]
}

fn said(
    from: impl Strategy<Value = chrono::NaiveDate>,
    command: impl Strategy<Value = Command>,
) -> impl Strategy<Value = Entry> {
    (saying(from, 0.2), command).prop_map(|(saying, command)| Entry { saying, command })
}

fn any_operator() -> impl Strategy<Value = Entry> {
    (operator(), title(), 0..3_u8).prop_flat_map(|(code, name, what)| {
        let id = OperatorId::of(&code);
        let (from, event) = match what {
            0 => (
                early().boxed(),
                OperatorEvent::Joined(Joining { code, name }),
            ),
            1 => (day().boxed(), OperatorEvent::Renamed(NameChange { name })),
            _ => (
                late().boxed(),
                OperatorEvent::Left(Departure { reason: None }),
            ),
        };
        said(from, Just(Command::Operator(id, event)))
    })
}

fn any_agreement() -> impl Strategy<Value = Entry> {
    let signed = (early(), option::of(1..=3_u128), cents()).prop_map(|(from, of, amount)| {
        let signature = Signature {
            title: Title::try_new("Convention").unwrap(),
            funder: Title::try_new("Banque des Territoires").unwrap(),
            beneficiary: Title::try_new("La Poste").unwrap(),
            amount,
            experiments: of.into_iter().map(experiment).collect(),
        };
        (from, AgreementEvent::Signed(signature))
    });
    let paid = (day(), 1..=5_u128, cents()).prop_map(|(on, number, amount)| {
        let payment = Payment {
            payment: PaymentId(Uuid::from_u128(number)),
            amount,
        };
        (on, AgreementEvent::PaymentMade(payment))
    });
    (agreement(), prop_oneof![1 => signed, 2 => paid])
        .prop_flat_map(|(id, (from, event))| said(Just(from), Just(Command::Agreement(id, event))))
}

fn any_cost() -> impl Strategy<Value = Entry> {
    let category = select(&[CostCategory::Staff, CostCategory::Travel][..]);
    let nature = select(&[CostNature::Estimated, CostNature::Actual][..]);
    let origin = select(&[CostOrigin::Marginal, CostOrigin::Unknown][..]);
    let allocation = option::of((0..4_u32, 0..4_u32)).prop_map(|share| match share {
        None => Allocation::Direct,
        Some((parts, of)) => Allocation::Share {
            parts,
            of,
            key: Label::try_new("heures tenues").unwrap(),
        },
    });
    let terms = (category, nature, origin, cents(), allocation);
    let links = (option::of(agreement()), option::weighted(0.3, cost()));
    let said = (1..=3_u128, cost(), terms, links).prop_map(|(of, cost, terms, links)| {
        let (category, nature, origin, amount, allocation) = terms;
        let (agreement, estimate) = links;
        let key = CostKey {
            experiment: experiment(of),
            cost,
        };
        let terms = CostTerms {
            category,
            nature,
            origin,
            amount,
            allocation,
            words: None,
            agreement,
            estimate,
        };
        Command::Cost(key, CostEvent::Recorded(terms))
    });
    (saying(day(), 0.2), said, 0..90_u64).prop_map(|(mut saying, command, days)| {
        saying.valid.until = saying.valid.from.checked_add_days(chrono::Days::new(days));
        Entry { saying, command }
    })
}

fn any_assignment() -> impl Strategy<Value = Entry> {
    let place = (1..=2_u128, option::weighted(0.2, 1..=2_u128)).prop_map(|(of, at)| Assignment {
        experiment: experiment(of),
        place: at.map_or(Place::Hub, |at| Place::Permanence(permanence(at))),
    });
    let during = |days: std::ops::Range<u64>| crate::histories::days(days);
    let said = prop_oneof![
        3 => (during(300..700), place.clone().prop_map(AdviserCommand::Assign)),
        5 => (during(600..1461), place.prop_map(AdviserCommand::Unassign)),
        2 => (during(300..1461), Just(AdviserCommand::NoteAbsence(Absence {}))),
    ];
    (1..=2_u128, said, 0..30_u64).prop_flat_map(|(number, (from, command), days)| {
        saying(Just(from), 0.2).prop_map(move |mut saying| {
            if matches!(command, AdviserCommand::NoteAbsence(_)) {
                saying.valid.until = from.checked_add_days(chrono::Days::new(days));
            }
            Entry {
                saying,
                command: Command::Adviser(adviser(number), command.clone()),
            }
        })
    })
}

fn any_comparison() -> impl Strategy<Value = Entry> {
    let zone = vec(commune(), 0..3).prop_map(|communes| {
        ExperimentCommand::DesignateComparisonZone(ComparisonZone {
            zone: communes.into_iter().collect(),
            reasons: Words::try_new("Même canton").unwrap(),
        })
    });
    let place = select(&[BaselinePlace::Hub, BaselinePlace::ComparisonZone][..]);
    let baseline = (place, 0..3_u64).prop_map(|(place, weeks)| {
        ExperimentCommand::MeasureBaseline(Baseline {
            place,
            unit: Label::try_new("visites").unwrap(),
            // 6 January 2020 was a Monday.
            counts: (0..weeks)
                .map(|week| WeekCount {
                    monday: on(5 + 7 * week),
                    count: 3,
                })
                .collect(),
        })
    });
    (1..=3_u128, prop_oneof![zone, baseline]).prop_flat_map(|(number, command)| {
        let command = Command::Experiment(experiment(number), command);
        said(day(), Just(command))
    })
}

/// A file of two, as a kind of two.
fn file() -> impl Strategy<Value = (ImportKind, FileHash)> {
    let kind = select(&[ImportKind::Sessions, ImportKind::Feedback][..]);
    (kind, 1..=2_u8).prop_map(|(kind, byte)| (kind, FileHash::of([byte; 32])))
}

/// Mostly under its own identity, mostly rightly counted.
fn any_import() -> impl Strategy<Value = Entry> {
    let counts = (0..8_u32, 0..2_u32, 0..3_u32, option::of(2..4_u32));
    (file(), file(), 0..6_u8, counts).prop_flat_map(|(file, other, stray, counts)| {
        let (named, sha256) = file;
        let (rows, rejected, recorded, row) = counts;
        let id = if stray == 0 {
            ImportId::of(other.0, &other.1)
        } else {
            ImportId::of(named, &sha256)
        };
        let batch = ImportBatch {
            sha256,
            kind: named,
            format: ImportFormat::Ods,
            rows,
            rejected,
            ignored: 0,
            recorded,
            already: 1,
            rejects: row
                .map(|row| ImportReject {
                    row,
                    column: None,
                    code: RejectCode::try_new("EMPTY_CELL").unwrap(),
                })
                .into_iter()
                .collect(),
            rejects_left_out: 0,
        };
        let event = ImportEvent::Recorded(batch);
        said(day(), Just(Command::Import(id, event)))
    })
}
