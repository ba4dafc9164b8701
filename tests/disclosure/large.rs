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

/// How many of the figures of people in a table are told, and how many there are.
fn told(table: &[Answer]) -> (usize, usize) {
    let measures = table.iter().flat_map(|it| &it.figures);
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
    let published = publish(tables.to_vec(), &[]);
    for (table, name) in published
        .tables()
        .iter()
        .zip(["experiment", "permanence", "model"])
    {
        let (told, all) = told(table);
        assert!(10 * told >= 9 * all, "by {name}: {told} of {all}");
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
    let published = publish(tables.collect(), &[]);
    for (index, table) in published.tables().iter().enumerate() {
        let (told, all) = told(table);
        assert!(3 * told >= all, "experiment {index}: {told} of {all}");
    }
}

/// Would catch: publications that grow dearer without end as there are more before them, and one that
/// fails instead of withholding what cannot be audited any more.
#[test]
fn what_cannot_be_audited_is_withheld_whole() {
    let known = programme().known();
    let question = Question {
        scope: Scope::default(),
        period: period(),
        by: Some(By::Experiment),
        codes: Vec::new(),
    };
    let experiments = answers(&question, &known, date("2023-01-31"));
    // As often as it takes for there to be more cells than are audited.
    let first = publish(vec![experiments.clone()], &[]);
    assert!(told(&first.tables()[0]).0 > 0);
    let before = vec![first; 300];
    let published = publish(vec![experiments], &before);
    let every = published.tables()[0].iter().flat_map(|it| &it.figures);
    assert!(every.flat_map(|it| &it.measures).all(|it| it.suppressed));
}
