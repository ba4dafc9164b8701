//! Limits: what this report does not show, and why; those that its own figures bring with them.

use super::{
    asserted, figures,
    wording::{self, all_of, counted, paragraph, whole},
};
use crate::report::{
    document::{Block, Section},
    french,
    material::{Chapter, Material},
};

/// Fewer answers than so many are said to be few: a share of them is known to some 20 points.
const FEW: u64 = 30;

pub(super) fn section(material: &Material) -> Section {
    let mut told = vec![
        "Les expérimentations sont peu nombreuses et n’ont pas été tirées au sort : aucun écart entre elles, \
         ni entre avant et après, ne prouve l’effet d’un modèle."
            .to_owned(),
    ];
    told.extend(few(material));
    told.extend(non_response(material));
    told.extend(unknown(material));
    told.extend(conflicts(material));
    told.push(
        "Ce qui n’a pas été inscrit n’est pas compté : l’absence d’une inscription ne dit pas que rien n’a eu \
         lieu. Les semaines les plus récentes sont celles où les inscriptions manquent le plus."
            .to_owned(),
    );
    told.push(
        "La population d’une zone est celle de ses communes entières ; elle ne dit pas qui se déplace."
            .to_owned(),
    );
    if super::is_synthetic(material) {
        told.push(super::SYNTHETIC.to_owned());
    }
    Section {
        code: "limites".to_owned(),
        title: "Limites".to_owned(),
        blocks: vec![
            paragraph("Ce rapport se lit avec les réserves suivantes."),
            Block::List(told),
        ],
    }
}

/// The experiments of which something is so.
fn where_so(material: &Material, so: impl Fn(&Chapter) -> bool) -> Vec<String> {
    let chapters = material.experiments.iter().filter(|chapter| so(chapter));
    chapters.map(Chapter::name).collect()
}

fn few(material: &Material) -> Option<String> {
    let few = where_so(material, |chapter| {
        let satisfaction = figures::main(&chapter.figures, "satisfaction");
        satisfaction.is_some_and(|it| !it.suppressed && it.n < FEW)
    });
    (!few.is_empty()).then(|| {
        format!(
            "Petits nombres : moins de {} avis pour {} ; les intervalles y sont larges, et une seule réponse \
             déplace la part de plusieurs points.",
            whole(FEW),
            all_of(&few)
        )
    })
}

fn non_response(material: &Material) -> Option<String> {
    let rate = figures::main(&material.whole, "response-rate")?;
    if rate.suppressed {
        return None;
    }
    let shown = french::cell(&figures::value(rate));
    rate.value.map(|_| {
        format!(
            "Non-réponse : {shown} de ceux à qui l’avis a été demandé ont répondu ; ceux qui se taisent ne \
             pensent pas forcément comme les autres. Les bornes du pire cas disent ce qu’il en serait."
        )
    })
}

fn unknown(material: &Material) -> Option<String> {
    let held = figures::main(&material.whole, "held-rate")?;
    (!held.suppressed && held.missing > 0).then(|| {
        format!(
            "Inconnues : {} dont on ignore si elles ont été tenues ; leur activité, s’il y en a eu, n’est pas \
             comptée.",
            counted(held.missing, "permanence prévue", "permanences prévues")
        )
    })
}

fn conflicts(material: &Material) -> Option<String> {
    let disputed = where_so(material, asserted::disagree);
    (!disputed.is_empty()).then(|| {
        format!(
            "Sources : plusieurs assertions sur un même sujet pour {} ; elles sont données côte à côte, et \
             le carnet n’en choisit aucune. {}",
            all_of(&disputed),
            wording::capital("les chiffres suivent les dates et lieux inscrits comme décidés.")
        )
    })
}
