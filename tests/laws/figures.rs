//! Laws of figures: what the read models tell is what the entries behind it tell, alone and in any
//! order; unknown is never no; and what adds up does.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestCaseError};

use carnet::{
    domain::{
        entry::Entry,
        event::Recorded,
        session::tally::Tally,
        terms::{ExperimentId, Period, Position},
    },
    evaluation::{
        Answer, Question,
        group::{By, Scope},
        measure::Measure,
    },
    log::stored,
    read::{At, ReadModels, Sight},
    report::{
        content::{Frozen, Positions},
        verify::{Verdict as Same, verify},
    },
};

use super::{
    histories::{days, experiments, histories},
    notebook::{Notebook, Verdict, for_all},
};

const GROUPS: [Option<By>; 8] = [
    None,
    Some(By::Experiment),
    Some(By::Permanence),
    Some(By::Model),
    Some(By::Departement),
    Some(By::Operator),
    Some(By::Week),
    Some(By::Month),
];

fn scopes() -> Vec<Scope> {
    let one = |id: ExperimentId| Scope {
        experiment: Some(id),
        ..Scope::default()
    };
    let mut scopes = vec![Scope::default()];
    scopes.extend(experiments().map(one));
    scopes
}

fn moments(head: Position, moments: &[Index], on: NaiveDate) -> Vec<At> {
    let count = usize::try_from(head.0).unwrap() + 1;
    let of = |moment: &Index| Position(moment.index(count) as u64);
    let mut positions: Vec<Position> = moments.iter().map(of).collect();
    positions.push(head);
    positions
        .into_iter()
        .map(|position| At {
            position,
            on,
            sight: Sight::ALL,
        })
        .collect()
}

async fn answers(reads: &ReadModels, at: At, question: &Question) -> Vec<Answer> {
    reads.figures(at, question.clone()).await.unwrap()
}

/// Everything that was recorded, by position.
async fn log(notebook: &Notebook) -> BTreeMap<Position, Recorded> {
    let records = notebook.log.read(Position::START, 10_000).await.unwrap();
    let events = records.iter().map(|record| stored::decode(record).unwrap());
    events.map(|event| (event.position, event)).collect()
}

/// Would catch: an indicator that counts what is not among the entries behind it, entries that are
/// missing there, a tally that differs from what it was folded from, rows of another moment.
#[test]
fn figures_come_out_of_the_entries_behind_them_alone() {
    for_all(
        (histories(150), vec(any::<Index>(), 1), days(200..1461), 0..500_u64, 0..8_usize),
        async |(entries, at, on, back, by): (Vec<Entry>, Vec<Index>, NaiveDate, u64, usize)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let database = notebook.projected(notebook.log.clone(), 13).await;
            let log = log(&notebook).await;
            let from = on - chrono::Days::new(back);
            for at in moments(notebook.head(), &at, on) {
                for scope in scopes() {
                    let question = Question {
                        scope,
                        period: Period::try_new(from, on).unwrap(),
                        by: GROUPS[by],
                        codes: Vec::new(),
                    };
                    let answers = answers(&database.reads, at, &question).await;
                    // Of many weeks some, so that a history takes no longer than any other.
                    let step = 1 + answers.len() / 8;
                    for answer in answers.into_iter().step_by(step) {
                        check(&database.reads, at, &answer, &log).await?;
                    }
                }
            }
            Ok(())
        },
    );
}

async fn check(
    reads: &ReadModels,
    at: At,
    answer: &Answer,
    log: &BTreeMap<Position, Recorded>,
) -> Result<(), TestCaseError> {
    for (definition, mut frozen) in Frozen::of(answer) {
        let found = reads.evidence(
            at,
            &frozen.of,
            definition.evidence,
            Position::START,
            100_000,
        );
        let found = found.await.unwrap();
        let behind: Vec<Recorded> = found.iter().map(|position| log[position].clone()).collect();
        frozen.evidence = Some(Positions::from_iter(found));
        let (same, computed) = verify(&frozen, &behind);
        prop_assert_eq!(
            same,
            Same::Same,
            "{} at {:?}: {:?}, not {:?}, from {:?}",
            definition.code,
            at,
            computed,
            frozen.measures,
            frozen.evidence
        );
        // In whatever order they are found.
        let turned: Vec<Recorded> = behind.into_iter().rev().collect();
        let (same, _) = verify(&frozen, &turned);
        prop_assert_eq!(same, Same::Same, "{} turned round", definition.code);
    }
    Ok(())
}

/// Would catch: a count that takes in a day twice, or not at all, where a period is cut in two.
#[test]
fn numerators_and_denominators_add_up_over_time() {
    for_all(
        (histories(150), days(200..1461), 2..600_u64, any::<Index>()),
        async |(entries, on, length, cut): (Vec<Entry>, NaiveDate, u64, Index)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let database = notebook.projected(notebook.log.clone(), 13).await;
            let at = At {
                position: notebook.head(),
                on,
                sight: Sight::ALL,
            };
            let from = on - chrono::Days::new(length - 1);
            let cut =
                from + chrono::Days::new(cut.index(usize::try_from(length - 1).unwrap()) as u64);
            let of = |from, until| Question {
                scope: Scope::default(),
                period: Period::try_new(from, until).unwrap(),
                by: None,
                codes: Vec::new(),
            };
            let whole = counts(&answers(&database.reads, at, &of(from, on)).await);
            let first = counts(&answers(&database.reads, at, &of(from, cut)).await);
            let next = cut.succ_opt().unwrap();
            let second = counts(&answers(&database.reads, at, &of(next, on)).await);
            for (code, sum) in &whole {
                let zero = Counts::default();
                let (a, b) = (
                    first.get(code).unwrap_or(&zero),
                    second.get(code).unwrap_or(&zero),
                );
                prop_assert_eq!(sum, &a.plus(b), "{}", code);
            }
            Ok(())
        },
    );
}

type Decimal = rust_decimal::Decimal;

#[derive(Debug, Default, Clone, PartialEq)]
struct Counts {
    numerator: Decimal,
    denominator: Decimal,
    missing: u64,
}

impl Counts {
    fn plus(&self, other: &Self) -> Self {
        Self {
            numerator: self.numerator + other.numerator,
            denominator: self.denominator + other.denominator,
            missing: self.missing + other.missing,
        }
    }
}

/// What is counted, by figure; not what is of a whole period, or of whole weeks of it.
fn counts(answers: &[Answer]) -> BTreeMap<String, Counts> {
    const WHOLE: [&str; 4] = ["ramp-up", "displacement", "label-floor", "coverage"];
    let mut counts = BTreeMap::new();
    for figures in &answers[0].figures {
        if WHOLE.contains(&figures.definition.code) {
            continue;
        }
        for measure in &figures.measures {
            let Measure {
                numerator,
                denominator,
                missing,
                ..
            } = measure;
            counts.insert(
                measure.code(figures.definition),
                Counts {
                    numerator: numerator.unwrap_or_default(),
                    denominator: denominator.unwrap_or_default(),
                    missing: *missing,
                },
            );
        }
    }
    counts
}

/// Would catch: a tally that depends on the order in which entries came.
#[test]
fn a_tally_does_not_depend_on_the_order_of_entries() {
    for_all(
        (histories(150), vec(any::<Index>(), 40)),
        async |(entries, swaps): (Vec<Entry>, Vec<Index>)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let mut sessions: BTreeMap<String, Vec<Recorded>> = BTreeMap::new();
            for event in log(&notebook).await.into_values() {
                let stream = event.fact.event.stream().to_string();
                if stream.starts_with("session-") {
                    sessions.entry(stream).or_default().push(event);
                }
            }
            for journal in sessions.values() {
                let standing = carnet::domain::correction::standing(journal);
                let told = Tally::of(journal);
                let mut turned = standing.clone();
                for pair in swaps.chunks(2) {
                    if !turned.is_empty() {
                        let (a, b) = (pair[0].index(turned.len()), pair[1].index(turned.len()));
                        turned.swap(a, b);
                    }
                }
                let mut tally = Tally::default();
                for entry in &turned {
                    tally.add(entry);
                }
                prop_assert_eq!(tally, told);
            }
            Ok(())
        },
    );
}
