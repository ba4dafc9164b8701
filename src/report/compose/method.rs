//! Method: the two times, the position, the units, the intervals, disclosure control, and how to
//! compute all of it again.

use crate::domain::report::Audience;
use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::wording::{self, heading, paragraph, whole};
use crate::{
    evaluation::statistics::Method,
    report::{
        document::{Block, Section, Term},
        french::date,
        material::Material,
    },
};

/// The units of activity, which are never added up.
const UNITS: [(&str, &str); 5] = [
    (
        "Permanence tenue",
        "Une permanence d’un jour donné dont il est inscrit qu’elle a eu lieu.",
    ),
    (
        "Accompagnement",
        "Ce qui est fait pour un usager au cours d’une visite, quel que soit le nombre de ses demandes.",
    ),
    (
        "Demande",
        "Ce qu’un usager vient régler auprès d’un opérateur ; un accompagnement peut en comporter plusieurs.",
    ),
    (
        "Rendez-vous",
        "Un créneau réservé ; il peut être honoré, manqué, excusé, annulé, ou d’issue inconnue.",
    ),
    (
        "Visite",
        "La venue d’un usager ; le carnet n’en inscrit que ce que des sources en disent.",
    ),
];

pub(super) fn section(material: &Material) -> Section {
    let position = whole(material.position.0);
    let on = date(material.on);
    let mut blocks = vec![
        heading("Deux temps, une position"),
        paragraph(
            "Le carnet tient deux temps distincts : le jour où un fait est vrai et le moment où il a été \
             inscrit. Rien n’y est effacé : une correction est une inscription de plus, qui nomme celle \
             qu’elle remplace.",
        ),
        paragraph(format!(
            "Tout ce rapport est établi à la position {position} du carnet : il dit ce que l’on savait une \
             fois faite l’inscription n° {position}, et rien de ce qui a été inscrit ensuite. Poser la même \
             question à la même position, pour la même période et au {on}, donne les mêmes chiffres. \
             L’empreinte qui figure en tête désigne cet état du carnet et aucun autre."
        )),
        heading("Unités"),
        paragraph("Un nombre n’a de sens qu’avec son unité. Celles-ci ne s’additionnent pas."),
        Block::Terms(
            UNITS
                .iter()
                .map(|(term, meaning)| self::term(term, meaning))
                .collect(),
        ),
        heading("Intervalles"),
        paragraph(
            "Chaque intervalle est à 95 % : construit de la sorte, il contient la vraie valeur dans 95 cas \
             sur 100. Les bornes du pire cas et les fourchettes ne viennent pas du hasard, mais de ce que \
             l’on ne sait pas ; davantage d’observations ne les resserre pas.",
        ),
        Block::Terms(
            Method::ALL
                .into_iter()
                .map(|it| term(it.label(), meaning(it)))
                .collect(),
        ),
        heading("Secret statistique"),
        paragraph(disclosure(material.audience)),
        heading("Recalculer ce rapport"),
        paragraph(
            "Un rapport garde, pour chaque chiffre, les inscriptions dont il vient. La commande « carnet \
             report verify » recalcule chacun à partir de ces seules inscriptions et le compare, jusqu’à la \
             dernière décimale, à ce que le rapport dit ; l’interface d’interrogation donne les mêmes \
             inscriptions.",
        ),
    ];
    blocks.extend(sources(material));
    Section {
        code: "methode".to_owned(),
        title: "Méthode".to_owned(),
        blocks,
    }
}

fn term(term: &str, meaning: &str) -> Term {
    Term {
        term: wording::capital(term),
        meaning: meaning.to_owned(),
    }
}

/// What a method is for, and where it comes from.
const fn meaning(method: Method) -> &'static str {
    match method {
        Method::Wilson => {
            "Intervalle du score pour une part (Wilson, 1927 ; recommandé par Brown, Cai et DasGupta, 2001)."
        }
        Method::ExactPoisson => "Intervalle exact de la moyenne d’un comptage (Garwood, 1936).",
        Method::BootstrapBySession => {
            "Tirages avec remise des permanences, percentiles (Efron, 1979) ; la graine est fixe."
        }
        Method::LinearisedRatio => {
            "Variance linéarisée d’un rapport (Cochran, 1977), pour les grands nombres."
        }
        Method::Bootstrap => {
            "Tirages avec remise des semaines, percentiles (Efron, 1979) ; la graine est fixe."
        }
        Method::WorstCaseBounds => {
            "Bornes entre lesquelles la part se situe quoi qu’aient pensé ceux dont on ne sait rien (Manski, 1989)."
        }
        Method::QuasiPoissonSlope => {
            "Pente d’une régression log-linéaire, variance quasi-Poisson (Wedderburn, 1974)."
        }
        Method::Range => "De l’inconnu laissé de côté à l’inconnu compté en entier.",
    }
}

const fn disclosure(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => {
            "Ce rapport est public. Tout effectif de personnes inférieur à 5 y est remplacé par « s », de même \
             que tout chiffre dont un tel effectif pourrait se déduire, par un total ou par la comparaison \
             avec un rapport déjà publié."
        }
        Audience::Evaluator => {
            "Ce rapport est destiné aux évaluateurs : aucun effectif n’y est masqué. Il ne se publie pas en \
             l’état ; la version publique remplace par « s » tout effectif de personnes inférieur à 5 et tout \
             chiffre dont un tel effectif pourrait se déduire."
        }
    }
}

/// What the report rests on, by date.
fn sources(material: &Material) -> Vec<Block> {
    let sources: BTreeSet<(bool, Option<NaiveDate>, String)> = material
        .sources
        .iter()
        .map(|source| {
            let told = match &source.url {
                Some(url) => format!(
                    "{} ({})",
                    wording::source(source),
                    String::from(url.clone())
                ),
                None => wording::source(source),
            };
            (source.dated.is_none(), source.dated, told)
        })
        .collect();
    if sources.is_empty() {
        return Vec::new();
    }
    let listed = sources.into_iter().map(|(.., told)| told);
    vec![heading("Sources citées"), Block::List(listed.collect())]
}
