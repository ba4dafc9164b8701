//! Sessions: held, or cancelled; one row for each.

use std::collections::BTreeMap;

use super::{
    Column, DATE, Item, Line, Outcome, PERMANENCE, Rejected, Shape, Sheet, contradictions,
};
use crate::{
    domain::{
        permanence::HELD_BY_MAX,
        session::{Cancellation, CancellationCause, Holding, SessionEvent},
        terms::SessionId,
    },
    import::{
        identity::Day,
        reason::Reason,
        table::Row,
        value::{self, Choices},
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Held,
    Cancelled,
}

static STATUSES: Choices<Status> = Choices(&[
    (
        Status::Held,
        &["tenue", "tenu", "assurée", "réalisée", "effectuée"],
    ),
    (
        Status::Cancelled,
        &["annulée", "annulé", "non tenue", "non assurée"],
    ),
]);

static CAUSES: Choices<CancellationCause> = Choices(&[
    (
        CancellationCause::AdviserAbsent,
        &[
            "agent absent",
            "absence de l'agent",
            "absence d'agent",
            "absence",
            "maladie",
            "congés",
        ],
    ),
    (
        CancellationCause::VenueUnavailable,
        &[
            "lieu indisponible",
            "lieu fermé",
            "salle indisponible",
            "lieu occupé",
        ],
    ),
    (
        CancellationCause::Technical,
        &[
            "technique",
            "panne",
            "panne technique",
            "problème technique",
            "réseau",
            "matériel",
        ],
    ),
    (
        CancellationCause::Weather,
        &["météo", "intempéries", "neige", "inondation", "tempête"],
    ),
    (
        CancellationCause::NoAppointment,
        &[
            "aucun rendez-vous",
            "pas de rendez-vous",
            "aucun RDV",
            "pas de RDV",
            "sans rendez-vous",
        ],
    ),
    (CancellationCause::Other, &["autre", "autre motif"]),
]);

/// So many people at most hold a session.
const ADVISERS: std::ops::RangeInclusive<u16> = 1..=HELD_BY_MAX as u16;

static STATUS: Column = Column {
    key: "status",
    heading: "Statut",
    synonyms: &["Statut de la séance", "État", "Séance"],
    required: true,
    shape: Shape::Words(words_of_status),
    help: "La séance a-t-elle été tenue ou annulée ?",
    examples: ["tenue", "annulée"],
};

static STARTS: Column = Column {
    key: "starts",
    heading: "Heure de début",
    synonyms: &["Début", "Heure début", "Heure réelle de début", "De"],
    required: true,
    shape: Shape::Time,
    help: "Heure à laquelle la séance a réellement commencé : 9h30 ou 09:30. Séances tenues seulement.",
    examples: ["09:00", ""],
};

static ENDS: Column = Column {
    key: "ends",
    heading: "Heure de fin",
    synonyms: &["Fin", "Heure fin", "Heure réelle de fin", "À"],
    required: true,
    shape: Shape::Time,
    help: "Heure à laquelle la séance a réellement fini, le même jour. Séances tenues seulement.",
    examples: ["12:00", ""],
};

static ADVISER_COUNT: Column = Column {
    key: "advisers",
    heading: "Nombre d'agents",
    synonyms: &[
        "Agents",
        "Nb agents",
        "Nombre agents",
        "Nb d'agents",
        "Effectif",
    ],
    required: true,
    shape: Shape::Number,
    help: "Combien de personnes ont tenu la séance. Séances tenues seulement.",
    examples: ["2", ""],
};

static CAUSE: Column = Column {
    key: "cause",
    heading: "Motif d'annulation",
    synonyms: &[
        "Motif",
        "Motif annulation",
        "Motif de l'annulation",
        "Cause",
    ],
    required: false,
    shape: Shape::Words(words_of_cause),
    help: "Pourquoi la séance a été annulée. Séances annulées seulement.",
    examples: ["", "intempéries"],
};

static WORDS: Column = Column {
    key: "words",
    heading: "Précisions",
    synonyms: &[
        "Précision",
        "Précisions sur l'annulation",
        "Commentaire",
        "Commentaires",
        "Remarques",
        "Observations",
    ],
    required: false,
    shape: Shape::Text,
    help: "Précisions sur l'annulation, sans aucun nom d'usager ; à remplir quand le motif est « autre ». \
           Séances annulées seulement.",
    examples: ["", "Routes fermées par la neige"],
};

/// The columns.
pub(super) static COLUMNS: [&Column; 8] = [
    &PERMANENCE,
    &DATE,
    &STATUS,
    &STARTS,
    &ENDS,
    &ADVISER_COUNT,
    &CAUSE,
    &WORDS,
];

fn words_of_status() -> Vec<&'static str> {
    STATUSES.words()
}

fn words_of_cause() -> Vec<&'static str> {
    CAUSES.words()
}

pub(super) fn read(rows: &[&Row], sheet: &Sheet<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut told: BTreeMap<Day, Vec<(u32, SessionEvent)>> = BTreeMap::new();
    for row in rows {
        match one(row, sheet) {
            Ok((day, event)) => told.entry(day).or_default().push((row.number, event)),
            Err(rejects) => outcome.rejects.extend(rejects),
        }
    }
    for (day, said) in told {
        let rows: Vec<u32> = said.iter().map(|(row, _)| *row).collect();
        let Some((_, first)) = said.first() else {
            continue;
        };
        if said.iter().any(|(_, event)| event != first) {
            outcome.rejects.extend(contradictions(&rows, &DATE));
            continue;
        }
        let again = u32::try_from(rows.len().saturating_sub(1)).unwrap_or(u32::MAX);
        outcome.duplicates = outcome.duplicates.saturating_add(again);
        outcome.items.push(Item {
            session: day,
            identity: SessionId::of(day.0, day.1).0,
            rows,
            events: vec![first.clone()],
        });
    }
    outcome
}

fn one(row: &Row, sheet: &Sheet<'_>) -> Result<(Day, SessionEvent), Vec<super::Reject>> {
    let mut line = Line::new(row, sheet);
    let day = line.day();
    let event = match line.required(&STATUS, |cell| STATUSES.read(cell)) {
        Ok(Status::Held) => held(&mut line),
        Ok(Status::Cancelled) => cancelled(&mut line),
        Err(rejected) => Err(rejected),
    };
    let read = day.and_then(|day| Ok((day, event?)));
    line.done(read)
}

fn held(line: &mut Line<'_>) -> Result<SessionEvent, Rejected> {
    for column in [&STARTS, &ENDS, &ADVISER_COUNT] {
        if line.given(column).is_none() {
            line.reject(column, Reason::MissingWhenHeld);
        }
    }
    for column in [&CAUSE, &WORDS] {
        if line.given(column).is_some() {
            line.reject(column, Reason::NotWhenHeld);
        }
    }
    let starts = line.optional(&STARTS, value::time);
    let ends = line.optional(&ENDS, value::time);
    let count = line.optional(&ADVISER_COUNT, |cell| value::whole(cell, ADVISERS));
    let (Some(starts), Some(ends), Some(count)) = (starts?, ends?, count?) else {
        return Err(Rejected);
    };
    if ends <= starts {
        line.reject(&ENDS, Reason::EndsBeforeStart);
        return Err(Rejected);
    }
    Ok(SessionEvent::Held(Holding {
        starts,
        ends,
        adviser_count: u8::try_from(count).map_err(|_| Rejected)?,
        advisers: std::collections::BTreeSet::new(),
    }))
}

fn cancelled(line: &mut Line<'_>) -> Result<SessionEvent, Rejected> {
    for column in [&STARTS, &ENDS, &ADVISER_COUNT] {
        if line.given(column).is_some() {
            line.reject(column, Reason::NotWhenCancelled);
        }
    }
    if line.given(&CAUSE).is_none() {
        line.reject(&CAUSE, Reason::MissingWhenCancelled);
    }
    let cause = line.optional(&CAUSE, |cell| CAUSES.read(cell));
    let words = line.optional(&WORDS, value::words);
    if matches!(cause, Ok(Some(CancellationCause::Other))) && matches!(words, Ok(None)) {
        line.reject(&WORDS, Reason::MissingForOther { cause: "autre" });
    }
    Ok(SessionEvent::Cancelled(Cancellation {
        cause: cause?.ok_or(Rejected)?,
        words: words?,
    }))
}
