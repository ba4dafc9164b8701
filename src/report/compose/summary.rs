//! The summary: what runs where, what was counted, how sure it is, and what cannot be told.

use std::collections::BTreeMap;

use super::{
    asserted, comparison, experiments,
    figures::{self, WITHHELD},
    indicators,
    wording::{self, all_of, counted, heading, paragraph, since},
};
use crate::{
    domain::{experiment::DeliveryModel, terms::place},
    evaluation::{Answer, decision::Outcome, measure::Measure},
    report::{
        document::{Block, Section},
        french::date,
        material::{Chapter, Material},
    },
};

/// So many experiments are told one by one; more, by model.
const TOLD_MAX: usize = 6;
/// The indicators whose figures a summary gives, the response rate before the satisfaction.
const MAIN: [&str; 6] = [
    "held-rate",
    "attendance",
    "resolution",
    "response-rate",
    "satisfaction",
    "additionality",
];

pub(super) fn section(material: &Material) -> Section {
    let mut blocks = Vec::new();
    blocks.extend(running(material));
    blocks.push(heading("Activité constatée"));
    blocks.push(paragraph(
        "Les unités ci-dessous sont distinctes : elles ne s’additionnent ni ne se remplacent.",
    ));
    blocks.push(Block::List(activity(material)));
    blocks.push(heading("Principaux résultats"));
    blocks.push(Block::List(results(&material.whole)));
    blocks.push(paragraph(comparison::in_short(material)));
    blocks.push(heading("Ce qui ne peut être dit"));
    blocks.push(Block::List(untold(material)));
    Section {
        code: "synthese".to_owned(),
        title: "Synthèse".to_owned(),
        blocks,
    }
}

/// What runs where, since when and under which model.
fn running(material: &Material) -> Vec<Block> {
    let on = material.on;
    let experiments = material.experiments.len() as u64;
    let begins = format!(
        "Ce rapport porte sur {}, {}. Il dit ce qui était connu au {}, à la position {} du carnet.",
        counted(experiments, "expérimentation", "expérimentations"),
        wording::during(material.period),
        date(on),
        wording::whole(material.position.0),
    );
    let told = if material.experiments.len() <= TOLD_MAX {
        let chapters = material.experiments.iter();
        chapters.map(|chapter| one(material, chapter)).collect()
    } else {
        by_model(material)
    };
    vec![paragraph(begins), Block::List(told)]
}

/// One experiment in two sentences.
fn one(material: &Material, chapter: &Chapter) -> String {
    let experiment = &chapter.known.experiment;
    let name = chapter.name();
    let Some(launch) = &experiment.launch else {
        return format!("{name} : aucun lancement n’est inscrit.");
    };
    let end = experiment.end().map_or_else(
        || "sa fin n’est pas connue".to_owned(),
        |end| format!("sa fin est fixée au {}", date(end)),
    );
    let hub = &launch.what.hub;
    let departement = place::departement_name(hub.commune.departement());
    format!(
        "{name} : modèle « {} », porteur {}, site de rattachement {} ({}). Lancée {}, l’expérimentation est \
         {} au {} ; {end}.",
        launch.what.model.name(),
        launch.what.carrier,
        hub.name,
        departement.unwrap_or("département inconnu"),
        since(launch.valid),
        experiments::status(experiment.status_on(material.on)),
        date(material.on),
    )
}

/// Of each model, how many experiments stand where.
fn by_model(material: &Material) -> Vec<String> {
    let mut models: BTreeMap<&str, BTreeMap<_, u64>> = BTreeMap::new();
    for chapter in &material.experiments {
        let experiment = &chapter.known.experiment;
        let launch = experiment.launch.as_ref();
        let model = launch.map_or(DeliveryModel::Other, |launch| launch.what.model);
        let standing = models.entry(model.name()).or_default();
        let count = standing
            .entry(experiment.status_on(material.on))
            .or_default();
        *count = count.saturating_add(1);
    }
    let told = models.into_iter().map(|(model, standing)| {
        let all: u64 = standing.values().sum();
        let standing: Vec<String> = standing
            .iter()
            .map(|(status, count)| {
                format!(
                    "{} {}",
                    wording::whole(*count),
                    experiments::status(*status)
                )
            })
            .collect();
        let all = counted(all, "expérimentation", "expérimentations");
        format!(
            "{} : {all}, dont {}.",
            wording::capital(model),
            all_of(&standing)
        )
    });
    told.collect()
}

/// What was counted, each unit by itself.
fn activity(material: &Material) -> Vec<String> {
    let answer = &material.whole;
    let mut told = vec![sessions(answer), accompaniments(answer)];
    let requests = figures::of(answer, "requests-by-operator");
    told.push(
        match requests.and_then(|figures| figures.measures.first()) {
            Some(measure) if measure.suppressed => format!("Demandes : {WITHHELD}."),
            Some(measure) => match measure.denominator {
                Some(all) => format!(
                    "Demandes : {} ; un accompagnement peut en comporter plusieurs.",
                    wording::exactly(all)
                ),
                None => "Demandes : sans objet, aucune n’est inscrite.".to_owned(),
            },
            None => "Demandes : sans objet, aucune n’est inscrite.".to_owned(),
        },
    );
    told.push(match figures::main(answer, "no-show") {
        Some(measure) if measure.suppressed => format!("Rendez-vous : {WITHHELD}."),
        Some(measure) if measure.n > 0 => format!(
            "Rendez-vous : {} d’issue connue, honorés ou non.",
            wording::whole(measure.n)
        ),
        Some(_) | None => {
            "Rendez-vous : sans objet, aucun d’issue connue n’est inscrit.".to_owned()
        }
    });
    told.push(
        "Visites : sans objet, le carnet ne les compte pas à part ; il inscrit des accompagnements."
            .to_owned(),
    );
    told.extend(material.experiments.iter().flat_map(|chapter| {
        let counts = asserted::rates(material, chapter);
        counts
            .into_iter()
            .map(|told| format!("{}, d’après une source : {told}", chapter.name()))
    }));
    told
}

fn sessions(answer: &Answer) -> String {
    let Some(held) = figures::main(answer, "held-rate") else {
        return "Permanences : sans objet.".to_owned();
    };
    if held.suppressed {
        return format!("Permanences tenues : {WITHHELD}.");
    }
    let planned = counted(held.expected, "prévue", "prévues");
    let number = |number: Option<rust_decimal::Decimal>| number.unwrap_or_default();
    let unknown = if held.missing > 0 {
        format!(
            " ; pour {}, rien n’est inscrit",
            wording::whole(held.missing)
        )
    } else {
        String::new()
    };
    format!(
        "Permanences : {planned} au calendrier, {} tenues sur {} dont le sort est connu{unknown}.",
        wording::exactly(number(held.numerator)),
        wording::exactly(number(held.denominator)),
    )
}

fn accompaniments(answer: &Answer) -> String {
    let attendance = figures::main(answer, "attendance");
    match attendance {
        Some(measure) if measure.suppressed => format!("Accompagnements : {WITHHELD}."),
        Some(Measure {
            numerator: Some(count),
            denominator: Some(sessions),
            ..
        }) if !sessions.is_zero() => format!(
            "Accompagnements : {} lors de {} permanences tenues.",
            wording::exactly(*count),
            wording::exactly(*sessions),
        ),
        Some(_) | None => {
            "Accompagnements : sans objet, aucune permanence tenue n’est inscrite.".to_owned()
        }
    }
}

/// The main figures of the whole.
fn results(answer: &Answer) -> Vec<String> {
    let mut told = Vec::new();
    for code in MAIN {
        let Some(figures) = figures::of(answer, code) else {
            continue;
        };
        let name = figures.definition.french.name;
        let Some(main) = figures.measures.first() else {
            continue;
        };
        let mut line = format!("{name} : {}", figures::told(main));
        let bounds = figures::part(answer, code, "bounds");
        let bounds = bounds.filter(|it| it.interval.is_some() && main.missing > 0);
        if let Some(bounds) = bounds {
            line = format!(
                "{line} ; compte tenu de ce qui n’est pas connu, {}",
                figures::told(bounds)
            );
        }
        told.push(format!("{line}."));
    }
    if told.is_empty() {
        told.push("Sans objet : rien n’a été mesuré.".to_owned());
    }
    told
}

/// What cannot be told, and why.
fn untold(material: &Material) -> Vec<String> {
    let mut told = Vec::new();
    let names = |of: &dyn Fn(&Measure) -> bool| -> Vec<String> {
        let definitions = indicators::definitions(material);
        let answers = || {
            let chapters = material.experiments.iter().map(|chapter| &chapter.figures);
            std::iter::once(&material.whole).chain(chapters)
        };
        let so = definitions.into_iter().filter(|definition| {
            let mut figures = answers()
                .filter_map(|answer| figures::of(answer, definition.code))
                .flat_map(|figures| &figures.measures)
                .peekable();
            figures.peek().is_some() && figures.all(of)
        });
        so.map(|definition| definition.french.name.to_lowercase())
            .collect()
    };
    let nothing = names(&|it| {
        !it.suppressed && it.value.is_none() && it.interval.is_none() && it.verdict.is_none()
    });
    if !nothing.is_empty() {
        told.push(format!(
            "Faute de mesure, rien ne peut être dit sur : {}.",
            all_of(&nothing)
        ));
    }
    let withheld = names(&|it| it.suppressed);
    if !withheld.is_empty() {
        told.push(format!(
            "Au titre du secret statistique, rien n’est communiqué sur : {}.",
            all_of(&withheld)
        ));
    }
    told.extend(material.experiments.iter().filter_map(|chapter| {
        let criteria = chapter.criteria.iter();
        let too_few = criteria.filter(|it| it.outcome == Outcome::TooFew).count() as u64;
        (too_few > 0).then(|| {
            format!(
                "{} : faute d’observations en nombre suffisant, on ne peut dire si {} ou non.",
                chapter.name(),
                counted(too_few, "critère est atteint", "critères sont atteints")
            )
        })
    }));
    told.push(
        "Aucun des écarts constatés ne peut être attribué à un modèle : les sites n’ont pas été tirés au \
         sort et diffèrent par bien d’autres choses."
            .to_owned(),
    );
    told
}
