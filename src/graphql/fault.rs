//! Faults: what goes into `errors`. Each has a stable code; what is internal is masked, and told
//! to the operator's log under an id that the answer names.

use async_graphql::{Error, ErrorExtensions, Response, ServerError};

use super::guard::TooMuch;
use crate::{
    access::Caller,
    command::CommandError,
    domain::{refusal::Refusal, terms::Position},
    log::proof::ProofError,
    read::{ReadError, Stale},
};

/// Why an operation, or a field of it, has no answer. Not a `Display`, so that it becomes an
/// [`Error`] only with its code.
#[derive(Debug)]
pub(super) enum Fault {
    /// A page size outside 1 to the maximum.
    PageSize { asked: i32, max: i32 },
    /// `first` and `last` together, or a cursor with the wrong one of them.
    PageDirection,
    /// A cursor that nobody gave out.
    Cursor,
    /// A cursor, or another position, beyond the head of the log.
    CursorAhead { asked: Position, head: Position },
    /// An instant that is still to come.
    InstantAhead {
        asked: chrono::DateTime<chrono::Utc>,
    },
    /// A day that is still to come, and is to stand for today.
    DayAhead { asked: chrono::NaiveDate },
    /// An event that is not among those up to a head.
    EventOutside { event: Position, head: Position },
    /// Two moments of which the first is the later one.
    MomentsReversed { from: Position, to: Position },
    /// A position that is still to come.
    PositionAhead { asked: Position, head: Position },
    /// Two heads of which the first is the later one.
    HeadsReversed { from: Position, to: Position },
    /// A code that no indicator has.
    UnknownIndicator { code: String },
    /// A code that no kind of event has.
    UnknownKind { kind: String },
    /// More kinds of events than one filter names.
    TooManyKinds { max: usize },
    /// A code that no departement has.
    UnknownDepartement { code: String },
    /// A rate outside of what is granted.
    Every { asked: i32, min: i32, max: i32 },
    /// Positions of another log than this one.
    AnotherLog { asked: String },
    /// What is awaited is not yet to be read.
    Unreached(Stale),
    /// An id that names nothing of the kind asked for.
    UnknownId,
    /// What only an administrator may ask.
    Forbidden,
    /// More of the contents of reports than one operation is given.
    TooMuchContent { max: u64 },
    /// Too many ids at once.
    TooManyIds { max: usize },
    /// A document that does not read.
    Document { why: String },
    /// A document that is not looked at.
    TooMuch(TooMuch),
    /// A question the domain refuses.
    Refused(Refusal),
    /// What was written is not yet to be read.
    Stale(Stale),
    /// The log takes no writes.
    ReadOnly { why: String },
    /// An erasure is recorded, and its key is still there.
    KeyNotDestroyed,
    /// Something is wrong here, not with the request.
    Internal { id: uuid::Uuid },
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Stale> for Fault {
    fn from(stale: Stale) -> Self {
        Self::Stale(stale)
    }
}

impl Fault {
    fn message(&self) -> String {
        match self {
            Self::PageSize { asked, max } => {
                format!("Une page compte de 1 à {max} éléments, non {asked}.")
            }
            Self::PageDirection => "« first » va avec « after », « last » avec « before » ; pas \
                                    les deux à la fois."
                .to_owned(),
            Self::Cursor => "Ce curseur n'est pas de ceux que donne cette liste.".to_owned(),
            Self::CursorAhead { asked, head } => {
                format!("La position {asked} dépasse la dernière position connue, {head}.")
            }
            Self::MomentsReversed { from, to } => {
                format!(
                    "« from » est le moment le plus ancien : la position {from} vient après {to}."
                )
            }
            Self::PositionAhead { asked, head } => {
                format!("La position {asked} est à venir : on en connaît {head} au moment demandé.")
            }
            Self::InstantAhead { asked } => format!(
                "L'instant {} est à venir : ce qui sera connu alors ne l'est pas encore.",
                asked.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
            ),
            Self::DayAhead { asked } => {
                format!("Le {asked} est à venir : un rapport n'est pas d'un jour à venir.")
            }
            Self::EventOutside { event, head } => {
                format!("Il n'y a pas d'événement {event} au journal jusqu'à la position {head}.")
            }
            Self::HeadsReversed { from, to } => {
                format!("« from » est la tête la plus ancienne : {from} vient après {to}.")
            }
            Self::UnknownIndicator { code } => {
                format!("Aucun indicateur n'a le code « {code} » : voir « indicatorDefinitions ».")
            }
            Self::UnknownKind { kind } => {
                format!("Aucun genre d'événement n'a le code « {kind} » : voir « Event.kind ».")
            }
            Self::TooManyKinds { max } => {
                format!("On filtre au plus par {max} genres d'événements à la fois.")
            }
            Self::UnknownDepartement { code } => {
                format!("Aucun département ni aucune collectivité n'a le code « {code} ».")
            }
            Self::Every { asked, min, max } => {
                format!("Les chiffres se suivent toutes les {min} à {max} s, non {asked}.")
            }
            Self::AnotherLog { asked } => format!(
                "Ces positions sont d'un autre journal, « {asked} » : reprenez depuis le début \
                 (voir « logHead »)."
            ),
            Self::Unreached(stale) => format!(
                "La position {} est inscrite, mais les vues de lecture n'en sont qu'à la position \
                 {} ; redemandez plus tard.",
                stale.awaited, stale.reached
            ),
            Self::Forbidden => "Cela demande le rôle d'administrateur.".to_owned(),
            Self::UnknownId => "Cet identifiant ne désigne rien de connu.".to_owned(),
            Self::TooManyIds { max } => {
                format!("On demande au plus {max} identifiants à la fois.")
            }
            Self::TooMuchContent { max } => format!(
                "Une opération rend au plus {max} octets de contenus de rapports : demandez-les \
                 l'un après l'autre."
            ),
            Self::Document { why } => in_french("GRAPHQL_PARSE_FAILED", why),
            Self::TooMuch(too_much) => too_much.to_string(),
            Self::Refused(refusal) => refusal.to_string(),
            Self::Stale(stale) => format!(
                "L'inscription est faite (position {}), mais les vues de lecture n'en sont qu'à \
                 la position {} ; redemandez plus tard.",
                stale.awaited, stale.reached
            ),
            Self::ReadOnly { why } => why.clone(),
            Self::KeyNotDestroyed => "L'effacement est inscrit, mais la clé n'a pas pu être \
                                      détruite : redemandez-le, ou redémarrez carnet, dès que le \
                                      répertoire des clés est accessible."
                .to_owned(),
            Self::Internal { id } => {
                format!("Une erreur interne est survenue (référence {id}).")
            }
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::PageSize { .. } => "PAGE_SIZE",
            Self::PageDirection => "PAGE_DIRECTION",
            Self::Cursor => "BAD_CURSOR",
            Self::CursorAhead { .. } => "CURSOR_AHEAD",
            Self::MomentsReversed { .. } => "MOMENTS_REVERSED",
            Self::PositionAhead { .. } => "POSITION_AHEAD",
            Self::InstantAhead { .. } => "INSTANT_AHEAD",
            Self::DayAhead { .. } => "DAY_AHEAD",
            Self::EventOutside { .. } => "EVENT_OUTSIDE",
            Self::HeadsReversed { .. } => "HEADS_REVERSED",
            Self::UnknownIndicator { .. } => "UNKNOWN_INDICATOR",
            Self::UnknownKind { .. } => "UNKNOWN_KIND",
            Self::TooManyKinds { .. } => "TOO_MANY_KINDS",
            Self::UnknownDepartement { .. } => "UNKNOWN_DEPARTEMENT",
            Self::Every { .. } => "EVERY_OUT_OF_BOUNDS",
            Self::AnotherLog { .. } => "CURSOR_OF_ANOTHER_LOG",
            Self::Forbidden => "FORBIDDEN",
            Self::UnknownId => "UNKNOWN_ID",
            Self::TooManyIds { .. } => "TOO_MANY_IDS",
            Self::TooMuchContent { .. } => "TOO_MUCH_CONTENT",
            Self::Document { .. } => "GRAPHQL_PARSE_FAILED",
            Self::TooMuch(_) => "TOO_COMPLEX",
            Self::Refused(refusal) => refusal.code(),
            Self::Stale(_) | Self::Unreached(_) => "STALE",
            Self::ReadOnly { .. } => "LOG_READ_ONLY",
            Self::KeyNotDestroyed => "KEY_NOT_DESTROYED",
            Self::Internal { .. } => "INTERNAL",
        }
    }

    /// Tells the operator what kept a key from being destroyed.
    pub(super) fn key_not_destroyed(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "an erasure is recorded, and its key could not be destroyed");
        Self::KeyNotDestroyed
    }

    /// Masks what is internal.
    pub(super) fn internal(error: &dyn std::error::Error, id: uuid::Uuid) -> Self {
        tracing::error!(error_id = %id, error = %error, "an operation failed");
        Self::Internal { id }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let code = fault.code();
        let error = Self::new(fault.message()).extend_with(|_, extensions| {
            extensions.set("code", code);
        });
        match fault {
            Fault::Internal { id } => {
                error.extend_with(|_, extensions| extensions.set("errorId", id.to_string()))
            }
            Fault::CursorAhead { asked, head } => error.extend_with(|_, extensions| {
                extensions.set("asked", asked.to_string());
                extensions.set("head", head.to_string());
            }),
            Fault::Stale(stale) | Fault::Unreached(stale) => error.extend_with(|_, extensions| {
                extensions.set("awaited", stale.awaited.to_string());
                extensions.set("reached", stale.reached.to_string());
            }),
            Fault::PageSize { .. }
            | Fault::PageDirection
            | Fault::Cursor
            | Fault::MomentsReversed { .. }
            | Fault::PositionAhead { .. }
            | Fault::InstantAhead { .. }
            | Fault::DayAhead { .. }
            | Fault::EventOutside { .. }
            | Fault::HeadsReversed { .. }
            | Fault::UnknownIndicator { .. }
            | Fault::UnknownKind { .. }
            | Fault::TooManyKinds { .. }
            | Fault::UnknownDepartement { .. }
            | Fault::Every { .. }
            | Fault::AnotherLog { .. }
            | Fault::Forbidden
            | Fault::UnknownId
            | Fault::TooManyIds { .. }
            | Fault::TooMuchContent { .. }
            | Fault::Document { .. }
            | Fault::TooMuch(_)
            | Fault::Refused(_)
            | Fault::KeyNotDestroyed
            | Fault::ReadOnly { .. } => error,
        }
    }
}

impl super::Api {
    /// Masks a failed read.
    pub(super) fn failed_read(&self, error: &ReadError) -> Fault {
        Fault::internal(error, self.clock.new_id())
    }

    /// Masks a report that could not be made.
    pub(super) fn failed_publication(&self, error: &dyn std::error::Error) -> Fault {
        Fault::internal(&error, self.clock.new_id())
    }

    /// Says why there is no proof; masks what is internal.
    pub(super) fn failed_proof(&self, error: &ProofError) -> Fault {
        match *error {
            ProofError::Ahead { asked, head } => Fault::CursorAhead { asked, head },
            ProofError::Outside { event, head } => Fault::EventOutside { event, head },
            ProofError::Reversed { from, to } => Fault::HeadsReversed { from, to },
            ProofError::Log(_) => Fault::internal(error, self.clock.new_id()),
        }
    }

    /// Masks a command's fault; refusals and conflicts are not faults.
    pub(super) fn failed_command(&self, error: &CommandError) -> Fault {
        if let CommandError::ReadOnly(why) = error {
            tracing::error!(why, "a mutation was refused: the log is read-only");
            return Fault::ReadOnly {
                why: error.to_string(),
            };
        }
        Fault::internal(error, self.clock.new_id())
    }
}

/// Gives every error that the library itself found the code it should have, and French words.
#[must_use]
pub fn finish(mut response: Response) -> Response {
    for error in &mut response.errors {
        let has_code = error
            .extensions
            .as_ref()
            .is_some_and(|extensions| extensions.get("code").is_some());
        if !has_code {
            let code = library_code(error);
            error.extensions.get_or_insert_default().set("code", code);
            error.message = in_french(code, &error.message);
        }
        if let Some(wrong) = wrong_value(&error.message) {
            error.message = wrong;
        }
    }
    response
}

/// The same for a caller, of whom a stranger is not told which fields there are beside the one that there
/// is not.
#[must_use]
pub fn finish_for(mut response: Response, caller: &Caller) -> Response {
    if caller.is_stranger() {
        for error in &mut response.errors {
            if let Some(at) = error.message.find(SUGGESTING) {
                error.message.truncate(at);
            }
        }
    }
    finish(response)
}

/// How the library begins to suggest something.
const SUGGESTING: &str = " Did you mean";

/// What the library says, introduced in French; its own words follow, since they name the place.
fn in_french(code: &str, message: &str) -> String {
    let said = message.trim();
    match code {
        "GRAPHQL_PARSE_FAILED" => format!("Le document GraphQL ne se lit pas : {said}"),
        "TOO_COMPLEX" => {
            format!("Le document GraphQL est trop complexe ou trop profond ({said})")
        }
        "GRAPHQL_VALIDATION_FAILED" => format!("Le document GraphQL n'est pas valide : {said}"),
        _ => said.to_owned(),
    }
}

/// What is wrong with a value, without the types of ours that the library names around it.
fn wrong_value(message: &str) -> Option<String> {
    let (kind, said) = message
        .strip_prefix("Failed to parse \"")?
        .split_once("\": ")?;
    let said = said
        .split(" (occurred while parsing")
        .next()
        .unwrap_or_default();
    Some(if said.starts_with('«') {
        said.to_owned()
    } else {
        format!("Une valeur n'est pas du type {kind} : {said}")
    })
}

fn library_code(error: &ServerError) -> &'static str {
    let message = &error.message;
    if message.starts_with(" -->") {
        "GRAPHQL_PARSE_FAILED"
    } else if message.contains("too complex") || message.contains("too deep") {
        "TOO_COMPLEX"
    } else if !error.path.is_empty() || message.starts_with("Failed to parse \"") {
        "BAD_USER_INPUT"
    } else {
        "GRAPHQL_VALIDATION_FAILED"
    }
}
