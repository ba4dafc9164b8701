//! The kinds of files: for each one place that says its columns, how each is read, and what a row
//! becomes. Templates and their instructions are made from the same place.

mod accompaniments;
mod feedback;
mod sessions;

use std::collections::BTreeMap;

use super::{
    identity::Day,
    reason::Reason,
    report::Reject,
    table::{Cell, Epoch, Row, letters},
    value,
    words::{folded, garbled, quoted, says_nothing},
};
use crate::{
    domain::{import::ImportKind, session::SessionEvent},
    limits,
};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Sessions that were held or cancelled.
    Sessions,
    /// Accompaniments, a request to a row.
    Accompaniments,
    /// Feedback of users.
    Feedback,
}

impl Kind {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [Self::Sessions, Self::Accompaniments, Self::Feedback];

    /// As the notebook tells it.
    #[must_use]
    pub const fn term(self) -> ImportKind {
        match self {
            Self::Sessions => ImportKind::Sessions,
            Self::Accompaniments => ImportKind::Accompaniments,
            Self::Feedback => ImportKind::Feedback,
        }
    }

    /// Its name on the command line and in addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.term().code()
    }

    /// The kind of that name.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The name of its sheet.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sessions => "Séances",
            Self::Accompaniments => "Accompagnements",
            Self::Feedback => "Retours",
        }
    }

    /// As it is said in a sentence.
    #[must_use]
    pub const fn in_french(self) -> &'static str {
        match self {
            Self::Sessions => "séances",
            Self::Accompaniments => "accompagnements",
            Self::Feedback => "retours",
        }
    }

    /// Its columns, in the order of the template.
    #[must_use]
    pub fn columns(self) -> &'static [&'static Column] {
        match self {
            Self::Sessions => &sessions::COLUMNS,
            Self::Accompaniments => &accompaniments::COLUMNS,
            Self::Feedback => &feedback::COLUMNS,
        }
    }

    /// The headings without which no file of it can be read.
    #[must_use]
    pub fn required_headings(self) -> Vec<&'static str> {
        let required = self.columns().iter().filter(|column| column.required);
        required.map(|column| column.heading).collect()
    }
}

/// A column of a kind.
#[derive(Debug)]
pub struct Column {
    /// Its name, for programs.
    pub key: &'static str,
    /// Its heading.
    pub heading: &'static str,
    /// Other headings that are taken for it.
    pub synonyms: &'static [&'static str],
    /// Whether there must be such a column.
    pub required: bool,
    /// What its cells hold.
    pub shape: Shape,
    /// What is to be written in it.
    pub help: &'static str,
    /// What may stand in it: the example rows of the template.
    pub examples: [&'static str; 2],
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A text.
    Text,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A whole number.
    Number,
    /// One of some words.
    Words(fn() -> Vec<&'static str>),
}

impl Column {
    /// Whether a heading, folded, is this one's.
    pub(super) fn is_called(&self, heading: &str) -> bool {
        !heading.is_empty()
            && std::iter::once(&self.heading)
                .chain(self.synonyms)
                .any(|name| folded(name) == heading)
    }
}

static PERMANENCE: Column = Column {
    key: "permanence",
    heading: "Permanence",
    synonyms: &[
        "Identifiant de la permanence",
        "Id permanence",
        "Permanence (identifiant)",
    ],
    required: true,
    shape: Shape::Text,
    help: "Identifiant de la permanence, tel que le carnet le donne. Une ligne dont cette cellule \
           commence par « EXEMPLE » est ignorée.",
    examples: ["EXEMPLE à remplacer", "EXEMPLE à remplacer"],
};

static DATE: Column = Column {
    key: "date",
    heading: "Date",
    synonyms: &[
        "Date de la séance",
        "Date de séance",
        "Jour",
        "Date de la permanence",
    ],
    required: true,
    shape: Shape::Date,
    help: "Jour de la séance : 31/12/2021. L'année s'écrit en quatre chiffres.",
    examples: ["04/05/2021", "11/05/2021"],
};

/// What one session, accompaniment or feedback of a file becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The session: its permanence and its day.
    pub session: Day,
    /// Which it is, among all that could be told of that session.
    pub identity: uuid::Uuid,
    /// The rows it was told in.
    pub rows: Vec<u32>,
    /// What it says, in the order in which it is to be recorded.
    pub events: Vec<SessionEvent>,
}

/// What the rows of a file became.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) items: Vec<Item>,
    pub(super) rejects: Vec<Reject>,
    /// Rows that say word for word what another one said.
    pub(super) duplicates: u32,
}

/// The heading of the column that a refusal of the notebook is about, where one is.
pub(super) fn blamed(kind: Kind, code: &str) -> Option<&'static str> {
    let key = match code {
        "UNKNOWN_PERMANENCE" | "UNKNOWN_EXPERIMENT" => "permanence",
        "BEFORE_SCHEDULE"
        | "BEFORE_LAUNCH"
        | "NOT_LAUNCHED"
        | "PERMANENCE_CLOSED"
        | "EXPERIMENT_CLOSED"
        | "ALREADY_MADE_PERMANENT"
        | "SESSION_CANCELLED"
        | "SESSION_FULL" => "date",
        "SESSION_ALREADY_HELD"
        | "SESSION_ALREADY_CANCELLED"
        | "SESSION_HELD"
        | "SESSION_ATTENDED" => "status",
        "CAUSE_UNTOLD" => "words",
        "OPERATOR_NOT_SERVED" => "operator",
        "UNKNOWN_ACCOMPANIMENT" => "accompaniment",
        "ALREADY_RECORDED" => "number",
        "FEEDBACK_ALREADY_ANSWERED" => "answer",
        _ => return None,
    };
    let mut columns = kind.columns().iter();
    let column = columns.find(|column| column.key == key)?;
    Some(column.heading)
}

/// Why a row is passed over.
pub(super) enum PassedOver {
    /// It is an example of the template.
    Example,
    /// It is a total.
    Total,
    /// It is the headings once more.
    Headings,
}

/// Whether a row is one that is passed over, and why.
pub(super) fn passed_over(row: &Row, sheet: &Sheet<'_>) -> Option<PassedOver> {
    let shown = |column: &Column| sheet.cell(row, column).map(|cell| folded(&cell.shown()));
    let permanence = shown(&PERMANENCE).unwrap_or_default();
    if permanence.split(' ').next() == Some("exemple") {
        return Some(PassedOver::Example);
    }
    if PERMANENCE.is_called(&permanence) && DATE.is_called(&shown(&DATE).unwrap_or_default()) {
        return Some(PassedOver::Headings);
    }
    let (_, first) = row.cells.first()?;
    let first = folded(&first.shown());
    let is_total = ["total", "totaux", "sous total", "sous totaux"]
        .iter()
        .any(|total| {
            first
                .strip_prefix(total)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
    // A total that stands in a cell of words is a word.
    let is_session = sheet
        .cell(row, &PERMANENCE)
        .is_some_and(|cell| value::permanence(cell).is_ok());
    (is_total && !is_session).then_some(PassedOver::Total)
}

/// Reads the rows of a kind.
pub(super) fn read(kind: Kind, rows: &[&Row], sheet: &Sheet<'_>) -> Outcome {
    let mut outcome = match kind {
        Kind::Sessions => sessions::read(rows, sheet),
        Kind::Accompaniments => accompaniments::read(rows, sheet),
        Kind::Feedback => feedback::read(rows, sheet),
    };
    outcome
        .items
        .sort_by_key(|item| (item.session, item.identity));
    for item in &mut outcome.items {
        item.rows.sort_unstable();
    }
    outcome.rejects.sort_by_key(|reject| reject.row);
    outcome
}

/// Where the columns of a sheet stand.
pub(super) struct Sheet<'a> {
    /// The place of each, by its key.
    pub(super) places: &'a BTreeMap<&'static str, u32>,
    /// From what day plain numbers count days.
    pub(super) epoch: Option<Epoch>,
}

impl Sheet<'_> {
    /// The cell of a column, if it says anything.
    pub(super) fn cell<'r>(&self, row: &'r Row, column: &Column) -> Option<&'r Cell> {
        let cell = row.cell(*self.places.get(column.key)?)?;
        match cell {
            Cell::Text(text) if says_nothing(text) => None,
            Cell::Text(_)
            | Cell::Number(_)
            | Cell::Date(..)
            | Cell::Duration(_)
            | Cell::Bool(_)
            | Cell::Uncomputed
            | Cell::Error(_) => Some(cell),
        }
    }
}

/// That something was rejected; why is among the rejects of its line.
struct Rejected;

/// A row that is being read: each column that cannot be is a reject of its own.
struct Line<'a> {
    row: &'a Row,
    sheet: &'a Sheet<'a>,
    rejects: Vec<Reject>,
}

impl<'a> Line<'a> {
    fn new(row: &'a Row, sheet: &'a Sheet<'a>) -> Self {
        let mut line = Self {
            row,
            sheet,
            rejects: Vec::new(),
        };
        let stray = row
            .cells
            .iter()
            .find(|(column, _)| !sheet.places.values().any(|place| place == column));
        if let Some((column, cell)) = stray {
            line.rejects.push(Reject {
                row: row.number,
                column: None,
                reason: Reason::StrayCell {
                    column: format!("{}{}", letters(*column), row.number),
                },
                value: Some(quoted(&cell.shown())),
            });
        }
        line
    }

    fn given(&self, column: &Column) -> Option<&'a Cell> {
        self.sheet.cell(self.row, column)
    }

    fn reject(&mut self, column: &'static Column, reason: Reason) {
        let value = self.given(column).map(|cell| quoted(&cell.shown()));
        self.rejects.push(Reject {
            row: self.row.number,
            column: Some(column.heading),
            reason,
            value,
        });
    }

    /// A cell that may be empty.
    fn optional<T>(
        &mut self,
        column: &'static Column,
        read: impl FnOnce(&Cell) -> Result<T, Reason>,
    ) -> Result<Option<T>, Rejected> {
        let Some(cell) = self.given(column) else {
            return Ok(None);
        };
        match sound(cell).and_then(|()| read(cell)) {
            Ok(value) => Ok(Some(value)),
            Err(reason) => {
                self.reject(column, reason);
                Err(Rejected)
            }
        }
    }

    /// A cell that must not be empty.
    fn required<T>(
        &mut self,
        column: &'static Column,
        read: impl FnOnce(&Cell) -> Result<T, Reason>,
    ) -> Result<T, Rejected> {
        self.optional(column, read)?.ok_or_else(|| {
            self.reject(column, Reason::EmptyCell);
            Rejected
        })
    }

    /// The session of the row.
    fn day(&mut self) -> Result<Day, Rejected> {
        let epoch = self.sheet.epoch;
        let permanence = self.required(&PERMANENCE, value::permanence);
        let date = self.required(&DATE, |cell| value::date(cell, epoch));
        Ok((permanence?, date?))
    }

    /// What was read, unless something of the row was rejected.
    fn done<T>(self, value: Result<T, Rejected>) -> Result<T, Vec<Reject>> {
        match value {
            Ok(value) if self.rejects.is_empty() => Ok(value),
            Ok(_) | Err(Rejected) => Err(self.rejects),
        }
    }
}

/// That a cell can be read at all, whatever is expected in it.
fn sound(cell: &Cell) -> Result<(), Reason> {
    match cell {
        Cell::Uncomputed => Err(Reason::FormulaWithoutValue),
        Cell::Error(_) => Err(Reason::FormulaError),
        Cell::Text(text) if text.chars().count() > limits::IMPORT_CELL_CHARS_MAX => {
            Err(Reason::TooLong {
                max: limits::IMPORT_CELL_CHARS_MAX,
            })
        }
        Cell::Text(text) if text.trim_start().starts_with("#REF!") => Err(Reason::FormulaError),
        Cell::Text(text) if is_error(text) => Err(Reason::FormulaError),
        Cell::Text(text) if garbled(text) => Err(Reason::GarbledCell),
        Cell::Text(_) | Cell::Number(_) | Cell::Date(..) | Cell::Duration(_) | Cell::Bool(_) => {
            Ok(())
        }
    }
}

/// The errors that spreadsheets write where a formula failed, also into a CSV.
fn is_error(text: &str) -> bool {
    let text = text.trim();
    matches!(
        text,
        "#N/A"
            | "#DIV/0!"
            | "#VALEUR!"
            | "#VALUE!"
            | "#NOM?"
            | "#NAME?"
            | "#NUL!"
            | "#NULL!"
            | "#NOMBRE!"
            | "#NUM!"
            | "#REF!"
            | "#####"
    ) || text
        .strip_prefix("Err:")
        .is_some_and(|number| number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Rejects every row but the first-born for what they say against one another.
fn contradictions(rows: &[u32], column: &'static Column) -> Vec<Reject> {
    let first = rows.iter().copied().min().unwrap_or_default();
    let second = rows.iter().copied().filter(|row| *row != first).min();
    rows.iter()
        .map(|row| Reject {
            row: *row,
            column: Some(column.heading),
            reason: Reason::ContradictsRow {
                row: if *row == first {
                    second.unwrap_or(first)
                } else {
                    first
                },
            },
            value: None,
        })
        .collect()
}

static YES_NO: value::Choices<crate::domain::venue::Known> = {
    use crate::domain::venue::Known::{No, Unknown, Yes};
    value::Choices(&[
        (Yes, &["oui", "o", "vrai", "true", "yes"]),
        (No, &["non", "n", "faux", "false", "no"]),
        (
            Unknown,
            &[
                "inconnu",
                "inconnue",
                "non renseigné",
                "ne sait pas",
                "nsp",
                "nr",
                "?",
            ],
        ),
    ])
};
