//! Laws: what holds of every file.

use carnet::import::{Kind, read};
use proptest::{prelude::*, test_runner::Config};

use crate::{
    files::{ACCOMPANIMENTS, FEEDBACK, OTHER, PERMANENCE, SESSIONS, ods_of, windows, xlsx_of},
    good::told,
};

fn cases() -> Config {
    let asked = std::env::var("CARNET_LAW_CASES").ok();
    Config {
        cases: asked.and_then(|cases| cases.parse().ok()).unwrap_or(16),
        failure_persistence: None,
        ..Config::default()
    }
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(str::to_owned)
}

fn permanence() -> impl Strategy<Value = String> {
    one_of(&[PERMANENCE, PERMANENCE, OTHER, "inconnue", ""])
}

fn date() -> impl Strategy<Value = String> {
    one_of(&[
        "04/05/2021",
        "04/05/2021",
        "2021-05-04",
        "11/05/2021",
        "31/02/2021",
        "",
    ])
}

/// Rows of a kind, many of them wrong, many of them of the same thing.
fn row(kind: Kind) -> BoxedStrategy<String> {
    let cells: Vec<BoxedStrategy<String>> = match kind {
        Kind::Sessions => vec![
            one_of(&["tenue", "annulée", "peut-être", ""]).boxed(),
            one_of(&["09:00", "9h", ""]).boxed(),
            one_of(&["12:00", "08:00", ""]).boxed(),
            one_of(&["2", "1", "zéro", ""]).boxed(),
            one_of(&["météo", "autre", ""]).boxed(),
            one_of(&["", "précision"]).boxed(),
        ],
        Kind::Accompaniments => vec![
            one_of(&["", "A-1", "A-2", "0612345678"]).boxed(),
            one_of(&["25", "", "vite"]).boxed(),
            one_of(&["oui", ""]).boxed(),
            one_of(&["95658", "", "95000"]).boxed(),
            one_of(&["65-79", "", "47 ans"]).boxed(),
            one_of(&["CAF", "MSA", "hors bouquet", "?"]).boxed(),
            one_of(&["retraite", ""]).boxed(),
            one_of(&["information", "accompagnement"]).boxed(),
            one_of(&["résolu", "à revoir", ""]).boxed(),
        ],
        Kind::Feedback => vec![
            one_of(&["", "R-1", "R-2"]).boxed(),
            one_of(&["", "A-1"]).boxed(),
            one_of(&["reçue", "refusée", "sans réponse", ""]).boxed(),
            one_of(&["4", "5", "6", ""]).boxed(),
            one_of(&["oui", "non", ""]).boxed(),
            one_of(&["renoncé", "", "?"]).boxed(),
        ],
    };
    (permanence(), date(), cells)
        .prop_map(|(permanence, date, cells)| format!("{permanence};{date};{}", cells.join(";")))
        .boxed()
}

fn headings(kind: Kind) -> &'static str {
    match kind {
        Kind::Sessions => SESSIONS,
        Kind::Accompaniments => ACCOMPANIMENTS,
        Kind::Feedback => FEEDBACK,
    }
}

fn file(kind: Kind, rows: &[String]) -> String {
    format!("{}\n{}\n", headings(kind), rows.join("\n"))
}

fn shuffled() -> impl Strategy<Value = (Kind, Vec<String>, Vec<String>)> {
    prop::sample::select(Kind::ALL.as_slice()).prop_flat_map(|kind| {
        prop::collection::vec(row(kind), 1..25)
            .prop_flat_map(move |rows| (Just(kind), Just(rows.clone()), Just(rows).prop_shuffle()))
    })
}

proptest! {
    #![proptest_config(cases())]

    /// Would catch: identities or order that follow from where a row stands.
    #[test]
    fn the_order_of_rows_changes_nothing((kind, rows, shuffled) in shuffled()) {
        let one = read(file(kind, &rows).as_bytes(), kind).unwrap();
        let other = read(file(kind, &shuffled).as_bytes(), kind).unwrap();
        prop_assert_eq!(told(&one), told(&other));
        prop_assert_eq!(one.rows_rejected, other.rows_rejected);
        prop_assert_eq!(one.ignored, other.ignored);
        let codes = |reading: &carnet::import::Reading| {
            let mut codes: Vec<_> = reading
                .rejects
                .iter()
                .map(|reject| (reject.code(), reject.column, reject.value.clone()))
                .collect();
            codes.sort_unstable();
            codes
        };
        prop_assert_eq!(codes(&one), codes(&other));
    }

    /// Would catch: a row that is neither taken nor rejected nor passed over, or twice.
    #[test]
    fn every_row_is_accounted_for((kind, rows, _) in shuffled()) {
        let reading = read(file(kind, &rows).as_bytes(), kind).unwrap();
        let mut taken: Vec<u32> = reading.items.iter().flat_map(|item| item.rows.clone()).collect();
        taken.sort_unstable();
        let all = taken.len();
        taken.dedup();
        prop_assert_eq!(all, taken.len());
        for reject in &reading.rejects {
            prop_assert!(!taken.contains(&reject.row), "row {} is taken and rejected", reject.row);
        }
        let ignored = reading.ignored.examples + reading.ignored.totals + reading.ignored.headings;
        let taken = u32::try_from(taken.len()).unwrap();
        prop_assert_eq!(taken + reading.rows_rejected + ignored, reading.rows);
    }

    /// Would catch: a format in which a table says something else.
    #[test]
    fn the_format_changes_nothing((kind, rows, _) in shuffled()) {
        let text = file(kind, &rows);
        let csv = read(text.as_bytes(), kind).unwrap();
        let others = [windows(&text), xlsx_of("F", &text), ods_of("F", &text)];
        for bytes in others {
            let other = read(&bytes, kind).unwrap();
            prop_assert_eq!(&csv.items, &other.items);
            prop_assert_eq!(&csv.rejects, &other.rejects);
        }
    }

    /// Would catch: a file on which it stops, for ever or in a panic.
    #[test]
    fn whatever_the_bytes_an_answer_comes(
        (kind, rows, _) in shuffled(),
        format in 0..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let text = file(kind, &rows);
        let mut bytes = match format {
            0 => text.into_bytes(),
            1 => xlsx_of("F", &text),
            _ => ods_of("F", &text),
        };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Err(refused) = read(&bytes, kind) {
            prop_assert!(!refused.faults.is_empty());
        }
    }
}
