//! Feedback: one row for each user who was asked, whatever came of it.

use std::collections::BTreeMap;

use super::{Column, DATE, Item, Line, Outcome, PERMANENCE, Shape, Sheet, YES_NO, contradictions};
use crate::{
    domain::{
        session::{
            Feedback, FeedbackDecline, FeedbackOffer, Otherwise, SATISFACTION_MAX, SessionEvent,
        },
        terms::{AccompanimentId, FeedbackId},
        venue::Known,
    },
    import::{
        identity::{Day, Ordinals, numbered, stored, told},
        kind::accompaniments,
        reason::Reason,
        table::Row,
        value::{self, Choices},
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Received,
    Declined,
    None,
}

static ANSWERS: Choices<Answer> = Choices(&[
    (Answer::Received, &["reçue", "reçu", "répondu", "oui"]),
    (
        Answer::Declined,
        &["refusée", "refusé", "refus", "décliné", "déclinée"],
    ),
    (
        Answer::None,
        &[
            "sans réponse",
            "pas de réponse",
            "aucune",
            "aucune réponse",
            "non répondu",
        ],
    ),
]);

static OTHERWISES: Choices<Otherwise> = Choices(&[
    (
        Otherwise::GivenUp,
        &["renoncé", "j'aurais renoncé", "renoncement", "abandonné"],
    ),
    (
        Otherwise::GoneFarther,
        &["allé plus loin", "déplacement", "je serais allé plus loin"],
    ),
    (
        Otherwise::OnlineAlone,
        &["en ligne seul", "en ligne", "seul en ligne", "internet"],
    ),
    (
        Otherwise::AskedSomebody,
        &[
            "demandé à un proche",
            "un proche",
            "aide d'un proche",
            "proche",
        ],
    ),
    (Otherwise::Other, &["autre", "autre chose"]),
    (
        Otherwise::Unknown,
        &["inconnu", "ne sait pas", "non renseigné", "nsp", "nr", "?"],
    ),
]);

const WHAT: &str = "feedback";

static NUMBER: Column = Column {
    key: "number",
    heading: "Numéro",
    synonyms: &["N°", "Numéro du retour", "N° du retour", "Référence"],
    required: false,
    shape: Shape::Text,
    help: "Votre numéro du retour, jamais celui d'une personne. Il n'est pas conservé.",
    examples: ["R-001", "R-002"],
};

static ACCOMPANIMENT: Column = Column {
    key: "accompaniment",
    heading: "Numéro d'accompagnement",
    synonyms: &["N° d'accompagnement", "N° accompagnement", "Accompagnement"],
    required: false,
    shape: Shape::Text,
    help: "Votre numéro de l'accompagnement dont il s'agit, tel que le fichier des accompagnements le \
           donne.",
    examples: ["A-001", ""],
};

static ANSWER: Column = Column {
    key: "answer",
    heading: "Réponse",
    synonyms: &["Réponse au questionnaire", "Retour"],
    required: true,
    shape: Shape::Words(words_of_answer),
    help: "L'usager à qui l'on a demandé son avis l'a-t-il donné ?",
    examples: ["reçue", "refusée"],
};

static SATISFACTION: Column = Column {
    key: "satisfaction",
    heading: "Satisfaction",
    synonyms: &[
        "Note",
        "Satisfaction (1 à 5)",
        "Note de satisfaction",
        "Satisfaction sur 5",
    ],
    required: false,
    shape: Shape::Number,
    help: "De 1 (pas du tout satisfait) à 5 (très satisfait) ; vide si la question a été laissée.",
    examples: ["4", ""],
};

static RESOLVED: Column = Column {
    key: "resolved",
    heading: "Résolu",
    synonyms: &["Demande résolue", "Résolue", "Problème résolu"],
    required: false,
    shape: Shape::Words(words_of_resolved),
    help: "L'usager tient-il sa demande pour résolue ?",
    examples: ["oui", ""],
};

static OTHERWISE: Column = Column {
    key: "otherwise",
    heading: "Sans cette permanence",
    synonyms: &[
        "Sans la permanence",
        "Sans cette permanence, j'aurais",
        "Alternative",
    ],
    required: false,
    shape: Shape::Words(words_of_otherwise),
    help: "Ce que l'usager aurait fait sans cette permanence.",
    examples: ["renoncé", ""],
};

/// The columns.
pub(super) static COLUMNS: [&Column; 8] = [
    &PERMANENCE,
    &DATE,
    &NUMBER,
    &ACCOMPANIMENT,
    &ANSWER,
    &SATISFACTION,
    &RESOLVED,
    &OTHERWISE,
];

fn words_of_answer() -> Vec<&'static str> {
    ANSWERS.words()
}

fn words_of_resolved() -> Vec<&'static str> {
    YES_NO.words()
}

fn words_of_otherwise() -> Vec<&'static str> {
    OTHERWISES.words()
}

/// What a row says.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    accompaniment: Option<String>,
    answer: Answer,
    satisfaction: Option<u8>,
    resolved: Known,
    otherwise: Otherwise,
}

pub(super) fn read(rows: &[&Row], sheet: &Sheet<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut groups: BTreeMap<(Day, String), Vec<(u32, Said)>> = BTreeMap::new();
    let mut ordinals = Ordinals::default();
    for row in rows {
        match one(row, sheet) {
            Ok((day, Some(number), said)) => groups
                .entry((day, number))
                .or_default()
                .push((row.number, said)),
            Ok((day, None, said)) => {
                let content = content(&said);
                let ordinal = ordinals.next(day, &content);
                let identity = told(day, WHAT, &content, ordinal);
                outcome
                    .items
                    .push(item(day, identity, vec![row.number], &said));
            }
            Err(rejects) => outcome.rejects.extend(rejects),
        }
    }
    for ((day, number), said) in groups {
        let rows: Vec<u32> = said.iter().map(|(row, _)| *row).collect();
        let Some((_, first)) = said.first() else {
            continue;
        };
        if said.iter().any(|(_, other)| other != first) {
            outcome.rejects.extend(contradictions(&rows, &NUMBER));
            continue;
        }
        let again = u32::try_from(rows.len().saturating_sub(1)).unwrap_or(u32::MAX);
        outcome.duplicates = outcome.duplicates.saturating_add(again);
        let identity = numbered(day, WHAT, &number);
        outcome.items.push(item(day, identity, rows, first));
    }
    outcome
}

fn one(row: &Row, sheet: &Sheet<'_>) -> Result<(Day, Option<String>, Said), Vec<super::Reject>> {
    let mut line = Line::new(row, sheet);
    let day = line.day();
    let number = line.optional(&NUMBER, value::number_of);
    let accompaniment = line.optional(&ACCOMPANIMENT, value::number_of);
    let answer = line.required(&ANSWER, |cell| ANSWERS.read(cell));
    if matches!(answer, Ok(Answer::Declined | Answer::None)) {
        for column in [&SATISFACTION, &RESOLVED, &OTHERWISE] {
            if line.given(column).is_some() {
                line.reject(column, Reason::NotWhenUnanswered);
            }
        }
    }
    let satisfaction = line.optional(&SATISFACTION, satisfaction);
    let resolved = line.optional(&RESOLVED, |cell| YES_NO.read(cell));
    let otherwise = line.optional(&OTHERWISE, |cell| OTHERWISES.read(cell));
    let read = || {
        let said = Said {
            accompaniment: accompaniment?,
            answer: answer?,
            satisfaction: satisfaction?,
            resolved: resolved?.unwrap_or(Known::Unknown),
            otherwise: otherwise?.unwrap_or(Otherwise::Unknown),
        };
        Ok((day?, number?, said))
    };
    let read = read();
    line.done(read)
}

/// From 1 to 5, also as `4/5`.
fn satisfaction(cell: &crate::import::table::Cell) -> Result<u8, Reason> {
    use crate::import::table::Cell;
    let cell = match cell {
        Cell::Text(text) => {
            let text = text.trim();
            let note = text.strip_suffix("/5").unwrap_or(text).trim();
            &Cell::Text(note.to_owned())
        }
        cell @ (Cell::Number(_)
        | Cell::Date(..)
        | Cell::Duration(_)
        | Cell::Bool(_)
        | Cell::Uncomputed
        | Cell::Error(_)) => cell,
    };
    let note = value::whole(cell, 1..=u16::from(SATISFACTION_MAX))?;
    u8::try_from(note).map_err(|_| Reason::NotANumber)
}

fn item(session: Day, identity: uuid::Uuid, rows: Vec<u32>, said: &Said) -> Item {
    let feedback = FeedbackId(identity);
    let of = |number: &String| AccompanimentId(numbered(session, accompaniments::WHAT, number));
    let mut events = vec![SessionEvent::FeedbackOffered(FeedbackOffer {
        feedback,
        accompaniment: said.accompaniment.as_ref().map(of),
    })];
    match said.answer {
        Answer::Received => events.push(SessionEvent::FeedbackReceived(Feedback {
            feedback,
            satisfaction: said.satisfaction,
            resolved: said.resolved,
            otherwise: said.otherwise,
        })),
        Answer::Declined => {
            events.push(SessionEvent::FeedbackDeclined(FeedbackDecline { feedback }));
        }
        Answer::None => {}
    }
    Item {
        session,
        identity,
        rows,
        events,
    }
}

/// What a row says, in words that never change: an identity is made of it.
fn content(said: &Said) -> String {
    let answer = match said.answer {
        Answer::Received => "received",
        Answer::Declined => "declined",
        Answer::None => "none",
    };
    [
        stored(&said.accompaniment),
        answer.to_owned(),
        stored(&said.satisfaction),
        stored(&said.resolved),
        stored(&said.otherwise),
    ]
    .join(" ")
}
