//! Criteria and decisions: what was fixed beforehand, what was decided on what, and what has changed
//! since in those figures.

use super::{
    figures, rulings,
    wording::{self, exactly, heading, paragraph, text},
};
use crate::{
    domain::{
        experiment::{Comparison, Criterion},
        sentence,
    },
    evaluation::{decision::Assessed, indicator},
    report::{
        document::{Block, Cell, ColumnKind, Section},
        french::date,
        material::{Chapter, Material},
    },
};

pub(super) fn section(material: &Material) -> Section {
    let mut blocks = vec![paragraph(
        "Les critères d’une expérimentation se fixent avant son lancement (Conseil d’État, 2019). Un critère \
         fixé ou modifié après le lancement est dit « a posteriori » (post hoc) : il a pu être choisi au vu \
         des résultats. Un critère est atteint, non atteint, ou ne peut être dit tel, faute de mesure ou \
         d’observations assez nombreuses.",
    )];
    for (number, chapter) in (1_u64..).zip(&material.experiments) {
        blocks.push(heading(chapter.name()));
        blocks.extend(criteria(number, chapter));
        if chapter.decisions.is_empty() {
            blocks.push(paragraph("Aucune décision n’est inscrite."));
        }
        for (rank, ruling) in (1_u64..).zip(&chapter.decisions) {
            blocks.extend(rulings::decision(
                &format!("{number}-{rank}"),
                chapter,
                ruling,
            ));
        }
    }
    Section {
        code: "criteres-et-decisions".to_owned(),
        title: "Critères et décisions".to_owned(),
        blocks,
    }
}

fn criteria(number: u64, chapter: &Chapter) -> Vec<Block> {
    let sets = &chapter.known.experiment.criteria;
    if sets.is_empty() {
        return vec![paragraph(
            "Aucun critère de réussite n’est inscrit : rien ne permet de dire si l’expérimentation a atteint \
             ce qu’on attendait d’elle.",
        )];
    }
    let mut blocks: Vec<Block> = sets
        .iter()
        .map(|set| {
            paragraph(format!(
                "Hypothèse énoncée le {} : {}",
                date(set.fixed.valid.from),
                sentence::ended(&set.fixed.what.hypothesis)
            ))
        })
        .collect();
    let rows = chapter.criteria.iter().map(|assessed| {
        let (value, interval, n, outcome) = held(assessed);
        vec![
            text(named(&assessed.criterion)),
            text(threshold(assessed)),
            wording::count(assessed.criterion.minimum_n.into()),
            text(moment(assessed)),
            value,
            interval,
            n,
            outcome,
        ]
    });
    let mut table = wording::table(
        format!("criteres-{number}"),
        format!("{} : critères, sur la période du rapport", chapter.name()),
        &[
            ("Critère", ColumnKind::Text),
            ("Seuil", ColumnKind::Text),
            ("n minimal", ColumnKind::Number),
            ("Fixé", ColumnKind::Text),
            ("Valeur", ColumnKind::Number),
            ("Intervalle à 95 %", ColumnKind::Interval),
            ("n", ColumnKind::Number),
            ("Conclusion", ColumnKind::Text),
        ],
        rows.collect(),
    );
    if chapter.criteria.iter().any(|it| it.post_hoc) {
        table.notes.push(
            "« A posteriori » : rien ne prouve que ce critère ait été fixé avant le lancement ; il ne peut \
             fonder à lui seul une conclusion."
                .to_owned(),
        );
    }
    table.notes.push(
        "« Sans netteté » : le seuil est à l’intérieur de l’intervalle ; la valeur est du côté dit, mais \
         l’autre côté n’est pas exclu."
            .to_owned(),
    );
    blocks.push(Block::Table(table));
    blocks
}

/// The indicator of a criterion, in French where its code is known.
pub(super) fn named(criterion: &Criterion) -> String {
    let code = criterion.indicator.as_str();
    match indicator::of_code(code) {
        Some(known) => known.definition.french.name.to_owned(),
        None => format!("« {code} »"),
    }
}

/// The threshold, in the unit of what was measured.
pub(super) fn threshold(assessed: &Assessed) -> String {
    let side = match assessed.criterion.comparison {
        Comparison::AtLeast => "au moins",
        Comparison::AtMost => "au plus",
    };
    let threshold = exactly(assessed.criterion.threshold);
    match &assessed.measure {
        Some(measure) => format!("{side} {threshold} {}", measure.unit.label()),
        None => format!("{side} {threshold}"),
    }
}

pub(super) const fn moment(assessed: &Assessed) -> &'static str {
    if assessed.post_hoc {
        "a posteriori (post hoc)"
    } else {
        "avant le lancement"
    }
}

/// The value, the interval, n and the conclusion of a criterion.
pub(super) fn held(assessed: &Assessed) -> (Cell, Cell, Cell, Cell) {
    match &assessed.measure {
        None => (
            wording::without(),
            wording::without(),
            wording::without(),
            text(assessed.outcome.label()),
        ),
        Some(measure) => (
            figures::value(measure),
            figures::interval(measure),
            figures::n(measure),
            conclusion(assessed),
        ),
    }
}

/// Whether it is met; withheld with what it is held against, since it tells on which side that lies.
fn conclusion(assessed: &Assessed) -> Cell {
    if assessed
        .measure
        .as_ref()
        .is_some_and(|measure| measure.suppressed)
    {
        return Cell::Suppressed;
    }
    let label = assessed.outcome.label();
    text(match assessed.clear {
        Some(false) => format!("{label}, sans netteté"),
        Some(true) | None => label.to_owned(),
    })
}
