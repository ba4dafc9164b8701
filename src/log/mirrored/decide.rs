//! What is done with what was found of both copies: the table of `docs/format.md`, *What happens at
//! opening*.

use uuid::Uuid;

use super::{
    Places,
    copies::{has_room, mirror_is_stale},
    mend::{hash_in_mirror, hash_in_store},
    survey::{Found, Survey},
};
use crate::{
    domain::terms::Position,
    fault,
    log::{Head, LogError, segment::SegmentScan, sled::SledStore},
};

/// What is to be done with what was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Both copies are whole and the same.
    Alike,
    /// Nothing can be written: the mirror is read.
    ReadMirror(String),
    /// Nothing can be written: the store is read.
    ReadStore(String),
    /// Then look again.
    Mend(Mending),
}

/// What must be done so that both copies are alike.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mending {
    /// The mirror is cut where it is whole.
    CutMirror,
    /// What the store has more is added to the mirror.
    ExtendMirror,
    /// What the mirror has more is added to the store.
    ExtendStore,
    /// The mirror is set aside and written anew from the store.
    RewriteMirror,
    /// The store is set aside and written anew from the mirror.
    RewriteStore(String),
}

/// Decides.
///
/// # Errors
/// [`LogError::Disagree`] where believing either copy could lose what was acknowledged.
pub(super) fn decide(places: &Places, survey: &Survey) -> Result<Decision, LogError> {
    let refuse = |why: String| Err(refused(places, &why));
    let Some(mirror) = &survey.mirror else {
        return alone(places, &survey.store);
    };
    let whole_to = mirror.scan.complete;
    let torn = mirror.is_torn();
    let (store, scan) = match &survey.store {
        Found::Read(store, scan) => (store, scan),
        Found::Full(why) => return without_room(places, why, mirror),
        Found::Damaged(why) => return without_store(places, why, mirror),
    };
    // A store that was not there vouches for nothing.
    let lost = store.is_new() && mirror.scan.reaches > Position::START;
    if lost && (!stands_in(mirror) || mirror_is_stale(places)) {
        return without_store(places, "il n'est pas là", mirror);
    }
    let stored = scan.head;
    let shorter = stored.position.min(whole_to.position);
    if hash_in_store(store, survey.id, shorter)? != hash_in_mirror(places, survey.id, shorter)? {
        return refuse(format!(
            "le journal et le miroir sont intacts mais différents jusqu'à la position {shorter}"
        ));
    }
    let troubled = mirror.scan.trouble.as_ref();
    if let Some(trouble) = &scan.trouble {
        let enough =
            whole_to.position >= scan.reaches && stands_in(mirror) && !mirror_is_stale(places);
        let enough = enough && !contradicted(places, survey.id, store, (stored, whole_to))?;
        return if enough {
            Ok(with_room(
                places,
                Mending::RewriteStore(trouble.to_string()),
            ))
        } else {
            refuse(format!(
                "le journal est abîmé ({trouble}) et le miroir, jusqu'à {}, ne le remplace pas",
                whole_to.position
            ))
        };
    }
    if troubled.is_some() && !torn && mirror.scan.reaches > stored.position {
        return refuse(format!(
            "le journal s'arrête à {stored}, le miroir est abîmé à {whole_to} mais allait \
             jusqu'à {}",
            mirror.scan.reaches,
            stored = stored.position,
            whole_to = whole_to.position.next(),
        ));
    }
    let mending = match troubled {
        Some(_) if torn => Mending::CutMirror,
        Some(_) if stored.position >= whole_to.position => Mending::RewriteMirror,
        Some(trouble) => {
            return refuse(format!(
                "le miroir va plus loin que le journal ({}), et il est abîmé ({trouble})",
                stored.position
            ));
        }
        // A whole last record of a command that is not.
        None if mirror.scan.head != whole_to => Mending::CutMirror,
        None if stored.position > whole_to.position => Mending::ExtendMirror,
        None if stored.position < whole_to.position => {
            if fault::bug("trust-shorter-copy") {
                Mending::RewriteMirror
            } else {
                Mending::ExtendStore
            }
        }
        None => return Ok(Decision::Alike),
    };
    Ok(with_room(places, mending))
}

/// Whether the mirror can be believed where the store cannot vouch for it: it is whole, or nothing
/// is behind what a cut left of its last batch.
fn stands_in(mirror: &SegmentScan) -> bool {
    let ends_there = mirror.is_torn() && mirror.scan.reaches == mirror.scan.head.position;
    mirror.scan.trouble.is_none() || ends_there
}

/// Decides where the disk has no room for what opening the store writes.
fn without_room(places: &Places, why: &str, mirror: &SegmentScan) -> Result<Decision, LogError> {
    let whole_to = mirror.scan.complete;
    if whole_to.position == Position::START {
        return Err(LogError::Unopenable(format!(
            "{} : {why} ; le miroir est vide, il faut d'abord libérer de la place",
            places.store.display()
        )));
    }
    if mirror_is_stale(places) || !(mirror.scan.trouble.is_none() || mirror.is_torn()) {
        return Err(refused(
            places,
            &format!("le disque est plein ({why}) et le miroir est abîmé ou en retard"),
        ));
    }
    if mirror.scan.trouble.is_some() || mirror.scan.head != whole_to {
        tracing::warn!(why, "the mirror is cut while the store cannot be opened");
        return Ok(Decision::Mend(Mending::CutMirror));
    }
    Ok(Decision::ReadMirror(why.to_owned()))
}

/// Decides where the store cannot be opened or read.
fn without_store(places: &Places, why: &str, mirror: &SegmentScan) -> Result<Decision, LogError> {
    let told = if mirror.scan.complete.position == Position::START {
        "est vide"
    } else if mirror_is_stale(places) {
        "n'a pas été tenu à jour"
    } else if !stands_in(mirror) {
        "est abîmé aussi"
    } else {
        let mending = Mending::RewriteStore(why.to_owned());
        return Ok(with_room(places, mending));
    };
    Err(refused(
        places,
        &format!("le journal ne s'ouvre pas ({why}) et le miroir {told}"),
    ))
}

/// What to do where there may be no room for it: read the copy that is whole, for the time being.
fn with_room(places: &Places, mending: Mending) -> Decision {
    let (Some(mirror), true) = (&places.mirror, mending != Mending::CutMirror) else {
        return Decision::Mend(mending);
    };
    let to_mirror = matches!(mending, Mending::ExtendMirror | Mending::RewriteMirror);
    let written = if to_mirror { mirror } else { &places.store };
    if has_room(written) {
        return Decision::Mend(mending);
    }
    let why = format!("il n'y a pas de place dans {}", written.display());
    if to_mirror {
        Decision::ReadStore(why)
    } else {
        Decision::ReadMirror(why)
    }
}

/// Decides where there is to be no mirror.
fn alone(places: &Places, store: &Found) -> Result<Decision, LogError> {
    match store {
        Found::Read(_, scan) => match &scan.trouble {
            None => Ok(Decision::Alike),
            Some(trouble) => Err(refused(
                places,
                &format!("le journal est abîmé ({trouble}), sans miroir"),
            )),
        },
        Found::Damaged(why) => Err(refused(
            places,
            &format!("le journal ne s'ouvre pas ({why}), sans miroir"),
        )),
        Found::Full(why) => Err(LogError::Unopenable(format!(
            "{} : {why} ; sans miroir, il faut d'abord libérer de la place",
            places.store.display()
        ))),
    }
}

fn refused(places: &Places, why: &str) -> LogError {
    LogError::Disagree(format!(
        "{why}. Rien n'a été touché. Arrêter, copier {} et le miroir à l'abri, lire « carnet log \
         verify », puis restaurer la sauvegarde qui va le plus loin par « carnet restore »",
        places.store.display()
    ))
}

/// Whether the store still names, by its hash, a record that it lost and that is not the mirror's.
fn contradicted(
    places: &Places,
    id: Uuid,
    store: &SledStore,
    (stored, mirrored): (Head, Head),
) -> Result<bool, LogError> {
    let Ok(Some(end)) = store.announced() else {
        return Ok(false);
    };
    let comparable = stored.position < end.position && end.position <= mirrored.position;
    Ok(comparable && hash_in_mirror(places, id, end.position)? != Some(end.hash))
}
