//! Costs: what was spent on what, actual and estimated apart, full and marginal, and the envelope.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    indicators,
    wording::{self, count, heading, paragraph, text},
};
use crate::{
    domain::{
        cost::{CostNature, CostSum, sums},
        sentence,
        terms::{AgreementId, Cents},
    },
    evaluation::indicator::of_code,
    report::{
        document::{Block, Cell, ColumnKind, Section, Table},
        material::{Chapter, Material},
    },
};

pub(super) fn section(material: &Material) -> Section {
    let mut blocks = vec![
        paragraph(
            "Les coûts réels et les coûts estimés ne s’additionnent pas. Le coût complet est tout ce que \
             l’expérimentation supporte, à proportion de sa clé de répartition ; le coût marginal, ce qu’il n’y \
             aurait pas sans elle. Là où aucune source ne dit si un coût est marginal, il est compté à part.",
        ),
        paragraph(
            "Aucun classement ne se fait sur un coût unitaire : le Sénat (2022) écarte un financement assis \
             sur la fréquentation, et un site peu fréquenté peut être celui dont un territoire a besoin.",
        ),
    ];
    let table = by_category(material);
    if table.rows.is_empty() {
        blocks.push(paragraph(
            "Aucun coût n’est inscrit : le coût des expérimentations est inconnu, et non nul.",
        ));
    } else {
        blocks.push(Block::Table(table));
    }
    if let Some(cost) = of_code("cost") {
        blocks.extend(indicators::indicator(material, &cost.definition));
    }
    blocks.push(heading("Enveloppe"));
    if material.agreements.is_empty() {
        blocks.push(paragraph(
            "Aucune convention de financement n’est inscrite.",
        ));
    } else {
        blocks.push(Block::Table(envelope(material)));
    }
    Section {
        code: "couts".to_owned(),
        title: "Coûts".to_owned(),
        blocks,
    }
}

/// An amount in euros.
fn euros(amount: Cents) -> Cell {
    // Beyond what the cell takes lies no amount: a sum of that size is past any budget.
    let value = i64::try_from(amount.get()).map_or(Decimal::MAX, |cents| Decimal::new(cents, 2));
    Cell::Number { value, digits: 2 }
}

const fn nature(nature: CostNature) -> &'static str {
    match nature {
        CostNature::Estimated => "estimé",
        CostNature::Actual => "réel",
    }
}

fn by_category(material: &Material) -> Table {
    let mut rows = Vec::new();
    for chapter in &material.experiments {
        rows.extend(of_experiment(chapter));
    }
    let mut table = wording::table(
        "couts-par-categorie",
        "Coûts inscrits, par nature et catégorie, en euros",
        &[
            ("Expérimentation", ColumnKind::Text),
            ("Nature", ColumnKind::Text),
            ("Catégorie", ColumnKind::Text),
            ("Nombre", ColumnKind::Number),
            ("Montant", ColumnKind::Number),
            ("Coût complet", ColumnKind::Number),
            ("Dont marginal", ColumnKind::Number),
            ("Dont origine inconnue", ColumnKind::Number),
            ("Dont remplacé par un coût réel", ColumnKind::Number),
        ],
        rows,
    );
    table.notes.push(
        "Tous les coûts inscrits à la position du rapport, quelle que soit leur période ; les coûts \
         unitaires, eux, ne prennent que ceux de la période, au prorata des jours."
            .to_owned(),
    );
    table.notes.push(
        "Le montant comprend la part que d’autres supportent ; le coût complet est la seule part de \
         l’expérimentation."
            .to_owned(),
    );
    table
}

fn of_experiment(chapter: &Chapter) -> Vec<Vec<Cell>> {
    let costs = chapter.known.costs.iter();
    let recorded = costs.filter_map(|(id, cost)| Some((*id, &cost.recorded.as_ref()?.what)));
    let mut natures: BTreeMap<CostNature, Vec<(&str, CostSum)>> = BTreeMap::new();
    for ((nature, category), sum) in sums(recorded) {
        let category = sentence::category(category);
        natures.entry(nature).or_default().push((category, sum));
    }
    let name = chapter.name();
    let mut rows = Vec::new();
    for (kind, categories) in natures {
        let total = categories
            .iter()
            .fold(CostSum::default(), |all, (_, sum)| all.plus(*sum));
        let total = (categories.len() > 1).then_some(("toutes catégories", total));
        for (category, sum) in categories.into_iter().chain(total) {
            rows.push(vec![
                text(&name),
                text(nature(kind)),
                text(category),
                count(sum.count),
                euros(sum.amount),
                euros(sum.allotted),
                euros(sum.marginal),
                euros(sum.unknown),
                euros(sum.replaced),
            ]);
        }
    }
    rows
}

fn envelope(material: &Material) -> Table {
    let rows = material.agreements.iter().filter_map(|(id, agreement)| {
        let signed = agreement.signed.as_ref()?;
        let scope = match signed.what.experiments.len() {
            0 => "ensemble du programme".to_owned(),
            some => wording::counted(some as u64, "expérimentation", "expérimentations"),
        };
        Some(vec![
            text(signed.what.title.as_str()),
            text(signed.what.funder.as_str()),
            text(signed.what.beneficiary.as_str()),
            Cell::Date(signed.valid.from),
            text(scope),
            euros(signed.what.amount),
            euros(agreement.paid()),
            euros(spent(material, *id)),
            text(wording::source(&signed.source)),
        ])
    });
    let mut table = wording::table(
        "enveloppe",
        "Conventions de financement, en euros",
        &[
            ("Convention", ColumnKind::Text),
            ("Financeur", ColumnKind::Text),
            ("Bénéficiaire", ColumnKind::Text),
            ("Signée le", ColumnKind::Date),
            ("Pour", ColumnKind::Text),
            ("Montant", ColumnKind::Number),
            ("Versé", ColumnKind::Number),
            ("Coûts réels imputés", ColumnKind::Number),
            ("Source", ColumnKind::Text),
        ],
        rows.collect(),
    );
    table.notes.push(
        "Les coûts imputés sont les coûts réels des expérimentations de ce rapport dont une source dit qu’ils \
         sont payés par la convention. Ce que d’autres expérimentations y imputent n’est pas compté."
            .to_owned(),
    );
    table
}

/// What actual costs of the scope were paid from an agreement.
fn spent(material: &Material, agreement: AgreementId) -> Cents {
    let chapters = material.experiments.iter();
    let costs = chapters.flat_map(|chapter| chapter.known.costs.values());
    let terms = costs
        .filter_map(|cost| cost.recorded.as_ref())
        .map(|it| &it.what);
    terms
        .filter(|terms| terms.agreement == Some(agreement) && terms.nature == CostNature::Actual)
        .map(crate::domain::cost::CostTerms::allotted)
        .sum()
}
