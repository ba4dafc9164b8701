//! Accompaniments: one row for each request; those of one accompaniment bear the same number.

use std::collections::BTreeMap;

use super::{Column, DATE, Item, Line, Outcome, PERMANENCE, Shape, Sheet, YES_NO, contradictions};
use crate::{
    domain::{
        session::{
            Accompaniment, AgeBand, MINUTES_MAX, REQUESTS_MAX, Request, RequestLevel,
            RequestOutcome, SessionEvent,
        },
        terms::{AccompanimentId, InseeCode},
        venue::Known,
    },
    import::{
        identity::{Day, Ordinals, numbered, stored, told},
        reason::Reason,
        report::Reject,
        table::Row,
        value::{self, Choices},
    },
};

static LEVELS: Choices<RequestLevel> = Choices(&[
    (
        RequestLevel::Information,
        &["information", "info", "renseignement"],
    ),
    (
        RequestLevel::Accompaniment,
        &[
            "accompagnement",
            "accompagné",
            "aide à la démarche",
            "accompagnement à la démarche",
        ],
    ),
    (
        RequestLevel::Referral,
        &[
            "réorientation",
            "réorienté",
            "orientation",
            "mise en relation",
        ],
    ),
    (
        RequestLevel::Unknown,
        &["inconnu", "non renseigné", "ne sait pas", "nsp", "nr", "?"],
    ),
]);

static OUTCOMES: Choices<RequestOutcome> = Choices(&[
    (
        RequestOutcome::Resolved,
        &["résolu", "résolue", "terminé", "résolu sur place"],
    ),
    (
        RequestOutcome::ToFinishAlone,
        &[
            "à finir seul",
            "à terminer seul",
            "à finir seule",
            "à finir seul(e)",
        ],
    ),
    (
        RequestOutcome::MustComeBack,
        &[
            "à revoir",
            "doit revenir",
            "à suivre",
            "nouveau rendez-vous",
        ],
    ),
    (
        RequestOutcome::Referred,
        &["réorienté", "réorientée", "réorientation"],
    ),
    (
        RequestOutcome::Abandoned,
        &["abandonné", "abandonnée", "abandon"],
    ),
    (
        RequestOutcome::Unknown,
        &["inconnu", "non renseigné", "ne sait pas", "nsp", "nr", "?"],
    ),
]);

/// What an accompaniment may last.
const MINUTES: std::ops::RangeInclusive<u16> = 1..=MINUTES_MAX;
/// What identities are made under.
pub(super) const WHAT: &str = "accompaniment";

static NUMBER: Column = Column {
    key: "number",
    heading: "Numéro",
    synonyms: &[
        "N°",
        "Numéro d'accompagnement",
        "N° d'accompagnement",
        "N° accompagnement",
        "Numéro accompagnement",
        "Référence",
    ],
    required: false,
    shape: Shape::Text,
    help: "Votre numéro de l'accompagnement, jamais celui d'une personne. Plusieurs demandes d'un \
           même accompagnement s'écrivent sur plusieurs lignes du même numéro, les autres colonnes \
           étant les mêmes. Il n'est pas conservé.",
    examples: ["A-001", "A-001"],
};

static MINUTES_SPENT: Column = Column {
    key: "minutes",
    heading: "Durée (minutes)",
    synonyms: &[
        "Durée",
        "Durée en minutes",
        "Durée (min)",
        "Durée (mn)",
        "Minutes",
        "Temps passé",
    ],
    required: false,
    shape: Shape::Number,
    help: "Durée de l'accompagnement, en minutes (25) ou en heures et minutes (1h10).",
    examples: ["25", "25"],
};

static FIRST_VISIT: Column = Column {
    key: "firstVisit",
    heading: "Première visite",
    synonyms: &["1ère visite", "1re visite", "Première venue", "Nouveau"],
    required: false,
    shape: Shape::Words(words_of_visit),
    help: "Est-ce la première visite de cet usager dans un espace France Services ?",
    examples: ["oui", "oui"],
};

static RESIDENCE: Column = Column {
    key: "residence",
    heading: "Commune de résidence",
    synonyms: &[
        "Commune",
        "Code commune",
        "Code Insee",
        "Insee",
        "Commune de résidence (Insee)",
        "Résidence",
        "Code Insee de la commune de résidence",
    ],
    required: false,
    shape: Shape::Text,
    help: "Code Insee de la commune où vit l'usager (95658 pour Vigny, non le code postal), s'il est \
           donné.",
    examples: ["95658", "95658"],
};

static AGE: Column = Column {
    key: "ageBand",
    heading: "Tranche d'âge",
    synonyms: &["Tranche âge", "Âge", "Tranches d'âge", "Classe d'âge"],
    required: false,
    shape: Shape::Words(words_of_age),
    help: "Tranche d'âge de l'usager, si elle est donnée ; jamais un âge exact.",
    examples: ["65-79 ans", "65-79 ans"],
};

static OPERATOR: Column = Column {
    key: "operator",
    heading: "Opérateur",
    synonyms: &[
        "Opérateur concerné",
        "Organisme",
        "Partenaire",
        "Opérateurs",
    ],
    required: true,
    shape: Shape::Words(value::operators),
    help: "L'opérateur que la demande concerne, ou « hors bouquet ».",
    examples: ["CAF", "DGFIP"],
};

static THEME: Column = Column {
    key: "theme",
    heading: "Thème",
    synonyms: &["Thématique", "Sujet", "Démarche", "Thème de la demande"],
    required: false,
    shape: Shape::Text,
    help: "De quoi il s'agit, en quelques mots : carte grise, retraite.",
    examples: ["aide au logement", "déclaration de revenus"],
};

static LEVEL: Column = Column {
    key: "level",
    heading: "Niveau",
    synonyms: &[
        "Niveau d'accompagnement",
        "Type",
        "Type de réponse",
        "Niveau de réponse",
    ],
    required: true,
    shape: Shape::Words(words_of_level),
    help: "Jusqu'où l'aide est allée.",
    examples: ["accompagnement", "information"],
};

static OUTCOME: Column = Column {
    key: "outcome",
    heading: "Résultat",
    synonyms: &["Issue", "Résultat de la demande", "Suite", "Suite donnée"],
    required: true,
    shape: Shape::Words(words_of_outcome),
    help: "Ce que la demande est devenue.",
    examples: ["résolu", "à finir seul"],
};

/// The columns.
pub(super) static COLUMNS: [&Column; 11] = [
    &PERMANENCE,
    &DATE,
    &NUMBER,
    &MINUTES_SPENT,
    &FIRST_VISIT,
    &RESIDENCE,
    &AGE,
    &OPERATOR,
    &THEME,
    &LEVEL,
    &OUTCOME,
];

fn words_of_visit() -> Vec<&'static str> {
    YES_NO.words()
}

fn words_of_age() -> Vec<&'static str> {
    value::AGE_BANDS.words()
}

fn words_of_level() -> Vec<&'static str> {
    LEVELS.words()
}

fn words_of_outcome() -> Vec<&'static str> {
    OUTCOMES.words()
}

/// What the rows of one accompaniment have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Common {
    minutes: Option<u16>,
    first_visit: Known,
    residence: Option<InseeCode>,
    age_band: Option<AgeBand>,
}

struct Told {
    row: u32,
    common: Common,
    request: Request,
}

/// As much of a rejected row as says to which accompaniment it belongs.
struct Spoiled {
    row: u32,
    permanence: Option<String>,
    date: Option<chrono::NaiveDate>,
    number: String,
}

pub(super) fn read(rows: &[&Row], sheet: &Sheet<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut groups: BTreeMap<(Day, String), Vec<Told>> = BTreeMap::new();
    let mut alone: Vec<(Day, Told)> = Vec::new();
    let mut spoiled: BTreeMap<String, Vec<Spoiled>> = BTreeMap::new();
    for row in rows {
        match one(row, sheet) {
            Ok((day, Some(number), told)) => {
                groups.entry((day, number)).or_default().push(told);
            }
            Ok((day, None, told)) => alone.push((day, told)),
            Err(rejects) => {
                if let Some(spoilt) = spoilt(row, sheet) {
                    spoiled
                        .entry(spoilt.number.clone())
                        .or_default()
                        .push(spoilt);
                }
                outcome.rejects.extend(rejects);
            }
        }
    }
    for ((day, number), told) in groups {
        match grouped(day, &number, told, spoiled.get(&number).map(Vec::as_slice)) {
            Ok(item) => outcome.items.push(item),
            Err(rejects) => outcome.rejects.extend(rejects),
        }
    }
    let mut ordinals = Ordinals::default();
    for (day, told) in alone {
        let content = content(&told.common, &told.request);
        let ordinal = ordinals.next(day, &content);
        let identity = self::told(day, WHAT, &content, ordinal);
        outcome.items.push(item(
            day,
            identity,
            vec![told.row],
            &told.common,
            vec![told.request],
        ));
    }
    outcome
}

type One = (Day, Option<String>, Told);

fn one(row: &Row, sheet: &Sheet<'_>) -> Result<One, Vec<Reject>> {
    let mut line = Line::new(row, sheet);
    let day = line.day();
    let number = line.optional(&NUMBER, value::number_of);
    let minutes = line.optional(&MINUTES_SPENT, |cell| value::minutes(cell, MINUTES));
    let first_visit = line.optional(&FIRST_VISIT, |cell| YES_NO.read(cell));
    let residence = line.optional(&RESIDENCE, value::commune);
    let age_band = line.optional(&AGE, value::age_band);
    let operator = line.required(&OPERATOR, value::operator);
    let theme = line.optional(&THEME, value::theme);
    let level = line.required(&LEVEL, |cell| LEVELS.read(cell));
    let outcome = line.required(&OUTCOME, |cell| OUTCOMES.read(cell));
    let row = row.number;
    let read = || {
        let common = Common {
            minutes: minutes?,
            first_visit: first_visit?.unwrap_or(Known::Unknown),
            residence: residence?.flatten(),
            age_band: age_band?.flatten(),
        };
        let request = Request {
            operator: operator?,
            theme: theme?,
            level: level?,
            outcome: outcome?,
        };
        let told = Told {
            row,
            common,
            request,
        };
        Ok((day?, number?, told))
    };
    let read = read();
    line.done(read)
}

fn spoilt(row: &Row, sheet: &Sheet<'_>) -> Option<Spoiled> {
    let number = value::number_of(sheet.cell(row, &NUMBER)?).ok()?;
    let permanence = sheet.cell(row, &PERMANENCE);
    let date = sheet.cell(row, &DATE);
    Some(Spoiled {
        row: row.number,
        permanence: permanence
            .and_then(|cell| value::permanence(cell).ok())
            .map(|permanence| permanence.to_string()),
        date: date.and_then(|cell| value::date(cell, sheet.epoch).ok()),
        number,
    })
}

/// One accompaniment of several rows: wholly, or not at all.
fn grouped(
    day: Day,
    number: &str,
    told: Vec<Told>,
    spoiled: Option<&[Spoiled]>,
) -> Result<Item, Vec<Reject>> {
    let rows: Vec<u32> = told.iter().map(|told| told.row).collect();
    let all = |reason: &Reason| {
        let reject = |row: &u32| Reject {
            row: *row,
            column: Some(NUMBER.heading),
            reason: reason.clone(),
            value: None,
        };
        rows.iter().map(reject).collect::<Vec<_>>()
    };
    // A row that cannot be read may belong to it, as far as can be read.
    let (permanence, date) = day;
    let permanence = permanence.to_string();
    let broken = spoiled.unwrap_or_default().iter().find(|spoiled| {
        spoiled
            .permanence
            .as_ref()
            .is_none_or(|other| *other == permanence)
            && spoiled.date.is_none_or(|other| other == date)
    });
    if let Some(broken) = broken {
        return Err(all(&Reason::SameNumberRejected { row: broken.row }));
    }
    if told.len() > REQUESTS_MAX {
        return Err(all(&Reason::TooManyRequests { max: REQUESTS_MAX }));
    }
    let Some(common) = told.first().map(|told| told.common.clone()) else {
        return Err(Vec::new());
    };
    if told.iter().any(|told| told.common != common) {
        return Err(contradictions(&rows, &NUMBER));
    }
    let mut requests: Vec<Request> = told.into_iter().map(|told| told.request).collect();
    requests.sort_by_cached_key(stored);
    let identity = numbered(day, WHAT, number);
    Ok(item(day, identity, rows, &common, requests))
}

fn item(
    session: Day,
    identity: uuid::Uuid,
    rows: Vec<u32>,
    common: &Common,
    requests: Vec<Request>,
) -> Item {
    let accompaniment = Accompaniment {
        accompaniment: AccompanimentId(identity),
        minutes: common.minutes,
        requests,
        first_visit: common.first_visit,
        residence: common.residence,
        age_band: common.age_band,
        appointment: None,
        pseudonym: None,
    };
    Item {
        session,
        identity,
        rows,
        events: vec![SessionEvent::Accompanied(accompaniment)],
    }
}

/// What a row says, in words that never change: an identity is made of it.
fn content(common: &Common, request: &Request) -> String {
    [
        stored(&common.minutes),
        stored(&common.first_visit),
        stored(&common.residence),
        stored(&common.age_band),
        stored(&request.operator),
        stored(&request.theme),
        stored(&request.level),
        stored(&request.outcome),
    ]
    .join(" ")
}
