//! All that a document has of figures, as tables: its tables, and what its charts show.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::report::{
    document::{Block, Cell, Chart, Column, ColumnKind, Document, Mark, Table, Unit},
    french,
};

/// The tables of a document and those of its charts, in its order.
pub(super) fn figures(document: &Document) -> Vec<Cow<'_, Table>> {
    let blocks = document.sections.iter().flat_map(|section| &section.blocks);
    let tables = blocks.filter_map(|block| match block {
        Block::Table(table) => Some(Cow::Borrowed(table)),
        Block::Chart(chart) => Some(Cow::Owned(shown(chart))),
        Block::Heading(_) | Block::Paragraph(_) | Block::List(_) | Block::Terms(_) => None,
    });
    tables.collect()
}

/// What a chart shows, as a table.
fn shown(chart: &Chart) -> Table {
    let of = match &chart.unit {
        Unit::Share => "Valeur".to_owned(),
        Unit::Of(unit) => format!("Valeur ({unit})"),
    };
    let column = |title: &str, kind| Column {
        title: title.to_owned(),
        kind,
    };
    let points = chart.points.iter().map(|point| {
        let (value, interval) = cells(chart, &point.mark);
        let note = point.note.clone().unwrap_or_default();
        vec![
            Cell::Text(point.label.clone()),
            value,
            interval,
            Cell::Text(note),
        ]
    });
    let thresholds = chart.thresholds.iter().map(|threshold| {
        let digits = french::threshold_digits(&chart.unit, threshold.value);
        let value = value(chart, threshold.value, digits);
        let note = "valeur de comparaison".to_owned();
        let label = Cell::Text(threshold.label.clone());
        vec![label, value, Cell::Text(String::new()), Cell::Text(note)]
    });
    Table {
        code: chart.code.clone(),
        title: format!("{} (données du graphique)", chart.title),
        columns: vec![
            column("Libellé", ColumnKind::Text),
            column(&of, ColumnKind::Number),
            column("Intervalle", ColumnKind::Interval),
            column("Remarque", ColumnKind::Text),
        ],
        rows: points.chain(thresholds).collect(),
        notes: std::iter::once(&chart.alt)
            .chain(&chart.note)
            .cloned()
            .collect(),
    }
}

/// The value and the interval of a mark.
fn cells(chart: &Chart, mark: &Mark) -> (Cell, Cell) {
    match mark {
        Mark::Value(value) => (
            self::value(chart, *value, chart.digits),
            Cell::Text(String::new()),
        ),
        Mark::Estimate {
            value,
            lower,
            upper,
        } => (
            self::value(chart, *value, chart.digits),
            interval(chart, *lower, *upper),
        ),
        Mark::Bounds { lower, upper } => (
            Cell::Missing("bornes seules".to_owned()),
            interval(chart, *lower, *upper),
        ),
        Mark::Suppressed => (Cell::Suppressed, Cell::Suppressed),
        Mark::Missing(why) => (Cell::Missing(why.clone()), Cell::Missing(why.clone())),
    }
}

fn value(chart: &Chart, value: Decimal, digits: u32) -> Cell {
    match chart.unit {
        Unit::Share => Cell::Share { value, digits },
        Unit::Of(_) => Cell::Number { value, digits },
    }
}

fn interval(chart: &Chart, lower: Decimal, upper: Decimal) -> Cell {
    let digits = chart.digits;
    match chart.unit {
        Unit::Share => Cell::ShareInterval {
            lower,
            upper,
            digits,
        },
        Unit::Of(_) => Cell::Interval {
            lower,
            upper,
            digits,
        },
    }
}
