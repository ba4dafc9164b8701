//! Published reports, told in French.

use super::{by, day};
use crate::domain::{
    report::{Audience, ContentPart, Publication, ReportEvent},
    terms::{Validity, money::grouped},
};

pub(super) fn report(event: &ReportEvent, valid: Validity) -> String {
    match event {
        ReportEvent::PartStored(part) => stored(part),
        ReportEvent::Published(publication) => published(publication, valid),
    }
}

/// Not what it says, which no reader of a history could make anything of.
fn stored(part: &ContentPart) -> String {
    format!(
        "Partie {} du contenu d'un rapport mise au journal ({} caractères).",
        part.index.saturating_add(1),
        grouped(&part.text.as_str().len().to_string())
    )
}

fn published(publication: &Publication, valid: Validity) -> String {
    let readers = match publication.audience {
        Audience::Evaluator => "pour les évaluateurs",
        Audience::Public => "pour tous",
    };
    let replaced = if publication.replaces.is_some() {
        " ; il remplace une version antérieure"
    } else {
        ""
    };
    format!(
        "Rapport « {} » publié {} {readers}, arrêté à la position {}, du {} au {} \
         (sha256 {}){replaced}.",
        publication.title,
        by(valid),
        grouped(&publication.known_at.to_string()),
        day(publication.period.from),
        day(publication.period.until),
        publication.hash.short()
    )
}
