//! A document with everything in it.

use carnet::report::document::{
    Block, Cell, Chart, ChartKind, Column, ColumnKind, Document, Fact, Mark, Point, Section, Table,
    Term, Threshold, Unit,
};
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

/// What would be markup, a formula or a script to some format, or is hard to write in one.
pub(super) const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "]]> & \"guillemets\" 'apostrophes' &amp;",
    "=cmd|' /C calc'!A0",
    "+33 1 23 45 67 89",
    "-2+3",
    "@SUM(A1:A9)",
    "  =HYPERLINK(\"http://exemple.fr\")",
    "deux  espaces, une tabulation\tet un point-virgule ; enfin",
    "une ligne\nune autre",
    "« Équipe » œuvre à Saint-Étienne-de-Saint-Geoirs 👩‍👩‍👧 🚐",
    "anticonstitutionnellementanticonstitutionnellementanticonstitutionnellement",
    "_x0041_ &#65; \\n %41 {0} ${x}",
    " au bord ",
];

pub(super) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn text(words: &str) -> Cell {
    Cell::Text(words.to_owned())
}

fn share(value: &str) -> Cell {
    Cell::Share {
        value: decimal(value),
        digits: 1,
    }
}

fn shares(lower: &str, upper: &str) -> Cell {
    Cell::ShareInterval {
        lower: decimal(lower),
        upper: decimal(upper),
        digits: 1,
    }
}

fn column(title: &str, kind: ColumnKind) -> Column {
    Column {
        title: title.to_owned(),
        kind,
    }
}

fn point(label: &str, mark: Mark) -> Point {
    Point {
        label: label.to_owned(),
        mark,
        note: None,
    }
}

pub(super) fn estimate(value: &str, lower: &str, upper: &str) -> Mark {
    Mark::Estimate {
        value: decimal(value),
        lower: decimal(lower),
        upper: decimal(upper),
    }
}

/// The document.
pub(super) fn sample() -> Document {
    let fact = |label: &str, text: &str| Fact {
        label: label.to_owned(),
        text: text.to_owned(),
    };
    let section = |code: &str, title: &str, blocks| Section {
        code: code.to_owned(),
        title: title.to_owned(),
        blocks,
    };
    Document {
        code: "rapport-2021-08".to_owned(),
        title: "Rapport d'évaluation des permanences « France Services en mobilité »".to_owned(),
        subtitle: "Trois expérimentations, du 27 avril au 30 août 2021".to_owned(),
        dated: day("2021-08-31"),
        facts: vec![
            fact("Position dans le journal", "18 342"),
            fact("Période", "du 27 avril 2021 au 30 août 2021"),
            fact("Empreinte des données", "4f1d…c09a"),
            fact("=fait()", "<b>gras</b>"),
        ],
        synthetic: Some(
            "Données synthétiques : rien de ce qui est dit ici n'a eu lieu. <b>&</b>".to_owned(),
        ),
        sections: vec![
            section("resume", "Résumé", summary()),
            section("indicateurs", "Indicateurs", indicators()),
            section("semaines", "Semaine après semaine", weeks()),
            section("textes", "Textes <difficiles>", hard()),
        ],
    }
}

fn summary() -> Vec<Block> {
    let paragraph = "Les permanences ont été tenues neuf fois sur dix.";
    vec![
        Block::Paragraph(paragraph.to_owned()),
        Block::Heading("Ce qu'il faut retenir".to_owned()),
        Block::List(vec![
            "Une fréquentation qui croît.".to_owned(),
            "Un coût qui reste à préciser.".to_owned(),
        ]),
        Block::Terms(vec![
            Term {
                term: "Taux de tenue".to_owned(),
                meaning: "Séances tenues sur séances prévues (version 1).".to_owned(),
            },
            Term {
                term: "=Accompagnement".to_owned(),
                meaning: "Une personne reçue,\nune ou plusieurs demandes.".to_owned(),
            },
        ]),
    ]
}

fn indicators() -> Vec<Block> {
    let row = |label: &str, value, interval, since: &str| {
        vec![text(label), value, interval, Cell::Date(day(since))]
    };
    let missing = |why: &str| Cell::Missing(why.to_owned());
    let table = Table {
        code: "indicateurs".to_owned(),
        title: "Indicateurs : valeurs, intervalles [95 %] et dates de début".to_owned(),
        columns: vec![
            column("Indicateur", ColumnKind::Text),
            column("Valeur", ColumnKind::Number),
            column("Intervalle", ColumnKind::Interval),
            column("Depuis", ColumnKind::Date),
        ],
        rows: vec![
            row(
                "Taux de tenue",
                share("0.9"),
                shares("0.699", "0.972"),
                "2021-04-27",
            ),
            row(
                "Accompagnements par semaine",
                Cell::Number {
                    value: decimal("19.0689655172413793"),
                    digits: 2,
                },
                Cell::Interval {
                    lower: decimal("15.10"),
                    upper: decimal("23.77"),
                    digits: 2,
                },
                "2021-05-01",
            ),
            row(
                "Écart à la zone de comparaison",
                Cell::Number {
                    value: decimal("-1234567.5"),
                    digits: 0,
                },
                missing("sans objet"),
                "2021-05-03",
            ),
            row(
                "Non-venus",
                Cell::Suppressed,
                Cell::Suppressed,
                "2021-05-04",
            ),
            row(
                "Retour sous 30 jours",
                missing("non mesuré"),
                missing("non mesuré"),
                "2021-06-01",
            ),
        ],
        notes: vec![
            "s : secret statistique, moins de cinq personnes.".to_owned(),
            "=note() « avec » <balise>".to_owned(),
        ],
    };
    vec![
        Block::Table(table),
        Block::Chart(comparison()),
        Block::Chart(Chart {
            code: "vide".to_owned(),
            title: "Un graphique sans point".to_owned(),
            alt: "Aucune valeur n'est disponible.".to_owned(),
            kind: ChartKind::Weeks,
            unit: Unit::Share,
            digits: 1,
            points: Vec::new(),
            thresholds: Vec::new(),
            note: None,
        }),
    ]
}

/// Several experiments beside each other.
pub(super) fn comparison() -> Chart {
    let bounds = Mark::Bounds {
        lower: decimal("0.342"),
        upper: decimal("0.962"),
    };
    let mut closed = point("Itinérance en Bresse", estimate("0.75", "0.531", "0.888"));
    closed.note = Some("la commune a fermé sa salle en août".to_owned());
    Chart {
        code: "satisfaction".to_owned(),
        title: "Satisfaction des personnes reçues, par expérimentation".to_owned(),
        alt: "La satisfaction va de 75 % à 90 % ; les intervalles se recouvrent.".to_owned(),
        kind: ChartKind::Dots,
        unit: Unit::Share,
        digits: 1,
        points: vec![
            point("Permanences de Lorraine", estimate("0.9", "0.699", "0.972")),
            closed,
            point(
                "Un camion qui passe chaque semaine dans onze communes de la montagne \
                 ardéchoise, du lundi au vendredi, et le samedi matin une fois sur deux",
                estimate("0.8214", "0.6439", "0.9212"),
            ),
            point("Bornes, toutes personnes interrogées", bounds),
            point("Un quartier", Mark::Value(decimal("0.5"))),
            point("Trop peu de réponses", Mark::Suppressed),
            point(
                "Pas encore ouverte",
                Mark::Missing("non mesuré : ouverture en septembre".to_owned()),
            ),
            point(
                "<script>alert(1)</script> & =cmd",
                estimate("0", "0", "0.1"),
            ),
        ],
        thresholds: vec![
            Threshold {
                label: "Réseau national, 2023".to_owned(),
                value: decimal("0.82"),
            },
            Threshold {
                label: "Critère fixé à l'avance dans la décision de lancement".to_owned(),
                value: decimal("0.8"),
            },
        ],
        note: Some("Intervalles de Wilson à 95 %.".to_owned()),
    }
}

fn weeks() -> Vec<Block> {
    let attendance = week_series("frequentation", 52, |week| match week {
        15..=17 => Mark::Missing("fermeture d'été".to_owned()),
        30 | 31 => Mark::Suppressed,
        _ => Mark::Value(Decimal::from(week * 7 % 23)),
    });
    let mut long = week_series("tenue", 104, |week| {
        let value = Decimal::new(50 + i64::from(week * 13 % 45), 2);
        Mark::Estimate {
            value,
            lower: value - decimal("0.2"),
            upper: value.min(decimal("0.9")) + decimal("0.1"),
        }
    });
    long.unit = Unit::Share;
    long.digits = 0;
    let short = week_series("demarrage", 9, |week| match week {
        7 => Mark::Bounds {
            lower: decimal("4"),
            upper: decimal("9"),
        },
        8 => estimate("11", "6", "18"),
        _ => Mark::Value(Decimal::from(week * week)),
    });
    vec![
        Block::Chart(attendance),
        Block::Chart(long),
        Block::Chart(short),
    ]
}

/// A series of so many weeks.
pub(super) fn week_series(code: &str, weeks: u32, mark: impl Fn(u32) -> Mark) -> Chart {
    let first = day("2021-04-26");
    let points = (0..weeks).map(|week| Point {
        label: (first + Days::new(u64::from(week) * 7))
            .format("%d/%m/%Y")
            .to_string(),
        mark: mark(week),
        note: matches!(week, 3 | 20 | 21 | 22).then(|| format!("événement de la semaine {week}")),
    });
    Chart {
        code: code.to_owned(),
        title: format!("Série de {weeks} semaines : {code}"),
        alt: "La série monte et descend, avec une pause en été.".to_owned(),
        kind: ChartKind::Weeks,
        unit: Unit::Of("accompagnements par semaine".to_owned()),
        digits: 0,
        points: points.collect(),
        thresholds: Vec::new(),
        note: Some("Semaines commençant le lundi.".to_owned()),
    }
    .compared()
}

trait Compared {
    fn compared(self) -> Self;
}

impl Compared for Chart {
    /// With two values to compare with, one close to the other.
    fn compared(mut self) -> Self {
        if self.code == "frequentation" {
            self.thresholds = vec![
                Threshold {
                    label: "Seuil de poursuite".to_owned(),
                    value: Decimal::TEN,
                },
                Threshold {
                    label: "Moyenne du réseau".to_owned(),
                    value: decimal("10.5"),
                },
            ];
        }
        self
    }
}

fn hard() -> Vec<Block> {
    let rows = HOSTILE
        .iter()
        .map(|words| vec![text(words), text(""), text(words)]);
    let table = Table {
        code: "difficile".to_owned(),
        title: "Un titre / avec : des * signes ? [interdits] \\ d'onglet".to_owned(),
        columns: vec![
            column("=Titre()", ColumnKind::Text),
            column("<vide>", ColumnKind::Number),
            column("Encore", ColumnKind::Interval),
        ],
        rows: rows.collect(),
        notes: HOSTILE.iter().map(|words| (*words).to_owned()).collect(),
    };
    let empty = Table {
        code: "sans-ligne".to_owned(),
        title: "Un titre / avec : des * signes ? [interdits] \\ d'onglet".to_owned(),
        columns: vec![
            column("Commune", ColumnKind::Text),
            column("Habitants", ColumnKind::Number),
        ],
        rows: Vec::new(),
        notes: Vec::new(),
    };
    vec![Block::Table(table), Block::Table(empty)]
}
