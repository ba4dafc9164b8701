//! What happened, week by week: a chart, figures, and every entry as a sentence.

use chrono::NaiveDate;

use super::{
    figures,
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
const NOT_HELD: &str = "aucune permanence tenue";

pub(super) fn section(material: &Material) -> Section {
    let mut blocks = vec![paragraph(
        "Pour chaque expérimentation : les accompagnements de chaque semaine, du lundi au dimanche, lors \
         des permanences tenues, puis ce qui s’est passé. La première et la dernière semaine ne comptent \
         que leurs jours compris dans la période. Une semaine sans permanence tenue n’a pas de compte : ce \
         n’est pas une semaine à zéro.",
    )];
    for (number, chapter) in (1_u64..).zip(&material.experiments) {
        blocks.push(heading(chapter.name()));
        if chapter.weeks.is_empty() {
            blocks.push(paragraph("Aucune semaine de la période n’est écoulée."));
        } else {
            blocks.push(Block::Chart(chart(number, chapter)));
            blocks.push(Block::Table(counts(number, chapter)));
        }
        blocks.push(Block::Table(history(number, chapter)));
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
        Some(_) | None => Mark::Missing(NOT_HELD.to_owned()),
    }
}

fn chart(number: u64, chapter: &Chapter) -> Chart {
    let name = chapter.name();
    let skipped = chapter.weeks.len().saturating_sub(POINTS_MAX);
    let points: Vec<Point> = chapter
        .weeks
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
                figures::WITHHELD.to_owned()
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

fn counts(number: u64, chapter: &Chapter) -> Table {
    let rows = chapter.weeks.iter().map(|week| {
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
            held.map_or_else(wording::without, |it| figures::counted(it, it.numerator)),
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
fn history(number: u64, chapter: &Chapter) -> Table {
    let name = chapter.name();
    let mut told: Vec<&Told> = chapter.history.iter().collect();
    let day = |told: &Told| told.valid.unwrap_or(told.recorded);
    told.sort_by_key(|told| (day(told), told.position));
    let rows = told.into_iter().map(|told| {
        vec![
            Cell::Date(monday(day(told))),
            Cell::Date(day(told)),
            text(&told.sentence),
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
    if let Some(first) = chapter.weeks.first() {
        let before = chapter
            .history
            .iter()
            .filter(|told| day(told) < first_day(first))
            .count();
        if before > 0 {
            let from = date(first.of.period.from);
            table.notes.push(format!(
                "Les faits antérieurs au {from}, premier jour de la période, sont donnés aussi."
            ));
        }
    }
    table
}
