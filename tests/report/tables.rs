//! Tables as CSV, read again by another reader.

use carnet::report::{
    document::{Block, Cell},
    render::{Format, render},
};
use csv::ReaderBuilder;

use super::sample::{HOSTILE, sample};

/// The records of a file.
fn records(format: &Format) -> Vec<Vec<String>> {
    let bytes = render(&sample(), format).unwrap();
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap();
    let mut reader = ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .from_reader(text);
    let records = reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect());
    records.collect()
}

fn table(code: &str) -> Vec<Vec<String>> {
    records(&Format::Table(code.to_owned()))
}

/// Would catch: a number that is rounded or written with a point, an interval in one cell, a row
/// without the notice.
#[test]
fn a_table_is_its_cells() {
    let notice = "Données synthétiques : rien de ce qui est dit ici n'a eu lieu. <b>&</b>";
    let wanted = [
        [
            "Indicateur",
            "Valeur",
            "Intervalle – borne inférieure",
            "Intervalle – borne supérieure",
            "Depuis",
            "Avertissement",
        ],
        [
            "Taux de tenue",
            "90%",
            "69,9%",
            "97,2%",
            "2021-04-27",
            notice,
        ],
        [
            "Accompagnements par semaine",
            "19,0689655172413793",
            "15,1",
            "23,77",
            "2021-05-01",
            notice,
        ],
        [
            "Écart à la zone de comparaison",
            "-1234567,5",
            "sans objet",
            "sans objet",
            "2021-05-03",
            notice,
        ],
        ["Non-venus", "s", "s", "s", "2021-05-04", notice],
        [
            "Retour sous 30 jours",
            "non mesuré",
            "non mesuré",
            "non mesuré",
            "2021-06-01",
            notice,
        ],
    ];
    assert_eq!(table("indicateurs"), wanted);
}

/// Would catch: a text that a spreadsheet carries out, and one that is changed though it is harmless.
#[test]
fn no_text_is_a_formula() {
    let rows = table("difficile");
    assert_eq!(rows.len(), HOSTILE.len() + 1);
    assert_eq!(rows[0][0], "'=Titre()");
    for (row, words) in rows[1..].iter().zip(HOSTILE) {
        let formula = words.trim_start().starts_with(['=', '+', '-', '@']);
        let wanted = if formula {
            format!("'{words}")
        } else {
            (*words).to_owned()
        };
        assert_eq!(row[0], wanted);
        assert_eq!(row[1], "");
        assert_eq!([&row[2], &row[3]], [&wanted, &wanted]);
    }
    assert_eq!(
        rows.iter().filter(|row| row[0].starts_with('\'')).count(),
        6
    );
}

/// Would catch: the notice lost where a table has no row.
#[test]
fn an_empty_table_has_its_headings_and_the_notice() {
    let rows = table("sans-ligne");
    assert_eq!(rows[0], ["Commune", "Habitants", "Avertissement"]);
    assert!(rows[1][2].starts_with("Données synthétiques"));
    assert_eq!(rows.len(), 2);
}

/// Would catch: a point, an interval or a threshold that is left out of what a chart shows.
#[test]
fn what_a_chart_shows_is_a_table() {
    let rows = table("satisfaction");
    assert_eq!(
        rows[1][..4],
        ["Permanences de Lorraine", "90%", "69,9%", "97,2%"]
    );
    assert_eq!(rows[2][4], "la commune a fermé sa salle en août");
    assert_eq!(rows[4][1..4], ["bornes seules", "34,2%", "96,2%"]);
    assert_eq!(rows[6][1..4], ["s", "s", "s"]);
    assert_eq!(rows[9][..2], ["Réseau national, 2023", "82%"]);
    assert_eq!(rows.len(), 1 + 8 + 2);
}

/// Would catch: a cell, a note or a fact that is not in the file of all figures, or twice.
#[test]
fn all_figures_are_in_one_file() {
    let document = sample();
    let rows = records(&Format::Csv);
    assert_eq!(
        rows[0],
        ["Tableau", "Titre", "Ligne", "Colonne", "Nature", "Valeur"]
    );
    let of = |code: &str, nature: &str| {
        let rows = rows.iter().filter(|row| row[0] == code && row[4] == nature);
        rows.map(|row| row[5].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("", "document").len(), 1 + document.facts.len());
    assert_eq!(of("indicateurs", "part"), ["0,9", "0,699", "0,972"]);
    let numbers = ["19,0689655172413793", "15,1", "23,77", "-1234567,5"];
    assert_eq!(of("indicateurs", "nombre"), numbers);
    assert_eq!(of("indicateurs", "secret statistique"), ["s", "s", "s"]);
    assert_eq!(of("indicateurs", "note").len(), 2);
    for table in document.tables() {
        let wide: usize = table.columns.iter().zip(&table.rows).count();
        assert!(wide <= table.columns.len());
        let cells = rows
            .iter()
            .filter(|row| row[0] == table.code && !row[2].is_empty());
        let intervals = table
            .columns
            .iter()
            .filter(|column| matches!(column.kind, carnet::report::document::ColumnKind::Interval));
        let columns = table.columns.len() + intervals.count();
        assert_eq!(cells.count(), columns * table.rows.len(), "{}", table.code);
    }
    let points: usize = document.charts().map(|chart| chart.points.len()).sum();
    let labels = rows.iter().filter(|row| {
        let chart = document.charts().any(|chart| chart.code == row[0]);
        chart && row[3] == "Libellé"
    });
    let thresholds: usize = document.charts().map(|chart| chart.thresholds.len()).sum();
    assert_eq!(labels.count(), points + thresholds);
}

/// Would catch: a column of warnings in a report of what took place.
#[test]
fn what_took_place_has_no_warning() {
    let mut document = sample();
    document.synthetic = None;
    let blocks = document.sections.iter().flat_map(|section| &section.blocks);
    let texts = blocks
        .filter_map(Block::as_table)
        .flat_map(|table| table.rows.concat());
    assert!(texts.into_iter().any(|cell| cell == Cell::Suppressed));
    let format = Format::Table("indicateurs".to_owned());
    let bytes = render(&document, &format).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("\u{feff}Indicateur;Valeur;"), "{text}");
    assert!(!text.contains("Avertissement"), "{text}");
    assert!(text.ends_with("2021-06-01\r\n"), "{text}");
}
