//! A report, composed: from figures and states to the document that every format prints.
//!
//! ```text
//! summary      Synthèse
//! experiments  Les expérimentations; hours, asserted: their weekly hours, what sources assert
//! weeks        Semaine par semaine
//! indicators   Indicateurs; questions: what each answers
//! comparison   Comparaison
//! decisions    Critères et décisions; rulings: one decision, then and today
//! costs        Coûts
//! quality      Qualité des données
//! method       Méthode
//! caveats      Limites
//! figures      a measure in a cell, in a chart, in words
//! wording      lists, dates, counts, sources; typeset: spaces and apostrophes, over the whole
//! ```
//!
//! **Invariants.** A pure function of the material. What was not measured is said not to have been,
//! never 0; what is suppressed shows no number. Two figures are compared by their intervals alone:
//! nothing is ranked, and nothing is said to cause anything. Units of activity are never added up.

mod asserted;
mod caveats;
mod comparison;
mod costs;
mod decisions;
mod experiments;
mod figures;
mod hours;
mod indicators;
mod method;
mod quality;
mod questions;
mod rulings;
mod summary;
mod typeset;
mod weeks;
mod wording;

use super::{
    document::{Document, Fact},
    french::date,
    material::Material,
};
use crate::domain::holiday;
use crate::domain::report::Audience;

/// The notice that is on every page where anything was invented.
pub const SYNTHETIC: &str = "Données synthétiques : tout ou partie de ce que dit ce rapport a été inventé, \
                             pour un essai ou une démonstration. Ce n’est le constat d’aucune activité réelle.";

/// Composes a report.
#[must_use]
pub fn compose(material: &Material) -> Document {
    let mut document = Document {
        code: material.code.clone(),
        title: "Rapport d’évaluation".to_owned(),
        subtitle: format!("{} – {}", material.title, wording::during(material.period)),
        dated: material.on,
        facts: facts(material),
        synthetic: is_synthetic(material).then(|| SYNTHETIC.to_owned()),
        sections: vec![
            summary::section(material),
            experiments::section(material),
            weeks::section(material),
            indicators::section(material),
            comparison::section(material),
            decisions::section(material),
            costs::section(material),
            quality::section(material),
            method::section(material),
            caveats::section(material),
        ],
    };
    typeset::typeset(&mut document);
    document
}

/// Whether anything that the report rests on was invented.
fn is_synthetic(material: &Material) -> bool {
    let chapters = &material.experiments;
    let agreements = material.agreements.values();
    let signed = agreements.clone().filter_map(|it| it.signed.as_ref());
    let paid = agreements.flat_map(|it| &it.payments);
    material.whole.synthetic
        || material.by_model.iter().any(|answer| answer.synthetic)
        || chapters
            .iter()
            .any(|chapter| chapter.figures.synthetic || chapter.known.experiment.synthetic)
        || signed.into_iter().any(|it| it.synthetic)
        || paid.into_iter().any(|it| it.synthetic)
}

fn facts(material: &Material) -> Vec<Fact> {
    let fact = |label: &str, text: String| Fact {
        label: label.to_owned(),
        text,
    };
    let audience = match material.audience {
        Audience::Evaluator => {
            "évaluateurs ; diffusion restreinte, aucun secret statistique n’est appliqué"
        }
        Audience::Public => "public ; le secret statistique est appliqué",
    };
    let definitions = indicators::definitions(material);
    let definitions: Vec<String> = definitions
        .iter()
        .map(|it| format!("{}. {} (version {})", it.number, it.french.name, it.version))
        .collect();
    vec![
        fact("Périmètre", material.title.clone()),
        fact(
            "Période",
            wording::capital(&wording::during(material.period)),
        ),
        fact("Arrêté au", date(material.on)),
        fact(
            "Position dans le carnet",
            wording::whole(material.position.0),
        ),
        fact(
            "Dernière inscription prise en compte",
            recorded_at(material),
        ),
        fact(
            "Empreinte du carnet à cette position",
            material.head.clone(),
        ),
        fact("Destinataires", audience.to_owned()),
        fact("Définitions", definitions.join(" ; ")),
    ]
}

/// When the entry at the position was recorded, as clocks show it in Paris.
fn recorded_at(material: &Material) -> String {
    material.recorded_at.map_or_else(
        || "aucune".to_owned(),
        |at| {
            let at = at.with_timezone(&holiday::zone(""));
            format!(
                "{} à {} (heure de Paris)",
                date(at.date_naive()),
                at.format("%H h %M")
            )
        },
    )
}
