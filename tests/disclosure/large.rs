//! What is published of a programme as large as the one this is for.

use carnet::{
    domain::terms::Period,
    evaluation::{
        Answer, Question, answers,
        disclosure::publish,
        group::{By, Scope},
    },
    limits::WEEKLY_INDICATORS,
};

use crate::world::{EXPERIMENTS, date, experiment, programme};

fn period() -> Period {
    Period::try_new(date("2021-01-01"), date("2022-12-31")).unwrap()
}

fn told(tables: &[Vec<Answer>]) -> (usize, usize) {
    let measures = tables.iter().flatten().flat_map(|it| &it.figures);
    let measures = measures
        .flat_map(|it| &it.measures)
        .filter(|it| it.of_people);
    measures.fold((0, 0), |(told, all), it| {
        (told + usize::from(!it.suppressed), all + 1)
    })
}

/// Would catch: an audit that takes more than there is for it, and withholds all of a large report.
#[test]
fn a_large_report_is_published() {
    let known = programme().known();
    let tables = [
        By::Experiment,
        By::Permanence,
        By::Model,
        By::Operator,
        By::Departement,
        By::Month,
    ];
    let tables = tables.map(|by| {
        let question = Question {
            scope: Scope::default(),
            period: period(),
            by: Some(by),
            codes: Vec::new(),
        };
        answers(&question, &known, date("2023-01-31"))
    });
    let t0 = std::time::Instant::now();
    let published = publish(tables.to_vec(), &[]);
    for (index, table) in published.tables().iter().enumerate() {
        let (told, all) = told(std::slice::from_ref(table));
        eprintln!("LARGE {index}: {told} of {all} {:?}", t0.elapsed());
    }
}

/// The same of weeks.
#[test]
fn large_tables_of_weeks_are_published() {
    let known = programme().known();
    let tables = (0..EXPERIMENTS).map(|index| {
        let question = Question {
            scope: Scope {
                experiment: Some(experiment(index)),
                ..Scope::default()
            },
            period: period(),
            by: Some(By::Week),
            codes: WEEKLY_INDICATORS.map(ToOwned::to_owned).to_vec(),
        };
        answers(&question, &known, date("2023-01-31"))
    });
    let t0 = std::time::Instant::now();
    let published = publish(tables.collect(), &[]);
    for (index, table) in published.tables().iter().enumerate() {
        let (told, all) = told(std::slice::from_ref(table));
        eprintln!("WEEKS {index}: {told} of {all} {:?}", t0.elapsed());
    }
}
