//! Laws of figures: what the read models tell is what the entries behind it tell, alone and in any
//! order; unknown is never no; and what adds up does.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::NaiveDate;
use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestCaseError};

use carnet::{
    domain::{
        entry::Entry,
        event::Recorded,
        session::{RequestOutcome, tally::Tally},
        terms::{ExperimentId, Period, Position},
    },
    evaluation::{
        Answer, Question, answers as answers_of,
        facts::Known,
        group::{By, Scope},
        measure::Measure,
    },
    log::stored,
    read::{At, ReadModels},
    report::{
        content::{Frozen, Positions},
        verify::{Verdict as Same, verify},
    },
};

use super::{
    histories::{days, experiments, histories},
    notebook::{Notebook, Verdict, for_all},
};

/// Days soon after those of most sessions, or any.
fn asked_on() -> impl Strategy<Value = NaiveDate> {
    prop_oneof![4 => days(601..700), 1 => days(200..1461)]
}

/// By one of [`GROUPS`]; often by permanence, where what is followed goes beyond the group.
fn grouped() -> impl Strategy<Value = usize> {
    prop_oneof![1 => Just(2), 2 => 0..GROUPS.len()]
}

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
        .map(|position| At { position, on })
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
        (histories(150), vec(any::<Index>(), 1), asked_on(), 0..500_u64, grouped()),
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
        (histories(150), asked_on(), 2..600_u64, any::<Index>()),
        async |(entries, on, length, cut): (Vec<Entry>, NaiveDate, u64, Index)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let database = notebook.projected(notebook.log.clone(), 13).await;
            let at = At {
                position: notebook.head(),
                on,
            };
            let from = on - chrono::Days::new(length - 1);
            // Within the days that are looked at after a period, too.
            let before = 1 + cut.index(usize::try_from(length - 1).unwrap().min(60)) as u64;
            let cut = on - chrono::Days::new(before);
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
                let parts = a.plus(b);
                // Where no cost is known, nothing is divided: what it would be divided by is not told.
                if code.starts_with("cost-") && !(a.divided && b.divided) {
                    prop_assert_eq!(sum.numerator, parts.numerator, "{}", code);
                } else {
                    prop_assert_eq!(sum, &parts, "{}", code);
                }
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
    /// Whether it has a denominator at all.
    divided: bool,
}

impl Counts {
    fn plus(&self, other: &Self) -> Self {
        Self {
            numerator: self.numerator + other.numerator,
            denominator: self.denominator + other.denominator,
            missing: self.missing + other.missing,
            divided: self.divided || other.divided,
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
                    divided: denominator.is_some(),
                },
            );
        }
    }
    counts
}

/// Would catch: an unknown that counts as a no, or as a yes: what is not known, taken out, must change
/// no count of what is.
#[test]
fn unknowns_count_neither_as_yes_nor_as_no() {
    let taken_out = Cell::new(0_u64);
    for_all(
        (histories(150), asked_on(), 100..600_u64),
        async |(entries, on, back): (Vec<Entry>, NaiveDate, u64)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let database = notebook.projected(notebook.log.clone(), 13).await;
            let at = At {
                position: notebook.head(),
                on,
            };
            let question = Question {
                scope: Scope::default(),
                period: Period::try_new(on - chrono::Days::new(back), on).unwrap(),
                by: Some(By::Experiment),
                codes: Vec::new(),
            };
            let known = database.reads.known(at, &question.scope, question.period);
            let known = known.await.unwrap();
            let told = answers_of(&question, &known, on);
            for (unknowns, touched) in UNKNOWNS {
                let mut without = known.clone();
                let mut out = 0;
                for known in &mut without {
                    out += unknowns(known);
                }
                taken_out.set(taken_out.get() + u64::from(out));
                for (a, b) in told.iter().zip(&answers_of(&question, &without, on)) {
                    for (a, b) in a.figures.iter().zip(&b.figures) {
                        let code = a.definition.code;
                        if code != "data-quality" && touched.is_none_or(|only| only == code) {
                            prop_assert_eq!(sure(&a.measures), sure(&b.measures), "{}", code);
                        }
                    }
                }
            }
            Ok(())
        },
    );
    assert!(taken_out.get() > 0, "nothing unknown was ever there");
}

/// Takes what is not known out of an experiment, and says how much of it there was; with the one
/// indicator that it may not change, where it is rightly something to others.
type Unknowns = (fn(&mut Known) -> u32, Option<&'static str>);

const UNKNOWNS: [Unknowns; 3] = [
    (without_unknown_answers, None),
    // To others it is a request, or an hour on offer, like any other.
    (without_unknown_outcomes, Some("resolution")),
    (without_unknown_fates, Some("held-rate")),
];

fn without_unknown_answers(known: &mut Known) -> u32 {
    let mut out = 0;
    for session in &mut known.sessions {
        let tally = &mut session.tally;
        out += tally.first_visits.unknown + tally.feedback.additional.unknown;
        out += tally.appointments.unknown + u32::from(!tally.appointments.open.is_empty());
        tally.first_visits.unknown = 0;
        tally.feedback.additional.unknown = 0;
        tally.appointments.unknown = 0;
        tally.appointments.open.clear();
    }
    out
}

fn without_unknown_outcomes(known: &mut Known) -> u32 {
    let mut out = 0;
    for session in &mut known.sessions {
        let requests = &mut session.tally.requests;
        let all = requests.len();
        requests.retain(|asked| asked.outcome != RequestOutcome::Unknown);
        out += u32::try_from(all - requests.len()).unwrap();
    }
    out
}

fn without_unknown_fates(known: &mut Known) -> u32 {
    let told: BTreeSet<_> = known
        .sessions
        .iter()
        .filter(|it| it.tally.held.is_some() || it.tally.cancelled)
        .map(|it| (it.day, it.permanence))
        .collect();
    let planned = Arc::make_mut(&mut known.planned);
    let all = planned.len();
    planned.retain(|it| told.contains(&(it.day, it.permanence)));
    u32::try_from(all - planned.len()).unwrap()
}

/// What is counted of what is known; bounds are of what is not.
fn sure(measures: &[Measure]) -> Vec<(Option<Decimal>, Option<Decimal>, Option<Decimal>)> {
    let is_sure = |it: &&Measure| it.part.as_ref().is_none_or(|part| part.code != "bounds");
    let measures = measures.iter().filter(is_sure);
    let sure = measures.map(|it| (it.value, it.numerator, it.denominator));
    sure.collect()
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
