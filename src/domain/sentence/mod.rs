//! Each event as a French sentence a person can read.

mod access;
mod funding;
mod impact;
mod import;
mod report;
mod site;

pub(crate) use access::grant;
pub(crate) use funding::category;
pub(crate) use impact::unit;

use chrono::NaiveDate;

use super::{
    adviser::{AdviserEvent, Assignment, Place},
    event::{Event, Fact, StreamId},
    experiment::{Comparison, ExperimentEvent, Ground, Launch, Topic},
    permanence::{AdviserRole, Appointment, HeldBy, PermanenceEvent, SlotChange, SlotTerms},
    session,
    terms::{Certainty, Validity, VenueId, Words, time::in_french},
    venue::{Known, VenueEvent, VenueKind, VenueTerms},
};

/// Tells a fact; one that was invented says so first. `name_of` finds the name of a venue or of a
/// labelled site.
#[must_use]
pub fn tell(fact: &Fact, name_of: impl Fn(StreamId) -> Option<String>) -> String {
    let sentence = tell_in_place(fact, name_of);
    if fact.saying.synthetic {
        format!("[synthétique] {sentence}")
    } else {
        sentence
    }
}

/// The other subject that the sentence of a fact names: a venue, or a labelled site.
#[must_use]
pub fn named(fact: &Fact) -> Option<StreamId> {
    if let Event::Experiment(_, ExperimentEvent::HubDesignated(hub)) = &fact.event {
        return Some(hub.site.into());
    }
    let Event::Permanence(_, event) = &fact.event else {
        return None;
    };
    let venue = match event {
        PermanenceEvent::Scheduled(terms) => Some(terms.venue),
        PermanenceEvent::Rescheduled(change) => change.venue,
        PermanenceEvent::Suspended(_)
        | PermanenceEvent::Resumed(_)
        | PermanenceEvent::Closed(_) => None,
    };
    venue.map(Into::into)
}

/// With what it corrects, where it corrects something.
fn tell_in_place(fact: &Fact, name_of: impl Fn(StreamId) -> Option<String>) -> String {
    let sentence = tell_plainly(fact, name_of);
    let Some(correction) = &fact.saying.corrects else {
        return sentence;
    };
    let entry = correction.entry;
    let reason = correction.reason.as_ref();
    match (&fact.event, reason) {
        (Event::Retracted(_), Some(reason)) => {
            format!("Inscription {entry} retirée : {}", ended(reason))
        }
        (Event::Retracted(_), None) => format!("Inscription {entry} retirée."),
        (_, Some(reason)) => {
            let reason = reason.as_str().trim_end_matches('.');
            format!("Correction de l'inscription {entry} ({reason}) : {sentence}")
        }
        (_, None) => format!("Correction de l'inscription {entry} : {sentence}"),
    }
}

fn tell_plainly(fact: &Fact, name_of: impl Fn(StreamId) -> Option<String>) -> String {
    let valid = fact.saying.valid;
    match &fact.event {
        Event::Experiment(_, event) => experiment(event, valid, name_of),
        Event::Venue(_, event) => match event {
            VenueEvent::Agreed(terms) => agreed(terms, valid),
            VenueEvent::Withdrawn(reason) => format!(
                "Lieu d'accueil retiré à compter du {} : {}",
                day(valid.from),
                ended(&reason.reason)
            ),
        },
        Event::Permanence(_, event) => match event {
            PermanenceEvent::Scheduled(terms) => format!(
                "Permanence programmée à compter du {} {}.",
                day(valid.from),
                slot(terms, name_of)
            ),
            PermanenceEvent::Rescheduled(change) => format!(
                "Permanence reprogrammée à compter du {} ({}).",
                day(valid.from),
                changed(change, name_of)
            ),
            PermanenceEvent::Suspended(reason) => {
                interrupted("Permanence suspendue", valid, &reason.reason)
            }
            PermanenceEvent::Resumed(resumption) => {
                resumed("Permanence reprise", valid, resumption.remark.as_ref())
            }
            PermanenceEvent::Closed(reason) => format!(
                "Permanence close à compter du {} : {}",
                day(valid.from),
                ended(&reason.reason)
            ),
        },
        Event::Adviser(_, event) => adviser(event, valid),
        Event::Session(_, event) => session::tell(event, valid),
        Event::Operator(_, event) => funding::operator(event, valid),
        Event::Agreement(_, event) => funding::agreement(event, valid),
        Event::Cost(_, event) => funding::cost(event, valid),
        Event::Import(_, event) => import::import(event, valid),
        Event::Site(_, event) => site::site(event, valid),
        Event::Report(_, event) => report::report(event, valid),
        Event::Token(_, event) => access::token(event, valid),
        Event::Holder(_, event) => access::holder(event, valid),
        Event::Retracted(_) => "Inscription retirée.".to_owned(),
    }
}

/// Never the name: a sentence outlives the person's erasure.
fn adviser(event: &AdviserEvent, valid: Validity) -> String {
    match event {
        AdviserEvent::Registered(registration) => format!(
            "Conseiller inscrit à compter du {} ({}) ; son nom est scellé.",
            day(valid.from),
            role_in_french(registration.role).0
        ),
        AdviserEvent::Renamed(_) => format!(
            "Changement de nom d'un conseiller à compter du {} ; son nom est scellé.",
            day(valid.from)
        ),
        AdviserEvent::Assigned(assignment) => {
            format!("Conseiller affecté {}, {}.", at(assignment), over(valid))
        }
        AdviserEvent::Unassigned(assignment) => format!(
            "Fin de l'affectation d'un conseiller {} à compter du {}.",
            at(assignment),
            day(valid.from)
        ),
        AdviserEvent::Absent(_) => format!("Conseiller absent {}.", over(valid)),
        AdviserEvent::Erased(reason) => format!(
            "Personne effacée le {} : {}",
            day(valid.from),
            ended(&reason.reason)
        ),
    }
}

const fn at(assignment: &Assignment) -> &'static str {
    match assignment.place {
        Place::Hub => "au bureau",
        Place::Permanence(_) => "à une permanence",
    }
}

fn experiment(
    event: &ExperimentEvent,
    valid: Validity,
    name_of: impl Fn(StreamId) -> Option<String>,
) -> String {
    match event {
        ExperimentEvent::CriteriaFixed(fixed) => {
            let criteria: Vec<String> = fixed
                .criteria
                .iter()
                .map(|criterion| {
                    let side = match criterion.comparison {
                        Comparison::AtLeast => "au moins",
                        Comparison::AtMost => "au plus",
                    };
                    format!(
                        "{} {side} {} (n minimal {})",
                        criterion.indicator,
                        decimal(criterion.threshold),
                        criterion.minimum_n
                    )
                })
                .collect();
            format!(
                "Critères de réussite de « {} » fixés le {} : {}.",
                fixed.title,
                day(valid.from),
                criteria.join(" ; ")
            )
        }
        ExperimentEvent::Launched(launch) => launched(launch, valid),
        ExperimentEvent::EndAsserted(end) => match &end.words {
            Some(words) => format!(
                "Fin annoncée au {} (« {words} »), selon une source du {}.",
                day(end.end),
                day(valid.from)
            ),
            None => format!(
                "Fin annoncée au {}, selon une source du {}.",
                day(end.end),
                day(valid.from)
            ),
        },
        ExperimentEvent::StatementRecorded(statement) => format!(
            "Assertion relevée {} ({}) : {}",
            by(valid),
            topic(statement.topic),
            ended(&statement.words)
        ),
        ExperimentEvent::Extended(extension) => format!(
            "Expérimentation prolongée jusqu'au {}, par décision du {} ({}) : {}",
            day(extension.new_end),
            day(valid.from),
            grounds(extension.grounds.iter()),
            ended(&extension.evidence.reasons)
        ),
        ExperimentEvent::ExtensionRefused(refusal) => format!(
            "Prolongation refusée le {} ({}) : {}",
            day(valid.from),
            grounds(refusal.grounds.iter()),
            ended(&refusal.evidence.reasons)
        ),
        ExperimentEvent::Suspended(reason) => {
            interrupted("Expérimentation suspendue", valid, &reason.reason)
        }
        ExperimentEvent::Resumed(resumption) => {
            resumed("Expérimentation reprise", valid, resumption.remark.as_ref())
        }
        ExperimentEvent::MadePermanent(decision) => format!(
            "Expérimentation pérennisée à compter du {} : {}",
            day(valid.from),
            ended(&decision.evidence.reasons)
        ),
        ExperimentEvent::Closed(closure) => format!(
            "Expérimentation close à compter du {} : {}",
            day(valid.from),
            ended(&closure.reason)
        ),
        ExperimentEvent::HubClosed(reason) => {
            interrupted("Bureau fermé pour travaux", valid, &reason.reason)
        }
        ExperimentEvent::HubReopened(resumption) => {
            resumed("Bureau rouvert", valid, resumption.remark.as_ref())
        }
        ExperimentEvent::ComparisonZoneDesignated(zone) => impact::zone(zone, valid),
        ExperimentEvent::BaselineMeasured(baseline) => impact::baseline(baseline, valid),
        ExperimentEvent::HubDesignated(hub) => site::hub(*hub, valid, name_of),
        ExperimentEvent::CountAsserted(count) => impact::count(count, valid),
    }
}

fn launched(launch: &Launch, valid: Validity) -> String {
    let since = by(valid);
    let model = launch.model.name();
    format!(
        "Expérimentation « {} » lancée {since} ({}, à {}) : {model} ; {} ; {} ; prévue \
         jusqu'au {}.",
        launch.title,
        launch.hub.name,
        launch.hub.commune.name(),
        counted(launch.zone.len(), "commune"),
        counted(launch.operators.len(), "opérateur"),
        day(launch.planned_end)
    )
}

/// What a statement is about.
pub(crate) const fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Model => "le modèle",
        Topic::Venues => "les lieux",
        Topic::HubHours => "les horaires du bureau",
        Topic::Activity => "l'activité",
        Topic::Funding => "le financement",
        Topic::Other => "autre sujet",
    }
}

/// A kind of host venue.
pub(crate) const fn venue_kind(kind: VenueKind) -> &'static str {
    match kind {
        VenueKind::TownHall => "mairie",
        VenueKind::CommunalPostalAgency => "agence postale communale",
        VenueKind::PartnerShop => "commerce partenaire",
        VenueKind::Tobacconist => "bureau de tabac",
        VenueKind::Supermarket => "supermarché",
        VenueKind::DigitalSpace => "espace public numérique",
        VenueKind::PostOffice => "bureau de poste",
        VenueKind::Other => "autre lieu",
    }
}

fn agreed(terms: &VenueTerms, valid: Validity) -> String {
    let kind = venue_kind(terms.kind);
    let since = match valid.certainty {
        Certainty::Exact => "à compter du",
        Certainty::NoLaterThan => "au plus tard le",
    };
    let talk = match terms.confidential_space {
        Known::Yes => "entretien confidentiel possible",
        Known::No => "entretien confidentiel impossible",
        Known::Unknown => "confidentialité non précisée",
    };
    format!(
        "Lieu d'accueil accordé {since} {} : {} ({kind}, {} ; {talk}).",
        day(valid.from),
        terms.name,
        terms.commune.name()
    )
}

fn slot(terms: &SlotTerms, name_of: impl Fn(StreamId) -> Option<String>) -> String {
    format!(
        "({}, {}, {}, {})",
        place(terms.venue, name_of),
        terms.hours,
        appointment(terms.appointment),
        held_by(terms.held_by)
    )
}

/// Only what changes.
fn changed(change: &SlotChange, name_of: impl Fn(StreamId) -> Option<String>) -> String {
    let told = [
        change.venue.map(|venue| place(venue, name_of)),
        change
            .hours
            .as_ref()
            .map(|hours| format!("horaires {hours}")),
        change
            .appointment
            .map(|policy| appointment(policy).to_owned()),
        change.held_by.map(held_by),
    ];
    told.into_iter().flatten().collect::<Vec<_>>().join(" ; ")
}

fn place(venue: VenueId, name_of: impl Fn(StreamId) -> Option<String>) -> String {
    name_of(venue.into()).unwrap_or_else(|| format!("lieu {venue}"))
}

/// Whether one needs an appointment.
pub(crate) const fn appointment(policy: Appointment) -> &'static str {
    match policy {
        Appointment::WalkIn => "sans rendez-vous",
        Appointment::Required => "sur rendez-vous",
        Appointment::Either => "avec ou sans rendez-vous",
        Appointment::Unknown => "rendez-vous non précisé",
    }
}

/// Who holds a permanence.
pub(crate) fn held_by(held_by: HeldBy) -> String {
    let count = usize::from(held_by.count);
    let (one, many) = role_in_french(held_by.role);
    format!("tenue par {}", counted_as(count, one, many))
}

/// One, and several of them.
const fn role_in_french(role: AdviserRole) -> (&'static str, &'static str) {
    match role {
        AdviserRole::DeskOfficer => ("chargé de clientèle", "chargés de clientèle"),
        AdviserRole::PostalServiceExpert => {
            ("facteur services-expert", "facteurs services-experts")
        }
        AdviserRole::Adviser => ("conseiller", "conseillers"),
    }
}

fn interrupted(what: &str, valid: Validity, reason: &Words) -> String {
    format!("{what} {} : {}", over(valid), ended(reason))
}

/// On the days it is so.
fn over(valid: Validity) -> String {
    match (valid.certainty, valid.until) {
        (Certainty::Exact, None) => format!("à compter du {}", day(valid.from)),
        (Certainty::Exact, Some(until)) => {
            format!("du {} au {} inclus", day(valid.from), day(until))
        }
        (Certainty::NoLaterThan, None) => format!("au plus tard le {}", day(valid.from)),
        (Certainty::NoLaterThan, Some(until)) => format!(
            "au plus tard le {}, jusqu'au {} inclus",
            day(valid.from),
            day(until)
        ),
    }
}

fn resumed(what: &str, valid: Validity, remark: Option<&Words>) -> String {
    match remark {
        Some(remark) => format!(
            "{what} à compter du {} : {}",
            day(valid.from),
            ended(remark)
        ),
        None => format!("{what} à compter du {}.", day(valid.from)),
    }
}

/// The stated grounds of a decision.
pub(crate) fn grounds<'a>(grounds: impl Iterator<Item = &'a Ground>) -> String {
    grounds
        .map(|ground| match ground {
            Ground::EarlyFeedback => "premiers retours des usagers",
            Ground::ModelRelevance => "pertinence du modèle",
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// On the day it is so from, or by it.
fn by(valid: Validity) -> String {
    match valid.certainty {
        Certainty::Exact => format!("le {}", day(valid.from)),
        Certainty::NoLaterThan => format!("au plus tard le {}", day(valid.from)),
    }
}

fn day(date: NaiveDate) -> String {
    in_french(date)
}

/// Somebody's words, closed by a full stop unless they close themselves.
pub(crate) fn ended(words: &Words) -> String {
    let words = words.as_str();
    if words.ends_with(['.', '!', '?', '…']) {
        words.to_owned()
    } else {
        format!("{words}.")
    }
}

fn decimal(value: rust_decimal::Decimal) -> String {
    value.normalize().to_string().replace('.', ",")
}

pub(super) fn counted(count: usize, noun: &str) -> String {
    counted_as(count, noun, &format!("{noun}s"))
}

fn counted_as(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count < 2 { one } else { many })
}
