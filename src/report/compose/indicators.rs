//! Indicators: each with its question, its definition, its figures and a chart.

use std::collections::BTreeMap;

use super::{
    figures, questions,
    wording::{self, heading, paragraph, text},
};
use crate::{
    evaluation::{
        indicator::Definition,
        measure::{Measure, Unit},
    },
    report::{
        document::{
            Block, Cell, Chart, ChartKind, ColumnKind, Mark, POINTS_MAX, Point, Section, Table,
            Term,
        },
        material::Material,
    },
};

/// Indicators that have a section of their own.
const ELSEWHERE: [(&str, &str); 2] = [("cost", "Coûts"), ("data-quality", "Qualité des données")];
/// What the figures of all experiments together are called.
const TOGETHER: &str = "Ensemble";

pub(super) fn section(material: &Material) -> Section {
    let mut blocks = vec![paragraph(
        "Chaque indicateur répond à une question. Chaque valeur est donnée avec son numérateur, son \
         dénominateur, le nombre n d’observations sur lequel elle repose, son intervalle à 95 % et la part \
         de ce qui aurait pu être connu et ne l’est pas. « Sans objet » signifie que rien n’a été mesuré : \
         ce n’est pas un zéro.",
    )];
    for definition in definitions(material) {
        let elsewhere = ELSEWHERE.iter().find(|(code, _)| *code == definition.code);
        match elsewhere {
            Some((_, section)) => {
                blocks.push(heading(title(definition)));
                blocks.push(paragraph(format!(
                    "Cet indicateur est donné dans la partie « {section} »."
                )));
            }
            None => blocks.extend(indicator(material, definition)),
        }
    }
    Section {
        code: "indicateurs".to_owned(),
        title: "Indicateurs".to_owned(),
        blocks,
    }
}

/// The indicators that there are figures of, by number.
pub(super) fn definitions(material: &Material) -> Vec<&'static Definition> {
    let answers = material.experiments.iter().map(|chapter| &chapter.figures);
    let answers = std::iter::once(&material.whole).chain(answers);
    let definitions: BTreeMap<u8, &'static Definition> = answers
        .flat_map(|answer| &answer.figures)
        .map(|figures| (figures.definition.number, figures.definition))
        .collect();
    definitions.into_values().collect()
}

fn title(definition: &Definition) -> String {
    format!("{}. {}", definition.number, definition.french.name)
}

/// All that is said of one indicator.
pub(super) fn indicator(material: &Material, definition: &'static Definition) -> Vec<Block> {
    let groups = groups(material, definition.code);
    let mut blocks = vec![heading(title(definition))];
    if let Some(question) = questions::of(definition.code) {
        blocks.push(paragraph(question));
    }
    blocks.push(Block::Terms(vec![
        Term {
            term: "Définition".to_owned(),
            meaning: format!(
                "{} (définition « {} », version {})",
                definition.french.text, definition.code, definition.version
            ),
        },
        Term {
            term: "Source de la méthode".to_owned(),
            meaning: format!("{}.", definition.source.trim_end_matches('.')),
        },
    ]));
    blocks.push(Block::Table(table(definition, &groups)));
    blocks.extend(chart(definition, &groups).map(Block::Chart));
    blocks
}

/// The figures of each experiment, and of all together. Where nothing of several was measured, one
/// says so.
fn groups<'a>(material: &'a Material, code: &str) -> Vec<(String, &'a [Measure])> {
    let measures = |answer| {
        let measures = figures::of(answer, code)?.measures.as_slice();
        let nothing = measures.iter().all(figures::is_nothing);
        let nothing = nothing && measures.iter().all(|it| it.missing == 0);
        measures.get(..if nothing { 1 } else { measures.len() })
    };
    let mut groups: Vec<(String, &[Measure])> = material
        .experiments
        .iter()
        .filter_map(|chapter| Some((chapter.name(), measures(&chapter.figures)?)))
        .collect();
    if material.experiments.len() != 1
        && let Some(whole) = measures(&material.whole)
    {
        groups.push((TOGETHER.to_owned(), whole));
    }
    groups
}

/// What stands beside a measure in the table.
fn row_name(measure: &Measure, measures: &[Measure]) -> String {
    match called(measure) {
        Some(_) if measures.len() == 1 && figures::is_nothing(measure) => {
            "toutes les mesures".to_owned()
        }
        Some(part) => part,
        None => "valeur".to_owned(),
    }
}

/// What a measure is called among others of its indicator.
fn called(measure: &Measure) -> Option<String> {
    let part = measure.part.as_ref()?;
    let unit = measure.unit.label();
    Some(
        if measure.unit == Unit::Percent || part.label.contains(unit) {
            part.label.clone()
        } else {
            format!("{} ({unit})", part.label)
        },
    )
}

fn table(definition: &Definition, groups: &[(String, &[Measure])]) -> Table {
    let measures = || groups.iter().flat_map(|(_, measures)| measures.iter());
    let parts = measures().any(|measure| measure.part.is_some());
    let intervals = measures().any(|measure| measure.interval.is_some() || measure.suppressed);
    let divided = measures().any(|measure| measure.denominator.is_some() || measure.suppressed);
    let unit = measures().next().map(|measure| measure.unit);
    let value = match unit.filter(|unit| measures().all(|measure| measure.unit == *unit)) {
        None | Some(Unit::Percent | Unit::Norm) => "Valeur".to_owned(),
        Some(unit) => format!("Valeur ({})", unit.label()),
    };
    let mut columns = vec![("Expérimentation", ColumnKind::Text)];
    if parts {
        columns.push(("Mesure", ColumnKind::Text));
    }
    columns.push((value.as_str(), ColumnKind::Number));
    if intervals {
        columns.push(("Intervalle à 95 %", ColumnKind::Interval));
        columns.push(("Méthode", ColumnKind::Text));
    }
    if divided {
        columns.push(("Numérateur", ColumnKind::Number));
        columns.push(("Dénominateur", ColumnKind::Number));
    }
    columns.push(("n", ColumnKind::Number));
    columns.push(("Part manquante", ColumnKind::Number));
    let mut rows = Vec::new();
    for (group, measures) in groups {
        for measure in *measures {
            let mut row = vec![text(group)];
            if parts {
                row.push(text(row_name(measure, measures)));
            }
            row.push(figures::value(measure));
            if intervals {
                row.push(figures::interval(measure));
                row.push(figures::method(measure));
            }
            if divided {
                row.push(figures::counted(measure, measure.numerator));
                row.push(figures::counted(measure, measure.denominator));
            }
            row.push(figures::n(measure));
            row.push(figures::missing(measure));
            rows.push(row);
        }
    }
    let mut table = wording::table(definition.code, definition.french.name, &columns, rows);
    table.notes = notes(definition, groups, intervals);
    table
}

fn notes(definition: &Definition, groups: &[(String, &[Measure])], intervals: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let measures = || groups.iter().flat_map(|(_, measures)| measures.iter());
    let empty = groups.is_empty()
        || measures().all(|it| !it.suppressed && it.value.is_none() && it.interval.is_none());
    if empty {
        notes.push(
            "Rien n’a été mesuré au cours de la période : cet indicateur n’a pas de valeur."
                .to_owned(),
        );
    } else if !intervals {
        notes.push(
            "Cette valeur se déduit de ce qui est inscrit, sans tirage ni échantillon : elle n’a pas \
             d’intervalle."
                .to_owned(),
        );
    }
    if measures().any(|measure| measure.suppressed) {
        notes.push("s : secret statistique.".to_owned());
    }
    if definition.code == "cost" {
        notes.push(
            "Un coût unitaire ne classe pas des sites : il dépend d’abord de la fréquentation, et le Sénat \
             (2022) écarte un financement assis sur elle."
                .to_owned(),
        );
    }
    notes
}

/// The figures of the indicator's first unit, a point to each.
fn chart(definition: &Definition, groups: &[(String, &[Measure])]) -> Option<Chart> {
    let unit = groups
        .iter()
        .find_map(|(_, measures)| measures.first())?
        .unit;
    if unit == Unit::Norm {
        return None;
    }
    let mut note = None;
    let mut points = points(groups, unit);
    if points.len() > POINTS_MAX {
        let together = groups.iter().position(|(group, _)| group == TOGETHER);
        let together = together.and_then(|at| groups.get(at..));
        points = self::points(together.unwrap_or_default(), unit);
        points.truncate(POINTS_MAX);
        note = Some(
            "Le tableau donne chaque expérimentation ; le graphique, leur ensemble.".to_owned(),
        );
    }
    let shown = |point: &Point| !matches!(point.mark, Mark::Missing(_));
    if !points.iter().any(shown) {
        return None;
    }
    let values: Vec<String> = points
        .iter()
        .map(|point| format!("{} : {}", point.label, figures::marked(unit, &point.mark)))
        .collect();
    let name = definition.french.name;
    let values = wording::enumerated(&values, name);
    let scale = if unit == Unit::Percent {
        String::new()
    } else {
        format!(", en {}", unit.label())
    };
    let measures = groups.iter().flat_map(|(_, measures)| measures.iter());
    let mut measures = measures.filter(|measure| measure.unit == unit);
    let intervals = if measures.any(|measure| figures::of_chance(measure).is_some()) {
        ", avec intervalles à 95 %"
    } else {
        ""
    };
    Some(Chart {
        code: format!("{}-graphique", definition.code),
        title: format!("{name}{scale}{intervals}"),
        alt: format!("{name}{scale}{intervals}. {values}."),
        kind: ChartKind::Dots,
        unit: figures::unit(unit),
        digits: figures::digits(unit),
        points,
        thresholds: Vec::new(),
        note,
    })
}

/// A point to each measure of a unit; where nothing of a group was measured, one says so.
fn points(groups: &[(String, &[Measure])], unit: Unit) -> Vec<Point> {
    let in_unit = format!(", en {}", unit.label());
    let in_unit = in_unit.as_str();
    let points = groups.iter().flat_map(|(group, measures)| {
        let of_unit = measures.iter().filter(move |it| it.unit == unit);
        of_unit.map(move |measure| {
            let part = measure.part.as_ref();
            let part = part.filter(|_| !figures::is_nothing(measure));
            Point {
                label: part.map_or_else(
                    || group.clone(),
                    |part| {
                        // The chart itself says its unit.
                        let label = part.label.trim_end_matches(in_unit);
                        format!("{group} – {label}")
                    },
                ),
                mark: figures::mark(measure),
                note: None,
            }
        })
    });
    points.collect()
}

/// A table of figures that were named, by experiment: of each its value and interval in words.
pub(super) fn side_by_side(
    code: &str,
    title: &str,
    groups: &[(String, &crate::evaluation::Answer)],
    definitions: &[&'static Definition],
) -> Table {
    let mut columns = vec![("Indicateur", ColumnKind::Text)];
    columns.extend(
        groups
            .iter()
            .map(|(group, _)| (group.as_str(), ColumnKind::Text)),
    );
    let rows = definitions.iter().map(|definition| {
        let name = definition.french.name;
        let cells = groups.iter().map(|(_, answer)| {
            figures::main(answer, definition.code).map_or_else(wording::without, figures::brief)
        });
        std::iter::once(text(name))
            .chain(cells)
            .collect::<Vec<Cell>>()
    });
    wording::table(code, title, &columns, rows.collect())
}
