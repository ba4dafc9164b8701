//! Made-up reports, as long as one asks.

use carnet::report::document::{
    Block, Cell, Chart, ChartKind, Column, ColumnKind, Document, Fact, Mark, Point, Section, Table,
    Term, Threshold, Unit,
};
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

/// The notice of what is made up.
pub(crate) const NOTICE: &str =
    "Données synthétiques\u{a0}: aucune personne ni aucune séance de ce rapport n’existe.";

/// What the chapters of a report are called.
const CHAPTERS: [&str; 10] = [
    "Synthèse",
    "Les expérimentations",
    "Semaine après semaine",
    "Indicateurs",
    "Comparaison",
    "Critères et décisions",
    "Coûts",
    "Qualité des données",
    "Méthode",
    "Limites",
];

const PLACES: [&str; 8] = [
    "Saint-Savin",
    "Civray",
    "L’Isle-Jourdain",
    "Montmorillon",
    "La Trimouille",
    "Saint-Georges-lès-Baillargeaux",
    "Chauvigny",
    "Lussac-les-Châteaux",
];

/// A report of ten chapters, `scale` tables and charts to each.
pub(crate) fn report(scale: usize) -> Document {
    let sections = CHAPTERS.iter().enumerate();
    Document {
        code: "evaluation-vienne-2021".to_owned(),
        title: "Évaluation de l’expérimentation «\u{a0}France Services en mobilité\u{a0}» de la \
                Vienne"
            .to_owned(),
        subtitle: "Bus itinérant, du 27 avril au 31 décembre 2021".to_owned(),
        dated: day(2022, 1, 17),
        facts: facts(),
        synthetic: Some(NOTICE.to_owned()),
        sections: sections
            .map(|(index, title)| chapter(index, title, scale))
            .collect(),
    }
}

fn facts() -> Vec<Fact> {
    let fact = |label: &str, text: &str| Fact {
        label: label.to_owned(),
        text: text.to_owned(),
    };
    vec![
        fact("Position dans le journal", "12\u{202f}345"),
        fact("Période observée", "du 27 avril 2021 au 31 décembre 2021"),
        fact("Définitions des indicateurs", "version 3"),
        fact("Porteur", "Département de la Vienne"),
    ]
}

fn chapter(index: usize, title: &str, scale: usize) -> Section {
    let mut blocks = vec![
        Block::Paragraph(
            "L’expérimentation a été conduite dans la Vienne par un bus itinérant, qui dessert les \
             communes éloignées d’un espace France Services. Deux conseillers y accompagnent les \
             usagers dans leurs démarches auprès des neuf opérateurs\u{a0}; les constats qui \
             suivent sont établis à partir du seul journal.\nLes séances tenues ont été saisies le \
             jour même pour neuf sur dix d’entre elles."
                .to_owned(),
        ),
        Block::List(vec![
            "Sur 79 accompagnements, 65 ont abouti sur place.".to_owned(),
            "Le taux de tenue des séances est de 90,0\u{a0}% (intervalle de confiance à \
             95\u{a0}%\u{a0}: 69,9 à 97,2)."
                .to_owned(),
            "La fréquentation n’a pas atteint de palier.".to_owned(),
        ]),
    ];
    for round in 0..scale {
        let seed = index * 31 + round;
        blocks.push(Block::Heading(format!(
            "Permanences, constat {}",
            round + 1
        )));
        blocks.push(Block::Terms(terms()));
        blocks.push(Block::Table(by_place(seed)));
        blocks.push(Block::Chart(dots(seed)));
        blocks.push(Block::Chart(weeks(seed)));
        if round == 0 && index == 2 {
            blocks.push(Block::Table(by_week(seed)));
        }
        if round == 0 && index == 3 {
            blocks.push(Block::Table(wide(seed, 12)));
        }
    }
    Section {
        code: format!("chapitre-{}", index + 1),
        title: title.to_owned(),
        blocks,
    }
}

fn terms() -> Vec<Term> {
    let term = |term: &str, meaning: &str| Term {
        term: term.to_owned(),
        meaning: meaning.to_owned(),
    };
    vec![
        term(
            "Taux de tenue",
            "séances tenues, rapportées aux séances prévues par le calendrier, jours fériés et \
             suspensions déduits.",
        ),
        term(
            "Intervalle",
            "intervalle de confiance à 95\u{a0}%, par la méthode de Wilson (Brown, Cai et \
             DasGupta, 2001).",
        ),
    ]
}

fn by_place(seed: usize) -> Table {
    let rows = PLACES.iter().enumerate().map(|(index, place)| {
        let n = seed * 7 + index * 13;
        let rate = decimal(n % 40 + 55, 2);
        vec![
            Cell::Text((*place).to_owned()),
            Cell::Number {
                value: decimal(n * 37 % 1500, 0),
                digits: 0,
            },
            if n.is_multiple_of(5) {
                Cell::Suppressed
            } else {
                Cell::Share {
                    value: rate,
                    digits: 1,
                }
            },
            if n.is_multiple_of(5) {
                Cell::Suppressed
            } else {
                Cell::ShareInterval {
                    lower: rate - decimal(9, 2),
                    upper: rate + decimal(4, 2),
                    digits: 1,
                }
            },
            if n.is_multiple_of(7) {
                Cell::Missing("non mesuré".to_owned())
            } else {
                Cell::Date(day(2021, 5, 6) + Days::new(n as u64))
            },
        ]
    });
    Table {
        code: format!("lieux-{seed}"),
        title: "Tenue des séances par permanence".to_owned(),
        columns: vec![
            column("Permanence", ColumnKind::Text),
            column("Séances prévues", ColumnKind::Number),
            column("Taux de tenue", ColumnKind::Number),
            column("Intervalle de confiance à 95\u{a0}%", ColumnKind::Interval),
            column("Dernière séance", ColumnKind::Date),
        ],
        rows: rows.collect(),
        notes: vec!["Source\u{a0}: journal de l’expérimentation.".to_owned()],
    }
}

/// Two years of weeks: longer than a page.
fn by_week(seed: usize) -> Table {
    let rows = (0..104_usize).map(|week| {
        vec![
            Cell::Date(day(2021, 4, 26) + Days::new(7 * week as u64)),
            Cell::Number {
                value: decimal((week + seed) * 7 % 23, 0),
                digits: 0,
            },
            Cell::Number {
                value: decimal((week + seed) * 13 % 97, 1),
                digits: 1,
            },
            Cell::Text(
                if week.is_multiple_of(9) {
                    "Semaine de jour férié"
                } else {
                    ""
                }
                .to_owned(),
            ),
        ]
    });
    Table {
        code: format!("semaines-{seed}"),
        title: "Activité semaine par semaine".to_owned(),
        columns: vec![
            column("Semaine du", ColumnKind::Date),
            column("Séances tenues", ColumnKind::Number),
            column("Accompagnements par séance", ColumnKind::Number),
            column("Remarque", ColumnKind::Text),
        ],
        rows: rows.collect(),
        notes: Vec::new(),
    }
}

/// A table of so many columns of figures.
pub(crate) fn wide(seed: usize, columns: usize) -> Table {
    let heads =
        (1..=columns).map(|index| column(&format!("Trimestre {index}"), ColumnKind::Number));
    let rows = PLACES.iter().enumerate().map(|(row, place)| {
        let numbers = (0..columns).map(|index| Cell::Number {
            value: decimal((seed + row * 17 + index * 29) % 90_000, 1),
            digits: 1,
        });
        std::iter::once(Cell::Text((*place).to_owned()))
            .chain(numbers)
            .collect()
    });
    Table {
        code: format!("large-{seed}-{columns}"),
        title: "Accompagnements par trimestre".to_owned(),
        columns: std::iter::once(column("Permanence", ColumnKind::Text))
            .chain(heads)
            .collect(),
        rows: rows.collect(),
        notes: vec!["Les trimestres sont ceux de l’année civile.".to_owned()],
    }
}

fn dots(seed: usize) -> Chart {
    let points = PLACES.iter().enumerate().map(|(index, place)| {
        let value = decimal((seed * 11 + index * 17) % 40 + 55, 2);
        Point {
            label: (*place).to_owned(),
            mark: if index == 3 {
                Mark::Suppressed
            } else {
                Mark::Estimate {
                    value,
                    lower: value - decimal(12, 2),
                    upper: value + decimal(5, 2),
                }
            },
            note: None,
        }
    });
    Chart {
        code: format!("points-{seed}"),
        title: "Taux de tenue des séances, par permanence".to_owned(),
        alt: format!(
            "Constat {seed}\u{a0}: le taux de tenue va de 55 à 94\u{a0}% selon la permanence."
        ),
        kind: ChartKind::Dots,
        unit: Unit::Share,
        digits: 1,
        points: points.collect(),
        thresholds: vec![Threshold {
            label: "objectif".to_owned(),
            value: decimal(80, 2),
        }],
        note: Some("Intervalles de confiance à 95\u{a0}%, méthode de Wilson.".to_owned()),
    }
}

fn weeks(seed: usize) -> Chart {
    let points = (0..52_usize).map(|week| Point {
        label: format!("S{}", week + 1),
        mark: Mark::Value(decimal((week * 7 + seed) % 31, 0)),
        note: None,
    });
    Chart {
        code: format!("serie-{seed}"),
        title: "Accompagnements par semaine".to_owned(),
        alt: format!("Constat {seed}\u{a0}: de 0 à 30 accompagnements par semaine, sans tendance."),
        kind: ChartKind::Weeks,
        unit: Unit::Of("accompagnements".to_owned()),
        digits: 0,
        points: points.collect(),
        thresholds: Vec::new(),
        note: None,
    }
}

pub(crate) fn column(title: &str, kind: ColumnKind) -> Column {
    Column {
        title: title.to_owned(),
        kind,
    }
}

pub(crate) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn decimal(units: usize, scale: u32) -> Decimal {
    Decimal::new(i64::try_from(units).unwrap_or_default(), scale)
}
