//! What is withheld from the public shows no number, wherever it would be told.

use carnet::domain::report::Audience;
use std::collections::BTreeSet;

use carnet::{
    evaluation::{Answer, measure::Measure},
    report::{
        compose::compose,
        document::{Cell, Document, Mark},
        material::Material,
    },
};

use crate::{
    all, of,
    stage::{four, material, material_of, sessions},
};

fn withhold(measure: &mut Measure) {
    *measure = measure.withheld();
}

/// Those that count neither people nor what they did.
const HARMLESS: [&str; 3] = ["held-rate", "coverage", "access-hours"];

fn withhold_all(answer: &mut Answer) {
    let figures = answer.figures.iter_mut();
    let figures = figures.filter(|it| !HARMLESS.contains(&it.definition.code));
    figures.flat_map(|it| &mut it.measures).for_each(withhold);
}

/// The report for the public where every figure of people is withheld.
fn public(mut material: Material) -> Material {
    material.audience = Audience::Public;
    withhold_all(&mut material.whole);
    material.by_model.iter_mut().for_each(withhold_all);
    for chapter in &mut material.experiments {
        withhold_all(&mut chapter.figures);
        chapter.weeks.iter_mut().for_each(withhold_all);
        let rulings = chapter.decisions.iter_mut();
        let bases = rulings.flat_map(|it| it.then.iter_mut().chain(&mut it.now));
        let mut assessed: Vec<_> = chapter.criteria.iter_mut().collect();
        for basis in bases {
            assessed.extend(&mut basis.criteria);
            let cited = basis.cited.iter_mut().flatten();
            let cited = cited.chain(&mut basis.response_rate);
            cited.for_each(|(_, measure)| withhold(measure));
        }
        let measures = assessed.into_iter().filter_map(|it| it.measure.as_mut());
        measures.for_each(withhold);
    }
    material
}

/// The numbers that a reader sees in some words.
fn numbers(text: &str) -> BTreeSet<String> {
    let parts = text.split(|letter: char| !letter.is_ascii_digit() && letter != ',');
    let parts = parts.map(|part| part.trim_matches(','));
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Catches: a figure of people that is withheld in one place and told in another. There are 70
/// accompaniments, and as many entries; 81,8 % of the 47,1 % who answered are satisfied.
#[test]
fn no_number_of_people_is_left() {
    let open = numbers(&all(&compose(&material())));
    let document = compose(&public(material()));
    assert_eq!(document.check(), Ok(()));
    let shown = numbers(&all(&document));
    for secret in ["70", "81,8", "47,1"] {
        assert!(open.contains(secret), "{secret} is in the open report");
        assert!(!shown.contains(secret), "{secret} is left");
    }
    let summary = of(&document, "synthese");
    assert!(summary.contains("Accompagnements : non communiqué (secret statistique)."));
    assert!(summary.contains("Satisfaction : non communiqué (secret statistique)."));
    assert!(summary.contains("Demandes : non communiqué (secret statistique)."));
}

/// Catches: a withheld week drawn in the chart, or a withheld criterion whose conclusion tells on which
/// side of the threshold it lies.
#[test]
fn weeks_and_criteria_are_withheld_whole() {
    let document = compose(&public(material()));
    let chart = |code: &str| document.charts().find(|it| it.code == code).unwrap();
    let weeks = chart("semaines-1-graphique");
    assert!(
        weeks
            .points
            .iter()
            .all(|it| it.mark == Mark::Suppressed || matches!(it.mark, Mark::Missing(_)))
    );
    assert!(weeks.points.iter().any(|it| it.mark == Mark::Suppressed));
    let cells = column(&document, "criteres-1", "Conclusion");
    assert_eq!(cells[0], Cell::Suppressed);
    let cells = column(&document, "decision-1-1-chiffres", "Valeur citée");
    assert_eq!(cells[0], Cell::Suppressed);
}

fn column(document: &Document, table: &str, title: &str) -> Vec<Cell> {
    let table = document.tables().find(|it| it.code == table).unwrap();
    let at = table
        .columns
        .iter()
        .position(|it| it.title == title)
        .unwrap();
    table.rows.iter().map(|row| row[at].clone()).collect()
}

/// Catches: a small count of a source told to the public.
#[test]
fn small_counts_of_sources_are_withheld_from_the_public() {
    let told = |material: &Material| {
        let document = compose(material);
        let said = of(&document, "semaine-par-semaine").contains("4 rendez-vous tenus");
        (column(&document, "decomptes-2", "Nombre")[1].clone(), said)
    };
    let mut material = material_of(sessions(), vec![four()]);
    let shown = Cell::Number {
        value: 4.into(),
        digits: 0,
    };
    assert_eq!(told(&material), (shown, true));
    material.audience = Audience::Public;
    assert_eq!(told(&material), (Cell::Suppressed, false));
}
