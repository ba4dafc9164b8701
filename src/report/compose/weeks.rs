//! What happened, week by week: a chart, figures, and every entry as a sentence.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::{
    asserted,
    figures::{self, WITHHELD},
    wording::{self, count, heading, monday, paragraph, text, whole},
};
use crate::{
    evaluation::{Answer, measure::Measure},
    report::{
        document::{
            Block, Cell, Chart, ChartKind, ColumnKind, Mark, POINTS_MAX, Point, Section, Table,
            Unit,
        },
        french::{self, date},
        material::{Chapter, Material, Told},
    },
};

/// Why a week has no count.
const NOT_PLANNED: &str = "aucune permanence prévue";
const NOT_HELD: &str = "aucune permanence tenue";
const NOT_KNOWN: &str = "non connu";

pub(super) fn section(material: &Material) -> Section {
    let mut blocks = vec![paragraph(
        "Pour chaque expérimentation : les accompagnements de chaque semaine, du lundi au dimanche, lors \
         des permanences tenues, puis ce qui s’est passé. La première et la dernière semaine ne comptent \
         que leurs jours compris dans la période. Une semaine sans permanence tenue n’a pas de compte : ce \
         n’est pas une semaine à zéro.",
    )];
    for (number, chapter) in (1_u64..).zip(&material.experiments) {
        blocks.push(heading(chapter.name()));
        let weeks = weeks(chapter);
        let held = |week: &&Answer| !matches!(accompaniments(week), Mark::Missing(_));
        if weeks.iter().any(held) {
            blocks.push(Block::Chart(chart(number, chapter, &weeks)));
        } else {
            blocks.push(paragraph(
                "Aucune permanence tenue n’est inscrite au cours de la période : il n’y a pas de compte par \
                 semaine.",
            ));
        }
        if !weeks.is_empty() {
            blocks.push(Block::Table(counts(number, chapter, &weeks)));
        }
        blocks.push(Block::Table(history(number, material, chapter)));
    }
    if material.experiments.is_empty() {
        blocks.push(paragraph("Le périmètre ne compte aucune expérimentation."));
    }
    Section {
        code: "semaine-par-semaine".to_owned(),
        title: "Semaine par semaine".to_owned(),
        blocks,
    }
}

/// The first day of a week: its group's key.
fn first_day(week: &Answer) -> NaiveDate {
    let key = week.group.as_ref().and_then(|group| group.key.parse().ok());
    key.unwrap_or_else(|| monday(week.of.period.from))
}

/// The accompaniments of a week; none where no session was held.
fn accompaniments(week: &Answer) -> Mark {
    match figures::main(week, "attendance") {
        Some(measure) if measure.suppressed => Mark::Suppressed,
        Some(Measure {
            numerator: Some(count),
            denominator: Some(sessions),
            ..
        }) if !sessions.is_zero() => Mark::Value(*count),
        Some(_) | None => Mark::Missing(absence(week).to_owned()),
    }
}

/// Why a week has no count: what was planned and of which nothing is recorded may have been held.
fn absence(week: &Answer) -> &'static str {
    match figures::main(week, "held-rate") {
        Some(held) if held.missing > 0 => NOT_KNOWN,
        Some(held) if held.expected == 0 => NOT_PLANNED,
        Some(_) | None => NOT_HELD,
    }
}

/// The weeks of the period that were not over when it was launched.
fn weeks(chapter: &Chapter) -> Vec<&Answer> {
    let launch = chapter.known.experiment.launch.as_ref();
    let launched = launch.map(|launch| launch.valid.from);
    let weeks = chapter.weeks.iter();
    let weeks = weeks.skip_while(|week| launched.is_some_and(|day| week.of.period.until < day));
    weeks.collect()
}

fn chart(number: u64, chapter: &Chapter, weeks: &[&Answer]) -> Chart {
    let name = chapter.name();
    let skipped = weeks.len().saturating_sub(POINTS_MAX);
    let points: Vec<Point> = weeks
        .iter()
        .skip(skipped)
        .map(|week| Point {
            label: first_day(week).format("%d/%m/%Y").to_string(),
            mark: accompaniments(week),
            note: None,
        })
        .collect();
    let values: Vec<String> = points
        .iter()
        .map(|point| {
            let shown = if point.mark == Mark::Suppressed {
                WITHHELD.to_owned()
            } else {
                french::mark(&Unit::Of(String::new()), &point.mark, 0)
            };
            format!("semaine du {} : {shown}", point.label)
        })
        .collect();
    let title = format!("{name} : accompagnements par semaine");
    let note = (skipped > 0).then(|| {
        format!(
            "Les {} premières semaines ne sont que dans le tableau.",
            whole(skipped as u64)
        )
    });
    Chart {
        code: format!("semaines-{number}-graphique"),
        alt: format!("{title}. {}.", wording::enumerated(&values, &title)),
        title,
        kind: ChartKind::Weeks,
        unit: Unit::Of("accompagnements".to_owned()),
        digits: 0,
        points,
        thresholds: Vec::new(),
        note,
    }
}

fn counts(number: u64, chapter: &Chapter, weeks: &[&Answer]) -> Table {
    let rows = weeks.iter().map(|week| {
        let held = figures::main(week, "held-rate");
        let requests = figures::of(week, "requests-by-operator");
        let requests = requests.and_then(|figures| figures.measures.first());
        let accompaniments = match accompaniments(week) {
            Mark::Value(value) => Cell::Number { value, digits: 0 },
            Mark::Suppressed => Cell::Suppressed,
            Mark::Missing(why) => Cell::Missing(why),
            Mark::Estimate { .. } | Mark::Bounds { .. } => wording::without(),
        };
        vec![
            Cell::Date(first_day(week)),
            held.map_or_else(wording::without, |it| shown(it, count(it.expected))),
            held.map_or_else(wording::without, |it| {
                let value = it.numerator.unwrap_or_default();
                shown(it, Cell::Number { value, digits: 0 })
            }),
            held.map_or_else(wording::without, |it| shown(it, count(it.missing))),
            accompaniments,
            requests.map_or_else(wording::without, |it| figures::counted(it, it.denominator)),
        ]
    });
    let mut table = wording::table(
        format!("semaines-{number}"),
        format!("{} : chaque semaine en nombres", chapter.name()),
        &[
            ("Semaine du", ColumnKind::Date),
            ("Permanences prévues", ColumnKind::Number),
            ("Tenues", ColumnKind::Number),
            ("Sort inconnu", ColumnKind::Number),
            ("Accompagnements", ColumnKind::Number),
            ("Demandes", ColumnKind::Number),
        ],
        rows.collect(),
    );
    if table
        .rows
        .iter()
        .flatten()
        .any(|cell| *cell == Cell::Suppressed)
    {
        table.notes.push("s : secret statistique.".to_owned());
    }
    table
}

fn shown(measure: &Measure, cell: Cell) -> Cell {
    if measure.suppressed {
        Cell::Suppressed
    } else {
        cell
    }
}

/// Every entry, by the week that it is so from.
fn history(number: u64, material: &Material, chapter: &Chapter) -> Table {
    let name = chapter.name();
    let mut told: Vec<&Told> = chapter.history.iter().collect();
    let day = |told: &Told| told.valid.unwrap_or(told.recorded);
    told.sort_by_key(|told| (day(told), told.position));
    let rows = told.into_iter().map(|told| {
        vec![
            Cell::Date(monday(day(told))),
            Cell::Date(day(told)),
            text(sentence(material, chapter, told).into_owned()),
            Cell::Date(told.recorded),
            count(told.position.0),
        ]
    });
    let mut table = wording::table(
        format!("faits-{number}"),
        format!("{name} : ce qui s’est passé"),
        &[
            ("Semaine du", ColumnKind::Date),
            ("Jour", ColumnKind::Date),
            ("Fait", ColumnKind::Text),
            ("Inscrit le", ColumnKind::Date),
            ("Position", ColumnKind::Number),
        ],
        rows.collect(),
    );
    table.notes.push(
        "Le jour est celui à partir duquel le fait est vrai ; la date d’inscription, celle où le carnet l’a \
         appris. Une correction est une inscription de plus : rien n’est effacé."
            .to_owned(),
    );
    if let Some(first) = weeks(chapter).first() {
        let before = chapter
            .history
            .iter()
            .filter(|told| day(told) < first_day(first))
            .count();
        if before > 0 {
            let from = date(first_day(first));
            table.notes.push(format!(
                "Les faits antérieurs au {from}, premier jour du tableau des semaines, sont donnés aussi."
            ));
        }
    }
    table
}

/// The sentence of an entry; of a count that is too small for the public, that it is withheld.
fn sentence<'a>(material: &Material, chapter: &Chapter, told: &'a Told) -> Cow<'a, str> {
    let mut counts = chapter.known.experiment.asserted_counts.iter();
    if counts.any(|it| it.position == told.position && asserted::withheld(material, it)) {
        Cow::Owned(format!("Décompte donné par une source : {WITHHELD}."))
    } else {
        Cow::Borrowed(&told.sentence)
    }
}
