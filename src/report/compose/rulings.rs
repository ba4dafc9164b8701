//! Decisions: what each rests on, criterion by criterion, then and today.

use super::{
    decisions::{held, moment, named, threshold},
    figures,
    wording::{self, all_of, paragraph, text, whole},
};
use crate::{
    domain::{
        experiment::{Criterion, Evidence, Figure},
        sentence,
    },
    evaluation::{
        decision::{Assessed, Basis, Kind, agrees},
        measure::{Measure, Unit},
    },
    report::{
        document::{Block, Cell, ColumnKind, Table},
        french::{self, date},
        material::{Chapter, Ruling},
    },
};

/// All that is said of one decision; `code` tells its tables from others.
pub(super) fn decision(code: &str, chapter: &Chapter, ruling: &Ruling) -> Vec<Block> {
    let mut blocks = vec![paragraph(told(chapter, ruling))];
    let Some(evidence) = &ruling.evidence else {
        blocks.push(paragraph(
            "Cette décision ne dit pas sur quoi elle se fonde.",
        ));
        return blocks;
    };
    blocks.push(paragraph(grounds(chapter, ruling, evidence)));
    let Some(then) = &ruling.then else {
        blocks.push(paragraph(
            "Ce sur quoi elle se fonde ne peut être recalculé : rien n’était lancé le jour de la décision.",
        ));
        return blocks;
    };
    blocks.extend(response_rate(then));
    let kind = ruling.kind.label();
    if !then.criteria.is_empty() {
        let table = then_and_now(code, kind, then, ruling.now.as_ref());
        blocks.push(Block::Table(table));
    }
    if ruling.withheld {
        blocks.push(paragraph(
            "Les chiffres sur lesquels elle repose ne sont pas publiés : ils sont d’une période et d’une \
             date qui ne sont pas celles du rapport.",
        ));
    } else if evidence.figures.is_empty() {
        blocks.push(paragraph("La décision ne cite aucun chiffre."));
    } else {
        let table = cited(code, kind, &evidence.figures, then, ruling.now.as_ref());
        blocks.push(Block::Table(table));
    }
    blocks.extend(ruling.now.as_ref().map(|now| paragraph(changes(then, now))));
    blocks
}

fn told(chapter: &Chapter, ruling: &Ruling) -> String {
    let experiment = &chapter.known.experiment;
    let extended = experiment.extensions.iter();
    let new_end = extended
        .filter(|it| it.position == ruling.recorded_at)
        .map(|it| format!(" jusqu’au {}", date(it.what.new_end)))
        .next();
    let takes_effect = match ruling.kind {
        Kind::Extension | Kind::ExtensionRefusal => "décision du",
        Kind::MadePermanent | Kind::Closure => "à compter du",
    };
    format!(
        "{}{}, {takes_effect} {} (inscription {}).",
        wording::capital(ruling.kind.label()),
        new_end.unwrap_or_default(),
        date(ruling.on),
        whole(ruling.recorded_at.0)
    )
}

fn grounds(chapter: &Chapter, ruling: &Ruling, evidence: &Evidence) -> String {
    let experiment = &chapter.known.experiment;
    let at = ruling.recorded_at;
    let extended = experiment.extensions.iter().filter(|it| it.position == at);
    let refused = experiment
        .extension_refusals
        .iter()
        .filter(|it| it.position == at);
    let grounds = extended
        .map(|it| &it.what.grounds)
        .chain(refused.map(|it| &it.what.grounds))
        .next();
    let grounds =
        grounds.map(|grounds| format!(" Motifs énoncés : {}.", sentence::grounds(grounds.iter())));
    format!(
        "Elle se fonde sur ce qui était connu à la position {} du carnet.{} Raisons données : « {} ».",
        whole(evidence.position.0),
        grounds.unwrap_or_default(),
        evidence.reasons
    )
}

/// How many answered, without which feedback cannot be weighed.
fn response_rate(then: &Basis) -> Option<Block> {
    let (definition, measure) = then.response_rate.as_ref()?;
    Some(paragraph(format!(
        "{} connu alors : {}.",
        definition.french.name,
        figures::told(measure)
    )))
}

fn then_and_now(code: &str, kind: &str, basis: &Basis, now: Option<&Basis>) -> Table {
    let rows = basis.criteria.iter().map(|then| {
        let now = now.and_then(|now| self::now(now, then));
        let (value, _, n, outcome) = held(then);
        let (value_now, _, n_now, outcome_now) = now.map_or_else(
            || {
                let gone = || Cell::Missing("critère retiré".to_owned());
                (gone(), gone(), gone(), gone())
            },
            held,
        );
        vec![
            text(format!("{}, {}", named(&then.criterion), threshold(then))),
            wording::count(then.criterion.minimum_n.into()),
            text(moment(then)),
            value,
            n,
            outcome,
            value_now,
            n_now,
            outcome_now,
        ]
    });
    let mut table = wording::table(
        format!("decision-{code}-criteres"),
        format!(
            "{} : critère par critère, alors et aujourd’hui",
            wording::capital(kind)
        ),
        &[
            ("Critère", ColumnKind::Text),
            ("n minimal", ColumnKind::Number),
            ("Fixé", ColumnKind::Text),
            ("Valeur alors", ColumnKind::Number),
            ("n alors", ColumnKind::Number),
            ("Conclusion alors", ColumnKind::Text),
            ("Valeur aujourd’hui", ColumnKind::Number),
            ("n aujourd’hui", ColumnKind::Number),
            ("Conclusion aujourd’hui", ColumnKind::Text),
        ],
        rows.collect(),
    );
    table.notes.push(
        "« Alors » : du lancement au jour de la décision, tel que le carnet le savait à la position sur \
         laquelle elle se fonde. « Aujourd’hui » : les mêmes jours, tels que le carnet les sait à la position \
         de ce rapport."
            .to_owned(),
    );
    table
}

/// The same criterion, today.
fn now<'a>(now: &'a Basis, then: &Assessed) -> Option<&'a Assessed> {
    let mut criteria = now.criteria.iter();
    criteria.find(|it| it.fixed == then.fixed)
}

/// Figures that were cited, beside those that the log gives.
fn cited(code: &str, kind: &str, figures: &[Figure], then: &Basis, now: Option<&Basis>) -> Table {
    let rows = (0..).zip(figures).map(|(at, figure)| {
        let of = |basis: &Basis| basis.cited.get(at).cloned().flatten();
        let then = of(then);
        let now = now.and_then(of);
        let name = then.as_ref().or(now.as_ref()).map_or_else(
            || format!("« {} »", figure.indicator),
            |(definition, _)| definition.french.name.to_owned(),
        );
        let (then, now) = (then.map(|(_, it)| it), now.map(|(_, it)| it));
        // What was cited is what was computed then: it tells as much.
        let mut computed = then.iter().chain(&now);
        let withheld = computed.any(|measure| measure.suppressed);
        let shown = |cell: Cell| if withheld { Cell::Suppressed } else { cell };
        vec![
            text(name),
            shown(Cell::Number {
                value: figure.value,
                digits: figure.value.normalize().scale().min(2),
            }),
            text(figure.unit.as_str()),
            shown(
                figure
                    .n
                    .map_or_else(wording::without, |n| wording::count(n.into())),
            ),
            shown(recomputed(then.as_ref())),
            shown(then.as_ref().map_or_else(wording::without, figures::n)),
            shown(recomputed(now.as_ref())),
            shown(text(gap(figure, then.as_ref()))),
        ]
    });
    wording::table(
        format!("decision-{code}-chiffres"),
        format!(
            "{} : chiffres cités et chiffres recalculés",
            wording::capital(kind)
        ),
        &[
            ("Indicateur", ColumnKind::Text),
            ("Valeur citée", ColumnKind::Number),
            ("Unité citée", ColumnKind::Text),
            ("n cité", ColumnKind::Number),
            ("Recalculée alors", ColumnKind::Number),
            ("n alors", ColumnKind::Number),
            ("Recalculée aujourd’hui", ColumnKind::Number),
            ("Constat", ColumnKind::Text),
        ],
        rows.collect(),
    )
}

fn recomputed(measure: Option<&Measure>) -> Cell {
    measure.map_or_else(
        || Cell::Missing("aucun indicateur n’a ce code".to_owned()),
        figures::value,
    )
}

/// Whether what was cited is what the log gives, to the digits that were cited.
fn gap(figure: &Figure, then: Option<&Measure>) -> &'static str {
    let Some(value) = then.and_then(|then| then.value) else {
        return "ne peut être recalculée";
    };
    if agrees(figure.value, value) {
        "retrouvée"
    } else {
        "différente de ce que le carnet donne"
    }
}

/// What has changed since in the figures of a decision.
fn changes(basis: &Basis, today: &Basis) -> String {
    let mut changed = Vec::new();
    let mut withheld = false;
    for then in &basis.criteria {
        let Some(now) = now(today, then) else {
            changed.push(format!(
                "{} (critère retiré)",
                named(&then.criterion).to_lowercase()
            ));
            continue;
        };
        if let (Some(before), Some(after)) = (&then.measure, &now.measure) {
            if before.suppressed || after.suppressed {
                withheld = true;
            } else if (before.value, before.n) != (after.value, after.n) {
                changed.push(change(&then.criterion, before, after));
            }
        }
    }
    let told = if changed.is_empty() {
        "Depuis, aucun des chiffres de ces critères n’a changé".to_owned()
    } else {
        format!(
            "Depuis, par des inscriptions tardives ou des corrections, ont changé : {}",
            all_of(&changed)
        )
    };
    if withheld {
        format!("{told}, pour autant qu’ils puissent être communiqués.")
    } else {
        format!("{told}.")
    }
}

fn change(criterion: &Criterion, before: &Measure, after: &Measure) -> String {
    let short = |measure: &Measure| match (measure.unit, figures::value(measure)) {
        (Unit::Percent, shown) => french::cell(&shown),
        _ => figures::plain(measure),
    };
    format!(
        "{} (de {}, n = {}, à {}, n = {})",
        named(criterion).to_lowercase(),
        short(before),
        whole(before.n),
        short(after),
        whole(after.n)
    )
}
