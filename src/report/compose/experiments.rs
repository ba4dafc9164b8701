//! The experiments: what each is, where and when it is held, and what sources assert of it.

use chrono::NaiveDate;

use super::{
    asserted, hours,
    wording::{self, all_of, counted, heading, paragraph, since, text},
};
use crate::{
    domain::{
        event::{Source, Stated},
        experiment::{Launch, Status},
        permanence::Permanence,
        sentence,
        terms::{InseeCode, Period, VenueId},
    },
    evaluation::facts::Known,
    report::{
        document::{Block, Cell, ColumnKind, Section, Table},
        french::date,
        material::{Chapter, Material},
    },
};

/// So many communes of a zone are named.
const COMMUNES_NAMED_MAX: usize = 20;

pub(super) fn section(material: &Material) -> Section {
    let mut blocks = Vec::new();
    for (number, chapter) in (1_u64..).zip(&material.experiments) {
        blocks.push(heading(chapter.name()));
        blocks.push(Block::Table(sheet(number, material, chapter)));
        blocks.push(Block::Table(permanences(number, material, chapter)));
        blocks.extend(asserted::blocks(number, material, chapter));
    }
    if material.experiments.is_empty() {
        blocks.push(paragraph("Le périmètre ne compte aucune expérimentation."));
    }
    Section {
        code: "experimentations".to_owned(),
        title: "Les expérimentations".to_owned(),
        blocks,
    }
}

/// Where an experiment stands, as a predicate.
pub(super) const fn status(status: Status) -> &'static str {
    match status {
        Status::Planned => "non commencée",
        Status::Running => "en cours",
        Status::Suspended => "suspendue",
        Status::TermReached => "parvenue à son terme, sans décision connue",
        Status::MadePermanent => "pérennisée",
        Status::Closed => "close",
    }
}

/// What is known of it, each thing with its source.
fn sheet(number: u64, material: &Material, chapter: &Chapter) -> Table {
    let experiment = &chapter.known.experiment;
    let mut rows = Vec::new();
    if let Some(launch) = &experiment.launch {
        rows.extend(launched(launch));
    }
    for extension in &experiment.extensions {
        let told = format!(
            "Jusqu’au {}, par décision du {} ({}).",
            date(extension.what.new_end),
            date(extension.valid.from),
            sentence::grounds(extension.what.grounds.iter())
        );
        rows.push(row("Prolongation", told, &extension.source));
    }
    for refusal in &experiment.extension_refusals {
        let told = format!(
            "Le {} ({}).",
            date(refusal.valid.from),
            sentence::grounds(refusal.what.grounds.iter())
        );
        rows.push(row("Refus de prolongation", told, &refusal.source));
    }
    for suspension in experiment.suspensions.all() {
        let told = interrupted(suspension.from(), suspension.until);
        rows.push(row("Suspension", told, &suspension.stated.source));
    }
    for closure in experiment.hub_closures.all() {
        let told = interrupted(closure.from(), closure.until);
        rows.push(row(
            "Site de rattachement fermé pour travaux",
            told,
            &closure.stated.source,
        ));
    }
    if let Some(zone) = experiment.comparison_zone_on(material.on) {
        rows.push(row(
            "Zone de comparaison",
            communes(zone.what.zone.iter()),
            &zone.source,
        ));
    }
    if let Some(made) = &experiment.made_permanent {
        let told = format!("À compter du {}.", date(made.valid.from));
        rows.push(row("Pérennisation", told, &made.source));
    }
    if let Some(closed) = &experiment.closed {
        let told = format!(
            "À compter du {} : {}",
            date(closed.valid.from),
            sentence::ended(&closed.what.reason)
        );
        rows.push(row("Clôture", told, &closed.source));
    }
    let standing = format!(
        "{} au {}.",
        wording::capital(status(experiment.status_on(material.on))),
        date(material.on)
    );
    rows.push(vec![text("État"), text(standing), text("Ce qui précède")]);
    wording::table(
        format!("fiche-{number}"),
        format!("{} : fiche", chapter.name()),
        &[
            ("Élément", ColumnKind::Text),
            ("Ce qui est connu", ColumnKind::Text),
            ("Source", ColumnKind::Text),
        ],
        rows,
    )
}

fn launched(launch: &Stated<Launch>) -> Vec<Vec<Cell>> {
    let Launch {
        model,
        model_detail,
        carrier,
        hub,
        zone,
        operators,
        planned_end,
        ..
    } = &launch.what;
    let row = |what: &str, told: String| self::row(what, told, &launch.source);
    let model = match model_detail {
        Some(detail) => format!(
            "{} : {}",
            wording::capital(model.name()),
            sentence::ended(detail)
        ),
        None => format!("{}.", wording::capital(model.name())),
    };
    let address = hub.address.as_ref().map(|address| format!("{address}, "));
    let names: Vec<String> = operators.iter().map(|it| it.name.to_string()).collect();
    let served = format!("{} {}", communes(zone.iter()), inhabitants(zone.iter()));
    vec![
        row("Modèle", model),
        row("Porteur", format!("{carrier}.")),
        row(
            "Site de rattachement",
            format!(
                "{}, {}{} ({}).",
                hub.name,
                address.unwrap_or_default(),
                hub.commune.name(),
                hub.commune
            ),
        ),
        row("Zone desservie", served),
        row(
            "Opérateurs",
            format!(
                "{} : {}.",
                counted(operators.len() as u64, "opérateur", "opérateurs"),
                all_of(&names)
            ),
        ),
        row(
            "Lancement",
            format!("{}.", wording::capital(&since(launch.valid))),
        ),
        row(
            "Fin prévue au lancement",
            format!("Le {}.", date(*planned_end)),
        ),
    ]
}

fn row(what: &str, told: String, source: &Source) -> Vec<Cell> {
    vec![text(what), text(told), text(wording::source(source))]
}

/// Over which days something was stopped.
fn interrupted(from: NaiveDate, until: Option<NaiveDate>) -> String {
    match until {
        Some(until) => format!(
            "{}.",
            wording::capital(&wording::during(Period { from, until }))
        ),
        None => format!("À compter du {}, sans fin connue.", date(from)),
    }
}

fn communes<'a>(zone: impl Iterator<Item = &'a InseeCode>) -> String {
    let mut names: Vec<String> = zone.map(InseeCode::name).collect();
    names.sort_unstable();
    let all = names.len();
    let how_many = counted(all as u64, "commune", "communes");
    if all > COMMUNES_NAMED_MAX {
        return format!("{how_many}.");
    }
    format!("{how_many} : {}.", all_of(&names))
}

/// The population of a zone, as far as it is published.
fn inhabitants<'a>(zone: impl Iterator<Item = &'a InseeCode>) -> String {
    let (mut people, mut unknown) = (0_u64, 0_u64);
    for code in zone {
        match code.commune().and_then(|commune| commune.population) {
            Some(population) => people = people.saturating_add(population.into()),
            None => unknown = unknown.saturating_add(1),
        }
    }
    let people = counted(people, "habitant", "habitants");
    if unknown > 0 {
        let unknown = counted(unknown, "commune", "communes");
        format!(
            "{people} (populations municipales de l’INSEE ; celle de {unknown} n’est pas connue)."
        )
    } else {
        format!("{people} (populations municipales de l’INSEE).")
    }
}

/// Its permanences: where, when, by whom, since when and until when.
fn permanences(number: u64, material: &Material, chapter: &Chapter) -> Table {
    let known = &chapter.known;
    let mut rows = Vec::new();
    for permanence in known.permanences.values() {
        rows.extend(slots(known, material, permanence));
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    let mut table = wording::table(
        format!("permanences-{number}"),
        format!("{} : permanences", chapter.name()),
        &[
            ("Lieu", ColumnKind::Text),
            ("Commune", ColumnKind::Text),
            ("Jours et heures", ColumnKind::Text),
            ("Accueil", ColumnKind::Text),
            ("Tenue", ColumnKind::Text),
            ("À compter du", ColumnKind::Date),
            ("Remarque", ColumnKind::Text),
            ("Source", ColumnKind::Text),
        ],
        rows.into_iter().map(|(_, row)| row).collect(),
    );
    if table.rows.is_empty() {
        table
            .notes
            .push("Aucune permanence n’est inscrite.".to_owned());
    }
    table
}

/// A row to each of its successive terms; its order among the others: by venue, then by day.
fn slots(
    known: &Known,
    material: &Material,
    permanence: &Permanence,
) -> Vec<((String, NaiveDate), Vec<Cell>)> {
    let schedule = permanence.schedule();
    let next = schedule.iter().skip(1).map(|next| Some(next.valid.from));
    let next: Vec<Option<NaiveDate>> = next.chain([None]).collect();
    let rows = schedule.iter().zip(next).map(|(stated, next)| {
        let terms = &stated.what;
        let (name, commune) = venue(known, terms.venue);
        let remark = next.map_or_else(
            || standing(permanence, material.on),
            |next| format!("horaires ou lieu changés le {}", date(next)),
        );
        let row = vec![
            text(&name),
            text(commune),
            text(hours::told(&terms.hours)),
            text(sentence::appointment(terms.appointment)),
            text(sentence::held_by(terms.held_by)),
            Cell::Date(stated.valid.from),
            text(remark),
            text(wording::source(&stated.source)),
        ];
        ((name, stated.valid.from), row)
    });
    rows.collect()
}

/// What has become of a permanence by a day.
fn standing(permanence: &Permanence, on: NaiveDate) -> String {
    let closed = permanence
        .closed
        .as_ref()
        .filter(|closed| closed.valid.from <= on);
    if let Some(closed) = closed {
        format!("close à compter du {}", date(closed.valid.from))
    } else if permanence.suspensions.covering(on).is_some() {
        "suspendue".to_owned()
    } else {
        "en vigueur".to_owned()
    }
}

/// The name of a venue with its kind, and its commune.
fn venue(known: &Known, id: VenueId) -> (String, String) {
    let agreed = known
        .venues
        .get(&id)
        .and_then(|venue| venue.agreed.as_ref());
    agreed.map_or_else(
        || ("lieu inconnu".to_owned(), "inconnue".to_owned()),
        |agreed| {
            let kind = sentence::venue_kind(agreed.what.kind);
            let name = format!("{} ({kind})", agreed.what.name);
            (name, agreed.what.commune.name())
        },
    )
}
