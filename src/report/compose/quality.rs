//! Data quality: how late, how often corrected, how much left out, how much invented.

use rust_decimal::Decimal;

use super::{
    indicators,
    wording::{self, paragraph, text},
};
use crate::{
    evaluation::{indicator::of_code, measure::quotient},
    report::{
        document::{Block, Cell, ColumnKind, Section},
        material::{Chapter, Material},
    },
};

pub(super) fn section(material: &Material) -> Section {
    let mut blocks = vec![paragraph(
        "Une inscription tardive ou corrigée est normale : le carnet garde la date du fait et celle de son \
         inscription. Ces délais et ces parts disent jusqu’où se fier aux chiffres les plus récents.",
    )];
    if let Some(quality) = of_code("data-quality") {
        blocks.extend(indicators::indicator(material, &quality.definition));
    }
    let rows: Vec<Vec<Cell>> = material
        .experiments
        .iter()
        .map(|chapter| vec![text(chapter.name()), synthetic_share(chapter, material)])
        .collect();
    if !rows.is_empty() {
        let mut table = wording::table(
            "part-synthetique",
            "Part des inscriptions de séance qui sont synthétiques",
            &[
                ("Expérimentation", ColumnKind::Text),
                ("Part synthétique", ColumnKind::Number),
            ],
            rows,
        );
        table.notes.push(
            "Une inscription synthétique a été inventée, pour un essai ou une démonstration ; elle se dit \
             telle dans le carnet même."
                .to_owned(),
        );
        blocks.push(Block::Table(table));
    }
    Section {
        code: "qualite-des-donnees".to_owned(),
        title: "Qualité des données".to_owned(),
        blocks,
    }
}

/// Of the entries of sessions of the period, the share that was invented. It counts entries, not
/// people, and is given as a share alone.
fn synthetic_share(chapter: &Chapter, material: &Material) -> Cell {
    let period = material.period;
    let sessions = chapter.known.sessions.iter();
    let entries = sessions
        .filter(|it| period.from <= it.day && it.day <= period.until && it.day <= material.on)
        .map(|it| &it.tally.entries);
    let (mut all, mut invented) = (0_u64, 0_u64);
    for entries in entries {
        all = all.saturating_add(entries.count.into());
        invented = invented.saturating_add(entries.synthetic.into());
    }
    quotient(Decimal::from(invented), Decimal::from(all))
        .map_or_else(wording::without, |value| Cell::Share { value, digits: 1 })
}
