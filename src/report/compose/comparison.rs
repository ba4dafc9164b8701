//! Comparison: experiments and models side by side, and whether their intervals overlap. Nothing is
//! ranked, nothing tested.

use super::{
    figures, indicators,
    wording::{self, all_of, counted, heading, paragraph, whole},
};
use crate::{
    evaluation::{Answer, indicator::Definition, measure::Bounds},
    report::{
        document::{Block, Section},
        material::Material,
    },
};

/// So many stand side by side; more are compared by model alone.
const COLUMNS_MAX: usize = 6;
/// A unit cost ranks no sites: it is compared nowhere. Requests by operator have no figure of all.
const NOT_COMPARED: [&str; 2] = ["cost", "requests-by-operator"];

type Group<'a> = (String, &'a Answer);

pub(super) fn section(material: &Material) -> Section {
    let mut blocks = vec![paragraph(
        "Les expérimentations sont peu nombreuses, n’ont pas été tirées au sort et diffèrent par leur \
         territoire autant que par leur modèle. Leurs résultats sont donc donnés côte à côte, avec leurs \
         intervalles : ni classement, ni test de signification, ni attribution d’un écart à une cause. Le \
         coût n’y figure pas : un coût unitaire ne classe pas des sites.",
    )];
    let experiments = experiments(material);
    if experiments.len() < 2 {
        blocks.push(paragraph(
            "Le périmètre compte moins de deux expérimentations : il n’y a rien à comparer.",
        ));
    } else {
        if experiments.len() <= COLUMNS_MAX {
            blocks.extend(side_by_side(material, &experiments, "experimentation"));
        } else {
            blocks.push(paragraph(format!(
                "Les {} expérimentations ne tiennent pas côte à côte : la partie « Indicateurs » donne les \
                 résultats de chacune.",
                whole(experiments.len() as u64)
            )));
        }
        blocks.push(heading("Les intervalles se chevauchent-ils ?"));
        blocks.push(Block::List(overlaps(material, &experiments)));
        blocks.push(paragraph(
            "Deux intervalles qui se chevauchent ne permettent pas de distinguer deux expérimentations. Deux \
             intervalles disjoints indiquent un écart que le hasard des comptes explique mal ; ils n’en \
             disent pas la cause. Quand les paires sont nombreuses, quelques-unes sont disjointes par le \
             seul hasard.",
        ));
    }
    let models = models(material);
    if (2..=COLUMNS_MAX).contains(&models.len()) {
        blocks.push(heading("Par modèle"));
        blocks.extend(side_by_side(material, &models, "modele"));
        blocks.push(Block::List(overlaps(material, &models)));
        blocks.push(paragraph(
            "Là où un modèle n’est essayé que par une expérimentation, ce tableau dit la même chose que le \
             précédent : il n’isole pas l’effet du modèle de celui du territoire.",
        ));
    }
    Section {
        code: "comparaison".to_owned(),
        title: "Comparaison".to_owned(),
        blocks,
    }
}

fn experiments(material: &Material) -> Vec<Group<'_>> {
    let chapters = material.experiments.iter();
    chapters
        .map(|chapter| (chapter.name(), &chapter.figures))
        .collect()
}

fn models(material: &Material) -> Vec<Group<'_>> {
    let named = |answer: &Answer| {
        let group = answer.group.as_ref();
        group.map_or_else(|| "modèle inconnu".to_owned(), |group| group.label.clone())
    };
    let answers = material.by_model.iter();
    answers
        .map(|answer| (wording::capital(&named(answer)), answer))
        .collect()
}

/// The indicators whose main figure is compared.
fn compared(material: &Material) -> Vec<&'static Definition> {
    let definitions = indicators::definitions(material).into_iter();
    definitions
        .filter(|it| !NOT_COMPARED.contains(&it.code))
        .collect()
}

fn side_by_side(material: &Material, groups: &[Group<'_>], by: &str) -> Option<Block> {
    let told = |definition: &&'static Definition| {
        groups
            .iter()
            .any(|(_, answer)| figures::main(answer, definition.code).is_some())
    };
    let definitions: Vec<_> = compared(material).into_iter().filter(told).collect();
    if definitions.is_empty() {
        return None;
    }
    let mut table = indicators::side_by_side(
        &format!("comparaison-{by}"),
        "Valeurs et intervalles à 95 %, côte à côte",
        groups,
        &definitions,
    );
    table.notes.push(
        "L’ordre des colonnes n’est pas un classement. Numérateurs, dénominateurs et méthodes sont dans la \
         partie « Indicateurs »."
            .to_owned(),
    );
    Some(Block::Table(table))
}

/// Of one indicator, the pairs whose intervals are disjoint, of all pairs that can be compared.
fn pairs<'a>(groups: &'a [Group<'_>], code: &str) -> (u64, Vec<(&'a str, &'a str)>) {
    let intervals: Vec<(&str, &Bounds)> = groups
        .iter()
        .filter_map(|(name, answer)| {
            let measure = figures::main(answer, code)?;
            Some((name.as_str(), figures::of_chance(measure)?))
        })
        .collect();
    let (mut all, mut apart) = (0_u64, Vec::new());
    let mut others = intervals.as_slice();
    while let [(name, within), rest @ ..] = others {
        for (other, of_other) in rest {
            all = all.saturating_add(1);
            if !figures::overlap(within, of_other) {
                apart.push((*name, *other));
            }
        }
        others = rest;
    }
    (all, apart)
}

/// Whether intervals overlap: for which indicators all do, and which of the others are disjoint.
fn overlaps(material: &Material, groups: &[Group<'_>]) -> Vec<String> {
    let (mut overlapping, mut told) = (Vec::new(), Vec::new());
    for definition in compared(material) {
        let name = definition.french.name;
        let (all, apart) = pairs(groups, definition.code);
        let pairs: Vec<String> = apart
            .iter()
            .map(|(one, other)| format!("{one} et {other}"))
            .collect();
        match (all, apart.len()) {
            (0, _) => {}
            (_, 0) => overlapping.push(name.to_lowercase()),
            (1, _) => told.push(format!("{name} : les deux intervalles sont disjoints.")),
            (_, some) => told.push(format!(
                "{name} : sur {}, {}{}.",
                counted(all, "paire", "paires"),
                counted(some as u64, "est disjointe", "sont disjointes"),
                if groups.len() <= COLUMNS_MAX {
                    format!(" ({})", pairs.join(" ; "))
                } else {
                    String::new()
                }
            )),
        }
    }
    if !overlapping.is_empty() {
        let overlapping = format!(
            "Les intervalles se chevauchent pour : {}.",
            all_of(&overlapping)
        );
        told.insert(0, overlapping);
    }
    if told.is_empty() {
        told.push("Aucun indicateur n’a deux intervalles à comparer.".to_owned());
    }
    told
}

/// The same in one sentence, for the summary.
pub(super) fn in_short(material: &Material) -> String {
    let experiments = experiments(material);
    if experiments.len() < 2 {
        return "Une seule expérimentation est au périmètre : rien ne lui est comparé.".to_owned();
    }
    let (mut overlapping, mut apart) = (Vec::new(), Vec::new());
    for definition in compared(material) {
        let name = definition.french.name.to_lowercase();
        match pairs(&experiments, definition.code) {
            (0, _) => {}
            (_, some) if some.is_empty() => overlapping.push(name),
            _ => apart.push(name),
        }
    }
    let mut told = Vec::new();
    if !overlapping.is_empty() {
        told.push(format!(
            "Les intervalles des expérimentations se chevauchent, ce qui ne permet pas de les distinguer, \
             pour : {}.",
            all_of(&overlapping)
        ));
    }
    if !apart.is_empty() {
        told.push(format!(
            "Au moins deux intervalles sont disjoints pour : {} ; la cause n’en est pas établie.",
            all_of(&apart)
        ));
    }
    if told.is_empty() {
        told.push("Aucun résultat n’a d’intervalle pour deux expérimentations : elles ne se comparent pas.".to_owned());
    }
    told.join(" ")
}
