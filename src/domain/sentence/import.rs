//! Imports of files, told in French.

use super::{by, counted};
use crate::domain::{
    import::{ImportBatch, ImportEvent, ImportKind},
    terms::Validity,
};

pub(super) fn import(event: &ImportEvent, valid: Validity) -> String {
    let ImportEvent::Recorded(batch) = event;
    let ImportBatch {
        sha256,
        kind,
        rows,
        rejected,
        ignored,
        recorded,
        already,
        ..
    } = batch;
    let (of, one, many, agreed) = match kind {
        ImportKind::Sessions => ("de séances", "séance", "séances", "e"),
        ImportKind::Accompaniments => {
            ("d'accompagnements", "accompagnement", "accompagnements", "")
        }
        ImportKind::Feedback => ("de retours", "retour", "retours", ""),
    };
    let plural = |count: &u32| if *count < 2 { "" } else { "s" };
    let mut told = vec![format!(
        "{recorded} {} inscrit{agreed}{}",
        if *recorded < 2 { one } else { many },
        plural(recorded)
    )];
    if *already > 0 {
        told.push(format!("{already} déjà inscrit{agreed}{}", plural(already)));
    }
    told.push(format!("{} rejetée{}", lines(*rejected), plural(rejected)));
    if *ignored > 0 {
        told.push(format!("{} ignorée{}", lines(*ignored), plural(ignored)));
    }
    format!(
        "Fichier importé {} : {} {of} ; {} (sha256 {}).",
        by(valid),
        lines(*rows),
        told.join(", "),
        sha256.short()
    )
}

fn lines(count: u32) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "ligne")
}
