//! Each section is there and says what it must.

use carnet::report::{compose::compose, document::Document};

use crate::{
    of,
    stage::{date, invented, material, material_of, session, sessions, twins},
};

fn document() -> Document {
    compose(&material())
}

#[track_caller]
fn says(text: &str, what: &str) {
    assert!(text.contains(what), "« {what} » is not in:\n{text}");
}

#[track_caller]
fn is_silent(text: &str, what: &str) {
    assert!(!text.contains(what), "« {what} » is in:\n{text}");
}

/// Catches: a section that was forgotten, or a document that no format can print.
#[test]
fn every_section_is_there() {
    let document = document();
    assert_eq!(document.check(), Ok(()));
    let codes: Vec<&str> = document
        .sections
        .iter()
        .map(|it| it.code.as_str())
        .collect();
    assert_eq!(
        codes,
        [
            "synthese",
            "experimentations",
            "semaine-par-semaine",
            "indicateurs",
            "comparaison",
            "criteres-et-decisions",
            "couts",
            "qualite-des-donnees",
            "methode",
            "limites",
        ]
    );
    for section in &document.sections {
        assert!(!section.blocks.is_empty(), "{} says nothing", section.code);
    }
    assert_eq!(document.dated, date("2021-06-30"));
    let facts: Vec<&str> = document
        .facts
        .iter()
        .map(|fact| fact.text.as_str())
        .collect();
    assert!(facts.contains(&"14"), "the position: {facts:?}");
    assert!(
        facts.contains(&"3f2a9c".repeat(10).as_str()),
        "the hash: {facts:?}"
    );
}

/// Catches: the same material told in two ways.
#[test]
fn the_same_material_gives_the_same_bytes() {
    assert_eq!(document().canonical(), document().canonical());
}

/// Catches: a count of a source without its unit, its rate or its interval, or merged with sessions.
#[test]
fn a_count_of_a_source_has_its_rate_and_interval() {
    let document = document();
    let told = "au moins 79 rendez-vous tenus du 8 avril 2021 au 6 mai 2021, soit 19,1 par semaine \
                (intervalle exact de Poisson à 95 % : 15,1 à 23,8) (Visite du sous-préfet, 7 mai 2021).";
    says(&of(&document, "synthese"), told);
    let experiments = of(&document, "experimentations");
    says(
        &experiments,
        "rendez-vous tenus | au moins | 79 | 8 avril 2021 | 6 mai 2021 | 19,1 | 15,1 à 23,8 | Visite",
    );
}

/// Catches: one of two sources that is left out, or preferred.
#[test]
fn sources_that_disagree_stand_side_by_side() {
    let document = document();
    let experiments = of(&document, "experimentations");
    says(
        &experiments,
        "Les sources ne s’accordent pas sur la fin de l’expérimentation : le 30 juin 2021 (Préfecture du \
         Nord, 17 mai 2021), ou le 8 juillet 2021 (Communiqué de presse, 6 mai 2021).",
    );
    says(
        &experiments,
        "Un facteur services-expert tient des permanences en 15 lieux. | La Poste | 12 avril 2021",
    );
    says(
        &experiments,
        "Le passage d’un facteur. | Communiqué de presse | 6 mai 2021",
    );
    says(
        &of(&document, "limites"),
        "plusieurs assertions sur un même sujet pour Mortagne-du-Nord",
    );
}

/// Catches: what is known of an experiment that is not told, and hours as a machine writes them.
#[test]
fn an_experiment_is_told_with_its_places_hours_and_people() {
    let experiments = of(&document(), "experimentations");
    for told in [
        "Permanences hebdomadaires.",
        "Bureau de poste de Vigny, Vigny (95658).",
        "3 communes : Cormeilles-en-Vexin, Grisy-les-Plâtres et Vigny.",
        "habitants (populations municipales de l’INSEE).",
        "2 opérateurs : La Poste et CAF.",
        "Jusqu’au 27 octobre 2021, par décision du 20 juin 2021 (premiers retours des usagers).",
        "En cours au 30 juin 2021.",
        "Mairie de Grisy-les-Plâtres (mairie) | Grisy-les-Plâtres | mardi de 9 h à 12 h et de 14 h à 16 h 30",
    ] {
        says(&experiments, told);
    }
    is_silent(&experiments, "Tu 09:00");
}

/// Catches: a week in which nothing is recorded shown as one of no visitor.
#[test]
fn a_week_without_a_session_is_no_week_of_none() {
    let weeks = of(&document(), "semaine-par-semaine");
    says(&weeks, "10 mai 2021 | 1 | 1 | 0 | 8 | 8");
    says(&weeks, "17 mai 2021 | 1 | 0 | 1 | non connu");
    says(
        &weeks,
        "semaine du 10/05/2021 : 8 ; semaine du 17/05/2021 : non connu",
    );
    says(
        &weeks,
        "27 avril 2021 | Expérimentation « Vigny » lancée le 27 avril 2021",
    );
}

/// Catches: an indicator without data shown as 0, or left out.
#[test]
fn an_indicator_without_data_is_without_object() {
    let document = document();
    let indicators = of(&document, "indicateurs");
    says(&indicators, "5. Rendez-vous non honorés");
    says(&indicators, "Mortagne-du-Nord | sans objet | sans objet");
    says(
        &indicators,
        "Rien n’a été mesuré au cours de la période : cet indicateur n’a pas de valeur.",
    );
    let none = compose(&material_of(Vec::new(), Vec::new()));
    let none = of(&none, "synthese");
    says(&none, "Satisfaction : sans objet.");
    says(&none, "Accompagnements : sans objet");
    says(&none, "Faute de mesure, rien ne peut être dit sur : ");
    is_silent(&none, " 0,0 %");
    says(&indicators, "18. Montée en charge");
    is_silent(&indicators, "Mortagne-du-Nord – moyenne hebdomadaire : 0,0");
}

/// Catches: a figure without what it was computed from, or without its definition.
#[test]
fn a_figure_has_its_interval_method_counts_and_definition() {
    let indicators = of(&document(), "indicateurs");
    // 8 held of 10 scheduled, of two nothing is recorded: Wilson's interval of 8 of 8.
    says(
        &indicators,
        "Vigny | valeur | 100,0 % | 67,6 à 100,0 % | Wilson | 8 | 8 | 8 | 20,0 %",
    );
    says(&indicators, "définition « held-rate », version 1");
    says(
        &indicators,
        "Les permanences prévues ont-elles été tenues ?",
    );
    says(
        &indicators,
        "Wilson (1927), retenu par Brown, Cai et DasGupta (2001)",
    );
}

/// Catches: a satisfaction that is told before, or without, how many answered.
#[test]
fn the_response_rate_comes_before_the_satisfaction() {
    let summary = of(&document(), "synthese");
    let place = |what: &str| summary.find(what).unwrap();
    assert!(place("Taux de réponse : ") < place("\nSatisfaction : "));
    says(
        &summary,
        "compte tenu de ce qui n’est pas connu, de 38,6 à 91,4 %",
    );
}

/// Catches: a criterion fixed after the launch that passes for one fixed before, and one that cannot
/// be told that passes for one not met.
#[test]
fn criteria_say_when_they_were_fixed_and_what_cannot_be_told() {
    let decisions = of(&document(), "criteres-et-decisions");
    says(
        &decisions,
        "Satisfaction | au moins 75 % | 20 | avant le lancement | 81,8 %",
    );
    says(&decisions, "| atteint, sans netteté");
    says(
        &decisions,
        "au moins 80 % | 500 | a posteriori (post hoc) | ",
    );
    says(&decisions, "ne peut être dit : trop peu d’observations");
    says(
        &decisions,
        "« bonheur » | au moins 1 | 1 | a posteriori (post hoc) | sans objet",
    );
    says(
        &decisions,
        "ne peut être dit : aucun indicateur n’a ce code",
    );
    says(&decisions, "Aucun critère de réussite n’est inscrit");
}

/// Catches: a decision told without what was known then, or as if nothing had changed since.
#[test]
fn a_decision_is_held_against_what_was_known_then_and_is_now() {
    let decisions = of(&document(), "criteres-et-decisions");
    for told in [
        "Prolongation jusqu’au 27 octobre 2021, décision du 20 juin 2021 (inscription 9).",
        "Elle se fonde sur ce qui était connu à la position 8 du carnet. Motifs énoncés : premiers retours \
         des usagers. Raisons données : « Les premiers retours sont bons ».",
        "Taux de réponse connu alors : ",
        "Satisfaction | 81 | % des réponses | 18 | ",
        "différente de ce que le carnet donne",
        "« bonheur » | 3 | sourires | sans objet | aucun indicateur n’a ce code",
        "81,8 % | 22 | 81,5 %",
        "Depuis, par des inscriptions tardives ou des corrections, ont changé : satisfaction (de ",
    ] {
        says(&decisions, told);
    }
}

/// Catches: intervals that overlap left to the reader to compare, a ranking, a test.
#[test]
fn overlapping_intervals_are_said_to_overlap() {
    let alike = compose(&twins(sessions()));
    let comparison = of(&alike, "comparaison");
    says(
        &comparison,
        "Les intervalles se chevauchent pour : permanences tenues, ",
    );
    says(&comparison, "satisfaction, additionnalité");
    says(
        &of(&alike, "synthese"),
        "ce qui ne permet pas de les distinguer",
    );
    says(&comparison, "ni classement, ni test de signification");
    is_silent(&comparison, "Coût");
    let crowded = (0..8).map(|week| {
        let day = date("2021-04-27") + chrono::Days::new(7 * week);
        session(&day.to_string(), 60)
    });
    let apart = of(&compose(&twins(crowded.collect())), "comparaison");
    says(
        &apart,
        "Fréquentation par permanence : les deux intervalles sont disjoints.",
    );
    says(&apart, "ils n’en disent pas la cause");
}

/// Catches: an estimate added to what was spent, a total of both, an unknown cost shown as none.
#[test]
fn costs_are_told_apart_by_nature() {
    let costs = of(&document(), "couts");
    says(
        &costs,
        "Vigny | réel | personnel | 1 | 1 234,56 | 1 234,56 | 1 234,56 | 0,00 | 0,00",
    );
    says(
        &costs,
        "Vigny | estimé | déplacements | 1 | 500,00 | 500,00 | 0,00 | 500,00 | 0,00",
    );
    is_silent(&costs, "1 734,56");
    says(
        &costs,
        "Banque des Territoires | La Poste | 1er avril 2021 | ensemble du programme | 300 000,00",
    );
    says(&costs, "| 0,00 | 1 234,56 |");
    says(
        &costs,
        "Aucun classement ne se fait sur un coût unitaire : le Sénat (2022)",
    );
    says(&costs, "coût complet réel, en € par heure tenue");
    let mut free = material();
    for chapter in &mut free.experiments {
        chapter.known.costs = std::sync::Arc::default();
    }
    says(&of(&compose(&free), "couts"), "est inconnu, et non nul");
}

/// Catches: invented data that pass for real, and real data that are called invented.
#[test]
fn what_is_invented_says_so_everywhere() {
    assert_eq!(document().synthetic, None);
    let document = compose(&material_of(sessions(), vec![invented()]));
    assert!(
        document
            .synthetic
            .unwrap()
            .starts_with("Données synthétiques\u{a0}: ")
    );
    let mut sessions = sessions();
    sessions[0].tally.entries.synthetic = 3;
    let document = compose(&material_of(sessions, Vec::new()));
    assert!(document.synthetic.is_some());
    says(&of(&document, "limites"), "Données synthétiques : ");
    // 3 of 70 entries.
    says(&of(&document, "qualite-des-donnees"), "Vigny | 4,3 %");
}

/// Catches: a report that does not tell how to get it again.
#[test]
fn the_method_tells_the_position_the_units_and_how_to_verify() {
    let method = of(&document(), "methode");
    for told in [
        "Tout ce rapport est établi à la position 14 du carnet",
        "« carnet report verify »",
        "Accompagnement : ",
        "Exact de Poisson : ",
        "aucun effectif n’y est masqué",
        "Préfecture du Nord, 17 mai 2021",
    ] {
        says(&method, told);
    }
}

/// Catches: a report of a whole programme that no format prints, or of nothing at all.
#[test]
fn of_many_and_of_none_there_is_a_report() {
    let mut many = material();
    let chapter = many.experiments[0].clone();
    for _ in 0..120 {
        many.experiments.push(chapter.clone());
    }
    let document = compose(&many);
    assert_eq!(document.check(), Ok(()));
    says(
        &of(&document, "synthese"),
        "Permanences hebdomadaires : 121 expérimentations, dont 121 en cours.",
    );
    says(&of(&document, "comparaison"), "ne tiennent pas côte à côte");
    let chart = document
        .charts()
        .find(|chart| chart.code == "satisfaction-graphique")
        .unwrap();
    says(
        chart.note.as_deref().unwrap(),
        "Le tableau donne chaque expérimentation",
    );
    let mut none = material();
    none.experiments.clear();
    none.whole.figures.clear();
    none.agreements.clear();
    none.recorded_at = None;
    let document = compose(&none);
    assert_eq!(document.check(), Ok(()));
    says(
        &of(&document, "experimentations"),
        "Le périmètre ne compte aucune expérimentation.",
    );
    says(&of(&document, "couts"), "Aucun coût n’est inscrit");
}
