//! Headings: which row they stand in, and which column each of them names.

use std::collections::BTreeMap;

use super::{
    Kind,
    fault::Fault,
    kind::Column,
    table::{Row, Table, letters},
    words::{folded, nearest, quoted},
};
use crate::limits;

/// Where the headings stand.
#[derive(Debug)]
pub(super) struct Headings {
    /// The place of their row among the rows of the table.
    pub(super) at: usize,
    /// The column of each that is there, by its key.
    pub(super) places: BTreeMap<&'static str, u32>,
}

/// Whether a word, folded, is one of the headings of a kind.
pub(super) fn is_known(folded: &str, kind: Kind) -> bool {
    column(folded, kind).is_some()
}

/// Whether the headings of a kind stand in a table.
pub(super) fn stands_in(rows: &[Row], kind: Kind) -> bool {
    located(rows, kind).is_some()
}

fn column(folded_heading: &str, kind: Kind) -> Option<&'static Column> {
    kind.columns()
        .iter()
        .copied()
        .find(|column| column.is_called(folded_heading))
}

/// The row with the most headings of a kind, among the first ones; and how many. One word alone
/// may be there by chance.
fn located(rows: &[Row], kind: Kind) -> Option<(usize, usize)> {
    rows.iter()
        .take(limits::IMPORT_HEADING_ROWS_MAX)
        .map(|row| {
            let known = row
                .cells
                .iter()
                .filter(|(_, cell)| is_known(&folded(&cell.shown()), kind));
            known.count()
        })
        .enumerate()
        .rev()
        .max_by_key(|(_, known)| *known)
        .filter(|(_, known)| *known >= 2)
}

/// Finds the headings of a kind.
///
/// # Errors
/// Every [`Fault`] of them.
pub(super) fn find(table: &Table, kind: Kind) -> Result<Headings, Vec<Fault>> {
    let Some(first) = table.rows.first() else {
        return Err(vec![Fault::EmptySheet]);
    };
    let here = located(&table.rows, kind);
    let score = here.map_or(0, |(_, known)| known);
    let other = Kind::ALL
        .into_iter()
        .filter(|other| *other != kind)
        .filter_map(|other| Some((other, located(&table.rows, other)?.1)))
        .max_by_key(|(_, known)| *known)
        .filter(|(_, known)| *known > score);
    let Some((at, _)) = here else {
        return Err(vec![match other {
            Some((other, _)) => Fault::OtherKind { asked: kind, other },
            None => Fault::NoHeadings {
                first: first
                    .cells
                    .first()
                    .map(|(_, cell)| quoted(&cell.shown()))
                    .unwrap_or_default(),
                kind,
            },
        }]);
    };
    let row = table.rows.get(at).unwrap_or(first);
    let mut faults = Vec::new();
    let mut found: BTreeMap<&'static str, Vec<u32>> = BTreeMap::new();
    for (place, cell) in &row.cells {
        let heading = cell.shown();
        match column(&folded(&heading), kind) {
            Some(column) => found.entry(column.key).or_default().push(*place),
            None => faults.push(unknown(*place, &heading, kind)),
        }
    }
    for column in kind.columns() {
        match found.get(column.key).map(Vec::as_slice) {
            None | Some([]) if column.required => faults.push(Fault::MissingHeading {
                heading: column.heading,
            }),
            None | Some([] | [_]) => {}
            Some(several) => {
                let columns: Vec<String> = several.iter().copied().map(letters).collect();
                faults.push(Fault::DuplicateHeading {
                    heading: column.heading,
                    columns: columns.join(", "),
                });
            }
        }
    }
    let foreign = |fault: &Fault| {
        matches!(
            fault,
            Fault::MissingHeading { .. } | Fault::UnknownHeading { .. }
        )
    };
    if let (true, Some((other, _))) = (faults.iter().any(foreign), other) {
        return Err(vec![Fault::OtherKind { asked: kind, other }]);
    }
    faults.extend(merged(table, row));
    faults.extend(unnamed(table, at, row));
    if faults.is_empty() {
        let places = found
            .into_iter()
            .filter_map(|(key, places)| Some((key, *places.first()?)));
        Ok(Headings {
            at,
            places: places.collect(),
        })
    } else {
        Err(faults)
    }
}

/// Words that, in a heading that is not known, announce a person.
const PERSONAL: [&str; 26] = [
    "nom",
    "noms",
    "prenom",
    "prenoms",
    "patronyme",
    "civilite",
    "identite",
    "telephone",
    "tel",
    "portable",
    "mobile",
    "mail",
    "mails",
    "email",
    "courriel",
    "adresse",
    "naissance",
    "nir",
    "nss",
    "secu",
    "securite",
    "allocataire",
    "fiscal",
    "ine",
    "usager",
    "beneficiaire",
];
/// Words after which « nom » names no person.
const THINGS: [&str; 9] = [
    "lieu",
    "permanence",
    "commune",
    "operateur",
    "site",
    "structure",
    "fichier",
    "theme",
    "bureau",
];

fn unknown(place: u32, heading: &str, kind: Kind) -> Fault {
    let words = folded(heading);
    let mut words = words.split(' ');
    let personal = words.clone().any(|word| PERSONAL.contains(&word))
        && !words.any(|word| THINGS.contains(&word));
    // « E-mail » is two words, each innocent.
    let joined = folded(heading).replace(' ', "");
    if personal || joined.starts_with("email") || joined.starts_with("datedenaissance") {
        return Fault::PersonalHeading {
            column: letters(place),
            heading: quoted(heading),
        };
    }
    let known = kind.columns().iter().flat_map(|column| {
        std::iter::once(&column.heading)
            .chain(column.synonyms)
            .map(|name| (folded(name), column.heading))
    });
    Fault::UnknownHeading {
        column: letters(place),
        heading: quoted(heading),
        nearest: nearest(heading, known),
    }
}

/// Merged cells among the data: a title above the headings may be merged.
fn merged(table: &Table, row: &Row) -> Option<Fault> {
    let last_row = table.rows.last().map_or(0, |row| row.number);
    let last_column = row.cells.last().map_or(0, |(column, _)| *column);
    table
        .merged
        .iter()
        .filter(|area| {
            area.bottom.saturating_add(1) >= row.number
                && area.top < last_row
                && area.left <= last_column
        })
        .min()
        .map(|area| Fault::MergedCells { area: *area })
}

/// A column that most rows fill and that has no heading.
fn unnamed(table: &Table, at: usize, row: &Row) -> Option<Fault> {
    let mut filled: BTreeMap<u32, (u32, usize)> = BTreeMap::new();
    let rows = table.rows.get(at.saturating_add(1)..).unwrap_or_default();
    for data in rows {
        for (column, _) in &data.cells {
            if row.cell(*column).is_none() {
                let (_, count) = filled.entry(*column).or_insert((data.number, 0));
                *count = count.saturating_add(1);
            }
        }
    }
    filled
        .into_iter()
        .find(|(_, (_, count))| count.saturating_mul(2) > rows.len() && rows.len() > 1)
        .map(|(column, (row, _))| Fault::UnnamedColumn {
            column: letters(column),
            row,
        })
}
